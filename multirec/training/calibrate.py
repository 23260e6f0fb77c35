"""Calibrating a pair of models on labelled lines that they were not trained on."""

from __future__ import annotations

from pathlib import Path

from rapidfuzz.distance import Levenshtein

from multirec import weights
from multirec.calibration import Calibration, Evidence, fit
from multirec.labels import fold_print
from multirec.options import Options
from multirec.results import Result

LANGUAGE = (0.4, 0.3, 0.5, 0.2, 0.0)
"""Weights of the language model that are tried; the first of the best is taken."""

Learned = tuple[list[Evidence], list[bool]]


def calibrate(pair: tuple[Path, Path], lines: list[tuple[Path, str]], language_model: Path) -> Calibration:
    """Read ``lines`` with both models, weigh the language, fit the curves, and write all into both weights files.

    Kinds of quotes and dashes do not count.

    Raises:
        ValueError: too few lines, or lines too easy or too hard, to learn anything from.
        ModelError: the weights cannot be used.
    """
    from multirec.recognizer import Recognizer

    labels = [fold_print(label) for _, label in lines]
    readings: dict[float, list[Result]] = {}
    with Recognizer(Options(weights_363=pair[0], weights_484=pair[1], language=language_model)) as recognizer:
        for weight in LANGUAGE:
            recognizer.language_weight = weight
            readings[weight] = list(recognizer.read(path for path, _ in lines))

    def errors(weight: float) -> int:
        return sum(
            Levenshtein.distance(fold_print(result.text), label)
            for result, label in zip(readings[weight], labels, strict=True)
        )

    language = min(LANGUAGE, key=errors)
    learned: list[Learned] = [([], []) for _ in range(4)]
    agree, differ, first, second = learned
    for result, label in zip(readings[language], labels, strict=True):
        if result.error:
            continue
        texts = (result.text, *(text for text, _ in result.readings))
        curves = (agree if result.agree else differ, first, second)
        for (known, right), text, evidence in zip(curves, texts, result.evidence, strict=True):
            known.append(evidence)
            right.append(fold_print(text) == label)
    found = Calibration(fit(*agree), fit(*differ), fit(*first), fit(*second), language)
    for path in pair:
        arrays, metadata = weights.load(path)
        weights.save(path, arrays, weights.recalibrated(metadata, found.to_json()))
    return found
