"""Pictures of single words, seen otherwise to be read again: as a negative in one colour, level, unbent, made wider.

A negative is read by other features than what it was made of: it is the nearest to a third reader.  Lettering may
differ from its ground in one colour and hardly in its lightness.  A word that rises or falls is small in its picture,
which is as high as it climbs, and so is one that runs along the rim of a badge.  A column of a network's features is
eight pixels of a line 64 pixels high: a word in a picture that is hardly wider than high may have hardly more columns
than letters.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from multirec.inputs.images import Pixels, Span
from multirec.inputs.opencv import cv2
from multirec.inputs.reading import Picture
from multirec.inputs.widths import HEIGHT

SHORT = 5 * HEIGHT
"""Pixel columns at height 64 up to which a picture that was read unsurely is looked at again."""

WIDE = 160
"""Pixel columns that a picture is given when it is looked at again, where it has fewer."""

WIDER = 3.0
"""Times that it is made as wide, at most."""

TURNS = (-5, 5, -12, 12)
"""Degrees, anticlockwise, by which a word is turned to be level."""

SLOPES = (-0.35, 0.35)
"""Rows for each column that a word is moved down to be level, as one is to whose letters stand upright."""

ARCHED = 0.5
"""Part of a picture's height that the letters of a word along a circle are taken to have."""

FITS = 0.06
"""Part of a picture's height by which a circle may miss its edge."""

LEAST, AROUND = 0.33, 0.12
"""Parts of a picture's height: of the lowest word that is made level, and of what is left around a word, in all."""


def looks(picture: Picture) -> list[Picture]:
    """``picture``, pixels [64, W, 4], as it is looked at again.

    ``look`` counts from 1, pixels are [64, W', 4], W' from W to twice ``SHORT``.
    """
    assert picture.pixels is not None
    pixels = picture.pixels
    aslant = [*(_turned(pixels, turn) for turn in TURNS), *(_sheared(pixels, slope) for slope in SLOPES)]
    flat = [_negative(pixels), *(view for view in aslant if view is not None)]
    views = [(stretched(view, widening(view)), picture.span) for view in flat]
    for below in (False, True):
        if (unbent := _unbent(pixels, below)) is not None:
            view, span = unbent
            views.append((view, _within(picture.span, span)))
    return [replace(picture, pixels=view, span=span, look=number) for number, (view, span) in enumerate(views, 1)]


def widening(pixels: Pixels) -> float:
    """By what factor pixels [64, W] or [64, W, 4] are to be widened."""
    return max(1.0, min(WIDER, WIDE / int(pixels.shape[1])))


def stretched(pixels: Pixels, wider: float) -> Pixels:
    """Pixels [64, W] or [64, W, 4], ``wider`` times as wide."""
    height, width = pixels.shape[:2]
    return np.asarray(cv2.resize(pixels, (round(width * wider), height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _negative(pixels: Pixels) -> Pixels:
    """The colour that differs most within the picture, as grey, and dark where it was light."""
    clearest = int(np.argmax(pixels[:, :, :3].std(axis=(0, 1))))
    out = pixels.copy()
    out[:, :, :3] = 255 - pixels[:, :, clearest, None]
    return out


def _within(whole: Span, part: Span) -> Span:
    """A part of a picture, in parts of what that is itself a part of."""
    width = whole.right - whole.left
    return Span(whole.left + part.left * width, whole.left + part.right * width, part.bend)


def _unbent(pixels: Pixels, below: bool) -> tuple[Pixels, Span] | None:
    """A word along the upper part of a circle, or the lower, made straight, [64, W', 4]; and where its middle lay.

    The circle's top touches the picture's upper edge and the word's ends reach to its lower corners.  None if the
    picture is so narrow that there is no such circle.
    """
    height, width = pixels.shape[:2]
    high = ARCHED * height
    bends = np.linspace(0.1, math.pi / 2, 100)
    reach = width / 2 * np.tan(bends / 2) + high * np.cos(bends)  # from the circle's top down to the lowest ink
    at = int(np.argmin(np.abs(reach - height)))
    if abs(reach[at] - height) > FITS * height:
        return None
    bend = float(bends[at])
    outer = width / 2 / math.sin(bend)
    tall = high + AROUND * height
    columns = round(2 * bend * (outer - high / 2) * HEIGHT / tall)
    angles = ((np.arange(columns) + 0.5) / columns * 2 - 1) * bend
    radii = outer + AROUND * height / 2 - (np.arange(HEIGHT) + 0.5) / HEIGHT * tall
    xs = width / 2 + radii[:, None] * np.sin(angles)
    ys = outer - radii[:, None] * np.cos(angles)
    if below:
        xs, ys = xs[::-1], height - ys[::-1]
    out = cv2.remap(
        pixels, (xs - 0.5).astype(np.float32), (ys - 0.5).astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    middle = (1 - high / 2 / outer) / 2
    return np.asarray(out, np.uint8), Span(0.5 - middle, 0.5 + middle, bend)


def _turned(pixels: Pixels, degrees: float) -> Pixels | None:
    """Level, if it rose or fell by so much as a whole."""
    height, width = pixels.shape[:2]
    angle = math.radians(degrees)
    high = (height - width * abs(math.sin(angle))) / math.cos(angle)
    return _level(pixels, cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0), high)


def _sheared(pixels: Pixels, slope: float) -> Pixels | None:
    """Level, if it rose or fell by so much while its letters stood upright."""
    height, width = pixels.shape[:2]
    matrix = np.array([[1, 0, 0], [slope, 1, -slope * (width - 1) / 2]], np.float64)
    return _level(pixels, matrix, height - width * abs(slope))


def _level(pixels: Pixels, matrix: NDArray[Any], high: float) -> Pixels | None:
    """Moved by ``matrix`` and cut to a word ``high`` pixels high, as it is if it filled the picture aslant.

    None if it is too long for that.
    """
    height, width = pixels.shape[:2]
    if high < LEAST * height:
        return None
    level = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cut = max(0, round((height - high - AROUND * height) / 2))
    band = level[cut : height - cut]
    size = round(width * height / band.shape[0]), height
    return np.asarray(cv2.resize(band, size, interpolation=cv2.INTER_LINEAR), np.uint8)
