"""A text file for each image: beside it, or below a folder.

Files are named by their images alone, so that a later run finds them again, and no two images have one file.  What
multirec has written carries a mark, an extended attribute with the text's hash: a file without it, or one that was
corrected since, is somebody's own and stays.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from multirec.errors import OutputError
from multirec.outputs.files import is_special, share_as, take_place
from multirec.results import Result
from multirec.sources import EXTENSIONS

MARK = "user.multirec.sha256"
"""The attribute that holds the SHA-256 of what multirec wrote, in hexadecimal digits."""


class TextFiles:
    """``NAME.txt`` beside each image, or below ``folder`` at the image's own path; an error writes no file.

    Of images whose names differ in their ends only, ``a.png`` and ``a.JPG``, the files are ``a.png.txt`` and
    ``a.JPG.txt``; so with names that do not end as images' do, ``scan.001``, and with ``a.gt.png``, lest a label go.
    Names that are too long are cut, and end in ``~`` and eight digits of their hash.  Below ``folder``, ``..`` is
    ``__`` and the root ``_``; names made of underscores alone have two more.

    Args:
        folder: where to, or None for beside the images.
        force: replace files that multirec did not write, too.

    Raises:
        OutputError: a file cannot be written.
    """

    def __init__(self, folder: Path | None, force: bool = False) -> None:
        self._folder, self._force = folder, force

    def write(self, result: Result) -> str:
        """Write the text and a line end, whole or not at all; say so where there was an error, or a file in the way."""
        if result.error:
            return f"{result.image}: {result.error}"
        image = Path(result.image)
        folder = image.parent if self._folder is None else self._folder.joinpath(*map(_below, image.parent.parts))
        path = folder / result.image  # for the message, until its name is known
        data = (result.text + "\n").encode()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / _name(image, _longest(folder))
            if not self._force and not _is_ours(path, data):
                return f"{path}: not written, since multirec did not write the one there: --force replaces it"
            # Hidden, and of a length that every file system has room for.
            partial = folder / f".multirec-{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}.part"
            with partial.open("wb") as file:
                if path.exists():
                    share_as(path, file.fileno())
                file.write(data)
                with suppress(OSError):  # a file system without attributes
                    os.setxattr(file.fileno(), MARK, _digest(data))
            take_place(partial, path)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
        return ""


def _below(part: str) -> str:
    """A part of an image's path for a path that stays below a folder; different ones stay different."""
    if part == "..":
        return "__"
    if part.startswith("/"):
        return "_"
    return part + "__" if re.fullmatch("_+", part) else part


def _name(image: Path, room: int) -> str:
    """The name of an image's text file, in at most ``room`` bytes."""
    alone = image.suffix.lower() in EXTENSIONS and _images(image.parent)[image.stem] < 2
    # ``a.gt.txt`` is a label's name, and ``a.png.txt`` may be that of ``a.png``.
    taken = image.stem.endswith(".gt") or Path(image.stem).suffix.lower() in EXTENSIONS
    name = os.fsencode(image.stem if alone and not taken else image.name)
    if len(name) + 4 > room:
        digits = hashlib.sha256(name).hexdigest()[:8]
        return name[: room - 13].decode("utf-8", "ignore") + f"~{digits}.txt"
    return os.fsdecode(name) + ".txt"


@lru_cache(maxsize=64)
def _images(folder: Path) -> Counter[str]:
    """How many files of a folder have each name, ends of images aside."""
    try:
        with os.scandir(folder) as found:
            names = (os.path.splitext(entry.name) for entry in found if not entry.is_dir())
            return Counter(stem if end.lower() in EXTENSIONS else stem + end for stem, end in names)
    except OSError:  # it may be searched but not listed
        return Counter()


@lru_cache(maxsize=64)
def _longest(folder: Path) -> int:
    """Bytes of the longest name that a folder takes."""
    try:
        return os.pathconf(folder, "PC_NAME_MAX")
    except OSError:
        return 255


def _is_ours(path: Path, data: bytes) -> bool:
    """Whether nothing is lost where ``data`` takes the place of ``path``."""
    if not path.exists():
        return True
    if is_special(path):
        return False
    found = path.read_bytes()
    try:
        return found == data or os.getxattr(path, MARK) == _digest(found)
    except OSError:  # no mark, or a file system without attributes
        return False


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()
