"""What the rendered lines say: running text, and the numbers, names and codes that documents hold.

``TextSource`` reads folders of plain text (one sentence or paragraph a line) and draws strings from them;
``draw`` is called by the renderer with its own random generator.
"""

from __future__ import annotations

import random
from pathlib import Path

from multirec.models.alphabet import Alphabet, normalise

_CURRENCY = ["$", "€", "£", "RM", "USD", "EUR", "Fr.", "Kr.", "M.", "Kč", "zł", "¥", "CHF", "fl."]
# Signs that look alike must be as unlike in number as they are in documents: % and ‰.
_UNITS = "% % % % % % % % kg g ml cm mm m² km °C lbs pcs x ct oz St. ‰ kW".split()
_MEASURES = "MM MM ML ML KG G GM CM L M PCS W V CT OZ mm ml kg g L m pcs".split()
_RATES = ["0", "5", "6", "7", "10", "19", "20", "21", "5.5"]
_TILL = (
    "{few} x {price}|{few} X {price}|@{few} X {unit} {price}|{few} @ {price}|{price} {letter}|{price}{letter}|"
    ".{few}|*{letter}|*{code}*|* {words} *|***{capitals}***|** {label} **|{label} {rate}%|{label} @{rate}%|"
    "{label}@{rate}%|{rate}%|({rate}%)|{label} ({rate}%):|{letter} @ {rate}%|{letter}R @ {letter}|"
    "{label} #: {code}|{label} #:{few}|{post} {capitals}|{post} {words}|{capitals} {post}|({code}-{letter})|"
    "({capitals})|{label}({unit})|{label} ({unit})|{code}/{few}/{letter}{code}|{capitals} {letter}{few}-{code}|"
    "{letter}{few} {words}|{label}:{words}|{label} : {code}|{capitals} {few}{letter}|{capitals} NO : {code}|"
    "{capitals} NO.{few}|NO {few}, {capitals}|{few}-{letter} {words}|{words} & {capitals}|{capitals} & {letter}|"
    "{letter}&{letter}|& {words}|{sign}|{sign}|{label} {sign}|{capitals}{sign}|"
    "{round}{measure} {capitals}|{capitals} {round}{measure}|{round}{measure} X {few}{measure} {capitals}|"
    "{words} {round}{measure}|{round} {capitals}|{capitals}, {round}|{letter}{round}|{round}{letter} {capitals}"
).split("|")
# Signs that stand alone, in a column of their own or on a door.
_SIGNS = ": : : - . & & @ $ % # * / + = ? ! € £".split()
_AROUND = ["({})", "[{}]", "{}.", "{})", "*{}*", "#{}", "No. {}", "— {} —", "- {} -"]
_LABELS = (
    "Total,Subtotal,Tax,GST,VAT,Date,Invoice No,Tel,Fax,Amount,Qty,Price,Cash,Change,Name,Address,Page,Ref,"
    "Item,Code,Time,Table,No,Order,Account,Balance,Due,Rounding,Discount,Member,Cashier,Summe,Datum,Seite,Nr,"
    "Betrag,Prix,Montant,Rue,Page,Dépôt,Fecha,Precio,Importe,Vol,Chap,Fig,Tab,Art,Abb,Bd,S,p,pp,cf,To,From,"
    "Subject,Re,Phone,Signature,Approved,Department,Company,Project,Title,Comments,Sample,Brand,Type,Weight"
).split(",")


_QUOTES = "“ ” ‘ ’ \" \" ' ' « » „ “ ‚ ‘ » « “‘ ’” \"' '\" (“ ”)".split()
"""Opening and closing marks in turn, some of them twofold."""

_ALIKE = "0Oo1lI|"
"""Characters that many faces draw alike: only a word or a number around them tells which is which."""


