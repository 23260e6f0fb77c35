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

from multirec.decoding import ctc
from multirec.decoding.ctc import Change

MOST_PASSAGES = 24
"""Lines that differ in more places are decided as a whole."""

DOUBT = 0.05
"""Probability that a model must give to a letter that it does not read, to have it considered."""

MOST_DOUBTS = 16
"""Letters of a line that one model has considered, at most."""

Classes = list[int]
Outputs = tuple[NDArray[np.float32], NDArray[np.float32]]

Judge = Callable[[list[Classes]], list[list[float]]]
"""Says of each letter of each text how usual it is as writing; see ``multirec.decoding.language``."""


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


def restricted(outputs: Outputs, classes: Classes) -> Outputs:
    """``outputs`` in which nothing but the blank and ``classes`` has a probability.

    Steps are not made to sum to 1 again.  That would change no choice, since all paths go through all steps and would
    gain alike; but as it is, a text's probability stays that of its being what stands there, and is small where
    something else does.
    """
    kept = np.zeros(outputs[0].shape[2], np.float32)
    kept[[ctc.BLANK, *classes]] = 1
    return outputs[0] * kept, outputs[1] * kept


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
    pairs = list(zip(*map(ctc.best_path, outputs), strict=True))
    lines = [_candidates(outputs, row, a, b, weight > 0) for row, (a, b) in enumerate(pairs)]
    best = _decide(outputs, lines, judge, weight)
    combined = []
    for line, chosen, (_, read) in zip(lines, best, pairs, strict=True):
        # The first candidate is what SEnet363 read; what SEnet484 read is among them.
        first, second = line[0], next(candidate for candidate in line if candidate.text == read)
        readings = first.reading(first.scores[0]), second.reading(second.scores[1])
        combined.append(Combined(chosen.reading(chosen.score / 2), readings))
    return combined


@dataclass
class _Candidate:
    """A text that a line may hold.

    Attributes:
        text: its classes.
        changes: what was changed in the first reading; none for both readings.
        least: how much more usual than the first reading it must be.
        usual: the language's opinion of all its letters, weighted.
        oddest: the language's opinion of the least usual one.
        scores: log P363 and log P484.
    """

    text: Classes
    changes: list[Change]
    least: float = -math.inf
    usual: float = 0.0
    oddest: float = 0.0
    scores: tuple[float, float] = (0.0, 0.0)

    @property
    def score(self) -> float:
        return self.scores[0] + self.scores[1]

    @property
    def total(self) -> float:
        return self.score + self.usual

    def reading(self, score: float) -> Reading:
        return Reading(self.text, score, self.oddest)


def _decide(outputs: Outputs, lines: list[list[_Candidate]], judge: Judge, weight: float) -> list[_Candidate]:
    """The best of each line's candidates, or of several changes together; all are scored in place."""

    def weigh(lines: list[list[_Candidate]]) -> None:
        candidates = [candidate for line in lines for candidate in line]
        for candidate, letters in zip(candidates, judge([c.text for c in candidates]), strict=True):
            candidate.usual, candidate.oddest = weight * math.fsum(letters), min(letters, default=0.0)

    weigh(lines)
    for line in lines:
        # What the models think improbable is for the language to propose.
        line[:] = [c for c in line if not c.changes or c.usual - line[0].usual > c.least]
    _score(outputs, lines)
    mixed = [_mixed(line[0], line[1:]) for line in lines]
    weigh(mixed)
    _score(outputs, mixed)
    # On a tie the smaller sequence, so that the order of the models does not matter.
    return [
        max(line + more, key=lambda c: (c.total, [-x for x in c.text])) for line, more in zip(lines, mixed, strict=True)
    ]


def _candidates(outputs: Outputs, row: int, a: Classes, b: Classes, doubts: bool) -> list[_Candidate]:
    """Both readings, if they differ, and the first with each passage of the second, and each letter in doubt."""
    if a == b:
        return [_Candidate(a, [])]
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
    candidates.setdefault(tuple(b), _Candidate(b, [])).least = -math.inf
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


def _score(outputs: Outputs, lines: list[list[_Candidate]]) -> None:
    """Set the probabilities of each line's candidates."""
    rows = [row for row, line in enumerate(lines) for _ in line]
    candidates = [candidate for line in lines for candidate in line]
    if candidates:
        scores = ctc.log_probability(outputs, rows, [c.text for c in candidates])
        for candidate, (first, second) in zip(candidates, scores.T.tolist(), strict=True):
            candidate.scores = first, second
