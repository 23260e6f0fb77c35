"""What the boxes of an AVIF, or another HEIF file, say of its picture: how it is turned, and its bits of a sample.

The properties ``clap``, ``irot`` and ``imir`` of ISO/IEC 23008-12 (6.5.9, 6.5.10, 6.5.12) say how a picture is to be
shown, and EXIF's orientation says nothing there (MIAF, ISO/IEC 23000-22, 7.3.6.7): programs that write both mean one
turn.  The decoder, libavif within OpenCV, hands the pixels over as they are stored.  Only the item that is shown
(``pitm``) counts.  A header that is cut or damaged tells nothing.
"""

from __future__ import annotations

import struct
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from multirec.inputs.headers import boxes

Pixels = NDArray[np.uint8]

_Property = tuple[bytes, bytes]


def is_heif(data: bytes) -> bool:
    """Whether ``data`` begins as an ISO media file does."""
    return data[4:8] == b"ftyp"


def upright(image: Pixels, data: bytes) -> Pixels:
    """``image``, [H, W] or [H, W, C], as the properties in ``data`` say that it is shown, in their order."""
    for kind, body in properties(data):
        if kind == b"clap":
            image = _clean(image, body)
        elif kind == b"irot" and body:  # quarters of a turn, anticlockwise
            image = np.rot90(image, body[0] & 3)
        elif kind == b"imir" and body:  # 0: what is above and below change places
            image = image[:, ::-1] if body[0] & 1 else image[::-1]
    return np.ascontiguousarray(image)


def bits(data: bytes) -> int:
    """Bits of a sample: of ``av1C`` (AV1 in ISOBMFF, 2.3) or, for pictures made of several, ``pixi``; 0 if untold."""
    found = 0
    for kind, body in properties(data):
        if kind == b"av1C" and len(body) > 2:
            return (12 if body[2] & 0x20 else 10) if body[2] & 0x40 else 8
        if kind == b"pixi" and len(body) > 5:
            found = body[5]
    return found if found <= 16 else 0


def pixel(data: bytes) -> Fraction:
    """The width of a pixel of the upright picture by its height (``pasp``, ISO/IEC 14496-12, 12.1.4); 0 if untold."""
    width = Fraction(0)
    turned = False
    for kind, body in properties(data):
        if kind == b"pasp" and len(body) >= 8:
            across, down = struct.unpack_from(">II", body)
            width = Fraction(across, down) if across and down else width
        elif kind == b"irot" and body:
            turned ^= bool(body[0] & 1)
    return 1 / width if turned and width else width


def properties(data: bytes) -> list[_Property]:
    """The properties of the item that is shown, kind and content, in the order in which they apply."""
    if not is_heif(data):
        return []
    try:
        return _properties(data)
    except struct.error:
        return []


def _properties(data: bytes) -> list[_Property]:
    meta = _first(data, b"meta", 0, len(data))
    if meta is None:
        return []
    at, end = meta[0] + 4, meta[1]  # behind version and flags
    pitm, iprp = _first(data, b"pitm", at, end), _first(data, b"iprp", at, end)
    if pitm is None or iprp is None:
        return []
    (version,) = struct.unpack_from(">B", data, pitm[0])
    (item,) = struct.unpack_from(">I" if version else ">H", data, pitm[0] + 4)
    ipco = _first(data, b"ipco", *iprp)
    if ipco is None:
        return []
    held = list(boxes(data, *ipco))
    for kind, start, stop in boxes(data, *iprp):
        numbers = _numbers(data[start:stop], item) if kind == b"ipma" else []
        if numbers:
            chosen = [held[number - 1] for number in numbers if 0 < number <= len(held)]
            return [(name, data[begin:close]) for name, begin, close in chosen]
    return []


def _first(data: bytes, wanted: bytes, at: int, end: int) -> tuple[int, int] | None:
    return next(((start, stop) for kind, start, stop in boxes(data, at, end) if kind == wanted), None)


def _numbers(ipma: bytes, wanted: int) -> list[int]:
    """Which properties a box ``ipma`` gives the item ``wanted``, from 1 on (ISO/IEC 23008-12, 9.3)."""
    version, flags, entries = struct.unpack_from(">BxxBI", ipma)
    head, number = (">IB" if version else ">HB"), (">H" if flags & 1 else ">B")
    most = 0x7FFF if flags & 1 else 0x7F  # the bit above says that a reader must know it
    at = 8
    for _ in range(entries):  # what is cut raises
        item, count = struct.unpack_from(head, ipma, at)
        at += struct.calcsize(head)
        if item == wanted:
            size = struct.calcsize(number)
            return [struct.unpack_from(number, ipma, at + size * k)[0] & most for k in range(count)]
        at += count * struct.calcsize(number)
    return []


def _clean(image: Pixels, clap: bytes) -> Pixels:
    """The clean aperture of ``image`` (ISO/IEC 14496-12, 12.1.4), where it is one of whole pixels within it."""
    if len(clap) < 32:
        return image
    n = struct.unpack(">IIIIiIiI", clap[:32])
    if not all(n[1::2]):
        return image
    width, height, across, down = (Fraction(n[k], n[k + 1]) for k in range(0, 8, 2))
    left = (image.shape[1] - width) / 2 + across
    top = (image.shape[0] - height) / 2 + down
    if any(value.denominator != 1 for value in (width, height, left, top)) or min(left, top) < 0:
        return image
    if min(width, height) < 1 or left + width > image.shape[1] or top + height > image.shape[0]:
        return image
    return image[int(top) : int(top + height), int(left) : int(left + width)]
