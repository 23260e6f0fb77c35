"""The alphabet: which character each class of a network stands for.

Class 0 is the CTC blank, as in ``keras.losses.CTC``; class ``i`` is ``alphabet[i - 1]``.  The default is
printed Latin script: ASCII, the letters of the Western, Central and Northern European languages and of
Turkish, what early print writes (long s, nasal tildes), typographic punctuation and the signs of keyboards and
office documents, without ligatures.  One class more, ``OTHER``, says that a letter or sign of none of these stands
there: it is read, but never printed.
"""

from __future__ import annotations

import string
import unicodedata

_ASCII = "".join(map(chr, range(0x20, 0x7F)))
_WESTERN = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿŒœŸẞ"
_CENTRAL = "ĂăĄąĆćČčĎďĐđĘęĚěĹĺĽľŁłŃńŇňŐőŔŕŘřŚśŠšȘșŤťȚțŮůŰűŹźŻżŽž"
_NORTHERN = "ĀāĒēĖėĢģĪīĮįĶķĻļŅņŌōŪūŲųŴŵŶŷ"
_TURKISH = "ĞğİıŞş"
_PUNCTUATION = "“”‘’„‚«»‹›–—…•·†‡¿¡"
_SIGNS = "§¶°€£¥¢©®™½¼¾¹²³×÷±ªº№‰"

_OLD = "ſẽẼũŨĩĨ"
_FARTHER = "ŋŊħĦċĊġĠŧŦ"
_GREEK = "µΩαβπ"
_MATHEMATICS = "≤≥≈≠√∞¬→←↑↓′″"
_FORMS = "✓☐☑☒●○■□"
_MONEY = "₺₹₽₣¤"
_FRACTIONS = "⅓⅔⅛⅜⅝⅞"
_RAISED = "⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉"
_KEYS = "¦¨´¸¯"

SYMBOLS = _GREEK + _MATHEMATICS + _FORMS + _MONEY + _FRACTIONS + _RAISED
"""Signs that most faces lack, so that programs take them from another."""

OTHER = "\ufffd"
"""Stands for whatever has no class of its own: letters of other scripts, pictures among letters."""

# Networks are trained with classes in this order: what is new comes last.
LATIN = (
    _ASCII + _WESTERN + _CENTRAL + _NORTHERN + _TURKISH + _PUNCTUATION + _SIGNS
    + _OLD + _FARTHER + _GREEK + _MATHEMATICS + _FORMS + _MONEY + _FRACTIONS + _RAISED + _KEYS + OTHER
)  # fmt: skip

# Spellings of one printed sign that NFC keeps apart.
_FOLD = str.maketrans(
    {
        "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\t": " ", "\u00ad": "-", "\u2010": "-", "\u2011": "-",
        "\u2e17": "-", "\u2012": "–", "\u2015": "—", "\u2212": "–", "\u02bc": "’", "\u201b": "‘", "\u201f": "“",
        "Ţ": "Ț", "ţ": "ț", "\u03bc": "µ", "\ua75b": "r", "ĳ": "ij", "Ĳ": "IJ", "ŀ": "l·", "Ŀ": "L·",
        "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ſt", "ﬆ": "st",
        "ᵉ": "e", "ᵐ": "m", "ʳ": "r", "ˢ": "s", "ˣ": "x",
        "\u2044": "/", "\u2215": "/", "\u2219": "·", "\u22c5": "·", "\u223c": "~", "\u2103": "°C", "\u2109": "°F",
        "✔": "✓", "➔": "→", "➜": "→", "▪": "■", "▫": "□", "◦": "○", "⚫": "●", "⚪": "○",
    }
)  # fmt: skip


def normalise(text: str) -> str:
    """Fold ``text`` to what a line can show: NFC, no ligatures, single blanks, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_FOLD).split())


class Alphabet:
    """Maps text to classes and back; class 0 is the blank.

    Raises:
        ValueError: a character stands twice, or is not one code point in NFC.
    """

    def __init__(self, characters: str = LATIN) -> None:
        if len(set(characters)) != len(characters):
            raise ValueError("a character stands twice in the alphabet")
        if unicodedata.normalize("NFC", characters) != characters:
            raise ValueError("the alphabet is not in NFC")
        self.characters = characters
        self._classes = {c: i for i, c in enumerate(characters, 1)}
        self._other, self._blank = self._classes.get(OTHER), self._classes.get(" ")
        self.blank = self._blank or 0
        """The class of the blank between words; 0, which no text holds, where there is none."""

    @property
    def nclass(self) -> int:
        """Outputs of a network: the characters and the blank."""
        return len(self.characters) + 1

    def covers(self, text: str) -> bool:
        """Whether every character of ``text`` has a class."""
        return all(c in self._classes for c in text)

    def encode(self, text: str) -> list[int]:
        """Classes of ``text``; raises KeyError for a character without one."""
        return [self._classes[c] for c in text]

    def decode(self, classes: list[int]) -> str:
        """Text of a collapsed class sequence (no blanks, repeats already merged)."""
        return "".join(self.characters[c - 1] for c in classes)

    def only(self, wishes: tuple[str, ...], fold_long_s: bool = False) -> str:
        """The characters that are asked for, see ``Options.only``, in the alphabet's order; empty where that is all.

        Where ſ is written as s, either stands for both.

        Raises:
            ValueError: a character is not in the alphabet, or nothing is left of a set.
        """
        latin = [c for c in self.characters if unicodedata.name(c, "").startswith("LATIN")]
        sets = {"digits": string.digits, "letters": "".join(latin), "capitals": "".join(filter(str.isupper, latin))}
        wished: set[str] = set()
        for wish in wishes:
            given = sets.get(wish) or unicodedata.normalize("NFC", wish).translate(_FOLD)
            unknown = dict.fromkeys(c for c in given if c == OTHER or c not in self._classes)
            if unknown:
                named = ", ".join(f"{c!r} (U+{ord(c):04X})" for c in unknown)
                raise ValueError(f"not in the alphabet of these weights: {named}")
            wished |= set(given)
        if fold_long_s and wished & {"s", "ſ"}:
            wished |= {"s", "ſ"}
        return "".join(c for c in self.characters if c in wished) if self._classes.keys() - wished - {OTHER} else ""

    def unread(self, classes: list[int]) -> bool:
        """Whether something stands there that has no class of its own, so that no text can be the whole line."""
        return self._other in classes

    def shown(self, classes: list[int], gaps: bool = False) -> list[int]:
        """Where in ``classes`` the letters are that a text shows.

        They are all but ``OTHER``, and the blanks that it leaves at the ends or beside other blanks; with ``gaps``
        other letters may have left such too.
        """
        if not gaps and not self.unread(classes):
            return list(range(len(classes)))
        kept: list[int] = []
        for at, c in enumerate(classes):
            if c != self._other and (c != self._blank or (kept and classes[kept[-1]] != self._blank)):
                kept.append(at)
        return kept[:-1] if kept and classes[kept[-1]] == self._blank else kept
