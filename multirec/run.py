"""One run of ``multirec predict``: the paths of a command line into an output."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

from multirec.errors import ExitCode, NoImagesError
from multirec.formats import Csv, JsonLines, TextFiles, Writer
from multirec.options import Options
from multirec.output import File, Stream


@dataclass(frozen=True)
class Job:
    """What ``multirec predict`` was asked for."""

    paths: tuple[str, ...]
    options: Options
    output: str = "-"
    format: str = "csv"
    output_dir: Path | None = None
    excel: bool = False
    null: bool = False
    progress: bool | None = None
    quiet: bool = False
    verbose: bool = False
    listing: IO[bytes] = field(default_factory=lambda: sys.stdin.buffer)


def run(job: Job, stdout: BinaryIO) -> ExitCode:
    """Read all images of ``job``; rows go to ``stdout`` or where the job says.

    Raises:
        MultirecError: the run cannot be done; its ``code`` is the exit code.
        BrokenPipeError: the reader of ``stdout`` went away.
    """
    from multirec.discover import discover
    from multirec.progress import Progress, Tally
    from multirec.recognizer import Recognizer

    with _opened(job, stdout) as out, Recognizer(job.options) as recognizer:
        if job.verbose:
            for line in describe(recognizer):
                say(line)
        writer = _writer(job, out)
        tally = Tally()
        progress = None if job.quiet or job.progress is False else _progress(job, Progress)
        try:
            for result in recognizer.read_sources(discover(job.paths, job.listing, job.null)):
                writer.write(result)
                tally.add(result)
                if progress:
                    progress.show(tally)
        finally:
            if progress:
                progress.close()
        if not tally.rows:
            named = " ".join(map(repr, job.paths))
            raise NoImagesError(f"no image found in {named}: are these folders of line images?")
    if not job.quiet:
        say(tally.summary())
    return ExitCode.SOME_IMAGES_UNREADABLE if tally.errors else ExitCode.OK


def say(line: str) -> None:
    """A line for people, on standard error."""
    print(f"multirec: {line}", file=sys.stderr, flush=True)


def describe(recognizer: Any) -> Iterable[str]:
    """Models, device and plan, a line each."""
    for known in recognizer.models.metadata:
        yield f"{known.network}, weights {known.version}, {len(known.alphabet)} characters"
    plan = recognizer.plan
    yield (
        f"{plan.device}, {plan.free >> 20} MiB free, {plan.workers} workers, {plan.bytes_per_column} bytes a column: "
        f"batches of {plan.lines(256)} lines of 256 px, {plan.lines(1024)} of 1024 px"
    )


def _writer(job: Job, out: Any) -> Writer:
    if job.format == "txt":
        return TextFiles(job.output_dir)
    return JsonLines(out) if job.format == "jsonl" else Csv(out, job.excel)


def _opened(job: Job, stdout: BinaryIO) -> AbstractContextManager[Any]:
    if job.format == "txt":
        return nullcontext()
    return nullcontext(Stream(stdout)) if job.output == "-" else File(Path(job.output))


def _progress(job: Job, kind: Any) -> Any:
    from multirec.discover import discover

    def count() -> int:
        return sum(1 for _ in discover(job.paths))

    bar = sys.stderr.isatty() if job.progress is None else job.progress
    return kind(None if "-" in job.paths else count, bar)
