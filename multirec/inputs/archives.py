"""Members of tar and zip archives, in the archive's own order, as pictures in memory; nothing is written to disk.

A member is one by its name's end, as a file in a folder is; hidden ones are skipped.  From a zip (PKWARE's APPNOTE) and
a plain tar (POSIX ustar and pax, GNU) members are read where they lie, by the threads that read.  A tar that is
compressed, or in a store, is read once, from its beginning to its end, and its members come with their bytes.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import stat
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import IO, Any

from multirec import stores
from multirec.inputs import names
from multirec.inputs.files import regular
from multirec.inputs.folders import excluded
from multirec.inputs.images import ImageError
from multirec.sources import Content, Limits, Opening, Source

_COMPRESSIONS: tuple[tuple[bytes, Callable[[IO[bytes]], Any]], ...] = (
    (b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", lzma.open),
)  # fmt: skip
_ZSTANDARD = b"\x28\xb5\x2f\xfd"

_NAMING = (
    tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE,
)  # fmt: skip
_LONGEST = 1 << 18
"""Bytes of the longest name, or set of extended headers: they are held in memory, whatever they claim."""

_REST = 1 << 24
"""Bytes behind the end of a compressed tar that are read, so that its checksum is."""

_PIECE = 1 << 16
"""Bytes of a zip's member that are decompressed together."""

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of a zip, the ways of compression in which what is asked for is what comes; bzip2 makes 4 GB of 4 kB at once."""

_LINK = "not-an-image: a link within an archive, which is not followed"
_IRREGULAR = "not-an-image: it is not a regular file"


def fault(error: Exception) -> str:
    """What keeps an archive or a member from being read, in the words of a row's error."""
    if isinstance(error, ImageError):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return "missing: no such file"
    if isinstance(error, MemoryError):
        return "out-of-memory: not enough memory to read it"
    if isinstance(error, OSError) and error.strerror:
        return f"unreadable: {error.strerror}"
    return f"unreadable: damaged or cut short: {' '.join(str(error).split()) or type(error).__name__}"


def is_stream(path: str) -> bool:
    """Whether a tar is compressed, so that nobody knows what is in it but who has read all of it."""
    try:
        regular(path)
        with open(path, "rb") as file:
            return file.read(6).startswith(tuple(magic for magic, _ in _COMPRESSIONS))
    except (OSError, ImageError):
        return False


def tar(path: str, opening: Opening) -> Iterator[Source]:
    """The pictures in a tar, compressed or not.

    Raises:
        Exception: it is none, or damaged, or ends without its mark: of ``tarfile`` or of what decompresses it.
    """
    regular(path)
    with stores.open_file(path) as file:
        start = file.read(6)
        file.seek(0)
        if start.startswith(_ZSTANDARD):
            raise ImageError("unreadable", "compressed by Zstandard, which is not read: decompress it (zstd -d)")
        decompress = next((how for magic, how in _COMPRESSIONS if start.startswith(magic)), None)
        if decompress is None and not stores.is_remote(path):
            with _open(fileobj=file, mode="r:") as archive:
                yield from _members(path, archive, opening, lambda m: partial(_part, path, m.offset_data, m.size))
            return
        # From a store even a plain one is read but once.
        with decompress(file) if decompress else file as stream:
            with _open(fileobj=stream, mode="r|") as archive:
                yield from _members(path, archive, opening, partial(_following, archive, opening.limits))
            for _ in range(0, _REST, 1 << 16):
                if not stream.read(1 << 16):
                    break


