"""From PAGE and ALTO documents to a source for each of their lines.

The row of a line is named ``page.xml#ID``, and that name leads back to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from multirec.documents import parse
from multirec.documents.document import Document, DocumentError, Line
from multirec.inputs.scans import Scan, picture
from multirec.sources import Opening, Page, Source


class Pages:
    """Opens documents; the last one stays at hand, for lists that name one line after another.

    A page's picture is decoded once.  It goes when the last source that needs it goes; that of the last line that was
    asked for by name stays until another page's is.

    Args:
        opening: where pages' pictures are looked for, see ``scans.picture``, and how large a document may be.

    Attributes:
        opened: how many documents were read.
        blank: called with the name of a document that has no lines.
    """

    def __init__(self, opening: Opening | None = None) -> None:
        self._opening = opening or Opening()
        self.opened = 0
        self.blank: Callable[[str], None] = lambda path: None
        self._path = ""
        self._document: Document | None = None
        self._lines: dict[str, Line] = {}
        self._scan: Scan | None = None

    def lines(self, path: str, named: bool = True) -> Iterator[Source]:
        """A source for each line of a document, in reading order; one with an error where it cannot be read.

        Args:
            path: the document.
            named: somebody asked for this file; of those found in folders other XML is passed over.
        """
        try:
            document = self._open(path)
        except DocumentError as error:
            if named or error.kind != "not-an-image":
                yield Source(path, str(error))
            return
        if not document.lines:
            self.blank(path)
        scan = self._scanned(path, document)
        for line in document.lines:
            yield _source(path, document, scan, line)

    def line(self, path: str, id: str) -> Source:
        """The source of one line of a document; with an error where there is none."""
        name = f"{path}#{id}"
        try:
            document = self._open(path)
        except DocumentError as error:
            return Source(name, str(error))
        if id not in self._lines:
            return Source(name, f"missing: {path} has no such line")
        self._scan = self._scan or self._scanned(path, document)
        return _source(path, document, self._scan, self._lines[id])

    def _open(self, path: str) -> Document:
        if self._document is None or self._path != path:
            self._document = self._scan = None
            document = parse.read(path, self._opening.limits.bytes)
            self._path, self._document = path, document
            self._lines = {line.id: line for line in document.lines}
            self.opened += 1
        return self._document

    def _scanned(self, path: str, document: Document) -> Scan:
        return Scan(document, picture(path, document.image, self._opening.images))


def _source(path: str, document: Document, scan: Scan, line: Line) -> Source:
    content = partial(scan.line, line)
    return Source(f"{path}#{line.id}", content=content, page=Page(path, len(document.lines)))
