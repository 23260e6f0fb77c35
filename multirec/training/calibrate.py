"""Calibrating a pair of models on labelled lines that they were not trained on."""

from __future__ import annotations

import math
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from multirec.decoding.calibration import Calibration, fit, rescaled
from multirec.inputs.labels import fold_print
from multirec.models import weights
from multirec.options import Options
from multirec.results import Evidence, Result

LANGUAGE = (0.4, 0.3, 0.5, 0.2, 0.0)
"""Weights of the language model that are tried; the first of the best is taken."""

Labelled = tuple[Path, str]
Learned = tuple[list[Evidence], list[bool]]


def calibrate(
    pair: tuple[Path, Path], real: list[Labelled], language_model: Path, rendered: list[Labelled] | None = None
) -> Calibration:
    """Read labelled lines with both models, learn from them, and write what was learned into both weights files.

    How much the language counts, and how far evidence can be trusted, is learned from ``real`` lines; what kinds
    of evidence are worth beside each other, from the ``rendered`` ones too.  Kinds of quotes and dashes do not count.

    Raises:
        ValueError: too few lines, or lines too easy or too hard, to learn anything from.
        ModelError: the weights cannot be used.
    """
    from multirec.recognizer import Recognizer

    lines = real + (rendered or [])
    labels = [fold_print(label) for _, label in lines]
    counted = len(real) or len(lines)
    readings: dict[float, list[Result]] = {}
    with Recognizer(Options(weights_363=pair[0], weights_484=pair[1], language=language_model)) as recognizer:
        for weight in LANGUAGE:
            recognizer.language_weight = weight
            readings[weight] = list(recognizer.read(path for path, _ in lines))

    def errors(weight: float) -> int:
        pairs = zip(readings[weight][:counted], labels, strict=False)
        return sum(Levenshtein.distance(fold_print(result.text), label) for result, label in pairs)

    language = min(LANGUAGE, key=errors)
    every, of_real = _evidence(readings[language], labels), _evidence(readings[language][:counted], labels)
    agree, differ, first, second = (
        rescaled(fit(*all_of_them), *some) for all_of_them, some in zip(every, of_real, strict=True)
    )
    found = Calibration(agree, differ, first, second, language)
    for path in pair:
        arrays, metadata = weights.load(path)
        weights.save(path, arrays, weights.recalibrated(metadata, found.to_json()))
    return found


def _evidence(results: list[Result], labels: list[str]) -> list[Learned]:
    """For each curve the evidence for texts, and which were right."""
    learned: list[Learned] = [([], []) for _ in range(4)]
    agree, differ, first, second = learned
    for result, label in zip(results, labels, strict=False):
        if result.error:
            continue
        texts = (result.text, *(text for text, _ in result.readings))
        curves = (agree if result.agree else differ, first, second)
        for (known, right), text, evidence in zip(curves, texts, result.evidence, strict=True):
            if evidence.score > -math.inf:  # elsewhere there is no confidence to fit
                known.append(evidence)
                right.append(fold_print(text) == label)
    return learned
