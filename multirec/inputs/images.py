"""From the bytes of an image file to a line picture: RGBA, height 64, aspect ratio kept.

Every format that OpenCV reads, 8 or 16 bit or float, grey, palette, colour or alpha, turned upright by its
EXIF orientation (EXIF 2.3, tag 0x0112).  Where a file holds several pictures, the first one counts.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from fractions import Fraction

from multirec.options import MAX_PIXELS

# Both are read when OpenCV is imported: no native messages, and no allocation for a picture that only
# claims to be huge (a decompression bomb).
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MAX_PIXELS))

import cv2
import numpy as np
from numpy.typing import NDArray

from multirec.inputs.margins import text_box
from multirec.inputs.resolution import pixel_width
from multirec.inputs.widths import HEIGHT

Pixels = NDArray[np.uint8]

MAX_WIDTH = 32_768
"""Widest line picture; what is wider after scaling to height 64 is squeezed to this."""

_BAND = 1 << 20
"""Pixels that are converted at once: what a conversion needs beside the picture does not grow with it."""


class ImageError(Exception):
    """An image that cannot be read: ``kind`` is one of ``errors.KINDS``, the message says more."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


def line_picture(data: bytes, max_pixels: int = MAX_PIXELS) -> Pixels:
    """Decode ``data`` and scale it to a line picture, [64, W, 4] uint8 RGBA with alpha 255, see ``framed``."""
    return framed(data, max_pixels)[0]


Span = tuple[float, float]
"""Where a line picture begins and ends, in parts of the width of its file's picture."""


def framed(data: bytes, max_pixels: int = MAX_PIXELS) -> tuple[Pixels, Span]:
    """The line picture in ``data``, [64, W, 4] uint8 RGBA with alpha 255, and which part of the file's picture it is.

    Pixels that are not square are made so, and a loose crop is cut to its text.

    Raises:
        ImageError: ``empty``, ``not-an-image``, ``too-large`` (more than ``max_pixels``) or ``out-of-memory``.
    """
    try:
        image = square(_opaque(decode(data, max_pixels)), pixel_width(data))
        rows, columns = text_box(image)
        width = image.shape[1]
        return to_line(image[rows, columns]), (columns.start / width, columns.stop / width)
    except cv2.error as error:
        raise _reason(error, max_pixels) from None
    except MemoryError:
        raise ImageError("out-of-memory", _NO_MEMORY) from None


