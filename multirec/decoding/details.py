"""What a line might also say, and where each letter is: computed only when asked for."""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from multirec.decoding import ctc
from multirec.decoding.combine import Classes, Combined, Outputs, Reading
from multirec.inputs.images import WHOLE, Span
from multirec.inputs.widths import STRIDE

Place = tuple[float, float, float]
"""Left and right edge in parts of the picture's width, and the model's trust."""


def alternatives(outputs: Outputs, row: int, line: Combined, count: int) -> list[Reading]:
    """The ``count`` best texts for a line, best first: both models' own candidates, scored under both."""
    candidates: dict[tuple[int, ...], None] = {tuple(line.chosen.classes): None}
    for output, reading in zip(outputs, line.readings, strict=True):
        candidates[tuple(reading.classes)] = None
        for text in prefix_beam(output[row], max(4, 2 * count)):
            candidates[tuple(text)] = None
    texts = [list(text) for text in candidates]
    scores = ctc.log_probability(outputs, [row] * len(texts), texts).sum(axis=0) / 2
    ranked = sorted(zip(texts, scores.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    # What was chosen stays first: passages are decided one by one, and the language has a say, so that a beam may
    # find a rival to it.
    first = [pair for pair in ranked if pair[0] == line.chosen.classes]
    return [Reading(*pair) for pair in (first + [pair for pair in ranked if pair not in first])[:count]]


def prefix_beam(probabilities: NDArray[np.float32], width: int, branch: int = 6) -> list[Classes]:
    """The likeliest texts of one line, [T, C]: prefix beam search (arXiv 1408.2873) without a language model."""
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    for frame in probabilities.astype(np.float64):
        likely = np.argpartition(frame, -branch)[-branch:]
        grown: dict[tuple[int, ...], list[float]] = {}
        for prefix, (blank, letter) in beams.items():
            entry = grown.setdefault(prefix, [0.0, 0.0])
            entry[0] += (blank + letter) * frame[ctc.BLANK]
            entry[1] += letter * frame[prefix[-1]] if prefix else 0.0
            for c in likely.tolist():
                if c != ctc.BLANK and frame[c]:
                    # After the same letter only a blank makes a new one.
                    before = blank if prefix and c == prefix[-1] else blank + letter
                    grown.setdefault((*prefix, c), [0.0, 0.0])[1] += before * frame[c]
        best = sorted(grown.items(), key=lambda item: (-sum(item[1]), item[0]))[:width]
        # Scaled at each step, or long lines would underflow.
        most = max(sum(best[0][1]), 1e-300)
        beams = {prefix: (blank / most, letter / most) for prefix, (blank, letter) in best}
    return [list(prefix) for prefix in beams]


def characters(outputs: Outputs, row: int, line: Combined, width: int, span: Span = WHOLE) -> list[tuple[int, Place]]:
    """Each letter's class and place, from the best alignment under the model that trusts the text more.

    Args:
        outputs: softmax outputs of both models, [N, T, C].
        row: the line among them.
        line: what was chosen for it.
        width: pixel columns of its picture, without padding.
        span: where these begin and end, in parts of the width that places are told in.
    """
    text = line.chosen.classes
    (first,), (second,) = ctc.log_probability(outputs, [row], [text])
    probabilities = outputs[int(second > first)][row]
    spans = ctc.align(probabilities, text)
    parts = [part(edge, width, span) for edge in edges(spans)]
    places = []
    for c, (start, stop), left, right in zip(text, spans, parts, parts[1:], strict=False):
        trust = float(probabilities[start:stop, c].max())
        places.append((c, (left, right, trust)))
    return places


def part(edge: float, width: int, span: Span) -> float:
    """``edge``, in steps, in parts of the width of which ``span`` is the line picture's, ``width`` columns."""
    at = min(edge * STRIDE / width, 1.0)
    if span.bend:  # even steps were even angles of a circle, seen from the front
        at = 0.5 + math.sin((2 * at - 1) * span.bend) / (2 * math.sin(span.bend))
    return span.left + at * (span.right - span.left)


def edges(spans: list[tuple[int, int]]) -> list[float]:
    """Where letters begin and end, in steps, one more than letters: a network marks but a step or two of each.

    Between two letters it is half-way; the first and the last reach as far outwards as inwards.
    """
    inner = [(stop + start) / 2 for (_, stop), (start, _) in itertools.pairwise(spans)]
    if not inner:
        return [edge for start, stop in spans for edge in (max(0.0, start - 1.0), stop + 1.0)]
    first, last = spans[0], spans[-1]
    return [max(0.0, first[0] + first[1] - inner[0]), *inner, last[0] + last[1] - inner[-1]]
