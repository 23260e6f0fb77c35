"""Combining what the two models read.

Averaging outputs frame by frame is unsound for independently trained CTC networks, since their spikes do
not align (arXiv 1904.08311).  So texts are compared, by their probability under both models: where the two
read the same, that is the text; elsewhere each passage in which they differ, and each letter of which one of
them is in doubt, is decided for itself, for the larger log P363 + log P484 + weight x language.  Both models count
alike, and the language decides nothing where they read the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from multirec import ctc
from multirec.ctc import Change

MOST_PASSAGES = 24
"""Lines that differ in more places are decided as a whole."""

DOUBT = 0.05
"""Probability that a model must give to a letter that it does not read, to have it considered."""

MOST_DOUBTS = 16
"""Letters of a line that one model has considered, at most."""

Classes = list[int]
Outputs = tuple[NDArray[np.float32], NDArray[np.float32]]

Judge = Callable[[list[Classes]], list[list[float]]]
"""Says of each letter of each text how usual it is as writing; see ``multirec.language``."""


@dataclass(frozen=True)
class Reading:
    """Classes read from a line, the log probability of their being all of it, and the least usual letter's score."""

    classes: Classes
    score: float
    oddest: float = 0.0


@dataclass(frozen=True)
class Combined:
    """The text chosen for a line, its score the mean of both models', and what each model read."""

    chosen: Reading
    readings: tuple[Reading, Reading]

    @property
    def agree(self) -> bool:
        """Whether both models read the same."""
        return self.readings[0].classes == self.readings[1].classes


def indifferent(texts: list[Classes]) -> list[list[float]]:
    """A judge for want of a language model."""
    return [[] for _ in texts]


def combine(outputs: Outputs, judge: Judge = indifferent, weight: float = 0.0) -> list[Combined]:
    """Combine the softmax outputs of both models for one batch, [N, T, C] each.

    Args:
        outputs: of SEnet363 and SEnet484.
        judge: the language's opinion of texts.
        weight: what it counts against the sum of both models' log probabilities.
    """
    pairs = list(zip(*(ctc.best_path(output) for output in outputs), strict=True))
    split = [row for row, (a, b) in enumerate(pairs) if a[0] != b[0]]
    decided = dict(zip(split, _decide(outputs, split, pairs, judge, weight), strict=True))
    chosen = [decided.get(row, (a[0], (a[1] + b[1]) / 2)) for row, (a, b) in enumerate(pairs)]

    def judged(lines: list[Scored]) -> list[Reading]:
        opinions = judge([text for text, _ in lines])
        return [Reading(*line, min(letters, default=0.0)) for line, letters in zip(lines, opinions, strict=True)]

    columns = (judged(chosen), judged([a for a, _ in pairs]), judged([b for _, b in pairs]))
    return [Combined(best, (a, b)) for best, a, b in zip(*columns, strict=True)]


Scored = tuple[Classes, float]
"""A text and its log probability."""


@dataclass
class _Candidate:
    """A text that a line may hold.

    Attributes:
        text: its classes.
        changes: what was changed in the first reading; none for both readings.
        least: how much more usual than the first reading it must be.
        usual: the language's opinion, weighted.
        score: log P363 + log P484.
    """

    text: Classes
    changes: list[Change]
    least: float = -math.inf
    usual: float = 0.0
    score: float = 0.0

    @property
    def total(self) -> float:
        return self.score + self.usual


def _decide(
    outputs: Outputs, rows: list[int], pairs: list[tuple[Scored, Scored]], judge: Judge, weight: float
) -> list[Scored]:
    """The better text for each of ``rows``, where the models differ, and the mean of both models' scores of it."""

    def weigh(lines: list[list[_Candidate]]) -> None:
        everything = [candidate for line in lines for candidate in line] if weight else []
        for candidate, letters in zip(everything, judge([c.text for c in everything]), strict=True):
            candidate.usual = weight * math.fsum(letters)

    lines = [_candidates(outputs, row, pairs[row][0][0], pairs[row][1][0], weight > 0) for row in rows]
    weigh(lines)
    # What the models think improbable is for the language to propose.
    lines = [[c for c in line if not c.changes or c.usual - line[0].usual > c.least] for line in lines]
    _score(outputs, rows, lines)
    mixed = [_mixed(line[0], line[1:]) for line in lines]
    weigh(mixed)
    _score(outputs, rows, mixed)
    # On a tie the smaller sequence, so that the order of the models does not matter.
    best = [
        max(line + more, key=lambda c: (c.total, [-x for x in c.text])) for line, more in zip(lines, mixed, strict=True)
    ]
    return [(candidate.text, candidate.score / 2) for candidate in best]


def _candidates(outputs: Outputs, row: int, a: Classes, b: Classes, doubts: bool) -> list[_Candidate]:
    """Both readings, then the first with each passage of the second, and with each letter that either considered."""
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    found: dict[Change, float] = {(i, j, tuple(b[k:m])): -math.inf for tag, i, j, k, m in blocks if tag != "equal"}
    if len(found) > MOST_PASSAGES:
        found, doubts = {}, False
    if doubts:
        # Where letters of the second reading, and gaps before or after them, are in the first.
        equal = [(i, j, k) for tag, i, j, k, _ in blocks if tag == "equal"]
        letters = {k + n: i + n for i, j, k in equal for n in range(j - i)}
        gaps = {k + n: i + n for i, j, k in equal for n in range(j - i + 1)}
        for change, trust in ctc.doubts(outputs[0][row], DOUBT, MOST_DOUBTS):
            found.setdefault(change, -math.log(trust))
        for (start, stop, other), trust in ctc.doubts(outputs[1][row], DOUBT, MOST_DOUBTS):
            at = (letters if stop > start else gaps).get(start)
            if at is not None:
                change = (at, at + stop - start, other)
                found[change] = min(found.get(change, math.inf), -math.log(trust))
    # One of several ways to the same text is enough: a letter put before or after its like.
    candidates = {tuple(a): _Candidate(a, [])}
    for change, least in sorted(found.items(), key=lambda item: item[1]):
        text = _changed(a, [change])
        candidates.setdefault(tuple(text), _Candidate(text, [change], least))
    candidates.setdefault(tuple(b), _Candidate(b, []))
    return list(candidates.values())


def _mixed(unchanged: _Candidate, others: list[_Candidate]) -> list[_Candidate]:
    """All changes together that are for the better by themselves, if several; of two that overlap the better."""
    taken: list[Change] = []
    for candidate in sorted((c for c in others if c.changes), key=lambda c: (-c.total, c.changes)):
        ((start, stop, _),) = candidate.changes
        apart = all((stop <= first or last <= start) and start != first for first, last, _ in taken)
        if candidate.total > unchanged.total and apart:
            taken += candidate.changes
    return [_Candidate(_changed(unchanged.text, taken), taken)] if len(taken) > 1 else []


def _changed(text: Classes, changes: list[Change]) -> Classes:
    out, at = [], 0
    for start, stop, other in sorted(changes):
        out += [*text[at:start], *other]
        at = stop
    return out + text[at:]


def _score(outputs: Outputs, rows: list[int], lines: list[list[_Candidate]]) -> None:
    """Set log P363 + log P484 of each line's candidates."""
    places = [row for row, line in zip(rows, lines, strict=True) for _ in line]
    candidates = [candidate for line in lines for candidate in line]
    if candidates:
        scores = ctc.joint_log_probability(outputs, places, [c.text for c in candidates])
        for candidate, score in zip(candidates, scores.tolist(), strict=True):
            candidate.score = score
