"""Spelling as early print has it: long s, u for v and i for j, tildes for n and m, strokes for commas."""

from __future__ import annotations

import random
import re

_ROUND = {"de": "bdgkmnvwrz", "fr": "fb", "en": "fbk", "": "f"}
"""Letters before which a round s may stand in the middle of a word: German has it where two words were joined."""

_GERMAN = (
    ("und", "vnd"), ("und", "vnnd"), ("auf", "auff"), ("sein", "seyn"), ("sei", "sey"), ("bei", "bey"),
    ("zwei", "zwey"), ("um", "vmb"), ("uns", "vns"), ("unter", "vnter"), ("Teil", "Theil"), ("tun", "thun"),
    ("nicht", "nit"), ("zu", "zů"), ("ihm", "jhm"), ("ihr", "jhr"), ("Rat", "Rath"), ("aus", "auß"), ("dass", "daß"),
)  # fmt: skip
_FRENCH = (
    ("et", "&"), ("était", "estoit"), ("avait", "auoit"), ("même", "mesme"), ("être", "estre"), ("roi", "roy"),
    ("fait", "faict"), ("lui", "luy"), ("un", "vn"), ("une", "vne"), ("dit", "dict"),
)  # fmt: skip
_FIGURES = (
    "{some} fl.|{some} Rthlr.|{few} kr.|{some} Gulden|{some} livres|{few} ſols|Anno {year}|{year}|{year}.|cap. {few}.|"
    "v. {few}.|l. {few}.|§. {few}.|pag. {some}|Nr. {some}|{some}|{some}.|{few} {other}|{few}. {other}.|{some} Seckel|"
    "den {few}. May {year}|{few} Pfund|{some} écus|£{some}"
).split("|")
_VOWELS = {"a": "ã", "e": "ẽ", "i": "ĩ", "o": "õ", "u": "ũ", "A": "Ã", "E": "Ẽ", "I": "Ĩ", "O": "Õ", "U": "Ũ"}


def old(text: str, language: str, rng: random.Random, early: bool) -> str:
    """``text`` with long s; of the 16th and 17th centuries with more than that if ``early``.

    Args:
        text: of any language.
        language: its code, as far as it matters: German, French and English have rules of their own.
        rng: what decides where spelling was free.
        early: whether u and v, i and j, and n and m after vowels are as early print has them.
    """
    if early:
        text = _early(text, language, rng)
    return long_s(text, language, rng)


def figures(rng: random.Random) -> str:
    """A sum, a year or a place in a book, as old books have them among their words."""
    few, some, year = (
        rng.randint(1, 30),
        rng.choice((50, 100, 200, 1000, 10 * rng.randrange(1000), rng.randrange(10**4))),
        rng.choice((rng.randint(1480, 1870), 100 * rng.randint(14, 18) + rng.randrange(10))),
    )
    return rng.choice(_FIGURES).format(few=few, other=rng.randint(1, 60), some=some, year=year)


def macrons(text: str) -> str:
    """``text`` with strokes for tildes: of early print's marks of n and m one is as good as the other."""
    return text.translate(str.maketrans("ãẽĩõũÃẼĨÕŨ", "āēīōūĀĒĪŌŪ"))


def long_s(text: str, language: str, rng: random.Random) -> str:
    """``text`` with long s but at the ends of words and where the language has a round one within them."""
    may = _ROUND.get(language, _ROUND[""])
    second = rng.random() < 0.4  # after a long s a round one: ſs
    out: list[str] = []
    for at, c in enumerate(text):
        following = text[at + 1 : at + 2]
        if c == "s" and following.isalpha() and following.islower():
            doubled = second and at > 0 and text[at - 1] == "s" and out[-1] == "ſ" and language != "de"
            if not doubled and not (following in may and rng.random() < 0.6):
                c = "ſ"
        out.append(c)
    return "".join(out)


def round_r(text: str) -> str:
    """``text`` with the r that blackletter had after round letters; it is read as any other."""
    return re.sub(r"(?<=[bdhopvwy])r", "\ua75b", text)


def _early(text: str, language: str, rng: random.Random) -> str:
    pairs = {"de": _GERMAN, "fr": _FRENCH}.get(language, ())
    for modern, former in pairs:
        if rng.random() < 0.7:
            text = re.sub(rf"\b{modern}\b", former, text)
    if rng.random() < 0.6:  # v begins words, u stands within them
        text = re.sub(r"\bu(?=[a-z])", "v", text)
        text = re.sub(r"(?<=[a-zéèë])v(?=[aeiouéèê])", "u", text)
    if rng.random() < 0.4 and language != "de":
        text = text.replace("U", "V")
    if rng.random() < 0.5 and language != "de":
        text = re.sub(r"\bj(?=[aeiou])", "i", text)
        text = re.sub(r"\bJ(?=[aeiou])", "I", text)
    if language == "de" and rng.random() < 0.5:  # a stroke for the comma; labels part it from what follows
        text = re.sub(r",", "/", text)
    share = rng.choice((0.0, 0.1, 0.35))
    if share and (language != "de" or rng.random() < 0.4):
        text = re.sub(
            r"([aeiouAEIOU])[nm](?=[bcdfglpqrstvz])",
            lambda m: _VOWELS[m[1]] if rng.random() < share else m[0],
            text,
        )
    if rng.random() < 0.3:
        text = re.sub(r"\b(et|and|und|y|e)\b", "&", text)
    return text
