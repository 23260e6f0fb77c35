"""How wide a pixel of an image file is, by its height: facsimiles have half as many lines as columns to the inch.

Read from the file's own header, as the decoder does not tell: TIFF 6.0 (tags 282 and 283) and EXIF 2.3 within JPEG
and PNG, JFIF 1.02 (APP0), PNG's pHYs, and the two densities of a BMP.  A header that is cut or damaged tells nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction

_WIDTHS = (Fraction(1, 3), Fraction(3))
"""What lies outside is a fault; facsimiles have 1/2 at their coarsest, printers' 1/2 to 2."""

_SQUARE = (Fraction(10, 11), Fraction(11, 10))
"""What lies within is taken for square, as are the facsimile's 204 x 196 to the inch."""

_DIRECTORY = 512
"""Entries of a directory that are looked at."""


def pixel_width(data: bytes) -> Fraction:
    """The width of a pixel of the upright picture in units of its height, 1 unless the header says that it differs."""
    try:
        x, y, orientation = _densities(data)
    except (struct.error, ValueError, IndexError, ZeroDivisionError):
        return Fraction(1)
    if x <= 0 or y <= 0:
        return Fraction(1)
    width = x / y if 5 <= orientation <= 8 else y / x
    square = _SQUARE[0] <= width <= _SQUARE[1]
    return width if _WIDTHS[0] <= width <= _WIDTHS[1] and not square else Fraction(1)


_Densities = tuple[Fraction, Fraction, int]
"""Pixels to a unit along the rows and along the columns, as stored; the orientation (EXIF 2.3, tag 0x0112)."""

_UNKNOWN: _Densities = (Fraction(0), Fraction(0), 1)


def _densities(data: bytes) -> _Densities:
    if data[:4] in (b"II*\0", b"MM\0*"):
        return _tiff(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(data)
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith(b"BM") and struct.unpack_from("<I", data, 14)[0] >= 40:  # the header before had none
        x, y = struct.unpack_from("<ii", data, 38)
        return Fraction(x), Fraction(y), 1
    return _UNKNOWN


def _tiff(data: bytes) -> _Densities:
    """Of the first directory of a TIFF, or of an EXIF block, which is made like one."""
    order = "<" if data.startswith(b"II") else ">"
    (at,) = struct.unpack_from(f"{order}I", data, 4)
    (entries,) = struct.unpack_from(f"{order}H", data, at)
    found = {0x011A: Fraction(0), 0x011B: Fraction(0)}
    orientation = 1
    for entry in range(min(entries, _DIRECTORY)):
        tag, kind, _, value = struct.unpack_from(f"{order}HHII", data, at + 2 + 12 * entry)
        if tag in found and kind == 5:  # a ratio of two integers, elsewhere in the file
            found[tag] = Fraction(*struct.unpack_from(f"{order}II", data, value))
        elif tag == 0x0112:
            (orientation,) = struct.unpack_from(f"{order}H", data, at + 2 + 12 * entry + 8)
    return found[0x011A], found[0x011B], orientation


def _png(data: bytes) -> _Densities:
    """Of the chunk pHYs, which stands before the pixels; its unit may be unknown, the ratio counts."""
    x = y = 0
    orientation, at = 1, 8
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"pHYs":
            x, y = struct.unpack_from(">II", data, at + 8)
        elif kind == b"eXIf":
            orientation = _tiff(data[at + 8 : at + 8 + length])[2]
        elif kind == b"IDAT":
            break
        at += 12 + length
    return Fraction(x), Fraction(y), orientation


def _jpeg(data: bytes) -> _Densities:
    """Of JFIF where it has a unit (without one its two numbers are read either way), else of EXIF."""
    jfif, exif = _UNKNOWN, _UNKNOWN
    for marker, at in _segments(data):
        if marker == 0xE0 and data[at : at + 5] == b"JFIF\0":
            unit, x, y = struct.unpack_from(">BHH", data, at + 7)
            jfif = (Fraction(x), Fraction(y), 1) if unit in (1, 2) else jfif
        elif marker == 0xE1 and data[at : at + 6] == b"Exif\0\0":
            exif = _tiff(data[at + 6 :])
    return (jfif[0], jfif[1], exif[2]) if jfif[0] and jfif[1] else exif


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """The markers of a JPEG's header and where what they hold begins (ITU-T T.81, B.1.1)."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = struct.unpack_from(">BH", data, at + 1)
        if marker == 0xFF:  # a filling byte
            at += 1
        elif 0xE0 <= marker <= 0xEF or marker == 0xFE:
            yield marker, at + 4
            at += 2 + length
        else:  # what says how it is shown stands first
            return
