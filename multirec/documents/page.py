"""PAGE XML of 2010 to 2019 (PRImA Research Lab): regions, their lines, polygons, baselines and texts.

As OCR-D, Transkribus, eScriptorium, kraken and Tesseract write it.  Of a line's texts (TextEquiv) the one with the
lowest index counts; a line without one has the texts of its words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from multirec.documents.document import Document, Line, Point, Points
from multirec.documents.order import Region, arranged, whole
from multirec.documents.points import number, points
from multirec.documents.vocabulary import Vocabulary

_INDEX = re.compile(r"readingOrder\s*\{[^}]*\bindex\s*:\s*(\d{1,9})")
"""What Transkribus and eScriptorium say in ``custom``."""


class Page(Vocabulary):
    """The elements of a PAGE file."""

    FORM = "PAGE"
    TEXTS = frozenset({"Unicode"})
    BODY = "Page"

    def __init__(self) -> None:
        super().__init__()
        self._orientation: float | None = None
        self._corners: list[Point] = []
        self._equivalent = ""  # what the text that comes is of
        self._index = -1
        self._begin("", {})

    def _begin(self, id: str, attributes: Mapping[str, str]) -> None:
        """A line begins, of which nothing is known yet."""
        self._id, self._attributes = id, attributes
        self._outline: Points = ()
        self._baseline: Points = ()
        self._text: tuple[int, str] | None = None
        self._word: tuple[int, str] | None = None
        self._words: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        """An element begins within one that is named ``parent``."""
        super().start(name, attributes, parent)
        if name == "Page":
            self._pages += 1
            if self._pages == 1:
                self.image = attributes.get("imageFilename", "")
                self._size = number(attributes.get("imageWidth")), number(attributes.get("imageHeight"))
                self._orientation = _orientation(attributes, None)
        elif name.endswith("Region"):
            above = self._open[-1] if self._open else None
            turned = _orientation(attributes, above.orientation if above else self._orientation)
            self._open_region(Region(attributes.get("id", ""), above, (), turned, _told_index(attributes)))
        elif name == "TextLine":
            self._begin(self._names.next(attributes.get("id", "")), attributes)
        elif name in ("Coords", "Baseline") and (parent == "TextLine" or parent.endswith("Region")):
            corners = attributes.get("points", "")
            self._keep(len(corners))
            self._corners = list(points(corners))
        elif name == "Point":  # of 2010
            self._keep(10)
            self._corners.append((number(attributes.get("x")), number(attributes.get("y"))))
        elif name == "Word":
            self._word = None
        elif name == "TextEquiv":
            index = whole(attributes.get("index"))
            self._equivalent, self._index = parent, -1 if index is None else index

    def end(self, name: str, text: str, parent: str) -> None:
        """An element of ``TEXTS`` ends with its text, or another one."""
        super().end(name, text, parent)
        if name.endswith("Region"):
            self._open.pop()
        elif name == "TextLine" and self._id:
            self._end_line()
        elif name == "Coords" and parent == "TextLine":
            self._outline = tuple(self._corners)
        elif name == "Coords" and parent.endswith("Region"):
            self._open[-1].outline = tuple(self._corners)
        elif name == "Baseline" and parent == "TextLine":
            self._baseline = tuple(self._corners)
        elif name == "Word" and self._word:
            self._words.append(self._word[1])
        elif name == "Unicode" and self._equivalent == "TextLine":
            self._text = self._better(self._text, text)
        elif name == "Unicode" and self._equivalent == "Word":
            self._word = self._better(self._word, text)

    def _better(self, known: tuple[int, str] | None, text: str) -> tuple[int, str]:
        self._keep(len(text))
        return known if known and known[0] <= self._index else (self._index, " ".join(text.split()))

    def _end_line(self) -> None:
        text = self._text[1] if self._text else " ".join(self._words) if self._words else None
        orientation = self._open[-1].orientation if self._open else self._orientation
        line = Line(
            self._id, self._outline, None, self._baseline, orientation, text=text, fault=self._fault()
        )  # fmt: skip
        self._add_line(line, _told_index(self._attributes))
        self._begin("", {})

    def document(self) -> Document:
        """What the whole file says."""
        return Document(self.FORM, self.image, *self._size, True, arranged(self._regions, self._order.places()))


def _told_index(attributes: Mapping[str, str]) -> int | None:
    """A line's or a region's place beside others: PAGE of 2019 has an attribute for it."""
    found = _INDEX.search(attributes.get("custom", ""))
    return int(found[1]) if found else whole(attributes.get("index"))


def _orientation(attributes: Mapping[str, str], inherited: float | None) -> float | None:
    """The degrees to turn clockwise: a region's own angle takes the place of the page's, that of its text is added."""
    own, text = attributes.get("orientation"), attributes.get("readingOrientation")
    if own is None and text is None:
        return inherited
    return (number(own) if own is not None else inherited or 0.0) + number(text)
