"""From the paths of a command line to image files, in order, without looking ahead.

A folder is walked recursively, each folder's names in code-point order, files and folders together; hidden
entries are skipped, symbolic links are followed unless they lead back into themselves.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from multirec.sources import EXTENSIONS, Source


def discover(
    paths: Iterable[str],
    listing: IO[bytes] | None = None,
    null: bool = False,
    takes: Callable[[str], bool] = lambda path: True,
) -> Iterator[Source]:
    """Yield the images of ``paths``: folders, files, and ``-`` for the paths in ``listing``.

    These end with a line end, or with ``null`` with a NUL byte, as ``find -print0`` writes them.  Each file is asked
    for with ``takes`` before it is opened, and left out where that is not so.
    """
    return (source for source in _files(paths, listing, null) if takes(source.path))


def _files(paths: Iterable[str], listing: IO[bytes] | None, null: bool) -> Iterator[Source]:
    for path in paths:
        if path == "-":
            if listing is not None:
                yield from listed(listing, null)
        elif os.path.isdir(path):
            yield from _walk(path)
        else:
            yield Source(path)


def listed(listing: IO[bytes], null: bool = False) -> Iterator[Source]:
    """Yield the paths in ``listing`` as they come; empty ones are skipped."""
    paths = _split(listing) if null else (line.rstrip(b"\r\n") for line in iter(listing.readline, b""))
    for number, path in enumerate(paths):
        if number == 0 and not null:  # a list that an editor saved
            path = path.removeprefix(codecs.BOM_UTF8)
        if path:
            yield Source(os.fsdecode(path))


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
        elif os.path.splitext(name)[1].lower() in EXTENSIONS:
            yield Source(path)


def _is_folder(entry: os.DirEntry[str]) -> bool | None:
    """Whether an entry is a folder; None for a link, which is followed when its turn comes: that takes a look each."""
    try:
        return None if entry.is_symlink() else entry.is_dir()
    except OSError:  # the reader will say so, in that entry's own row
        return False
