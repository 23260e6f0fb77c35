"""The parts of image files' headers: TIFF directories, PNG chunks, JPEG segments, boxes of ISO media files.

Each walk goes forward only and ends where the bytes do, whatever these say; a field that is cut raises
``struct.error``, which those who ask take for "not told".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8"
TIFF = (b"II*\0", b"MM\0*")

_DIRECTORY = 512
"""Entries of a directory that are looked at."""

_VALUES = 1 << 20
"""Values of a field that are looked at: no picture's strips are as many, and no palette."""

_TYPES = {1: "B", 3: "H", 4: "I"}


class Field(NamedTuple):
    """An entry of a TIFF directory: its value, or where that lies, is in the four bytes from ``at`` on."""

    tag: int
    kind: int
    number: int
    at: int


def order(data: bytes) -> str:
    """The byte order of a TIFF file or an EXIF block, as ``struct`` writes it."""
    return "<" if data.startswith(b"II") else ">"


def fields(data: bytes) -> Iterator[Field]:
    """The entries of the first directory of a TIFF file (TIFF 6.0, section 2), or of an EXIF block, made like one."""
    ends = order(data)
    (at,) = struct.unpack_from(f"{ends}I", data, 4)
    (count,) = struct.unpack_from(f"{ends}H", data, at)
    for entry in range(at + 2, at + 2 + 12 * min(count, _DIRECTORY), 12):
        tag, kind, number = struct.unpack_from(f"{ends}HHI", data, entry)
        yield Field(tag, kind, number, entry + 8)


def integers(data: bytes, field: Field) -> tuple[int, ...]:
    """The values of a field of whole numbers (BYTE, SHORT, LONG); none of another type."""
    if field.kind not in _TYPES:
        return ()
    form = f"{order(data)}{field.number}{_TYPES[field.kind]}"
    size = struct.calcsize(form)
    at = struct.unpack_from(f"{order(data)}I", data, field.at)[0] if size > 4 else field.at
    if at + size > len(data) or field.number > _VALUES:
        raise struct.error("cut, or no such field")
    return struct.unpack_from(form, data, at)


def orientation(data: bytes) -> int:
    """The orientation (EXIF 2.3, tag 0x0112) of a TIFF file or an EXIF block; 1 where it is not told."""
    if data[:2] not in (b"II", b"MM"):
        return 1
    try:
        for field in fields(data):
            if field.tag == 0x0112:
                (value,) = struct.unpack_from(f"{order(data)}H", data, field.at)
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """A PNG's chunks (PNG 1.2, 3.2): kind, where what it holds begins, and how long it claims to be."""
    at = 8
    while data.startswith(PNG) and at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, at + 8, length
        if kind == b"IEND":
            return
        at += 12 + length


def segments(data: bytes) -> Iterator[tuple[int, int]]:
    """The markers of a JPEG's header, up to the pixels, and where what they hold begins (ITU-T T.81, B.1.1)."""
    at = 2
    while data.startswith(JPEG) and at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = struct.unpack_from(">BH", data, at + 1)
        if marker == 0xFF:  # a filling byte
            at += 1
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xDA:  # these have no length, or the picture begins
            return
        yield marker, at + 4
        at += 2 + length


class Frame(NamedTuple):
    """A JPEG's frame header (ITU-T T.81, B.2.2): its marker, bits of a sample, the picture's size, components."""

    marker: int
    bits: int
    height: int
    width: int
    components: int


def frame(data: bytes) -> Frame | None:
    """The frame header of a JPEG, if there is one before the pixels."""
    for marker, at in segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return Frame(marker, *struct.unpack_from(">BHHB", data, at)) if at + 6 <= len(data) else None
    return None


def boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes between ``at`` and ``end`` (ISO/IEC 14496-12, 4.2): kind, where what it holds begins and ends."""
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            if at + 16 > end:
                return
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        elif size == 0:  # to the end
            size = end - at
        if size < head or at + size > end:
            return
        yield kind, at + head, at + size
        at += size
