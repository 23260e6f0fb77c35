"""What an image costs: how time and memory grow with its width, height and file, and with their number.

Run with `make cost` (COST_ROUNDS, 3, for medians of so many); takes some minutes of an idle machine a round.  Each row
is the program itself, run on a folder of like images made from a sample line; the time of a run on one image is taken
off, so that start-up does not count.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from tests.conftest import SAMPLES

LINE = cv2.imread(str(SAMPLES / "book.png"), cv2.IMREAD_GRAYSCALE)
ROUNDS = int(os.environ.get("COST_ROUNDS", "3"))


def line(width, height):
    """The sample line, as often as it takes to be ``width`` wide at height 64, scaled to ``height``."""
    h, w = LINE.shape
    strip = cv2.resize(LINE, (round(w * 64 / h), 64), interpolation=cv2.INTER_AREA)
    strip = np.tile(strip, (1, width // strip.shape[1] + 1))[:, :width]
    return cv2.resize(strip, (round(width * height / 64), height), interpolation=cv2.INTER_CUBIC)


CASES = [
    *((f"{width} px wide, 64 high", line(width, 64), "png", count)
      for width, count in ((100, 3000), (400, 1500), (800, 1000), (1600, 500), (6400, 120), (32_000, 24))),
    *((f"as 800 px, {height} high", line(800, height), "png", count)
      for height, count in ((16, 1000), (256, 1000), (1024, 300), (2048, 100))),
    *((f"as 800 px, 256 high, {form}", line(800, 256), form, 1000) for form in ("jpg", "tif", "bmp", "webp")),
    *((f"as 800 px, {height} high, jpg", line(800, height), "jpg", count)
      for height, count in ((1024, 300), (2048, 100))),
    *((f"800 px wide, {count} files", line(800, 64), "png", count) for count in (10, 100, 1000, 10_000)),
]  # fmt: skip


def run(folder):
    """Seconds of wall and of processor time, and the peak of resident memory in MiB, of one run."""
    start = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "multirec", "predict", "-q", folder], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"multirec ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main():
    """Print the table."""
    print("| images | KiB a file | ms an image | of a core | µs of a core a column | peak MiB |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        for number, (title, image, form, count) in enumerate(CASES):
            one, all_of_them = Path(name, f"{number} one"), Path(name, f"{number} all")
            data = cv2.imencode(f".{form}", image)[1].tobytes()
            for folder, files in ((one, 1), (all_of_them, count)):
                folder.mkdir()
                for k in range(files):
                    (folder / f"{k:06}.{form}").write_bytes(data)
            pairs = [(run(one), run(all_of_them)) for _ in range(ROUNDS)]
            wall, core = (statistics.median((b[i] - a[i]) / (count - 1) for a, b in pairs) for i in (0, 1))
            columns = image.shape[1] * 64 / image.shape[0]
            peak = statistics.median(b[2] for _, b in pairs)
            figures = f"{len(data) / 1024:.0f} | {wall * 1e3:.1f} | {core * 1e3:.1f} | {core * 1e6 / columns:.1f}"
            print(f"| {title} | {figures} | {peak:.0f} |", flush=True)


if __name__ == "__main__":
    main()
