"""Words in scenes: lettering with outlines and shadows, seen at an angle, on something that is not paper."""

from __future__ import annotations

import random

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]


def photograph(coverage: Grey, rng: random.Random) -> Grey:
    """Ink coverage [H, W] of a word, cropped to its ink, to a grey picture of a sign, of about that size."""
    margin = round(coverage.shape[0] * 0.5)
    mask = cv2.copyMakeBorder(coverage, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=0)
    mask = _view(_weight(np.asarray(mask, np.uint8), rng), rng)
    rows, columns = np.flatnonzero(mask.max(axis=1) > 64), np.flatnonzero(mask.max(axis=0) > 64)
    if not rows.size or not columns.size:
        return coverage
    picture = _paint(np.asarray(mask, np.float32) / np.float32(255), rng)
    h, w = rows[-1] - rows[0], columns[-1] - columns[0]
    # Some are cut into the letters, a little.
    cut = 0.06 * min(h, w)
    top, bottom, left, right = (round(max(-cut, h * rng.gauss(0.07, 0.1))) for _ in range(4))
    return picture[
        max(0, rows[0] - top) : rows[-1] + 1 + bottom, max(0, columns[0] - left) : columns[-1] + 1 + right
    ]  # fmt: skip


def _weight(mask: Grey, rng: random.Random) -> Grey:
    """Lettering fatter or, less often, thinner than the face has it."""
    r, size = rng.random(), rng.choice([2, 3, 3, 4, 5])
    if r < 0.35:
        mask = np.asarray(cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))), np.uint8)
    elif r < 0.42:
        mask = np.asarray(cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2, 2))), np.uint8)
    return mask


def _view(mask: Grey, rng: random.Random) -> Grey:
    """Bend along an arc, then turn, slant and foreshorten."""
    h, w = mask.shape
    if rng.random() < 0.3:
        ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
        bow = rng.uniform(-1, 1) * h * rng.choice([0.2, 0.2, 0.45]) * ((xs / w * 2 - 1) ** 2 - 0.33)
        mask = np.asarray(cv2.remap(mask, xs, ys + bow, cv2.INTER_LINEAR), np.uint8)
    jitter = h * rng.choice([0.0, 0.05, 0.1, 0.2])
    slant, lift = rng.gauss(0, 0.12) * h, rng.gauss(0, 0.05) * min(w, 4 * h)
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    moved = corners + np.array([[rng.uniform(-jitter, jitter) for _ in range(2)] for _ in range(4)], np.float32)
    moved += np.array([[slant, -lift], [slant, lift], [-slant, lift], [-slant, -lift]], np.float32) / 2
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    return np.asarray(cv2.warpPerspective(mask, matrix, (w, h)), np.uint8)


def _paint(mask: Floats, rng: random.Random) -> Grey:
    """Background, shadow, outline and fill, each of its own tone and texture."""
    ground = rng.uniform(0, 255)
    ink = rng.uniform(0, 255)
    contrast = rng.choice([30, 60, 60])
    while abs(ink - ground) < contrast:
        ink = rng.uniform(0, 255)
    picture = ground + _texture(mask.shape, rng, rng.choice([0, 8, 25, 50] if contrast > 30 else [0, 4, 8]))
    if rng.random() < 0.25:
        shift = rng.randint(-5, 5), rng.randint(-5, 5)
        shadow = cv2.GaussianBlur(np.roll(mask, shift, (0, 1)), (0, 0), rng.uniform(0.5, 3))
        picture = picture + (rng.choice([0.0, 255.0]) - picture) * shadow * rng.uniform(0.3, 0.9)
    if rng.random() < 0.32:
        size = rng.choice([3, 5, 7, 11])
        outline = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
        edge = 255.0 if ink < 128 else 0.0
        if rng.random() < 0.4:
            rim = cv2.dilate(outline, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
            picture = picture + (255 - edge - picture) * rim
        picture = picture + (edge - picture) * outline
    fill = ink + _texture(mask.shape, rng, rng.choice([0, 0, 8, 25]))
    picture = picture * (1 - mask) + fill * mask
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def _texture(shape: tuple[int, ...], rng: random.Random, depth: float) -> Floats:
    """Smooth patches, a gradient and grain, [H, W] around 0."""
    h, w = shape
    cv2.setRNGSeed(rng.getrandbits(31))
    coarse = np.empty((rng.randint(2, 6), rng.randint(2, max(3, w // 20))), np.float32)
    grain = np.empty((h, w), np.float32)
    cv2.randn(coarse, 0.0, 1.0)
    cv2.randn(grain, 0.0, 1.0)
    patches = cv2.resize(coarse, (w, h), interpolation=rng.choice([cv2.INTER_CUBIC, cv2.INTER_NEAREST]))
    slope = np.linspace(-1, 1, w, dtype=np.float32) * rng.uniform(-1, 1)
    return np.asarray(depth * (0.6 * patches + 0.2 * grain + 0.5 * slope[None]), np.float32)
