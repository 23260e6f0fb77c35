#!/usr/bin/env python3
"""What screens show: DATA/deb is read, DATA/text/interface/LANGUAGE.txt and DATA/text/program.txt written.

Usage: screens.py DATA

An interface file holds the texts of programs' windows, one a line, as their gettext catalogues have them: without
markup and the marks of keyboard shortcuts. program.txt holds lines of program text, of logs, tables and settings,
without their indents but with the blanks inside them. Both are shuffled with a fixed seed, so the same packages give
the same files. Needs the standard library only.
"""

from __future__ import annotations

import gettext
import html
import random
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from texts import LANGUAGES, decoded, language_of

MORE = "af bs ca cy eu ga gl id nn oc sk sq".split()
"""Languages of the same script that have translated interfaces, though too little prose."""

CATALOGUES = "*/usr/share/locale/*/LC_MESSAGES/*.mo"
MOST = 40_000
"""Texts a language: the rarer ones have fewer."""

PROGRAMS = {
    "c": "c h", "cpp": "cpp cc hpp cxx", "css": "css scss less", "erlang": "erl hrl", "go": "go", "html": "html htm",
    "java": "java", "javascript": "js mjs", "json": "json", "make": "mk cmake am", "markdown": "md rst", "matlab": "m",
    "perl": "pl pm", "php": "php", "python": "py", "ruby": "rb rake gemspec", "rust": "rs", "settings": "conf cfg ini",
    "shell": "sh bash", "sql": "sql", "toml": "toml", "typescript": "ts", "vim": "vim", "xml": "xml svg ui", "yaml":
    "yml yaml",
}  # fmt: skip
"""Kinds of program text, each with the ends of its files' names."""

LINES = 12_000
"""Lines a kind at most."""

FILE_LINES = 300
"""Lines a file at most: a long one says the same again and again."""

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_MARK = re.compile(r"[_&](?=\w)")
_PERSON = re.compile(r"\w@\w+\.\w|launchpad\.net|^(?:YOUR )?(?:NAMES|EMAIL|ROLES)|\(c\)|©", re.IGNORECASE)
"""Texts that name translators and authors: people, not words of windows."""

_GARBLED = re.compile("â€|[ÃÄÅ][\u0080-\u00bf]|\ufffd")
"""UTF-8 that was once read as something else."""

_OPAQUE = re.compile(r"\S{70}|[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")


def interface(file: Path) -> Iterator[tuple[str, str]]:
    """Each text of a catalogue and its translation, a line each; a text that was not translated is left out.

    Texts of several lines come apart where both have as many.
    """
    with file.open("rb") as stream:
        catalogue = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]  # there is no public way
    for key, value in catalogue.items():
        text = key[0] if isinstance(key, tuple) else key
        if isinstance(text, str) and isinstance(value, str) and text and text != value:
            text = text.rsplit("\x04", 1)[-1]  # before it stands where the text is shown
            if _PERSON.search(text) or _PERSON.search(value):
                continue
            ours, theirs = shown(text), shown(value)
            if len(ours) == len(theirs):
                yield from zip(ours, theirs, strict=True)


def shown(text: str) -> list[str]:
    """The lines of ``text`` as a window shows them: without markup, entities, and the marks of keyboard shortcuts."""
    lines = html.unescape(_TAG.sub("", text)).split("\n")
    # One mark only: where there are more, they are parts of names.
    lines = [clean(_MARK.sub("", line) if len(_MARK.findall(line)) == 1 else line) for line in lines]
    return [line for line in lines if line]


def clean(text: str) -> str:
    """``text`` in NFC without soft hyphens and marks of no width, single blanks for all white space."""
    text = unicodedata.normalize("NFC", text)
    return " ".join(re.sub("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", "", text).split())


def is_latin(text: str) -> bool:
    """Whether ``text`` has a letter or a digit, and its letters are Latin."""
    letters = [c for c in text if c.isalpha()]
    latin = sum(c < "\u0250" or "\u1e00" <= c < "\u1f00" for c in letters)
    return any(map(str.isalnum, text)) and latin >= 0.9 * len(letters)


def translations(packages: Path, wanted: list[str]) -> dict[str, list[str]]:
    """Different texts of interfaces for each language of ``wanted``; English are those that were translated."""
    found: dict[str, dict[str, None]] = {code: {} for code in wanted}
    for file in sorted(packages.glob(CATALOGUES), key=str):
        code = language_of(file.parts[-3].split("@")[0])
        if code not in found or "@" in file.parts[-3]:
            continue
        for ours, theirs in interface(file):
            if is_latin(theirs) and not _GARBLED.search(theirs):
                found[code][theirs] = None
            if code == "de" and is_latin(ours):  # German catalogues are complete: they name all that is English
                found["en"][ours] = None
    return {code: list(texts) for code, texts in found.items()}


def program_lines(file: Path) -> Iterator[str]:
    """Lines of program text without their indents; none of what no person typed."""
    for line in decoded(file).splitlines()[:20_000]:
        text = re.sub(r" {9,}", " " * 8, unicodedata.normalize("NFC", line.strip()).replace("\t", "    "))
        if text and len(text) <= 160 and not _PERSON.search(text) and not _OPAQUE.search(text) and is_latin(text):
            yield text


def programs(packages: Path) -> dict[str, list[str]]:
    """Different lines for each kind of program text, from as many files as it takes."""
    ends = {f".{end}": kind for kind, names in PROGRAMS.items() for end in names.split()}
    files: dict[str, list[Path]] = {kind: [] for kind in PROGRAMS}
    for file in sorted(packages.rglob("*"), key=str):
        kind = ends.get(file.suffix)
        if kind and ".min" not in file.name and file.is_file() and not file.is_symlink():
            files[kind].append(file)
    return {kind: list(taken(files[kind])) for kind in PROGRAMS}


def taken(files: list[Path]) -> Iterable[str]:
    """Up to ``LINES`` different lines of ``files``, which are read in an order of chance."""
    rng, kept = random.Random(0), dict[str, None]()
    rng.shuffle(files)
    for file in files:
        lines = list(program_lines(file))
        kept |= dict.fromkeys(rng.sample(lines, min(len(lines), FILE_LINES)))
        if len(kept) > LINES:
            break
    return list(kept)[:LINES]


def write(file: Path, texts: Iterable[str], most: int) -> None:
    """Write up to ``most`` of ``texts``, shuffled, one a line."""
    chosen = sorted(texts)
    random.Random(0).shuffle(chosen)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(text + "\n" for text in chosen[:most]), encoding="utf-8")


def main(data: Path) -> None:
    """Write the texts of interfaces and the program text."""
    packages, out = data / "deb", data / "text"
    empty = []
    for code, texts in translations(packages, [*LANGUAGES, *MORE]).items():
        write(out / "interface" / f"{code}.txt", texts, MOST)
        print(f"interface {code}: {len(texts)} texts", flush=True)
        if not texts:
            empty.append(code)
    kinds = programs(packages)
    write(out / "program.txt", [line for lines in kinds.values() for line in lines], LINES * len(kinds))
    for kind, lines in kinds.items():
        print(f"program {kind}: {len(lines)} lines", flush=True)
        if not lines:
            empty.append(kind)
    if empty:
        sys.exit(f"screens.py: nothing found for {' '.join(empty)}: are its packages unpacked in {packages}?")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: screens.py DATA")
    main(Path(sys.argv[1]))
