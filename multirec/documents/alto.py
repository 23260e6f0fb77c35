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


class AltoXml(Vocabulary):
    """The elements of an ALTO file."""

    FORM = "ALTO"
    TEXTS = frozenset({"fileName", "MeasurementUnit"})
    BODY = "Layout"

    def __init__(self) -> None:
        super().__init__()
        self.starts |= {
            "Page": self._start_page, "ComposedBlock": self._start_block, "TextBlock": self._start_block,
            "TextLine": self._start_line, "Shape": self._start_shape, "Polygon": self._start_polygon,
            "String": self._start_string, "SP": self._start_space, "HYP": self._start_hyphen,
        }  # fmt: skip
        self.ends |= {
            "ComposedBlock": self._end_region, "TextBlock": self._end_region, "TextLine": self._end_line,
            "fileName": self._end_image, "MeasurementUnit": self._end_unit,
        }  # fmt: skip
        self._unit = ""
        self._of = ""  # what a shape is of
        self._forget()

    def _forget(self) -> None:
        """No line has begun."""
        self._id, self._attributes = "", dict[str, str]()
        self._outline: Points = ()
        self._strings: list[str] = []
        self._spaced = False
        self._boxes: Box | None = None

    def _start_page(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        self._pages += 1
        if self._pages == 1:
            self._size = number(attributes.get("WIDTH")), number(attributes.get("HEIGHT"))
            self._orientation = _rotation(attributes, None)

    def _start_block(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        box, turned = _box(attributes), _rotation(attributes, self._inherited())
        outline = (box[:2], box[2:]) if box else ()
        self._open_region(Region(attributes.get("ID", ""), self._around(), outline, turned))

    def _start_line(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        self._forget()
        self._keep(len(attributes.get("BASELINE", "")))
        self._id, self._attributes = self._names.next(attributes.get("ID", "")), dict(attributes)

    def _end_line(self, text: str, parent: str) -> None:
        if self._id:
            box = _box(self._attributes) or self._boxes
            # Where a line knows no SP, each String is a word.
            said = " ".join(("" if self._spaced else " ").join(self._strings).split()) if self._strings else None
            baseline = _baseline(self._attributes.get("BASELINE", ""), box)
            orientation, fault = self._inherited(), self._fault()
            self._add_line(Line(self._id, self._outline, box, baseline, orientation, text=said, fault=fault), None)
        self._forget()

    def _start_shape(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        self._of = parent

    def _start_polygon(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        if self._of == "TextLine":
            corners = attributes.get("POINTS", "")
            self._keep(len(corners))
            self._outline = points(corners)

    def _start_string(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        content = attributes.get("CONTENT", "")
        self._keep(len(content))
        self._strings.append(content)
        box, known = _box(attributes), self._boxes
        self._boxes = bounds((box[:2], box[2:], known[:2], known[2:])) if box and known else box or known

    def _start_space(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        self._keep(1)
        self._strings.append(" ")
        self._spaced = True

    def _start_hyphen(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        content = attributes.get("CONTENT", "-")
        self._keep(len(content))
        self._strings[-1:] = ["".join([*self._strings[-1:], content])]

    def _end_image(self, text: str, parent: str) -> None:
        if parent == "sourceImageInformation":
            self.image = self.image or text.strip()

    def _end_unit(self, text: str, parent: str) -> None:
        self._unit = text.strip()

    def document(self) -> Document:
        """What the whole file says."""
        pixels = self._unit in ("", "pixel")
        return Document(self.FORM, self.image, *self._size, pixels, arranged(self._regions, self._order.places()))


def _box(attributes: Mapping[str, str]) -> Box | None:
    left, top, width, height = (number(attributes.get(n), math.nan) for n in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    return (left, top, left + width, top + height) if width > 0 and height > 0 and left + top < math.inf else None


def _rotation(attributes: Mapping[str, str], inherited: float | None) -> float | None:
    """Degrees by which what stands there was turned anticlockwise, so that it is to be turned back clockwise."""
    return number(attributes["ROTATION"]) if "ROTATION" in attributes else inherited


def _baseline(text: str, box: Box | None) -> Points:
    """Points, of ALTO 4.1 and later; or a height on the page, as before."""
    told = points(text)
    height = number(text, math.nan)
    if not told and box and box[1] <= height <= box[3]:
        return (box[0], height), (box[2], height)
    return told
