"""Coordinates, read as leniently as programs write them, and how high lines are that tell a baseline alone."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from multirec.documents.document import Box, Points

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")

_FARTHEST = 1e6
"""No picture is as large; what lies beyond is brought back, so that nothing overflows."""


def number(text: str | None, default: float = 0.0) -> float:
    """A finite number, or ``default`` where there is none."""
    found = _NUMBER.fullmatch((text or "").strip())
    value = float(found[0]) if found else math.nan
    return min(max(value, -_FARTHEST), _FARTHEST) if math.isfinite(value) else default


def points(text: str) -> Points:
    """``x,y x,y`` of PAGE and ALTO 4, ``x y x y`` and ``x,y,x,y`` of earlier ALTO; a number left over is dropped."""
    values = [number(value) for value in _NUMBER.findall(text)]
    return tuple(zip(values[::2], values[1::2], strict=False))


def bounds(of: Points) -> Box:
    """The rectangle around points, of which there is one at least."""
    xs, ys = zip(*of, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def area(polygon: Points) -> float:
    """What a polygon encloses, by its corners; parts that are gone around the other way count against it."""
    twice = sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise((*polygon, *polygon[:1])))
    return abs(twice) / 2


def thickness(outline: Points, box: Box | None) -> float:
    """About how high a line is, whichever way it runs; 0 where its outline encloses nothing."""
    if len(outline) < 3:
        return min(box[2] - box[0], box[3] - box[1]) if box else 0.0
    left, top, right, bottom = bounds(outline)
    return area(outline) / max(right - left, bottom - top, 1e-9)


def usual_height(heights: Iterable[float], baselines: Sequence[Points], room: Box | None) -> float:
    """How high the lines of a region are: as those with outlines, or as their baselines are apart, or fill the region.

    0 where none of that tells anything.
    """
    known = [height for height in heights if height > 0]
    if known:
        return median(known)
    apart = [distance for a, b in pairwise(baselines) if a and b and (distance := _apart(a, b)) > 0]
    if apart:
        return median(apart)
    return min(room[2] - room[0], room[3] - room[1]) / max(1, len(baselines)) if room else 0.0


def _apart(a: Points, b: Points) -> float:
    """How far the middle of ``b`` is from the straight line through ``a``'s ends."""
    (ax, ay), (bx, by) = a[0], a[-1]
    long = math.hypot(bx - ax, by - ay)
    x, y = (b[0][0] + b[-1][0]) / 2, (b[0][1] + b[-1][1]) / 2
    return abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / long if long else 0.0
