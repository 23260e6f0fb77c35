"""What the rendered lines say: running text, and the numbers, names and codes that documents hold.

``TextSource`` reads files of plain text (one sentence or paragraph a line) and draws strings from them;
``draw`` is called by the renderer with its own random generator.  What screens and forms hold is in ``fields``, how
old print spells in ``history``, other scripts in ``scripts``.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from multirec.models.alphabet import OTHER, SYMBOLS, Alphabet, normalise
from multirec.training import fields, history, scripts

Shares = dict[str, float]
"""How many of the strings are of which kind."""

DOCUMENT: Shares = {
    "sentence": 0.44, "fields": 0.15, "mixed": 0.12, "technical": 0.07, "signs": 0.05, "letters": 0.05,
    "accented": 0.03, "old": 0.06, "foreign": 0.02, "pictures": 0.01,
}  # fmt: skip
"""Lines of print."""

SCREEN: Shares = {
    "sentence": 0.34, "fields": 0.1, "mixed": 0.08, "technical": 0.34, "signs": 0.05, "letters": 0.02,
    "accented": 0.02, "foreign": 0.03, "pictures": 0.02,
}  # fmt: skip
"""What programs draw."""

SCENE: Shares = {
    "word": 0.4, "sentence": 0.15, "names": 0.25, "fields": 0.06, "mixed": 0.02, "technical": 0.03, "letters": 0.03,
    "accented": 0.02, "foreign": 0.03, "pictures": 0.01,
}  # fmt: skip
"""Words in scenes."""

BLACKLETTER: Shares = {"gothic": 1.0}
"""Lines of books in blackletter."""


@dataclass(frozen=True)
class Written:
    """What a line says, and what has to be drawn for it.

    Attributes:
        text: the label, normalised and within the alphabet.
        drawn: what faces draw; it differs where other scripts are read as one class, or signs have older forms.
        kind: which of the kinds in ``Shares`` it is.
    """

    text: str
    drawn: str
    kind: str


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

_AROUND_WORDS = ".,;:!?()[]{}<>=*/-_" + "".join(_QUOTES)
"""Signs that stand beside words in running text, and not on signs."""

_BASES = {
    "æ": "a", "œ": "o", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "p", "ß": "s", "ħ": "h", "ŧ": "t", "ŋ": "n",
    "ı": "i", "ſ": "s",
}  # fmt: skip
"""Letters that are nothing with a mark, and the letters in whose places they are put."""

_ALIKE = "0Oo1lI|"
"""Characters that many faces draw alike: only a word or a number around them tells which is which."""


_CASED = ("sentence", "fields", "mixed", "letters", "accented")
"""Kinds that may stand in capitals."""

_GOTHIC = "de de de de de de da sv nb fi et lv cs".split()
"""Languages that were printed in blackletter until lately, as often as they are drawn."""

_OLD = "fr fr fr fr en en en de de it it es es pt nl pl".split()
"""Languages drawn for old print in roman and italic."""


class TextSource:
    """Draws strings of about a wished length from text files.

    Args:
        files: UTF-8 text, one sentence or paragraph a line; a file is a language, all as likely, and its name says
            which: de.txt, fr.txt and en.txt have old spelling of their own.
        alphabet: words with characters outside it are left out.

    Raises:
        ValueError: no usable text in ``files``.
    """

    def __init__(self, files: list[Path], alphabet: Alphabet) -> None:
        self._alphabet = alphabet
        read = ((p.stem[:2], p.read_text(encoding="utf-8", errors="ignore").splitlines()) for p in files)
        self._languages = [(name, lines) for name, lines in read if lines]
        if not self._languages:
            raise ValueError("no text to render: name files of plain text, one sentence a line")
        self._gothic, self._old_ones = (
            [pair for name in names for pair in self._languages if pair[0] == name] or self._languages
            for names in (_GOTHIC, _OLD)
        )
        self._single = [c for c in alphabet.characters if c not in _ALIKE + OTHER]
        self._variants: dict[str, list[str]] = {}
        for c in alphabet.characters:
            if c.isalpha() and not c.isascii() and c not in SYMBOLS:
                base = _BASES.get(c.lower()) or unicodedata.normalize("NFD", c.lower())[0]
                self._variants.setdefault(base.upper() if c.isupper() else base, []).append(c)
        self._rare = [c for c in self._single if not (c.isascii() and c.isalpha()) and c != " "]

    def covers(self, text: str) -> bool:
        """Whether the alphabet has every character of ``text``."""
        return self._alphabet.covers(text)

    def draw(self, rng: random.Random, length: int, shares: Shares = DOCUMENT) -> Written:
        """A string within the alphabet, of about ``length`` characters, never empty."""
        kind = rng.choices(list(shares), list(shares.values()))[0]
        if kind in ("foreign", "pictures"):
            if self.covers(OTHER):
                latin = [word for word in self.latin(rng, 24).split() if scripts.label(word) == word]
                drawn, text = (scripts.foreign if kind == "foreign" else scripts.pictures)(rng, latin, length)
                if self.covers(normalise(text)):
                    return Written(normalise(text), " ".join(drawn.split()), kind)
            kind = "sentence"
        if kind in ("old", "gothic"):
            return self._old(rng, length, kind)
        text = self._case(rng, self._draw(rng, length, kind)) if kind in _CASED else self._draw(rng, length, kind)
        text = self._within(text) or str(rng.randrange(1000))
        return Written(text, text, kind)

    def latin(self, rng: random.Random, length: int) -> str:
        """Running text within the alphabet."""
        return self._within(self._sentence(rng, length)) or "a"

    def _within(self, text: str) -> str:
        return normalise("".join(c for c in normalise(text) if self.covers(c) and c != OTHER))

    def _draw(self, rng: random.Random, length: int, kind: str) -> str:
        if kind == "sentence":
            return self._sentence(rng, length)
        if kind == "word":
            return self._word(rng)
        if kind == "fields":
            return " ".join(self._field(rng) for _ in range(max(1, length // 12)))
        if kind == "mixed":
            return self._mixed(rng, length)
        if kind == "accented":
            return self._accented(rng, length)
        if kind == "technical":
            return self._technical(rng, length)
        if kind == "signs":
            return fields.signs(rng, self._sentence, length)[: length + 30]
        return fields.named(rng, self._sentence) if kind == "names" else self._letters(rng, min(length, 20))

    def _word(self, rng: random.Random) -> str:
        """One word, as it stands on signs: rather a long one than "of" and "the", often in capitals."""
        words = [word.strip(_AROUND_WORDS) for word in self._sentence(rng, 30).split()]
        word = rng.choice([word for word in words if len(word) > 2] or words) or "a"
        r = rng.random()
        return word.upper() if r < 0.4 else word[0].upper() + word[1:] if r < 0.65 else word

    def _accented(self, rng: random.Random, length: int) -> str:
        """Running text of no language, with accents and letters that in others are rare."""
        share = rng.choice((0.1, 0.25, 0.5))
        return "".join(
            rng.choice(self._variants[c]) if c in self._variants and rng.random() < share else c
            for c in self._sentence(rng, length)
        )

    def _technical(self, rng: random.Random, length: int) -> str:
        text = fields.technical(rng, self._sentence)
        while len(text) < length / 2 and rng.random() < 0.7:
            text += " " + (self._sentence(rng, 12) if rng.random() < 0.4 else fields.technical(rng, self._sentence))
        return text[: max(2 * length, 12)]

    def _old(self, rng: random.Random, length: int, kind: str) -> Written:
        """Running text in old spelling; what is drawn has the older hyphen of blackletter, a stroke's narrow blank."""
        language, lines = rng.choice(self._gothic if kind == "gothic" else self._old_ones)
        text = self._sentence(rng, length, lines)
        if rng.random() < 0.25:
            words = text.split()
            for _ in range(rng.randint(1, 3)):
                words.insert(rng.randint(0, len(words)), history.figures(rng))
            text = " ".join(words)
        early = rng.random() < (0.25 if kind == "gothic" else 0.5)
        if rng.random() < 0.93:
            text = history.old(text, language, rng, early)
        text = self._within(text) or "a"
        drawn = text
        if kind == "gothic" and rng.random() < 0.3:
            drawn = drawn.replace("-", "=")
        if kind == "gothic" and rng.random() < 0.15:
            drawn = history.round_r(drawn)
        if early and rng.random() < 0.6:
            drawn = drawn.replace("/ ", "/")
        if early and rng.random() < 0.25:
            drawn = drawn.replace(". ", ".")
        if early and rng.random() < 0.35:
            drawn = history.macrons(drawn)
        return Written(text, drawn, kind)

    def _sentence(self, rng: random.Random, length: int, lines: list[str] | None = None) -> str:
        lines = lines or rng.choice(self._languages)[1]
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
        if rng.random() < 0.06:  # a king, a war, a volume
            at = rng.randrange(len(out))
            out[at:at] = [out[at].capitalize(), fields.numeral(rng)]
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
