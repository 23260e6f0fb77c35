"""What millions of lines take on machines like this one: cores, machines, bytes, and what stands in the way first.

Run with `make plan IMAGES=FOLDER`, a folder of some hundred images like those to come (default: the sample lines of
this repository); takes a minute or two of an idle machine.  What is measured here is measured by the program itself;
what is not, of a store across a network, is assumed and said.
"""

import hashlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from multirec.inputs.discover import count, discover
from multirec.inputs.reading import FROM_STORES
from multirec.models.processor import processor
from multirec.outputs.formats import LAYOUTS
from multirec.run.shards import Manifest, manifest_of
from multirec.sources import Opening
from tests.conftest import SAMPLES

MILLIONS = (1, 100, 10_000)
NIGHT = 8
"""Hours."""
ANSWER = 0.02
"""Assumed: seconds until an object store across a network answers."""
ARCHIVE = 10_000
"""Lines of an archive, where they are in archives."""

FEWEST = 2000
"""Images of a run that is measured; fewer than so many are read again and again."""
NAMES = 50_000
ROWS = 500_000


@dataclass(frozen=True)
class Measured:
    """What one machine does.

    Attributes:
        cores: that it has.
        start: seconds from the start of a run of one image to its end.
        core: seconds of a core for a line.
        line: seconds for a line, of all cores together.
        listed: names of files that are walked over in a second.
        merged: rows that are merged in a second, on one core.
        image: bytes of an image file.
        row: bytes of a row of CSV.
    """

    cores: int
    start: float
    core: float
    line: float
    listed: float
    merged: float
    image: float
    row: float


def measure(images):
    """Measure all of it on a folder of images."""
    sources = [Path(source.path) for source in discover([os.fspath(images)]) if not source.error]
    if not sources:
        sys.exit(f"{images}: no images there")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "one").mkdir()
        (folder / "all").mkdir()
        number = max(FEWEST, len(sources))
        for k in range(number):
            source = sources[k % len(sources)]
            shutil.copyfile(source, folder / "all" / f"{k:06}{source.suffix}")
        shutil.copyfile(sources[0], folder / "one" / sources[0].name)
        start, start_core, _ = map(statistics.median, zip(*(read(folder / "one") for _ in range(3)), strict=True))
        wall, core, size = read(folder / "all")
        rows = (folder / "all.csv").read_bytes().splitlines(keepends=True)
        return Measured(
            len(os.sched_getaffinity(0)), start, (core - start_core) / number, (wall - start) / number,
            listing(folder / "names"), merging(folder, rows), sum(p.stat().st_size for p in sources) / len(sources),
            size / number,
        )  # fmt: skip


def read(folder):
    """Seconds, seconds of a core, and bytes of rows of one run."""
    rows = folder.with_suffix(".csv")
    start = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "multirec", "predict", "-q", folder, "-o", rows])
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        sys.exit(f"multirec ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - start, used.ru_utime + used.ru_stime, rows.stat().st_size


def listing(folder):
    """Names of files that are walked over in a second."""
    folder.mkdir()
    for k in range(NAMES):
        (folder / f"{k:08}.png").touch()
    start = time.monotonic()
    assert count([os.fspath(folder)], Opening()) == NAMES
    return NAMES / (time.monotonic() - start)


def merging(folder, rows):
    """Rows of two shards that are merged in a second, start included."""
    shards = []
    for shard in (1, 2):
        path = folder / f"{shard}.csv"
        path.write_bytes(rows[0] + b"".join((rows[1:] * (ROWS // len(rows) + 1))[: ROWS // 2]))
        known = {"format": "csv", "header": True}
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        manifest = Manifest(shard, 2, ROWS // 2, 0, sha256, ROWS, "", [], known, processor())
        manifest.save(manifest_of(path))
        shards.append(path)
    start = time.monotonic()
    merged = subprocess.run(
        [sys.executable, "-m", "multirec", "merge", *shards, "-o", folder / "merged.csv", "-q"], check=False
    )
    assert merged.returncode == 0
    seconds = time.monotonic() - start
    with (folder / "merged.csv").open("rb") as file:
        assert sum(1 for _ in LAYOUTS["csv"].records(file)) == ROWS + 1
    return ROWS / seconds


def plan(here):
    """The table, and what stands in the way first: lines of text."""
    yield f"| lines | {' | '.join(f'{millions:,} million' for millions in MILLIONS)} |"
    yield "|---" * (1 + len(MILLIONS)) + "|"
    machine = here.line * 1e6 / 3600  # hours for a million
    for title, figure in (
        ("hours of a core", lambda m: f"{here.core * m * 1e6 / 3600:,.1f}"),
        (f"of one machine like this ({here.cores} cores)", lambda m: duration(here.line * m * 1e6)),
        (f"such machines for one night of {NIGHT} hours", lambda m: f"{-(-machine * m // NIGHT):,.0f}"),
        ("images", lambda m: size(here.image * m * 1e6)),
        ("rows of CSV", lambda m: size(here.row * m * 1e6)),
        ("listing them as files, by each shard", lambda m: duration(m * 1e6 / here.listed)),
        (f"as archives of {ARCHIVE:,}", lambda m: duration(m * 1e6 / ARCHIVE / here.listed)),
        ("merging the rows, on one core", lambda m: duration(m * 1e6 / here.merged)),
    ):
        yield f"| {title} | {' | '.join(map(figure, MILLIONS))} |"
    yield ""
    speed = 1 / here.line
    yield f"- Starting takes {here.start:.1f} s, as long as {here.start * speed:,.0f} lines: a shard should have more."
    fetched = FROM_STORES / ANSWER
    yield (
        f"- Files, one by one, from a store that answers in {ANSWER * 1e3:.0f} ms (assumed): {fetched:,.0f} a second "
        f"by {FROM_STORES} readers of a run, where the cores read {speed:,.0f} lines: "
        + (f"the store holds it up, {speed / fetched:.1f} times." if speed > fetched else "enough.")
    )
    yield f"- The network has to bring {here.image * speed / 1e6:.1f} MB a second to each machine."
    yield (
        f"- Each shard lists all files, {here.listed:,.0f} a second here: from {here.listed / speed:,.0f} shards on "
        f"that takes longer than reading. In archives of {ARCHIVE:,} it is nothing."
    )
    yield (
        f"- Merging, on one core, {here.merged:,.0f} rows a second: it keeps up with {here.merged / speed:,.0f} "
        "machines; rows that stay in their shards need no merging."
    )


def duration(seconds):
    """In the unit that fits."""
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def size(number):
    """Bytes in the unit that fits."""
    for unit, length in (("PB", 1e15), ("TB", 1e12), ("GB", 1e9)):
        if number >= length:
            return f"{number / length:,.1f} {unit}"
    return f"{number / 1e6:,.0f} MB"


if __name__ == "__main__":
    print("\n".join(plan(measure(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES))))
