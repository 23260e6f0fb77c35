"""From evidence to confidences: how often a line with such evidence is right as a whole.

The evidence for a text is its log probability, its least usual letter and its length; confidence is a logistic
function of them (after Platt) below a ceiling, of its own for lines on which the models agree, for those on which
they differ, and for each model alone; of words likewise, of which each has evidence of its own.  Fitted on lines that
were neither trained on nor are measured on, and kept in the weights files.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from multirec.results import Evidence

Curve = tuple[float, float, float, float, float]
"""Weights of the features, and the ceiling: what no evidence makes any surer, since labels have faults."""

_STIFFNESS = 5.0
"""Holds a curve to its slope against few lines: as much as some twenty lines hold it."""

_FLATTEST = -0.9
"""Most that is taken from a slope, of 1."""

_CEILINGS = (1.0, 0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93, 0.92, 0.91, 0.9)
"""Ceilings that are tried."""


_SIZE_ALONE = frozenset("cosuvwxz0")
"""Letters whose capitals are the same but for their size, and the digit that is a larger o."""

_EITHER = 0.45
"""Most that is said of a text that may as well be in the other case: it is right about every second time."""

_OF_ALL_SCRIPTS = frozenset("ABCEHIJKMNOPSTXYZ")
"""Capitals that look the same in Cyrillic or in Greek, where they are other letters."""

_STRANGE = -4.0
"""Least usual letter of a text, from which on down it is hardly of a language that is known here."""

_PERHAPS = 0.7
"""Most that is said of such a text in such letters, or where ſ may be f, or O be 0."""

_BETWEEN = re.compile("[A-Z][0O]+[1-9]")
"""Zeros, or the letter, where a code's letters end and its figures begin."""


@dataclass(frozen=True)
class Calibration:
    """What was learned of a pair of models from held-out lines.

    Attributes:
        agree, differ, first, second: curves; None leaves the probability as it is.
        word_agree, word_differ: curves of words; None for those of lines, since a word is a short one.
        language: what the language model counts where the models differ, see ``multirec.decoding.combine``.
    """

    agree: Curve | None = None
    differ: Curve | None = None
    first: Curve | None = None
    second: Curve | None = None
    word_agree: Curve | None = None
    word_differ: Curve | None = None
    language: float = 0.0

    @classmethod
    def from_json(cls, known: dict[str, Any]) -> Calibration:
        """The calibration in a weights file's metadata."""
        curves = {f.name: _curve(known[f.name]) for f in fields(cls) if f.name != "language" and known.get(f.name)}
        return cls(**curves, language=float(known.get("language", 0.0)))

    def word(self, agree: bool) -> Curve | None:
        """The curve of words that both models read alike, or not."""
        return (self.word_agree or self.agree) if agree else (self.word_differ or self.differ)

    def to_json(self) -> dict[str, Any]:
        """For a weights file's metadata."""
        return asdict(self)


def _curve(numbers: Iterable[float]) -> Curve:
    a, b, c, d, ceiling = map(float, numbers)
    return a, b, c, d, ceiling


def confidence(curve: Curve | None, evidence: Evidence) -> float:
    """Probability, 0 to 1, that a text with such ``evidence`` is right as a whole."""
    if evidence.score == -math.inf:
        return 0.0
    if curve is None:
        return math.exp(min(evidence.score, 0.0))
    *weights, ceiling = curve
    x = math.fsum(weight * feature for weight, feature in zip(weights, evidence.features(), strict=True))
    return ceiling / (1 + math.exp(-x)) if x > -700 else 0.0