class TextSource:
    """Draws strings of about a wished length from text files.

    Args:
        files: UTF-8 text, one sentence or paragraph a line; a file is a language, all as likely.
        alphabet: words with characters outside it are left out.

    Raises:
        ValueError: no usable text in ``files``.
    """

    def __init__(self, files: list[Path], alphabet: Alphabet) -> None:
        self._alphabet = alphabet
        self._languages = [p.read_text(encoding="utf-8", errors="ignore").splitlines() for p in files]
        self._languages = [lines for lines in self._languages if lines]
        if not self._languages:
            raise ValueError("no text to render: name files of plain text, one sentence a line")
        self._single = [c for c in alphabet.characters if c not in _ALIKE]
        self._rare = [
            c for c in alphabet.characters if not (c.isascii() and c.isalpha()) and c != " " and c not in _ALIKE
        ]

    def covers(self, text: str) -> bool:
        """Whether the alphabet has every character of ``text``."""
        return self._alphabet.covers(text)

    def draw(self, rng: random.Random, length: int) -> str:
        """A normalised string within the alphabet, of about ``length`` characters, never empty."""
        kind = rng.random()
        if kind < 0.6:
            text = self._sentence(rng, length)
        elif kind < 0.82:
            text = " ".join(self._field(rng) for _ in range(max(1, length // 12)))
        elif kind < 0.96:
            text = self._mixed(rng, length)
        else:
            text = self._letters(rng, min(length, 20))
        text = normalise(self._case(rng, text))
        text = "".join(c for c in text if self._alphabet.covers(c))
        return normalise(text) or str(rng.randrange(1000))

    def _sentence(self, rng: random.Random, length: int) -> str:
        lines = rng.choice(self._languages)
        words: list[str] = []
        at = rng.randrange(len(lines))
        while sum(map(len, words)) + len(words) < length + 20:
            words += lines[at % len(lines)].split()
            at += 1
        start = rng.randrange(max(1, len(words) - 3))
        size, out = 0, list[str]()
        for word in words[start:]:
            if out and size + len(word) > length:
                break
            out.append(word)
            size += len(word) + 1
        if rng.random() < 0.12:
            self._quote(rng, out)
        text = " ".join(out)[: int(length * 1.5) + 8]
        return text + rng.choice("--.,;:") if rng.random() < 0.08 else text

    def _quote(self, rng: random.Random, words: list[str]) -> None:
        """Put some of ``words`` in quotes; a mark may lie outside the line, or stand off from its word."""
        at = 2 * rng.randrange(len(_QUOTES) // 2)
        gap = " " if rng.random() < 0.25 else ""
        first = rng.randrange(len(words))
        last = rng.randrange(first, len(words))
        if rng.random() < 0.8:
            words[first] = _QUOTES[at] + gap + words[first]
        if rng.random() < 0.8:
            words[last] = words[last] + gap + _QUOTES[at + 1]

    def _number(self, rng: random.Random) -> str:
        r = rng.random()
        if r < 0.25:
            return str(rng.randrange(10 ** rng.randint(1, 5)))
        if r < 0.5:
            whole, cents = rng.randrange(10 ** rng.randint(1, 5)), rng.randrange(100)
            return rng.choice([f"{whole}.{cents:02}", f"{whole},{cents:02}", f"{whole:,}.{cents:02}", f"{whole:,}"])
        if r < 0.65:
            d, m, y = rng.randint(1, 31), rng.randint(1, 12), rng.randint(1800, 2030)
            return rng.choice(
                [f"{d}/{m}/{y}", f"{d:02}/{m:02}/{y}", f"{y}-{m:02}-{d:02}", f"{d}.{m}.{y}", f"{m}-{d}-{y % 100:02}"]
            )
        if r < 0.72:
            return f"{rng.randrange(24):02}:{rng.randrange(60):02}" + rng.choice(["", f":{rng.randrange(60):02}", "PM"])
        if r < 0.8:
            return "".join(rng.choice("0123456789") for _ in range(rng.randint(6, 13)))
        if r < 0.86:
            return f"+{rng.randrange(1, 99)} {rng.randrange(100, 999)} {rng.randrange(1000, 9999)}"
        if r < 0.92:
            return f"{rng.randrange(100)}{rng.choice(['½', '¼', '¾', '²', '³', '°', 'º', 'ª', '/2', 'a', 'b', 'th'])}"
        return "".join(rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789-") for _ in range(rng.randint(3, 9)))

    def _field(self, rng: random.Random) -> str:
        r, number = rng.random(), self._number(rng)
        if r < 0.3:
            return rng.choice(_LABELS) + rng.choice([":", " :", ".", "", ": "]) + rng.choice([" ", "", " "]) + number
        if r < 0.5:
            return rng.choice([f"{rng.choice(_CURRENCY)}{number}", f"{number} {rng.choice(_CURRENCY)}"])
        if r < 0.65:
            return f"{number} {rng.choice(_UNITS)}"
        if r < 0.72:
            return rng.choice(_AROUND).format(number)
        if r < 0.78:
            name = self._sentence(rng, 8).strip(".,;:!?").lower().replace(" ", ".")
            end = rng.choice(["com", "org", "de", "fr", "net", "co.uk"])
            return rng.choice([f"www.{name}.{end}", f"{name}@{name[:5]}.{end}", f"https://{name}.{end}/{number}"])
        return self._till(rng) if r < 0.92 else number

    def _till(self, rng: random.Random) -> str:
        """What tills print: quantities, tax rates, codes, places; figures beside capitals, and the signs between."""
        words = self._sentence(rng, rng.randint(3, 16)).strip(".,;:!?")
        values = {
            "label": rng.choice(_LABELS), "words": words, "capitals": words.upper(), "unit": rng.choice(_CURRENCY),
            "letter": rng.choice("ABCDEGHKLMNPRSTVWXZ"), "few": rng.randint(1, 30), "rate": rng.choice(_RATES),
            "price": f"{rng.randrange(10 ** rng.randint(1, 4))}.{rng.randrange(100):02}", "code": self._number(rng),
            "round": rng.randint(1, 120) * 10 ** rng.randint(1, 3), "measure": rng.choice(_MEASURES),
            "sign": rng.choice(_SIGNS), "post": f"{100 * rng.randrange(10, 1000)}" + rng.choice(["", "", ","]),
        }  # fmt: skip
        return rng.choice(_TILL).format(**values)

    def _mixed(self, rng: random.Random, length: int) -> str:
        parts: list[str] = []
        while sum(map(len, parts)) < length:
            parts.append(self._sentence(rng, rng.randint(4, 18)) if rng.random() < 0.6 else self._field(rng))
        return rng.choice([" ", " ", ", ", "; "]).join(parts)

    def _letters(self, rng: random.Random, length: int) -> str:
        """Strings without a language: they keep a network reading letters, and show it the rare ones."""
        pool = self._rare if rng.random() < 0.5 else self._single
        letters = [rng.choice(pool) for _ in range(max(2, length))]
        for at in range(3, len(letters), rng.randint(4, 9)):
            letters[at] = " "
        return "".join(letters)

    def _case(self, rng: random.Random, text: str) -> str:
        r = rng.random()
        if r < 0.18:
            return text.upper()
        if r < 0.22:
            return text.title()
        return text
