"""Portable grey, pixel and arbitrary maps (Netpbm's PGM, PPM and PAM) whose highest sample is not 255.

OpenCV takes their samples for those of the full range, scales some of those that are written as text, takes the bytes
of a PAM of bits for eight pixels each, and refuses text without a last line end.  They are simple enough to be read
here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_HEAD = 1 << 16
"""Bytes within which a header ends."""

_BLANK = rb"(?:\s|#[^\n\r]*[\n\r])+"  # one way to match each byte: no text makes it slow
_PNM = re.compile(rb"P([2356])" + _BLANK + rb"(\d{1,9})" + _BLANK + rb"(\d{1,9})" + _BLANK + rb"(\d{1,5})\s")
_PAM = re.compile(rb"P7[ \t\r]*\n((?:[^\n]*\n)*?)ENDHDR[^\n]*\n")
_KEY = re.compile(rb"^\s*(WIDTH|HEIGHT|DEPTH|MAXVAL)\s+(\d{1,9})\s*$", re.MULTILINE)


_DIGITS = re.compile(rb"[\d\s]*")


class Header(NamedTuple):
    """What a header says; the samples begin at ``at``, as text or as bytes."""

    width: int
    height: int
    channels: int
    most: int
    at: int
    text: bool


def header(data: bytes) -> Header | None:
    """The header of a map that is to be read here: one of another highest sample than 255."""
    head = data[:_HEAD]
    if found := _PNM.match(head):
        kind, width, height, most = (int(part) for part in found.groups())
        wanted = Header(width, height, 3 if kind in (3, 6) else 1, most, found.end(), kind < 4)
        other = most != 255 or wanted.text
    elif found := _PAM.match(head):
        keys = {key: int(value) for key, value in _KEY.findall(found[1])}
        width, height, channels, most = (keys.get(key, 0) for key in (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL"))
        wanted = Header(width, height, channels, most, found.end(), False)
        other = most != 255 or channels == 2
    else:
        return None
    whole = min(wanted.width, wanted.height) > 0 and 1 <= wanted.channels <= 4 and 1 <= wanted.most <= 65_535
    return wanted if other and whole else None


def samples(data: bytes, header: Header) -> NDArray[np.generic] | None:
    """The samples behind ``header``: [H, W], [H, W, 3] BGR or [H, W, 4] BGRA; none where some are missing."""
    count = header.width * header.height * header.channels
    size = 2 if header.most > 255 else 1
    native = np.uint16 if size == 2 else np.uint8
    if header.text:
        values = _numbers(data[header.at :], count)
        if values is None:
            return None
        found = np.clip(values, 0, header.most).astype(native)
    else:
        if len(data) - header.at < count * size:
            return None
        found = np.frombuffer(data, f">u{size}", count, header.at).astype(native)
    image = found.reshape(header.height, header.width, header.channels)
    order = {1: (0,), 2: (0, 0, 0, 1), 3: (2, 1, 0), 4: (2, 1, 0, 3)}[header.channels]
    return image[:, :, 0] if header.channels == 1 else np.ascontiguousarray(image[:, :, order])


def _numbers(text: bytes, count: int) -> NDArray[np.int32] | None:
    """The first ``count`` whole numbers of ``text``, which may hold comments to the ends of their lines."""
    if 2 * count - 1 > len(text):  # each takes a digit and what parts it from the next
        return None
    if b"#" in text:
        text = re.sub(rb"#[^\n\r]*", b"", text)
    digits = _DIGITS.match(text)
    # Not with its argument ``count``: where there are fewer, NumPy makes up the others.
    values = np.fromstring(digits[0] if digits else b"", np.int32, sep=" ")
    return values[:count] if len(values) >= count else None
