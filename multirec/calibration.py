"""From evidence to confidences: how often a line with such evidence is right as a whole.

The evidence for a text is its log probability, its least usual letter and its length; confidence is a logistic
function of them (after Platt), of its own for lines on which the models agree, for those on which they differ, and
for each model alone.  Fitted on lines that were neither trained on nor are measured on, and kept in the weights files.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from multirec.results import Evidence

Curve = tuple[float, float, float, float]
"""Weights of the features."""


@dataclass(frozen=True)
class Calibration:
    """What was learned of a pair of models from held-out lines.

    Attributes:
        agree, differ, first, second: curves; None leaves the probability as it is.
        language: what the language model counts where the models differ, see ``multirec.combine``.
    """

    agree: Curve | None = None
    differ: Curve | None = None
    first: Curve | None = None
    second: Curve | None = None
    language: float = 0.0

    @classmethod
    def from_json(cls, known: dict[str, Any]) -> Calibration:
        """The calibration in a weights file's metadata."""
        curves = {name: _curve(curve) for name, curve in known.items() if name != "language" and curve}
        return cls(**curves, language=float(known.get("language", 0.0)))

    def to_json(self) -> dict[str, Any]:
        """For a weights file's metadata."""
        return asdict(self)


def _curve(known: list[float]) -> Curve:
    # Files of format 1 have the first two weights only.
    a, b, c, d = (*map(float, known), 0.0, 0.0)[:4]
    return a, b, c, d


def confidence(curve: Curve | None, evidence: Evidence) -> float:
    """Probability, 0 to 1, that a text with such ``evidence`` is right as a whole."""
    if evidence.score == -math.inf:
        return 0.0
    if curve is None:
        return math.exp(min(evidence.score, 0.0))
    x = math.fsum(weight * feature for weight, feature in zip(curve, evidence.features(), strict=True))
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def fit(lines: list[Evidence], right: list[bool]) -> Curve:
    """Logistic regression of ``right`` on the evidence, by Newton's method, lightly regularised.

    Raises:
        ValueError: fewer than twenty lines, or all of one outcome: nothing can be learned.
    """
    if len(lines) < 20 or len(set(right)) < 2:
        raise ValueError(f"{len(lines)} lines, {sum(right)} of them right, do not make a calibration: give more lines")
    x = np.array([line.features() for line in lines])
    weights = _logistic(x, np.array(right, np.float64))
    if weights[2] < 0:  # an odd letter never speaks for a text, whatever a few lines say
        x[:, 2] = 0.0
        weights = _logistic(x, np.array(right, np.float64))
    a, b, c, d = weights.tolist()
    return a, b, c, d


def levelled(curve: Curve, lines: list[Evidence], right: list[bool]) -> Curve:
    """``curve``, raised or lowered until its mean confidence on ``lines`` is the share of them that is right."""
    if len(set(right)) < 2:
        return curve
    a, *slopes = curve
    rest = np.array([line.features()[1:] for line in lines]) @ np.array(slopes)
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(rest + a, -500, 500)))
        step = float((np.array(right) - p).sum() / max(1e-9, (p * (1 - p)).sum()))
        a += max(-1.0, min(1.0, step))
        if abs(step) < 1e-9:
            break
    b, c, d = slopes
    return a, b, c, d


def _logistic(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of the features ``x`` [N, F] for the outcomes ``y`` [N]."""
    weights = np.zeros(x.shape[1])
    ridge = np.diag([0.0, *[0.01] * (x.shape[1] - 1)])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(x @ weights)))
        gradient = x.T @ (y - p) - ridge @ weights
        hessian = (x * (p * (1 - p))[:, None]).T @ x + ridge + 1e-9 * np.eye(len(weights))
        step = np.linalg.solve(hessian, gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    return weights
