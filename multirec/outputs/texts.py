"""A text file for each image: beside it, or below a folder.

Files are named by their images alone, so that a later run finds them again, and no two images have one file.  What
multirec has written carries a mark, an extended attribute with the text's hash: a file without it, or one that was
corrected since, is somebody's own and stays.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from multirec import stores
from multirec.errors import OutputError
from multirec.outputs.files import below, is_special, share_as, take_place
from multirec.results import Result
from multirec.sources import EXTENSIONS, Page

MARK = "user.multirec.sha256"
"""The attribute that holds the SHA-256 of what multirec wrote, in hexadecimal digits."""


class TextFiles:
    """``NAME.txt`` beside each image or document, or below ``folder`` at its own path; an error writes no file.

    Of images whose names differ in their ends only, ``a.png`` and ``a.JPG``, the files are ``a.png.txt`` and
    ``a.JPG.txt``; so with names that do not end as images' do, ``scan.001``, with ``a.gt.png``, lest a label go, and
    with what is in an archive, where texts go below ``folder`` alone.  Names that are too long are cut, and end in
    ``~`` and eight digits of their hash.

    Of a document, ``page.xml``, one file holds the texts of all lines that were read, in their order, an empty line
    where one could not be; it is written once the document's last line has come, or at the end.

    Args:
        folder: where to, or None for beside the images.
        force: replace files that multirec did not write, too.

    Raises:
        OutputError: a file cannot be written.
    """

    def __init__(self, folder: Path | None, force: bool = False) -> None:
        self._folder, self._force = folder, force
        self._pages: dict[str, list[Result]] = {}

    def write(self, result: Result) -> str:
        """Write the text and a line end, whole or not at all; say so where there was an error, or a file in the way."""
        if result.page:
            lines = self._pages.setdefault(result.page.path, [])
            lines.append(result)
            told = f"{result.image}: {result.error}" if result.error else ""
            return "\n".join(filter(None, [told, self._page(result.page)]))
        if result.error:
            return f"{result.image}: {result.error}"
        image = Path(result.image)
        if stores.is_remote(result.image):
            self._refuse_store(result.image)
            return self._put(image, result.text)
        if _images(image.parent) is None and self._folder is None:
            raise OutputError(f"{image}: in an archive, where no text can be written: use --output-dir")
        return self._put(image.with_name(_name(image)), result.text)

    def _refuse_store(self, path: str) -> None:
        if self._folder is None:
            raise OutputError(f"{path}: in a store, where no text is written: use --output-dir")

    def finish(self) -> None:
        """Write what there is of documents of which not all lines were asked for."""
        for path, lines in list(self._pages.items()):
            self._page(Page(path, len(lines)))

    def _page(self, page: Page) -> str:
        """Write the text of a page, if all its lines have come."""
        lines = self._pages[page.path]
        if len(lines) < page.lines:
            return ""
        del self._pages[page.path]
        if all(line.error for line in lines):
            return ""
        if stores.is_remote(page.path):
            self._refuse_store(page.path)
        path = Path(page.path)
        name = path.stem if path.suffix == ".xml" and not path.stem.endswith(".gt") else path.name
        return self._put(path.with_name(name), "\n".join(line.text for line in lines))

    def _put(self, path: Path, text: str) -> str:
        """Write ``path.txt``; its name is cut where it is too long."""
        folder = path.parent if self._folder is None else below(self._folder, path.parent)
        data = (text + "\n").encode()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / _cut(path.name, ".txt", _longest(folder))
            if not self._force and not _is_ours(path, data):
                return f"{path}: not written, since multirec did not write the one there: --force replaces it"
            # Hidden, and of a length that every file system has room for.
            partial = folder / f".multirec-{_hash(path.name)[:16]}.part"
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


def _name(image: Path) -> str:
    """The name of an image's text file, without its end."""
    beside = _images(image.parent)
    alone = beside is not None and beside[image.stem] < 2 and image.suffix.lower() in EXTENSIONS
    # ``a.gt.txt`` is a label's name, and ``a.png.txt`` may be that of ``a.png``.
    taken = image.stem.endswith(".gt") or Path(image.stem).suffix.lower() in EXTENSIONS
    return image.stem if alone and not taken else image.name


def _cut(name: str, end: str, room: int) -> str:
    """``name`` and ``end`` in at most ``room`` bytes; what is cut has eight digits of its hash."""
    raw = os.fsencode(name)
    if len(raw) + len(end) <= room:
        return name + end
    mark = f"~{_hash(name)[:8]}{end}"
    return raw[: room - len(mark)].decode("utf-8", "ignore") + mark


def _hash(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()


@lru_cache(maxsize=64)
def _images(folder: Path) -> Counter[str] | None:
    """How many files of a folder have each name, ends of images aside; None where it is in an archive."""
    try:
        with os.scandir(folder) as found:
            names = (os.path.splitext(entry.name) for entry in found if not entry.is_dir())
            return Counter(stem if end.lower() in EXTENSIONS else stem + end for stem, end in names)
    except NotADirectoryError:
        return None
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
