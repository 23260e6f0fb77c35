"""Reading a CTC output: best-path decoding and the probability of a text (Graves et al., ICML 2006)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

BLANK = 0

_GATHERED = 1 << 19
"""Numbers of one model's output that are gathered at once, about."""


def best_path(probabilities: NDArray[np.float32]) -> list[list[int]]:
    """Classes of each line's likeliest path, repeats merged, blanks dropped; ``probabilities`` is [N, T, C]."""
    classes = probabilities.argmax(axis=2)
    changes = np.ones(classes.shape, bool)
    changes[:, 1:] = classes[:, 1:] != classes[:, :-1]
    keep = changes & (classes != BLANK)
    return [line[kept].tolist() for line, kept in zip(classes, keep, strict=True)]


Change = tuple[int, int, tuple[int, ...]]
"""Classes ``start:stop`` of a reading, and what may stand there instead."""


def doubts(probabilities: NDArray[np.float32], least: float, most: int) -> list[tuple[Change, float]]:
    """Changes of one letter to the best path's reading, and the probability that a step gives to each.

    Args:
        probabilities: softmax output of one line, [T, C].
        least: probability of a letter, or of its absence, from which on it is a doubt.
        most: doubts to return, the likeliest ones.
    """
    path = probabilities.argmax(axis=1)
    starts = (path != BLANK) & (path != np.concatenate([[BLANK], path[:-1]]))
    letters = np.cumsum(starts)
    found: dict[Change, float] = {}
    absent = np.full(int(starts.sum()), 1.0)
    for place in np.flatnonzero(probabilities > least).tolist():
        step, c = divmod(place, probabilities.shape[1])
        trust, best, after = float(probabilities[step, c]), path[step], int(letters[step])
        if c == best or c in path[max(0, step - 1) : step + 2]:
            continue  # the edge of a letter that is read beside it
        change = (after, after, (c,)) if best == BLANK else (after - 1, after, (c,))
        if c != BLANK:
            found[change] = max(found.get(change, 0.0), trust)
    inside = path != BLANK
    np.minimum.at(absent, letters[inside] - 1, probabilities[inside, BLANK])
    for at in np.flatnonzero(absent > least).tolist():
        found[at, at + 1, ()] = float(absent[at])
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:most]


def log_probability(
    outputs: tuple[NDArray[np.float32], ...], rows: list[int], labels: list[list[int]]
) -> NDArray[np.float64]:
    """Log P(label | line) by each model, summed over all alignments: the CTC forward pass, equation 8.

    Args:
        outputs: softmax outputs of the M models, [N, T, C] each.
        rows: for each label, its line in the outputs, [K].
        labels: classes, [K] lists of any length.

    Returns:
        [M, K]; minus infinity where a label has more letters than the line has steps.

    Each label's result is the same bit for bit whatever the other labels are: only products, sums of three and
    scaling by powers of two, its own, happen to it.
    """
    _, total, classes = outputs[0].shape
    lengths = np.array([len(label) for label in labels], np.int64)
    size = 2 * int(lengths.max(initial=0)) + 1
    # A blank before, between and after the letters.
    extended = np.zeros((len(rows), size), np.int64)
    for row, label in zip(extended, labels, strict=True):
        row[1 : 2 * len(label) : 2] = label
    real = np.arange(size) <= 2 * lengths[:, None]
    skip = np.zeros(extended.shape)
    skip[:, 2:] = (extended[:, 2:] != BLANK) & (extended[:, 2:] != extended[:, :-2])
    flat = [np.ascontiguousarray(output).reshape(-1) for output in outputs]
    first = np.array(rows, np.int64)[:, None] * (total * classes) + extended

    def emissions() -> Iterator[NDArray[np.float32]]:
        """What each state emits at each step, [models x K, S]; gathered for some steps at once."""
        some = max(1, _GATHERED // max(1, extended.size))
        for start in range(0, total, some):
            places = first + classes * np.arange(start, min(total, start + some))[:, None, None]
            yield from np.concatenate([np.take(output, places) * real for output in flat], axis=1)

    logs = _forward(emissions(), np.tile(skip, (len(outputs), 1)), np.tile(lengths, len(outputs)))
    return logs.reshape(len(outputs), len(rows))


def _forward(
    emissions: Iterator[NDArray[np.float32]], skip: NDArray[np.float64], lengths: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Log of the forward variable at the end, [K], from what each state emits at each step, [K, S] a step."""
    count, size = skip.shape
    # Two columns of zeros before the first state spare the loop its edges.
    alpha = np.zeros((count, size + 2))
    alpha[:, 2:4] = 1.0
    scale = np.zeros(count, np.int64)
    states = alpha[:, 2:]
    for step, emission in enumerate(emissions):
        if step:
            states += alpha[:, 1:-1] + alpha[:, :-2] * skip
        states *= emission
        if step % 8 == 7:
            _, exponent = np.frexp(states.max(axis=1))
            np.ldexp(states, -exponent[:, None], out=states)
            scale += exponent
    pairs = np.arange(count)
    last = alpha[pairs, 2 + 2 * lengths]
    before = np.where(lengths > 0, alpha[pairs, 1 + 2 * lengths], 0.0)
    # math.log, not np.log: the latter's vector and scalar forms may differ in the last bit.
    logs = [math.log(x) + e * math.log(2) if x > 0 else -math.inf for x, e in zip(last + before, scale, strict=True)]
    return np.array(logs)


def align(probabilities: NDArray[np.float32], label: list[int]) -> list[tuple[int, int]]:
    """Steps ``start:stop`` of each letter on the likeliest path that reads ``label`` (Viterbi).

    Args:
        probabilities: softmax output of one line, [T, C].
        label: its classes.

    Raises:
        ValueError: the label has more letters than the line has steps for.
    """
    steps, size = probabilities.shape[0], 2 * len(label) + 1
    extended = np.zeros(size, np.int64)
    extended[1::2] = label
    skip = np.zeros(size, bool)
    skip[2:] = (extended[2:] != BLANK) & (extended[2:] != extended[:-2])
    logs = np.log(np.maximum(probabilities[:, extended], 1e-30), dtype=np.float64)
    best = np.full(size, -np.inf)
    best[:2] = logs[0, :2]
    moves = np.zeros((steps, size), np.int64)
    for step in range(1, steps):
        stay, one, two = best, np.full(size, -np.inf), np.full(size, -np.inf)
        one[1:] = best[:-1]
        two[2:] = np.where(skip[2:], best[:-2], -np.inf)
        options = np.stack([stay, one, two])
        moves[step] = options.argmax(axis=0)
        best = options.max(axis=0) + logs[step]
    state = size - 1 if size == 1 or best[-1] >= best[-2] else size - 2
    if best[state] == -np.inf:
        raise ValueError(f"{len(label)} letters do not fit {steps} steps")
    spans = [(0, 0)] * len(label)
    stop = steps
    for step in range(steps - 1, -1, -1):
        before = state - int(moves[step][state]) if step else -1
        if before != state:
            if state % 2:
                spans[state // 2] = (step, stop)
            stop, state = step, before
    return spans
