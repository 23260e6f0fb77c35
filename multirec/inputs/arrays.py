"""Pictures that are arrays in memory, as other programs hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from multirec.inputs import depth
from multirec.inputs.images import ImageError, Pixels, Span, fitted
from multirec.inputs.opencv import cv2

_KINDS = "uint8, uint16 (0 to 65,535), bool (True is white), or floats from 0 to 1"


def line_of(array: NDArray[Any], max_pixels: int) -> tuple[Pixels, Span]:
    """The line picture [64, W, 4] in ``array``, and which part of it that is, as ``images.framed`` tells of a file.

    Args:
        array: [H, W] or [H, W, 1] grey, [H, W, 3] RGB or [H, W, 4] RGBA; of uint8, of uint16 from 0 to 65,535, of
            bool where True is white, or of floats from 0 to 1.  Upright, its pixels square.
        max_pixels: of the largest one that is taken.

    Raises:
        ImageError: ``not-an-image`` or ``empty`` (another shape, kind or range) or ``too-large``.
    """
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise ImageError("not-an-image", f"an array of shape {array.shape}, not [H, W], [H, W, 3] or [H, W, 4]")
    if array.size == 0:
        raise ImageError("empty", f"an array of shape {array.shape}")
    if array.shape[0] * array.shape[1] > max_pixels:
        raise ImageError("too-large", f"more than {max_pixels} pixels; raise max_pixels")
    try:
        return fitted(bgr_of(array))
    except cv2.error as error:
        kind = "out-of-memory" if error.code == cv2.Error.StsNoMem else "not-an-image"
        raise ImageError(kind, f"OpenCV cannot scale an array of shape {array.shape}") from None


def bgr_of(array: NDArray[Any]) -> NDArray[np.uint8]:
    """``array`` as OpenCV has pictures: [H, W], [H, W, 3] BGR or [H, W, 4] BGRA."""
    image = _of_bytes(array)
    if image.ndim == 3 and image.shape[2] > 1:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2BGR if image.shape[2] == 3 else cv2.COLOR_RGBA2BGRA)
    return np.ascontiguousarray(image if image.ndim == 2 or image.shape[2] > 1 else image[:, :, 0])


def _of_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    """``array`` in 8 bits."""
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.uint16:
        return depth.to_uint8(array, paper=False)
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind == "f":
        low, high = float(np.min(array)), float(np.max(array))
        if 0 <= low <= high <= 1:  # false of NaN too
            return np.rint(array.astype(np.float32) * 255).astype(np.uint8)
        raise ImageError("not-an-image", f"an array of {array.dtype} from {low:g} to {high:g}; take {_KINDS}")
    raise ImageError("not-an-image", f"an array of {array.dtype}; take {_KINDS}")
