"""What the grammar of made-up lines cannot say: numbers, words in ASCII, accounts and zones read by machines."""

from __future__ import annotations

import random
import string

from grammar import Draw

_COUNTRIES = {
    "AT": 16, "CH": 17, "CZ": 20, "DE": 18, "DK": 14, "EE": 16, "ES": 20, "FI": 14, "FR": 23, "GB": 18, "HR": 17,
    "HU": 24, "IS": 22, "IT": 23, "LT": 16, "LV": 17, "NL": 14, "NO": 11, "PL": 24, "PT": 21, "RO": 20, "SE": 20,
    "SI": 15, "TR": 22,
}  # fmt: skip
"""Figures behind a country's letters and the two check figures of an account."""

_STATES = "UTO D<< FRA ESP ITA CZE DNK NLD POL PRT SWE NOR FIN HUN SVN TUR ROU HRV EST LVA LTU ISL GBR USA XXX".split()
_NAMES = "get set tmp buf len idx node item map key id max init ctx err str".split()


def number(rng: random.Random) -> str:
    """A number as countries write it."""
    whole, part = rng.randrange(10 ** rng.choice([1, 1, 2, 2, 3, 4, 5, 6])), rng.randrange(100)
    grouped = f"{whole:,}"
    return rng.choice([
        str(whole), str(whole), f"{whole}.{part:02}", f"{whole},{part:02}", f"{grouped}.{part:02}", grouped,
        f"0.{part:02}",
        grouped.replace(",", ".") + f",{part:02}", grouped.replace(",", " ") + f",{part:02}", f"{whole}.{part % 10}",
        grouped.replace(",", "'"), grouped.replace(",", " "), f"{whole},{part % 10}",
    ])  # fmt: skip


def plain(words: Draw) -> Draw:
    """What draws one word of small ASCII letters from ``words``."""

    def draw(rng: random.Random) -> str:
        for _ in range(6):
            word = "".join(c for c in rng.choice(words(rng).split()) if c.isascii() and c.isalpha()).lower()
            if word:
                return word[:12]
        return rng.choice(_NAMES)

    return draw


def letter(rng: random.Random) -> str:
    """A letter, seldom two."""
    return "".join(rng.choices(string.ascii_letters, k=rng.choice([1, 1, 1, 2])))


def iban(rng: random.Random) -> str:
    """An account's number, in groups or not."""
    country = rng.choice(list(_COUNTRIES))
    letters = _upper(rng, 4) if country in {"NL", "GB", "RO", "LV"} else ""
    whole = f"{country}{rng.randint(2, 98):02}{letters}{_digits(rng, _COUNTRIES[country] - len(letters))}"
    spaced = " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))
    return rng.choice([spaced, spaced, whole, f"IBAN {spaced}", f"IBAN: {spaced}"])


def mrz(plain: Draw) -> Draw:
    """What draws a line of a zone read by machines, of passports (44 signs), visas (36) or cards (30)."""

    def draw(rng: random.Random) -> str:
        state = rng.choice(_STATES)
        names = "<<".join("<".join(plain(rng).upper() for _ in range(rng.randint(1, 2))) for _ in range(2))
        number = "".join(rng.choices(string.ascii_uppercase + string.digits, k=rng.randint(7, 9))).ljust(9, "<")
        dates = f"{_digits(rng, 7)}{rng.choice('MF<')}{_digits(rng, 7)}"
        more = _upper(rng, 2) + _digits(rng, 5) if rng.random() < 0.4 else ""
        text, width, checked = rng.choice([
            (f"P{rng.choice('<<<PDS')}{state}{names}", 44, False),
            (f"{number}{_digits(rng, 1)}{state}{dates}{more}", 44, True),
            (f"{rng.choice(['I<', 'ID', 'AR', 'C<'])}{state}{number}{_digits(rng, 1)}", 30, False),
            (f"{dates}{state}", 30, True), (names, 30, False),
            (f"{rng.choice(['V<', 'I<', 'ID'])}{state}{names}", 36, False),
        ])  # fmt: skip
        line = text[:width].ljust(width, "<")
        return line[:-1] + _digits(rng, 1) if checked else line

    return draw


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(string.digits, k=count))


def _upper(rng: random.Random, count: int) -> str:
    return "".join(rng.choices(string.ascii_uppercase, k=count))
