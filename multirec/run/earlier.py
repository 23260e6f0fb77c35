"""What an earlier run has left of an output: where to go on, and what of it is put aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from multirec.errors import KINDS, OutputError, ResumeError
from multirec.outputs.claim import Claim
from multirec.outputs.files import aside, copied, part_of, rest_of
from multirec.outputs.finished import FINISHED
from multirec.outputs.resume import TRANSIENT, check_appended, recover, save_dropped
from multirec.run.job import Job
from multirec.run.progress import Tally
from multirec.sources import Page, Source
from multirec.stdio import say


def prepare(
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
            FINISHED[job.format].spare(job.target)
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


def drop(job: Job, rows: dict[str, bytes]) -> None:
    """Put aside rows of an earlier run whose images are among the inputs no more."""
    assert job.file is not None
    place = job.file.with_name(job.file.name + ".dropped")
    try:
        save_dropped(place, job.layout, rows, part_of(job.file))
    except OSError as error:
        raise OutputError(f"{place}: cannot be written: {error.strerror or error}") from error
    if not job.quiet:
        where = job.name_of(place)
        say(f"the images of {len(rows)} rows of an earlier run are not there any more: their rows are in {where}")


def _keep_old(job: Job, part: Path, rest: Path) -> None:
    """Put aside what an interrupted run has left, where the new one begins from nothing."""
    header = job.layout.header
    if rest.exists():
        aside(rest)
    if part.exists() and part.stat().st_size > len(header):
        old = aside(part)
        if not job.quiet:
            say(f"an interrupted run's rows are now in {job.name_of(old)}; --resume would have gone on with them")
