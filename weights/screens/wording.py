"""What the drawn lines say, and of which kind each is."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import made_up
from grammar import Grammar, Signs

from multirec.models.alphabet import LATIN, normalise

KINDS = {
    "interface": 0.255, "prose": 0.04, "everyday": 0.1, "letters": 0.08, "signs": 0.195,
    "program": 0.185, "technical": 0.145,
}  # fmt: skip
"""Shares of the kinds of lines; those of the second row are set as code."""

CODE = {"program", "technical"}

SIGNS = "₺₹₽₣₴₩₪₫₱₿¤µΩ≤≥≈≠√∞¬¦´¨αβγδεθλπρστφψωΓΔΘΛΠΣΦΨ☐☑☒✓✗○●□■▶◀▲▼◆★☆→←↑↓↔⇒↵⅓⅔⅛⅜⅝⅞⅕⁰⁴⁵⁶⁷⁸⁹ⁿ⁺⁻₀₁₂₃₄₅₆₇₈₉"
"""Signs that lines may have beside those of the alphabet; lines with others are left out."""

DRAWN = frozenset(LATIN + SIGNS)
_WORDS = [1, 2, 3, 4, 5, 6, 7, 8]
"""Words of a line of rare letters."""

LETTERS = [c for c in LATIN if c > "\x7f" and c.isalpha()]

ENGLISH_SHARE = 0.16
"""The English part of texts; the other languages have the rest in equal parts."""


@dataclass(frozen=True)
class Wording:
    """A line to be drawn: what it says, with its columns apart, and of which kind it is."""

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
                    for c in sorted(set(word)):
                        if c > "\x7f" and c.isalpha():
                            found.setdefault(c, {})[word] = None
        return {c: list(words) for c, words in found.items()}


def _lines(file: Path) -> list[str]:
    return [line.strip() for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]


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
        self.signs = Signs()
        plain = made_up.plain(self._few)
        drawn = {
            "words": self._few, "plain": plain, "number": made_up.number, "letter": made_up.letter,
            "iban": made_up.iban, "mrz": made_up.mrz(plain),
        }  # fmt: skip
        rules = Path(__file__).with_name("made_up.txt").read_text(encoding="utf-8")
        grammar = Grammar(rules, drawn, self.signs)
        self._draw: dict[str, Callable[[random.Random], str]] = {
            "interface": self._window, "prose": self._prose.any, "program": lambda rng: rng.choice(self._program),
            "letters": self._rare_letters, "everyday": lambda rng: _apostrophes(rng, grammar.draw(rng, "everyday")),
            "technical": lambda rng: grammar.draw(rng, "technical"), "signs": lambda rng: grammar.draw(rng, "signs"),
        }  # fmt: skip

    def draw(self, rng: random.Random, kind: str, longest: int) -> Wording:
        """A line of ``kind`` of ``longest`` characters at most, with characters of ``DRAWN`` only."""
        while True:
            drawn = folded(self._draw[kind](rng))
            if len(drawn) > longest or (kind == "prose" and len(drawn) > 30):
                drawn = _part(rng, drawn, rng.randint(min(12, longest), longest))
            if drawn and len(drawn) <= longest and set(drawn) <= DRAWN:
                self.signs.add(drawn)
                return Wording(drawn, kind)

    def _window(self, rng: random.Random) -> str:
        """A text of a window; of some, that with the letters seen least, which may be in capitals."""
        texts = [_apostrophes(rng, self._interface.any(rng)) for _ in range(rng.choice([1, 2, 3]))]
        chance = rng.random()
        if chance < 0.3:
            texts.append(rng.choice(texts).upper())
        elif chance < 0.33:
            texts.append(texts[0].title())
        return min(texts, key=self._rarity)

    def _rarity(self, text: str) -> int:
        letters = [c for c in text if c > "\x7f" and c.isalpha() and c in DRAWN]
        return min((self.signs.seen[c] for c in letters), default=self.signs.seen["e"])

    def _few(self, rng: random.Random) -> str:
        """One to four words of a window's text."""
        words = self._interface.any(rng).split()
        first = rng.randrange(len(words))
        return " ".join(words[first : first + rng.choice([1, 1, 1, 2, 2, 3, 4])]).strip(",;:")[:40].strip() or "OK"

    def _rare_letters(self, rng: random.Random) -> str:
        """Words with letters that have been seen least; some in capitals, some letters alone."""
        return " ".join(self._word_with(rng, self.signs.pick(rng, LETTERS)) for _ in range(rng.choice(_WORDS)))

    def _word_with(self, rng: random.Random, letter: str) -> str:
        words = self._letters.get(letter)
        if words is None or (letter.isupper() and rng.random() < 0.5):
            words = self._letters.get(letter.lower())
        if words is None or rng.random() < 0.08:
            return letter + rng.choice(["", "", rng.choice("aeiouns"), "."])
        word = rng.choice(words)
        if letter in word:
            return word
        upper = word.upper()
        return upper if letter in upper and rng.random() < 0.6 else word.replace(letter.lower(), letter)


def folded(text: str) -> str:
    """``text`` with one spelling for each printed sign; runs of blanks inside stay."""
    parts = text.replace("\u00a0", " ").replace("\u2009", " ").replace("\u202f", " ").split(" ")
    return " ".join(normalise(part) for part in parts).strip()


def _apostrophes(rng: random.Random, text: str) -> str:
    """``text`` with straight apostrophes or, as often, curly ones."""
    return text.replace("'", "’") if "'" in text and rng.random() < 0.45 else text


def _part(rng: random.Random, text: str, longest: int) -> str:
    """Some words of ``text`` in a row, of ``longest`` characters at most; of a longer word a part."""
    words = text.split(" ")
    first = rng.randrange(len(words))
    part = words[first][:longest]
    for word in words[first + 1 :]:
        if len(part) + 1 + len(word) > longest:
            break
        part += " " + word
    return part.strip()
