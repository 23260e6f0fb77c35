"""Ways to combine the two models, compared on the same outputs: a table of character error rates, in percent.

    python weights/combining.py FOLDER...      # labelled lines, as for multirec evaluate

The product keeps the best one only (``multirec.combine``); the others are here, to be measured again when
the networks change.  Kinds of quotes and dashes, and runs of blanks, do not count.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from multirec import ctc
from multirec.batching import Batch
from multirec.combine import Classes, Combined, Outputs, combine
from multirec.details import prefix_beam
from multirec.discover import Source
from multirec.evaluation import Folding
from multirec.labels import read_labels
from multirec.models import MultiModel
from multirec.options import shipped
from multirec.reading import read
from multirec.widths import grid_width

BEAM = 6
"""Texts that each model proposes in the n-best ways."""

Way = Callable[[Outputs, Combined], Classes]


def more_confident(outputs: Outputs, line: Combined) -> Classes:
    """The reading with the larger probability under its own model."""
    return max(line.readings, key=lambda reading: reading.score).classes


def frame_average(outputs: Outputs, line: Combined) -> Classes:
    """The best path through the mean of both outputs."""
    return ctc.best_path((outputs[0] + outputs[1]) * np.float32(0.5))[0][0]


def joint(outputs: Outputs, candidates: list[Classes]) -> Classes:
    """The candidate with the largest log P363 + log P484."""
    rows = [0] * len(candidates)
    scores = ctc.log_probability(outputs[0], rows, candidates) + ctc.log_probability(outputs[1], rows, candidates)
    return candidates[int(np.argmax(scores))]


def joint_line(outputs: Outputs, line: Combined) -> Classes:
    """One of both readings as a whole, by their joint probability."""
    return joint(outputs, [reading.classes for reading in line.readings])


def joint_nbest(outputs: Outputs, line: Combined) -> Classes:
    """Likewise among the n-best of each model."""
    proposed = [classes for output in outputs for classes in prefix_beam(output[0], BEAM)]
    return joint(outputs, [*(reading.classes for reading in line.readings), *proposed])


WAYS: dict[str, Way] = {
    "SEnet363 alone": lambda outputs, line: line.readings[0].classes,
    "SEnet484 alone": lambda outputs, line: line.readings[1].classes,
    "more confident": more_confident,
    "frame average": frame_average,
    "joint, whole line": joint_line,
    "joint, n-best": joint_nbest,
    "joint, passages": lambda outputs, line: line.chosen.classes,
}


def main(folders: list[str]) -> None:
    """Print the table over all lines of ``folders``."""
    models = MultiModel((shipped("SEnet363"), shipped("SEnet484")))
    fold = Folding(print=True)
    edits, letters = dict.fromkeys(WAYS, 0), 0
    for path, label in (pair for folder in folders for pair in read_labels(Path(folder))):
        picture = read(0, Source(str(path)))
        if picture.pixels is None:
            continue
        pixels = Batch((picture,), grid_width(picture.pixels.shape[1])).pixels()
        outputs = (models.predict(0, pixels), models.predict(1, pixels))
        (line,) = combine(outputs)
        want = fold(label)
        letters += len(want)
        for name, way in WAYS.items():
            edits[name] += Levenshtein.distance(want, fold(models.alphabet.decode(way(outputs, line))))
    for name, count in edits.items():
        print(f"{name:20}{100 * count / max(1, letters):7.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
