"""Reading a CTC output: best-path decoding and the probability of a text (Graves et al., ICML 2006)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

BLANK = 0

_GATHERED = 1 << 18
"""Numbers of one model's output that are gathered at once, about."""

_NEVER = -(1 << 30)
"""The exponent of nothing."""


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
    """Log P(label | line) by each model, summed over all alignments (section 4.1 of the paper).

    Args:
        outputs: softmax outputs of the M models, [N, T, C] each.
        rows: for each label, its line in the outputs, [K].
        labels: classes, [K] lists of any length.

    Returns:
        [M, K]; minus infinity where a label has more letters than the line has steps.

    The forward variables go to the middle of the line and the backward ones come to meet them: half as many steps,
    each for twice as many numbers, which is what NumPy is quick at.  Each label's result is the same bit for bit
    whatever the other labels are: only products, sums in order and scaling by powers of two, its own, happen to it.
    """
    lengths = np.array([len(label) for label in labels], np.int64)
    states = np.arange(2 * int(lengths.max(initial=0)) + 1)
    # A blank before, between and after the letters, [S, 2, K]: of each label, and of the label read backwards.
    extended = np.zeros((len(states), 2, len(rows)), np.int64)
    for k, label in enumerate(labels):
        extended[1 : 2 * len(label) : 2, 0, k] = label
        extended[1 : 2 * len(label) : 2, 1, k] = label[::-1]
    skip = np.zeros(extended.shape)
    skip[2:] = (extended[2:] != BLANK) & (extended[2:] != extended[:-2])
    shape = (len(states), len(outputs), 2, len(rows))
    real = np.broadcast_to((states[:, None] <= 2 * lengths)[:, None, None], shape).astype(np.float64)
    skip = np.ascontiguousarray(np.broadcast_to(skip[:, None], shape))

    alpha, scale = _advance(_emissions(outputs, rows, extended), skip, real)
    # One step on without emitting anything, then each state meets the same one of the other direction.
    ahead = (alpha[2:] + alpha[1:-1] + alpha[:-2] * skip)[:, :, 0]
    same = np.maximum(2 * lengths - states[:, None], 0)[:, None]
    back = np.take_along_axis(alpha[2:, :, 1], np.broadcast_to(same, ahead.shape), axis=0) * real[:, :, 0]
    (ahead, above), (back, below) = np.frexp(ahead), np.frexp(back)
    product = ahead * back
    exponent = np.where(product > 0, above + below, _NEVER)
    top = exponent.max(axis=0)
    # Summed in order, so that the zeros after a label's last state change nothing.
    total = np.cumsum(np.ldexp(product, exponent - top), axis=0)[-1]
    # math.log, not np.log: the latter's vector and scalar forms may differ in the last bit.
    logs = [
        math.log(x) + e * math.log(2) if x > 0 else -math.inf
        for x, e in zip(total.flat, (top + scale.sum(axis=1)).flat, strict=True)
    ]
    return np.array(logs).reshape(total.shape)


def _emissions(
    outputs: tuple[NDArray[np.float32], ...], rows: list[int], extended: NDArray[np.int64]
) -> Iterator[NDArray[np.float64]]:
    """What each state emits at each step from either end to the middle, [S, M, 2, K]; gathered for some at once."""
    if outputs[0].shape[1] % 2:
        # A step more that is blank for certain changes nothing.
        blank = np.eye(1, outputs[0].shape[2], BLANK, dtype=np.float32)
        outputs = tuple(np.concatenate([x, np.tile(blank, (len(x), 1, 1))], axis=1) for x in outputs)
    size, _, count = extended.shape
    _, total, classes = outputs[0].shape
    flat = [np.ascontiguousarray(output).reshape(-1) for output in outputs]
    ends = np.array(rows, np.int64) * (total * classes) + [[0], [(total - 1) * classes]]
    some = max(1, _GATHERED // max(1, extended.size))
    for start in range(0, total // 2, some):
        steps = np.arange(start, min(total // 2, start + some))[:, None, None, None]
        there = ends + steps * [[classes], [-classes]]
        blanks, letters = there + BLANK, there + extended[1::2]
        gathered = np.empty((len(steps), size, len(outputs), 2, count))
        for model, output in enumerate(flat):
            # Every other state is the same blank.
            gathered[:, ::2, model] = np.take(output, blanks)
            gathered[:, 1::2, model] = np.take(output, letters)
        yield from gathered


def _advance(
    emissions: Iterator[NDArray[np.float64]], skip: NDArray[np.float64], real: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The forward variables after the last of ``emissions``, times 2 ** -scale: [S + 2, …] and [...].

    States lie along the first axis, after two that stay 0 and spare the loop its edges: so the shift from a state to
    the next moves whole blocks.
    """
    alpha = np.zeros((len(skip) + 2, *skip.shape[1:]))
    alpha[2:4] = 1.0
    states, moved, scale = alpha[2:], np.empty(skip.shape), np.zeros(skip.shape[1:], np.int64)
    for step, emission in enumerate(emissions):
        if step:
            np.multiply(alpha[:-2], skip, out=moved)
            moved += alpha[1:-1]
            states += moved
        states *= emission
        if step % 8 == 7:
            states *= real
            _, exponent = np.frexp(states.max(axis=0))
            np.ldexp(states, -exponent, out=states)
            scale += exponent
    states *= real
    return alpha, scale


def align(probabilities: NDArray[np.float32], label: list[int]) -> list[tuple[int, int]]:
    """Steps ``start:stop`` of each letter on the likeliest path that reads ``label`` (Viterbi).

    Args:
        probabilities: softmax output of one line, [T, C].
        label: its classes.

    Raises:
        ValueError: the label has more letters than the line has steps for.
    """
    path = np.append(probabilities.argmax(axis=1), BLANK)
    changes = np.flatnonzero(np.diff(path, prepend=BLANK))
    starts = changes[path[changes] != BLANK]
    if path[starts].tolist() == label:  # no path is likelier than that of the likeliest steps
        return list(zip(starts.tolist(), changes[np.searchsorted(changes, starts) + 1].tolist(), strict=True))
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
