"""Walking through folders: what is in them, in order, and what of it is to be read.

Each folder's names come in code-point order, files and folders together.  Hidden entries are skipped, and what storages
keep beside their users' files; symbolic links are followed unless they lead back into themselves.  The pictures of
pages that PAGE and ALTO documents describe, in the same folder or the one above, are no lines themselves.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from multirec import stores
from multirec.documents import parse
from multirec.inputs import names
from multirec.inputs.scans import picture
from multirec.patience import within
from multirec.sources import Opening, Source

STORAGE = frozenset(
    name.casefold()
    for name in (
        "@eaDir", "#recycle", "#snapshot", "@sharesnap", "@tmp",  # Synology: thumbnails, what was deleted, copies
        "@Recycle", "@Recently-Snapshot",  # QNAP
        "~snapshot",  # NetApp
        "lost+found", "$RECYCLE.BIN", "RECYCLER", "System Volume Information",  # file systems of Linux and Windows
        "__MACOSX", "Network Trash Folder", "Temporary Items",  # macOS, in archives and on servers
    )
)  # fmt: skip
"""Folders that storages make among their users' files: thumbnails, copies, what was deleted.  Without case."""

BELOW = ("page", "alto")
"""Folders below that of the pictures in which Transkribus puts documents."""

_Place: TypeAlias = tuple[int, int] | str
"""A folder, whatever its name: its device and number; in a store its URL."""

Wanted: TypeAlias = Callable[[str, str], bool]
"""Whether a name, and its path below the folder that is walked, is to be read."""


def wanted(exclude: Iterable[str], skipped: Callable[[str], object] = str) -> Wanted:
    """What decides in folders: all is wanted that is not hidden, in ``STORAGE``, or like a pattern in ``exclude``.

    Args:
        exclude: patterns as a shell's, for names in folders; with a slash that is not their end, for paths below the
            folder that is walked (where ``*`` takes slashes too).
        skipped: called with the name of a folder in ``STORAGE`` that was met, and is not in ``exclude``.
    """
    unwanted = excluded(exclude)

    def choose(name: str, place: str) -> bool:
        if name.startswith(".") or unwanted(name, place):
            return False
        if name.casefold() in STORAGE:
            skipped(name)
            return False
        return True

    return choose


def excluded(exclude: Iterable[str]) -> Wanted:
    """What tells whether a name, or its path, is like one of the patterns that ``wanted`` describes."""
    patterns = [pattern.rstrip("/") for pattern in exclude]
    by_name = _any_of(pattern for pattern in patterns if "/" not in pattern)
    by_place = _any_of(pattern.lstrip("/") for pattern in patterns if "/" in pattern)
    return lambda name, place: bool(by_name.match(name) or by_place.match(place))


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(fnmatch.translate, patterns)) or r"(?!)")


def walk(top: str, choose: Wanted, opening: Opening) -> Iterator[Source]:
    """Yield the files below the folder ``top`` that are named as images, documents, archives and their like are.

    Args:
        top: the folder.
        choose: see ``wanted``.
        opening: how long a folder is waited for, before it has a row with an error, and where pictures of pages are.
    """
    # A stack of listings, not of calls: folders may lie deeper than Python can call.
    root = _Folder("", [], opening.images)
    listings: list[tuple[_Folder, Iterator[tuple[str, bool | None]]]] = [(root, iter([(top, True)]))]
    above: list[_Place] = []  # the folders that the last listing lies in, and its own
    while listings:
        folder, entries = listings[-1]
        name, is_folder = next(entries, ("", False))
        path = os.path.join(folder.path, name)
        if not name:
            listings.pop()
            del above[-1:]
            continue
        if is_folder is not False:
            try:
                found = within(opening.patience, _look, path, path[len(top) :].lstrip("/"), choose)
            except OSError as error:  # TimeoutError is one
                yield Source(path, f"unreadable: {error.strerror or error}")
                continue
            if found:
                here, inside = found
                if here not in above:
                    listings.append((_Folder(path, [entry for entry, _ in inside], opening.images), iter(inside)))
                    above.append(here)
                continue
        try:
            if names.kind(name) or (names.is_image(name) and not folder.is_page(name)):
                yield Source(path)
        except OSError as error:  # a store does not give a document
            yield Source(path, f"unreadable: {error.strerror or error}")


class _Folder:
    """A folder, and which of its images are of pages that documents describe, there or in ``BELOW``."""

    def __init__(self, path: str, inside: list[str], images: str | None) -> None:
        self.path, self._images = path, images
        documents = [os.path.join(path, name) for name in inside if names.kind(name) == names.DOCUMENT]
        for folder in (os.path.join(path, name) for name in inside if name.lower() in BELOW):
            documents += _documents(folder)
        self._alike: dict[str, list[str]] = {}
        for document in documents:
            self._alike.setdefault(os.path.splitext(os.path.basename(document))[0], []).append(document)
        self._of_pages: set[str] = set()

    def is_page(self, image: str) -> bool:
        """Whether a document's page is in this image; those that are named alike are looked at first."""
        self._find(os.path.splitext(image)[0])
        while image not in self._of_pages and self._alike:
            self._find(next(iter(self._alike)))
        return image in self._of_pages

    def _find(self, stem: str) -> None:
        for document in self._alike.pop(stem, ()):
            named = parse.image_of(document)
            found = None if named is None else picture(document, named, self._images)
            if found and os.path.realpath(os.path.dirname(found) or ".") == os.path.realpath(self.path):
                self._of_pages.add(os.path.basename(found))


def _documents(folder: str) -> list[str]:
    try:
        inside = [name for name, _ in stores.listing(folder)] if stores.is_remote(folder) else os.listdir(folder)
        return sorted(os.path.join(folder, name) for name in inside if names.kind(name) == names.DOCUMENT)
    except OSError:  # a file, or one that cannot be listed, whose row will say so
        return []


def _look(path: str, place: str, choose: Wanted) -> tuple[_Place, list[tuple[str, bool | None]]] | None:
    """Which folder ``path`` is, and what is wanted of it, in order; None where it is no folder."""
    if stores.is_remote(path):
        listed = stores.listing(path)
        return path, sorted((name, folder) for name, folder in listed if choose(name, os.path.join(place, name)))
    if not os.path.isdir(path):
        return None
    stat = os.stat(path)
    with os.scandir(path) as found:
        kept = (e for e in found if choose(e.name, os.path.join(place, e.name)))
        inside = sorted((e.name, _is_folder(e)) for e in kept)
    return (stat.st_dev, stat.st_ino), inside


def _is_folder(entry: os.DirEntry[str]) -> bool | None:
    """Whether an entry is a folder; None for a link, which is followed when its turn comes: that takes a look each."""
    try:
        return None if entry.is_symlink() else entry.is_dir()
    except OSError:  # the reader will say so, in that entry's own row
        return False
