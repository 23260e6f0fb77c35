"""Where on the page a part of a line is, from where it is in the line's picture."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

Point = tuple[float, float]

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?")


def points(text: str) -> list[Point]:
    """``x,y x,y`` or ``x y x y``."""
    numbers = [float(number) for number in _NUMBER.findall(text)]
    return list(zip(numbers[::2], numbers[1::2], strict=False))


class Frame:
    """The rectangle around a line that runs as its baseline does.

    Args:
        outline: the corners of a line, one at least.
        baseline: points on which its letters stand; two that differ give the line's direction.
    """

    def __init__(self, outline: Sequence[Point], baseline: Sequence[Point] = ()) -> None:
        self._across = (1.0, 0.0)
        if len(baseline) > 1:
            along = baseline[-1][0] - baseline[0][0], baseline[-1][1] - baseline[0][1]
            length = math.hypot(*along)
            if length:
                self._across = along[0] / length, along[1] / length
        turned = [self._turned(point) for point in outline]
        self._left, self._top = min(u for u, _ in turned), min(v for _, v in turned)
        self._right, self._bottom = max(u for u, _ in turned), max(v for _, v in turned)

    def _turned(self, point: Point) -> Point:
        (x, y), (cos, sin) = point, self._across
        return x * cos + y * sin, y * cos - x * sin

    def part(self, left: float, right: float) -> list[Point]:
        """The corners of a part of the line, clockwise from its first; edges in parts of the line's length."""
        cos, sin = self._across
        us = [self._left + edge * (self._right - self._left) for edge in (left, right)]
        corners = [(u, v) for u, v in zip((*us, *us[::-1]), (self._top,) * 2 + (self._bottom,) * 2, strict=True)]
        return [(u * cos - v * sin, u * sin + v * cos) for u, v in corners]
