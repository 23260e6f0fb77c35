"""Where rows go: standard output, or a file.

Each row reaches the operating system as soon as it is known.  A file appears under its name only when the
run is complete; until then its rows are in ``FILE.part`` beside it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

from multirec.errors import OutputError


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

    def write(self, row: bytes) -> None:
        """Write and flush."""
        try:
            self._stream.write(row)
            self._stream.flush()
        except BrokenPipeError:
            raise
        except (OSError, ValueError) as error:
            raise OutputError(f"{self._name}: cannot be written: {getattr(error, 'strerror', error)}") from error


class File:
    """A file that replaces ``path`` when the block ends without an exception.

    A path that exists and is no regular file (a FIFO, ``/dev/stdout``) is written directly.

    Raises:
        OutputError: the file cannot be created or written; the message says where the rows are.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        special = path.exists() and not stat.S_ISREG(path.stat().st_mode)
        self.partial = path if special else path.with_name(path.name + ".part")
        try:
            if path.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            self._file = self.partial.open("wb")
        except OSError as error:
            raise OutputError(f"{path}: cannot be created: {error.strerror or error}") from error
        self._stream = Stream(self._file, str(self.partial))

    def write(self, row: bytes) -> None:
        """Write and flush."""
        self._stream.write(row)

    def __enter__(self) -> File:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self.partial != self.path:
                os.fsync(self._file.fileno())
            empty = self._file.tell() == 0 if self.partial != self.path else False
            self._file.close()
            if kind is None and self.partial != self.path:
                self.partial.replace(self.path)
            elif empty:
                self.partial.unlink()
        except OSError as error:
            if kind is None:
                where = f"; the rows are in {self.partial}" if self.partial.exists() else ""
                raise OutputError(f"{self.path}: cannot be written: {error.strerror or error}{where}") from error
