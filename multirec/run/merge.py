"""``multirec merge``: the shards of a run into what one run would have written, once nothing is wrong with them."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import BinaryIO

from multirec import stores
from multirec.errors import BusyError, ExitCode, MergeError, OutputError
from multirec.outputs.claim import Claim
from multirec.outputs.files import File, Output, Stream, aside, behind_links, is_special, part_of, rest_of
from multirec.outputs.formats import LAYOUTS
from multirec.outputs.stored import Stored, place_of
from multirec.run.shards import Manifest, sha256_of
from multirec.stdio import say

FORMATS = ("csv", "jsonl")
"""What can be merged."""

_AT_ONCE = 4096
"""Rows that are written together."""

_MOST = 1 << 28
"""Bytes of shards in stores that are held, about."""

_DEVICE = "device"
"""What unlike machines may differ in, with a warning: the same arithmetic, but for last digits."""


@dataclass(frozen=True)
class _Finished:
    """A shard whose run is complete."""

    path: str
    manifest: Manifest


def merge(
    paths: Iterable[str | Path],
    output: str,
    stdout: BinaryIO,
    partial: bool = False,
    wait: float = 0.0,
    quiet: bool = False,
) -> ExitCode:
    """Write the rows of the shards in ``paths``, in any order, to ``output``, or ``stdout`` where that is ``-``.

    The rows come in the order of the run's inputs, in constant memory; the output is that of one run, and can be
    resumed as such.  Nothing is written before all shards were checked.

    Args:
        paths: the shards' files, of the disk or a store; each has its manifest beside it.
        output: where to.
        stdout: the standard output.
        partial: go without shards that are not among ``paths``.
        wait: seconds to wait for a run that writes the output.
        quiet: say nothing but errors.

    Returns:
        The exit code of ``predict`` over all.

    Raises:
        MergeError: the shards do not belong together, or are not all there; the message names what is wrong.
        OutputError: the output cannot be written.
        BusyError: a run is writing it.
    """
    out = None if output == "-" else place_of(output) if stores.is_remote(output) else behind_links(Path(output))
    names = [str(path) if stores.is_remote(str(path)) else str(behind_links(Path(path))) for path in paths]
    for name in names:
        if name == output or (out is not None and os.path.exists(out) and os.path.exists(name) and out.samefile(name)):
            raise MergeError(f"{name}: the output is among the shards: merge into a file of another name or folder")
    try:
        shards = [_finished(name) for name in names]
    except OSError as error:  # a store does not say
        raise MergeError(f"the shards cannot be looked at: {error.strerror or error}") from error
    _check(shards, partial)
    shards.sort(key=lambda shard: shard.manifest.shard)
    for shard in shards:
        try:
            same = sha256_of(shard.path) == shard.manifest.sha256
        except OSError as error:
            raise MergeError(f"{shard.path}: cannot be read: {error.strerror or error}") from error
        if not same:
            raise MergeError(
                f"{shard.path}: its rows are not those that its manifest tells of: it was changed, cut short, or its "
                "last run did not end: copy it again, or read it again"
            )
    if not quiet:
        _warn(shards)
    with ExitStack() as stack:
        if out is not None and not is_special(out):
            _claim(output, out, shards[0], wait, stack, quiet)
        _interleave(shards, Stream(stdout) if out is None else stack.enter_context(File(out)))
    rows, errors = (sum(getattr(s.manifest, what) for s in shards) for what in ("rows", "errors"))
    if not quiet:
        of = shards[0].manifest.of
        say(f"{rows} rows of {len(shards)}{'' if len(shards) == of else f' of {of}'} shards, {errors} errors")
    return ExitCode.SOME_IMAGES_UNREADABLE if errors else ExitCode.OK


def _finished(path: str) -> _Finished:
    place = f"{path}.manifest"
    if not stores.exists(place):
        if stores.exists(f"{path}.part"):
            raise MergeError(f"{path}: its run has not ended: let it end, or go on with it by --resume")
        missing = f"no {os.path.basename(place)} beside it: it is no shard, or its run has not ended"
        raise MergeError(f"{path}: {missing if stores.exists(path) else 'not there'}")
    try:
        manifest = Manifest.load(place)
    except (ValueError, OSError) as error:
        raise MergeError(f"{place}: cannot be used: {error}: read the shard again") from error
    if not stores.exists(path):
        raise MergeError(f"{path}: not there, only its manifest is: copy it too, or read it again")
    if (form := manifest.identity.get("format")) not in FORMATS:
        raise MergeError(f"{path}: rows of the format {form} cannot be merged; {' and '.join(FORMATS)} can")
    return _Finished(path, manifest)


def _check(shards: list[_Finished], partial: bool) -> None:
    """Whether these are the shards of one run, each once, and all of them."""
    first = shards[0]
    of = first.manifest.of
    known: dict[int, _Finished] = {}
    for shard in shards:
        here, there = shard.manifest, first.manifest
        if here.of != of:
            raise MergeError(
                f"{shard.path} is one of {here.of} shards, {first.path} one of {of}: give those of one run"
            )
        if here.shard in known:
            raise MergeError(f"{known[here.shard].path} and {shard.path} are both shard {here.shard} of {of}: give one")
        known[here.shard] = shard
        for name in [*there.identity, *here.identity]:
            now, then = here.identity.get(name), there.identity.get(name)
            if now != then and name != _DEVICE:
                remedy = "read one of them again"
                if name == "precision":
                    remedy = "give --precision float32 to all"
                raise MergeError(
                    f"{shard.path}: its rows were made with another {name} than those of {first.path} "
                    f"({now}, not {then}): {remedy}"
                )
        if (here.files, here.inputs) != (there.files, there.inputs):
            count = f"{here.files} files, not {there.files}" if here.files != there.files else "others, as many"
            raise MergeError(
                f"{shard.path}: its run saw other inputs than that of {first.path} ({count}): "
                "read all shards again with --resume, from inputs that do not change meanwhile"
            )
    missing = [number for number in range(1, of + 1) if number not in known]
    if missing and not partial:
        raise MergeError(
            f"{len(missing)} of {of} shards are not there: {_ranges(missing)}; --partial merges what there is"
        )


def _ranges(numbers: list[int]) -> str:
    """Ascending numbers in words, as 1, 3 to 5."""
    starts = [numbers[0], *(after for before, after in pairwise(numbers) if after != before + 1)]
    ends = [*(before for before, after in pairwise(numbers) if after != before + 1), numbers[-1]]
    return ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in zip(starts, ends, strict=True))


def _warn(shards: list[_Finished]) -> None:
    for what, values in (
        ("devices", {str(s.manifest.identity.get(_DEVICE)) for s in shards}),
        ("processors", {s.manifest.processor for s in shards}),
    ):
        if len(values) > 1:
            say(f"the shards were read by unlike {what}, whose last digits may differ: {', '.join(sorted(values))}")


def _claim(output: str, out: Path, shard: _Finished, wait: float, stack: ExitStack, quiet: bool) -> None:
    """Take the right to write ``out``, put aside what an interrupted run has left, and say how its rows were made.

    Where it is the file of an ``output`` in a store, the store is kept in step with it.
    """
    try:
        claim = stack.enter_context(Claim(out, wait))
    except BusyError as error:
        raise BusyError(str(error).replace(str(out), output)) from None
    stored = None
    if stores.is_remote(output):
        stored = stack.enter_context(Stored(output, out, claim.file, say))
        stored.fetch(resume=False)
    try:
        for left in filter(Path.exists, (part_of(out), rest_of(out))):
            old = aside(left)
            if not quiet:
                say(f"what an interrupted run has left is now in {str(old).replace(str(out), output)}")
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror or error}") from error
    claim.record(shard.manifest.identity | {"shard": None, "append": False})
    if stored:
        stored.begin(resumed=False)


def _interleave(shards: list[_Finished], out: Output) -> None:
    """Write the rows: of each shard those of its next file, by turns."""
    identity = shards[0].manifest.identity
    layout = LAYOUTS[identity["format"]]
    header_there = bool(layout.header) and identity.get("header", True)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = len(shards) + 64
    if soft < needed:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (needed if hard == resource.RLIM_INFINITY else min(hard, needed), hard)
        )
    block = max(1 << 18, min(stores.BLOCK, _MOST // len(shards)))
    with ExitStack() as stack:
        streams = []
        for number, shard in enumerate(shards):
            try:
                file = stack.enter_context(stores.open_file(shard.path, block))
            except OSError as error:
                raise MergeError(f"{shard.path}: cannot be read: {error.strerror or error}") from error
            records = _readable(shard.path, layout.records(file))
            header = next(records, b"") if header_there else b""
            if number == 0:
                out.write(header)
            streams.append((records, dict(shard.manifest.sizes)))
        rows = _in_order(streams, max(shard.manifest.own for shard in shards))
        written = 0
        while some := list(islice(rows, _AT_ONCE)):
            out.write(b"".join(some))
            written += len(some)
        if written != sum(shard.manifest.rows for shard in shards) or any(next(records, b"") for records, _ in streams):
            raise MergeError("the shards were written to while they were merged: let their runs end, and merge again")


def _readable(path: str, records: Iterator[bytes]) -> Iterator[bytes]:
    """``records``, of which a store, or a disk, may not give all."""
    try:
        yield from records
    except OSError as error:
        raise MergeError(f"{path}: cannot be read: {error.strerror or error}") from error


def _in_order(streams: list[tuple[Iterator[bytes], dict[int, int]]], rounds: int) -> Iterator[bytes]:
    for number in range(rounds):
        for records, sizes in streams:
            # Of shards that have had their last file nothing comes.
            yield from islice(records, sizes.get(number, 1))
