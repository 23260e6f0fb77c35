"""What is to be read: a name, where its picture comes from, and which paths are taken for images."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from multirec.options import MAX_BYTES, MAX_PIXELS, PATIENCE, Options

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXTENSIONS = frozenset(
    ".png .jpg .jpeg .jpe .jfif .tif .tiff .bmp .dib .webp .gif .avif .jp2 .pbm .pgm .ppm .pnm .pam .sr .ras".split()
)
"""File names that are taken for images in a folder, in lower case."""


@dataclass(frozen=True)
class Limits:
    """What is too large: pixels of a picture, bytes of a file."""

    pixels: int = MAX_PIXELS
    bytes: int = MAX_BYTES


DEFAULT = Limits()


@dataclass(frozen=True)
class Opening:
    """How files that hold several pictures are opened.

    Attributes:
        limits: what in them is too large.
        all_pages: whether all pages of a TIFF are read, not the first alone.
        image_column: the column of a Parquet file that holds the pictures; None to find it.
        images: a folder in which the pictures of PAGE and ALTO documents are looked for that are not beside them.
        patience: seconds after which a folder that is not listed, as on a network drive that is gone, is given up.
        exclude: patterns of what is left out in archives, as in folders, see ``multirec.inputs.folders.wanted``.
    """

    limits: Limits = DEFAULT
    all_pages: bool = False
    image_column: str | None = None
    images: str | None = None
    patience: float = PATIENCE
    exclude: tuple[str, ...] = ()

    @classmethod
    def of(cls, options: Options) -> Opening:
        """As ``options`` say."""
        images = None if options.images is None else os.fspath(options.images)
        limits = Limits(options.max_pixels, options.max_bytes)
        return cls(limits, options.all_pages, options.image_column, images, options.patience)


Content: TypeAlias = "bytes | NDArray[Any]"
"""A picture in memory: the bytes of an image file, or an array as ``multirec.inputs.arrays`` describes it."""


@dataclass(frozen=True)
class Page:
    """The document that a line is of: its file, and how many lines it has, each of which comes as a source."""

    path: str
    lines: int


@dataclass(frozen=True)
class Source:
    """One image to read, or what stood in the way of finding it.

    Attributes:
        path: the file, as one would type it from where the command was started, or the name of what is in
            ``content``; bytes that are not UTF-8 are kept as surrogate escapes (PEP 383).
        error: ``kind: message``, where there is nothing to read.
        row: the output's row for it, where an earlier run left one.
        content: the picture, where it is no file of its own; or what gives it, called by the thread that reads.
        page: the document whose line it is.
    """

    path: str
    error: str = ""
    row: bytes = b""
    content: Content | Callable[[Limits], Content] | None = None
    page: Page | None = None
