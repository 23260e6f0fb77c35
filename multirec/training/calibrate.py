"""Calibrating a pair of models on labelled lines that they were not trained on."""

from __future__ import annotations

from pathlib import Path

from multirec import weights
from multirec.calibration import Calibration, fit
from multirec.labels import fold_print


def calibrate(pair: tuple[Path, Path], lines: list[tuple[Path, str]]) -> Calibration:
    """Read ``lines`` with both models, fit the curves and write them into both weights files.

    Kinds of quotes and dashes do not count.

    Raises:
        ValueError: too few lines, or lines too easy or too hard, to learn anything from.
        ModelError: the weights cannot be used.
    """
    from multirec.options import Options
    from multirec.recognizer import Recognizer

    agree: tuple[list[float], list[bool]] = ([], [])
    differ: tuple[list[float], list[bool]] = ([], [])
    alone: tuple[tuple[list[float], list[bool]], ...] = (([], []), ([], []))
    with Recognizer(Options(weights_363=pair[0], weights_484=pair[1])) as recognizer:
        for result, (_, label) in zip(recognizer.read(path for path, _ in lines), lines, strict=True):
            if result.error:
                continue
            scores, right = agree if result.agree else differ
            scores.append(result.score)
            right.append(fold_print(result.text) == fold_print(label))
            for (scores, right), (text, _), score in zip(alone, result.readings, result.scores, strict=True):
                scores.append(score)
                right.append(fold_print(text) == fold_print(label))
    known = Calibration(fit(*agree), fit(*differ), fit(*alone[0]), fit(*alone[1]))
    for path in pair:
        arrays, metadata = weights.load(path)
        weights.save(path, arrays, weights.recalibrated(metadata, known.to_json()))
    return known
