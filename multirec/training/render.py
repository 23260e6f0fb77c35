"""Rendered lines: a string and a face become a grey picture [H, W] with paper, ink and neighbours.

After SynthTIGER (arXiv 2107.09313) in aim, not in code: variety of what surrounds a line matters as much as
variety of faces.
"""

from __future__ import annotations

import random
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from multirec.inputs.widths import HEIGHT
from multirec.models.alphabet import Alphabet
from multirec.training import degrade, fonts, signs
from multirec.training.fonts import Font, FontSource
from multirec.training.texts import TextSource

Grey = NDArray[np.uint8]


class Renderer:
    """Draws labelled lines without end.

    Args:
        texts: where the strings come from.
        fonts: where the faces come from.
        longest: characters of the longest lines.
        signs: share of words in scenes.
    """

    def __init__(self, texts: TextSource, fonts: FontSource, longest: int = 60, signs: float = 0.25) -> None:
        self._texts, self._fonts, self.longest, self.signs = texts, fonts, longest, signs

    def draw(self, rng: random.Random) -> tuple[Grey, str]:
        """One line: a picture [64, W] and its text."""
        while True:
            sign = rng.random() < self.signs
            length = rng.randint(1, self.longest) if rng.random() < 0.8 and not sign else rng.randint(1, 12)
            text = self._texts.draw(rng, length)
            if sign and rng.random() < 0.5:
                text = text.upper()
            font = self._fonts.draw(rng, text) if self._texts.covers(text) else None
            if font is not None:
                image = self._sign(rng, text, font) if sign else self._line(rng, text, font)
                if image is not None:
                    return image, text

    def _line(self, rng: random.Random, text: str, font: Font) -> Grey | None:
        size = rng.choice([30, 36, 42, 48])
        typed = font.kind in ("typewriter", "mono")
        coverage = write(rng, text, font, size, typed)
        if coverage is None:
            return None
        top = bottom = round(size * 0.6)
        sheet = np.zeros((coverage.shape[0] + top + bottom, coverage.shape[1] + size), np.uint8)
        x = size // 2
        _paste(sheet, coverage, x, top)
        if rng.random() < 0.4:
            for sign in (-1, 1):
                if rng.random() < 0.7:
                    other = write(rng, self._texts.draw(rng, len(text) + 10), font, size, typed)
                    if other is not None:
                        _paste(sheet, other, rng.randint(-size, x), top + sign * round(size * rng.uniform(0.95, 1.35)))
        if rng.random() < 0.14:
            y = top + round(coverage.shape[0] * rng.uniform(0.75, 0.95))
            cv2.line(sheet, (rng.randint(0, x), y), (sheet.shape[1] - rng.randint(0, x), y), 255, rng.choice([1, 2, 3]))
        rows = np.flatnonzero(coverage.any(axis=1))
        columns = np.flatnonzero(coverage.any(axis=0))
        if not rows.size:
            return None
        # Some croppers hug the ink, some take the whole line from ascender to descender, some more.
        first, last = (rows[0], rows[-1] + 1) if rng.random() < 0.45 else (round(size * 0.2), round(size * 1.28))
        first, last = min(first, rows[0]), max(last, rows[-1] + 1)
        margin = 0.6 if rng.random() < 0.1 else 0.28
        y0 = top + first - round(size * rng.uniform(-0.01, margin))
        y1 = top + last + round(size * rng.uniform(-0.01, margin))
        x0 = x + columns[0] - round(size * abs(rng.gauss(0.05, 0.2)))
        x1 = x + columns[-1] + 1 + round(size * abs(rng.gauss(0.05, 0.2)))
        sheet = sheet[max(0, y0) : y1, max(0, x0) : x1]
        if rng.random() < 0.1:
            sheet = _frame(sheet.copy(), rng)
        return self._photograph(rng, sheet)

    def _sign(self, rng: random.Random, text: str, font: Font) -> Grey | None:
        coverage = write(rng, text, font, 48, typed=False)
        if coverage is None or not coverage.any():
            return None
        rows, columns = np.flatnonzero(coverage.any(axis=1)), np.flatnonzero(coverage.any(axis=0))
        image = signs.photograph(coverage[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], rng)
        h, w = image.shape
        image = np.asarray(cv2.resize(image, (max(2, round(w * HEIGHT / h)), HEIGHT), interpolation=cv2.INTER_AREA))
        return degrade.scan(image, rng) if rng.random() < 0.45 else image

    def _photograph(self, rng: random.Random, sheet: Grey) -> Grey:
        paper, black = rng.randint(190, 255), rng.randint(0, 90)
        if rng.random() < 0.4:
            paper, black = 255, 0
        image = (paper - sheet.astype(np.float32) * ((paper - black) / 255)).astype(np.uint8)
        h, w = image.shape
        image = np.asarray(
            cv2.resize(image, (max(2, round(w * HEIGHT / h)), HEIGHT), interpolation=cv2.INTER_AREA), np.uint8
        )
        if rng.random() < 0.6:
            image = degrade.geometry(image, rng, skew=1.2, stretch=1.8 if rng.random() < 0.25 else 1.35)
        image = degrade.ink(image, rng)
        if rng.random() < 0.6:
            image = degrade.light(image, rng)
        r = rng.random()
        if r < 0.65:
            image = degrade.scan(image, rng)
        elif r < 0.75:
            image = degrade.fax(image, rng)
        return 255 - image if rng.random() < 0.07 else image


