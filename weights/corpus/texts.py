#!/usr/bin/env python3
"""Text to render training lines from: DATA/deb is read, DATA/text/LANGUAGE.txt written, a sentence or paragraph a line.

Usage: texts.py DATA

DATA/deb holds unpacked Debian packages, as install.sh leaves them. The order of the lines is shuffled with a fixed
seed, so the same packages give the same files. Needs the standard library only.
"""

from __future__ import annotations

import gettext
import gzip
import html
import random
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = "en de fr es it cs da nl pl pt sv nb fi hu sl tr ro hr et lv lt is".split()

CAP = 8_000_000
"""Bytes of text a language, about: more would not make more different lines in a training run."""

ENGLISH_SHARE = 4
"""No package gives more than one such part of the English text, of which there is far more than wanted."""


# Readers: each turns a file into passages, cleaned later ---------------------------------------------------------

_UNREAD = re.compile(
    r"(?is)<(script|style|pre|code|head|nav|svg|screen|programlisting|literallayout)\b.*?</\1\s*>|<!--.*?-->"
)
_BLOCK = re.compile(
    r"(?i)</?(p|div|h[1-6]|li|ul|ol|td|th|tr|table|dt|dd|dl|title|desc|item|br|section|page|note|blockquote|cite|hr"
    r"|body|html)\b[^>]*>"
)
_TAG = re.compile(r"<[^>]+>")

_ROFF_FONTS = re.compile(r"\.(B|I|BR|RB|IR|RI|BI|IB)\s+(.*)")
_ROFF_ESCAPES = re.compile(r"\\\(..|\\[-&e ~|/,:%c]")
_ROFF = {
    r"\-": "-", r"\(aq": "'", r"\(bu": "•", r"\(em": "—", r"\(en": "–", r"\(lq": "“", r"\(rq": "”", r"\(dq": '"',
    r"\(cq": "’", r"\(oq": "‘", r"\(Bq": "„", r"\(bq": "‚", r"\(Fo": "«", r"\(Fc": "»", r"\(co": "©", r"\e": "\\",
    r"\ ": " ", r"\~": " ", r"\&": "", r"\|": "", r"\/": "", r"\,": "", r"\:": "", r"\%": "", r"\c": "",
}  # fmt: skip


def decoded(file: Path) -> str:
    """The text of ``file``, unpacked if need be; what is not UTF-8 is taken for Latin-1."""
    raw = file.read_bytes()
    if file.suffix in {".gz", ".dz"}:
        raw = gzip.decompress(raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def lines(file: Path) -> list[str]:
    """Each line is a passage."""
    return decoded(file).splitlines()


def paragraphs(file: Path) -> list[str]:
    """Wrapped plain text: a blank line, a line of ``%`` or an indented line begins a new passage."""
    parts = re.split(r"\n\s*\n|\n(?=[ \t]+\S)|\n%\n", decoded(file))
    return [re.sub(".\x08", "", part) for part in parts]  # a letter struck over is an old way to make it bold


def markup(file: Path) -> list[str]:
    """HTML and Mallard pages: the text between block elements, without code and scripts."""
    text = _BLOCK.sub("\0", _UNREAD.sub("\0", decoded(file)))
    return [html.unescape(_TAG.sub("", part)) for part in text.split("\0")]


def manual(file: Path) -> list[str]:
    """Manual pages in roff: the text between requests and blank lines; a font request belongs to it."""
    passages: list[list[str]] = [[]]
    for line in decoded(file).split("\n"):
        if request := _ROFF_FONTS.match(line):
            # Two fonts alternate from word to word, and those words are printed without blanks between them.
            whole = request[1] in {"B", "I", "BI"}
            line = request[2].strip('"') if whole else re.sub(r'(?<!\\)[ "]+', "", request[2])
        if not line or line.startswith((".", "'")):
            passages.append([])
        else:
            passages[-1].append(line)
    return [_without_escapes(" ".join(passage)) for passage in passages]


def _without_escapes(text: str) -> str:
    text = re.sub(r"\\f(\[\w*\]|\(..|.)", "", text)
    text = _ROFF_ESCAPES.sub(lambda found: _ROFF.get(found[0], found[0]), text)
    return re.sub(r"\\\[(\w\w)\]", lambda found: _ROFF.get(rf"\({found[1]}", found[0]), text)


def interface(file: Path) -> list[str]:
    """The translations of a gettext catalogue, without the marks of keyboard shortcuts."""
    with file.open("rb") as stream:
        catalogue = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]  # there is no public way
    texts = (text for key, text in catalogue.items() if key and isinstance(text, str))
    return [re.sub(r"[~_](?=\w)", "", text) for text in texts]


