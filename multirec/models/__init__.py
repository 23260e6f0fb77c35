"""From batches of pixels, [N, 64, W, 4], to the outputs of both networks, [N, W / 4, C] each.

In the order of the data: ``weights`` reads files of arrays and ``alphabet`` says what their classes stand for,
``networks`` describes how layers are put together and ``graph`` makes TensorFlow graphs of that, ``pair`` holds both
and runs them on what ``device`` chooses, in the number format that ``processor`` suggests; ``memory`` plans how large a
batch may be.  Those who compute take TensorFlow from ``framework``.
"""
