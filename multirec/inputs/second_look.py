"""Pictures of single words, widened to be read a second time.

A column of a network's features is eight pixels of a line 64 pixels high.  A word in a picture that is hardly wider
than high (along the rim of a badge, in narrow lettering, aslant) may have hardly more columns than letters.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from multirec.inputs.opencv import cv2
from multirec.inputs.reading import Picture
from multirec.inputs.widths import HEIGHT

NARROW = 2 * HEIGHT
"""Pixel columns of a picture at height 64 up to which it is looked at twice."""

UNSURE = 0.5
"""Confidence of the first reading below which there is a second."""

WIDER = 1.7


def widened(picture: Picture) -> Picture:
    """``picture``, its pixels [64, W, 4] ``WIDER`` times as wide."""
    assert picture.pixels is not None
    return replace(picture, pixels=stretched(picture.pixels))


def stretched(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels [64, W] or [64, W, 4], ``WIDER`` times as wide."""
    height, width = pixels.shape[:2]
    return np.asarray(cv2.resize(pixels, (round(width * WIDER), height), interpolation=cv2.INTER_LINEAR), np.uint8)
