"""Render the sample lines of tests/samples anew: python -m tests.make_samples LISTING_OR_FOLDER_OF_FONTS."""

import random
import sys
from pathlib import Path

import cv2
import numpy as np

from multirec.training import degrade, fonts, render

SAMPLES = Path(__file__).parent / "samples"

LINES = (
    ("book", "serif", "The lamp was lit, and the old ferryman told his story."),
    ("catalogue", "serif", "214. Mühle am Bach, Öl auf Leinwand. (Verkauft.)"),
    ("chapitre", "serif", "où l’hiver s’achève, et où les forêts reverdissent."),
    ("letter", "typewriter", "We shall deliver 48 boxes on 3 March, as agreed."),
    ("dopis", "typewriter", "Příští týden přijedeme vlakem v 7.45 do města."),
    ("receipt", "mono", "TOTAL  2 x 14.50   29.00 EUR"),
    ("form", "sans", "Account No. 0047-1186 / Date: 12.09.1987"),
    ("sign", "sans", "HARBOUR OFFICE"),
    ("carta", "serif", "—¿Y qué día volverá el señor Núñez a la ciudad?"),
    ("notice", "sans", "Çarşamba günü kütüphane saat 18:30’da kapanır."),
)


def main(where: str) -> None:
    """Write PNG files and gt.tsv; some are degraded as scans are."""
    place = Path(where)
    source = fonts.FontSource(fonts.found(place) if place.is_dir() else fonts.listed(place))
    rng = random.Random(20)
    labels = []
    for number, (name, kind, text) in enumerate(LINES):
        font = None
        while font is None or font.kind != kind:
            font = source.draw(rng, text)
        coverage = render.write(rng, text, font, 48, typed=kind == "typewriter")
        assert coverage is not None
        rows, columns = np.flatnonzero(coverage.any(axis=1)), np.flatnonzero(coverage.any(axis=0))
        image = 255 - coverage[max(0, rows[0] - 8) : rows[-1] + 8, max(0, columns[0] - 8) : columns[-1] + 8]
        if number % 2:
            image = degrade.light(degrade.geometry(image, rng, skew=0.4, stretch=1.05), rng)
        cv2.imwrite(str(SAMPLES / f"{name}.png"), image)
        labels.append(f"{name}.png\t{' '.join(text.split())}")
    (SAMPLES / "gt.tsv").write_text("\n".join(sorted(labels)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
