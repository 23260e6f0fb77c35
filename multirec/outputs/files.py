"""Where rows go: standard output, or a file.

Each row reaches the operating system as soon as it is known, so a kill of the process loses none that was
written.  A file appears under its name only when the run is complete; until then its rows are beside it.
"""

from __future__ import annotations

import itertools
import os
import stat
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

from multirec.errors import NoImagesError, OutputError
from multirec.stdio import escaped

SYNC = 5.0
"""Seconds after which rows are on the disk, at the latest, while rows come."""


class Output(Protocol):
    """Where rows go."""

    def write(self, row: bytes) -> None:
        """Hand ``row`` to the operating system."""


class Stream:
    """An open binary stream, such as standard output.

    Raises:
        OutputError: the stream cannot be written, except that a reader that went away stays BrokenPipeError.
    """

    def __init__(self, stream: BinaryIO, name: str = "standard output") -> None:
        self._stream, self._name = stream, name
        self._terminal = stream.isatty()

    def write(self, row: bytes) -> None:
        """Write and flush."""
        if self._terminal:  # data for files and pipes is left as it is
            row = escaped(row.decode("utf-8", "surrogateescape"), keep="\t\n").encode()
        try:
            # An unbuffered stream may take a part only.
            view = memoryview(row)
            while view:
                view = view[self._stream.write(view) or 0 :]
            self._stream.flush()
        except BrokenPipeError:
            raise
        except (OSError, ValueError) as error:
            raise OutputError(f"{self._name}: cannot be written: {getattr(error, 'strerror', error)}") from error


class File:
    """A file that replaces ``path`` when the block ends without an exception.

    Until then its rows are in ``PATH.part``; they are on the disk at most ``SYNC`` seconds after they were
    written.  A path that exists and is no regular file (a FIFO, ``/dev/stdout``) is written directly.

    Args:
        path: the output.
        append: add to ``path`` itself instead.
        resume: go on with ``PATH.part``, where it has been cut to whole rows.

    Raises:
        OutputError: the file cannot be created or written; the message says where the rows are.
    """

    def __init__(self, path: Path, append: bool = False, resume: bool = False) -> None:
        self.path = path
        self.partial = path if append or is_special(path) else part_of(path)
        try:
            if path.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            self._file = self.partial.open("ab" if append or resume else "wb")
            if self.partial != path and path.exists():
                _share_as(path, self._file.fileno())
        except OSError as error:
            raise OutputError(f"{path}: cannot be created: {error.strerror or error}") from error
        self.empty = not append or self._file.tell() == 0
        self._stream = Stream(self._file, str(self.partial))
        self._synced = time.monotonic()

    def write(self, row: bytes) -> None:
        """Write and flush; from time to time make sure that it is on the disk."""
        self._stream.write(row)
        if time.monotonic() - self._synced > SYNC:
            self._sync()

    def _sync(self) -> None:
        if stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
            os.fsync(self._file.fileno())
        self._synced = time.monotonic()

    def __enter__(self) -> File:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            # A header without rows is nothing either.
            nothing = self.partial != self.path and kind and (self._file.tell() == 0 or kind is NoImagesError)
            self._sync()
            self._file.close()
            if nothing:
                self.partial.unlink()
            elif kind is None and self.partial != self.path:
                self.partial.replace(self.path)
                rest_of(self.path).unlink(missing_ok=True)
        except OSError as error:
            if kind is None:
                where = f"; the rows are in {self.partial}" if self.partial.exists() else ""
                raise OutputError(f"{self.path}: cannot be written: {error.strerror or error}{where}") from error


def _share_as(path: Path, descriptor: int) -> None:
    """Let an open file be read and written by those who may ``path``: who replaces a private file keeps it so."""
    found = path.stat()
    with suppress(PermissionError):  # of a group that is not ours
        os.fchown(descriptor, -1, found.st_gid)
    # A resumed run has to open it again.
    os.fchmod(descriptor, stat.S_IMODE(found.st_mode) | stat.S_IWUSR)


def behind_links(path: Path) -> Path:
    """The regular file that ``path`` leads to, which is to be replaced, not the link; else ``path`` itself."""
    return path.resolve() if path.is_symlink() and path.is_file() else path


def aside(path: Path) -> Path:
    """Rename ``path`` to a name that is free, ``PATH.old`` or ``PATH.old2`` and so on; return it."""
    names = (path.with_name(f"{path.name}.old{number}") for number in itertools.chain([""], itertools.count(2)))
    free = next(name for name in names if not name.exists())
    return path.replace(free)


def part_of(path: Path) -> Path:
    """Where the rows of ``path`` are while a run goes on."""
    return path.with_name(path.name + ".part")


def rest_of(path: Path) -> Path:
    """Where rows wait that a resumed run will write again (see ``multirec.outputs.resume``)."""
    return path.with_name(path.name + ".rest")


def is_special(path: Path) -> bool:
    """Whether ``path`` is there and is no regular file."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:  # whatever is in the way will be in the way of opening it too
        return False
