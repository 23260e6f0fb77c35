"""Kinds of TIFF that OpenCV refuses or misreads: samples of 2 to 7 bits, opacity beside grey, white as 0, planes.

Their compression is undone by OpenCV all the same: it is given a copy whose directory calls each row a row of bytes,
and what these bytes mean is told by the true one (TIFF 6.0, sections 4 to 6, 8, 14 to 16, 18).  Old-style JPEG
(section 22) is found within the file.  BigTIFF is left to OpenCV.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from multirec.inputs import depth, headers
from multirec.inputs.opencv import cv2

Pixels = NDArray[np.uint8]

_PLAIN = (1, 5, 8, 32_773, 32_946)
"""Compressions of bytes, whatever they mean: none, LZW, Deflate, PackBits, Deflate by its old number."""

_GREY = (0, 1)  # white or black is 0
_COLOURS = {0: 1, 1: 1, 2: 3, 3: 1, 5: 4}
"""Samples of a pixel, those of opacity apart, by what they mean: grey, RGB, palette, CMYK."""

_COMPRESSIONS = {
    6: "old-style JPEG", 32_766: "NeXT", 32_809: "ThunderScan", 34_661: "JBIG", 34_676: "SGI LogLuv",
    34_677: "SGI LogLuv", 33_003: "JPEG 2000", 33_004: "JPEG 2000", 33_005: "JPEG 2000", 34_712: "JPEG 2000",
    34_887: "LERC", 34_892: "lossy JPEG of camera raws", 34_925: "LZMA", 50_000: "Zstandard", 50_001: "WebP",
    50_002: "JPEG XL", 52_546: "JPEG XL",
}  # fmt: skip

_UNKNOWN = (33_003, 33_004, 33_005, 34_712, 34_892, 50_002, 52_546)
"""Compressions that libtiff has no name for: it makes black pictures of them."""

_MEANINGS = {8: "in CIE Lab", 32_803: "of a camera's raw samples", 34_892: "of a camera's raw samples"}

_USED = {256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 338, 339, 513, 514}

Tags = Mapping[int, tuple[int, ...]]


@dataclass(frozen=True)
class _Layout:
    """How the samples of a picture lie."""

    width: int
    height: int
    bits: int
    samples: int
    planes: bool
    meaning: int
    form: int  # of a sample: 1 a whole number, 2 one with a sign, 3 a float
    compression: int
    predictor: int
    opacity: int  # 0: none, 1: colours hold it already, 2: they do not

    @property
    def colours(self) -> int:
        return _COLOURS.get(self.meaning, 0)


def read(data: bytes) -> Pixels | None:
    """The picture of a TIFF of which OpenCV would make nothing, or something else: [H, W], or BGR, or BGRA.

    Not yet turned by its orientation; none where the file is of no such kind, or cannot be read here either.

    Raises:
        cv2.error: if OpenCV finds it too large.
    """
    if data[:4] not in headers.TIFF:
        return None
    try:
        tags = _tags(data)
        layout = _layout(tags)
        if not _ours(layout):
            return None
        samples = _samples(data, tags, layout)
    except (struct.error, LookupError, ValueError):  # cut or damaged
        return None
    return None if samples is None else _picture(samples, layout, tags, depth.stated(data))


def old_jpeg(data: bytes) -> bytes:
    """The JPEG file within a TIFF of old-style JPEG compression, if it holds the whole picture; else nothing."""
    if data[:4] not in headers.TIFF:
        return b""
    try:
        tags = _tags(data)
        (start,) = tags.get(513, (0,))
        (length,) = tags.get(514, (len(data),))
        if tags.get(259) != (6,) or not start:
            return b""
        inner = data[start : start + length]
        frame = headers.frame(inner)
        return inner if frame and (frame.width, frame.height) == (tags[256][0], tags[257][0]) else b""
    except (struct.error, LookupError, ValueError):
        return b""


def fault(data: bytes) -> str:
    """What kind of TIFF it is, if it is one that cannot be read, in the words of a row's error."""
    try:
        tags = _tags(data)
        layout = _layout(tags)
    except (struct.error, LookupError, ValueError):
        return ""
    if layout.compression in _COMPRESSIONS:
        return f"TIFF with {_COMPRESSIONS[layout.compression]} compression"
    if layout.meaning in _MEANINGS:
        return f"TIFF {_MEANINGS[layout.meaning]}"
    if layout.bits not in (1, 8, 16, 32):
        return f"TIFF with {layout.bits} bits a sample"
    if layout.samples > 4 or layout.samples == 2:
        return f"TIFF with {layout.samples} samples a pixel"
    return ""


