"""Words in scenes: lettering with outlines and shadows, seen at an angle, on something that is not paper."""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

from multirec.inputs.opencv import cv2

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]


SHARES = {
    "arc": 0.2, "circle": 0.28, "rim": 0.3, "turned": 0.3, "neighbours": 0.3, "shadow": 0.22, "outline": 0.28,
    "glow": 0.05, "relief": 0.09, "clutter": 0.25, "occluded": 0.05, "moved": 0.08, "unsharp": 0.2,
    "coarse": 0.4, "squeezed": 0.4, "dotted": 0.03,
}  # fmt: skip
"""How many of the words have what: a bent baseline, a round one, a turn, letters beside and around, and so on."""

_CONTRASTS = ((16, 36), (18, 255), (30, 255), (45, 255), (60, 255), (60, 255), (60, 255))
"""Pairs of the least and the most difference between ink and ground, of which one is drawn.

Outlines and shadows may stand out more.
"""


def photograph(coverage: Grey, rng: random.Random) -> Grey:
    """Ink coverage [H, W] of a word, cropped to its ink, to a grey picture of a sign, of about that size or smaller."""
    margin = round(coverage.shape[0] * 0.5)
    mask = cv2.copyMakeBorder(coverage, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=0)
    mask = _weight(np.asarray(mask, np.uint8), rng)
    if rng.random() < SHARES["dotted"]:
        mask = _dotted(mask, rng)
    mask = _view(_squeezed(mask, rng), rng)
    rows, columns = np.flatnonzero(mask.max(axis=1) > 64), np.flatnonzero(mask.max(axis=0) > 64)
    if not rows.size or not columns.size:
        return coverage
    h, w = rows[-1] - rows[0], columns[-1] - columns[0]
    around = _around(mask, int(rows[0]), int(rows[-1]), rng) if rng.random() < SHARES["neighbours"] else None
    picture = _paint(np.asarray(mask, np.float32) / np.float32(255), around, rng)
    # Some are cut into the letters, a little.
    cut = 0.06 * min(h, w)
    top, bottom, left, right = (round(max(-cut, h * rng.gauss(0.07, 0.1))) for _ in range(4))
    picture = picture[
        max(0, rows[0] - top) : rows[-1] + 1 + bottom, max(0, columns[0] - left) : columns[-1] + 1 + right
    ]  # fmt: skip
    return _camera(picture, rng)


def _weight(mask: Grey, rng: random.Random) -> Grey:
    """Lettering fatter or, less often, thinner than the face has it."""
    r, size = rng.random(), rng.choice([2, 3, 3, 4, 5])
    if r < 0.35:
        mask = np.asarray(cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))), np.uint8)
    elif r < 0.42:
        mask = np.asarray(cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2, 2))), np.uint8)
    return mask


def _dotted(mask: Grey, rng: random.Random) -> Grey:
    """As a display shows it: on a grid of dots, with gaps between them or without."""
    h, w = mask.shape
    pitch, gap = rng.uniform(2.6, 4.0), rng.choice((0, 1, 1, 2))
    cells = cv2.resize(mask, (max(2, round(w / pitch)), max(2, round(h / pitch))), interpolation=cv2.INTER_AREA)
    dot = np.zeros((6, 6), np.uint8)
    dot[gap:, gap:] = 255
    return np.asarray(cv2.resize(np.kron(cells > 90, dot), (w, h), interpolation=cv2.INTER_AREA), np.uint8)


def _squeezed(mask: Grey, rng: random.Random) -> Grey:
    """Lettering narrower than the face has it, as fits a narrow place, or wider."""
    if rng.random() >= SHARES["squeezed"]:
        return mask
    h, w = mask.shape
    width = max(2, round(w * np.exp(rng.uniform(-0.7, 0.5))))
    return np.asarray(cv2.resize(mask, (width, h), interpolation=cv2.INTER_AREA), np.uint8)


