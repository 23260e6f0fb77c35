"""What the drawn lines say, and of which kind each is."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from made_up import MadeUp
from signs import FRACTIONS, GREEK, Signs
from signs import ARROWS, BOXES, BULLETS, COMPARE, KEYS, LOWERED, MATHS, MONEY, RAISED, UNITS

from multirec.models.alphabet import LATIN, normalise

KINDS = {
    "interface": 0.38, "prose": 0.07, "everyday": 0.13, "letters": 0.035, "signs": 0.07,
    "program": 0.19, "technical": 0.125,
}  # fmt: skip
"""Shares of the kinds of lines; those of the second row are set as code."""

CODE = {"program", "technical"}

DRAWN = frozenset(LATIN) | frozenset(
    "".join("".join(pool) for pool in (ARROWS, BOXES, BULLETS, COMPARE, FRACTIONS, GREEK, KEYS, LOWERED, MATHS, MONEY, RAISED, UNITS))
)
"""All characters that lines may have: lines with others are left out."""

ENGLISH_SHARE = 0.16
"""The English part of texts; the other languages have the rest in equal parts."""


@dataclass(frozen=True)
class Wording:
    """A line to be drawn: what it says, with its columns apart, its kind, and whether it is code."""

    drawn: str
    kind: str

    @property
    def text(self) -> str:
        """The label: single blanks."""
        return " ".join(self.drawn.split())

    @property
    def is_code(self) -> bool:
        """Whether it is set in faces for code, its words coloured."""
        return self.kind in CODE


class Words:
    """Texts of languages, all languages but English equally often.

    Args:
        files: text, one a line; a file is a language, named by its first part (``de.txt``).
    """

    def __init__(self, files: list[Path]) -> None:
        self._languages = {file.stem: _lines(file) for file in files}
        self._others = [code for code in self._languages if code != "en"]

    def any(self, rng: random.Random) -> str:
        """A text of a language."""
        english = not self._others or ("en" in self._languages and rng.random() < ENGLISH_SHARE)
        return rng.choice(self._languages["en" if english else rng.choice(self._others)])

    def with_letter(self) -> dict[str, list[str]]:
        """Words of all languages for each rare letter in them."""
        found: dict[str, dict[str, None]] = {}
        for texts in self._languages.values():
            for text in texts[:8000]:
                for word in text.split():
                    for c in set(word):
                        if c > "\x7f" and c.isalpha() and c in DRAWN:
                            found.setdefault(c, {})[word] = None
        return {c: list(words) for c, words in sorted(found.items())}


def _lines(file: Path) -> list[str]:
    texts = (" ".join(line.split(" ")).strip() for line in file.read_text(encoding="utf-8").split("\n"))
    return [text for text in texts if text]


class Wordings:
    """Draws what lines say.

    Args:
        interface: texts of windows, a file a language.
        prose: running text, a file a language.
        program: lines of program text.
    """

    def __init__(self, interface: list[Path], prose: list[Path], program: Path) -> None:
        self._interface, self._prose, self._program = Words(interface), Words(prose), _lines(program)
        self._letters = self._interface.with_letter()
        self._made_up = MadeUp(self._few)
        self.signs = Signs()
        self._draw: dict[str, Callable[[random.Random], str]] = {
            "interface": self._window, "prose": self._prose.any, "program": lambda rng: rng.choice(self._program),
            "everyday": lambda rng: rng.choice(self._made_up.everyday)(rng), "letters": self._rare_letters,
            "technical": lambda rng: rng.choice(self._made_up.technical)(rng),
            "signs": lambda rng: self.signs.line(rng, self._few, self._made_up.number),
        }  # fmt: skip

    def draw(self, rng: random.Random, kind: str, longest: int) -> Wording:
        """A line of ``kind`` of ``longest`` characters at most, with characters of ``DRAWN`` only."""
        while True:
            drawn = folded(self._draw[kind](rng))
            if len(drawn) > longest or (kind == "prose" and len(drawn) > 30):
                drawn = _part(rng, drawn, rng.randint(min(12, longest), longest))
            if drawn and len(drawn) <= longest and set(drawn) <= DRAWN:
                self.signs.seen(drawn)
                return Wording(drawn, kind)

    def _window(self, rng: random.Random) -> str:
        text = self._interface.any(rng)
        if "'" in text and rng.random() < 0.4:
            text = text.replace("'", "’")
        chance = rng.random()
        return text.upper() if chance < 0.06 else text.title() if chance < 0.08 else text

    def _few(self, rng: random.Random) -> str:
        """One to four words of a window's text."""
        words = self._interface.any(rng).split()
        first = rng.randrange(len(words))
        return " ".join(words[first : first + rng.choice([1, 1, 1, 2, 2, 3, 4])]).strip(",;:")[:40].strip() or "OK"

    def _rare_letters(self, rng: random.Random) -> str:
        """Words with letters that have been drawn least; sometimes in capitals, sometimes the letters alone."""
        words = []
        for _ in range(rng.randint(1, 4)):
            letter = self.signs.pick(rng, list(LATIN_LETTERS))
            known = self._letters.get(letter) or self._letters.get(letter.lower())
            if known is None or rng.random() < 0.1:
                words.append(letter + rng.choice(["", "", rng.choice("aeiouns"), "."]))
                continue
            word = rng.choice(known)
            words.append(word if letter in word else word.upper() if letter in word.upper() and rng.random() < 0.6 else word.replace(letter.lower(), letter))
        return " ".join(words)


LATIN_LETTERS = [c for c in LATIN if c > "\x7f" and c.isalpha()]


def folded(text: str) -> str:
    """``text`` with one spelling for each printed sign; runs of blanks inside stay."""
    parts = text.replace("\u00a0", " ").replace("\u2009", " ").replace("\u202f", " ").split(" ")
    return " ".join(normalise(part) for part in parts).strip()


def _part(rng: random.Random, text: str, longest: int) -> str:
    """Some words of ``text`` in a row, of ``longest`` characters at most; of a word alone that is longer, a part."""
    words = text.split(" ")
    first = rng.randrange(len(words))
    part = words[first][:longest]
    for word in words[first + 1 :]:
        if len(part) + 1 + len(word) > longest:
            break
        part += " " + word
    return part.strip()
