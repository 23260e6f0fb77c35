"""A grammar of made-up lines: rules with alternatives, one of which is drawn.

The text of a grammar::

    ;; a remark
    == rule
    an alternative
    another with ‹words› and ‹rule› in it
    == digit :: 0 1 2 3
    == MONEY !! $ € ₺

A rule's alternatives stand below it, one a line, or behind ``::`` between blanks. Behind ``!!`` stand signs, of which
that comes next which was seen least. In an alternative ``‹name›`` stands for a rule or for what Python draws;
``‹name|upper›`` in capitals (or ``lower``, ``cap``), ``‹name*3-8›`` as often in a row, ``‹'.'*3-8›`` the sign itself;
``‹1-31›`` is a number, ``‹01-31›`` one of two figures, ``‹›`` nothing.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator

Draw = Callable[[random.Random], str]

_CHANGES: dict[str, Callable[[str], str]] = {"upper": str.upper, "lower": str.lower, "cap": str.capitalize}
_PLACE = re.compile(r"(?P<what>'.'|[^*|]*)(?:\*(?P<least>\d+)(?:-(?P<most>\d+))?)?(?:\|(?P<change>\w+))?")
_RANGE = re.compile(r"\d+-\d+")

OF = 5
"""Signs that are drawn for each that is taken: the least seen of them."""


class Signs:
    """Remembers which characters were seen."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def add(self, text: str) -> None:
        """Count the characters of a line."""
        self.seen.update(set(text))

    def rarity(self, text: str) -> int:
        """How often the least seen character of ``text`` was seen."""
        return min(self.seen[c] for c in text)

    def pick(self, rng: random.Random, pool: list[str]) -> str:
        """Of some of ``pool`` the one whose characters were seen least."""
        return min(rng.choices(pool, k=OF), key=self.rarity)


class Grammar:
    """Draws lines.

    Args:
        text: the rules, as above.
        drawn: what Python draws, by name.
        signs: which signs were seen.

    Raises:
        ValueError: a name is of no rule.
    """

    def __init__(self, text: str, drawn: dict[str, Draw], signs: Signs) -> None:
        self._drawn, self._signs = dict(drawn), signs
        self._rules: dict[str, list[list[Draw | str]]] = {}
        alternatives = dict(_rules(text, self._sign))
        for name, (lines, pool) in alternatives.items():
            if pool:
                self._drawn[name] = pool
            self._rules[name] = [[line] for line in lines] if pool else []
        for name, (lines, pool) in alternatives.items():
            if not pool:
                self._rules[name] = [self._parts(line) for line in lines]

    def draw(self, rng: random.Random, rule: str) -> str:
        """A line of ``rule``."""
        return "".join(part if isinstance(part, str) else part(rng) for part in rng.choice(self._rules[rule]))

    def _sign(self, pool: list[str]) -> Draw:
        return lambda rng: self._signs.pick(rng, pool)

    def _parts(self, line: str) -> list[Draw | str]:
        """An alternative's text and places in turn."""
        pieces = re.split("‹([^›]*)›", line)
        return [self._place(piece) if at % 2 else piece for at, piece in enumerate(pieces)]

    def _place(self, place: str) -> Draw | str:
        if _RANGE.fullmatch(place):
            return _number(place)
        found = _PLACE.fullmatch(place)
        if found is None:
            raise ValueError(f"no such place: {place}")
        what, change = found["what"], _CHANGES.get(found["change"] or "", str)
        least, most = int(found["least"] or 1), int(found["most"] or found["least"] or 1)
        if not what:
            return ""
        if what.startswith("'"):
            return lambda rng: what[1] * rng.randint(least, most)
        if what not in self._drawn and what not in self._rules:
            raise ValueError(f"no such rule: {what}")
        draw: Draw = self._drawn.get(what) or (lambda rng: self.draw(rng, what))
        return lambda rng: change("".join(draw(rng) for _ in range(rng.randint(least, most))))


def _number(place: str) -> Draw:
    """What draws a number between two, with as many figures as the first has."""
    first, last = place.split("-")
    return lambda rng: str(rng.randint(int(first), int(last))).zfill(len(first) if first.startswith("0") else 1)


def _rules(text: str, sign: Callable[[list[str]], Draw]) -> Iterator[tuple[str, tuple[list[str], Draw | None]]]:
    """Each rule of ``text``: its name, its alternatives, and what draws them where they are signs."""
    for block in re.split(r"(?m)^== ", text)[1:]:
        head, *lines = (line.strip() for line in block.split("\n"))
        name, kind, row = head.partition(" :: ") if " :: " in head else head.partition(" !! ")
        pool = row.split()
        lines = pool or [line for line in lines if line and not line.startswith(";;")]
        if not lines:
            raise ValueError(f"a rule without alternatives: {name}")
        yield name, (lines, sign(pool) if kind == " !! " else None)
