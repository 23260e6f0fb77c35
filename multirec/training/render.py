"""Rendered lines: a string and a face become a grey picture [H, W] with paper, ink and neighbours.

After SynthTIGER (arXiv 2107.09313) in aim, not in code: variety of what surrounds a line matters as much as
variety of faces.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from multirec.inputs.opencv import cv2
from multirec.inputs.widths import HEIGHT
from multirec.models.alphabet import Alphabet, normalise
from multirec.training import degrade, fields, fonts, lettering, screen, signs, texts
from multirec.training.fonts import FontSource
from multirec.training.lettering import BASELINE, Faces
from multirec.training.texts import TextSource, Written

Grey = NDArray[np.uint8]

PICTURES = {"print": 0.2, "sign": 0.7, "screen": 0.06, "blackletter": 0.03, "comb": 0.01}
"""Shares of the kinds of pictures: lines of documents, words in scenes, what programs draw, old books, boxed letters.

Words in scenes are so short that of the columns rendered they have less than a half.

What they say is in ``texts``: DOCUMENT, SCENE, SCREEN and BLACKLETTER.
"""

MOST_IN_VAIN = 1000
"""Texts in a row that no face can draw, before that is said instead of another being drawn."""

SPECIAL = {"hollow": 0.008, "blocked": 0.02}
"""Shares, among printed lines, of outlined letters and of words white on a block of ink."""

LOOSE = 0.05
"""Share of printed lines with a crop so loose that the letters take a third of its height to two thirds."""

ASLANT = 0.05
"""Share of printed lines that rise or fall by up to four degrees."""

SQUASHED = 0.02
"""Share of printed lines that are facsimiles with pixels half as high as wide, shown as if they were square."""


class Renderer:
    """Draws labelled lines without end.

    Args:
        texts: where the strings come from.
        fonts: where the faces come from.
        longest: characters of the longest lines.
        pictures: shares of the kinds of pictures.
    """

    def __init__(
        self, texts: TextSource, fonts: FontSource, longest: int = 60, pictures: dict[str, float] = PICTURES
    ) -> None:
        self._texts, self._fonts, self.longest, self._pictures = texts, fonts, longest, pictures

    def draw(self, rng: random.Random) -> tuple[Grey, str]:
        """One line: a picture [64, W] and its text.

        Raises:
            ValueError: no face can draw any of many texts.
        """
        for _ in range(MOST_IN_VAIN):
            kind = rng.choices(list(self._pictures), list(self._pictures.values()))[0]
            drawn = self._drawn(rng, kind)
            if drawn is not None:
                return drawn
        kinds = ", ".join(self._pictures)
        raise ValueError(
            f"no line could be drawn from {MOST_IN_VAIN} texts ({kinds}): no font has their letters, or is of that kind"
        )

    def _drawn(self, rng: random.Random, kind: str) -> tuple[Grey, str] | None:
        short = kind in ("sign", "comb")
        length = rng.randint(1, 12) if short or rng.random() < 0.2 else rng.randint(1, self.longest)
        if kind == "sign":
            written = self._texts.draw(rng, length, texts.SCENE)
            if rng.random() < 0.4 and written.text == written.drawn:
                written = _capitals(written, self._texts)
        elif kind == "screen":
            written = self._texts.draw(rng, length, texts.SCREEN)
        elif kind == "blackletter":
            written = self._texts.draw(rng, length, texts.BLACKLETTER)
        elif kind == "comb":
            written = self._boxed(rng)
        else:
            written = self._texts.draw(rng, length)
        weights = _weights(rng, kind, written)
        faces = lettering.faces(rng, self._fonts, written.drawn, weights)
        if faces is None:
            return None
        if kind == "sign":
            image = self._sign(rng, written.drawn, faces)
        elif kind == "screen":
            image = screen.draw(rng, written.drawn, faces)
        else:
            image = self._line(rng, written, faces, boxes=kind == "comb")
        return None if image is None else (image, written.text)

    def _boxed(self, rng: random.Random) -> Written:
        text = fields.boxed(rng) or self._texts.latin(rng, rng.randint(2, 12)).upper()
        if not self._texts.covers(text):  # SS for ß
            text = str(rng.randrange(10000))
        return Written(text, text, "comb")

    def _line(self, rng: random.Random, written: Written, faces: Faces, boxes: bool) -> Grey | None:
        size, text = rng.choice([30, 36, 42, 48]), written.drawn
        coverage = lettering.comb(rng, text, faces, size) if boxes else lettering.write(rng, text, faces, size)
        if coverage is None or not coverage.any():
            return None
        special = rng.random()
        if special < SPECIAL["hollow"] and not boxes:
            coverage = lettering.hollow(coverage, rng)
        elif special < sum(SPECIAL.values()) and not boxes:
            coverage = lettering.blocked(coverage, rng, size)
        top = bottom = round(size * 0.6)
        sheet = np.zeros((coverage.shape[0] + top + bottom, coverage.shape[1] + size), np.uint8)
        x = size // 2
        _paste(sheet, coverage, x, top)
        loose = rng.random() < LOOSE
        if rng.random() < 0.4 and not loose:
            self._neighbours(rng, sheet, written, faces, size, x, top)
        if rng.random() < 0.14:
            y = top + round(size * (BASELINE + rng.uniform(0.1, 0.4)))
            cv2.line(sheet, (rng.randint(0, x), y), (sheet.shape[1] - rng.randint(0, x), y), 255, rng.choice([1, 2, 3]))
        rows = np.flatnonzero(coverage.any(axis=1))
        columns = np.flatnonzero(coverage.any(axis=0))
        # Some croppers hug the ink, some take the whole line from ascender to descender, some more.
        first, last = (rows[0], rows[-1] + 1) if rng.random() < 0.45 else (round(size * 0.33), round(size * 1.41))
        first, last = min(first, rows[0]), max(last, rows[-1] + 1)
        margin = 0.6 if rng.random() < 0.14 else 0.28
        y0 = top + first - round(size * rng.uniform(-0.01, margin))
        y1 = top + last + round(size * rng.uniform(-0.01, margin))
        x0 = x + columns[0] - round(size * abs(rng.gauss(0.05, 0.2)))
        x1 = x + columns[-1] + 1 + round(size * abs(rng.gauss(0.05, 0.2)))
        sheet = sheet[max(0, y0) : y1, max(0, x0) : x1]
        tight = sheet.shape[0]
        if loose:
            sheet = _loosened(sheet, rng)
        if rng.random() < ASLANT:
            sheet = _aslant(sheet, rng)
        if rng.random() < 0.14:
            sheet = _frame(sheet.copy(), rng)
        # Scanned as finely as other lines, and only then as low as they.
        image = self._photograph(rng, sheet, round(HEIGHT * sheet.shape[0] / tight))
        return screen.enlarged(image, rng) if image.shape[0] != HEIGHT else image

    def _neighbours(
        self, rng: random.Random, sheet: Grey, written: Written, faces: Faces, size: int, x: int, top: int
    ) -> None:
        """Put lines above and below, as near as lines stand, in the same face."""
        shares = texts.BLACKLETTER if written.kind == "gothic" else texts.DOCUMENT
        for sign in (-1, 1):
            if rng.random() < 0.7:
                text = self._texts.draw(rng, len(written.text) + 10, shares).drawn
                text = "".join(c for c in text if faces.main.draws(c))
                other = lettering.write(rng, text, Faces(faces.main, {}), size) if text.strip() else None
                if other is not None:
                    _paste(sheet, other, rng.randint(-size, x), top + sign * round(size * rng.uniform(0.95, 1.35)))

    def _sign(self, rng: random.Random, text: str, faces: Faces) -> Grey | None:
        coverage = lettering.write(rng, text, faces, 48)
        if coverage is None or not coverage.any():
            return None
        rows, columns = np.flatnonzero(coverage.any(axis=1)), np.flatnonzero(coverage.any(axis=0))
        image = signs.photograph(coverage[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], rng)
        image = screen.enlarged(image, rng)
        return degrade.legible(image, degrade.scan(image, rng, paper=False)) if rng.random() < 0.25 else image

    def _photograph(self, rng: random.Random, sheet: Grey, height: int) -> Grey:
        paper, black = rng.randint(190, 255), rng.randint(0, 90)
        if rng.random() < 0.4:
            paper, black = 255, 0
        image = (paper - sheet.astype(np.float32) * ((paper - black) / 255)).astype(np.uint8)
        squashed = rng.random() < SQUASHED
        h, w = image.shape
        width = max(2, round(w * height / h * (rng.uniform(1.6, 2.2) if squashed else 1.0)))
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        if squashed:
            return degrade.legible(image, degrade.fax(image, rng))
        if rng.random() < 0.6:
            image = degrade.geometry(image, rng, skew=1.2, stretch=1.8 if rng.random() < 0.25 else 1.35)
        if rng.random() < degrade.CURLED:
            image = degrade.curl(image, rng)
        image = degrade.ink(image, rng)
        if rng.random() < 0.6:
            image = degrade.light(image, rng)
        r = rng.random()
        if r < 0.75:
            image = degrade.legible(image, degrade.scan(image, rng) if r < 0.65 else degrade.fax(image, rng))
        return 255 - image if rng.random() < 0.07 else image


def _weights(rng: random.Random, kind: str, written: Written) -> fonts.Weights:
    """Kinds of faces for a kind of picture and of text."""
    if kind == "sign":
        return fonts.SCENE
    if kind == "screen":
        return fonts.CODE if written.kind == "technical" and rng.random() < 0.5 else fonts.SCREEN
    if kind == "blackletter":
        return fonts.BLACKLETTER
    if written.kind == "old":
        return fonts.OLD
    return fonts.DOCUMENT


def _capitals(written: Written, source: TextSource) -> Written:
    """``written`` in capitals, where these have classes."""
    text = normalise(written.text.upper())
    return Written(text, text, written.kind) if source.covers(text) else written


def _loosened(sheet: Grey, rng: random.Random) -> Grey:
    """More paper around, so that the line takes a third of the height to two thirds, not always in the middle."""
    h, w = sheet.shape
    more = round(h * rng.uniform(0.5, 2.0))
    above = round(more * rng.choice((0.0, 0.5, 0.5, 1.0, rng.random())))
    left, right = (round(h * rng.uniform(0, 1.2) * (rng.random() < 0.7)) for _ in range(2))
    out = np.zeros((h + more, w + left + right), np.uint8)
    out[above : above + h, left : left + w] = sheet
    return out


def _aslant(sheet: Grey, rng: random.Random) -> Grey:
    """The line rising or falling, whole: its crop is higher by so much."""
    h, w = sheet.shape
    slope = float(np.clip(np.tan(np.radians(rng.uniform(-4, 4))), -1.2 * h / w, 1.2 * h / w))
    more = round(abs(slope) * w * rng.uniform(0.7, 1.0))
    matrix = np.array([[1, 0, 0], [slope, 1, more / 2 - slope * w / 2]], np.float32)
    return np.asarray(cv2.warpAffine(sheet, matrix, (w, h + more), flags=cv2.INTER_LINEAR), np.uint8)


def _frame(sheet: Grey, rng: random.Random) -> Grey:
    """Rules of a form along some edges of the crop."""
    h, w = sheet.shape
    near = [rng.randint(0, max(1, h // 12)) for _ in range(4)]
    ends = ((0, near[0], w, near[0]), (0, h - 1 - near[1], w, h - 1 - near[1]), (near[2], 0, near[2], h))
    for x0, y0, x1, y1 in (*ends, (w - 1 - near[3], 0, w - 1 - near[3], h)):
        if rng.random() < 0.45:
            tilt = rng.randint(-2, 2)
            cv2.line(sheet, (x0, y0), (x1, y1 + tilt * (y0 == y1)), rng.randint(120, 255), rng.choice([1, 1, 2, 3, 4]))
    return sheet


def _paste(sheet: Grey, coverage: Grey, x: int, y: int) -> None:
    """Add ink at (x, y), clipped to the sheet."""
    h, w = sheet.shape
    y0, x0, y1, x1 = max(0, y), max(0, x), min(h, y + coverage.shape[0]), min(w, x + coverage.shape[1])
    if y1 > y0 and x1 > x0:
        part = sheet[y0:y1, x0:x1]
        np.maximum(part, coverage[y0 - y : y1 - y, x0 - x : x1 - x], out=part)


def write_folder(out: Path, text: list[Path], places: list[Path], count: int, seed: int) -> None:
    """Render ``count`` lines into ``out``: PNG files and gt.tsv.

    Raises:
        ValueError: no usable text or font.
    """
    renderer = Renderer(TextSource(text, Alphabet()), fonts.source(places))
    out.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    with (out / "gt.tsv").open("w", encoding="utf-8") as table:
        for number in range(count):
            image, label = renderer.draw(rng)
            (out / f"{number:06}.png").write_bytes(cv2.imencode(".png", image)[1].tobytes())
            table.write(f"{number:06}.png\t{label}\n")
