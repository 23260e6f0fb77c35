"""What PAGE and ALTO have in common: a page, regions in regions, lines in them, and a reading order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from multirec.documents.document import Document, DocumentError, Line, Names
from multirec.documents.order import ReadingOrder, Region

MOST = 16 << 20
"""Characters of coordinates, names and texts that are kept of a file, or what needs as much memory: newspapers' pages
have some hundred thousand, and 10,000 lines with polygons of 100 points nine million."""

_EACH = 100
"""What a line, a region or a reference counts beside its characters."""

Start = Callable[[str, Mapping[str, str], str], None]
"""Takes an element's name, its attributes, and the name of the one that it is in."""

End = Callable[[str, str], None]
"""Takes an element's text, if it is of ``TEXTS``, and the name of the one that it was in."""


class Vocabulary:
    """Takes the elements of a file one after another; see ``multirec.documents.parse``.

    Attributes:
        image: the name of the page's picture, once the file has told it.
        starts: what is called when an element of this name begins; most elements concern nobody.
        ends: likewise when it ends.
    """

    FORM: ClassVar[str]
    TEXTS: ClassVar[frozenset[str]]
    """Elements whose text counts."""
    BODY: ClassVar[str]
    """The element with whose start the name of the picture has been told."""

    def __init__(self) -> None:
        self.image = ""
        self.starts: dict[str, Start] = dict.fromkeys(ReadingOrder.ELEMENTS, self._start_reference)
        self.ends: dict[str, End] = dict.fromkeys(ReadingOrder.ELEMENTS, self._end_reference)
        self._size = (0.0, 0.0)
        self._pages = 0
        self._orientation: float | None = None
        self._order = ReadingOrder()
        self._names = Names()
        self._regions: list[Region] = []
        self._open: list[Region] = []
        self._kept = 0

    def document(self) -> Document:
        """What the whole file says."""
        raise NotImplementedError

    def _keep(self, characters: int) -> None:
        """Count what is kept.

        Raises:
            DocumentError: ``too-large``, it is too much.
        """
        self._kept += characters
        if self._kept > MOST:
            raise DocumentError("too-large", "a page with more lines, coordinates and text than any printed one")

    def _start_reference(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        self._keep(_EACH)
        self._order.start(name, attributes)

    def _end_reference(self, text: str, parent: str) -> None:
        self._order.end()

    def _open_region(self, region: Region) -> None:
        self._keep(_EACH)
        self._regions.append(region)
        self._open.append(region)

    def _end_region(self, text: str, parent: str) -> None:
        self._open.pop()

    def _around(self) -> Region | None:
        """The innermost region."""
        return self._open[-1] if self._open else None

    def _inherited(self) -> float | None:
        """The orientation of what has none of its own."""
        return self._open[-1].orientation if self._open else self._orientation

    def _add_line(self, line: Line, index: int | None) -> None:
        self._keep(_EACH)
        if not self._open:  # against the schemas, and yet a line
            self._regions.append(Region(lines=[(index, line)]))
        else:
            self._open[-1].lines.append((index, line))

    def _fault(self) -> str:
        """What is wrong with any line from here on: a file names one picture."""
        return "" if self._pages < 2 else "it is on another page of the file than the first, whose picture is not told"