def decode(data: bytes, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """The picture in ``data``: [H, W], [H, W, 3] BGR or [H, W, 4] BGRA, uint8, upright; tall JPEGs come smaller.

    Raises:
        ImageError: ``empty``, ``not-an-image``, ``too-large`` (more than ``max_pixels``) or ``out-of-memory``.
    """
    if not data:
        raise ImageError("empty", "the file holds no bytes")
    if data.startswith(b"%PDF-"):
        raise ImageError("not-an-image", _PDF)
    if _png_claims_more(data):
        raise ImageError("not-an-image", "a part of the PNG claims more bytes than the file has: it was cut or damaged")
    h, w = _jpeg_size(data)
    if h * w > max_pixels:  # OpenCV looks at the size that it will be shrunk to
        raise ImageError("too-large", _too_large(str(max_pixels)))
    try:
        image, kinds, blocks = cv2.imdecodeWithMetadata(np.frombuffer(data, np.uint8), flags=_reduction(h, w))
    except cv2.error as error:
        raise _reason(error, max_pixels) from None
    if image is None or image.size == 0:
        raise ImageError("not-an-image", _NOT_DECODED)
    if image.shape[0] * image.shape[1] > max_pixels:  # a lower limit than the one OpenCV was imported with
        raise ImageError("too-large", _too_large(str(max_pixels)))
    image = _to_uint8(image)
    if image.ndim == 3 and image.shape[2] not in (1, 3, 4):
        image = image[:, :, 0]
    for kind, block in zip(kinds, blocks, strict=True):
        if kind == cv2.IMAGE_METADATA_EXIF:
            image = _upright(image, _orientation(np.asarray(block).tobytes()))
    return image


def square(image: NDArray[np.uint8], pixel: Fraction) -> NDArray[np.uint8]:
    """With square pixels, where ``pixel`` is the width of one by its height.

    The sparser side is stretched, so that nothing is lost; in a large picture the denser one shrinks, for memory.
    """
    if pixel == 1:
        return image
    h, w = image.shape[:2]
    large = h * w > _BAND
    along = (pixel < 1) == large
    size = (max(1, round(w * pixel)), h) if along else (w, max(1, round(h / pixel)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA if large else cv2.INTER_CUBIC), np.uint8)


def to_line(image: NDArray[np.uint8]) -> Pixels:
    """Scale to height 64 and make it RGBA; transparent pixels get a background that keeps the text visible."""
    h, w = image.shape[:2]
    width = min(max(1, round(w * HEIGHT / h)), MAX_WIDTH)
    image = _opaque(image)
    if (h, w) != (HEIGHT, width):
        # Area for shrinking, also where only one side shrinks: it averages, so thin strokes do not vanish.
        how = cv2.INTER_AREA if h > HEIGHT or w > width else cv2.INTER_CUBIC
        image = np.asarray(cv2.resize(image, (width, HEIGHT), interpolation=how), np.uint8)
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[:, :, 0]
    code = cv2.COLOR_GRAY2RGBA if image.ndim == 2 else cv2.COLOR_BGR2RGBA
    return np.asarray(cv2.cvtColor(image, code), np.uint8)


def first_of_several(data: bytes) -> bool:
    """Whether a file holds more pictures than the one that is read: pages of a TIFF, or frames of an animation."""
    try:
        if data[:2] in (b"II", b"MM") and data[2:4] in (b"*\0", b"\0*"):  # TIFF 6.0, section 2: a chain of directories
            order = "<" if data.startswith(b"II") else ">"
            (at,) = struct.unpack_from(f"{order}I", data, 4)
            (entries,) = struct.unpack_from(f"{order}H", data, at)
            return bool(struct.unpack_from(f"{order}I", data, at + 2 + 12 * entries)[0])
        if data.startswith(b"GIF8"):
            return len(cv2.imdecodeanimation(np.frombuffer(data, np.uint8), 1, 1)[1].frames) > 0
    except (struct.error, cv2.error):  # cut or damaged
        return False
    if data.startswith(b"\x89PNG"):
        return b"acTL" in data[: max(0, data.find(b"IDAT"))]
    if data.startswith(b"RIFF"):  # WebP's extended header has a flag for animations
        return data[12:16] == b"VP8X" and bool(data[20:21] and data[20] & 2)
    return data[4:8] == b"ftyp" and b"avis" in data[8:40]


_NOT_DECODED = "OpenCV cannot decode it: damaged, cut short, or of an unknown kind"
_PDF = "it is a PDF; make images of its pages (pdftoppm -r 300 -png) and cut these into lines"
_NO_MEMORY = "not enough memory to decode it; use fewer --workers, or a lower --max-pixels"


def _png_claims_more(data: bytes) -> bool:
    """Whether a chunk of a PNG is longer than what is left of the file: OpenCV takes memory for it, up to 2 GiB."""
    at = 8
    while data.startswith(b"\x89PNG\r\n\x1a\n") and at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if at + 8 + length > len(data):
            return True
        if kind == b"IEND":
            break
        at += 12 + length
    return False


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Height and width that a JPEG's frame header tells (ITU-T T.81, B.2.2); 0 and 0 where none is found."""
    at = 2
    while data.startswith(b"\xff\xd8") and at + 9 <= len(data) and data[at] == 0xFF:
        marker, length, height, width = struct.unpack_from(">xBHxHH", data, at)
        if marker == 0xFF:  # a filling byte
            at += 1
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xDA:  # these have no length, or the picture begins
            break
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return height, width
        at += 2 + length
    return 0, 0


def _reduction(height: int, width: int) -> int:
    """OpenCV's flags for a JPEG of this size: a tall one is shrunk while it is decoded, at a tenth of the cost.

    Twice the height of a line is left, so that the last step still averages; either side may be the line's height.
    """
    for factor, flag in _REDUCED:
        if min(height, width) >= factor * 2 * HEIGHT:
            return flag | cv2.IMREAD_ANYCOLOR | cv2.IMREAD_IGNORE_ORIENTATION
    return cv2.IMREAD_UNCHANGED


_REDUCED = (
    (8, cv2.IMREAD_REDUCED_GRAYSCALE_8), (4, cv2.IMREAD_REDUCED_GRAYSCALE_4), (2, cv2.IMREAD_REDUCED_GRAYSCALE_2),
)  # fmt: skip


def _too_large(limit: str) -> str:
    return f"more than {limit} pixels; raise --max-pixels"


def _reason(error: cv2.error, max_pixels: int) -> ImageError:
    """What OpenCV's message says, in a row's words."""
    # The assertions of OpenCV's validateInputImageSize, before anything is allocated.
    if "CV_IO_MAX_IMAGE_PIXELS" in str(error):
        limit = os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"]
        own = limit == str(max_pixels)
        remedy = _too_large(limit) if own else f"more than OPENCV_IO_MAX_IMAGE_PIXELS={limit}, set before the import"
        return ImageError("too-large", remedy)
    if "CV_IO_MAX_IMAGE" in str(error):
        return ImageError("too-large", "wider or higher than OpenCV can read; cut it")
    if error.code == cv2.Error.StsNoMem:
        return ImageError("out-of-memory", _NO_MEMORY)
    return ImageError("not-an-image", _NOT_DECODED)


def _bands(image: NDArray[np.generic]) -> Iterator[slice]:
    """Rows of about ``_BAND`` pixels together, from top to bottom."""
    rows = max(1, _BAND // image.shape[1])
    return (slice(top, top + rows) for top in range(0, image.shape[0], rows))


def _to_uint8(image: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Any depth to 8 bit: integers by their range, floats by [0, 1] or else by their own."""
    if image.dtype == np.uint8:
        return image.astype(np.uint8, copy=False)
    out = np.empty(image.shape, np.uint8)
    if image.dtype == np.uint16:
        for band in _bands(image):
            out[band] = image[band].astype(np.uint32) // 257
        return out
    extremes = [(float(v.min()), float(v.max())) for v in (_finite(image[band]) for band in _bands(image))]
    low, high = min(least for least, _ in extremes), max(most for _, most in extremes)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    for band in _bands(image):
        out[band] = (_finite(image[band]) - low) * (255 / max(high - low, 1e-12))
    return out


def _finite(values: NDArray[np.generic]) -> NDArray[np.float64]:
    return np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)


def _opaque(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return _composite(image) if image.ndim == 3 and image.shape[2] == 4 else image


def _composite(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """BGRA over white or black, whichever its visible part stands out from; to BGR."""
    alpha = image[:, :, 3]
    if alpha.min() == 255:
        return np.ascontiguousarray(image[:, :, :3])
    covered = light = 0.0
    for band in _bands(image):
        weight = alpha[band].astype(np.float32) / 255
        covered += float(weight.sum())
        light += float((image[band, :, :3].mean(axis=2) * weight).sum())
    # Mostly opaque: the picture has its own paper, go on with it. Mostly transparent: what is drawn is ink.
    dark = light / max(covered, 1.0) < 128
    paper = 255.0 if dark != (covered / alpha.size > 0.5) else 0.0
    out = np.empty((*alpha.shape, 3), np.uint8)
    for band in _bands(image):
        weight = alpha[band, :, None].astype(np.float32) / 255
        out[band] = image[band, :, :3] * weight + paper * (1 - weight) + 0.5
    return out


def _upright(image: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    if orientation in (5, 6, 7, 8):
        image = np.swapaxes(image, 0, 1)
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    return np.ascontiguousarray(image)


def _orientation(exif: bytes) -> int:
    """The orientation tag of an EXIF block, 1 where it has none or is damaged."""
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, at)
        for entry in range(min(count, 512)):
            tag, _, _, value = struct.unpack_from(order + "HHIH", exif, at + 2 + 12 * entry)
            if tag == 0x0112:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1
