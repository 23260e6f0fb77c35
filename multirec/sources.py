"""What is to be read: a path, and which paths are taken for images."""

from __future__ import annotations

from dataclasses import dataclass

EXTENSIONS = frozenset(
    ".png .jpg .jpeg .jpe .jfif .tif .tiff .bmp .dib .webp .gif .avif .jp2 .pbm .pgm .ppm .pnm .pam .sr .ras".split()
)
"""File names that are taken for images in a folder, in lower case."""


@dataclass(frozen=True)
class Source:
    """One image to read, or what stood in the way of finding it.

    ``path`` is as one would type it from where the command was started; bytes that are not UTF-8 are kept as
    surrogate escapes (PEP 383).
    """

    path: str
    error: str = ""
    row: bytes = b""
    """The output's row for it, where an earlier run left one."""