class _Header(tarfile.TarInfo):
    """A member's header; ``tarfile`` would take one that is damaged, or is not there, for the archive's end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        if len(buf) == tarfile.BLOCKSIZE and not any(buf):  # the mark of the end
            return super().frombuf(buf, encoding, errors)
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(str(error) if buf else "no mark of its end") from None
        if header.size < 0 or (header.type in _NAMING and header.size > _LONGEST):
            raise tarfile.ReadError(f"a header claims {header.size} bytes")
        return header


def _open(**how: Any) -> Any:
    return tarfile.open(tarinfo=_Header, encoding="utf-8", errors="surrogateescape", **how)


def _members(path: str, archive: Any, opening: Opening, content: Callable[[tarfile.TarInfo], Any]) -> Iterator[Source]:
    last, is_taken = -1, _choice(opening)
    while (member := archive.next()) is not None:
        archive.members.clear()  # it would keep them all
        if member.offset <= last:  # an extended header may claim a size of its own
            raise tarfile.ReadError("a member that begins before the one it follows")
        last = member.offset
        name = member.name
        while name.startswith("./"):
            name = name[2:]
        if member.isdir() or not is_taken(name):
            continue
        error, found = "", None
        if member.issym() or member.islnk():
            error = _LINK
        elif not member.isreg():
            error = _IRREGULAR
        elif member.issparse():
            error = "unreadable: stored as a sparse file, which is not read: unpack the archive"
        else:
            try:
                found = content(member)
            except ImageError as too_large:
                error = str(too_large)
        yield Source(f"{path}/{name}", error, content=found)


def _choice(opening: Opening) -> Callable[[str], bool]:
    """What tells whether a member is to be read."""
    unwanted = excluded(opening.exclude)

    def is_taken(member: str) -> bool:
        if not names.is_image(member) or names.is_hidden(member):
            return False
        parts = member.split("/")
        return not any(unwanted(part, "/".join(parts[:number])) for number, part in enumerate(parts, 1))

    return is_taken


def _check(size: int, limits: Limits) -> None:
    if size > limits.bytes:
        raise ImageError("too-large", f"it has more than {limits.bytes} bytes; raise --max-bytes")


def _part(path: str, at: int, size: int, limits: Limits) -> Content:
    """The bytes of a plain tar's member."""
    _check(size, limits)
    with open(path, "rb") as file:
        file.seek(at)
        data = file.read(size)
    if len(data) < size:
        raise ImageError("unreadable", "the archive ends within it")
    return data


def _following(archive: Any, limits: Limits, member: tarfile.TarInfo) -> bytes:
    """The bytes of a compressed tar's member, before the next one is asked for."""
    _check(member.size, limits)
    try:
        return bytes(archive.extractfile(member).read())
    except Exception as error:
        raise tarfile.ReadError(f"{error or type(error).__name__}, within {member.name}") from error


def zipped(path: str, opening: Opening) -> Iterator[Source]:
    """The pictures in a zip.

    Raises:
        Exception: it is none, or its table of contents is damaged: of ``zipfile``.
    """
    regular(path)
    archive, is_taken = _Zip(path), _choice(opening)
    for number, member in enumerate(archive.open().infolist()):
        name = _name(member)
        while name.startswith("./"):
            name = name[2:]
        if member.is_dir() or not is_taken(name):
            continue
        error = ""
        if stat.S_ISLNK(member.external_attr >> 16):
            error = _LINK
        elif member.flag_bits & 1:
            error = "unreadable: it is encrypted"
        elif member.compress_type not in _METHODS:
            error = f"unreadable: compressed in a way that is not read ({member.compress_type}): unpack the archive"
        yield Source(f"{path}/{name}", error, content=None if error else partial(archive.member, number))


class _Zip:
    """A zip, opened when it is first needed; it closes itself, behind the last member that is read."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._archive: zipfile.ZipFile | None = None
        self._lock = threading.Lock()  # it counts members that are open, which threads must not do at once

    def __reduce__(self) -> tuple[Callable[[str], _Zip], tuple[str]]:
        """Another process opens it by itself."""
        return _shared, (self._path,)

    def open(self) -> zipfile.ZipFile:
        """The zip, its table of contents read once; raises as ``zipfile`` does."""
        with self._lock:
            if self._archive is None:
                file = stores.open_file(self._path) if stores.is_remote(self._path) else self._path
                self._archive = zipfile.ZipFile(file)
            return self._archive

    def member(self, number: int, limits: Limits) -> Content:
        """The bytes of a member; no more of it is decompressed than it claims, nor than the limit."""
        try:
            archive = self.open()
            member = archive.infolist()[number]
            _check(member.file_size, limits)
            with self._lock:
                file = archive.open(member)
            try:
                return b"".join(iter(partial(file.read, _PIECE), b""))
            finally:
                with self._lock:
                    file.close()
        except (MemoryError, ImageError):
            raise
        except Exception as error:
            kind, _, message = fault(error).partition(": ")
            raise ImageError(kind, message) from None


@lru_cache(maxsize=8)
def _shared(path: str) -> _Zip:
    """One for all sources that come from another process: a table of contents may be long."""
    return _Zip(path)


def _name(member: zipfile.ZipInfo) -> str:
    """A member's name: many a program writes UTF-8 without saying so, where code page 437 is meant then."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename
