"""An output in a store, which takes whole files alone: it is made on the disk as any other, and put there at its end.

So that rows outlive the machine, what there is of them goes to the store meanwhile: ``URL.part/`` holds pieces of the
file of rows, each named by the number of its first byte, and ``rest``, the rows that wait to be written again; and
``.NAME.multirec`` beside the output says how they are made.  There are pieces, an empty one at least, while a run goes
on or was interrupted, and only then.  Another machine goes on with them.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from multirec import stores
from multirec.errors import MultirecError, NoImagesError, OutputError
from multirec.machine import starting_threads
from multirec.outputs.files import part_of, rest_of
from multirec.store_errors import StoreError

EVERY = 30.0
"""Seconds after which new rows are in the store, at the latest."""

PIECE = 1 << 23
"""Bytes of a piece: the last one is put again, longer each time, until it has so many."""


def place_of(url: str) -> Path:
    """Where on the disk the output ``url`` is made: a folder of its own, which is there afterwards.

    Raises:
        OutputError: it cannot be made, or ``url`` names no file.
    """
    name = url.partition("://")[2].partition("/")[2].rpartition("/")[2]
    if name in ("", ".", ".."):
        raise OutputError(f"{url}: it names no file: add the name of one")
    if url.partition("://")[0].lower() in ("file", "local"):
        raise OutputError(f"{url}: it is on a disk: give its path")
    # The same URL may be of another store, where an endpoint or an account is chosen by a variable.
    where = [os.environ.get(name, "") for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_PROFILE")]
    digits = hashlib.sha256("\0".join([url, *where]).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111  Path's fails
    for folder in (Path(top, "multirec", "outputs", digits) for top in (cache, tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = error
            continue
        if os.access(folder, os.W_OK):
            return folder / name
        why = PermissionError(None, "it is another user's")
    raise OutputError(f"{url}: {folder}, where it is to be made, cannot be used: {why.strerror}: set XDG_CACHE_HOME")


class Stored:
    """Keeps the output ``url`` in step with its file on the disk, from ``begin`` on while the block runs.

    When the block ends without an exception the output is put in its place, and then what lies beside its file; the
    pieces go.  Else they are brought up to date.

    Args:
        url: the output.
        file: its file, as ``place_of`` says, which this process has claimed.
        record: the file that says how its rows are made, see ``Claim``.
        tell: called with what goes wrong and does not end the run.

    Raises:
        OutputError: the store cannot be written.
    """

    def __init__(self, url: str, file: Path, record: Path, tell: Callable[[str], object]) -> None:
        self._url, self._file, self._record, self._tell = url, file, record, tell
        self._part, self._rest = part_of(file), rest_of(file)
        self._folder = url.rpartition("/")[0]
        self._pieces: list[int] = []
        self._size = -1
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_up, name="putting", daemon=True)

    def fetch(self, resume: bool) -> None:
        """Bring the file and what belongs to it to where the store is, or beyond, where this disk has more of it.

        Args:
            resume: the rows there will be gone on with.
        """
        try:
            self._fetch(resume)
        except OSError as error:
            raise self._unwritten(error) from error

    def _fetch(self, resume: bool) -> None:
        known = b""
        with suppress(FileNotFoundError):
            known = stores.contents(self._url_of(self._record), 1 << 20)
        ours = self._record.read_bytes() == known
        self._record.write_bytes(known)
        names = [name for name, _ in stores.listing(f"{self._url}.part")] if stores.exists(f"{self._url}.part") else []
        self._pieces = sorted(int(name) for name in names if name.isdecimal())
        for left in self._beside():
            left.unlink()
        if not (ours and self._pieces):
            for left in (self._file, self._part, self._rest):
                left.unlink(missing_ok=True)
        if resume:
            self._get(self._file.with_name(f"{self._file.name}.dropped"))
        if not self._pieces:
            if resume:
                self._get(self._file)
            return
        if "rest" in names:
            _get(f"{self._url}.part/rest", self._rest)
        if not resume:
            self._take_names()
        elif self._file.exists():  # the run was complete, and could not be put
            self._part.unlink(missing_ok=True)
            return
        self._file.unlink(missing_ok=True)
        there = self._part.with_name(f"{self._part.name}.new")
        self._join(there)
        if not _begins(self._part, there):
            there.replace(self._part)
        there.unlink(missing_ok=True)

    def _join(self, path: Path) -> None:
        """Write what the pieces are together."""
        with path.open("wb") as file:
            for at in self._pieces:
                if file.tell() != at:
                    raise StoreError(f"of {self._url}.part a piece before {at} is missing")
                with stores.open_file(self._piece(at)) as piece:
                    shutil.copyfileobj(piece, file, stores.BLOCK)

    def _take_names(self) -> None:
        """Lest what is put aside now takes the place of what was put aside before: empty files with names of that."""
        for kind in (self._part, self._rest):
            for number in itertools.chain([""], itertools.count(2)):
                old = kind.with_name(f"{kind.name}.old{number}")
                if not stores.exists(self._url_of(old)):
                    break
                old.touch()

    def begin(self, resumed: bool) -> None:
        """Have the store hold what is on the disk, and keep it up to date from now on.

        Args:
            resumed: there are rows to go on from.
        """
        try:
            self._put_beside()
            if self._rest.exists():
                stores.put(f"{self._url}.part/rest", self._rest)
            self._cut(self._part.stat().st_size if resumed else 0)
            if resumed:
                self._push()
            else:
                stores.put(self._piece(0), b"")
                self._pieces, self._size = [0], 0
            if not self._rest.exists():
                stores.remove(f"{self._url}.part/rest")
            stores.put(self._url_of(self._record), self._record)
        except OSError as error:
            raise self._unwritten(error) from error
        with starting_threads():
            self._thread.start()

    def __enter__(self) -> Stored:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        begun = self._thread.ident is not None
        self._ended.set()
        if begun:
            self._thread.join()
            self._end(kind is None, kind is not None and issubclass(kind, NoImagesError))
        if isinstance(value, MultirecError):  # it knows of the file on the disk alone
            value.args = (str(value).replace(str(self._file), self._url), *value.args[1:])

    def _end(self, complete: bool, nothing: bool) -> None:
        try:
            if complete:
                stores.put(self._url, self._file)
                self._put_beside()
            elif self._part.exists():
                self._push()
            gone = not (self._part.exists() or self._file.exists())
            if complete or (gone and (nothing or self._size <= 0)):  # not where the disk alone has lost rows
                self._cut(0)
                for name in (self._piece(0), f"{self._url}.part/rest"):
                    stores.remove(name)
                for left in (self._file, *self._beside()):
                    left.unlink(missing_ok=True)
        except OSError as error:
            if complete:
                where = next((f"; the rows are in {p}" for p in (self._file, self._part) if p.exists()), "")
                raise self._unwritten(error, where) from error
            self._tell(self._behind(error))

    def _keep_up(self) -> None:
        told = False
        while not self._ended.wait(EVERY):
            try:
                self._push()
                told = False
            except FileNotFoundError:  # it is not there yet, or has become the output
                continue
            except OSError as error:
                if not told:
                    self._tell(f"{self._behind(error)}; it is tried again")
                told = True

    def _push(self) -> None:
        """Put what is new, if anything is."""
        if self._part.stat().st_size == self._size:
            return
        at, data = (self._pieces or [0])[-1], b""
        with self._part.open("rb") as file:
            file.seek(at)
            while (data := file.read(PIECE)) or not at:
                stores.put(self._piece(at), data)
                self._size = at + len(data)
                if at not in self._pieces[-1:]:
                    self._pieces.append(at)
                if len(data) < PIECE:
                    break
                at += PIECE

    def _cut(self, size: int) -> None:
        """Remove pieces that begin at ``size`` or behind, the last one first; the very first stays."""
        while len(self._pieces) > 1 and self._pieces[-1] >= size:
            stores.remove(self._piece(self._pieces[-1]))
            self._pieces.pop()

    def _piece(self, at: int) -> str:
        return f"{self._url}.part/{at:015d}"

    def _url_of(self, path: Path) -> str:
        """Where in the store belongs what lies beside the output's file."""
        return f"{self._folder}/{path.name}"

    def _get(self, path: Path) -> None:
        _get(self._url_of(path), path)

    def _beside(self) -> list[Path]:
        """What a run leaves beside its output: rows that were put aside, a shard's manifest."""
        found = (p for p in self._file.parent.iterdir() if p.name.startswith(f"{self._file.name}."))
        return sorted(p for p in found if p not in (self._part, self._rest))

    def _put_beside(self) -> None:
        for path in self._beside():
            if path.suffix not in (".new", ".ready") and path.stat().st_size:
                stores.put(self._url_of(path), path)

    def _unwritten(self, error: OSError, where: str = "") -> OutputError:
        why = "there is no such bucket, or folder" if isinstance(error, FileNotFoundError) else error.strerror or error
        return OutputError(f"{self._url}: cannot be written: {why}{where}")

    def _behind(self, error: OSError) -> str:
        return f"{self._url}: rows cannot be put beside it: {error.strerror or error}; they are in {self._part}"


def _get(url: str, path: Path) -> None:
    """Copy a store's file, if it is there."""
    with suppress(FileNotFoundError), stores.open_file(url) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, stores.BLOCK)


def _begins(path: Path, start: Path) -> bool:
    """Whether a file is there and begins with all that is in another."""
    if not path.exists():
        return False
    with path.open("rb") as file, start.open("rb") as begin:
        return all(file.read(len(piece)) == piece for piece in iter(lambda: begin.read(1 << 20), b""))
