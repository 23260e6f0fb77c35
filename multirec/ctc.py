"""Reading a CTC output: best-path decoding and the probability of a text (Graves et al., ICML 2006)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

BLANK = 0


def best_path(probabilities: NDArray[np.float32]) -> list[tuple[list[int], float]]:
    """Greedy reading of each line: repeats merged, blanks dropped.

    Args:
        probabilities: softmax outputs, [N, T, C].

    Returns:
        For each line its classes, and the log probability of the path.
    """
    classes = probabilities.argmax(axis=2)
    peaks = np.take_along_axis(probabilities, classes[:, :, None], axis=2)[:, :, 0]
    scores = np.log(np.maximum(peaks, 1e-30), dtype=np.float64).sum(axis=1)
    changes = np.ones(classes.shape, bool)
    changes[:, 1:] = classes[:, 1:] != classes[:, :-1]
    keep = changes & (classes != BLANK)
    return [(line[kept].tolist(), float(score)) for line, kept, score in zip(classes, keep, scores, strict=True)]


def log_probability(
    probabilities: NDArray[np.float32], rows: list[int], labels: list[list[int]]
) -> NDArray[np.float64]:
    """Log P(label | line) of each pair, summed over all alignments: the CTC forward pass, equation 8.

    Args:
        probabilities: softmax outputs, [N, T, C].
        rows: for each pair, its line in ``probabilities``, [K].
        labels: for each pair, its classes, [K] lists of any length.

    Returns:
        [K]; minus infinity where a label has more letters than the line has steps.

    Each pair's result is the same bit for bit whatever the other pairs are: only products, sums of three and
    scaling by powers of two, its own, happen to it.
    """
    count, steps = len(rows), probabilities.shape[1]
    lengths = np.array([len(label) for label in labels])
    size = 2 * int(lengths.max(initial=0)) + 1
    # A blank before, between and after the letters.
    extended = np.zeros((count, size), np.int64)
    for row, label in zip(extended, labels, strict=True):
        row[1 : 2 * len(label) : 2] = label
    real = (np.arange(size) <= 2 * lengths[:, None]).astype(np.float64)
    skip = np.zeros((count, size))
    skip[:, 2:] = (extended[:, 2:] != BLANK) & (extended[:, 2:] != extended[:, :-2])
    at = np.asarray(rows)[:, None]
    # Two columns of zeros before the first state spare the loop its edges.
    alpha = np.zeros((count, size + 2))
    alpha[:, 2:4] = 1.0
    scale = np.zeros(count, np.int64)
    for step in range(steps):
        emission = probabilities[at, step, extended] * real
        if step:
            alpha[:, 2:] += alpha[:, 1:-1] + alpha[:, :-2] * skip
        alpha[:, 2:] *= emission
        if step % 8 == 7:
            _, exponent = np.frexp(alpha.max(axis=1))
            alpha = np.ldexp(alpha, -exponent[:, None])
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
