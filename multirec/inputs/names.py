"""Names of files that hold several pictures, and of what is in them, told by their ends alone.

``shard.tar/dir/line.png`` is a member of an archive, ``lines.parquet#7`` a row of a Parquet file, from 0 on,
``scan.tif#2`` a page of a TIFF, from 1 on (in a row ``lines.parquet#7#2``), and ``page.xml#l3`` the line of that id in
a PAGE or ALTO document.
"""

from __future__ import annotations

import os
import re

from multirec import stores
from multirec.sources import EXTENSIONS

ZIP, TAR, PARQUET, DOCUMENT = "zip", "tar", "Parquet", "document"

_ENDS = re.compile(
    r"\.(?:(?P<zip>zip)|(?P<tar>tar|tar\.(?:gz|bz2|xz|zst)|tgz|tbz2?|txz|tzst)|(?P<parquet>parquet)|(?P<document>xml))\Z",
    re.IGNORECASE,
)
_KINDS = {"zip": ZIP, "tar": TAR, "parquet": PARQUET, "document": DOCUMENT}

NUMBER = re.compile(r"#(\d+)(#\d+)?\Z")
"""The end of a page's or a row's name, or of that of a page in a row."""


def kind(path: str) -> str:
    """``ZIP``, ``TAR``, ``PARQUET`` or ``DOCUMENT``, or nothing where the name has no such end."""
    found = _ENDS.search(path)
    return _KINDS[found.lastgroup or ""] if found else ""


def is_image(path: str) -> bool:
    """Whether a name ends as images' names do."""
    return os.path.splitext(path)[1].lower() in EXTENSIONS


def is_hidden(member: str) -> bool:
    """Whether a member of an archive is left out as hidden files are, or is one of those that macOS adds."""
    return any((part.startswith(".") and part not in (".", "..")) or part == "__MACOSX" for part in member.split("/"))


def holder(name: str) -> str:
    """The file that holds the picture ``name``; nothing where the name is a file's own, or no such file is there.

    In a store, where each question takes its time, such a file is not looked for beside the one that holds pictures.

    Raises:
        OSError: a store does not say.
    """
    borders = [border for border in re.finditer("[/#]", name) if _is_border(name, border.start())]
    if not borders or (not stores.is_remote(name) and os.path.lexists(name)):
        return ""
    return next(filter(stores.isfile, (name[: border.start()] for border in borders)), "")


def _is_border(name: str, at: int) -> bool:
    """Whether a file's name may end at ``at``, and that of something in it begin."""
    if name[at] == "/":
        return kind(name[:at]) in (ZIP, TAR)
    number, file = NUMBER.match(name, at), kind(name[:at])
    return file == DOCUMENT or bool(number and (file == PARQUET or not number[2]))
