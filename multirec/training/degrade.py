"""What paper, ink, scanners and cropping do to a line, on a grey picture [H, W] uint8.

The same steps serve rendered and real lines: real ones get the milder ones (``augment``).  The kinds follow
what the scans of documents show: neighbours' crumbs, skew, uneven light, ink bleed and broken strokes,
low resolution, JPEG, thresholding, tight and loose crops.
"""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

from multirec.inputs.opencv import cv2
from multirec.inputs.widths import HEIGHT

Grey = NDArray[np.uint8]

CURLED = 0.06
"""Share of lines one end of which bends away, as beside the back of a book."""

SHORT = 5
"""Width over height up to which a line is a word or two, as it is mostly in scenes."""

LEGIBLE = 0.5
"""Correlation with the picture before it below which a scan is given up: thresholds may leave nothing but noise."""


def background(image: Grey) -> int:
    """The paper's grey: the median of the picture's border rows."""
    return int(np.median(np.concatenate([image[0], image[-1]])))


def geometry(image: Grey, rng: random.Random, skew: float, stretch: float) -> Grey:
    """Rotate by up to ``skew`` degrees, slant, stretch the width by up to the factor ``stretch``, bend a little."""
    h, w = image.shape
    angle = np.tan(np.radians(rng.uniform(-skew, skew)))
    angle = float(np.clip(angle, -0.22 * h / w, 0.22 * h / w))
    slant = rng.uniform(-0.12, 0.12) if rng.random() < 0.3 else 0.0
    factor = float(np.exp(rng.uniform(-np.log(stretch), np.log(stretch))))
    new = max(4, round(w * factor))
    matrix = np.array([[factor, slant, -slant * h / 2], [angle, 1.0, -angle * w / 2]], np.float32)
    out = cv2.warpAffine(
        image, matrix, (new, h), flags=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT, borderValue=background(image),
    )  # fmt: skip
    if rng.random() < 0.15:
        wave = np.sin(np.arange(new) / rng.uniform(60, 400) + rng.uniform(0, 6)) * rng.uniform(0.5, h * 0.03)
        ys, xs = np.mgrid[0:h, 0:new].astype(np.float32)
        out = cv2.remap(out, xs, ys + wave[None].astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out, np.uint8)


