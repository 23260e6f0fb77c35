"""Calibrating a pair of models on labelled lines that they were not trained on."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from multirec.decoding.calibration import Calibration, Curve, fit, rescaled
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
    Words have curves of their own, where there are enough of them.

    Raises:
        ValueError: too few lines, or lines too easy or too hard, to learn anything from.
        ModelError: the weights cannot be used.
    """
    from multirec.recognizer import Recognizer

    lines = real + (rendered or [])
    labels = [fold_print(label) for _, label in lines]
    counted = len(real) or len(lines)
    readings: dict[float, list[Result]] = {}

    def errors(weight: float) -> int:
        pairs = zip(readings[weight][:counted], labels, strict=False)
        return sum(Levenshtein.distance(fold_print(result.text), label) for result, label in pairs)

    with Recognizer(Options(weights_363=pair[0], weights_484=pair[1], language=language_model)) as recognizer:
        for weight in LANGUAGE:
            recognizer.language_weight = weight
            readings[weight] = list(recognizer.read(path for path, _ in lines))
        language = recognizer.language_weight = min(LANGUAGE, key=errors)
        recognizer.options = replace(recognizer.options, words=True)
        results = list(recognizer.read(path for path, _ in lines))

    every, of_real = _evidence(results, labels), _evidence(results[:counted], labels)
    agree, differ, first, second = (
        rescaled(fit(*all_of_them), *some) for all_of_them, some in zip(every, of_real, strict=True)
    )
    words = zip(_of_words(results, labels), _of_words(results[:counted], labels), strict=True)
    word_agree, word_differ = (_fitted(all_of_them, some) for all_of_them, some in words)
    found = Calibration(agree, differ, first, second, word_agree, word_differ, language)
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


def _of_words(results: list[Result], labels: list[str]) -> list[Learned]:
    """The same for words: those that both models read alike, and the others."""
    learned: list[Learned] = [([], []), ([], [])]
    for result, label in zip(results, labels, strict=False):
        for word, is_right in zip(result.words, right_words([word.word for word in result.words], label), strict=True):
            if word.evidence.score > -math.inf:
                known, right = learned[0 if word.agree else 1]
                known.append(word.evidence)
                right.append(is_right)
    return learned


def right_words(words: list[str], label: str) -> list[bool]:
    """Which words of a line stand in its label too, by the least changes that make one of the other.

    Args:
        words: as they were read.
        label: as ``fold_print`` writes it.
    """
    right = [False] * len(words)
    for change in Levenshtein.opcodes([fold_print(word) for word in words], label.split(" ")):
        if change.tag == "equal":
            right[change.src_start : change.src_end] = [True] * (change.src_end - change.src_start)
    return right


def _fitted(every: Learned, some: Learned) -> Curve | None:
    """A curve, or None where there is too little to learn one from; then a line's does."""
    try:
        return rescaled(fit(*every), *some)
    except ValueError:
        return None
