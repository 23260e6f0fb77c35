"""Cutting lines from a page's picture, tight or loose, as croppers do."""

from __future__ import annotations

import random

import numpy as np
from browser import Box, Shown
from numpy.typing import NDArray
from pages import TALLEST, Set

Picture = NDArray[np.uint8]

_SEEN = 8
"""How much a channel differs from the ground where there is ink, at least."""


def cut(rng: random.Random, picture: Picture, line: Set, shown: Shown, scale: float) -> Picture | None:
    """The picture of ``line``; None where it is not whole in ``picture``, not seen, or too tall."""
    size = line.size * scale
    screen = Box(0, 0, picture.shape[1], picture.shape[0])
    if shown.says != line.wording.drawn or not (screen.holds(shown.text) and shown.block.holds(shown.text, 0.2 * size)):
        return None
    limits = _limits(line, shown, scale)
    ink = _ink(picture, limits) if line.look.even else shown.text
    if ink is None or ink.right - ink.left < 0.4 * (shown.text.right - shown.text.left):
        return None
    box = _within(_framed(rng, line, shown, ink, size), shown.block)
    if line.stacked:  # no more than crumbs of the lines above and below
        own = shown.element if line.look.boxed and line.look.element != "selected" else limits
        crumbs = rng.uniform(-0.05, 0.12) * size
        box = Box(box.left, max(box.top, own.top - crumbs), box.right, min(box.bottom, own.bottom + crumbs))
    box = _whole(box, ink)
    top, bottom = max(0, round(box.top)), min(picture.shape[0], round(box.bottom))
    left, right = max(0, round(box.left)), min(picture.shape[1], round(box.right))
    if not 4 <= bottom - top <= TALLEST or right - left < 2:
        return None
    return picture[top:bottom, left:right]


def _limits(line: Set, shown: Shown, scale: float) -> Box:
    """Where the ink of ``line`` may reach: inside its element, where that is seen, and not into the lines beside it."""
    bounds, text, size = (shown.inner if line.look.boxed else shown.block), shown.text, line.size * scale
    top, bottom = text.top - 0.35 * size, text.bottom + 0.35 * size
    if line.stacked:
        middle, half = (text.top + text.bottom) / 2, line.leading * scale / 2
        top, bottom = max(top, middle - half), min(bottom, middle + half)
    reach = Box(text.left - 0.3 * size, top, text.right + 0.3 * size, bottom)
    return _within(reach, bounds)


def _ink(picture: Picture, limits: Box) -> Box | None:
    """The box of what differs from the ground, the commonest colour inside ``limits``; None where nothing does."""
    top, left = max(0, int(np.ceil(limits.top))), max(0, int(np.ceil(limits.left)))
    part = picture[top : int(limits.bottom), left : int(limits.right)].astype(np.int32)
    if not part.size:
        return None
    packed = part[..., 0] * 65536 + part[..., 1] * 256 + part[..., 2]
    colours, counts = np.unique(packed, return_counts=True)
    common = int(colours[counts.argmax()])
    ground = np.array([common >> 16, common >> 8 & 255, common & 255])
    seen = np.abs(part - ground).max(axis=2) > _SEEN
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return None
    return Box(float(left + columns[0]), float(top + rows[0]), float(left + columns[-1] + 1), float(top + rows[-1] + 1))


def _framed(rng: random.Random, line: Set, shown: Shown, ink: Box, size: float) -> Box:
    """What a cropper takes for the line: its ink, its letters' full height, or the element that it stands in."""
    chance = rng.random()
    tall = shown.element.bottom - shown.element.top > 2.6 * size
    if line.look.boxed and chance < 0.45 and not tall:
        grown = rng.choice([0.0, 0.0, 1.0, 2.0, 4.0, rng.uniform(-1, 0.3 * size)])
        return _grown(rng, shown.element, 0, 0, grown)
    if chance < 0.62:
        return _grown(rng, ink, 0.0, 0.16 * size, rng.choice([0, 0, 1, 1, 2]))
    return _grown(rng, shown.text, -0.05 * size, rng.choice([0.15, 0.3, 0.6]) * size, 0)


def _grown(rng: random.Random, box: Box, least: float, most: float, all_round: float) -> Box:
    """``box`` with each side moved outwards by ``least`` to ``most`` and by ``all_round`` pixels."""
    left, top, right, bottom = (rng.uniform(least, most) + all_round for _ in range(4))
    return Box(box.left - left, box.top - top, box.right + right, box.bottom + bottom)


def _within(box: Box, bounds: Box) -> Box:
    return Box(
        max(box.left, bounds.left),
        max(box.top, bounds.top),
        min(box.right, bounds.right),
        min(box.bottom, bounds.bottom),
    )


def _whole(box: Box, ink: Box) -> Box:
    """``box``, so large that all ink is inside."""
    return Box(min(box.left, ink.left), min(box.top, ink.top), max(box.right, ink.right), max(box.bottom, ink.bottom))
