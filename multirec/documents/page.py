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
"""What Transkribus says in ``custom``."""

_REGIONS = tuple(
    kind + "Region"
    for kind in "Text Table Image Graphic LineDrawing Chart Separator Maths Chem Music Advert Noise Map Unknown Frame "
    "Custom".split()
)


class PageXml(Vocabulary):
    """The elements of a PAGE file."""

    FORM = "PAGE"
    TEXTS = frozenset({"Unicode"})
    BODY = "Page"

    def __init__(self) -> None:
        super().__init__()
        self.starts |= dict.fromkeys(_REGIONS, self._start_region) | {
            "Page": self._start_page, "TextLine": self._start_line, "Coords": self._start_points,
            "Baseline": self._start_points, "Point": self._start_point, "Word": self._start_word,
            "TextEquiv": self._start_text,
        }  # fmt: skip
        self.ends |= dict.fromkeys(_REGIONS, self._end_region) | {
            "TextLine": self._end_line, "Coords": self._end_outline, "Baseline": self._end_baseline,
            "Word": self._end_word, "Unicode": self._end_unicode,
        }  # fmt: skip
        self._corners: list[Point] = []
        self._of, self._index = "", -1  # what the text that comes is of
        self._forget()

    def _forget(self) -> None:
        """No line has begun."""
        self._id = ""
        self._told: int | None = None
        self._outline: Points = ()
        self._baseline: Points = ()
        self._text: tuple[int, str] | None = None
        self._word: tuple[int, str] | None = None
        self._words: list[str] = []

    def _start_page(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        self._pages += 1
        if self._pages == 1:
            self.image = attributes.get("imageFilename", "")
            self._size = number(attributes.get("imageWidth")), number(attributes.get("imageHeight"))
            self._orientation = _orientation(attributes, None)

    def _start_region(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        turned = _orientation(attributes, self._inherited())
        self._open_region(Region(attributes.get("id", ""), self._around(), (), turned, _place(attributes)))

    def _start_line(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        self._forget()
        self._id, self._told = self._names.next(attributes.get("id", "")), _place(attributes)

    def _end_line(self, text: str, parent: str) -> None:
        if self._id:
            said = self._text[1] if self._text else " ".join(self._words) if self._words else None
            orientation, fault = self._inherited(), self._fault()
            line = Line(self._id, self._outline, None, self._baseline, orientation, text=said, fault=fault)
            self._add_line(line, self._told)
        self._forget()

    def _start_points(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        if parent == "TextLine" or parent in _REGIONS:
            corners = attributes.get("points", "")
            self._keep(len(corners))
            self._corners = list(points(corners))

    def _start_point(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        """As in 2010."""
        self._keep(20)
        self._corners.append((number(attributes.get("x")), number(attributes.get("y"))))

    def _end_outline(self, text: str, parent: str) -> None:
        if parent == "TextLine":
            self._outline = tuple(self._corners)
        elif parent in _REGIONS:
            self._open[-1].outline = tuple(self._corners)

    def _end_baseline(self, text: str, parent: str) -> None:
        if parent == "TextLine":
            self._baseline = tuple(self._corners)

    def _start_word(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        self._word = None

    def _end_word(self, text: str, parent: str) -> None:
        if self._word:
            self._words.append(self._word[1])

    def _start_text(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        index = whole(attributes.get("index"))
        self._of, self._index = parent, -1 if index is None else index

    def _end_unicode(self, text: str, parent: str) -> None:
        if self._of == "TextLine":
            self._text = self._better(self._text, text)
        elif self._of == "Word":
            self._word = self._better(self._word, text)

    def _better(self, known: tuple[int, str] | None, text: str) -> tuple[int, str]:
        self._keep(len(text))
        return known if known and known[0] <= self._index else (self._index, " ".join(text.split()))

    def document(self) -> Document:
        """What the whole file says."""
        return Document(self.FORM, self.image, *self._size, True, arranged(self._regions, self._order.places()))


def _place(attributes: Mapping[str, str]) -> int | None:
    """A line's or a region's place beside others: PAGE of 2019 has an attribute for it."""
    found = _INDEX.search(attributes.get("custom", ""))
    return int(found[1]) if found else whole(attributes.get("index"))


def _orientation(attributes: Mapping[str, str], inherited: float | None) -> float | None:
    """The degrees to turn clockwise: a region's own angle takes the place of the page's, that of its text is added."""
    own, text = attributes.get("orientation"), attributes.get("readingOrientation")
    if own is None and text is None:
        return inherited
    return (number(own) if own is not None else inherited or 0.0) + number(text)
