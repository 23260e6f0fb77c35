"""Lines as programs draw them: small, on a flat ground, then enlarged to the height of a line."""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from multirec.inputs.opencv import cv2
from multirec.inputs.widths import HEIGHT
from multirec.training.lettering import BASELINE, TALL, Faces

Grey = NDArray[np.uint8]

SIZES = (9, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 16, 16, 17, 18, 20, 22, 24, 28, 32)
"""Pixels an em."""


def draw(rng: random.Random, text: str, faces: Faces) -> Grey | None:
    """A line picture [64, W] of ``text``; None where nothing was drawn."""
    size = rng.choice(SIZES)
    r = rng.random()
    if r < 0.45:
        mask = _set(text, faces, size, 1, mono=False)  # hinted, smoothed
    elif r < 0.55:
        mask = _set(text, faces, size, 1, mono=True)  # hinted, two tones
    else:
        mask = _set(text, faces, size, 4, mono=False)  # unhinted: made smaller
    if mask is None or mask.max() < 130:
        return None
    picture = _cut(rng, _tones(rng, mask, size), mask, size)
    if int(picture.max()) - int(picture.min()) < 60:
        return None
    if rng.random() < 0.12:
        quality = [cv2.IMWRITE_JPEG_QUALITY, rng.randint(40, 92)]
        picture = np.asarray(cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], cv2.IMREAD_GRAYSCALE), np.uint8)
    if rng.random() < 0.1:  # drawn once more at another scale, as remote desktops and slides are
        factor = rng.uniform(0.75, 1.6)
        picture = np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR), np.uint8)
    return enlarged(picture, rng)


def enlarged(picture: Grey, rng: random.Random) -> Grey:
    """``picture`` at height 64: mostly as the reader does it, at times as other programs may have done before."""
    h, w = picture.shape
    width = max(2, round(w * HEIGHT / h))
    how = cv2.INTER_AREA if h > HEIGHT else cv2.INTER_CUBIC
    if rng.random() < 0.2:
        how = rng.choice((cv2.INTER_LINEAR, cv2.INTER_NEAREST, cv2.INTER_AREA))
    return np.asarray(cv2.resize(picture, (width, HEIGHT), interpolation=how), np.uint8)


def _set(text: str, faces: Faces, size: int, scale: int, mono: bool) -> Grey | None:
    """Coverage [TALL size, W], drawn ``scale`` times as large and made smaller."""
    em = size * scale
    runs = [(run, font.at(em)) for run, font in faces.runs(text)]
    lengths = [font.getlength(run) for run, font in runs]
    width = round(sum(lengths)) + em
    if width > 6000:
        return None
    canvas = Image.new("L", (width, round(em * TALL)))
    pen, x = ImageDraw.Draw(canvas), em / 4
    pen.fontmode = "1" if mono else "L"
    for (run, font), length in zip(runs, lengths, strict=True):
        pen.text((round(x), round(em * BASELINE)), run, 255, font, anchor="ls")
        x += length
    mask = np.asarray(canvas)
    if scale > 1:
        h, w = mask.shape
        mask = np.asarray(cv2.resize(mask, (max(1, w // scale), max(1, h // scale)), interpolation=cv2.INTER_AREA))
    return mask


def _tones(rng: random.Random, mask: Grey, size: int) -> Grey:
    """Ink on its ground: light or dark, with a selected or marked part, a button's edge, an underline."""
    dark = rng.random() < 0.35
    ground, ink = (rng.randint(0, 70), rng.randint(150, 255)) if dark else (rng.randint(215, 255), rng.randint(0, 130))
    if rng.random() < 0.4:
        ground, ink = (rng.choice((0, 18, 30)), 255) if dark else (255, 0)
    grounds = np.full(mask.shape, ground, np.float32)
    inks = np.full(mask.shape, ink, np.float32)
    h, w = mask.shape
    r = rng.random()
    if r < 0.05:  # a part of it is selected
        left = rng.randrange(w)
        part = slice(left, min(w, left + rng.randint(size, max(size + 1, w))))
        grounds[:, part], inks[:, part] = 255 - ground, 255 - ink
        if rng.random() < 0.4:
            grounds[:, part], inks[:, part] = (ground + ink) / 2, 255 if ground + ink < 255 else 0
    elif r < 0.12:  # each token its own tone
        at = 0
        while at < w:
            step = rng.randint(size, 8 * size)
            inks[:, at : at + step] = ground + (ink - ground) * rng.uniform(0.45, 1.0)
            at += step
    if rng.random() < 0.06:  # a link's line
        y = min(h - 1, round(size * (BASELINE + rng.uniform(0.08, 0.16))))
        mask = mask.copy()
        mask[y : y + max(1, size // 14)] = 255
    return np.asarray(grounds + (inks - grounds) * (mask.astype(np.float32) / 255), np.float32).astype(np.uint8)


def _cut(rng: random.Random, picture: Grey, mask: Grey, size: int) -> Grey:
    """Cut as programs cut lines: to the ink or to the line's box, with whole pixels around."""
    rows, columns = np.flatnonzero(mask.max(axis=1) > 40), np.flatnonzero(mask.max(axis=0) > 40)
    first, last = int(rows[0]), int(rows[-1]) + 1
    if rng.random() < 0.6:
        first, last = min(first, round(size * 0.28)), max(last, round(size * 1.42))
    above, below = rng.randint(0, max(1, size // 4)), rng.randint(0, max(1, size // 4))
    if rng.random() < 0.06:
        above, below = rng.randint(0, size), rng.randint(0, size)
    left, right = rng.randint(0, max(2, size // 2)), rng.randint(0, max(2, size // 2))
    x0, x1 = int(columns[0]) - left, int(columns[-1]) + 1 + right
    y0, y1 = first - above, last + below
    h, w = picture.shape
    grown = cv2.copyMakeBorder(
        picture, max(0, -y0), max(0, y1 - h), max(0, -x0), max(0, x1 - w), cv2.BORDER_REPLICATE
    )  # fmt: skip
    part = np.asarray(grown[max(0, y0) : max(0, y0) + y1 - y0, max(0, x0) : max(0, x0) + x1 - x0], np.uint8).copy()
    if rng.random() < 0.06:  # a field's or a button's edge
        tone = rng.randint(60, 200)
        cv2.rectangle(part, (0, 0), (part.shape[1] - 1, part.shape[0] - 1), tone, 1)
    return part
