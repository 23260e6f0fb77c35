"""How usual a text is as writing: n-grams of letters, of many languages at once, case aside.

The third opinion where the two readers differ, and part of what confidence is made of.  The probability of a letter
after those before it is interpolated over all lengths of context (Witten and Bell, 1991); the kinds of letters seen
after a context, which that asks for, are estimated from its count by Guiraud's law.  Counts are kept by hashes of
the n-grams, to an eighth of an octave.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from multirec.errors import ModelError
from multirec.models import weights
from multirec.models.alphabet import OTHER

NETWORK = "language"
"""What a weights file of this kind calls itself."""

ORDER = 6
"""Letters of the longest n-grams."""

STEPS = 8
"""Counts are kept as round(STEPS x log2(count)) + 1, so 0 is a count of none."""

USUAL = -2.0
"""Log probability of a letter that speaks neither for a text nor against it; letters not known have it."""

_ALIKE = str.maketrans("‘’‚‹›“”„«»–—ſ123456789", "'''''" + '"' * 5 + "--s" + "0" * 9)
"""Signs that texts write in one way or the other, for reasons of their own, and digits, of which no language knows."""

_OUTSIDE = -8.0
"""Likewise of what has no class: it is rarer than any sign, or a rare sign would be taken for it."""

_GUIRAUD = 3.0
"""Kinds of followers for the square root of a count."""

_REMEMBERED = 1 << 18
"""Pieces of text whose probability is kept."""

Hashes = NDArray[np.uint64]


class LanguageModel:
    """Scores texts.

    Args:
        path: the file that ``weights/language.py`` made.

    Raises:
        ModelError: missing, damaged, or another kind of file.
    """

    def __init__(self, path: Path) -> None:
        arrays, self.metadata = weights.load(path)
        if self.metadata.network != NETWORK:
            raise ModelError(f"{path}: weights of {self.metadata.network}, needed here are those of a language model")
        self._keys = np.cumsum(arrays["gaps"], dtype=np.uint32)
        self._counts = arrays["counts"]
        self._table = np.concatenate([[0.0], np.exp2(np.arange(255) / STEPS)])
        self._letters = frozenset(self.metadata.alphabet)
        self._total = float(self.metadata.training["letters"])
        self._known: dict[str, float] = {}

    def scores(self, texts: Iterable[str]) -> list[list[float]]:
        """For each text, each letter's log probability after those before it, less that of a usual letter."""
        # A blank before the text: it begins with a word, or with a part of one.
        padded = [" " + folded(text) for text in texts]
        pieces = [[text[max(0, i - ORDER + 1) : i + 1] for i in range(1, len(text))] for text in padded]
        if len(self._known) > _REMEMBERED:
            self._known = {}
        known = self._known  # another thread may begin anew
        fresh = list({piece for line in pieces for piece in line}.difference(known))
        if fresh:
            known.update(zip(fresh, self._log_probabilities(fresh), strict=True))
        return [[known[piece] for piece in line] for line in pieces]

    def _log_probabilities(self, pieces: list[str]) -> list[float]:
        """Of the last letter of each piece after the others."""
        points = np.array([[*([0] * (ORDER - len(p))), *map(ord, p)] for p in pieces], np.uint64)
        ends, contexts = self._count(points), self._count(points[:, :-1])
        probability: NDArray[np.float64] = ends[0] / self._total
        for count, context in zip(ends[1:], contexts, strict=True):
            kinds = np.minimum(context, _GUIRAUD * np.sqrt(context))
            probability = np.where(
                context > 0,
                (np.minimum(count, context) + kinds * probability) / np.maximum(context + kinds, 1.0),
                probability,
            )
        # math.log, not np.log: the latter's vector and scalar forms may differ in the last bit.
        return [
            _OUTSIDE if piece[-1] == OTHER else math.log(p) - USUAL if piece[-1] in self._letters and p > 0 else 0.0
            for piece, p in zip(pieces, probability.tolist(), strict=True)
        ]

    def _count(self, points: Hashes) -> list[NDArray[np.float64]]:
        """How often the last 1, 2, ... letters of each row were seen."""
        counts = []
        for hashes in suffixes([points[:, i] for i in range(points.shape[1] - 1, -1, -1)]):
            key = shortened(hashes)
            at = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
            counts.append(self._table[np.where(self._keys[at] == key, self._counts[at], 0)])
        return counts


def folded(text: str) -> str:
    """``text`` without case, with one kind of s, digit, quotes and dashes, each letter still one letter."""
    lower = text.lower()
    if len(lower) != len(text):  # İ and its like
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lower.translate(_ALIKE)


def suffixes(columns: list[Hashes]) -> list[Hashes]:
    """Hashes of n-grams from the code points of their last letters, of those before these, and so on, [K] each."""
    out: list[Hashes] = []
    factor = 1
    for column in columns:
        mixed = (column + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(factor)
        out.append(out[-1] + mixed if out else mixed)
        factor = factor * 0xBF58476D1CE4E5B9 % (1 << 64)
    return out


def shortened(hashes: Hashes) -> NDArray[np.uint32]:
    """Keys of 32 bits."""
    return ((hashes * np.uint64(0x94D049BB133111EB)) >> np.uint64(32)).astype(np.uint32)
