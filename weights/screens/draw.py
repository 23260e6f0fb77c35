#!/usr/bin/env python3
"""Draw training lines as screens show them, by a real browser: PNG files and gt.tsv (file<TAB>text) in OUT.

Usage: draw.py OUT --fonts LISTING... --interface FILE... --prose FILE... --program FILE [--count N] [--seed S]

Needs Debian's chromium (CHROMIUM names another executable) and the packages of the extra ``dev``. The same seed and
browser give the same lines.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator
from contextlib import closing
from itertools import islice
from pathlib import Path

import cv2
from browser import browser, show
from cutting import Picture, cut
from faces import Faces
from pages import Pages
from wording import Wording, Wordings

from multirec.models.alphabet import LATIN, OTHER

READ = frozenset(LATIN)

PAGE_LINES = 110
BROWSER_PAGES = 6
"""Pages drawn with one browser: the next smooths its letters in another way."""


def lines(rng: random.Random, pages: Pages, folder: Path) -> Generator[tuple[Picture, Wording], None, None]:
    """Pictures of lines and what they say, without end; ``folder`` is for the browser's files."""
    while True:
        with browser(rng, folder) as program:
            for _ in range(BROWSER_PAGES):
                page = pages.draw(rng, PAGE_LINES)
                picture, shown = show(program, page, folder)
                for line, where in zip(page.lines, shown, strict=True):
                    image = cut(rng, picture, line, where, page.scale) if where else None
                    if image is not None:
                        yield image, line.wording


def draw(out: Path, pages: Pages, count: int, seed: int) -> Counter[str]:
    """Draw ``count`` lines into ``out``; how many of each kind they are."""
    out.mkdir(parents=True, exist_ok=True)
    kinds, began = Counter[str](), time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        (out / "gt.tsv").open("w", encoding="utf-8") as table,
        closing(lines(random.Random(seed), pages, Path(folder))) as drawn,
    ):
        for number, (image, wording) in enumerate(islice(drawn, count), 1):
            name = f"{number - 1:06}.png"
            (out / name).write_bytes(cv2.imencode(".png", image)[1].tobytes())
            # A sign that no class stands for is told from the others all the same.
            label = "".join(c if c in READ else OTHER for c in wording.text)
            table.write(f"{name}\t{label}\n")
            kinds[wording.kind] += 1
            if number % 500 == 0 or number == count:
                table.flush()
                speed = number / (time.monotonic() - began)
                print(f"{number} lines, {speed:.1f} a second", file=sys.stderr, flush=True)
    return kinds


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Draw training lines as screens show them.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--fonts", type=Path, nargs="+", required=True, help="listings of faces")
    parser.add_argument("--interface", type=Path, nargs="+", required=True, help="texts of windows, a file a language")
    parser.add_argument("--prose", type=Path, nargs="+", required=True, help="running text, a file a language")
    parser.add_argument("--program", type=Path, required=True, help="lines of program text")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    wordings = Wordings(given.interface, given.prose, given.program)
    kinds = draw(given.out, Pages(wordings, Faces(given.fonts)), given.count, given.seed)
    for kind, count in kinds.most_common():
        print(f"{kind}\t{count}")
    rare = sorted(wordings.signs.seen.items(), key=lambda item: item[1])
    print("seldom: " + " ".join(f"{sign}{count}" for sign, count in rare[:60]))


if __name__ == "__main__":
    main()
