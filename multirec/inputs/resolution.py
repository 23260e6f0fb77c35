"""How wide a pixel of an image file is, by its height: facsimiles have half as many lines as columns to the inch.

Read from the file's own header, as the decoder does not tell: TIFF 6.0 (tags 282 and 283) and EXIF 2.3 within JPEG
and PNG, JFIF 1.02 (APP0), PNG's pHYs, the two densities of a BMP, and AVIF's pasp.  A header that is cut or damaged
tells nothing.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from itertools import takewhile

from multirec.inputs import avif, headers

_WIDTHS = (Fraction(1, 3), Fraction(3))
"""What lies outside is a fault; facsimiles have 1/2 at their coarsest, printers' 1/2 to 2."""

_SQUARE = (Fraction(10, 11), Fraction(11, 10))
"""What lies within is taken for square, as are the facsimile's 204 x 196 to the inch."""


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
    if data[:4] in headers.TIFF:
        return _tiff(data)
    if data.startswith(headers.PNG):
        return _png(data)
    if data.startswith(headers.JPEG):
        return _jpeg(data)
    if avif.is_heif(data):
        return Fraction(1), avif.pixel(data), 1
    if data.startswith(b"BM") and struct.unpack_from("<I", data, 14)[0] >= 40:  # the header before had none
        x, y = struct.unpack_from("<ii", data, 38)
        return Fraction(x), Fraction(y), 1
    return _UNKNOWN


def _tiff(data: bytes) -> _Densities:
    """Of the first directory of a TIFF, or of an EXIF block, which is made like one."""
    found = {0x011A: Fraction(0), 0x011B: Fraction(0)}
    ends = headers.order(data)
    for field in headers.fields(data):
        if field.tag in found and field.kind == 5:  # a ratio of two integers, elsewhere in the file
            (at,) = struct.unpack_from(f"{ends}I", data, field.at)
            found[field.tag] = Fraction(*struct.unpack_from(f"{ends}II", data, at))
    return found[0x011A], found[0x011B], headers.orientation(data)


def _png(data: bytes) -> _Densities:
    """Of the chunk pHYs, which stands before the pixels; its unit may be unknown, the ratio counts."""
    x = y = 0
    orientation = 1
    for kind, at, length in headers.chunks(data):
        if kind == b"pHYs":
            x, y = struct.unpack_from(">II", data, at)
        elif kind == b"eXIf":
            orientation = headers.orientation(data[at : at + length])
        elif kind == b"IDAT":
            break
    return Fraction(x), Fraction(y), orientation


def _jpeg(data: bytes) -> _Densities:
    """Of JFIF where it has a unit (without one its two numbers are read either way), else of EXIF."""
    jfif, exif = _UNKNOWN, _UNKNOWN
    # What says how it is shown stands first: parts for programs (APPn) and comments.
    for marker, at in takewhile(lambda found: 0xE0 <= found[0] <= 0xEF or found[0] == 0xFE, headers.segments(data)):
        if marker == 0xE0 and data[at : at + 5] == b"JFIF\0":
            unit, x, y = struct.unpack_from(">BHH", data, at + 7)
            jfif = (Fraction(x), Fraction(y), 1) if unit in (1, 2) else jfif
        elif marker == 0xE1 and data[at : at + 6] == b"Exif\0\0":
            exif = _tiff(data[at + 6 :])
    return (jfif[0], jfif[1], exif[2]) if jfif[0] and jfif[1] else exif
