"""Reading a CTC output: best-path decoding and the probability of a text (Graves et al., ICML 2006)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLANK = 0


def best_path(probabilities: NDArray[np.float32]) -> list[tuple[list[int], float]]:
    """Greedy reading of each line: repeats merged, blanks dropped.

    Args:
        probabilities: softmax outputs, [N, T, C].

    Returns:
        For each line its classes, and the product of the path's probabilities.
    """
    classes = probabilities.argmax(axis=2)
    peaks = np.take_along_axis(probabilities, classes[:, :, None], axis=2)[:, :, 0]
    scores = np.exp(np.log(np.maximum(peaks, 1e-30), dtype=np.float64).sum(axis=1))
    changes = np.ones(classes.shape, bool)
    changes[:, 1:] = classes[:, 1:] != classes[:, :-1]
    keep = changes & (classes != BLANK)
    return [(line[kept].tolist(), float(score)) for line, kept, score in zip(classes, keep, scores, strict=True)]
