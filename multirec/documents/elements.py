"""The elements of an XML document and the bytes that each stands in, so that some can be replaced and no other moves.

A document is worked on in UTF-8, and goes back to its own encoding at the end; what that cannot write becomes a
character reference.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold (XML 1.0, production 2)."""

_REPLACED = {"Word", "String", "SP", "HYP"}
"""What new words take the place of; its IDs are free again."""

_QUOTED = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}

Splice = tuple[int, int, str]
"""Bytes ``start:stop`` of a document, and what is to stand there instead."""


@dataclass(slots=True, eq=False)
class Element:
    """An element of a document.

    Attributes:
        prefix: of its namespace, with the colon, or ''.
        name: without that.
        attributes: names as they are written, and values.
        start: where its start tag begins.
        inner: where that ends.
        close: where its end tag begins; ``inner`` where start and end are one tag.
        end: where that ends.
        children: the elements in it that were to be kept.
        text: what stands directly in it, where that was to be kept.
    """

    prefix: str
    name: str
    attributes: dict[str, str]
    parent: Element | None
    start: int
    inner: int = 0
    close: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def named(self, *names: str) -> list[Element]:
        """Its children of these names."""
        return [child for child in self.children if child.name in names]

    def walk(self) -> Iterator[Element]:
        """It and all in it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class New:
    """An element to be written: its name, its attributes, and its text or the elements in it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    content: str | tuple[New, ...] = ""


class Markup:
    """An XML document's bytes, and its elements in them.

    Args:
        data: its bytes.
        wanted: whether an element is to be kept, from its name without prefix and its parent; what is in one that is
            not kept is not either.
        texts: names of elements whose text is to be kept.

    Raises:
        ValueError: it is no XML, or has a declaration of entities, or an encoding that is not known.
    """

    def __init__(self, data: bytes, wanted: Callable[[str, Element | None], bool], texts: frozenset[str]) -> None:
        self._codec = _codec(data)
        try:
            self.data = data.decode(self._codec).encode()
        except (LookupError, UnicodeError) as error:
            raise ValueError(f"its bytes are not what its encoding says ({error})") from error
        if self.with_splices([]) != data:
            raise ValueError(f"its encoding ({self._codec}) cannot be written again as it is")
        self.ids: set[str] = set()
        """All values of attributes ``id`` and ``ID``, but those of words."""
        self.root = _parsed(self.data, wanted, texts, self.ids)

    def with_splices(self, splices: Iterable[Splice]) -> bytes:
        """The document's bytes with ``splices``, which must not overlap, made."""
        parts, at = [], 0
        for start, stop, new in sorted(splices, key=lambda splice: splice[:2]):
            parts += [self.data[at:start], new.encode()]
            at = stop
        parts.append(self.data[at:])
        return b"".join(parts).decode().encode(self._codec, "xmlcharrefreplace")

    def raw(self, start: int, stop: int) -> str:
        """A part of the document as it is written."""
        return self.data[start:stop].decode()

    def lead(self, element: Element) -> int:
        """Where the white space before ``element`` begins."""
        at = element.start
        while at and self.data[at - 1] in b" \t\r\n":
            at -= 1
        return at

    def indent(self, element: Element) -> str:
        """The white space before ``element``."""
        return self.raw(self.lead(element), element.start)

    def insert(self, parent: Element, after: Element | None, new: Sequence[New | str]) -> list[Splice]:
        """Put elements, or what is written already, behind a child of ``parent`` or before all, indented as these."""
        outer = self.indent(parent)
        if parent.children:
            own = self.indent(parent.children[0])
        else:
            above = self.indent(parent.parent) if parent.parent else ""
            own = outer + (outer.removeprefix(above) if above and outer.startswith(above) else "")
        step = own.removeprefix(outer) if own.startswith(outer) else ""
        text = "".join(own + (n if isinstance(n, str) else _written(n, parent.prefix, own, step)) for n in new)
        if after is not None:
            return [(after.end, after.end, text)]
        if parent.children:
            return [(parent.inner, parent.inner, text)]
        if self.data[parent.inner - 2 : parent.inner] == b"/>" and parent.end == parent.inner:
            name = parent.prefix + parent.name
            return [(parent.inner - 2, parent.end, f">{text}{outer}</{name}>")]
        return [(parent.inner, parent.close, text + outer)]

    def remove(self, element: Element) -> Splice:
        """Take an element out, with the white space before it."""
        return self.lead(element), element.end, ""

    def unused(self, name: str) -> str:
        """``name``, or with a number if it is the ID of something; it is, from now on."""
        free, number = name, 2
        while free in self.ids:
            free, number = f"{name}_{number}", number + 1
        self.ids.add(free)
        return free


def _codec(data: bytes) -> str:
    """The encoding of a document (XML 1.0, appendix F); a byte order mark is its first character."""
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if data.startswith((codecs.BOM_UTF16_LE, b"<\0")):
        return "utf-16-le"
    if data.startswith((codecs.BOM_UTF16_BE, b"\0<")):
        return "utf-16-be"
    declared = _DECLARED.match(data)
    return declared[1].decode() if declared else "utf-8"


def _parsed(
    data: bytes, wanted: Callable[[str, Element | None], bool], texts: frozenset[str], ids: set[str]
) -> Element:
    """The root element of a document in UTF-8."""
    parser = expat.ParserCreate("utf-8")
    top: list[Element] = []
    stack: list[Element] = []
    begun: list[Element] = []  # its start tag ends where the next event is
    skipped = 0

    def here() -> int:
        at: int = parser.CurrentByteIndex
        while begun:
            begun.pop().inner = at
        return at

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal skipped
        at = here()
        prefix, colon, local = name.rpartition(":")
        parent = stack[-1] if stack else None
        if not {local, *(element.name for element in stack[-2:])} & _REPLACED:
            ids.update(value for name, value in attributes.items() if name in ("id", "ID"))
        if skipped or not wanted(local, parent):
            skipped += 1
            return
        element = Element(prefix + colon, local, attributes, parent, at)
        (parent.children if parent else top).append(element)
        stack.append(element)
        begun.append(element)

    def end(_: str) -> None:
        nonlocal skipped
        empty = bool(begun)
        at = here()
        if skipped:
            skipped -= 1
            return
        element = stack.pop()
        element.close = at
        element.end = at if empty and data[at - 2 : at] == b"/>" else data.index(b">", at) + 1

    def characters(text: str) -> None:
        here()
        if stack and not skipped and stack[-1].name in texts:
            stack[-1].text += text

    def refuse(*_: object) -> None:
        raise ValueError("it declares entities, which are not read")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = characters
    parser.DefaultHandler = lambda _: here() and None
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError(f"it is no XML: {error}") from error
    if not top:
        raise ValueError("it is not of a kind that is known")
    return top[0]


def _written(new: New, prefix: str, indent: str, step: str) -> str:
    attributes = "".join(f' {name}="{escape(clean(value), _QUOTED)}"' for name, value in new.attributes.items())
    tag = prefix + new.name
    if isinstance(new.content, str):
        return f"<{tag}{attributes}>{escape(clean(new.content))}</{tag}>" if new.content else f"<{tag}{attributes}/>"
    inner = indent + step
    content = "".join(inner + _written(child, prefix, inner, step) for child in new.content)
    return f"<{tag}{attributes}>{content}{indent}</{tag}>"


def clean(text: str) -> str:
    """``text`` without what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
