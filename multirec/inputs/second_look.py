"""Pictures of single words, widened to be read a second time.

A column of a network's sequence is eight pixels of a line 64 pixels high.  A word in a picture that is hardly wider
than high (along the rim of a badge, in narrow lettering, aslant) has fewer columns than letters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from multirec.inputs.opencv import cv2
from multirec.inputs.widths import HEIGHT

NARROW = 2 * HEIGHT
"""Pixel columns of a picture at height 64 up to which it is looked at twice."""

UNSURE = 0.5
"""Confidence of the first reading below which there is a second."""

WIDER = 1.7


def widened(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture [64, W] or [64, W, 4], ``WIDER`` times as wide."""
    height, width = pixels.shape[:2]
    return np.asarray(cv2.resize(pixels, (round(width * WIDER), height), interpolation=cv2.INTER_LINEAR), np.uint8)
