"""The pages of a TIFF, each as a file of one page: the same bytes, but for where the first directory is found.

So all that is known of reading a TIFF holds for each page: its depth, its resolution, its compression.  Directories
are a chain (TIFF 6.0, section 2; BigTIFF has wider fields).  Previews and masks (tag 254, bits 0 and 2) are counted,
but are no pages.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from multirec import stores
from multirec.inputs.files import regular
from multirec.inputs.images import ImageError
from multirec.inputs.reading import content
from multirec.sources import Content, Limits, Source

MOST = 1 << 16
"""Directories of a file that are looked at."""

_Bytes = Callable[[int, int], bytes]
"""So many bytes from a place in a file on; fewer at its end."""


class _Form(NamedTuple):
    """How a file writes, in the words of ``struct``: places and numbers of entries; an entry's bytes."""

    order: str
    first: int  # where the place of the first directory stands
    place: str
    number: str
    entry: int


_FORMS = {
    b"II*\0": _Form("<", 4, "<I", "<H", 12), b"MM\0*": _Form(">", 4, ">I", ">H", 12),
    b"II+\0": _Form("<", 8, "<Q", "<Q", 20), b"MM\0+": _Form(">", 8, ">Q", ">Q", 20),
}  # fmt: skip


_KINDS = {3: "H", 16: "Q"}


class _Page(NamedTuple):
    """A directory: its number, where it lies, where in it the place of the next one stands."""

    number: int
    at: int
    next: int
    error: str = ""


def pages(source: Source, limits: Limits) -> Iterator[Source]:
    """``source``, or where it is a TIFF of several pages ``NAME#1``, ``NAME#2`` and so on."""
    try:
        if _is_far(source):  # each of its pages would fetch it again
            source = replace(source, content=content(source, limits))
        form, found = _look(source, limits)
    except (OSError, ImageError, MemoryError, struct.error):  # its row will say so
        form, found = None, []
    if form is None or not found or (len(found) == 1 and found[0].number == 1):
        yield source
        return
    for page in found:
        name = f"{source.path}#{page.number}"
        if page.error:
            yield Source(name, page.error)
        elif isinstance(source.content, bytes):
            yield Source(name, content=_alone(source.content, form, page))
        else:
            yield Source(name, content=partial(_read_alone, source, form, page))


def _look(source: Source, limits: Limits) -> tuple[_Form | None, list[_Page]]:
    """How a TIFF writes, and its pages; nothing of what is none."""
    if source.error or source.row:
        return None, []
    if source.content is None:
        if stores.is_remote(source.path):
            return None, []
        regular(source.path)
        with open(source.path, "rb") as file:
            return _pages(lambda at, size: os.pread(file.fileno(), size, at) if at < 1 << 63 else b"")
    if callable(source.content) and not _is_named_so(source):
        return None, []
    data = content(source, limits)
    return _pages(lambda at, size: data[at : at + size]) if isinstance(data, bytes) else (None, [])


def _is_named_so(source: Source) -> bool:
    return source.path.lower().endswith((".tif", ".tiff"))


def _is_far(source: Source) -> bool:
    """Whether it is to be fetched from a store, and may have several pages: others are not looked at for that."""
    there = not (source.error or source.row or source.content is not None)
    return there and stores.is_remote(source.path) and _is_named_so(source)


def _pages(read: _Bytes) -> tuple[_Form | None, list[_Page]]:
    form = _FORMS.get(read(0, 4))
    return form, list(_chain(read, form)) if form else []


def _chain(read: _Bytes, form: _Form) -> Iterator[_Page]:
    """The directories that are pages, in their order; a last one with an error where the chain breaks."""
    wide = struct.calcsize(form.place)
    (at,) = struct.unpack(form.place, read(form.first, wide))
    seen: set[int] = set()
    while at:
        number = len(seen) + 1
        if at in seen:
            yield _Page(number, 0, 0, "not-an-image: this page leads back to one before it")
            return
        if number > MOST:
            yield _Page(number, 0, 0, f"too-large: a TIFF of more than {MOST} pages")
            return
        seen.add(at)
        try:
            (entries,) = struct.unpack(form.number, read(at, struct.calcsize(form.number)))
            if entries > MOST:
                raise struct.error
            start = at + struct.calcsize(form.number)
            next_ = start + entries * form.entry
            (following,) = struct.unpack(form.place, read(next_, wide))
        except struct.error:
            yield _Page(number, 0, 0, "not-an-image: this page is not within the file: cut short or damaged")
            return
        if not _is_aside(read(start, entries * form.entry), form):
            yield _Page(number, at, next_)
        at = following


def _is_aside(entries: bytes, form: _Form) -> bool:
    """Whether a directory is of a preview or a mask."""
    for at in range(0, len(entries), form.entry):
        tag, kind = struct.unpack_from(f"{form.order}HH", entries, at)
        if tag == 254:
            (value,) = struct.unpack_from(form.order + _KINDS.get(kind, "I"), entries, at + form.entry // 2 + 2)
            return bool(value & 5)
    return False


def _read_alone(source: Source, form: _Form, page: _Page, limits: Limits) -> Content:
    data = content(source, limits)
    return _alone(data, form, page) if isinstance(data, bytes) else data


def _alone(data: bytes, form: _Form, page: _Page) -> bytes:
    """A copy of the file ``data`` in which ``page`` is the only one."""
    place, whole = struct.pack(form.place, page.at), memoryview(data)
    wide = len(place)
    before, between, behind = whole[: form.first], whole[form.first + wide : page.next], whole[page.next + wide :]
    return b"".join((before, place, between, bytes(wide), behind))
