"""From the paths of a command line to image files and lines of pages, in order, without looking ahead.

A folder is walked recursively, each folder's names in code-point order, files and folders together; hidden
entries are skipped, symbolic links are followed unless they lead back into themselves.  PAGE and ALTO documents stand
for their lines; the pictures of their pages, in the same folder or the one above, are no lines themselves.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable, Iterator
from typing import IO

from multirec.documents import parse
from multirec.inputs.pages import Pages
from multirec.inputs.scans import picture
from multirec.sources import EXTENSIONS, Source, is_document

BELOW = ("page", "alto")
"""Folders below that of the pictures in which Transkribus puts documents."""


def discover(
    paths: Iterable[str], listing: IO[bytes] | None = None, null: bool = False, pages: Pages | None = None
) -> Iterator[Source]:
    """Yield the images of ``paths``: folders, files, lines of pages, and ``-`` for the paths in ``listing``.

    These end with a line end, or with ``null`` with a NUL byte, as ``find -print0`` writes them.  ``pages`` opens
    documents.
    """
    pages = pages or Pages()
    for path in paths:
        if path == "-":
            if listing is not None:
                yield from listed(listing, null, pages)
        elif os.path.isdir(path):
            yield from _walk(path, pages)
        else:
            yield from _named(path, pages)


def _named(path: str, pages: Pages) -> Iterator[Source]:
    if is_document(path) and not os.path.isdir(path):
        yield from pages.lines(path)
    else:
        yield pages.locate(path)


def listed(listing: IO[bytes], null: bool = False, pages: Pages | None = None) -> Iterator[Source]:
    """Yield the paths in ``listing`` as they come; empty ones are skipped."""
    pages = pages or Pages()
    paths = _split(listing) if null else (line.rstrip(b"\r\n") for line in iter(listing.readline, b""))
    for number, path in enumerate(paths):
        if number == 0 and not null:  # a list that an editor saved
            path = path.removeprefix(codecs.BOM_UTF8)
        if path:
            yield from _named(os.fsdecode(path), pages)


def _split(listing: IO[bytes]) -> Iterator[bytes]:
    """What stands between NUL bytes, without waiting for more than has been written."""
    read = getattr(listing, "read1", listing.read)
    rest = b""
    while data := read(1 << 16):
        *whole, rest = (rest + data).split(b"\0")
        yield from whole
    yield rest


class _Folder:
    """A folder, and which of its images are of pages that documents describe, there or in ``BELOW``."""

    def __init__(self, path: str, names: list[str], pages: Pages) -> None:
        self._path, self._pages = path, pages
        documents = [os.path.join(path, name) for name in names if is_document(name)]
        for folder in (os.path.join(path, name) for name in names if name.lower() in BELOW):
            documents += _documents(folder)
        self._alike: dict[str, list[str]] = {}
        for document in documents:
            self._alike.setdefault(os.path.splitext(os.path.basename(document))[0], []).append(document)
        self._of_pages: set[str] = set()

    def is_page(self, image: str) -> bool:
        """Whether a document's page is in this image; those that are named alike are looked at first."""
        self._look(os.path.splitext(image)[0])
        while image not in self._of_pages and self._alike:
            self._look(next(iter(self._alike)))
        return image in self._of_pages

    def _look(self, stem: str) -> None:
        for document in self._alike.pop(stem, ()):
            named = parse.image_of(document)
            found = None if named is None else picture(document, named, self._pages.images)
            if found and os.path.realpath(os.path.dirname(found) or ".") == os.path.realpath(self._path):
                self._of_pages.add(os.path.basename(found))


def _documents(folder: str) -> list[str]:
    try:
        return sorted(os.path.join(folder, name) for name in os.listdir(folder) if is_document(name))
    except OSError:  # a file, or one that cannot be listed, whose row will say so
        return []


def _walk(top: str, pages: Pages) -> Iterator[Source]:
    # A stack of listings, not of calls: folders may lie deeper than Python can call.
    listings: list[tuple[_Folder, str, Iterator[tuple[str, bool | None]]]] = [
        (_Folder("", [], pages), "", iter([(top, True)]))
    ]
    above: list[tuple[int, int]] = []  # the folders that the last listing lies in, and its own
    while listings:
        within, folder, entries = listings[-1]
        name, is_folder = next(entries, ("", False))
        path = os.path.join(folder, name)
        if not name:
            listings.pop()
            del above[-1:]
        elif is_folder or (is_folder is None and os.path.isdir(path)):
            try:
                stat = os.stat(path)
                here = (stat.st_dev, stat.st_ino)
                if here in above:
                    continue
                with os.scandir(path) as found:
                    inside = sorted((e.name, _is_folder(e)) for e in found if not e.name.startswith("."))
            except OSError as error:
                yield Source(path, f"unreadable: {error.strerror or error}")
                continue
            listings.append((_Folder(path, [name for name, _ in inside], pages), path, iter(inside)))
            above.append(here)
        elif is_document(name):
            yield from pages.lines(path, named=False)
        elif os.path.splitext(name)[1].lower() in EXTENSIONS and not within.is_page(name):
            yield Source(path)


def _is_folder(entry: os.DirEntry[str]) -> bool | None:
    """Whether an entry is a folder; None for a link, which is followed when its turn comes: that takes a look each."""
    try:
        return None if entry.is_symlink() else entry.is_dir()
    except OSError:  # the reader will say so, in that entry's own row
        return False
