"""Texts into a PAGE or ALTO document: what changes is written, and all else stays as it is, byte for byte.

Lines are known by the names that ``multirec.documents`` gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from multirec.documents.boxes import Frame
from multirec.documents.document import Names
from multirec.documents.elements import Element, Markup
from multirec.documents.fill_alto import AltoFiller
from multirec.documents.fill_page import PageFiller
from multirec.documents.how import How
from multirec.results import Result

_FILLERS: dict[str, type[PageFiller] | type[AltoFiller]] = {"PcGts": PageFiller, "alto": AltoFiller}

_WITHIN = {
    "Word": ("TextEquiv",), "TextEquiv": ("Unicode",), "String": (), "MetadataItem": (), "UserDefined": (),
    "OCRProcessing": (), "Processing": (), "ReadingOrder": (), "Styles": (), "Tags": (),
}  # fmt: skip
"""What is looked at in elements that hold much of no interest here."""


@dataclass(frozen=True)
class Filled:
    """What a document has become.

    Attributes:
        data: its bytes.
        lost: texts of before that were to be kept, and for which the document's schema has no place.
    """

    data: bytes
    lost: int


def fill(
    data: bytes, results: Mapping[str, Result], how: How | None = None, frames: Mapping[str, Frame] | None = None,
    order: Iterable[str] = (),
) -> Filled:  # fmt: skip
    """Put what was read into a document.

    Lines of which nothing was read, or which have an error, stay as they are; where all do, so does the document.
    Where a result names a line that is not there (any more), nothing is done for it.

    Args:
        data: the document: PAGE of 2010 to 2019, or ALTO 2 to 4, in any encoding that Python knows.
        results: what was read, by the names of the lines.
        how: see there.
        frames: where lines lie in their pictures, by their names: where words are is told of these alone.
        order: the names of the lines in reading order, for the texts of regions; else they are read as they stand.

    Raises:
        ValueError: it is no such document.
    """
    document = Markup(data, _wanted, frozenset({"Unicode", "LastChange"}))
    names = Names()
    lines = {
        names.next(line.attributes.get("id") or line.attributes.get("ID") or ""): line
        for line in document.root.walk()
        if line.name == "TextLine"
    }
    known = {name: result for name, result in results.items() if name in lines and not result.error}
    if not known:
        return Filled(data, 0)
    filler = _FILLERS[document.root.name](document, lines, known, frames or {}, order, how or How())
    splices = filler.splices()
    return Filled(document.with_splices(splices), filler.lost)


def _wanted(name: str, parent: Element | None) -> bool:
    if parent is None:
        return name in _FILLERS
    return name in _WITHIN.get(parent.name, (name,))
