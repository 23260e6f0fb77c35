"""One run of ``multirec predict``: the paths of a job into an output."""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO

from multirec.errors import BusyError, ExitCode, NoImagesError, OutputError, StoppedError
from multirec.inputs import names
from multirec.inputs.cutting import frame
from multirec.inputs.discover import count, discover
from multirec.inputs.pages import Pages
from multirec.outputs.claim import Claim
from multirec.outputs.files import Convert, File, Output, Stream, is_mounted_alone, is_special, part_of
from multirec.outputs.finished import FINISHED
from multirec.outputs.formats import LAYOUTS, Csv, JsonLines, Writer
from multirec.outputs.stored import Stored
from multirec.outputs.texts import TextFiles
from multirec.run.earlier import drop, prepare
from multirec.run.facts import Facts, facts_of
from multirec.run.job import Job, identity
from multirec.run.progress import Progress, Tally
from multirec.run.shards import Part
from multirec.run.signals import Stop, stopping
from multirec.run.startup import lean
from multirec.sources import Opening
from multirec.stdio import say

if TYPE_CHECKING:
    from multirec.recognizer import Recognizer
    from multirec.run.cluster import Cluster


def run(job: Job, stdout: BinaryIO) -> ExitCode:
    """Read all images of ``job``; rows go to ``stdout`` or where the job says.

    Raises:
        MultirecError: the run cannot be done, or was stopped; its ``code`` is the exit code.
        BrokenPipeError: the reader of ``stdout`` went away.
    """
    if job.xml_out is not None:
        # What fills documents in, most runs do without, and their first row comes the sooner.
        from multirec.outputs.pages import PageFiles, refuse_to_fill
        from multirec.run.filling import how

        refuse_to_fill((names.holder(path) or path for path in job.paths if path != "-"), job.xml_out)
    with ExitStack() as stack:
        stop = stack.enter_context(stopping())
        claim = _claimed(job, stop, stack)
        stored = None
        if claim is not None and job.file is not None and job.is_stored:
            stored = stack.enter_context(Stored(job.output, job.file, claim.file, say))
            stored.fetch(job.resume)
            if job.verbose:
                say(f"{job.output} is made in {job.file.parent}")
        reader, facts = _reader(job, stop, stack)
        if job.verbose:
            for line in facts.lines:
                say(line)
        tally, passed, opening = Tally(), set[str](), Opening.of(job.options)
        known, pages = identity(job, facts), Pages(opening)
        documents = None
        if job.xml_out is not None:
            documents = PageFiles(job.xml_out, how(facts, job.options.words, job.keep_text), frame)
            pages.blank = documents.copy
        part = None
        if job.shard is not None:
            if job.file is not None and claim is None:
                raise OutputError(f"{job.file}: no file in which rows could stay, as those of a shard have to")
            # Which rows there are does not change what is in one, but what one run would have written.
            part = Part(job.shard, job.file, known | {"all-pages": opening.all_pages}, tally)
            stack.enter_context(part)

        def takes(path: str) -> bool:
            if part and documents and names.kind(names.holder(path)) == names.DOCUMENT:
                raise OutputError(
                    f"{path}: its document's other lines are of other shards, and each would write it: name documents, "
                    "not their lines, or go without --xml-out"
                )
            return job.is_input(path) and (part is None or part.takes(path))

        sources = discover(job.paths, job.listing, job.null, opening, job.exclude, passed.add, pages, takes)
        if part is not None:
            sources = part.counted(sources)
        resumed, spare = False, dict[str, bytes]()
        if claim is not None and job.file is not None:
            shard = {"shard": job.shard and str(job.shard)}
            written = documents.written if documents else None
            resumed, sources, spare = prepare(job, claim, known | shard, sources, tally, written)
        if stored is not None:
            stored.begin(resumed)
        out, writer = _open(job, stdout, resumed, stack)
        progress = None if job.quiet or job.progress is False else stack.enter_context(_progress(job, opening))
        for result in reader.read_sources(sources, stop.event):
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
            raise _nothing(job)
        if spare:
            drop(job, spare)
    if not job.quiet:
        say(tally.summary())
    if documents and documents.lost and not job.quiet:
        say(f"{documents.lost} texts were not kept: PAGE before 2016, and ALTO with --words, have no place for them")
    unwell = tally.errors or (documents and documents.unwritten)
    return ExitCode.SOME_IMAGES_UNREADABLE if unwell else ExitCode.OK


def _claimed(job: Job, stop: Stop, stack: ExitStack) -> Claim | None:
    """The right to write the output, where it is a file that others could write at the same time."""
    if job.file is None or is_special(job.file):
        return None
    if is_mounted_alone(job.file) and not job.append:
        raise OutputError(
            f"{job.file}: it is mounted by itself, so that nothing can take its place, and rows beside it "
            "would stay behind: mount its folder"
        )
    try:
        claim = stack.enter_context(Claim(job.file, job.wait, stop.event))
    except BusyError as error:
        if stop.signum:
            raise _stopped(job, stop, 0, None) from None
        raise BusyError(str(error).replace(str(job.file), job.target)) from None
    if claim.unlocked and not job.quiet:
        say(f"{job.target}: no lock can be had there ({claim.unlocked}): let no other run write it meanwhile")
    return claim


def _reader(job: Job, stop: Stop, stack: ExitStack) -> tuple[Recognizer | Cluster, Facts]:
    """What reads, here or in a cluster, and what it is."""
    if job.engine == "ray":
        from multirec.run.cluster import Cluster

        cluster = stack.enter_context(Cluster(job, stop))
        return cluster, cluster.facts
    with lean():
        from multirec.recognizer import Recognizer

        recognizer = stack.enter_context(Recognizer(job.options))
    return recognizer, facts_of(recognizer)


def _nothing(job: Job) -> NoImagesError:
    """What a run says that has found nothing to read."""
    named = " ".join("standard input" if path == "-" else repr(path) for path in job.paths)
    return NoImagesError(
        f"no image found in {named}: in folders, files named .png, .jpg, .tif and so on are read, and PAGE "
        "and ALTO documents, named .xml"
    )


def _stopped(job: Job, stop: Stop, rows: int, claim: Claim | None) -> StoppedError:
    """What a run that a signal ended says, and how to go on."""
    remedy = ""
    if job.file is not None and claim is not None:
        remedy = f"; go on with --resume, the rows so far are in {job.name_of(part_of(job.file))}"
        if job.append:
            remedy = f"; their rows are in {job.file}: go on with --append and the other images"
    return StoppedError(f"stopped by {signal.Signals(stop.signum).name} after {rows} images{remedy}", stop.signum)


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


def _progress(job: Job, opening: Opening) -> Progress:
    def total() -> int | None:
        try:
            found = count(job.paths, opening, job.exclude, job.is_input)
        except OSError:  # a store does not say; the rows will
            return None
        return found if found is None or job.shard is None else found // job.shard.of

    bar = sys.stderr.isatty() if job.progress is None else job.progress
    return Progress(None if "-" in job.paths else total, bar)
