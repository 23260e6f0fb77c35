"""Ways to combine the two models, compared on the same outputs: a table of character error rates, in percent.

    python weights/combining.py FOLDER...      # labelled lines, as for multirec evaluate

The product keeps the best one only (``multirec.decoding.combine``); the others are here, to be measured again when
the networks change.  Kinds of quotes and dashes, and runs of blanks, do not count.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from multirec.decoding import ctc
from multirec.decoding.combine import Classes, Outputs, Reading, combine
from multirec.decoding.details import prefix_beam
from multirec.evaluation import Folding
from multirec.inputs.batching import Batch
from multirec.inputs.labels import read_labels
from multirec.inputs.reading import read
from multirec.inputs.widths import grid_width
from multirec.recognizer import Recognizer
from multirec.sources import Source

BEAM = 6
"""Texts that each model proposes in the n-best ways."""

Way = Callable[["Line"], Classes]


class Line:
    """What both models say of one line, and what the language does."""

    def __init__(self, recognizer: Recognizer, outputs: Outputs) -> None:
        self.outputs = outputs
        self._recognizer = recognizer
        (self.images,) = combine(outputs)
        (self.product,) = recognizer.combine(outputs)
        self._beams = [prefix_beam(output[0], BEAM) for output in outputs]

    @property
    def readings(self) -> tuple[Reading, Reading]:
        """What each model read."""
        return self.images.readings

    def best(self, candidates: list[Classes], models: tuple[int, ...] = (0, 1), language: bool = False) -> Classes:
        """The candidate with the largest sum of ``models``' log probabilities, and of the language's opinion."""
        rows = [0] * len(candidates)
        scores = ctc.log_probability(tuple(self.outputs[model] for model in models), rows, candidates).sum(axis=0)
        if language:
            opinions = map(math.fsum, self._recognizer.judge(candidates))
            scores = scores + self._recognizer.language_weight * len(models) / 2 * np.array([*opinions])
        return candidates[int(np.argmax(scores))]

    def proposed(self, models: tuple[int, ...] = (0, 1)) -> list[Classes]:
        """Both readings, or one, and the n-best of each model."""
        beams = [classes for model in models for classes in self._beams[model]]
        return [*(self.readings[model].classes for model in models), *beams]


WAYS: dict[str, Way] = {
    "SEnet363 alone": lambda line: line.readings[0].classes,
    "SEnet484 alone": lambda line: line.readings[1].classes,
    "SEnet363 n-best, with the language": lambda line: line.best(line.proposed((0,)), (0,), language=True),
    "SEnet484 n-best, with the language": lambda line: line.best(line.proposed((1,)), (1,), language=True),
    "the more confident": lambda line: max(line.readings, key=lambda reading: reading.score).classes,
    "frame average": lambda line: ctc.best_path((line.outputs[0] + line.outputs[1]) * np.float32(0.5))[0],
    "joint, whole line": lambda line: line.best([reading.classes for reading in line.readings]),
    "joint, n-best": lambda line: line.best(line.proposed()),
    "joint, passages": lambda line: line.images.chosen.classes,
    "joint, n-best, with the language": lambda line: line.best(line.proposed(), language=True),
    "the product's": lambda line: line.product.chosen.classes,
}


def main(folders: list[str]) -> None:
    """Print the table over all lines of ``folders``."""
    recognizer = Recognizer()
    fold = Folding(print=True)
    edits, letters = dict.fromkeys(WAYS, 0), 0
    for path, label in (pair for folder in folders for pair in read_labels(Path(folder))):
        picture = read(0, Source(str(path)))
        if picture.pixels is None:
            continue
        pixels = Batch((picture,), grid_width(picture.pixels.shape[1])).pixels()
        line = Line(recognizer, (recognizer.models.predict(0, pixels), recognizer.models.predict(1, pixels)))
        want = fold(label)
        letters += len(want)
        for name, way in WAYS.items():
            edits[name] += Levenshtein.distance(want, fold(recognizer.models.alphabet.decode(way(line))))
    for name, count in edits.items():
        print(f"{name:36}{100 * count / max(1, letters):7.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