def _view(mask: Grey, rng: random.Random) -> Grey:
    """Bend, then turn, slant and foreshorten."""
    if rng.random() < SHARES["circle"]:
        mask = _round(_rimmed(mask, rng) if rng.random() < SHARES["rim"] else mask, rng)
    h, w = mask.shape
    if rng.random() < SHARES["arc"]:
        high = h * rng.choice([0.2, 0.2, 0.45, 0.7])
        more = round(high * 0.4)
        mask = np.asarray(cv2.copyMakeBorder(mask, more, more, 0, 0, cv2.BORDER_CONSTANT, value=0), np.uint8)
        h += 2 * more
        ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
        bow = rng.uniform(-1, 1) * high * ((xs / w * 2 - 1) ** 2 - 0.33)
        mask = np.asarray(cv2.remap(mask, xs, ys + bow, cv2.INTER_LINEAR), np.uint8)
    if rng.random() < SHARES["turned"]:
        # Long words are turned less: nobody cuts those so that a third of the picture's height is the word's.
        angle = float(np.clip(rng.gauss(0, 7), -22, 22)) * min(1.0, 6 * h / w)
        rise = round(abs(np.sin(np.radians(angle))) * w / 2)
        mask = np.asarray(cv2.copyMakeBorder(mask, rise, rise, 0, 0, cv2.BORDER_CONSTANT, value=0), np.uint8)
        h += 2 * rise
        turn = cv2.getRotationMatrix2D((w / 2, h / 2), angle, 1.0)
        mask = np.asarray(cv2.warpAffine(mask, turn, (w, h), flags=cv2.INTER_LINEAR), np.uint8)
    jitter = min(h, 120) * rng.choice([0.0, 0.05, 0.1, 0.2, 0.25])
    slant, lift = rng.gauss(0, 0.12) * h, rng.gauss(0, 0.05) * min(w, 4 * h)
    corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    moved = corners + np.array([[rng.uniform(-jitter, jitter) for _ in range(2)] for _ in range(4)], np.float32)
    moved += np.array([[slant, -lift], [slant, lift], [-slant, lift], [-slant, -lift]], np.float32) / 2
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    return np.asarray(cv2.warpPerspective(mask, matrix, (w, h)), np.uint8)


def _round(mask: Grey, rng: random.Random) -> Grey:
    """Along a circle, each letter turned with it, as on pub signs and badges: above its middle or below."""
    h, w = mask.shape
    half = rng.uniform(0.2, 1.2)  # of the angle that the word takes
    radius = w / (2 * half)
    if radius < 0.8 * h:
        return mask
    outer = radius + h / 2
    size = round(2 * outer * np.sin(half)), round(h / 2 + outer - (radius - h / 2) * np.cos(half))
    ys, xs = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    right, up = xs - size[0] / 2, outer - ys
    along, across = np.arctan2(right, up) * radius + w / 2, outer - np.hypot(right, up)
    below = rng.random() < 0.4
    source = mask[::-1] if below else mask
    bent = cv2.remap(source, along.astype(np.float32), across.astype(np.float32), cv2.INTER_LINEAR)
    return np.ascontiguousarray(bent[::-1] if below else bent)


def _rimmed(mask: Grey, rng: random.Random) -> Grey:
    """With the edges of the badge: a line above the letters, below them, or both."""
    rows = np.flatnonzero(mask.max(axis=1) > 64)
    out = mask.copy()
    for edge, sign in ((rows[0], -1), (rows[-1], 1)) if rows.size else ():
        if rng.random() < 0.7:
            y = int(edge) + sign * round(rng.uniform(0.08, 0.35) * (rows[-1] - rows[0]))
            cv2.line(out, (0, y), (mask.shape[1], y), 255, rng.choice([1, 2, 3, 5]))
    return out


