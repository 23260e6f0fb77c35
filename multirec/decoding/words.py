"""The words of a line: where each is, and what speaks for it; computed only when asked for.

A word is what stands between blanks.  For it speaks what speaks for a line, of its own steps alone: its log
probability by both models, its least usual letter, its length, and whether both read it so.  So a doubtful letter
is a matter of its word, and a doubtful blank one of the words on both its sides.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from multirec.decoding import ctc
from multirec.decoding.combine import Classes, Combined, Outputs
from multirec.decoding.details import edges, part
from multirec.inputs.images import WHOLE, Span
from multirec.results import Evidence

_GATHERED = 1 << 22
"""Numbers of one model's output that are gathered at once, about."""


@dataclass(frozen=True)
class Found:
    """Classes ``start:stop`` of a line's text, in which no blank is.

    Attributes:
        start, stop: where in the text.
        left, right: edges in parts of the picture's width.
        agree: whether both models read this there, with the blanks around it.
        evidence: what speaks for it.
    """

    start: int
    stop: int
    left: float
    right: float
    agree: bool
    evidence: Evidence


def words(
    outputs: Outputs, row: int, line: Combined, usual: list[float], blank: int, width: int, span: Span = WHOLE
) -> list[Found]:
    """The words of what was chosen for a line.

    Args:
        outputs: softmax outputs of both models, [N, T, C].
        row: the line among them.
        line: what was chosen for it.
        usual: the language's opinion of each letter of the chosen text, or nothing.
        blank: the class of the blank between words.
        width: pixel columns of its picture, without padding.
        span: where these begin and end, in parts of the width that places are told in.
    """
    text = line.chosen.classes
    ranges = between(text, blank)
    if not ranges:
        return []
    # A word's label has the blanks beside it, and its steps are theirs too.
    labels = [text[max(0, start - 1) : stop + 1] for start, stop in ranges]
    both = [output[row] for output in outputs]
    spans = [ctc.align(output, text) for output in both]
    windows = [_windows(ranges, edges(found), len(output)) for output, found in zip(both, spans, strict=True)]
    scores = _scores(both, windows, labels)
    first, second = scores.sum(axis=1)
    trusted = edges(spans[int(second > first)])
    agree = [
        all(ctc.best_path(output[None, slice(*window)])[0] == label for output, window in zip(both, pair, strict=True))
        for label, *pair in zip(labels, *windows, strict=True)
    ]
    return [
        Found(
            start, stop, part(trusted[start], width, span), part(trusted[stop], width, span), alike,
            Evidence(score, min(usual[start:stop], default=0.0), stop - start),
        )
        for (start, stop), alike, score in zip(ranges, agree, scores.mean(axis=0).tolist(), strict=True)
    ]  # fmt: skip


def between(text: Classes, blank: int) -> list[tuple[int, int]]:
    """Where the words of ``text`` begin and end."""
    ends = [-1, *(at for at, c in enumerate(text) if c == blank), len(text)]
    return [(before + 1, after) for before, after in itertools.pairwise(ends) if after > before + 1]


def _windows(ranges: list[tuple[int, int]], edges: list[float], steps: int) -> list[tuple[int, int]]:
    """The steps of each word and of the blanks beside it; the first and the last have those to the line's ends too."""
    return [
        (
            int(edges[start - 1]) if start else 0,
            min(math.ceil(edges[stop + 1]), steps) if stop + 1 < len(edges) else steps,
        )
        for start, stop in ranges
    ]


def _scores(
    both: list[NDArray[np.float32]], windows: list[list[tuple[int, int]]], labels: list[Classes]
) -> NDArray[np.float64]:
    """Log probability of each label in its window by each model, [2, W].

    Windows are filled up with steps that are blank for certain to the length of the line's longest, so that a word's
    score depends on its line alone.
    """
    known = [ctc.BLANK, *sorted({c for label in labels for c in label})]
    classes = {c: i for i, c in enumerate(known)}
    told = [[classes[c] for c in label] for label in labels]
    steps = max(stop - start for model in windows for start, stop in model)
    some = max(1, _GATHERED // (steps * len(known)))
    scores = []
    for first in range(0, len(labels), some):
        gathered = []
        for output, model in zip(both, windows, strict=True):
            chunk = model[first : first + some]
            filled = np.zeros((len(chunk), steps, len(known)), np.float32)
            filled[:, :, 0] = 1.0
            for at, (start, stop) in enumerate(chunk):
                filled[at, : stop - start] = output[start:stop, known]
            gathered.append(filled)
        scores.append(ctc.log_probability(tuple(gathered), list(range(len(chunk))), told[first : first + some]))
    return np.concatenate(scores, axis=1)
