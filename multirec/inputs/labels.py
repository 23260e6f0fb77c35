"""Labels of lines: a ``gt.tsv``, ``NAME.gt.txt`` beside each image, PAGE or ALTO; and what in them may vary."""

from __future__ import annotations

import glob
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from multirec.documents import parse
from multirec.documents.document import DocumentError
from multirec.inputs import names
from multirec.sources import EXTENSIONS

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛´`′‹›", "'"), **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("–—―‐‑−\u00ad", "-"),
    }
)  # fmt: skip


_BINARIZED = (".bin", ".nrm")
"""What ocropus, Calamari and tesstrain put before the end of an image's name where it was made of another."""


def fold_print(text: str) -> str:
    """``text`` with all kinds of quotes as one, dashes too, in NFKC, single blanks."""
    text = unicodedata.normalize("NFKC", text).translate(_PLAIN).replace("''", '"')
    return " ".join(text.split())


def read_labels(place: Path) -> list[tuple[Path, str]]:
    """Image paths and their texts (NFC), in order; the lines of documents are called ``page.xml#ID``.

    Args:
        place: a table of ``file<TAB>text``, a PAGE or ALTO document, or a folder that holds ``gt.tsv``, else
            ``NAME.gt.txt`` files, else documents.  Lines of documents without a text are left out.

    Raises:
        ValueError: no labels there, with what was looked for, or a damaged document.
    """
    table = place / "gt.tsv" if place.is_dir() else place
    if table.is_file() and names.kind(table.name) == names.DOCUMENT:
        pairs = list(_of_document(table, named=True))
    elif table.is_file():
        rows = (row.split("\t", 1) for row in _text(table).splitlines() if "\t" in row)
        pairs = [(table.parent / name, text) for name, text in rows]
        if not pairs:
            raise ValueError(f"{table}: no labels: its lines are to be file<TAB>text")
    else:
        pairs = [
            (image, _text(label).strip())
            for label in sorted(place.rglob("*.gt.txt"))
            for name in [label.name.removesuffix(".gt.txt")]
            for image in sorted(label.parent.glob(glob.escape(name) + ".*"))
            if image.stem in (name, *(name + kind for kind in _BINARIZED)) and image.suffix.lower() in EXTENSIONS
        ]
        pairs = pairs or [pair for path in sorted(place.rglob("*.[xX][mM][lL]")) for pair in _of_document(path)]
    if not pairs:
        raise ValueError(
            f"{place}: no labels: neither gt.tsv (file<TAB>text) nor NAME.gt.txt beside NAME.png, nor PAGE or ALTO "
            "with texts of lines"
        )
    return [(path, unicodedata.normalize("NFC", text)) for path, text in pairs]


def _of_document(path: Path, named: bool = False) -> Iterator[tuple[Path, str]]:
    """The lines of a document that have a text; other XML, found in a folder, has none."""
    try:
        document = parse.read(str(path))
    except DocumentError as error:
        if named or error.kind != "not-an-image":
            raise ValueError(f"{path}: {error}") from error
        return
    yield from ((Path(f"{path}#{line.id}"), line.text) for line in document.lines if line.text)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8: {error.reason} at byte {error.start + 1}") from error
