"""From paths to pictures of lines, [64, W, 4], grouped into batches of one width.

In the order of the data: ``discover`` finds images, ``reading`` reads them ahead on threads, ``images`` decodes and
scales each, for which ``resolution`` says what shape its pixels have and ``margins`` where its text is; ``widths``
says how wide it is padded, ``batching`` groups those of one width.  ``labels`` reads what stands in images, where
that is known.
"""
