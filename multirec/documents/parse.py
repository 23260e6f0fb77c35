"""Reading the XML of documents as a stream, within bounds, with nothing fetched that it refers to.

expat loads no external entity and no DTD unless it is told to, which nothing here does.  A file that declares entities
is refused, and so is one that is nested deeper than ``DEPTH`` or has a tag or a text longer than ``LONGEST``.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable
from xml.parsers import expat

from multirec import stores
from multirec.documents.alto import AltoXml
from multirec.documents.document import Document, DocumentError
from multirec.documents.page import PageXml
from multirec.documents.vocabulary import Vocabulary
from multirec.options import MAX_BYTES

VOCABULARIES: dict[str, Callable[[], Vocabulary]] = {"PcGts": PageXml, "alto": AltoXml}
"""By the root's name: of the namespaces, one for each version, none that is to come is known."""

DEPTH = 256
LONGEST = 8 << 20
_CHUNK = 1 << 18


_TEXT_LINE = re.compile(rb"<(?:[\w.-]{1,40}:)?TextLine[\s/>]")


class _ToldError(Exception):
    """What was asked for has been told."""


class _Walk:
    """Hands the elements of a file to the vocabulary that its root names."""

    def __init__(self, head: bool) -> None:
        self.vocabulary: Vocabulary | None = None
        self._head = head
        self._names: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.EntityDeclHandler = self._refuse

    def read(self, path: str, most: int) -> None:
        try:
            found = stores.stat(path)
            if not stat.S_ISREG(found.st_mode):
                raise DocumentError("not-an-image", "it is not a regular file")
            if found.st_size > most:
                raise DocumentError("too-large", f"the file has more than {most} bytes; raise --max-bytes")
            if not found.st_size:
                raise DocumentError("empty", "the file holds no bytes")
            with stores.open_file(path) as file:
                self._feed(file.read, most)
        except FileNotFoundError:
            raise DocumentError("missing", "no such file") from None
        except OSError as error:
            raise DocumentError("unreadable", error.strerror or str(error)) from None
        except expat.ExpatError as error:
            kind = "not-an-image" if self.vocabulary is None else "document"
            why = f"line {error.lineno}: {expat.ErrorString(error.code)}"
            raise DocumentError(kind, f"{why}: not XML, damaged, or cut short") from None
        except (ValueError, LookupError) as error:  # an encoding that nobody knows
            raise DocumentError("document", f"it cannot be decoded: {error}") from None

    def _feed(self, read: Callable[[int], bytes], most: int) -> None:
        fed = 0
        while data := read(_CHUNK):
            fed += len(data)
            if fed > most:  # it has grown since
                raise DocumentError("too-large", f"the file has more than {most} bytes; raise --max-bytes")
            self._parser.Parse(data, False)
            if fed - self._parser.CurrentByteIndex > LONGEST:
                raise DocumentError("document", f"line {self._parser.CurrentLineNumber}: a tag of many megabytes")
        self._parser.Parse(b"", True)

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        name = qualified.rpartition(" ")[2]
        parent = self._names[-1] if self._names else ""
        self._names.append(name)
        if len(self._names) > DEPTH:
            raise DocumentError("document", f"line {self._parser.CurrentLineNumber}: more than {DEPTH} elements deep")
        if self.vocabulary is None:
            if name not in VOCABULARIES:
                raise DocumentError("not-an-image", f"it is XML, but neither PAGE nor ALTO: its root is {name[:40]!r}")
            self.vocabulary = VOCABULARIES[name]()
            return
        if start := self.vocabulary.starts.get(name):
            start(name, attributes, parent)
        if self._head and name == self.vocabulary.BODY:
            raise _ToldError
        if name in self.vocabulary.TEXTS:
            self._text.clear()
            self._length = 0
            self._parser.CharacterDataHandler = self._characters

    def _characters(self, text: str) -> None:
        self._length += len(text)
        if self._length > LONGEST:
            raise DocumentError("document", f"line {self._parser.CurrentLineNumber}: a text of many megabytes")
        self._text.append(text)

    def _end(self, qualified: str) -> None:
        name = self._names.pop()
        if self.vocabulary is None or not self._names:
            return
        text = ""
        if name in self.vocabulary.TEXTS:
            self._parser.CharacterDataHandler = None
            text = "".join(self._text)
        if end := self.vocabulary.ends.get(name):
            end(text, self._names[-1])

    def _refuse(self, *declared: object) -> None:
        raise DocumentError("document", "it declares entities, which are not read: write what they stand for")


def read(path: str, most: int = MAX_BYTES) -> Document:
    """The document in the file ``path`` of at most ``most`` bytes.

    Raises:
        DocumentError: ``missing``, ``unreadable``, ``empty``, ``too-large``, ``not-an-image`` (no PAGE and no ALTO) or
            ``document`` (not well-formed, or what no such document needs).
    """
    walk = _Walk(head=False)
    walk.read(path, most)
    assert walk.vocabulary is not None  # a file without a root is not well-formed
    return walk.vocabulary.document()


def count_lines(path: str) -> int:
    """About how many lines a document has, found without reading it as XML; 0 where it cannot be read."""
    count, rest = 0, b""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return 0
        with open(path, "rb") as file:
            while data := file.read(_CHUNK):
                found = list(_TEXT_LINE.finditer(rest + data))
                count += len(found)
                rest = (rest + data)[max(found[-1].end() if found else 0, len(rest + data) - 64) :]
    except OSError:
        pass
    return count


def image_of(path: str) -> str | None:
    """The picture's name that a PAGE or ALTO file tells, empty where it tells none; None if it is no such file.

    Raises:
        OSError: a store does not give it: what it is now, another try may tell.
    """
    walk = _Walk(head=True)
    try:
        walk.read(path, MAX_BYTES)
    except _ToldError:
        pass
    except DocumentError as error:
        if error.kind == "unreadable" and stores.is_remote(path):
            raise OSError(errno.EIO, f"{path}: {error}") from None
        if walk.vocabulary is None:
            return None
    return walk.vocabulary.image if walk.vocabulary else None
