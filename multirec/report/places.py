"""Where the images of a CSV lie, and the folder that a ``gt.tsv`` for them belongs in."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from multirec.sources import line_of_page

# Control characters, line separators, and those that turn the direction of what follows.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Place:
    """An image.

    Attributes:
        path: absolute; of a line of a page it ends with ``.xml#ID``.
        found: whether a file is there; of a line, its document.
        name: how ``gt.tsv`` names it; empty if it cannot stand there.
        left_out: why it cannot, or empty.
    """

    path: str
    found: bool
    name: str
    left_out: str


@dataclass(frozen=True)
class Places:
    """All images.

    Attributes:
        folder: the folder for ``gt.tsv``; empty if the images share none but ``/``, and names are absolute.
        images: in the order they were asked for.
    """

    folder: str
    images: list[Place]


def find(images: Sequence[str], bases: Sequence[str]) -> Places:
    """Look for ``images`` below the first of ``bases`` that holds any of them.

    A name is left out of ``gt.tsv`` if no file is there (training would stop at it), and if the name would
    not survive as a cell: tabs, line ends, bytes that are not UTF-8.
    """
    tries = ([os.path.normpath(os.path.join(os.path.abspath(base), image)) for image in images] for base in bases)
    paths: list[str] = []
    for number, absolute in enumerate(tries):
        any_found = any(map(_is_there, absolute))
        if number == 0 or any_found:
            paths = absolute
        if any_found:
            break
    folder = os.path.commonpath([str(Path(path).parent) for path in paths]) if paths else ""
    if folder == "/":
        folder = ""
    return Places(folder, [_place(path, folder) for path in paths])


def _is_there(path: str) -> bool:
    of_page = line_of_page(path)
    return Path(of_page[0] if of_page else path).is_file()


def _place(path: str, folder: str) -> Place:
    found = _is_there(path)
    name = os.path.relpath(path, folder) if folder else path
    left_out = "" if found else "the image was not found"
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        left_out = "the name is not UTF-8"
    else:
        if "\t" in name or name.splitlines() != [name]:
            left_out = "the name holds a tab or a line end"
    return Place(path, found, "" if left_out else name, left_out)


def display(name: str) -> str:
    r"""``name`` for people: bytes that are not UTF-8 and characters that cannot be seen as ``\xNN``."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