def curl(image: Grey, rng: random.Random) -> Grey:
    """Let one end of the line rise or fall, as towards the back of a book: the crop is higher by some of it."""
    h, w = image.shape
    length = min(w, rng.uniform(1.5, 8) * h)
    high = min(0.7 * h, 0.25 * length) * rng.uniform(0.2, 1.0) * rng.choice((-1, -1, 1))  # below 0: up
    reach = np.clip((np.arange(w) - (w - length)) / length, 0, 1)
    bend = (high * reach * reach).astype(np.float32)
    if rng.random() < 0.5:
        bend = np.ascontiguousarray(bend[::-1])
    more = round(abs(high) * rng.uniform(0.6, 1.0))
    above = more if high < 0 else 0
    ys, xs = np.mgrid[0 : h + more, 0:w].astype(np.float32)
    return np.asarray(
        cv2.remap(
            image, xs, ys - above - bend[None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT,
            borderValue=background(image),
        ),
        np.uint8,
    )  # fmt: skip


def aside(image: Grey, rng: random.Random) -> Grey:
    """Seen from aside, turned, wider or narrower: as a word may be in a scene."""
    h, w = image.shape
    new = max(4, round(w * float(np.exp(rng.uniform(-0.35, 0.35)))))
    angle = np.radians(float(np.clip(rng.gauss(0, 4), -10, 10)) * min(1.0, 3 * h / w))
    slant, rise = rng.gauss(0, 0.08) * h, float(np.tan(angle)) * new / 2
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    moved = corners * np.array([new / w, 1], np.float32)
    moved += np.array([[slant, -rise], [slant, rise], [-slant, rise], [-slant, -rise]], np.float32) / 2
    moved += np.array([[rng.uniform(-0.07, 0.07) * h for _ in range(2)] for _ in range(4)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    return np.asarray(cv2.warpPerspective(image, matrix, (new, h), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def crop(image: Grey, rng: random.Random, amount: float) -> Grey:
    """Take away or add up to ``amount`` of the height above and below, and a little at the ends."""
    h, w = image.shape
    top, bottom = (round(h * rng.uniform(-amount, amount)) for _ in range(2))
    left, right = (round(h * rng.uniform(-0.06, 0.5) * (rng.random() < 0.6)) for _ in range(2))
    image = image[max(0, -top) : h - max(0, -bottom), max(0, -left) : w - max(0, -right)]
    return np.asarray(
        cv2.copyMakeBorder(
            image,
            max(0, top),
            max(0, bottom),
            max(0, left),
            max(0, right),
            cv2.BORDER_CONSTANT,
            value=background(image),
        ),
        np.uint8,
    )


def ink(image: Grey, rng: random.Random) -> Grey:
    """Thicken or thin the strokes, or let them break up."""
    r = rng.random()
    if r < 0.3:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (rng.choice([2, 3]), rng.choice([2, 3])))
        other = cv2.erode(image, kernel) if r < 0.17 else cv2.dilate(image, kernel)
        return np.asarray(cv2.addWeighted(image, 0.4, other, 0.6, 0), np.uint8)
    if r < 0.45:
        h, w = image.shape
        coarse = np.asarray(_noise(rng, (max(1, h // rng.randint(2, 10)), max(1, w // rng.randint(2, 12)))))
        patches = cv2.resize(coarse, (w, h), interpolation=cv2.INTER_LINEAR)
        paper = float(background(image))
        keep = np.clip(0.95 + patches * rng.uniform(0.1, 0.45), 0.15, 1.15)
        return _clip(paper + (image.astype(np.float32) - paper) * keep)
    if r < 0.52:
        return _dots(image, rng)
    return _stripes(image, rng) if r < 0.56 else image


def _stripes(image: Grey, rng: random.Random) -> Grey:
    """A thermal printer's tired head: columns where little or nothing was printed."""
    h, w = image.shape
    keep = np.clip(
        _noise(rng, (1, max(2, w // rng.randint(2, 8)))) * rng.uniform(0.2, 0.8) + rng.uniform(0.5, 1.0), 0, 1
    )
    keep = cv2.resize(keep, (w, h), interpolation=rng.choice([cv2.INTER_NEAREST, cv2.INTER_LINEAR]))
    paper = float(background(image))
    return _clip(paper + (image.astype(np.float32) - paper) * keep)


def _dots(image: Grey, rng: random.Random) -> Grey:
    """A needle printer's dots: ink on a grid of points only."""
    h, w = image.shape
    pitch = rng.uniform(3.0, 6.5)
    down = np.cos(np.arange(h, dtype=np.float32) * (2 * np.pi / pitch) + rng.uniform(0, 6))
    along = np.cos(np.arange(w, dtype=np.float32) * (2 * np.pi / pitch) + rng.uniform(0, 6))
    keep = np.clip((down[:, None] + along[None]) * rng.uniform(0.4, 1.0) + rng.uniform(0.6, 1.2), 0, 1)
    paper = float(background(image))
    return _clip(paper + (image.astype(np.float32) - paper) * keep)


def light(image: Grey, rng: random.Random) -> Grey:
    """Contrast, brightness, gamma and a gradient across the line."""
    x = image.astype(np.float32) / 255
    if rng.random() < 0.3:
        x = x ** np.exp(rng.uniform(-0.5, 0.5))
    contrast = rng.uniform(0.25, 1.0) if rng.random() < 0.5 else rng.uniform(0.8, 1.2)
    x = 0.5 + (x - 0.5) * contrast + rng.uniform(-0.25, 0.25) * (1 - min(contrast, 1) * 0.8)
    if rng.random() < 0.25:
        h, w = image.shape
        x = x + np.linspace(rng.uniform(-0.15, 0.15), rng.uniform(-0.15, 0.15), w, dtype=np.float32)[None]
        x = x + np.linspace(rng.uniform(-0.1, 0.1), rng.uniform(-0.1, 0.1), h, dtype=np.float32)[:, None]
    return _clip(x * 255)


def scan(image: Grey, rng: random.Random, paper: bool = True) -> Grey:
    """Resolution, blur, noise, JPEG: what a scanner or a camera adds; to ``paper`` dust and thresholds, too."""
    h, w = image.shape
    if rng.random() < 0.35:
        low = rng.uniform(14, 40) / HEIGHT
        if low < 1:
            small = cv2.resize(image, (max(2, round(w * low)), max(2, round(h * low))), interpolation=cv2.INTER_AREA)
            if paper and rng.random() < 0.2:
                level, _ = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
                small = np.where(small > level + rng.uniform(-20, 20), np.uint8(255), np.uint8(0))
            image = np.asarray(cv2.resize(small, (w, h), interpolation=rng.choice([1, 1, 2, 0])), np.uint8)
    if rng.random() < 0.3:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.6)), np.uint8)
    elif rng.random() < 0.1:
        soft = cv2.GaussianBlur(image, (0, 0), 1.2)
        image = np.asarray(cv2.addWeighted(image, 2.0, soft, -1.0, 0), np.uint8)
    if rng.random() < 0.35:
        image = _clip(image + _noise(rng, (h, w)) * rng.uniform(2, 22))
    if paper and rng.random() < 0.12:
        dust = cv2.resize(_noise(rng, (max(1, h // 2), max(1, w // 2))), (w, h), interpolation=cv2.INTER_NEAREST)
        image = np.where(dust > rng.uniform(2.2, 3.2), np.uint8(rng.choice([0, 40, 255])), image)
    if paper and rng.random() < 0.18:
        soft = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.0))
        level, _ = cv2.threshold(soft, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        image = np.where(soft > level + rng.uniform(-25, 25), np.uint8(255), np.uint8(0))
        if rng.random() < 0.5:
            image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 0.8)), np.uint8)
    if rng.random() < 0.25:
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(12, 75)])
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return image


def fax(image: Grey, rng: random.Random) -> Grey:
    """A facsimile's two tones on a coarse grid, fewer lines than columns, strokes run together or broken."""
    h, w = image.shape
    rows = rng.uniform(15, 32) / HEIGHT
    columns = rows * rng.uniform(1.0, 2.0)
    small = cv2.resize(image, (max(2, round(w * columns)), max(2, round(h * rows))), interpolation=cv2.INTER_AREA)
    level, _ = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    rough = small + _noise(rng, small.shape) * rng.choice([0, 10, 25])
    small = np.where(rough > level + rng.uniform(-30, 45), np.uint8(255), np.uint8(0))
    out = cv2.resize(small, (w, h), interpolation=rng.choice([cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC]))
    return np.asarray(out, np.uint8)


def legible(before: Grey, after: Grey) -> Grey:
    """``after``, unless hardly anything of ``before`` is left in it: then there is nothing to learn from it."""
    a, b = before.astype(np.float32), after.astype(np.float32)
    a, b = a - a.mean(), b - b.mean()
    alike = float((a * b).sum()) / max(1.0, float(np.sqrt((a * a).sum() * (b * b).sum())))
    return after if alike > LEGIBLE else before


def augment(image: Grey, rng: random.Random) -> Grey:
    """A real line, seen once more: mild forms of all of the above."""
    h, w = image.shape
    short = w < SHORT * h
    if short and rng.random() < 0.5:
        image = aside(image, rng)
    elif rng.random() < 0.7:
        image = geometry(image, rng, skew=0.7, stretch=1.18)
    if rng.random() < CURLED:
        image = curl(image, rng)
    if rng.random() < 0.5:
        image = crop(image, rng, 0.07)
    h, w = image.shape
    if h != HEIGHT:
        image = np.asarray(cv2.resize(image, (max(2, round(w * HEIGHT / h)), HEIGHT), interpolation=cv2.INTER_AREA))
    # Words in scenes are often as coarse and faint as can be read.
    if rng.random() < (0.1 if short else 0.25):
        image = ink(image, rng)
    if rng.random() < (0.4 if short else 0.6):
        image = legible(image, light(image, rng))
    if rng.random() < (0.25 if short else 0.5):
        image = legible(image, scan(image, rng))
    return 255 - image if rng.random() < 0.02 else image


def _noise(rng: random.Random, shape: tuple[int, int]) -> NDArray[np.float32]:
    out = np.empty(shape, np.float32)
    cv2.setRNGSeed(rng.getrandbits(31))
    cv2.randn(out, 0.0, 1.0)
    return out


def _clip(image: NDArray[np.floating]) -> Grey:
    return np.asarray(np.clip(image, 0, 255)).astype(np.uint8)
