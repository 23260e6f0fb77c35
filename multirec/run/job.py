"""One run of ``multirec predict``: the paths of a command line into an output."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from multirec import __version__
from multirec.errors import KINDS, BusyError, ExitCode, NoImagesError, OutputError, ResumeError, StoppedError
from multirec.inputs.cutting import frame
from multirec.inputs.discover import count, discover
from multirec.inputs.pages import Pages
from multirec.options import Options
from multirec.outputs.claim import Claim
from multirec.outputs.files import (
    Convert,
    File,
    Output,
    Stream,
    aside,
    behind_links,
    copied,
    is_mounted_alone,
    is_special,
    part_of,
    rest_of,
)
from multirec.outputs.finished import FINISHED
from multirec.outputs.formats import LAYOUTS, Csv, JsonLines, Writer
from multirec.outputs.pages import PageFiles, outside, refuse_to_fill
from multirec.outputs.resume import TRANSIENT, Layout, check_appended, recover, save_dropped
from multirec.outputs.texts import TextFiles
from multirec.run.filling import how
from multirec.run.progress import Progress, Tally
from multirec.run.shards import Part, Shard
from multirec.run.signals import Stop, stopping
from multirec.run.startup import lean
from multirec.sources import Page, Source
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
    force: bool = False
    header: bool = True
    xml_out: Path | None = None
    keep_text: bool = False
    null: bool = False
    exclude: tuple[str, ...] = ()
    resume: bool = False
    retry_errors: bool = False
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

    @property
    def layout(self) -> Layout:
        """How its rows are taken apart, where they are in a file of their own."""
        layout = LAYOUTS[self.format]
        return layout if self.header else replace(layout, header=b"")


def run(job: Job, stdout: BinaryIO) -> ExitCode:
    """Read all images of ``job``; rows go to ``stdout`` or where the job says.

    Raises:
        MultirecError: the run cannot be done, or was stopped; its ``code`` is the exit code.
        BrokenPipeError: the reader of ``stdout`` went away.
    """
    if job.xml_out is not None:
        refuse_to_fill(job.paths, job.xml_out)
    with ExitStack() as stack:
        stop = stack.enter_context(stopping())
        claim = None
        if job.file is not None and not is_special(job.file):
            if is_mounted_alone(job.file) and not job.append:
                raise OutputError(
                    f"{job.file}: it is mounted by itself, so that nothing can take its place, and rows beside it "
                    "would stay behind: mount its folder"
                )
            try:
                claim = stack.enter_context(Claim(job.file, job.wait, stop.event))
            except BusyError:
                if stop.signum:
                    raise _stopped(job, stop, 0, None) from None
                raise
            if claim.unlocked and not job.quiet:
                say(f"{job.file}: no lock can be had there ({claim.unlocked}): let no other run write it meanwhile")
        with lean():
            from multirec.recognizer import Recognizer

            recognizer = stack.enter_context(Recognizer(job.options))
        if job.verbose:
            for line in describe(recognizer):
                say(line)
        tally, passed, opening = Tally(), set[str](), recognizer.opening
        known, pages = identity(job, recognizer), Pages(opening.images, opening.limits)
        find = partial(discover, job.paths, job.listing, job.null, opening, job.exclude, passed.add, pages)
        if job.shard is None:
            part, sources = None, find()
        else:
            if job.file is not None and claim is None:
                raise OutputError(f"{job.file}: no file in which rows could stay, as those of a shard have to")
            part = stack.enter_context(Part(job.shard, job.file, known, tally))
            sources = part.counted(find(part.takes))
        documents = None
        if job.xml_out is not None:
            documents = PageFiles(job.xml_out, how(recognizer, job.options.words, job.keep_text), frame)
            pages.blank = documents.copy
            sources = outside(job.xml_out, sources)
        resumed, spare = False, dict[str, bytes]()
        if claim is not None and job.file is not None:
            shard = {"shard": job.shard and str(job.shard)}
            written = documents.written if documents else None
            resumed, sources, spare = _prepare(job, claim, known | shard, sources, tally, written)
        out, writer = _open(job, stdout, resumed, stack)
        progress = None if job.quiet or job.progress is False else stack.enter_context(_progress(job, recognizer))
        for result in recognizer.read_sources(sources, stop.event):
            if documents:
                documents.write(result)
            if result.row:
                out.write(result.row)
                tally.keep(bool(job.layout.parse(result.row).error))
            else:
                told = writer.write(result)
                if told:
                    say(told)
                tally.add(result, bool(told))
            if progress:
                progress.show(tally)
        if stop.signum:
            raise _stopped(job, stop, tally.rows, claim)
        if documents:
            documents.finish()
        writer.finish()
        if passed and not job.quiet:
            say(f"folders of the storage's own were left out (name one to read it): {', '.join(sorted(passed))}")
        if not tally.rows and not pages.opened and not (part and part.files):
            named = " ".join("standard input" if path == "-" else repr(path) for path in job.paths)
            raise NoImagesError(
                f"no image found in {named}: in folders, files named .png, .jpg, .tif and so on are read, and PAGE "
                "and ALTO documents, named .xml"
            )
        if spare:
            _drop(job, spare)
    if not job.quiet:
        say(tally.summary())
    if documents and documents.lost and not job.quiet:
        say(f"{documents.lost} texts were not kept: PAGE before 2016, and ALTO with --words, have no place for them")
    unwell = tally.errors or (documents and documents.unwritten)
    return ExitCode.SOME_IMAGES_UNREADABLE if unwell else ExitCode.OK


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
    from multirec.inputs.opencv import cv2
    from multirec.models.framework import tf

    first, second = recognizer.models.metadata
    return {
        "multirec": __version__,
        "TensorFlow": tf.__version__,
        "OpenCV": cv2.__version__,
        "device": recognizer.models.card,
        "format": job.format,
        "header": job.header,
        "weights of SEnet363": f"{first.version} {first.sha256[:16]}",
        "weights of SEnet484": f"{second.version} {second.sha256[:16]}",
        "calibration": first.calibration,
        "language model": f"{recognizer.language.metadata.version} {recognizer.language.metadata.sha256[:16]}",
        "language weight": recognizer.language_weight,
        "alternatives": job.options.alternatives,
        "chars": job.options.characters,
        "words": job.options.words,
        "xml-out": job.xml_out and str(job.xml_out),
        "keep-text": job.keep_text,
        "fold-long-s": job.options.fold_long_s,
        "only": recognizer.only or None,
        "precision": recognizer.models.precision,
        "max-pixels": job.options.max_pixels,
        "max-bytes": job.options.max_bytes,
        "image-column": job.options.image_column,
    }


def _prepare(
    job: Job,
    claim: Claim,
    known: dict[str, Any],
    sources: Iterator[Source],
    tally: Tally,
    written: Callable[[Page], bool] | None,
) -> tuple[bool, Iterator[Source], dict[str, bytes]]:
    """Find out where to go on.

    Returns:
        Whether ``FILE.part`` holds rows to go on from, what is left to read, and rows for which no image has come.
    """
    assert job.file is not None
    part, rest = part_of(job.file), rest_of(job.file)
    resumed, spare = False, dict[str, bytes]()
    try:
        if job.format in FINISHED:
            FINISHED[job.format].spare(job.file)
        if job.append:
            check_appended(job.file, job.layout)
        growing = frozenset({"max-pixels", "max-bytes"}) if job.retry_errors else frozenset[str]()
        if job.resume and not part.exists() and job.file.exists():
            claim.check(known, growing)
            _copy_rows(job, part)
        if job.resume and part.exists() and part.stat().st_size:
            claim.check(known, growing)
            retry = frozenset(KINDS) if job.retry_errors else TRANSIENT
            recovered = recover(part, rest, job.layout, sources, retry, written)
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


def _copy_rows(job: Job, part: Path) -> None:
    """The rows of a run that was complete, as it had them in ``part``."""
    assert job.file is not None
    if job.format not in FINISHED:
        copied(job.file, part)
        return
    try:
        copied(job.file, part, FINISHED[job.format].restore)
    except ValueError as error:
        raise ResumeError(f"{job.file}: {error}: start without --resume") from error


def _drop(job: Job, rows: dict[str, bytes]) -> None:
    """Put aside rows of an earlier run whose images are among the inputs no more."""
    assert job.file is not None
    place = job.file.with_name(job.file.name + ".dropped")
    try:
        save_dropped(place, job.layout, rows, part_of(job.file))
    except OSError as error:
        raise OutputError(f"{place}: cannot be written: {error.strerror or error}") from error
    if not job.quiet:
        say(f"the images of {len(rows)} rows of an earlier run are not there any more: their rows are in {place}")


def _keep_old(job: Job, part: Path, rest: Path) -> None:
    """Put aside what an interrupted run has left, where the new one begins from nothing."""
    header = job.layout.header
    if rest.exists():
        aside(rest)
    if part.exists() and part.stat().st_size > len(header):
        old = aside(part)
        if not job.quiet:
            say(f"an interrupted run's rows are now in {old}; --resume would have gone on with them")


def _open(job: Job, stdout: BinaryIO, resumed: bool, stack: ExitStack) -> tuple[Output, Writer]:
    """The output and the writer of its format."""
    if job.format == "txt":
        return Stream(stdout), TextFiles(job.output_dir, job.force)
    out: Output = Stream(stdout)
    header = job.header
    if job.file is not None:
        out = file = stack.enter_context(File(job.file, job.append, resumed, _convert(job)))
        header = header and file.empty and not resumed
    return out, Csv(out, header) if LAYOUTS[job.format] is LAYOUTS["csv"] else JsonLines(out)


def _convert(job: Job) -> Convert | None:
    """What makes the output of the rows, where it is not these."""
    if job.format not in FINISHED:
        return None
    convert = FINISHED[job.format].convert
    options = job.options
    asked = {"alternatives": options.alternatives, "chars": options.characters, "words": options.words}
    details = tuple(name for name, wanted in asked.items() if wanted)
    return lambda rows, file: convert(rows, file, details)


def describe(recognizer: Recognizer) -> Iterable[str]:
    """Models, device and plan, a line each."""
    for known in recognizer.models.metadata:
        yield f"{known.network}, weights {known.version}, {len(known.alphabet)} characters"
    if recognizer.only:
        yield f"texts of these characters only: {recognizer.only}"
    plan = recognizer.plan
    yield (
        f"{recognizer.models.card}, {recognizer.models.precision}, {plan.free >> 20} MiB free, "
        f"{plan.workers} workers, {plan.bytes_per_column} bytes a column: "
        f"batches of {plan.lines(256)} lines of 256 px, {plan.lines(1024)} of 1024 px"
    )


def _progress(job: Job, recognizer: Recognizer) -> Progress:
    def total() -> int | None:
        found = count(job.paths, recognizer.opening, job.exclude)
        return found if found is None or job.shard is None else found // job.shard.of

    bar = sys.stderr.isatty() if job.progress is None else job.progress
    return Progress(None if "-" in job.paths else total, bar)
