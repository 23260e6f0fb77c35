"""Where rows go: standard output, or a file.

Each row reaches the operating system as soon as it is known, so a kill of the process loses none that was
written.  A file appears under its name only when the run is complete; until then its rows are beside it.
"""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, TypeAlias

from multirec.errors import NoImagesError, OutputError
from multirec.stdio import escaped

SYNC = 5.0
"""Seconds after which rows are on the disk, at the latest, while rows come."""


Convert: TypeAlias = Callable[[BinaryIO, BinaryIO], None]
"""Reads rows from the first, writes what is made of them to the second; raises OSError."""


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
        path: the output; of a link, the file behind it.
        append: add to ``path`` itself instead.
        resume: go on with ``PATH.part``, where it has been cut to whole rows.
        convert: makes what becomes ``path`` of the rows in ``PATH.part``, where it is no file of rows.

    Raises:
        OutputError: the file cannot be created or written; the message says where the rows are.
    """

    def __init__(self, path: Path, append: bool = False, resume: bool = False, convert: Convert | None = None) -> None:
        self.path = path = behind_links(path)
        self._convert = convert
        self.partial = path if append or is_special(path) else part_of(path)
        try:
            if path.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            self._file = self.partial.open("ab" if append or resume else "wb")
            if self.partial != path and path.exists():
                share_as(path, self._file.fileno())
        except OSError as error:
            raise OutputError(f"{path}: cannot be created: {error.strerror or error}") from error
        self.empty = not append or self._file.tell() == 0
        self._stream = Stream(self._file, str(self.partial))
        self._synced = time.monotonic()

    def write(self, row: bytes) -> None:
        """Write and flush; from time to time make sure that it is on the disk."""
        self._stream.write(row)
        if time.monotonic() - self._synced > SYNC:
            try:
                self._sync()
            except OSError as error:  # a network's file system says only now that it has no room
                raise OutputError(f"{self.partial}: cannot be written: {error.strerror or error}") from error

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
            with self._file:
                nothing = self.partial != self.path and kind and (self._file.tell() == 0 or kind is NoImagesError)
                self._sync()
            if nothing:
                self.partial.unlink()
            elif kind is None and self.partial != self.path:
                take_place(self._converted(), self.path)
                self.partial.unlink(missing_ok=True)
                rest_of(self.path).unlink(missing_ok=True)
        except OSError as error:
            if kind is None:
                where = f"; the rows are in {self.partial}" if self.partial.exists() else ""
                raise OutputError(f"{self.path}: cannot be written: {error.strerror or error}{where}") from error

    def _converted(self) -> Path:
        if self._convert is None:
            return self.partial
        ready = self.path.with_name(self.path.name + ".ready")
        copied(self.partial, ready, self._convert)
        return ready


def take_place(new: Path, path: Path) -> None:
    """Let ``new`` become ``path``, by renaming it; else, where ``path`` can be written and not replaced, by copying it.

    That is a file which is mounted by itself, or another user's in a folder like ``/tmp``.  A kill while it is copied
    leaves ``new`` whole.

    Raises:
        OSError: it can be neither.
    """
    try:
        new.replace(path)
    except OSError as error:
        if error.errno not in (errno.EBUSY, errno.EXDEV, errno.EPERM) or not path.exists():
            raise
        with new.open("rb") as source, path.open("r+b") as target:
            shutil.copyfileobj(source, target)
            target.truncate()
            target.flush()
            os.fsync(target.fileno())
        new.unlink()


_ACL = "system.posix_acl_access"
_ACCESS = ("user.", "system.", "security.selinux")
"""What names of attributes to keep begin with; others (of integrity, of overlays) belong to the old content."""


def share_as(path: Path, descriptor: int) -> None:
    """Let an open file be read and written by those who may ``path``: who replaces a private file keeps it so.

    Owner, group, mode, access control list and extended attributes, as far as we may and the file system can.
    """
    found = path.stat()
    try:
        os.fchown(descriptor, found.st_uid, found.st_gid)
    except OSError:  # only root may give a file away
        with suppress(OSError):  # of a group that is not ours
            os.fchown(descriptor, -1, found.st_gid)
    with suppress(OSError):
        names = [name for name in os.listxattr(path) if name.startswith(_ACCESS)]
        for name in names:
            with suppress(OSError):
                os.setxattr(descriptor, name, os.getxattr(path, name))
        if _ACL not in names and _ACL in os.listxattr(descriptor):  # the folder's default for new files
            os.removexattr(descriptor, _ACL)
    with suppress(OSError):  # another's, or of a file system without modes
        # A resumed run has to open it again.
        os.fchmod(descriptor, stat.S_IMODE(found.st_mode) | stat.S_IWUSR)


def copied(path: Path, to: Path, copy: Callable[[BinaryIO, BinaryIO], object] = shutil.copyfileobj) -> None:
    """Copy a file for those who may read it, whole or not at all; raises OSError, or what ``copy`` raises."""
    partial = to.with_name(to.name + ".new")
    try:
        with path.open("rb") as source, partial.open("wb") as target:
            share_as(path, target.fileno())
            copy(source, target)
            target.flush()
            os.fsync(target.fileno())
        partial.replace(to)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def is_mounted_alone(path: Path) -> bool:
    """Whether ``path`` is a mount of its own, as where a single file is mounted into a container."""
    where = os.fsencode(os.path.realpath(path))
    for char in b"\\ \t\n":  # see proc(5)
        where = where.replace(bytes([char]), b"\\%03o" % char)
    try:
        mounts = Path("/proc/self/mountinfo").read_bytes().splitlines()
    except OSError:  # take_place will have to do
        return False
    return not path.is_dir() and any(line.split(b" ")[4] == where for line in mounts)


def behind_links(path: Path) -> Path:
    """The regular file that ``path`` leads to, which is to be replaced, not the link; else ``path`` itself."""
    return path.resolve() if path.is_symlink() and path.is_file() else path


def below(folder: Path, path: str | Path) -> Path:
    """``path`` below ``folder``, whatever it is; what differs stays different.

    ``..`` becomes ``__`` and the root ``_``; names that are made of underscores alone have two more.
    """
    path = Path(path)

    def part(name: str) -> str:
        if name in ("..", path.anchor):
            return "__" if name == ".." else "_"
        return name + "__" if name.strip("_") == "" else name

    return folder.joinpath(*map(part, path.parts))


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
