"""From the bytes of an image file to a line picture: RGBA, height 64, aspect ratio kept.

Every format that OpenCV reads, and kinds that it does not (``tiff``, ``netpbm``, ``bmp``), of any depth (``depth``),
grey, palette, colour or alpha, turned upright by its EXIF orientation (EXIF 2.3, tag 0x0112), or an AVIF by its own
properties (``avif``).  Where a file holds several pictures, the first one counts.
"""

from __future__ import annotations

import os
import struct
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from multirec.inputs import avif, bmp, depth, headers, kinds, netpbm, tiff
from multirec.inputs.margins import text_box
from multirec.inputs.opencv import cv2
from multirec.inputs.resolution import pixel_width
from multirec.inputs.widths import HEIGHT
from multirec.options import MAX_PIXELS

Pixels = NDArray[np.uint8]

MAX_WIDTH = 32_768
"""Widest line picture; what is wider after scaling to height 64 is squeezed to this."""


class ImageError(Exception):
    """An image that cannot be read: ``kind`` is one of ``errors.KINDS``, ``message`` says more."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind, self.message = kind, message


def line_picture(data: bytes, max_pixels: int = MAX_PIXELS) -> Pixels:
    """Decode ``data`` and scale it to a line picture, [64, W, 4] uint8 RGBA with alpha 255, see ``framed``."""
    return framed(data, max_pixels)[0]


class Span(NamedTuple):
    """Where a line picture begins and ends, in parts of the width of its file's picture.

    Attributes:
        left: its left edge.
        right: its right edge.
        bend: of a word along a circle, made straight, half the angle that it takes, radians, while left and right are
            where the line through the middle of its letters began and ended; else 0.
    """

    left: float
    right: float
    bend: float = 0.0


WHOLE = Span(0.0, 1.0)
"""The whole of it."""


def framed(data: bytes, max_pixels: int = MAX_PIXELS) -> tuple[Pixels, Span]:
    """The line picture in ``data``, [64, W, 4] uint8 RGBA with alpha 255, and which part of the file's picture it is.

    Pixels that are not square are made so, and a loose crop is cut to its text.

    Raises:
        ImageError: ``empty``, ``not-an-image``, ``too-large`` (more than ``max_pixels``) or ``out-of-memory``.
    """
    try:
        return fitted(square(_opaque(decode(data, max_pixels)), pixel_width(data)))
    except cv2.error as error:
        raise _reason(error, max_pixels) from None
    except MemoryError:
        raise ImageError("out-of-memory", _NO_MEMORY) from None


def fitted(image: NDArray[np.uint8]) -> tuple[Pixels, Span]:
    """What ``framed`` makes of a picture [H, W], [H, W, 3] BGR or [H, W, 4] BGRA."""
    image = _opaque(image)
    rows, columns = text_box(image)
    width = image.shape[1]
    return to_line(image[rows, columns]), Span(columns.start / width, columns.stop / width)


def page_picture(data: bytes, max_pixels: int = MAX_PIXELS) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """The picture of a whole page, [H, W] or [H, W, 3] BGR, with square pixels; and the width and height it had before.

    Raises:
        ImageError: as ``decode``.
    """
    try:
        image = _opaque(decode(data, max_pixels, shrink=False))
        return square(image, pixel_width(data)), (image.shape[1], image.shape[0])
    except cv2.error as error:
        raise _reason(error, max_pixels) from None
    except MemoryError:
        raise ImageError("out-of-memory", _NO_MEMORY) from None


def decode(data: bytes, max_pixels: int = MAX_PIXELS, shrink: bool = True) -> NDArray[np.uint8]:
    """The picture in ``data``: [H, W], [H, W, 3] BGR or [H, W, 4] BGRA, uint8, upright; tall JPEGs come smaller.

    Args:
        data: an image file.
        max_pixels: of the largest one that is decoded.
        shrink: whether a JPEG may come as small as a line of its height needs; of a page every pixel counts.

    Raises:
        ImageError: ``empty``, ``not-an-image``, ``too-large`` (more than ``max_pixels``) or ``out-of-memory``.
    """
    if not data:
        raise ImageError("empty", "the file holds no bytes")
    if data.startswith(b"%PDF-"):
        raise ImageError("not-an-image", _PDF)
    if _png_claims_more(data):
        raise ImageError("not-an-image", "a part of the PNG claims more bytes than the file has: it was cut or damaged")
    h, w = _claimed(data)
    if h * w > max_pixels:  # OpenCV looks at the size that a JPEG will be shrunk to
        raise ImageError("too-large", _too_large(str(max_pixels)))
    try:
        image = _decoded(data, shrink)
    except cv2.error as error:
        raise _reason(error, max_pixels, data) from None
    if image is None or image.size == 0:
        raise ImageError("not-an-image", _not_decoded(data))
    if image.shape[0] * image.shape[1] > max_pixels:  # a lower limit than the one OpenCV was imported with
        raise ImageError("too-large", _too_large(str(max_pixels)))
    return image


def _decoded(data: bytes, shrink: bool) -> NDArray[np.uint8] | None:
    """What ``decode`` gives, or nothing; here are the kinds told apart that OpenCV does not read as they are meant."""
    if inner := tiff.old_jpeg(data):
        image = _decoded(inner, shrink)
        return None if image is None else _turned(image, headers.orientation(data))
    if found := netpbm.header(data):
        samples = netpbm.samples(data, found)
        return None if samples is None else depth.to_uint8(samples, found.most)
    if (image := tiff.read(data)) is not None:
        return _turned(image, headers.orientation(data))
    if tiff.is_black_to_opencv(data):
        return None
    if (image := bmp.read(data)) is not None:
        return image
    frame = headers.frame(data)
    reduction = _reduction(frame.height, frame.width) if frame and shrink else cv2.IMREAD_UNCHANGED
    image, held, blocks = cv2.imdecodeWithMetadata(np.frombuffer(data, np.uint8), flags=reduction)
    if image is None or image.size == 0:
        return None
    if frame and frame.components == 4 and not _of_adobe(data):
        inks = tiff.cmyk(data, frame)
        image = image if inks is None else inks
    lossy = data.startswith((headers.JPEG, b"RIFF")) or avif.is_heif(data)
    image = depth.to_uint8(image, depth.stated(data), lossy)
    if image.ndim == 3 and image.shape[2] not in (1, 3, 4):
        image = image[:, :, 0]
    if avif.is_heif(data):
        return avif.upright(image, data)
    for kind, block in zip(held, blocks, strict=True):
        if kind == cv2.IMAGE_METADATA_EXIF:
            image = _turned(image, headers.orientation(np.asarray(block).tobytes().removeprefix(b"Exif\0\0")))
    return image


def square(image: NDArray[np.uint8], pixel: Fraction) -> NDArray[np.uint8]:
    """With square pixels, where ``pixel`` is the width of one by its height.

    The sparser side is stretched, so that nothing is lost; in a large picture the denser one shrinks, for memory.
    """
    if pixel == 1:
        return image
    h, w = image.shape[:2]
    large = h * w > depth.BAND
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
        if data[:4] in headers.TIFF:  # TIFF 6.0, section 2: a chain of directories
            order = headers.order(data)
            (at,) = struct.unpack_from(f"{order}I", data, 4)
            (entries,) = struct.unpack_from(f"{order}H", data, at)
            return bool(struct.unpack_from(f"{order}I", data, at + 2 + 12 * entries)[0])
        if data.startswith(b"GIF8"):
            return len(cv2.imdecodeanimation(np.frombuffer(data, np.uint8), 1, 1)[1].frames) > 0
    except (struct.error, cv2.error):  # cut or damaged
        return False
    if data.startswith(headers.PNG):
        return b"acTL" in data[: max(0, data.find(b"IDAT"))]
    if data.startswith(b"RIFF"):  # WebP's extended header has a flag for animations
        return data[12:16] == b"VP8X" and bool(data[20:21] and data[20] & 2)
    return avif.is_heif(data) and b"avis" in data[8:40]


_PDF = "it is a PDF; make images of its pages (pdftoppm -r 300 -png) and cut these into lines"
_NO_MEMORY = "not enough memory to decode it; use fewer --workers, or a lower --max-pixels"


def _png_claims_more(data: bytes) -> bool:
    """Whether a chunk of a PNG is longer than what is left of the file: OpenCV takes memory for it, up to 2 GiB."""
    return any(at + length > len(data) for _, at, length in headers.chunks(data))


def _claimed(data: bytes) -> tuple[int, int]:
    """Height and width that a header tells of a picture whose size OpenCV does not check; else 0 and 0."""
    found = headers.frame(data) or netpbm.header(data) or bmp.size(data)
    return (found.height, found.width) if found else (0, 0)


def _of_adobe(jpeg: bytes) -> bool:
    """Whether a JPEG has Adobe's mark, APP14 (Technical Note 5116): its four inks are stored upside down."""
    return any(marker == 0xEE and jpeg[at : at + 5] == b"Adobe" for marker, at in headers.segments(jpeg))


