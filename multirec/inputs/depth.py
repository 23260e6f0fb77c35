"""From samples of any depth to 8 bits: by what the file says of its range, else by what is in it.

A picture of 10 or 12 bits is often kept in samples of 16, where it is nearly black unless its range is known.  What
the header says is believed: the depth of an AVIF, the significant bits of a PNG (sBIT, PNG 1.2, 4.2.8), the highest
sample of a TIFF (MaxSampleValue, tag 281, where it is one of a number of bits: TIFF 6.0 means it for statistics),
the precision in a JPEG 2000 codestream (SIZ, ITU-T T.800, A.5.1).  It counts only where no sample is above it.  Else
samples of 16 bits are taken for those of the least of 1, 8, 10, 12 and 14 bits that hold all but 2 % of their
highest, which a lossy format adds; samples of 8 bits that are all 0 or 1, for bits; neither where the picture may be
ink alone, on nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from multirec.inputs import avif, headers

Pixels = NDArray[np.uint8]

BAND = 1 << 20
"""Pixels that are converted at once: what a conversion needs beside the picture does not grow with it."""

_BITS = (1, 8, 10, 12, 14)


def stated(data: bytes) -> int:
    """The highest sample that the header of the file ``data`` speaks of; 0 where it does not."""
    try:
        return _stated(data)
    except struct.error:
        return 0


def _stated(data: bytes) -> int:
    if avif.is_heif(data):
        return (1 << avif.bits(data)) - 1
    if data.startswith(headers.PNG):
        return _significant(data)
    if data[:4] in headers.TIFF:
        for field in headers.fields(data):
            if field.tag == 281:
                most = max(headers.integers(data, field), default=0)
                return most if most & (most + 1) == 0 else 0
    if data[4:8] == b"jP  " or data.startswith(b"\xff\x4f\xff\x51"):
        at = data.find(b"\xff\x4f\xff\x51")
        precision = data[at + 42] if 0 <= at < len(data) - 42 else 0x80
        return 0 if precision & 0x80 else (1 << min(precision + 1, 38)) - 1  # the bit above: with a sign
    return 0


def _significant(data: bytes) -> int:
    """The highest sample of a PNG's significant bits, of colours or grey."""
    for kind, at, length in headers.chunks(data):
        if kind == b"IDAT":
            break
        if kind == b"sBIT" and 1 <= length <= 4:
            most = max(data[at : at + (1 if length == 2 else min(length, 3))], default=0)
            return (1 << most) - 1 if most <= 16 else 0
    return 0


def to_uint8(image: NDArray[np.generic], most: int = 0, lossy: bool = False, paper: bool = True) -> Pixels:
    """``image``, [H, W] or [H, W, C] of any depth, in 8 bits.

    ``most`` is the highest sample that its file speaks of; what is ``lossy`` holds no bits as samples of 0 and 1.
    Without ``paper``, as where the fourth channel lets something through, a picture may hold dark ink alone, and its
    highest sample tells nothing.  Floats are scaled from [0, 1] or else, as whole numbers of other sizes, by their
    own range.
    """
    if image.dtype not in (np.uint8, np.uint16):
        return _by_extremes(image)
    full = 255 if image.dtype == np.uint8 else 65_535
    if full == 255 and lossy and not 0 < most < full:
        return image.astype(np.uint8, copy=False)
    if image.ndim == 2 or image.shape[2] != 4:
        parts, ranges = [image], [_range(image, most, full, paper)]
    else:  # opacity has a range of its own: programs that do not scale colours write it in full
        parts = [image[:, :, :3], image[:, :, 3]]
        opacity = _range(parts[1], most, full, full != 255)
        opaque = opacity < full or int(parts[1].min(initial=full)) == full
        ranges = [_range(parts[0], most, full, paper and opaque), opacity]
    if full == 255 and set(ranges) == {full}:
        return image.astype(np.uint8, copy=False)
    out = np.empty(image.shape, np.uint8)
    targets = [out] if len(parts) == 1 else [out[:, :, :3], out[:, :, 3]]
    for part, target, top in zip(parts, targets, ranges, strict=True):
        levels = np.arange(full + 1, dtype=np.uint32)
        levels = levels // 257 if top == 65_535 else (np.minimum(levels, top) * 255 + top // 2) // top
        table = levels.astype(np.uint8)
        for band in bands(image):
            target[band] = table[part[band]]
    return out


def _range(samples: NDArray[np.generic], most: int, full: int, guess: bool) -> int:
    """What is full brightness in ``samples`` of up to ``full``: ``most``, if it can be, or what they look like."""
    highest = int(samples.max(initial=0))
    if 0 < most < full and highest <= most:
        return most
    if full == 255 or not guess:
        return 1 if highest == 1 and guess else full
    tops = ((1 << bits) - 1 for bits in _BITS)
    return next((top for top in tops if highest <= top + top // 50), full)


def _by_extremes(image: NDArray[np.generic]) -> Pixels:
    out = np.empty(image.shape, np.uint8)
    extremes = [(float(v.min()), float(v.max())) for v in (_finite(image[band]) for band in bands(image))]
    low, high = min(least for least, _ in extremes), max(most for _, most in extremes)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    for band in bands(image):
        out[band] = (_finite(image[band]) - low) * (255 / max(high - low, 1e-12))
    return out


def _finite(values: NDArray[np.generic]) -> NDArray[np.float64]:
    return np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)


def bands(image: NDArray[np.generic]) -> Iterator[slice]:
    """Rows of about ``BAND`` pixels together, from top to bottom."""
    rows = max(1, BAND // image.shape[1])
    return (slice(top, top + rows) for top in range(0, image.shape[0], rows))
