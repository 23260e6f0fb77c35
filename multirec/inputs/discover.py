"""From the paths of a command line to images, in order, without looking ahead.

A folder is walked recursively, each folder's names in code-point order, files and folders together; hidden
entries are skipped, and what storages keep beside their users' files; symbolic links are followed unless they lead
back into themselves.  Archives and Parquet files are walked as folders are, in their own order.
"""

from __future__ import annotations

import codecs
import fnmatch
import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TypeAlias

from multirec.inputs import names
from multirec.inputs.holders import count as count_in
from multirec.inputs.holders import opened
from multirec.inputs.locate import Locator
from multirec.inputs.tiff_pages import pages
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

Wanted: TypeAlias = Callable[[str, str], bool]
"""Whether a name, and its path below the folder that is walked, is to be read."""


def discover(
    paths: Iterable[str | Source],
    listing: IO[bytes] | None = None,
    null: bool = False,
    opening: Opening | None = None,
    exclude: Iterable[str] = (),
    skipped: Callable[[str], object] = str,
) -> Iterator[Source]:
    """Yield the images of ``paths``: folders, files, archives, and ``-`` for the paths in ``listing``.

    Args:
        paths: as they were typed: also the name of a picture in an archive, a row or a page, as rows have it, or a
            picture in memory.
        listing: paths, each with a line end.
        null: each with a NUL byte instead, as ``find -print0`` writes them.
        opening: how files that hold several pictures are opened, and how long a folder is waited for.
        exclude: see ``wanted``.
        skipped: called with the name of a folder in ``STORAGE`` that was met.
    """
    opening = opening or Opening()
    locator, choose = Locator(opening), wanted(exclude, skipped)
    for path in paths:
        if isinstance(path, Source):
            yield from pages(path, opening.limits) if opening.all_pages else [path]
        elif path == "-":
            for listed_path in _listed(listing, null) if listing is not None else ():
                yield from _named(listed_path, opening, locator)
        elif os.path.isdir(path):
            for found in _walk(path, choose, opening.patience):
                yield from [found] if found.error else opened(found.path, opening, met=True)
        else:
            yield from _named(path, opening, locator)


def count(paths: Iterable[str], opening: Opening, exclude: Iterable[str] = ()) -> int | None:
    """How many images ``paths`` are; None where that would take reading them, as with compressed tars.

    None too where a list on standard input is among them.
    """
    total, choose = 0, wanted(exclude)
    for path in paths:
        if path == "-":
            return None
        for found in _walk(path, choose, opening.patience) if os.path.isdir(path) else [Source(path)]:
            number = 1 if found.error else count_in(found.path, opening)
            if number is None:
                return None
            total += number
    return total


def wanted(exclude: Iterable[str], skipped: Callable[[str], object] = str) -> Wanted:
    """What decides in folders: all is wanted that is not hidden, in ``STORAGE``, or like a pattern in ``exclude``.

    Args:
        exclude: patterns as a shell's, for names in folders; with a slash that is not their end, for paths below the
            folder that is walked (where ``*`` takes slashes too).
        skipped: called with the name of a folder in ``STORAGE`` that was met.
    """
    patterns = [pattern.rstrip("/") for pattern in exclude]
    by_name = _any_of(pattern for pattern in patterns if "/" not in pattern)
    by_place = _any_of(pattern.lstrip("/") for pattern in patterns if "/" in pattern)

    def choose(name: str, place: str) -> bool:
        if name.casefold() in STORAGE:
            skipped(name)
            return False
        return not (name.startswith(".") or by_name.match(name) or by_place.match(place))

    return choose


def _named(path: str, opening: Opening, locator: Locator) -> Iterator[Source]:
    if names.holder(path):
        yield locator.locate(path)
    else:
        yield from opened(path, opening)


def _listed(listing: IO[bytes], null: bool = False) -> Iterator[str]:
    """Yield the paths in ``listing`` as they come; empty ones are skipped."""
    paths = _split(listing) if null else (line.rstrip(b"\r\n") for line in iter(listing.readline, b""))
    for number, path in enumerate(paths):
        if number == 0 and not null:  # a list that an editor saved
            path = path.removeprefix(codecs.BOM_UTF8)
        if path:
            yield os.fsdecode(path)


def _split(listing: IO[bytes]) -> Iterator[bytes]:
    """What stands between NUL bytes, without waiting for more than has been written."""
    read = getattr(listing, "read1", listing.read)
    rest = b""
    while data := read(1 << 16):
        *whole, rest = (rest + data).split(b"\0")
        yield from whole
    yield rest


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(fnmatch.translate, patterns)) or r"(?!)")


def _walk(top: str, choose: Wanted, patience: float) -> Iterator[Source]:
    # A stack of listings, not of calls: folders may lie deeper than Python can call.
    listings: list[tuple[str, Iterator[tuple[str, bool | None]]]] = [("", iter([(top, True)]))]
    above: list[tuple[int, int]] = []  # the folders that the last listing lies in, and its own
    while listings:
        folder, entries = listings[-1]
        name, is_folder = next(entries, ("", False))
        path = os.path.join(folder, name)
        if not name:
            listings.pop()
            del above[-1:]
            continue
        if is_folder is not False:
            try:
                found = within(patience, _look, path, path[len(top) :].lstrip("/"), choose)
            except OSError as error:  # TimeoutError is one
                yield Source(path, f"unreadable: {error.strerror or error}")
                continue
            if found:
                here, inside = found
                if here not in above:
                    listings.append((path, iter(inside)))
                    above.append(here)
                continue
        if names.is_image(name) or names.kind(name):
            yield Source(path)


def _look(path: str, place: str, choose: Wanted) -> tuple[tuple[int, int], list[tuple[str, bool | None]]] | None:
    """Which folder ``path`` is, and what is wanted of it, in order; None where it is no folder."""
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
