"""What PAGE and ALTO have in common: a page, regions in regions, lines in them, and a reading order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from multirec.documents.document import Document, DocumentError, Line, Names
from multirec.documents.order import ReadingOrder, Region

MOST = 16 << 20
"""Characters of coordinates, names and texts that are kept of a file, or what needs as much memory: newspapers' pages
have some hundred thousand, and 10,000 lines with polygons of 100 points nine million."""

_EACH = 100
"""What a line, a region or a reference counts beside its characters."""


class Vocabulary:
    """Takes the elements of a file one after another; see ``multirec.documents.parse``.

    Attributes:
        image: the name of the page's picture, once the file has told it.
    """

    FORM: ClassVar[str]
    TEXTS: ClassVar[frozenset[str]]
    """Elements whose text counts."""
    BODY: ClassVar[str]
    """The element before whose start the name of the picture has been told."""

    def __init__(self) -> None:
        self.image = ""
        self._size = (0.0, 0.0)
        self._pages = 0
        self._order = ReadingOrder()
        self._names = Names()
        self._regions: list[Region] = []
        self._open: list[Region] = []
        self._kept = 0

    def start(self, name: str, attributes: Mapping[str, str], parent: str) -> None:
        """An element begins within one that is named ``parent``."""
        if name in ReadingOrder.ELEMENTS:
            self._keep(_EACH)
            self._order.start(name, attributes)

    def end(self, name: str, text: str, parent: str) -> None:
        """An element of ``TEXTS`` ends with its text, or another one."""
        if name in ReadingOrder.ELEMENTS:
            self._order.end()

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

    def _open_region(self, region: Region) -> None:
        self._keep(_EACH)
        self._regions.append(region)
        self._open.append(region)

    def _add_line(self, line: Line, index: int | None) -> None:
        self._keep(_EACH)
        if not self._open:  # against the schemas, and yet a line
            self._regions.append(Region(lines=[(index, line)]))
        else:
            self._open[-1].lines.append((index, line))

    def _fault(self) -> str:
        """What is wrong with any line from here on: a file names one picture."""
        return "" if self._pages < 2 else "it is on another page of the file than the first, whose picture is not told"
