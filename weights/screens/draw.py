#!/usr/bin/env python3
"""Draw training lines as screens show them, by a real browser: PNG files and gt.tsv (file<TAB>text) in OUT.

Usage: draw.py OUT --fonts LISTING... --interface FILE... --prose FILE... --program FILE [--count N] [--seed S]

Needs Debian's chromium (CHROMIUM names another executable) and the packages of the extra ``dev``. The same seed and
browser give the same lines. A page's lines are added to gt.tsv when their pictures are written.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import cv2
from browser import browser, show
from cutting import cut
from faces import Faces
from pages import Pages
from wording import Wordings

PAGE_LINES = 110
BROWSER_PAGES = 6
"""Pages drawn with one browser: the next smooths its letters in another way."""


def draw(out: Path, pages: Pages, count: int, seed: int) -> Counter[str]:
    """Draw ``count`` lines into ``out``; how many of each kind they are, and how many were not whole."""
    out.mkdir(parents=True, exist_ok=True)
    rng, done, kinds = random.Random(seed), 0, Counter[str]()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name, (out / "gt.tsv").open("w", encoding="utf-8") as table:
        folder = Path(name)
        while done < count:
            with browser(rng, folder) as program:
                for _ in range(BROWSER_PAGES):
                    page = pages.draw(rng, PAGE_LINES)
                    picture, shown = show(program, page, folder)
                    for line, where in zip(page.lines, shown, strict=True):
                        image = cut(rng, picture, line, where, page.scale) if where else None
                        if image is None or done == count:
                            kinds["(not whole)"] += image is None
                            continue
                        (out / f"{done:06}.png").write_bytes(cv2.imencode(".png", image)[1].tobytes())
                        table.write(f"{done:06}.png\t{line.wording.text}\n")
                        kinds[line.wording.kind] += 1
                        done += 1
                    table.flush()
                    print(
                        f"{done} lines, {done / (time.monotonic() - began):.1f} a second", file=sys.stderr, flush=True
                    )
                    if done == count:
                        break
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