def is_black_to_opencv(data: bytes) -> bool:
    """Whether OpenCV would make a black picture of the file, as its compression is none that libtiff knows."""
    try:
        return data[:4] in headers.TIFF and _tags(data).get(259, (1,))[0] in _UNKNOWN
    except (struct.error, LookupError):
        return False


def cmyk(jpeg: bytes, frame: headers.Frame) -> Pixels | None:
    """A JPEG of four inks where 0 is no ink, [H, W, 3] BGR: OpenCV takes all for those of Adobe, where it is full.

    As the strip of a TIFF (Technical Note 2) it is taken for what it is.
    """
    tags = {256: (frame.width,), 257: (frame.height,), 258: (8,) * 4, 259: (7,), 262: (5,), 273: (8,), 277: (4,)}
    image = _decoded(b"II*\0" + bytes(4) + jpeg, tags | {278: (frame.height,), 279: (len(jpeg),), 284: (1,)})
    return np.ascontiguousarray(image[:, :, :3]) if image is not None and image.ndim == 3 else None


def _tags(data: bytes) -> Tags:
    return {field.tag: headers.integers(data, field) for field in headers.fields(data) if field.tag in _USED}


def _layout(tags: Tags) -> _Layout:
    first = {tag: values[0] for tag, values in tags.items() if values}
    meaning, samples = first.get(262, 1), first.get(277, 1)
    colours = _COLOURS.get(meaning, 0)
    depths = set(tags.get(258, (1,)))
    if len(depths) != 1 or samples < colours:
        raise ValueError("mixed")
    extra = tags.get(338, ())
    return _Layout(
        first.get(256, 0), first.get(257, 0), depths.pop(), samples, first.get(284) == 2 and samples > 1, meaning,
        first.get(339, 1), first.get(259, 1), first.get(317, 1),
        extra[0] if colours and extra and samples > colours and extra[0] in (1, 2) else 0,
    )  # fmt: skip


def _ours(layout: _Layout) -> bool:
    """Whether OpenCV refuses or misreads it, and it can be read here."""
    bits, grey = layout.bits, layout.meaning in _GREY
    readable = layout.compression in _PLAIN and layout.colours and min(layout.width, layout.height) > 0
    readable = readable and (bits <= 16 or bits == 32) and (layout.form == 1 or (layout.form == 3 and bits >= 16))
    if not readable or (layout.meaning == 3 and bits > 8) or (layout.predictor != 1 and bits not in (8, 16, 32)):
        return False
    if layout.predictor not in (1, 2) or (layout.form == 3 and layout.predictor != 1):
        return False
    return (
        bits not in (1, 4, 8, 10, 12, 14, 16, 32)
        or (bits == 4 and (layout.meaning != 3 or layout.samples > 1))
        or (grey and bits > 1 and layout.samples > 1 and layout.opacity > 0)
        or (layout.meaning == 0 and bits > 8)
        or (layout.planes and bits != 8)
        or (layout.meaning == 5 and bits > 8)
        or (layout.form == 3 and (bits == 16 or layout.samples == 2))
        or layout.samples > 4
    )