# Sources -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """Files of one kind.

    Attributes:
        files: a pattern below DATA/deb; the first folder is the package.
        read: how to get passages from such a file.
        language: finds the language in a path below DATA/deb; where it finds none, the file is English.
    """

    files: str
    read: Callable[[Path], list[str]]
    language: str = r"(?!)"


SOURCES = (  # the best first: prose, then help, strings of interfaces, and manual pages, whose sentences are much alike
    Source("fortunes*/usr/share/games/fortunes/**/*", paragraphs, r"^fortunes-(?!min/)(\w+)/"),
    Source("kjv.txt", lines),
    Source("dict-devil/usr/share/dictd/*.dz", paragraphs),
    Source("anarchism/usr/share/doc/anarchism/html/*.html", markup),
    Source("debian-handbook/usr/share/doc/debian-handbook/html/*/*.html", markup, r"/html/([^/]+)/"),
    Source("debian-history/usr/share/doc/debian-history/docs/*.html", markup, r"\.([^./]+)\.html$"),
    Source("gnome-user-docs/usr/share/help/*/**/*.page", markup, r"/help/([^/]+)/"),
    Source("libreoffice-help-*/usr/share/libreoffice/help/*/text/**/*.html", markup, r"^libreoffice-help-([^/]+)/"),
    Source(
        "libreoffice-l10n-*/usr/lib/libreoffice/program/resource/*/LC_MESSAGES/*.mo", interface, r"/resource/([^/]+)/"
    ),
    Source("manpages-*/usr/share/man/*/man*/*", manual, r"/man/([^/]+)/"),
)


def language(source: Source, path: str) -> str:
    """The code of the language that ``path`` of ``source`` is in; where it names none, it is English."""
    found = re.search(source.language, path)
    return language_of(found[1]) if found else "en"


def language_of(name: str) -> str:
    """The code of the language that a locale or folder names, without a region: ``de`` for ``de_DE``.

    Brazilian Portuguese keeps its region: it is not the Portuguese wanted here.
    """
    code = name.lower().replace("_", "-")
    if code == "c":  # the untranslated pages
        return "en"
    return code if code == "pt-br" else code.split("-")[0]


def wanted(file: Path, path: str) -> bool:
    """Whether ``file`` is text and not met elsewhere: no link, no index of fortunes, none of their rude part."""
    return file.is_file() and not file.is_symlink() and file.suffix not in {".dat", ".u8"} and "/off/" not in path


def files_by_language(packages: Path) -> dict[str, list[tuple[Source, Path]]]:
    """The files to read for each language, the best first."""
    todo: dict[str, list[tuple[Source, Path]]] = {code: [] for code in LANGUAGES}
    for source in SOURCES:
        for file in sorted(packages.glob(source.files), key=str):
            path = file.relative_to(packages).as_posix()
            if wanted(file, path) and (code := language(source, path)) in todo:
                todo[code].append((source, file))
    return todo


# Passages worth rendering ------------------------------------------------------------------------------------------

_TECHNICAL = re.compile(
    r"^-[\w-]\w|\s--\w"  # options of commands
    r"|\[\[|[\\{}|]|\$\(|\w_\w|[=;]{2}"  # code
    r"|%[A-Za-z0-9]"  # places for values
    r"|://.*://"  # lists of links
    r"|[\x00-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]"  # control characters, private ones, and text decoded wrongly
)


def is_prose(text: str) -> bool:
    """Whether ``text`` is a passage of usual length, mostly of Latin letters, and not code."""
    if not 20 <= len(text) <= 2000 or " " not in text or _TECHNICAL.search(text):
        return False
    letters = sum(map(str.isalpha, text))
    latin = sum((c.isalpha() and c < "\u0250") or "\u1e00" <= c < "\u1f00" for c in text)
    return letters >= 0.65 * len(text) and latin >= 0.98 * letters


def cleaned(passages: Iterable[str]) -> Iterator[str]:
    """The passages that are prose: in NFC, with single blanks, without soft hyphens."""
    for passage in passages:
        text = unicodedata.normalize("NFC", passage).replace("\u00ad", "").replace("\u200b", "")
        text = " ".join(text.split())
        if is_prose(text):
            yield text


def gather(files: list[tuple[Source, Path]], packages: Path, english: set[str], is_english: bool) -> list[str]:
    """The different passages of ``files``, about ``CAP`` bytes of them.

    Args:
        files: what to read, the best first.
        packages: DATA/deb.
        english: all English passages: filled when English is read, and left out of all other languages, since
            packages keep what is not translated in English.
        is_english: whether ``files`` are English.
    """
    kept: dict[str, None] = {}  # a set that keeps its order
    share = CAP // ENGLISH_SHARE if is_english else CAP
    size, taken = 0, Counter[str]()
    for source, file in files:
        if size > CAP and not is_english:
            break
        package = file.relative_to(packages).parts[0]
        for text in cleaned(source.read(file)):
            if text in kept or text in english:
                continue
            if size <= CAP and taken[package] < share:
                kept[text] = None
                length = len(text.encode()) + 1
                size += length
                taken[package] += length
            if is_english:
                english.add(text)
    return list(kept)


def main(data: Path) -> None:
    """Write the text of all languages, English first."""
    packages, out = data / "deb", data / "text"
    out.mkdir(parents=True, exist_ok=True)
    english: set[str] = set()
    empty = []
    for code, files in files_by_language(packages).items():
        texts = gather(files, packages, english, code == "en")
        random.Random(0).shuffle(texts)
        (out / f"{code}.txt").write_text("".join(text + "\n" for text in texts), encoding="utf-8")
        print(f"{code}: {len(texts)} passages", flush=True)
        if not texts:
            empty.append(code)
    if empty:
        sys.exit(f"texts.py: no text found for {' '.join(empty)}: are its packages unpacked in {packages}?")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: texts.py DATA")
    main(Path(sys.argv[1]))