def _not_decoded(data: bytes) -> str:
    kind = kinds.name(data)
    return (
        f"{kind}, which is not read; convert it"
        if kind
        else "OpenCV cannot decode it: damaged, cut short, or of an unknown kind"
    )


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


def _reason(error: cv2.error, max_pixels: int, data: bytes = b"") -> ImageError:
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
    return ImageError("not-an-image", _not_decoded(data))


def _opaque(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return _composite(image) if image.ndim == 3 and image.shape[2] == 4 else image


def _composite(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """BGRA over white or black, whichever its visible part stands out from; to BGR."""
    alpha = image[:, :, 3]
    if alpha.min() == 255:
        return np.ascontiguousarray(image[:, :, :3])
    covered = light = 0.0
    for band in depth.bands(image):
        weight = alpha[band].astype(np.float32) / 255
        covered += float(weight.sum())
        light += float((image[band, :, :3].mean(axis=2) * weight).sum())
    # Mostly opaque: the picture has its own paper, go on with it. Mostly transparent: what is drawn is ink.
    dark = light / max(covered, 1.0) < 128
    paper = 255.0 if dark != (covered / alpha.size > 0.5) else 0.0
    out = np.empty((*alpha.shape, 3), np.uint8)
    for band in depth.bands(image):
        weight = alpha[band, :, None].astype(np.float32) / 255
        out[band] = image[band, :, :3] * weight + paper * (1 - weight) + 0.5
    return out


def _turned(image: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    if orientation in (5, 6, 7, 8):
        image = np.swapaxes(image, 0, 1)
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    return np.ascontiguousarray(image)
