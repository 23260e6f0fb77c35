"""One of N parts of a run, for any scheduler: which files are its own, and the manifest that tells of its rows.

The k-th file of the inputs belongs to shard k mod N.  So a shard needs no list in advance, all are equally large, names
may be the same, and rows can be merged in constant memory with nothing but their numbers; what is asked for it is that
all shards see the same inputs, which their manifests prove.  A file is never cut, whatever it holds.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from multirec import stores
from multirec.errors import OutputError
from multirec.models.processor import processor
from multirec.run.progress import Tally
from multirec.sources import Source

FORMAT = 1
"""Raised when a manifest of today could not be understood by the code of yesterday."""


@dataclass(frozen=True)
class Shard:
    """Shard ``index``, from 1 on, of ``of``.

    Raises:
        ValueError: there is no such shard.
    """

    index: int
    of: int

    def __post_init__(self) -> None:
        if not 1 <= self.index <= self.of:
            raise ValueError(f"there is no shard {self}: they are counted from 1/{self.of} to {self.of}/{self.of}")

    def __str__(self) -> str:
        return f"{self.index}/{self.of}"

    @classmethod
    def parse(cls, text: str, environment: Mapping[str, str]) -> Shard:
        """``I/N``, or ``env`` for what Slurm or Kubernetes says.

        Raises:
            ValueError: neither, or nothing of the kind is said.
        """
        if text == "env":
            return cls._of_scheduler(environment)
        if not re.fullmatch(r"[0-9]+/[0-9]+", text):
            raise ValueError(f"{text!r} is neither I/N, as 3/8, nor 'env'")
        return cls(*map(int, text.split("/")))

    @classmethod
    def _of_scheduler(cls, environment: Mapping[str, str]) -> Shard:
        """Of a task of a Slurm array, or of a pod of an indexed Job, which has to be told how many there are."""
        slurm, kubernetes = "SLURM_ARRAY_TASK_ID" in environment, "JOB_COMPLETION_INDEX" in environment
        if slurm == kubernetes:
            names = "SLURM_ARRAY_TASK_ID {} JOB_COMPLETION_INDEX".format("and" if slurm else "nor")
            raise ValueError(f"env: {'both' if slurm else 'neither'} {names} {'are' if slurm else 'is'} set: give I/N")

        def number(name: str, default: str = "") -> int:
            value = environment.get(name, default)
            if not value.isdecimal():
                raise ValueError(f"env: {name} is {value!r}, no number" if value else f"env: {name} is not set")
            return int(value)

        if kubernetes:
            return cls(number("JOB_COMPLETION_INDEX") + 1, number("JOB_COMPLETIONS"))
        task = "SLURM_ARRAY_TASK_"
        first, count, step = number(f"{task}MIN"), number(f"{task}COUNT"), number(f"{task}STEP", "1")
        last = first + (count - 1) * step
        here, beside = divmod(number(f"{task}ID") - first, max(1, step))
        if beside or number(f"{task}MAX", str(last)) != last:
            raise ValueError("env: the numbers of the Slurm array have gaps, as when some are done again: give I/N")
        return cls(here + 1, count)


@dataclass(frozen=True)
class Manifest:
    """What a finished shard says of itself.

    Attributes:
        shard: which of ``of`` it is, from 1 on.
        rows: rows in its file.
        errors: those of them that have an error.
        sha256: of its file.
        files: files among the inputs of all shards.
        inputs: SHA-256 of their names, in order.
        sizes: ``number, rows`` of each of its own files, counted from 0, that has not one row.
        identity: what the rows depend on, see ``multirec.run.job.identity``, and what says which rows there are.
        processor: what computed them.
    """

    shard: int
    of: int
    rows: int
    errors: int
    sha256: str
    files: int
    inputs: str
    sizes: list[tuple[int, int]]
    identity: dict[str, Any]
    processor: str

    @property
    def own(self) -> int:
        """How many files are its own."""
        return len(range(self.shard - 1, self.files, self.of))

    @classmethod
    def load(cls, path: str | Path) -> Manifest:
        """Read it, from the disk or a store.

        Raises:
            ValueError: it is none, or one of another version.
            OSError: it cannot be read.
        """
        with stores.open_file(path) as file:
            known = json.loads(file.read())
        if not isinstance(known, dict) or known.pop("manifest", None) != FORMAT:
            raise ValueError("it is no manifest of this version of multirec")
        try:
            manifest = cls(**known)
            Shard(manifest.shard, manifest.of)
            several = sum(rows - 1 for _, rows in manifest.sizes)
            if manifest.own + several != manifest.rows or not isinstance(manifest.identity, dict):
                raise ValueError("its numbers of files and rows do not go together")
        except TypeError as error:
            raise ValueError(f"it is damaged ({error})") from error
        return manifest

    def save(self, path: Path) -> None:
        """Write it, whole or not at all; raises OSError."""
        partial = path.with_name(path.name + ".new")
        with partial.open("w", encoding="utf-8") as file:
            json.dump({"manifest": FORMAT} | asdict(self), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)


def manifest_of(path: Path) -> Path:
    """Where the manifest of a shard's file is."""
    return path.with_name(path.name + ".manifest")


def sha256_of(path: str | Path) -> str:
    """Of a file, of the disk or a store, in hexadecimal digits."""
    with stores.open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Part:
    """A shard's part of the inputs, and its manifest, which is written when the block ends without an exception.

    Args:
        shard: which one.
        file: its output, complete when the block ends; None for no manifest.
        identity: what its rows depend on.
        tally: of its rows, when the block ends.

    Raises:
        OutputError: the manifest cannot be written.
    """

    def __init__(self, shard: Shard, file: Path | None, identity: dict[str, Any], tally: Tally) -> None:
        self._shard, self._file, self._identity, self._tally = shard, file, identity, tally
        self._names = hashlib.sha256()
        self._sizes: list[tuple[int, int]] = []
        self._own = -1
        self._rows = 1
        self.files = 0

    def takes(self, path: str) -> bool:
        """Whether the next file of the inputs, which is ``path``, is its own; to be asked for each, in order."""
        self._names.update(path.encode("utf-8", "surrogateescape") + b"\0")
        mine = self.files % self._shard.of == self._shard.index - 1
        self.files += 1
        if mine:
            self._end_file()
            self._own, self._rows = self._own + 1, 0
        return mine

    def counted(self, sources: Iterator[Source]) -> Iterator[Source]:
        """``sources``, which come of the files that it took, each before the next file is asked for."""
        for source in sources:
            self._rows += 1
            yield source

    def _end_file(self) -> None:
        if self._rows != 1:
            self._sizes.append((self._own, self._rows))

    def __enter__(self) -> Part:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None or self._file is None:
            return
        self._end_file()
        place = manifest_of(self._file)
        try:
            Manifest(
                self._shard.index, self._shard.of, self._tally.rows, self._tally.errors, sha256_of(self._file),
                self.files, self._names.hexdigest(), self._sizes, self._identity, processor(),
            ).save(place)  # fmt: skip
        except OSError as error:
            raise OutputError(f"{place}: cannot be written: {error.strerror or error}; go on with --resume") from error
