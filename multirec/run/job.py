"""One run of ``multirec predict``: the paths of a command line into an output."""

from __future__ import annotations

import codecs
import importlib.metadata
import shutil
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from multirec.errors import BusyError, ExitCode, NoImagesError, OutputError, ResumeError, StoppedError
from multirec.inputs.discover import discover
from multirec.options import Options
from multirec.outputs.claim import Claim
from multirec.outputs.files import File, Output, Stream, aside, behind_links, is_special, part_of, rest_of
from multirec.outputs.formats import LAYOUTS, Csv, JsonLines, TextFiles, Writer
from multirec.outputs.resume import Layout, recover, save_dropped
from multirec.run.progress import Progress, Tally
from multirec.run.shards import Part, Shard
from multirec.run.signals import Stop, stopping
from multirec.run.startup import lean
from multirec.sources import Source
from multirec.stdio import say

if TYPE_CHECKING:
    from multirec.recognizer import Recognizer


@dataclass(frozen=True)
class Job:
    """What ``multirec predict`` was asked for; see its ``--help`` for each."""

    paths: tuple[str, ...]
    options: Options
    output: str = "-"
    format: str = "csv"
    output_dir: Path | None = None
    excel: bool = False
    null: bool = False
    resume: bool = False
    append: bool = False
    shard: Shard | None = None
    wait: float = 0.0
    progress: bool | None = None
    quiet: bool = False
    verbose: bool = False
    listing: IO[bytes] | None = field(default_factory=lambda: sys.stdin.buffer if sys.stdin else None)
    """Standard input; None where it is closed."""

    @property
    def file(self) -> Path | None:
        """The output, where it is a file of its own."""
        return None if self.output == "-" or self.format == "txt" else behind_links(Path(self.output))


def run(job: Job, stdout: BinaryIO) -> ExitCode:
    """Read all images of ``job``; rows go to ``stdout`` or where the job says.

    Raises:
        MultirecError: the run cannot be done, or was stopped; its ``code`` is the exit code.
        BrokenPipeError: the reader of ``stdout`` went away.
    """
    with ExitStack() as stack:
        stop = stack.enter_context(stopping())
        claim = None
        if job.file is not None and not is_special(job.file):
            try:
                claim = stack.enter_context(Claim(job.file, job.wait, stop.event))
            except BusyError:
                if stop.signum:
                    raise _stopped(job, stop, 0, None) from None
                raise
        with lean():
            from multirec.recognizer import Recognizer

            recognizer = stack.enter_context(Recognizer(job.options))
        if job.verbose:
            for line in describe(recognizer):
                say(line)
        tally = Tally()
        known = identity(job, recognizer)
        if job.shard is None:
            part, sources = None, discover(job.paths, job.listing, job.null)
        else:
            if job.file is not None and claim is None:
                raise OutputError(f"{job.file}: no file in which rows could stay, as those of a shard have to")
            part = stack.enter_context(Part(job.shard, job.file, known, tally))
            sources = part.counted(discover(job.paths, job.listing, job.null, part.takes))
        resumed, spare = False, dict[str, bytes]()
        if claim is not None and job.file is not None:
            shard = {"shard": job.shard and str(job.shard)}
            resumed, sources, spare = _prepare(job, claim, known | shard, sources, tally)
        out, writer = _open(job, stdout, resumed, stack)
        progress = None if job.quiet or job.progress is False else stack.enter_context(_progress(job))
        for result in recognizer.read_sources(sources, stop.event):
            if job.format == "txt" and result.error:  # no row will tell
                say(f"{result.image}: {result.error}")
            if result.row:
                out.write(result.row)
                tally.keep(bool(LAYOUTS[job.format].parse(result.row).error))
            else:
                writer.write(result)
                tally.add(result)
            if progress:
                progress.show(tally)
        if stop.signum:
            raise _stopped(job, stop, tally.rows, claim)
        if not tally.rows and not (part and part.files):
            named = " ".join("standard input" if path == "-" else repr(path) for path in job.paths)
            raise NoImagesError(
                f"no image found in {named}: in folders, files named .png, .jpg, .tif and so on are read"
            )
        if spare:
            _drop(job, spare)
    if not job.quiet:
        say(tally.summary())
    return ExitCode.SOME_IMAGES_UNREADABLE if tally.errors else ExitCode.OK


def _stopped(job: Job, stop: Stop, rows: int, claim: Claim | None) -> StoppedError:
    """What a run that a signal ended says, and how to go on."""
    remedy = ""
    if job.file is not None and claim is not None:
        remedy = f"; go on with --resume, the rows so far are in {part_of(job.file)}"
        if job.append:
            remedy = f"; their rows are in {job.file}: go on with --append and the other images"
    return StoppedError(f"stopped by {signal.Signals(stop.signum).name} after {rows} images{remedy}", stop.signum)


