"""A page as its document tells it: lines in reading order, in the document's own coordinates."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]
Points = tuple[Point, ...]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class DocumentError(Exception):
    """A document that cannot be read: ``kind`` is one of ``errors.KINDS``."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


@dataclass(frozen=True)
class Line:
    """A line of text; x grows to the right, y downwards.

    Attributes:
        id: its name within the document, unlike all others there.
        outline: the polygon around it, as it stands there: any number of points.
        box: a rectangle around it, where it has no polygon.
        baseline: points on which the letters stand, in the order of reading.
        orientation: degrees by which it is to be turned clockwise to stand upright, or None where nothing tells.
        height: how high lines are where it stands, from the tips of the tallest letters to the lowest; 0 if unknown.
        text: what is written, or None.
        fault: why it cannot be cut from the picture, whatever else it says.
    """

    id: str
    outline: Points = ()
    box: Box | None = None
    baseline: Points = ()
    orientation: float | None = None
    height: float = 0.0
    text: str | None = None
    fault: str = ""


@dataclass(frozen=True)
class Document:
    """A page.

    Attributes:
        form: ``PAGE`` or ``ALTO``.
        image: the name that it gives the picture of the page; empty where it gives none.
        width: the picture's size as the coordinates mean it; 0 where that is not told.
        height: likewise.
        pixels: whether coordinates are pixels, which need no size to be understood.
        lines: in reading order.
    """

    form: str
    image: str
    width: float
    height: float
    pixels: bool
    lines: tuple[Line, ...]


class Names:
    """Gives each line of a file its name, in the order of the file."""

    def __init__(self) -> None:
        self._number = 0
        self._taken: set[str] = set()

    def next(self, id: str) -> str:
        """The name of the next line, whose id is ``id``, or empty."""
        self._number += 1
        name = id
        if not name or name in self._taken:
            name = f"line_{self._number}"
        while name in self._taken:  # an earlier line has this for an id
            name += "_"
        self._taken.add(name)
        return name