def bounded(confidence: float, text: str, oddest: float, line: str | None = None) -> float:
    """``confidence``, but no more than the picture of ``text`` can tell, which is all of ``line`` or a word of it.

    Where letters stand alone whose capitals are the same but for their size, nothing tells S from s, since a line is
    scaled to one height; any other letter or digit beside them does.  And capitals that other scripts share, in a
    sequence that no language has (``oddest``, see ``Evidence``), may be of one of these: MOCKBA.  Between ſ and f is
    half a bar; where no language has the sequence, it may be the other: beautiſul.  And where the letters of a code end
    and its figures begin, nothing tells O from 0: UTO0123.
    """
    bases = _bases(text)
    beside = bases if line is None else _bases(line)
    if beside and {c.lower() for c in beside} <= _SIZE_ALONE:
        return min(confidence, _EITHER)
    strange = oddest < _STRANGE and ("ſ" in bases or (bases and bases <= _OF_ALL_SCRIPTS))
    return min(confidence, _PERHAPS) if strange or _BETWEEN.search(text) else confidence


def _bases(text: str) -> set[str]:
    """Letters and digits without their accents."""
    return {unicodedata.normalize("NFD", c)[0] for c in text if c.isalnum()}


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
    return _curve([*weights.tolist(), 1.0])


def rescaled(curve: Curve, lines: list[Evidence], right: list[bool]) -> Curve:
    """``curve`` made higher or lower, flatter or steeper, and with a ceiling, as fits ``lines`` best.

    The features' ratios stay.  A ceiling is one number more, and has to explain that much (Akaike's criterion).
    """
    if len(set(right)) < 2:
        return curve
    outcomes = np.array(right, np.float64)
    logit = np.array([line.features() for line in lines]) @ np.array(curve[:-1])
    fits = [(*_below(ceiling, logit, outcomes), ceiling) for ceiling in _CEILINGS]
    (_, shift, stretch, ceiling) = max(fits, key=lambda fit: fit[0] - (fit[-1] < 1))
    a, *slopes = (weight * (1 + stretch) for weight in curve[:-1])
    return _curve([a + shift, *slopes, ceiling])


def _below(ceiling: float, logit: NDArray[np.float64], outcomes: NDArray[np.float64]) -> tuple[float, float, float]:
    """The log likelihood of ``outcomes`` [N] by the best curve below ``ceiling``, its shift and its stretch.

    By expectation and maximisation: what was wrong may have been right below the ceiling.
    """
    level = np.ones_like(logit)
    under, shift, stretch = outcomes, 0.0, 0.0
    for _ in range(30 if ceiling < 1 else 1):
        shift, stretch = _logistic(np.stack([level, logit], axis=1), under, logit, _STIFFNESS)
        if stretch < _FLATTEST:  # better evidence never speaks against a text, whatever a few lines say
            stretch = _FLATTEST
            (shift,) = _logistic(level[:, None], under, logit * (1 + stretch))
        p = 1 / (1 + np.exp(-np.clip(shift + (1 + stretch) * logit, -30, 30)))
        under = np.where(outcomes > 0, 1.0, p * (1 - ceiling) / (1 - ceiling * p))
    likely = float(np.log(np.where(outcomes > 0, ceiling * p, 1 - ceiling * p)).sum())
    return likely, shift, stretch


def _logistic(
    x: NDArray[np.float64], y: NDArray[np.float64], start: NDArray[np.float64] | float = 0.0, ridge: float = 0.01
) -> NDArray[np.float64]:
    """Weights of the features ``x`` [N, F] for the outcomes ``y`` [N], added to the logits ``start`` [N].

    All weights but the first are held to 0 by ``ridge``.
    """
    weights = np.zeros(x.shape[1])
    penalty = np.diag([0.0, *[ridge] * (x.shape[1] - 1)])

    def loss(weights: NDArray[np.float64]) -> float:
        logit = x @ weights + start
        return float((np.logaddexp(0, logit) - y * logit).sum() + weights @ penalty @ weights / 2)

    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(x @ weights + start, -500, 500)))
        gradient = x.T @ (y - p) - penalty @ weights
        hessian = (x * (p * (1 - p))[:, None]).T @ x + penalty + 1e-9 * np.eye(len(weights))
        step = np.linalg.solve(hessian, gradient)
        # Far from the solution the curve is flat and Newton's step wild: it is halved until it leads downwards.
        while np.abs(step).max() >= 1e-9 and loss(weights + step) >= loss(weights):
            step = step / 2
        if np.abs(step).max() < 1e-9:
            break
        weights = weights + step
    return weights
