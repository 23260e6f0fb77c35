"""Makes the language model, weights/language.npz: counts of n-grams of letters in plain text and in labels.

    python weights/language.py OUT.npz --text en.txt ... --lines FOLDER ... [--hold-out 0.04] [--rest FOLDER]

Of labelled lines those are left out that training holds out, and of each text the last tenth, which goes to --rest:
confidences must be fitted on lines that the model has not counted.  A text that is named twice counts once.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from multirec.decoding.language import NETWORK, ORDER, STEPS, folded, shortened, suffixes
from multirec.models import weights
from multirec.models.alphabet import LATIN, normalise
from multirec.training.lines import Line, hold_out, read_folder

LEAST = (1, 1, 1, 2, 3, 4)
"""Rarer n-grams of 1, 2, ... letters are dropped."""

LABELS = 5
"""How often labels count: they are few, and of the kind that is to be read."""

_END = "\n"
"""Stands between passages; n-grams across it are not counted."""


def most_letters(language: str) -> int:
    """Letters taken of a language's text: as many more of it as training renders more often."""
    return {"en": 8, "de": 6, "fr": 6, "es": 5, "it": 4}.get(language, 2) * 1_000_000


def read(texts: Iterable[Path], labelled: Iterable[Line], rest: Path | None) -> str:
    """All text to count, without case, passages between blanks; what is left out goes to ``rest``."""
    passages: list[str] = []
    left: dict[str, list[str]] = {}  # a language may have several texts, of one name
    for path in dict.fromkeys(texts):
        lines = path.read_text(encoding="utf-8", errors="ignore").split("\n")
        counted = len(lines) * 9 // 10
        passages += "\n".join(lines[:counted])[: most_letters(path.stem)].split("\n")
        left.setdefault(path.name, []).extend(lines[counted:])
    if rest:
        rest.mkdir(parents=True, exist_ok=True)
        for name, lines in left.items():
            (rest / name).write_text("\n".join(lines), encoding="utf-8")
    passages += [line.text for line in labelled] * LABELS
    return folded(_END + _END.join(f" {normalise(passage)} " for passage in passages) + _END)


def count(text: str) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Sorted keys of all n-grams that are kept, and their counts as ``multirec.decoding.language`` keeps them."""
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.uint64)
    columns = [
        np.concatenate([np.full(back, ord(_END), np.uint64), points[: len(points) - back]]) for back in range(ORDER)
    ]
    keys: list[NDArray[np.uint32]] = []
    counts: list[NDArray[np.int64]] = []
    within: NDArray[np.bool_] = np.ones(len(points), bool)
    for hashes, column, least in zip(suffixes(columns), columns, LEAST, strict=True):
        within &= column != ord(_END)
        found, times = np.unique(shortened(hashes[within]), return_counts=True)
        keys.append(found[times >= least])
        counts.append(times[times >= least])
    # Of n-grams that share a key the more frequent one keeps it.
    key, times = np.concatenate(keys), np.concatenate(counts)
    order = np.lexsort((-times, key))
    key, times = key[order], times[order]
    first = np.concatenate([[True], key[1:] != key[:-1]])
    return key[first], (np.round(np.log2(times[first]) * STEPS) + 1).astype(np.uint8)


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--text", multiple=True, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--lines", multiple=True, type=click.Path(exists=True, path_type=Path))
@click.option("--hold-out", "share", default=0.04)
@click.option("--rest", type=click.Path(path_type=Path))
@click.option("--label", default="")
def main(
    out: Path, text: tuple[Path, ...], lines: tuple[Path, ...], share: float, rest: Path | None, label: str
) -> None:
    """Count and write."""
    labelled = [line for folder in lines for line in hold_out(read_folder(folder), share)[0]]
    read_text = read(text, labelled, rest)
    keys, counts = count(read_text)
    gaps = np.diff(keys, prepend=np.uint32(0))
    # A stray letter of another script in a text does not make its language known.
    letters = "".join(sorted(set(folded(LATIN)) & set(read_text)))
    training = {"letters": len(read_text), "texts": sorted({path.stem for path in text})}
    learned = sorted(weights.fingerprint(line.path) for line in labelled)
    metadata = weights.Metadata(NETWORK, letters, label, training, trained_on=learned)
    weights.save(out, {"gaps": gaps, "counts": counts}, metadata)
    print(f"{out}: {len(keys)} n-grams from {len(read_text)} letters, {out.stat().st_size >> 10} KiB")


if __name__ == "__main__":
    main()
