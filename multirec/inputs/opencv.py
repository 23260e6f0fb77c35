"""OpenCV: imported once, with its settings, and only if it can do what is asked of it here.

Four packages bring one ``cv2`` (with and without windows, with and without extra modules); where two are installed, or
one was removed from under another, what is there may be old, half, or nothing.  All of multirec takes ``cv2`` from
here, so that this is said once, before any image: to import this module raises SetupError then.
"""

from __future__ import annotations

import os
from typing import Any

from multirec.errors import SetupError
from multirec.options import MAX_PIXELS

__all__ = ["NEEDED", "cv2", "origin"]

NEEDED = ("imdecode", "imdecodeWithMetadata", "imdecodeanimation", "IMAGE_METADATA_EXIF", "resize", "setNumThreads")
"""What the oldest OpenCV that serves has; the names in the middle came last."""

_ALONE = (
    "install one alone: pip uninstall opencv-python opencv-python-headless opencv-contrib-python "
    "opencv-contrib-python-headless, then pip install 'opencv-python-headless>=4.12'"
)


def origin(module: Any) -> str:
    """Version and place of an imported ``cv2``."""
    place = getattr(module, "__file__", None) or next(iter(module.__path__))
    return f"{getattr(module, '__version__', 'without a version')} in {place}"


# Both are read when OpenCV is imported: no native messages, and no allocation for a picture that only claims to be
# huge (a decompression bomb).
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MAX_PIXELS))

try:
    import cv2
except Exception as error:  # a library is missing, or NumPy is one that it was not built for
    windows = "libGL" in str(error)
    remedy = (
        "install your system's libGL (Debian: libgl1), or pip install opencv-python-headless" if windows else _ALONE
    )
    raise SetupError(f"OpenCV cannot be loaded ({type(error).__name__}: {error}): {remedy}") from error

_missing = [name for name in NEEDED if not hasattr(cv2, name)]
if _missing:
    raise SetupError(f"OpenCV 4.12 or newer is needed, and cv2 {origin(cv2)} has no {_missing[0]}: {_ALONE}")
