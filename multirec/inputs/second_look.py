"""Pictures of single words, seen otherwise to be read a second time: made wider, and level.

A column of a network's features is eight pixels of a line 64 pixels high.  A word in a picture that is hardly wider
than high (along the rim of a badge, in narrow lettering) may have hardly more columns than letters; one that rises or
falls is small in its picture, which is as high as it climbs.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from multirec.inputs.opencv import cv2
from multirec.inputs.reading import Picture
from multirec.inputs.widths import HEIGHT

Pixels = NDArray[np.uint8]

SHORT = 4 * HEIGHT
"""Pixel columns of a picture at height 64 up to which it is looked at again."""

UNSURE = 0.5
"""Confidence of the first reading below which it is."""

SOMETHING = 0.1
"""Confidence above which something stands where at first no letter was seen: noise in paper is read with less."""

DOUBTED = 0.45
"""Most that is said of what is read then where at first something was seen that is no letter of the alphabet."""

WIDE = 160
"""Pixel columns that a picture has when it is looked at again, or more."""

WIDER = 3.0
"""Times that it is made as wide, at most."""

TURNS = (0, -5, 5, -12, 12)
"""Degrees, counter-clockwise, by which a word is made level."""

LEAST, AROUND = 0.33, 0.12
"""Parts of a picture's height: of the lowest word that is made level, and what is left above and below it."""


def looks(picture: Picture) -> list[Picture]:
    """``picture`` as it is looked at again, ``look`` counted from 1; several times, or not at all."""
    assert picture.pixels is not None
    views = [_widened(level) for level in (_level(picture.pixels, turn) for turn in TURNS) if level is not None]
    views = [view for view in views if view is not picture.pixels]
    return [replace(picture, pixels=view, look=number) for number, view in enumerate(views, 1)]


def stretched(pixels: Pixels, wider: float) -> Pixels:
    """Pixels [64, W] or [64, W, 4], ``wider`` times as wide."""
    height, width = pixels.shape[:2]
    return np.asarray(cv2.resize(pixels, (round(width * wider), height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _widened(pixels: Pixels) -> Pixels:
    """At least ``WIDE``, or ``WIDER`` times as wide."""
    width = pixels.shape[1]
    return stretched(pixels, min(WIDER, WIDE / width)) if width < WIDE else pixels


def _level(pixels: Pixels, degrees: float) -> Pixels | None:
    """Turned, and cut to the height of a word that filled the picture aslant; None if it is too long for that."""
    if not degrees:
        return pixels
    height, width = pixels.shape[:2]
    angle = math.radians(degrees)
    high = (height - width * abs(math.sin(angle))) / math.cos(angle)
    if high < LEAST * height:
        return None
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    level = cv2.warpAffine(pixels, turn, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cut = max(0, round((height - high - AROUND * height) / 2))
    band = level[cut : height - cut]
    size = round(width * height / band.shape[0]), height
    return np.asarray(cv2.resize(band, size, interpolation=cv2.INTER_LINEAR), np.uint8)