def identity(job: Job, recognizer: Recognizer) -> dict[str, Any]:
    """What a row depends on, beside its image: two runs in which all of it is equal write the same rows."""
    import cv2

    first, second = recognizer.models.metadata
    return {
        "multirec": importlib.metadata.version("multirec"),
        "TensorFlow": importlib.metadata.version("tensorflow"),
        "OpenCV": cv2.__version__,
        "device": recognizer.models.device,
        "format": job.format,
        "excel": job.excel,
        "weights of SEnet363": f"{first.version} {first.sha256[:16]}",
        "weights of SEnet484": f"{second.version} {second.sha256[:16]}",
        "calibration": first.calibration,
        "language model": f"{recognizer.language.metadata.version} {recognizer.language.metadata.sha256[:16]}",
        "language weight": recognizer.language_weight,
        "alternatives": job.options.alternatives,
        "chars": job.options.characters,
        "fold-long-s": job.options.fold_long_s,
        "only": recognizer.only or None,
        "precision": recognizer.models.precision,
        "max-pixels": job.options.max_pixels,
        "max-bytes": job.options.max_bytes,
    }


def _prepare(
    job: Job, claim: Claim, known: dict[str, Any], sources: Iterator[Source], tally: Tally
) -> tuple[bool, Iterator[Source], dict[str, bytes]]:
    """Find out where to go on.

    Returns:
        Whether ``FILE.part`` holds rows to go on from, what is left to read, and rows for which no image has come.
    """
    assert job.file is not None
    part, rest = part_of(job.file), rest_of(job.file)
    resumed, spare = False, dict[str, bytes]()
    try:
        if job.append:
            _check_appended(job.file, LAYOUTS[job.format])
        if job.resume and not part.exists() and job.file.exists():
            claim.check(known)
            shutil.copy(job.file, part)
        if job.resume and part.exists() and part.stat().st_size:
            claim.check(known)
            recovered = recover(part, rest, LAYOUTS[job.format], sources)
            sources, spare = recovered.sources, recovered.spare
            resumed = part.stat().st_size > 0  # its header may have been torn
            tally.keep_all(recovered.kept, recovered.errors)
        elif not job.resume and not job.append:
            _keep_old(job, part, rest)
    except OSError as error:
        what = "added to" if job.append else "resumed"
        raise OutputError(f"{job.file}: cannot be {what}: {error.strerror or error}") from error
    claim.record(known | {"append": job.append})
    return resumed, sources, spare


def _drop(job: Job, rows: dict[str, bytes]) -> None:
    """Put aside rows of an earlier run whose images are among the inputs no more."""
    assert job.file is not None
    place = job.file.with_name(job.file.name + ".dropped")
    try:
        save_dropped(place, LAYOUTS[job.format], rows)
        shutil.copymode(part_of(job.file), place)
    except OSError as error:
        raise OutputError(f"{place}: cannot be written: {error.strerror or error}") from error
    if not job.quiet:
        say(f"the images of {len(rows)} rows of an earlier run are not there any more: their rows are in {place}")


def _keep_old(job: Job, part: Path, rest: Path) -> None:
    """Put aside what an interrupted run has left, where the new one begins from nothing."""
    header = LAYOUTS[job.format].header
    if rest.exists():
        aside(rest)
    if part.exists() and part.stat().st_size > len(header) + 3:  # 3: a byte order mark
        old = aside(part)
        if not job.quiet:
            say(f"an interrupted run's rows are now in {old}; --resume would have gone on with them")


def _check_appended(file: Path, layout: Layout) -> None:
    """Refuse to add rows to a file that is no output of this format; cut a last row that was torn."""
    if not file.exists():
        return
    with file.open("r+b") as rows:
        start = rows.read(len(layout.header) + 3).removeprefix(codecs.BOM_UTF8)
        if start and not start.startswith(layout.header or b"{"):
            raise ResumeError(f"{file}: it does not begin as this format of multirec does: append to another file")
        rows.seek(max(0, file.stat().st_size - 1))
        if rows.read() not in (b"", b"\n"):
            rows.seek(0)
            rows.truncate(sum(map(len, layout.records(rows))))


def _open(job: Job, stdout: BinaryIO, resumed: bool, stack: ExitStack) -> tuple[Output, Writer]:
    """The output and the writer of its format."""
    if job.format == "txt":
        return Stream(stdout), TextFiles(job.output_dir)
    out: Output = Stream(stdout)
    header = True
    if job.file is not None:
        out = file = stack.enter_context(File(job.file, job.append, resumed))
        header = file.empty and not resumed
    return out, JsonLines(out) if job.format == "jsonl" else Csv(out, job.excel, header)


def describe(recognizer: Recognizer) -> Iterable[str]:
    """Models, device and plan, a line each."""
    for known in recognizer.models.metadata:
        yield f"{known.network}, weights {known.version}, {len(known.alphabet)} characters"
    if recognizer.only:
        yield f"texts of these characters only: {recognizer.only}"
    plan = recognizer.plan
    yield (
        f"{plan.device}, {recognizer.models.precision}, {plan.free >> 20} MiB free, "
        f"{plan.workers} workers, {plan.bytes_per_column} bytes a column: "
        f"batches of {plan.lines(256)} lines of 256 px, {plan.lines(1024)} of 1024 px"
    )


def _progress(job: Job) -> Progress:
    def count() -> int:
        found = sum(1 for _ in discover(job.paths))
        return found if job.shard is None else len(range(job.shard.index - 1, found, job.shard.of))

    bar = sys.stderr.isatty() if job.progress is None else job.progress
    return Progress(None if "-" in job.paths else count, bar)
