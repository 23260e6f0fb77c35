"""Combining what the two models read.

Averaging outputs frame by frame is unsound for independently trained CTC networks, since their spikes do
not align (arXiv 1904.08311).  So texts are compared, by their probability under both models: where the two
read the same, that is the text; elsewhere each passage in which they differ is decided for itself, for the
reading with the larger log P363 + log P484.  Neither model has a casting vote.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from multirec import ctc

MOST_PASSAGES = 24
"""Lines that differ in more places are decided as a whole."""

Classes = list[int]
Outputs = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True)
class Reading:
    """Classes read from a line, and the log probability of their being all of it."""

    classes: Classes
    score: float


@dataclass(frozen=True)
class Combined:
    """The text chosen for a line, its score the mean of both models', and what each model read."""

    chosen: Reading
    readings: tuple[Reading, Reading]

    @property
    def agree(self) -> bool:
        """Whether both models read the same."""
        return self.readings[0].classes == self.readings[1].classes


def combine(outputs: Outputs) -> list[Combined]:
    """Combine the softmax outputs of both models for one batch, [N, T, C] each."""
    first, second = (ctc.best_path(output) for output in outputs)
    readings = [(Reading(*a), Reading(*b)) for a, b in zip(first, second, strict=True)]
    split = [row for row, (a, b) in enumerate(readings) if a.classes != b.classes]
    decided = dict(zip(split, _decide(outputs, split, readings), strict=True))
    return [
        Combined(decided.get(row) or Reading(a.classes, (a.score + b.score) / 2), (a, b))
        for row, (a, b) in enumerate(readings)
    ]


def _decide(outputs: Outputs, rows: list[int], readings: list[tuple[Reading, Reading]]) -> list[Reading]:
    """The better text for each of ``rows``, where the models differ."""
    candidates = [_candidates(readings[row][0].classes, readings[row][1].classes) for row in rows]
    scores = _joint(outputs, rows, [texts for texts, _ in candidates])
    mixed = []
    for (texts, passages), score in zip(candidates, scores, strict=True):
        better = [passage for passage, s in zip(passages, score[2:], strict=True) if s > score[0]]
        # With one passage taken from the second reading, or all of them, the text is a candidate already.
        mixed.append([_replace(texts[0], better)] if 1 < len(better) < len(passages) else [])
    decisions = []
    for (texts, _), score, mix, mixed_score in zip(
        candidates, scores, mixed, _joint(outputs, rows, mixed), strict=True
    ):
        # On a tie the smaller sequence, so that the order of the models does not matter.
        text, best = max(
            zip([*texts, *mix], [*score, *mixed_score], strict=True), key=lambda c: (c[1], [-x for x in c[0]])
        )
        decisions.append(Reading(text, best / 2))
    return decisions


Passage = tuple[int, int, Classes]
"""Classes ``start:stop`` of the first reading, and what stands there in the second."""


def _candidates(a: Classes, b: Classes) -> tuple[list[Classes], list[Passage]]:
    """Both readings, then the first with each passage, one at a time, taken from the second."""
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    passages = [(i, j, b[k:m]) for tag, i, j, k, m in blocks if tag != "equal"]
    if not 1 < len(passages) <= MOST_PASSAGES:
        passages = []
    return [a, b, *(_replace(a, [passage]) for passage in passages)], passages


def _replace(text: Classes, passages: list[Passage]) -> Classes:
    out, at = [], 0
    for start, stop, other in passages:
        out += [*text[at:start], *other]
        at = stop
    return out + text[at:]


def _joint(outputs: Outputs, rows: list[int], texts: list[list[Classes]]) -> list[list[float]]:
    """Sum log P363 + log P484 of each line's texts."""
    lines = [row for row, candidates in zip(rows, texts, strict=True) for _ in candidates]
    labels = [candidate for candidates in texts for candidate in candidates]
    if not labels:
        return [[] for _ in rows]
    total = ctc.joint_log_probability(outputs, lines, labels)
    ends = np.cumsum([len(candidates) for candidates in texts])[:-1]
    return [part.tolist() for part in np.split(total, ends)]
