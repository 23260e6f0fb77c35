"""What is to be read: a name, where its picture comes from, and which paths are taken for images."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from multirec.options import MAX_BYTES, MAX_PIXELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXTENSIONS = frozenset(
    ".png .jpg .jpeg .jpe .jfif .tif .tiff .bmp .dib .webp .gif .avif .jp2 .pbm .pgm .ppm .pnm .pam .sr .ras".split()
)
"""File names that are taken for images in a folder, in lower case."""

_LINE = re.compile(r"(.+?\.xml)#(.+)", re.IGNORECASE | re.DOTALL)


def is_document(name: str) -> bool:
    """Whether a file is named as PAGE and ALTO documents are: ``.xml``, in either case."""
    return name[-4:].lower() == ".xml"


def line_of_page(name: str) -> tuple[str, str] | None:
    """The document and the id in the name of a page's line, ``page.xml#ID``; None for other names, and for a file's."""
    found = _LINE.fullmatch(name)
    return (found[1], found[2]) if found and not os.path.exists(name) else None


@dataclass(frozen=True)
class Limits:
    """What is too large: pixels of a picture, bytes of a file."""

    pixels: int = MAX_PIXELS
    bytes: int = MAX_BYTES


DEFAULT = Limits()

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