def _samples(data: bytes, tags: Tags, layout: _Layout) -> NDArray[np.generic] | None:
    """All samples, [H, W, samples]."""
    tiled = 322 in tags
    stored = (324, 325) if tiled else (273, 279)
    across = tags[322][0] if tiled else layout.width
    down = tags[323][0] if tiled else min(tags.get(278, (layout.height,))[0], layout.height)
    if not across or not down:
        return None
    together = 1 if layout.planes else layout.samples
    parts = -(-layout.height // down) * -(-layout.width // across)
    row = -(-layout.width * together * layout.bits // 8)
    same = {tag: tags[tag] for tag in (266, 323) if tag in tags}
    bytewise = {256: (row,), 257: (layout.height,), 258: (8,), 259: (layout.compression,), 262: (1,), 277: (1,)}
    bytewise |= {322: (across * together * layout.bits // 8,)} if tiled else {278: (down,)}
    planes = []
    for plane in range(layout.samples if layout.planes else 1):
        where = {tag: tags[tag][plane * parts : (plane + 1) * parts] for tag in stored if tag in tags}
        image = _decoded(data, bytewise | same | where)
        if image is None or image.shape != (layout.height, row):
            return None
        values = _unpacked(image, layout, together, headers.order(data))
        if layout.predictor == 2:  # each sample is the difference from the one before it in its row
            for left in range(0, layout.width, across):
                tile = values[:, left : left + across]
                np.cumsum(tile, axis=1, dtype=tile.dtype, out=tile)
        planes.append(values)
    return np.concatenate(planes, axis=2) if len(planes) > 1 else planes[0]


def _unpacked(image: Pixels, layout: _Layout, together: int, order: str) -> NDArray[np.generic]:
    """The samples in rows of bytes, [H, W, together]: whole bytes in the file's order, else bits, highest first."""
    shape = (layout.height, layout.width, together)
    if layout.bits % 8 == 0 and layout.bits != 24:
        kind = f"{order}{'f' if layout.form == 3 else 'u'}{layout.bits // 8}"
        return image.view(kind).reshape(shape).astype(np.dtype(kind).newbyteorder("="))
    out = np.empty(shape, np.uint8 if layout.bits < 8 else np.uint16)
    weights = (1 << np.arange(layout.bits)[::-1]).astype(np.uint16)
    count = layout.width * together * layout.bits
    for band in depth.bands(out):
        ones = np.unpackbits(image[band], axis=1, count=count).reshape(-1, layout.width, together, layout.bits)
        out[band] = ones @ weights
    return out


def _picture(samples: NDArray[np.generic], layout: _Layout, tags: Tags, stated: int) -> Pixels | None:
    """In 8 bits, [H, W], [H, W, 3] BGR or [H, W, 4] BGRA."""
    opacity = np.ascontiguousarray(samples[:, :, layout.colours]) if layout.opacity else None
    alpha = None if opacity is None else depth.to_uint8(opacity, (1 << layout.bits) - 1)
    if layout.meaning == 3:
        colours = _palette(tags.get(320, ()), layout.bits)
        if colours is None:
            return None
        inks = colours[samples[:, :, 0]]
    else:
        most = stated if layout.bits == 16 and stated else (1 << layout.bits) - 1
        inks = depth.to_uint8(
            np.ascontiguousarray(samples[:, :, : layout.colours]), most, paper=alpha is None or int(alpha.min()) == 255
        )
        if layout.meaning == 5:
            inks = (255 - inks[:, :, 2::-1].astype(np.uint16)) * (255 - inks[:, :, 3:].astype(np.uint16)) // 255
            inks = np.asarray(inks, np.uint8)
        elif layout.meaning == 2:
            inks = np.ascontiguousarray(inks[:, :, ::-1])
        elif layout.meaning == 0:
            inks = np.asarray(255 - inks, np.uint8)
    if alpha is None:
        return np.ascontiguousarray(inks[:, :, 0] if inks.shape[2] == 1 else inks)
    if layout.opacity == 1 and layout.meaning != 0:
        inks = np.minimum(255, inks.astype(np.uint16) * 255 // np.maximum(alpha, 1)[:, :, None]).astype(np.uint8)
    return np.dstack([inks] * (3 if inks.shape[2] == 1 else 1) + [alpha])


def _palette(map_: tuple[int, ...], bits: int) -> Pixels | None:
    """The colours of a palette, [2 ** bits, 3] BGR; programs that write bytes where words belong are known."""
    if len(map_) != 3 << bits:
        return None
    words = np.array(map_, np.uint32).reshape(3, -1).T[:, ::-1]
    return (words // 257 if words.max() > 255 else words).astype(np.uint8)


def _decoded(data: bytes, tags: Tags) -> Pixels | None:
    """What OpenCV makes of the file ``data`` when its directory says ``tags``."""
    order = headers.order(data)
    at = len(data) + len(data) % 2
    behind = at + 2 + 12 * len(tags) + 4
    entries, lists = [], b""
    for tag in sorted(tags):
        values = struct.pack(f"{order}{len(tags[tag])}I", *tags[tag])
        if len(values) > 4:
            lists, values = lists + values, struct.pack(f"{order}I", behind + len(lists))
        entries.append(struct.pack(f"{order}HHI", tag, 4, len(tags[tag])) + values)
    file = bytearray(at)
    file[: len(data)] = data
    file[4:8] = struct.pack(f"{order}I", at)
    file += struct.pack(f"{order}H", len(tags)) + b"".join(entries) + bytes(4) + lists
    image = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    return None if image is None else np.asarray(image, np.uint8)