def write(rng: random.Random, text: str, font: Font, size: int, typed: bool) -> Grey | None:
    """Ink coverage [1.5 size, W] of ``text``, with tracking, word spaces and a typewriter's unsteady hand."""
    face = font.at(size)
    tracking = _tracking(rng, text, typed) * size if rng.random() < 0.12 else 0.0
    word = rng.uniform(1.0, 2.5) if rng.random() < 0.2 else 1.0
    height = round(size * 1.5)
    if tracking == 0.0 and word == 1.0 and not (typed and rng.random() < 0.6):
        features = _features(rng, typed)
        width = round(face.getlength(text, features=features)) + size // 2
        if width > 6000:
            return None
        canvas = Image.new("L", (width, height))
        ImageDraw.Draw(canvas).text((size // 8, size * 0.1), text, fill=255, font=face, features=features)
        return np.asarray(canvas)
    steps = [face.getlength(c) * (word if c == " " else 1.0) + tracking for c in text]
    width = round(sum(steps)) + size
    if width > 6000:
        return None
    canvas = Image.new("L", (width, height))
    draw = ImageDraw.Draw(canvas)
    shake, press = (rng.uniform(0, 0.04) * size, rng.uniform(0, 0.5)) if typed else (0.0, 0.0)
    at = size / 8
    for c, step in zip(text, steps, strict=True):
        fill = 255 - round(255 * press * rng.random() ** 2)
        draw.text((at + rng.gauss(0, shake / 3), size * 0.1 + rng.gauss(0, shake)), c, fill=fill, font=face)
        at += step
    return np.asarray(canvas)


def _tracking(rng: random.Random, text: str, typed: bool) -> float:
    """More, or less, room between letters than the face gives them, in parts of its size."""
    if typed:
        return rng.uniform(-0.06, 0.15)
    # A word alone may be spaced so far that in a longer line it would be letters.
    return rng.uniform(0.02, 0.35 if " " in text or rng.random() < 0.6 else 1.2)


def _features(rng: random.Random, typed: bool) -> list[str] | None:
    """OpenType features of a line: books join letters and set old-style figures; code faces join signs into others."""
    chosen = ["-liga", "-clig", "-calt"]
    if not typed:
        chosen = [name for name, share in (("-liga", 0.25), ("dlig", 0.04), ("onum", 0.2)) if rng.random() < share]
    return chosen if fonts.SHAPES else None


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
