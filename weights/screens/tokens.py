"""Colours of program text, as editors give them: which part of a line is what, roughly, for any language."""

from __future__ import annotations

import re
from collections.abc import Iterator

CLASSES = ("comment", "string", "number", "keyword", "call", "name", "sign")

_KEYWORDS = (
    "and as async auto await bool break case catch char class const continue def default defn del delete do done "
    "double echo elif else elsif end enum esac except export extends extern fi final finally float fn for foreach "
    "from func function if impl implements import in include inline int interface is let local long match mod module "
    "mut my namespace new nil None not null or our package pass private protected pub public raise ref require return "
    "select self short SELECT FROM WHERE INSERT UPDATE CREATE TABLE INTO VALUES sizeof static struct sub super switch "
    "template then this throw throws trait True False true false try type typedef typename typeof union unless "
    "unsigned until use using var virtual void volatile when where while with yield"
).split()

_TOKEN = re.compile(
    r"(?P<comment>\#(?![\w{!]).*|//.*|/\*.*?(?:\*/|$)|<!--.*?(?:-->|$)|--\s.*|^\*.*)"
    r"|(?P<string>\"(?:\\.|[^\"\\])*\"?|(?<!\w)'(?:\\.|[^'\\])*'|`[^`]*`)"
    r"|(?P<number>\b0[xb][\da-fA-F]+\b|\b\d[\d._]*(?:[eE][+-]?\d+)?\w?\b|\#[\da-fA-F]{3,6}\b)"
    rf"|(?P<keyword>\b(?:{'|'.join(_KEYWORDS)})\b|\#\w+|@\w+)"
    r"|(?P<call>\b[^\W\d]\w*(?=\())"
    r"|(?P<name>[$@%&]?[^\W\d]\w*)"
    r"|(?P<sign>[^\w\s\"'`]+|.)"
)


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """Parts of ``text`` in turn, each with its class; blanks have class ``sign``."""
    for found in _TOKEN.finditer(text):
        yield found[0], found.lastgroup or "sign"
