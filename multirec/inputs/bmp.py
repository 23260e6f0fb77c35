"""Windows bitmaps whose pixels are bits of one word, laid out in a way of their own (BI_BITFIELDS).

OpenCV reads 5-5-5 and 5-6-5 bits in words of 16 behind the oldest header alone; words of 32 bits it takes all for
8-8-8-8, and the last byte for opacity where no mask says so.  Microsoft, "Bitmap Header Types": BITMAPINFOHEADER and
its successors.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from multirec.inputs import depth

Pixels = NDArray[np.uint8]

_READ = ((16, 0x7C00, 0x3E0, 0x1F), (16, 0xF800, 0x7E0, 0x1F))
"""Bits of a word, and the masks of red, green and blue, that are left to OpenCV."""


class Size(NamedTuple):
    """Height and width, in pixels."""

    height: int
    width: int


class _Layout(NamedTuple):
    size: Size
    upward: bool
    bits: int
    masks: tuple[int, int, int]
    opacity: int
    at: int


def size(data: bytes) -> Size | None:
    """The size of a bitmap that ``read`` reads."""
    found = _layout(data)
    return found.size if found else None


def read(data: bytes) -> Pixels | None:
    """The picture, [H, W, 3] BGR or [H, W, 4] BGRA, of a bitmap of masks that OpenCV does not know; else nothing."""
    found = _layout(data)
    if found is None:
        return None
    (height, width), step = found.size, found.bits // 8
    row = (width * step + 3) // 4 * 4
    if len(data) - found.at < height * row:
        return None
    rows = np.frombuffer(data, np.uint8, height * row, found.at).reshape(height, row)[:, : width * step]
    words = np.ascontiguousarray(rows[::-1] if found.upward else rows).view(f"<u{step}")
    masks = [*found.masks[::-1], *([found.opacity] if found.opacity else [])]
    out = np.empty((height, width, len(masks)), np.uint8)
    for band in depth.bands(out):
        for k, mask in enumerate(masks):
            low = (mask & -mask).bit_length() - 1
            values = (words[band] & mask).astype(np.uint64) >> low
            out[band, :, k] = values * 255 // (mask >> low)
    return np.ascontiguousarray(out[:, :, :3]) if found.opacity and not out[:, :, 3].any() else out


def _layout(data: bytes) -> _Layout | None:
    if not data.startswith(b"BM") or len(data) < 14 + 40 + 12:
        return None
    at, header, width, height = struct.unpack_from("<IIii", data, 10)
    bits, compression = struct.unpack_from("<HI", data, 28)
    red, green, blue, opacity = (*struct.unpack_from("<III", data, 54), 0)
    if header >= 56 and len(data) >= 70:
        (opacity,) = struct.unpack_from("<I", data, 66)
    if header < 40 or width <= 0 or height == 0 or bits not in (16, 32) or compression not in (3, 6):
        return None
    whole = (1 << bits) - 1
    if not all(0 < mask <= whole for mask in (red, green, blue)) or opacity > whole:
        return None
    if header == 40 and (bits, red, green, blue) in _READ:
        return None
    return _Layout(Size(abs(height), width), height > 0, bits, (red, green, blue), opacity, at)
