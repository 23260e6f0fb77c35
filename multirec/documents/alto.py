"""ALTO 2 to 4 (Library of Congress): blocks, their lines, boxes, polygons, baselines and strings.

As Tesseract, kraken, eScriptorium, ABBYY's programs and libraries write it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from multirec.documents.document import Box, Document, Line, Points
from multirec.documents.order import Region, arranged
from multirec.documents.points import bounds, number, points
from multirec.documents.vocabulary import Vocabulary


class Alto(Vocabulary):
    """The elements of an ALTO file."""

    FORM = "ALTO"
    TEXTS = frozenset({"fileName", "MeasurementUnit"})
    BODY = "Layout"

    def __init__(self) -> None:
        super().__init__()
        self._unit = ""
        self._shape = ""  # what the shape is of
        self._begin("", {})

    def _begin(self, id: str, attributes: Mapping[str, str]) -> None:
        """A line begins, of which nothing is known yet."""
        self._id, self._attributes = id, attributes
        self._outline: Points = ()
        self._strings: list[str] = []
        self._spaced = False
        self._around: Box | None = None

    def start(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        """An element begins within one that is named ``parent``."""
        super().start(name, attributes, parent)
        if name == "Page":
            self._pages += 1
            if self._pages == 1:
                self._size = number(attributes.get("WIDTH")), number(attributes.get("HEIGHT"))
        elif name in ("TextBlock", "ComposedBlock"):
            above = self._open[-1] if self._open else None
            rotation, box = attributes.get("ROTATION"), _box(attributes)
            turned = (above.orientation if above else None) if rotation is None else number(rotation)
            self._open_region(Region(attributes.get("ID", ""), above, (box[:2], box[2:]) if box else (), turned))
        elif name == "TextLine":
            self._keep(len(attributes.get("BASELINE", "")))
            self._begin(self._names.next(attributes.get("ID", "")), attributes)
        elif name == "Shape":
            self._shape = parent
        elif name == "Polygon" and self._id and self._shape == "TextLine":
            corners = attributes.get("POINTS", "")
            self._keep(len(corners))
            self._outline = points(corners)
        elif name == "SP" and self._id:
            self._strings.append(" ")
            self._spaced = True
        elif name in ("String", "HYP") and self._id:
            self._add_string(name, attributes)

    def _add_string(self, name: str, attributes: Mapping[str, str]) -> None:
        content = attributes.get("CONTENT", "-" if name == "HYP" else "")
        self._keep(len(content))
        if name == "HYP" and self._strings:
            self._strings[-1] += content
        else:
            self._strings.append(content)
        box, around = _box(attributes), self._around
        self._around = bounds((box[:2], box[2:], around[:2], around[2:])) if box and around else box or around

    def end(self, name: str, text: str, parent: str) -> None:
        """An element of ``TEXTS`` ends with its text, or another one."""
        super().end(name, text, parent)
        if name in ("TextBlock", "ComposedBlock"):
            self._open.pop()
        elif name == "TextLine" and self._id:
            self._end_line()
        elif name == "fileName" and parent == "sourceImageInformation":
            self.image = self.image or text.strip()
        elif name == "MeasurementUnit":
            self._unit = text.strip()

    def _end_line(self) -> None:
        box = _box(self._attributes) or self._around
        orientation = self._open[-1].orientation if self._open else None
        # Where a line knows no SP, each String is a word.
        text = " ".join(("" if self._spaced else " ").join(self._strings).split()) if self._strings else None
        baseline = _baseline(self._attributes.get("BASELINE", ""), box)
        line = Line(self._id, self._outline, box, baseline, orientation, text=text, fault=self._fault())
        self._add_line(line, None)
        self._begin("", {})

    def document(self) -> Document:
        """What the whole file says."""
        pixels = self._unit in ("", "pixel")
        return Document(self.FORM, self.image, *self._size, pixels, arranged(self._regions, self._order.places()))


def _box(attributes: Mapping[str, str]) -> Box | None:
    left, top, width, height = (number(attributes.get(n), math.nan) for n in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    return (left, top, left + width, top + height) if width > 0 and height > 0 and left + top < math.inf else None


def _baseline(text: str, box: Box | None) -> Points:
    """Points, of ALTO 4.1 and later; or a height on the page, as before."""
    told = points(text)
    height = number(text, math.nan)
    if not told and box and box[1] <= height <= box[3]:
        return (box[0], height), (box[2], height)
    return told
