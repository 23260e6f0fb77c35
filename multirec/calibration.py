"""From scores to confidences: how often a line with such a score is right as a whole.

The score of a text is its log probability; confidence is a logistic function of log(-score) (Platt scaling),
of its own for lines on which the models agree, for those on which they differ, and for each model alone.
Fitted on lines that were neither trained on nor are measured on, and kept in the weights files.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Curve = tuple[float, float]
"""Intercept and slope over log(-score)."""

_LEAST = 1e-6


@dataclass(frozen=True)
class Calibration:
    """The curves of a pair of models; None leaves the probability as it is."""

    agree: Curve | None = None
    differ: Curve | None = None
    first: Curve | None = None
    second: Curve | None = None

    @classmethod
    def from_json(cls, known: dict[str, Any]) -> Calibration:
        """The calibration in a weights file's metadata."""
        return cls(**{name: (float(curve[0]), float(curve[1])) for name, curve in known.items() if curve})

    def to_json(self) -> dict[str, Any]:
        """For a weights file's metadata."""
        return asdict(self)


def confidence(curve: Curve | None, score: float) -> float:
    """Probability, 0 to 1, that a text with log probability ``score`` is right as a whole."""
    if curve is None:
        return math.exp(min(score, 0.0))
    if score == -math.inf:
        return 0.0
    x = curve[0] + curve[1] * math.log(max(-score, _LEAST))
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def fit(scores: list[float], right: list[bool]) -> Curve:
    """Logistic regression of ``right`` on log(-score), by Newton's method, lightly regularised.

    Raises:
        ValueError: fewer than twenty lines, or all of one outcome: nothing can be learned.
    """
    if len(scores) < 20 or len(set(right)) < 2:
        raise ValueError(f"{len(scores)} lines, {sum(right)} of them right, do not make a calibration: give more lines")
    finite = np.clip(np.array(scores), -1e6, -_LEAST)
    x = np.stack([np.ones(len(scores)), np.log(-finite)], axis=1)
    y = np.array(right, np.float64)
    weights: NDArray[np.float64] = np.zeros(2)
    ridge = np.diag([0.0, 0.01])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(x @ weights)))
        gradient = x.T @ (y - p) - ridge @ weights
        hessian = (x * (p * (1 - p))[:, None]).T @ x + ridge + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    return float(weights[0]), float(weights[1])
