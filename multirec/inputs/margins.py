"""The paper around a line: how much of it a picture keeps.

A line picture is scaled by its height, so paper above and below makes the letters small: in a crop of which text
takes a third, they have a third of the pixels that the networks know.  Much paper before and behind a word costs
time, and the networks, which look at the whole line at once, are less sure of what little stands on it.  Such crops
are cut to their text.

What is cut is quiet: neighbouring pixels hardly differ along its rows (above and below) or columns (at the ends).
That holds for ink of any colour on paper of any colour, dark or light, under light that is uneven; where the paper is
rough, or anything stands on it, nothing is cut.  Everything is counted in integers, from the picture alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from multirec.inputs.opencv import cv2

Pixels = NDArray[np.uint8]

_FAINTEST = 32
"""Difference of grey levels that is always ink; also the least contrast of a picture in which text is looked for."""

_BAND = 1 << 20
"""Pixels that are compared at once: what that needs beside the picture does not grow with it."""


def text_box(image: Pixels) -> tuple[slice, slice]:
    """The rows and columns of ``image``, [H, W] or [H, W, C], without the paper around its text that is too much.

    Above and below, a quarter of the text's height is left, twice its height for one or two letters, if that saves
    a quarter of the rows or more; at either end, half the height where there was more than the whole.  Cutting once
    more changes nothing.
    """
    rows, columns = slice(0, image.shape[0]), slice(0, image.shape[1])
    while True:
        cut = np.ascontiguousarray(image[rows, columns])
        inner_rows = _rows(cut)
        inner_columns = _columns(cut[inner_rows])
        if inner_rows == slice(0, cut.shape[0]) and inner_columns == slice(0, cut.shape[1]):
            return rows, columns
        rows, columns = _within(rows, inner_rows), _within(columns, inner_columns)


def _within(outer: slice, inner: slice) -> slice:
    return slice(outer.start + inner.start, outer.start + inner.stop)


def _rows(image: Pixels) -> slice:
    """The rows to keep: all, too, where a dot or a dash stands alone, as its place tells what it is."""
    h, w = image.shape[:2]
    everything = slice(0, h)
    lag = _lag(h)
    if w <= lag:
        return everything
    change = np.concatenate([part.max(axis=1) for part in _along_rows(image, lag)])
    level = _level(change)
    loud = change >= level
    if 4 * np.count_nonzero(loud) > 3 * h:
        return everything
    marks = np.concatenate([_counts(part, level) for part in _along_rows(image, lag)])
    top, bottom = _text(loud, marks)
    if 4 * np.count_nonzero(loud[top:bottom]) < 3 * (bottom - top):  # several lines, or a lone = or :
        return everything
    for quarters in (1, 8):  # the least that may be left first: mostly it says that nothing is to be cut
        paper = max(1, (bottom - top) * quarters // 4)
        kept = slice(max(0, top - paper), min(h, bottom + paper))
        if 4 * (kept.stop - kept.start) > 3 * h:
            break
        if _quarters(image[top:bottom], image[~loud]) == quarters:
            return kept
    return everything


def _columns(image: Pixels) -> slice:
    """The columns to keep: from the first mark to the last, however small, and some paper."""
    h, w = image.shape[:2]
    lag = _lag(h)
    if w <= h or h <= lag:
        return slice(0, w)
    change = np.max([part.max(axis=0) for part in _along_columns(image, lag)], axis=0)
    loud = np.flatnonzero(change.reshape(w, -1).max(axis=1) >= _level(change))
    first, last = int(loud[0]), int(loud[-1]) + 1
    return slice(first - h // 2 if first > h else 0, last + h // 2 if w - last > h else w)


def _lag(height: int) -> int:
    """How far apart the pixels are that are compared: about a stroke's width, so that blurred edges count too."""
    return max(2, height // 32)


def _level(change: Pixels) -> int:
    """The least change that is ink: a quarter of the picture's contrast, or less; 0 where nothing stands out."""
    contrast = int(change.max())
    return min(contrast // 4, _FAINTEST) if contrast >= _FAINTEST else 0


def _along_rows(image: Pixels, lag: int) -> Iterator[Pixels]:
    """By how much pixels differ from those ``lag`` columns before, [h, (W - lag) * C], a few rows at a time."""
    h, w = image.shape[:2]
    flat = image.reshape(h, -1)
    lag *= flat.shape[1] // w
    for rows in _bands(h, w):
        yield np.asarray(cv2.absdiff(flat[rows, lag:], flat[rows, :-lag]), np.uint8)


def _along_columns(image: Pixels, lag: int) -> Iterator[Pixels]:
    """By how much pixels differ from those ``lag`` rows above, [h, W * C], a few rows at a time."""
    h, w = image.shape[:2]
    flat = image.reshape(h, -1)
    for rows in _bands(h - lag, w):
        yield np.asarray(cv2.absdiff(flat[lag:][rows], flat[:-lag][rows]), np.uint8)


def _counts(values: Pixels, least: int) -> NDArray[np.int32]:
    """How many of each row are at least ``least``; at ten times the speed of NumPy."""
    ones = cv2.threshold(values, least - 1, 1, cv2.THRESH_BINARY)[1]
    return np.asarray(cv2.reduce(ones, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S), np.int32)[:, 0]


def _bands(height: int, width: int) -> Iterator[slice]:
    rows = max(1, _BAND // width)
    return (slice(top, min(height, top + rows)) for top in range(0, height, rows))


def _text(loud: NDArray[np.bool_], marks: NDArray[np.int32]) -> tuple[int, int]:
    """Where the text begins and ends, without what is far from it and next to nothing.

    Bands of loud rows that hold a twentieth of the fullest one's marks belong to it, and so do those, however small,
    that are no further away than half its height: the dots of an i, accents, a rule.  Others are specks, or tips of
    letters of the lines above and below.
    """
    edges = np.flatnonzero(np.diff(loud, prepend=False, append=False))
    starts, stops = edges[::2], edges[1::2]
    held = np.add.reduceat(marks, starts)  # the quiet rows behind each band hold none
    full = np.flatnonzero(20 * held >= held.max())
    first, last = int(full[0]), int(full[-1])
    reach = int(stops[last] - starts[first]) // 2
    while first > 0 and starts[first] - stops[first - 1] <= reach:
        first -= 1
    while last + 1 < len(starts) and starts[last + 1] - stops[last] <= reach:
        last += 1
    return int(starts[first]), int(stops[last])


def _quarters(text: Pixels, quiet: Pixels) -> int:
    """How much paper ``text`` keeps above and below, on the paper of the ``quiet`` rows: quarters of its height.

    Letters are several times as high as their strokes are thick, and mostly have strokes one above the other; full
    stops, dashes, dotted lines and quotes are not, and have one, and where they stand tells what they are: 0, no
    cut.  The two numbers are multiplied: of 4,200 real lines the least were 3.3 times 1.3 (heavy faces), but for
    lines of dashes, which had at most 3.

    One or two letters may be as well signs, ° or * or =, which are small and large in no line: 8, so that such a
    sign comes out as high as it is in an ordinary crop.  Else 1.
    """
    step = max(1, text.shape[0] // 64)
    text = np.ascontiguousarray(text[::step, ::step])
    some = quiet[:: max(1, len(quiet) // 16), :: max(1, quiet.shape[1] // 64)]
    paper = np.median(some, axis=(0, 1)).astype(np.uint8)
    contrast = reduce(np.maximum, cv2.split(cv2.absdiff(text, np.full_like(text, paper))))
    ink = contrast > contrast.max() // 2
    columns = np.flatnonzero(ink.any(axis=0))
    down = np.count_nonzero(ink[0]) + np.count_nonzero(ink[1:] & ~ink[:-1])
    along = np.count_nonzero(ink[:, 0]) + np.count_nonzero(ink[:, 1:] & ~ink[:, :-1])
    # Thickness: the mean length of a run of ink down the columns or along the rows, whichever is less.
    if len(ink) * max(down, along) * down < 4 * np.count_nonzero(ink) * len(columns):
        return 0
    parts = 1 + np.count_nonzero(np.diff(columns) > 1)
    wide = 2 * (int(columns[-1]) + 1 - int(columns[0])) > 5 * len(ink)
    return 1 if parts > 2 or wide else 8
