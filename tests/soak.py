"""One long run of the program, fed without a pause, while its memory, open files and threads are watched.

Run with `make soak`; set SOAK_SECONDS (3600) and SOAK_IMAGES (no limit) to end it sooner, SOAK_LOG for the log.
Exits with 1, and says what, where memory has grown by more than 5 % since the warm-up, where open files or threads
have grown at all, or where the rows are not those that were asked for.
"""

import csv
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.conftest import SAMPLES
from tests.corpus import FORMATS, damaged

SECONDS = float(os.environ.get("SOAK_SECONDS", "3600"))
IMAGES = int(os.environ.get("SOAK_IMAGES", "0"))
LOG = os.environ.get("SOAK_LOG", "")
WARM_UP = 0.25
"""Share of the time in which it may still grow."""

GROWTH = 0.05
EVERY = min(5.0, SECONDS / 60)


def inputs(folder):
    """The sample lines between broken files, a folder, and a file that is not there."""
    good = sorted(SAMPLES.glob("*.png"))
    bad = [folder, folder / "missing.png"]
    for form, content in FORMATS.items():
        for k, data in enumerate(damaged(content, 2)):
            path = folder / f"{form} {k}.png"
            path.write_bytes(data)
            bad.append(path)
    return [path for pair in zip(itertools.cycle(good), bad, strict=False) for path in (*pair, pair[0])]


def feed(pipe, paths, over, fed):
    """Write paths until it is over; the pipe says when there is room for more."""
    for path in itertools.cycle(paths):
        if over.is_set() or (IMAGES and fed[0] >= IMAGES):
            break
        try:
            pipe.write(os.fsencode(path) + b"\n")
            pipe.flush()
        except BrokenPipeError:
            return
        fed[0] += 1
    pipe.close()


def sample(pid):
    """Resident KiB, open files and threads of a process."""
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["VmRSS"].split()[0]), len(os.listdir(f"/proc/{pid}/fd")), int(status["Threads"])


def grown(samples):
    """What has grown between the first and the last third of what came after the warm-up."""
    steady = samples[int(len(samples) * WARM_UP) :]
    third = len(steady) // 3
    if third < 3:
        return [f"too short: {len(samples)} samples"]
    first, last = steady[:third], steady[-third:]
    memory = [statistics.median(s[0] for s in part) for part in (first, last)]
    found = []
    if memory[1] > memory[0] * (1 + GROWTH):
        found.append(f"resident memory, from {memory[0] / 1024:.0f} to {memory[1] / 1024:.0f} MiB")
    for column, name in ((1, "open files"), (2, "threads")):
        # The least of many: images come and go, what leaks stays.
        before, after = (min(s[column] for s in part) for part in (first, last))
        if after > before:
            found.append(f"{name}, from {before} to {after}")
    return found


def watch(process, out, log, fed):
    """Sample the process every few seconds, for SOAK_SECONDS from its first row on."""
    samples = []
    start = time.monotonic()
    while process.poll() is None and len(samples) * EVERY < SECONDS:
        time.sleep(EVERY)
        written = out.stat().st_size if out.exists() else 0
        try:
            known = sample(process.pid)
        except (OSError, KeyError):  # it has just ended
            break
        print(f"{time.monotonic() - start:.0f}", fed[0], written, *known, sep="\t", file=log, flush=True)
        if written > 1000:
            samples.append(known)
    return samples


def same_rows(out, paths, fed):
    """Whether the output holds a row for each image that was fed, in order."""
    with out.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, strict=True)
        next(rows)
        count = 0
        for count, (row, path) in enumerate(zip(rows, itertools.cycle(map(str, paths)), strict=False), 1):
            if row[0] != path:
                return f"row {count} is of {row[0]!r} instead of {path!r}"
    return "" if count == fed else f"{count} rows of {fed} images"


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = inputs(folder)
        out = folder / "out.csv"
        process = subprocess.Popen(
            [sys.executable, "-m", "multirec", "predict", "-", "-q", "-o", out], stdin=subprocess.PIPE
        )
        fed, over = [0], threading.Event()
        feeder = threading.Thread(target=feed, args=(process.stdin, paths, over, fed))
        feeder.start()
        with open(LOG or folder / "log", "w") as log:
            print("seconds", "fed", "bytes written", "resident KiB", "open files", "threads", sep="\t", file=log)
            samples = watch(process, out.with_name("out.csv.part"), log, fed)
        over.set()
        feeder.join()
        code = process.wait()
        wrong = grown(samples)
        if code != 3:
            wrong.append(f"exit code {code} instead of 3")
        elif said := same_rows(out, paths, fed[0]):
            wrong.append(said)
    memory, files, threads = samples[-1] if samples else (0, 0, 0)
    print(f"{fed[0]} images, {len(samples)} samples, at last {memory >> 10} MiB, {files} files, {threads} threads")
    for what in wrong:
        print(f"soak: {what}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
