"""From the outputs of both networks, [N, T, C] each, to a text and how sure it is.

In the order of the data: ``ctc`` reads each output and scores texts under it, ``combine`` decides where the two
differ, with ``language`` having a say there, ``calibration`` turns evidence into confidence, and ``details`` and
``words`` find alternatives and the places of letters and words when asked for.
"""
