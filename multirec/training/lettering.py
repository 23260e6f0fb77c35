"""From a string and faces to ink coverage: letters set in a row, spaced, in boxes, hollow, or white on a block."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from multirec.inputs.opencv import cv2
from multirec.models.alphabet import SYMBOLS
from multirec.training import fonts, scripts
from multirec.training.fonts import Font, FontSource, Weights

Grey = NDArray[np.uint8]

TALL, BASELINE = 1.7, 1.15
"""Height of a coverage, and where its letters stand, in ems."""

_WIDEST = 6000
_SPARED = frozenset(SYMBOLS) | scripts.LETTERS
_STRESSED = ("fraktur", "blackletter", "early", "old", "serif")
_OLD = (("-liga", 0.15), ("dlig", 0.35), ("hlig", 0.2), ("onum", 0.4))
_JOINED = scripts.LETTERS - set(SYMBOLS)


@dataclass(frozen=True)
class Faces:
    """The face of a line, and others for single characters that it lacks."""

    main: Font
    spare: dict[str, Font]

    def of(self, character: str) -> Font:
        """The face that draws ``character``."""
        return self.spare.get(character, self.main)

    def runs(self, text: str) -> list[tuple[str, Font]]:
        """``text`` in pieces that one face draws; where scripts may run leftwards each word is one, in its place."""
        words = not _JOINED.isdisjoint(text)
        pieces = itertools.groupby(text, lambda c: (self.of(c), words and c == " "))
        return [("".join(piece), font) for (font, _), piece in pieces]

    @property
    def typed(self) -> bool:
        """Whether all letters are as wide."""
        return self.main.kind in ("typewriter", "mono")


def faces(rng: random.Random, source: FontSource, drawn: str, weights: Weights) -> Faces | None:
    """Faces for what is ``drawn``: one for all but signs and other scripts; None where there is none for it."""
    main = source.draw(rng, "".join(c for c in drawn if c not in _SPARED), weights)
    if main is None:
        return None
    spare: dict[str, Font] = {}
    for c in drawn:
        if c in spare or main.draws(c):
            continue
        other = next((font for font in spare.values() if font.draws(c)), None) or source.spare(rng, c)
        if other is None:
            return None
        spare[c] = other
    return Faces(main, spare)


def write(rng: random.Random, text: str, faces: Faces, size: int) -> Grey | None:
    """Ink coverage [TALL size, W] of ``text``, with tracking, word spaces and a typewriter's unsteady hand.

    None where it would be too wide.
    """
    typed = faces.typed
    joined = not _JOINED.isdisjoint(text)
    tracking = _tracking(rng, text, typed) * size if rng.random() < 0.12 else 0.0
    word = rng.choice((rng.uniform(0.65, 1.0), rng.uniform(1.0, 2.5))) if rng.random() < 0.26 else 1.0
    spaced = _spaced_word(rng, text) if faces.main.kind in _STRESSED else range(0)
    if joined or (tracking == 0.0 and word == 1.0 and not spaced and not (typed and rng.random() < 0.6)):
        return _row(text, faces, size, _features(rng, faces.main))
    if tracking > 0.3 * size:  # far apart, but words farther
        word = max(word, (2 * tracking / size + 0.6) / 0.4)
    font = {c: faces.of(c).at(size) for c in set(text)}
    steps = [font[c].getlength(c) * (word if c == " " else 1.0) + tracking for c in text]
    for at in spaced:
        steps[at] += size * 0.22
    width = round(sum(steps)) + size
    if width > _WIDEST:
        return None
    canvas = Image.new("L", (width, round(size * TALL)))
    draw = ImageDraw.Draw(canvas)
    shake, press = (rng.uniform(0, 0.04) * size, rng.uniform(0, 0.5)) if typed else (0.0, 0.0)
    at_x = size / 8
    for c, step in zip(text, steps, strict=True):
        if c != " ":
            fill = 255 - round(255 * press * rng.random() ** 2)
            place = (at_x + rng.gauss(0, shake / 3), size * BASELINE + rng.gauss(0, shake))
            draw.text(place, c, fill=fill, font=font[c], anchor="ls")
        at_x += step
    return np.asarray(canvas)


def _row(text: str, faces: Faces, size: int, features: list[str] | None) -> Grey | None:
    """Coverage of letters as their faces set them."""
    runs = faces.runs(text)
    lengths = [font.at(size).getlength(run, features=features) for run, font in runs]
    width = round(sum(lengths)) + size // 2
    if width > _WIDEST:
        return None
    canvas = Image.new("L", (width, round(size * TALL)))
    draw, x = ImageDraw.Draw(canvas), size / 8
    direction = "ltr" if fonts.SHAPES else None
    for (run, font), length in zip(runs, lengths, strict=True):
        place = (round(x), round(size * BASELINE))
        draw.text(place, run, 255, font.at(size), anchor="ls", features=features, direction=direction)
        x += length
    return np.asarray(canvas)


def _tracking(rng: random.Random, text: str, typed: bool) -> float:
    """More, or less, room between letters than the face gives them, in parts of its size."""
    if typed:
        return rng.uniform(-0.06, 0.15)
    # Capitals, and a word alone, may be spaced so far that in a longer line they would be letters.
    far = text.isupper() if " " in text else rng.random() < 0.4
    return rng.uniform(0.02, 1.0 if far else 0.35)


def _spaced_word(rng: random.Random, text: str) -> range:
    """Where letters are set apart: old print stresses words so, without blanks between their letters."""
    if rng.random() > 0.05:
        return range(0)
    starts = [0, *(at + 1 for at, c in enumerate(text) if c == " ")]
    first = rng.choice(starts)
    last = text.find(" ", first)
    return range(first, (last if last > 0 else len(text)) - 1)


def _features(rng: random.Random, font: Font) -> list[str] | None:
    """OpenType features of a line: books join letters and set old-style figures; code faces join signs into others."""
    if font.kind in ("typewriter", "mono"):
        chosen = ["-liga", "-clig", "-calt"]
    elif font.kind in ("fraktur", "blackletter"):
        chosen = ["-liga"] if rng.random() < 0.1 else []
    elif font.kind in ("old", "early"):
        chosen = [name for name, share in _OLD if rng.random() < share]
    else:
        chosen = [name for name, share in (("-liga", 0.25), ("dlig", 0.04), ("onum", 0.2)) if rng.random() < share]
    return chosen if fonts.SHAPES else None


def comb(rng: random.Random, text: str, faces: Faces, size: int) -> Grey | None:
    """Coverage of ``text`` with each letter in a box of its own, or between strokes."""
    pitch = round(size * rng.uniform(0.72, 1.3))
    width = pitch * len(text) + size
    if width > _WIDEST:
        return None
    canvas = Image.new("L", (width, round(size * TALL)))
    draw = ImageDraw.Draw(canvas)
    x0, top, bottom = size // 2, round(size * rng.uniform(0.05, 0.3)), round(size * rng.uniform(1.27, 1.6))
    line, tone, gap = rng.choice((1, 1, 2, 3)), rng.randint(110, 255), rng.choice((0, 0, 0, round(size * 0.12)))
    short = rng.random() < 0.35  # strokes that reach up a little, as between the letters of a line
    if gap:
        for at in range(len(text)):
            box = (x0 + at * pitch + gap // 2, top, x0 + (at + 1) * pitch - gap // 2, bottom)
            draw.rectangle(box, outline=tone, width=line)
    else:
        upper = round(size * rng.uniform(0.8, 1.15)) if short else top
        for at in range(len(text) + 1):
            draw.line((x0 + at * pitch, upper, x0 + at * pitch, bottom), tone, line)
        for y in (bottom, top):
            if rng.random() < (0.9 if y == bottom else 0.0 if short else 0.5):
                draw.line((x0, y, x0 + len(text) * pitch, y), tone, line)
    shake = rng.uniform(0, 0.05) * size
    for at, c in enumerate(text):
        x = x0 + (at + 0.5) * pitch + rng.gauss(0, shake)
        draw.text((x, size * BASELINE + rng.gauss(0, shake / 2)), c, 255, faces.of(c).at(size), anchor="ms")
    return np.asarray(canvas)


def hollow(coverage: Grey, rng: random.Random) -> Grey:
    """Letters of which only the outline is drawn."""
    size = rng.choice((3, 3, 5))
    outer = cv2.dilate(coverage, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    return np.asarray(cv2.subtract(outer, coverage), np.uint8)


def blocked(coverage: Grey, rng: random.Random, size: int) -> Grey:
    """A word, or several, white on a block of ink: from one wide gap between letters to another."""
    filled = coverage.max(axis=0) > 40
    edges = np.flatnonzero(np.diff(np.concatenate([[0], filled.astype(np.int8), [0]])))
    starts, stops = edges[::2], edges[1::2]
    if not starts.size:
        return coverage
    gaps = starts[1:] - stops[:-1]
    wide = np.flatnonzero(gaps > max(size * 0.2, 2.2 * float(np.median(gaps)) if gaps.size else 0.0))
    firsts, lasts = [0, *(wide + 1).tolist()], [*wide.tolist(), len(starts) - 1]
    at = rng.randrange(len(firsts))
    to = min(len(lasts) - 1, at + rng.choice((0, 0, 0, 1)))
    pad = round(size * rng.uniform(0.06, 0.14))
    left, right = max(0, int(starts[firsts[at]]) - pad), int(stops[lasts[to]]) + pad
    top, bottom = round(size * rng.uniform(0.15, 0.32)), round(size * rng.uniform(1.38, 1.55))
    out = coverage.copy()
    tone = rng.choice((255, 255, rng.randint(120, 255)))
    part = out[top:bottom, left:right]
    part[:] = (255 - part.astype(np.uint16)) * tone // 255
    return out
