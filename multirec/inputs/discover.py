"""From the paths of a command line to images, in order, without looking ahead.

A folder is walked recursively, each folder's names in code-point order, files and folders together; hidden
entries are skipped, symbolic links are followed unless they lead back into themselves.  Archives and Parquet files
are walked as folders are, in their own order.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable, Iterator
from typing import IO

from multirec.inputs import names
from multirec.inputs.holders import count as count_in
from multirec.inputs.holders import opened
from multirec.inputs.locate import Locator
from multirec.inputs.tiff_pages import pages
from multirec.sources import Opening, Source


def discover(
    paths: Iterable[str | Source], listing: IO[bytes] | None = None, null: bool = False, opening: Opening | None = None
) -> Iterator[Source]:
    """Yield the images of ``paths``: folders, files, archives, and ``-`` for the paths in ``listing``.

    These end with a line end, or with ``null`` with a NUL byte, as ``find -print0`` writes them.  A path may be the
    name of a picture in an archive, a row, or a page, as rows have it, or a picture in memory.
    """
    opening = opening or Opening()
    locator = Locator(opening)
    for path in paths:
        if isinstance(path, Source):
            yield from pages(path, opening.limits) if opening.all_pages else [path]
        elif path == "-":
            for listed_path in _listed(listing, null) if listing is not None else ():
                yield from _named(listed_path, opening, locator)
        elif os.path.isdir(path):
            for found in _walk(path):
                yield from [found] if found.error else opened(found.path, opening, met=True)
        else:
            yield from _named(path, opening, locator)


def count(paths: Iterable[str], opening: Opening) -> int | None:
    """How many images ``paths`` are; None where that would take reading them, as with compressed tars.

    None too where a list on standard input is among them.
    """
    total = 0
    for path in paths:
        if path == "-":
            return None
        for found in _walk(path) if os.path.isdir(path) else [Source(path)]:
            number = 1 if found.error else count_in(found.path, opening)
            if number is None:
                return None
            total += number
    return total


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


def _walk(top: str) -> Iterator[Source]:
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
            listings.append((path, iter(inside)))
            above.append(here)
        elif names.is_image(name) or names.kind(name):
            yield Source(path)


def _is_folder(entry: os.DirEntry[str]) -> bool | None:
    """Whether an entry is a folder; None for a link, which is followed when its turn comes: that takes a look each."""
    try:
        return None if entry.is_symlink() else entry.is_dir()
    except OSError:  # the reader will say so, in that entry's own row
        return False
