"""From PAGE and ALTO documents to a source for each of their lines.

The row of a line is named ``page.xml#ID``, and that name leads back to it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from multirec.documents import parse
from multirec.documents.document import Document, DocumentError, Line
from multirec.inputs.images import ImageError
from multirec.inputs.scans import Scan, picture
from multirec.sources import DEFAULT, Limits, Page, Source, line_of_page


class Pages:
    """Opens documents; the last one stays at hand, for lists that name one line after another.

    A page's picture is decoded once.  It goes when the last source that needs it goes; that of the last line that was
    asked for by name stays until another page's is.

    Args:
        images: a folder in which pages' pictures are looked for, see ``scans.picture``.
        limits: bytes of the largest document.

    Attributes:
        opened: how many documents were read.
        blank: called with the name of a document that has no lines.
    """

    def __init__(self, images: str | os.PathLike[str] | None = None, limits: Limits = DEFAULT) -> None:
        self.images = os.fspath(images) if images is not None else None
        self.opened = 0
        self.blank: Callable[[str], None] = lambda path: None
        self._limits = limits
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

    def locate(self, name: str) -> Source:
        """The source of the row that is so named: a line of a page, or else a file."""
        of_page = line_of_page(name)
        return self.line(*of_page) if of_page else Source(name)

    def _open(self, path: str) -> Document:
        if self._document is None or self._path != path:
            self._document = self._scan = None
            document = parse.read(path, self._limits.bytes)
            self._path, self._document = path, document
            self._lines = {line.id: line for line in document.lines}
            self.opened += 1
        return self._document

    def _scanned(self, path: str, document: Document) -> Scan:
        return Scan(document, picture(path, document.image, self.images))


def _source(path: str, document: Document, scan: Scan, line: Line) -> Source:
    content = partial(scan.line, line)
    return Source(f"{path}#{line.id}", content=content, page=Page(path, len(document.lines)))


def in_bgr(source: Source) -> NDArray[np.uint8]:
    """The picture of a line of a page, [H, W] grey or [H, W, 3] BGR, as OpenCV saves it.

    Raises:
        ImageError: it cannot be cut.
    """
    if not callable(source.content):
        kind, _, message = source.error.partition(": ")
        raise ImageError(kind, message)
    image = np.asarray(source.content(DEFAULT), np.uint8)
    return image if image.ndim == 2 else np.ascontiguousarray(image[:, :, ::-1])
