"""The alphabet: which character each class of a network stands for.

Class 0 is the CTC blank, as in ``keras.losses.CTC``; class ``i`` is ``alphabet[i - 1]``.  The default is
printed Latin script: ASCII, the letters of the Western, Central and Northern European languages and of
Turkish, typographic punctuation and common signs, without ligatures.
"""

from __future__ import annotations

import unicodedata

_ASCII = "".join(map(chr, range(0x20, 0x7F)))
_WESTERN = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿŒœŸẞ"
_CENTRAL = "ĂăĄąĆćČčĎďĐđĘęĚěĹĺĽľŁłŃńŇňŐőŔŕŘřŚśŠšȘșŤťȚțŮůŰűŹźŻżŽž"
_NORTHERN = "ĀāĒēĖėĢģĪīĮįĶķĻļŅņŌōŪūŲųŴŵŶŷ"
_TURKISH = "ĞğİıŞş"
_PUNCTUATION = "“”‘’„‚«»‹›–—…•·†‡¿¡"
_SIGNS = "§¶°€£¥¢©®™½¼¾¹²³×÷±ªº№‰"

LATIN = _ASCII + _WESTERN + _CENTRAL + _NORTHERN + _TURKISH + _PUNCTUATION + _SIGNS

# Spellings of one printed sign that NFC keeps apart.
_FOLD = str.maketrans(
    {
        "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\t": " ", "\u00ad": "-", "\u2010": "-", "\u2011": "-",
        "\u2012": "–", "\u2015": "—", "\u2212": "–", "\u02bc": "’", "\u201b": "‘", "\u201f": "“", "\u2032": "'",
        "\u2033": '"', "Ţ": "Ț", "ţ": "ț", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ſ": "s",
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
