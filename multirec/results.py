"""What multirec says of one image."""

from __future__ import annotations

import math
from dataclasses import dataclass

from multirec.sources import Page

NAMES = ("SEnet363", "SEnet484")
"""Whose ``Result.readings`` are, in this order."""

_LEAST = 1e-6


@dataclass(frozen=True)
class Alternative:
    """A text that the line may hold, and the mean of both models' log probabilities of it."""

    text: str
    score: float


@dataclass(frozen=True)
class Character:
    """A letter of the text: where it is, in parts of the picture's width, and the model's trust in it."""

    char: str
    left: float
    right: float
    confidence: float


@dataclass(frozen=True)
class Evidence:
    """What speaks for a text.

    Attributes:
        score: its log probability.
        oddest: the score of its least usual letter, see ``multirec.decoding.language``.
        letters: how many it has.
    """

    score: float
    oddest: float = 0.0
    letters: int = 1

    def features(self) -> tuple[float, float, float, float]:
        """What a curve weighs: 1, log(-score), oddest, log(letters)."""
        doubt = math.log(min(max(-self.score, _LEAST), 1e6))
        return 1.0, doubt, self.oddest, math.log(max(1, self.letters))


@dataclass(frozen=True)
class Word:
    """What stands between blanks: where it is, in parts of the picture's width, and how often such a word is right.

    Attributes:
        word: its text.
        left, right: its edges.
        confidence: probability, 0 to 1, that it is right.
        agree: whether both models read the same there.
        evidence: what ``confidence`` is computed from.
    """

    word: str
    left: float
    right: float
    confidence: float
    agree: bool = False
    evidence: Evidence = Evidence(0.0)


@dataclass(frozen=True)
class Result:
    """A row of the output.

    Attributes:
        image: the path, as it was given or found.
        text: the combined text, without what has no class of its own; where there is any, ``confidence`` is 0.
        confidence: probability, 0 to 1, that ``text`` is right as a whole.
        readings: text and confidence of SEnet363, then of SEnet484.
        agree: whether both models read the same.
        error: empty, or ``kind: message`` for an image that could not be read.
        evidence: what ``confidence`` and each reading's confidence are computed from, in this order.
        alternatives: likely texts, best first, if asked for.
        characters: the letters of ``text``, if asked for.
        words: the words of ``text``, likewise.
        first_of_several: whether the file holds more pictures, which were not read.
        row: the output's row, where an earlier run left one; then only ``image`` and ``page`` are set beside it.
        page: the PAGE or ALTO document whose line it is.
    """

    image: str
    text: str = ""
    confidence: float = 0.0
    readings: tuple[tuple[str, float], ...] = ()
    agree: bool = False
    error: str = ""
    evidence: tuple[Evidence, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    characters: tuple[Character, ...] = ()
    words: tuple[Word, ...] = ()
    first_of_several: bool = False
    row: bytes = b""
    page: Page | None = None
