"""From the paths of a command line to images and lines of pages, in order, without looking ahead.

PAGE and ALTO documents stand for their lines; archives and Parquet files are walked as folders are, in their own order.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import IO

from multirec import stores
from multirec.inputs import names
from multirec.inputs.archives import fault
from multirec.inputs.folders import walk, wanted
from multirec.inputs.holders import count as count_in
from multirec.inputs.holders import opened
from multirec.inputs.locate import Locator
from multirec.inputs.pages import Pages
from multirec.inputs.tiff_pages import pages as tiff_pages
from multirec.sources import Opening, Source


def discover(
    paths: Iterable[str | Source],
    listing: IO[bytes] | None = None,
    null: bool = False,
    opening: Opening | None = None,
    exclude: Iterable[str] = (),
    skipped: Callable[[str], object] = str,
    documents: Pages | None = None,
    takes: Callable[[str], bool] = lambda path: True,
) -> Iterator[Source]:
    """Yield the images of ``paths``: folders, files, lines of pages, archives, and ``-`` for the paths in ``listing``.

    Args:
        paths: as they were typed: also the name of a line of a page, of a picture in an archive, a row or a TIFF's
            page, as rows have it, or a picture in memory.
        listing: paths, each with a line end.
        null: each with a NUL byte instead, as ``find -print0`` writes them.
        opening: how files that hold several pictures are opened, and how long a folder is waited for.
        exclude: see ``folders.wanted``.
        skipped: called with the name of a folder in ``folders.STORAGE`` that was met.
        documents: opens PAGE and ALTO.
        takes: asked for each file, in order, before it is opened: one of which it says no is left out.
    """
    opening = opening or Opening()
    documents = documents or Pages(opening)
    exclude = tuple(exclude)
    locator, choose = Locator(opening, documents), wanted(exclude, skipped)
    opening = replace(opening, exclude=exclude)  # what is named is read

    def named(path: str) -> Iterator[Source]:
        try:
            return iter([locator.locate(path)]) if names.holder(path) else opened(path, opening, documents)
        except OSError as error:  # a store does not say
            return iter([Source(path, fault(error))])

    def is_folder(path: str) -> bool:
        try:
            return stores.isdir(path)
        except OSError:  # its row will say so
            return False

    for path in paths:
        if isinstance(path, Source):
            if takes(path.path):
                yield from tiff_pages(path, opening.limits) if opening.all_pages else [path]
        elif path == "-":
            for listed_path in filter(takes, _listed(listing, null) if listing is not None else ()):
                yield from named(listed_path)
        elif is_folder(path):
            for found in walk(path, choose, opening):
                if takes(found.path):
                    yield from [found] if found.error else opened(found.path, opening, documents, met=True)
        elif takes(path):
            yield from named(path)


def count(
    paths: Iterable[str],
    opening: Opening,
    exclude: Iterable[str] = (),
    takes: Callable[[str], bool] = lambda path: True,
) -> int | None:
    """How many images ``paths`` are, about; None where that would take reading them, as with compressed tars.

    None too where a list on standard input is among them.  Arguments are as those of ``discover``.

    Raises:
        OSError: a store does not say what is in it.
    """
    exclude = tuple(exclude)
    total, choose, opening = 0, wanted(exclude), replace(opening, exclude=exclude)
    for path in paths:
        if path == "-":
            return None
        within = walk(path, choose, opening) if stores.isdir(path) else [Source(path)]
        for found in (source for source in within if takes(source.path)):
            number = 1 if found.error or names.holder(found.path) else count_in(found.path, opening)
            if number is None:
                return None
            total += number
    return total


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
