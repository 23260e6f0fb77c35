"""The picture of a page that a document describes: where it is, and its lines, cut from it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from multirec import stores
from multirec.documents.document import Document, Line
from multirec.inputs.cutting import cut
from multirec.inputs.files import contents
from multirec.inputs.images import ImageError, page_picture
from multirec.inputs.opencv import cv2
from multirec.sources import EXTENSIONS, Content, Limits

Decoded = tuple[NDArray[np.uint8], tuple[float, float]]
"""A page, [H, W] or [H, W, 3] BGR, and its pixels for one unit of the document along x and y."""


class Scan:
    """The picture of a page, decoded once, when the first of its lines is asked for.

    Args:
        document: what is known of the page.
        place: its picture, or None where there is none.
    """

    def __init__(self, document: Document, place: str | None) -> None:
        self._document, self._place = document, place
        self._lock = threading.Lock()
        self._decoded: Decoded | ImageError | None = None

    def __reduce__(self) -> tuple[type[Scan], tuple[Document, str | None]]:
        """Another process decodes the page by itself."""
        return Scan, (self._document, self._place)

    def line(self, line: Line, limits: Limits) -> Content:
        """The picture of a line, [H, W] grey or [H, W, 3] RGB.

        Raises:
            ImageError: what is wrong with the page, the same for all its lines, or with the line, see ``cut``.
        """
        with self._lock:
            if self._decoded is None:
                try:
                    self._decoded = self._decode(limits)
                except ImageError as error:
                    # Without its traceback, which holds what was being decoded.
                    self._decoded = ImageError(error.kind, error.message)
        if isinstance(self._decoded, ImageError):
            raise ImageError(self._decoded.kind, self._decoded.message)
        image = cut(self._decoded[0], line, self._decoded[1], limits.pixels)
        return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)

    def _decode(self, limits: Limits) -> Decoded:
        if self._place is None:
            named = f", {self._document.image!r}," if self._document.image else ""
            raise ImageError("missing", f"the page's picture{named} is not found; say where it is: --images DIR")
        try:
            page, held = page_picture(contents(self._place, limits.bytes), limits.pixels)
        except ImageError as error:
            raise ImageError(error.kind, f"the page's picture {self._place!r}: {error.message}") from None
        except OSError as error:
            raise ImageError("unreadable", f"the page's picture {self._place!r}: {error.strerror or error}") from None
        return page, _scale(self._document, held, (page.shape[1], page.shape[0]))


def _scale(document: Document, held: tuple[int, int], seen: tuple[int, int]) -> tuple[float, float]:
    """For a page that has ``held`` pixels along x and y in its file, and ``seen`` once they are square."""
    if document.width > 0 and document.height > 0:
        return seen[0] / document.width, seen[1] / document.height
    if not document.pixels:
        raise ImageError("document", "its unit is no pixel, and it does not tell the page's size")
    return seen[0] / held[0], seen[1] / held[1]


def picture(path: str, named: str, images: str | None = None) -> str | None:
    """The picture of the page that the document ``path`` calls ``named``, or None.

    It is looked for beside the document, in the folder ``images``, and in the folder above (as OCR-D and Transkribus
    have it), by its name, which may lead into a folder below, and by its last part; then by the document's own name
    with the end of an image's.  Whatever a document says, nothing else is opened: no absolute path, no address, nothing
    further above.

    Raises:
        OSError: a store does not say what is there.
    """
    folder = os.path.dirname(path)
    folders = [folder, *([images] if images else []), os.path.join(folder, os.pardir)]
    names = _names(named)
    for place in (os.path.join(where, name) for where in folders for name in names):
        if stores.isfile(place):
            return place
    stem = os.path.splitext(os.path.basename(path))[0]
    return next((place for where in folders for place in _alike(where, stem)), None)


def _names(named: str) -> list[str]:
    """The path in a document, made one that stays below a folder, and its last part."""
    named = unquote(urlsplit(named).path) if "://" in named else named.replace("\\", "/")
    parts = [part for part in named.split("/") if part not in ("", ".")]
    if not parts or parts[-1] == "..":
        return []
    outside = ".." in parts or named.startswith("/") or parts[0].endswith(":")
    return [parts[-1]] if outside or len(parts) == 1 else ["/".join(parts), parts[-1]]


def _alike(folder: str, stem: str) -> Iterator[str]:
    for end in sorted(EXTENSIONS):
        for place in (os.path.join(folder, stem + end), os.path.join(folder, stem + end.upper())):
            if stores.isfile(place):
                yield place
