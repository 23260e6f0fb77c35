"""Labels of line images: a ``gt.tsv``, or ``NAME.gt.txt`` beside each image; and what in them may vary."""

from __future__ import annotations

import glob
import unicodedata
from pathlib import Path

from multirec.sources import EXTENSIONS

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛´`′‹›", "'"), **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("–—―‐‑−\u00ad", "-"),
    }
)  # fmt: skip


def fold_print(text: str) -> str:
    """``text`` with all kinds of quotes as one, dashes too, in NFKC, single blanks."""
    text = unicodedata.normalize("NFKC", text).translate(_PLAIN).replace("''", '"')
    return " ".join(text.split())


def read_labels(place: Path) -> list[tuple[Path, str]]:
    """Image paths and their texts (NFC), in order.

    Args:
        place: a table of ``file<TAB>text``, or a folder that holds ``gt.tsv`` or ``NAME.gt.txt`` files.

    Raises:
        ValueError: no labels there, with what was looked for.
    """
    table = place / "gt.tsv" if place.is_dir() else place
    if table.is_file():
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
            if image.stem == name and image.suffix.lower() in EXTENSIONS
        ]
    if not pairs:
        raise ValueError(f"{place}: no labels: neither gt.tsv (file<TAB>text) nor NAME.gt.txt beside NAME.png")
    return [(path, unicodedata.normalize("NFC", text)) for path, text in pairs]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8: {error.reason} at byte {error.start + 1}") from error
