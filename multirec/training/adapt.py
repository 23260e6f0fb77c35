"""A new alphabet for trained weights: the last layer grows or shrinks, all else is kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from multirec.models.alphabet import Alphabet
from multirec.models.weights import Arrays


def alphabet(old: str, wanted: Path | None, texts: Iterable[str]) -> str:
    """The characters to train: those of the file ``wanted``, or ``old`` and whatever is new in ``texts``.

    Raises:
        ValueError: ``texts`` hold characters that ``wanted`` does not; the message names them.
    """
    used = set().union(*texts)
    if wanted is None:
        return old + "".join(sorted(used - set(old)))
    characters = "".join(dict.fromkeys(wanted.read_text(encoding="utf-8").replace("\n", "")))
    missing = "".join(sorted(used - set(characters)))
    if missing:
        raise ValueError(f"{wanted}: labels hold characters that this alphabet does not: {missing}")
    return characters


def last_layer(arrays: Arrays, old: str, new: str) -> Arrays:
    """``arrays`` with the last layer's classes moved from ``old`` to ``new``, [D, C] to [D, C'].

    A character that is new starts as unlikely as the unlikeliest of the old ones.
    """
    kernel, bias = arrays["logits/kernel"], arrays["logits/bias"]
    before, after = Alphabet(old), Alphabet(new)
    moved_kernel = np.zeros((kernel.shape[0], after.nclass), np.float32)
    moved_bias = np.full(after.nclass, bias.min(), np.float32)
    moved_kernel[:, 0], moved_bias[0] = kernel[:, 0], bias[0]
    for character in set(old) & set(new):
        (source,), (target,) = before.encode(character), after.encode(character)
        moved_kernel[:, target], moved_bias[target] = kernel[:, source], bias[source]
    return arrays | {"logits/kernel": moved_kernel, "logits/bias": moved_bias}