def _around(mask: Grey, first: int, last: int, rng: random.Random) -> Grey:
    """Pieces of letters above and below the word: the word's own, moved, so that they are in its face."""
    out = np.zeros_like(mask)
    reach = round((last - first + 1) * rng.uniform(1.03, 1.4))
    for sign in (-1, 1):
        if rng.random() < 0.5:
            moved = np.roll(mask, (sign * reach, rng.randint(-mask.shape[1] // 2, mask.shape[1] // 2)), (0, 1))
            if sign < 0:
                moved[max(0, first - 2) :] = 0
            else:
                moved[: last + 3] = 0
            out |= moved
    return out


def _paint(mask: Floats, around: Grey | None, rng: random.Random) -> Grey:
    """Background, shadow, outline and fill, each of its own tone and texture."""
    ground, ink = rng.uniform(0, 255), rng.uniform(0, 255)
    contrast, most = rng.choice(_CONTRASTS)
    while not contrast <= abs(ink - ground) <= most:
        ground, ink = rng.uniform(0, 255), rng.uniform(0, 255)
    depth = rng.choice([0, 8, 25, 50] if contrast > 45 else [0, 4, 8] if contrast > 20 else [0, 0, 3])
    picture = ground + _texture(mask.shape, rng, depth)
    if depth and contrast > 20 and rng.random() < SHARES["clutter"]:
        _clutter(picture, rng, contrast * 0.6)
    if rng.random() < SHARES["shadow"]:
        shift = rng.randint(-5, 5), rng.randint(-5, 5)
        shadow = cv2.GaussianBlur(np.roll(mask, shift, (0, 1)), (0, 0), rng.uniform(0.5, 3))
        picture = picture + (rng.choice([0.0, 255.0]) - picture) * shadow * rng.uniform(0.3, 0.9)
    if rng.random() < SHARES["glow"]:
        halo = cv2.GaussianBlur(mask, (0, 0), rng.uniform(3, 9))
        picture = picture + (ink - picture) * np.minimum(halo * rng.uniform(0.6, 1.4), 0.75)
    if rng.random() < SHARES["relief"]:  # letters as deep as they stand out
        tone, step = (ink + ground) / 2 + rng.uniform(-30, 30), (rng.choice((-1, 1)), rng.choice((-1, 0, 1)))
        for far in range(rng.randint(3, 8), 0, -1):
            side = np.roll(mask, (step[0] * far, step[1] * far), (0, 1))
            picture = picture + (tone - picture) * side
    if rng.random() < SHARES["outline"]:
        size = rng.choice([3, 5, 7, 11])
        outline = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
        edge = 255.0 if ink < 128 else 0.0
        if rng.random() < 0.4:
            rim = cv2.dilate(outline, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
            picture = picture + (255 - edge - picture) * rim
        picture = picture + (edge - picture) * outline
    fill = ink + _texture(mask.shape, rng, rng.choice([0, 0, 8, 25] if contrast > 30 else [0, 0, 4]))
    if around is not None:
        picture = picture + (fill - picture) * (around.astype(np.float32) / 255)
    picture = picture * (1 - mask) + fill * mask
    if rng.random() < SHARES["occluded"]:
        _occlude(picture, rng)
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def _clutter(picture: Floats, rng: random.Random, depth: float) -> None:
    """Edges, bars and discs on the ground behind a word, fainter than its ink."""
    h, w = picture.shape
    for _ in range(rng.randint(1, 5)):
        layer = np.zeros((h, w), np.float32)
        ends = [(rng.randint(-w // 4, w + w // 4), rng.randint(-h // 4, h + h // 4)) for _ in range(2)]
        r = rng.random()
        if r < 0.4:
            cv2.line(layer, ends[0], ends[1], 1.0, rng.randint(1, max(2, h // 6)))
        elif r < 0.8:
            cv2.rectangle(layer, ends[0], ends[1], 1.0, -1)
        else:
            cv2.circle(layer, ends[0], rng.randint(2, max(3, h // 2)), 1.0, -1)
        picture += layer * rng.uniform(-depth, depth)


def _occlude(picture: Floats, rng: random.Random) -> None:
    """Something thin before the word: a wire, a post, a twig; or a spot of light."""
    h, w = picture.shape
    if rng.random() < 0.6:
        ends = (rng.randint(0, w), 0), (rng.randint(0, w), h)
        if rng.random() < 0.4:
            ends = (0, rng.randint(0, h)), (w, rng.randint(0, h))
        cv2.line(picture, *ends, rng.uniform(0, 255), rng.randint(1, 4))
    else:
        spot = np.zeros((h, w), np.float32)
        cv2.circle(spot, (rng.randint(0, w), rng.randint(0, h)), rng.randint(3, max(4, h // 3)), 1.0, -1)
        picture += cv2.GaussianBlur(spot, (0, 0), rng.uniform(2, 8)) * rng.uniform(60, 220)


def _camera(picture: Grey, rng: random.Random) -> Grey:
    """Moved while it was taken, not in focus, or so far away that there are few pixels of it."""
    if rng.random() < SHARES["moved"]:
        length = rng.randint(3, 7)
        kernel = np.zeros((length, length), np.float32)
        cv2.line(kernel, (0, rng.randrange(length)), (length - 1, rng.randrange(length)), 1.0, 1)
        picture = np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.uint8)
    h, w = picture.shape
    if rng.random() < SHARES["unsharp"]:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), h * rng.uniform(0.015, 0.065)), np.uint8)
    low = rng.uniform(11, 34) / max(1, h)
    if rng.random() < SHARES["coarse"] and low < 1:
        size = max(2, round(w * low)), max(2, round(h * low))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        if rng.random() < 0.5:
            quality = [cv2.IMWRITE_JPEG_QUALITY, rng.randint(30, 90)]
            picture = np.asarray(
                cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], cv2.IMREAD_GRAYSCALE), np.uint8
            )
    return picture


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
