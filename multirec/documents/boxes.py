"""Where on the page a part of a line is, from where it is in the line's picture."""

from __future__ import annotations

import math
from itertools import pairwise

from multirec.documents.document import Point, Points


class Frame:
    """A line as it lies in its picture.

    Args:
        outline: the polygon around it, in the document's coordinates.
        angle: the direction in which it is read in its picture, clockwise from rightwards, in radians.
        picture: where the picture begins and ends in that direction: u, where x = u cos - v sin and
            y = u sin + v cos of the angle.
    """

    def __init__(self, outline: Points, angle: float, picture: tuple[float, float]) -> None:
        self._cos, self._sin = math.cos(angle), math.sin(angle)
        self._picture = picture
        turned = [(x * self._cos + y * self._sin, y * self._cos - x * self._sin) for x, y in outline]
        self._sides = list(pairwise((*turned, turned[0])))
        self._ends = min(u for u, _ in turned), max(u for u, _ in turned)

    def part(self, left: float, right: float) -> Points:
        """The corners of a part of the line: as it is read, upper left and right, lower right and left.

        Args:
            left: where it begins, in parts of the picture's width.
            right: where it ends.
        """
        u0, u1 = (self._within(edge) for edge in (left, right))
        high = [v for side in self._sides for v in _between(side, u0, u1)]
        v0, v1 = min(high), max(high)
        return tuple(
            (u * self._cos - v * self._sin, u * self._sin + v * self._cos)
            for u, v in ((u0, v0), (u1, v0), (u1, v1), (u0, v1))
        )

    def _within(self, edge: float) -> float:
        """``edge`` as u, and not beyond the line: the picture has a margin around it."""
        start, stop = self._picture
        return min(max(start + edge * (stop - start), self._ends[0]), self._ends[1])


def _between(side: tuple[Point, Point], start: float, stop: float) -> list[float]:
    """How high the part of a polygon's side is that lies between two u: its ends' v."""
    (u0, v0), (u1, v1) = sorted(side)
    if u1 < start or u0 > stop:
        return []
    if u0 == u1:
        return [v0, v1]
    return [v0 + (min(max(u, u0), u1) - u0) / (u1 - u0) * (v1 - v0) for u in (start, stop)]
