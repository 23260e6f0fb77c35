"""PAGE and ALTO documents with what was read of their lines, each written once its last line has come.

A document is written before its last line's row: where a page's rows are all there, so is its document.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from multirec import stores
from multirec.documents.boxes import Frame
from multirec.documents.document import Document, DocumentError, Line
from multirec.documents.fill import fill
from multirec.documents.how import How
from multirec.documents.parse import read
from multirec.errors import OutputError
from multirec.outputs.files import below, part_of
from multirec.results import Result
from multirec.sources import Page
from multirec.stdio import say

FrameOf = Callable[[Line, float, float], Frame | None]

_LARGEST = 1e6


class PageFiles:
    """Takes the results of pages' lines one by one, and writes documents below a folder, at their own paths.

    A document of which some lines alone are read (``page.xml#ID``) keeps the others' texts.

    Args:
        folder: where to; never a document itself is written to.
        how: see there.
        frame: tells how a line of a page so wide and high lies in its picture.

    Attributes:
        unwritten: documents that could not be filled in, each of which was named on standard error.
        lost: texts of before that were to be kept, for which a document's schema has no place.

    Raises:
        OutputError: a document cannot be written.
    """

    def __init__(self, folder: Path, how: How, frame: FrameOf) -> None:
        self._folder, self._how, self._frame = folder, how, frame
        self._page: Page | None = None
        self._results: dict[str, Result] = {}
        self._came = 0
        self.unwritten = self.lost = 0

    def write(self, result: Result) -> None:
        """Take a result; with a page's last one, or the first one of another page, a document is written."""
        if self._page is not None and result.page != self._page:
            self.finish()
        if result.page is None:
            return
        self._page = result.page
        self._came += 1
        if not result.row:  # of an earlier run, which has written the document
            self._results[result.image.removeprefix(f"{result.page.path}#")] = result
        if self._came == result.page.lines:
            self.finish()

    def finish(self) -> None:
        """Write the document whose lines have come, although not all of them may have."""
        page, results = self._page, self._results
        self._page, self._results, self._came = None, {}, 0
        if page is not None and results:
            self._write(page.path, results)

    def copy(self, path: str) -> None:
        """Write a document that has no lines, as it is."""
        self._write(path, {})

    def written(self, page: Page) -> bool:
        """Whether a document is there for a page."""
        return below(self._folder, page.path).is_file()

    def _write(self, path: str, results: dict[str, Result]) -> None:
        place = below(self._folder, path)
        refuse_in_place(place, path)
        try:
            document = read(path)
            order = [line.id for line in document.lines]
            filled = fill(_bytes(path), results, self._how, self._frames(document), order)
        except (OSError, ValueError, DocumentError) as error:  # it was read a while ago, and has changed since
            why = error.strerror if isinstance(error, OSError) else str(error)
            say(f"{path}: not filled in: {why}")
            self.unwritten += 1
            return
        self.lost += filled.lost
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            partial = part_of(place)
            with partial.open("wb") as file:
                file.write(filled.data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(place)
            folder = os.open(place.parent, os.O_RDONLY)
            try:
                os.fsync(folder)  # or a power cut could bring back what an earlier run had written
            finally:
                os.close(folder)
        except OSError as error:
            raise OutputError(f"{place}: cannot be written: {error.strerror or error}") from error

    def _frames(self, document: Document) -> dict[str, Frame]:
        if not self._how.words:
            return {}
        # A page that does not tell its size is as large as it may be.
        width, height = document.width or _LARGEST, document.height or _LARGEST
        framed = ((line.id, self._frame(line, width, height)) for line in document.lines)
        return {id: frame for id, frame in framed if frame}


def _bytes(path: str) -> bytes:
    with stores.open_file(path) as file:
        return file.read()


def refuse_in_place(place: Path, path: str) -> None:
    """Make sure that ``place``, to be written, is not the document ``path``, which is read.

    Raises:
        OutputError: it is.
    """
    if place.exists() and Path(path).exists() and place.samefile(path):
        raise OutputError(f"{path}: it would be written in its own place: give another folder to --xml-out")


def refuse_to_fill(paths: Iterable[str], folder: Path) -> None:
    """Make sure, before anything is read, that none of ``paths`` would be written to below ``folder``, or is there.

    Raises:
        OutputError: one would, or is.
    """
    for path in paths:
        if stores.is_remote(path):
            continue
        refuse_in_place(below(folder, path), path)
        if Path(path).resolve().is_relative_to(folder.resolve()):
            raise OutputError(f"{path}: it is in {folder}, where documents are written to: give another to --xml-out")


def outside(folder: Path, path: str) -> bool:
    """Whether ``path`` is not in ``folder``, where this run writes, or an earlier one has written."""
    return stores.is_remote(path) or not os.path.abspath(path).startswith(os.path.join(os.path.abspath(folder), ""))
