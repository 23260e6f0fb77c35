"""A line cut from the picture of its page: turned upright, what is not of the line covered with the paper's tone.

Coordinates are often wrong.  They are brought back into the page; an outline that encloses nothing, or runs across
itself, gives way to a band along the baseline as high as lines are there, or to its bounding box.  Nothing is warped:
a curved line stays curved.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from multirec.documents.boxes import Frame
from multirec.documents.document import Line, Points
from multirec.inputs.images import ImageError
from multirec.inputs.opencv import cv2
from multirec.options import MAX_PIXELS

Pixels = NDArray[np.uint8]
Corners = NDArray[np.float64]
"""Points, [N, 2], x and y in pixels of the page."""

LARGEST = 4
"""A line may have this part of the pixels that a page may have."""

_ABOVE, _BELOW = 0.75, 0.25
"""How much of a line's height is above its baseline, and below."""

_MARGIN = 0.06
"""Around an outline this part of its height is the line's too: outlines cut accents and tails."""

_FLAT = 0.1
"""A line that rises less than this part of its height from one end to the other is not turned."""

_THIN = 0.2
"""An outline that is thinner than this part of what is usual encloses no line."""


@dataclass(frozen=True)
class _Shape:
    """Where a line is: its outline, and the direction in which it is read, clockwise from rightwards, in radians."""

    outline: Corners
    angle: float


def cut(page: Pixels, line: Line, scale: tuple[float, float] = (1.0, 1.0), max_pixels: int = MAX_PIXELS) -> Pixels:
    """The picture of a line, [H, W] or [H, W, 3] as ``page`` is, that stands upright.

    Args:
        page: [H, W] or [H, W, 3].
        line: in its document's coordinates.
        scale: pixels of the page for one of the document's units, along x and y.
        max_pixels: of a page; a line may have a quarter of them.

    Raises:
        ImageError: ``document``, the line is nowhere on the page, or nothing tells where; ``too-large``.
    """
    if line.fault:
        raise ImageError("document", line.fault)
    shape = _shape(line, np.array(scale), page.shape[1], page.shape[0])
    long, height = _extent(_turned(shape.outline, shape.angle))
    margin = max(2, round(_MARGIN * height))
    if min(_extent(shape.outline)) < 2:
        raise ImageError("document", "the line lies outside of the page, or is smaller than a letter")
    left, top = np.floor(shape.outline.min(axis=0)).astype(int) - margin
    right, bottom = np.ceil(shape.outline.max(axis=0)).astype(int) + margin
    left, top, right, bottom = max(0, left), max(0, top), min(page.shape[1], right), min(page.shape[0], bottom)
    if max((right - left) * (bottom - top), long * height) > max_pixels // LARGEST:
        raise ImageError("too-large", f"the line has more than a quarter of {max_pixels} pixels; raise --max-pixels")
    image = page[top:bottom, left:right].copy()  # other lines are cut from the same page
    outline = shape.outline - (left, top)
    mask = _mask(outline, image.shape[:2], margin)
    paper = _paper(image, mask)
    image[mask == 0] = paper
    return _upright(image, outline, shape.angle, margin, paper)


def frame(line: Line, width: float, height: float) -> Frame | None:
    """How a line lies in the picture that ``cut`` makes of it, but for parts of pixels; None where it makes none.

    Args:
        line: in its document's coordinates.
        width: of the page, in these.
        height: likewise.
    """
    try:
        shape = _shape(line, np.ones(2), math.ceil(width), math.ceil(height))
    except ImageError:
        return None
    if min(_extent(shape.outline)) < 2:
        return None
    turned = _turned(shape.outline, shape.angle)
    long, high = np.maximum(_extent(turned), 2.0)
    margin = max(2, round(_MARGIN * high))
    angle = shape.angle
    quarters = round(angle / (math.pi / 2)) * math.pi / 2
    if abs(math.sin(angle - quarters)) * long < _FLAT * high:
        angle = quarters
    reach = _turned(shape.outline, angle)[:, 0]
    start, stop = float(reach.min()) - margin, float(reach.max()) + margin
    if angle == quarters:  # cut from the page as it is, which may end before the margin does
        page = _turned(np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]]), angle)[:, 0]
        start, stop = max(start, float(page.min())), min(stop, float(page.max()))
    return Frame(tuple(map(tuple, shape.outline.tolist())), angle, (start, stop))


def _shape(line: Line, scale: Corners, width: int, height: int) -> _Shape:
    """Where a line is on a page of this size."""
    outline = _on_page(_outline(line), scale, width, height)
    baseline = _on_page(line.baseline, scale, width, height)
    usual = line.height * float(scale.min())
    told = None if line.orientation is None else -math.radians(line.orientation)
    if _encloses(outline, usual):
        return _Shape(outline, _direction(baseline, outline, max(usual, _thickness(outline)), told))
    if len(baseline) < 2 and len(outline) == 2 and 2 * _extent(outline)[1] < usual:
        baseline = outline  # put in the other's place
    if len(baseline) > 1 and usual >= 2:
        angle = _direction(baseline, None, usual, told)
        up = np.array([math.sin(angle), -math.cos(angle)]) * usual
        band = np.concatenate([baseline + up * _ABOVE, (baseline - up * _BELOW)[::-1]])
        return _Shape(np.clip(band, 0, (width, height)), angle)
    if len(outline) and min(_extent(outline)) >= 2:
        (left, top), (right, bottom) = outline.min(axis=0), outline.max(axis=0)
        box = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        return _Shape(box, _direction(baseline, None, max(usual, _thickness(box)), told))
    raise ImageError("document", "nothing tells where the line is on the page: no outline, no baseline")


def _on_page(points: Points, scale: Corners, width: int, height: int) -> Corners:
    return np.clip(np.array(points, np.float64).reshape(-1, 2) * scale, 0, (width, height))


def _outline(line: Line) -> Points:
    if line.outline or line.box is None:
        return line.outline
    left, top, right, bottom = line.box
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _thickness(outline: Corners) -> float:
    """About how high a line is, whichever way it runs: its area by its length; parts gone around backwards subtract."""
    return float(cv2.contourArea(outline.astype(np.float32))) / max(1.0, float(_extent(outline).max()))


def _encloses(outline: Corners, usual: float) -> bool:
    """Whether an outline is one of a line: neither of no area nor running across itself, but for small loops."""
    thickness = _thickness(outline) if len(outline) > 2 else 0.0
    if thickness < max(1.0, _THIN * usual):
        return False
    # Drawn, all parts of an area count.  Small, and stretched to be thick enough to be counted.
    size = _extent(outline)
    scale = np.array([1, 4]) * min(1.0, 512 / max(size))
    drawn = np.zeros(tuple(np.ceil(size * scale).astype(int)[::-1] + 4), np.uint8)
    corners = np.rint((outline - outline.min(axis=0)) * scale * 16).astype(np.int32)
    cv2.fillPoly(drawn, [corners], 1, shift=4)
    filled = float(np.count_nonzero(drawn) / np.prod(scale)) / max(size)
    return bool(filled < 1.5 * thickness + 4 and thickness < 1.5 * filled)


def _direction(baseline: Corners, outline: Corners | None, usual: float, told: float | None) -> float:
    """The angle at which a line is read: its baseline's where that is long enough, else what the document tells.

    People and programs draw baselines from the end to the start, too.  Letters stand on their baseline, so that the
    outline lies above it, if it is seen as the line is read; and lines are seldom upside down.
    """
    if len(baseline) < 2 or math.hypot(*(baseline[-1] - baseline[0])) < max(8.0, 2 * usual):
        return told or 0.0
    angle = _chord(baseline)
    likely = math.cos(angle - (told or 0.0))
    evidence = math.copysign(0.2, likely) if abs(likely) > 0.7 else 0.0
    if outline is not None:
        high = _turned(outline, angle)[:, 1]
        middle = (high.min() + high.max()) / 2
        evidence += (_turned(baseline, angle)[:, 1].mean() - middle) / max(1.0, high.max() - high.min())
    return angle if evidence >= 0 else angle + math.pi


def _chord(baseline: Corners) -> float:
    x, y = baseline[-1] - baseline[0]
    return math.atan2(y, x)


def _turned(points: Corners, angle: float) -> Corners:
    """Points as they lie once what is read at ``angle`` is read rightwards."""
    cos, sin = math.cos(angle), math.sin(angle)
    return np.asarray(points @ np.array([[cos, -sin], [sin, cos]]), np.float64)


def _extent(points: Corners) -> Corners:
    return np.asarray(np.ptp(points, axis=0), np.float64)


def _mask(outline: Corners, shape: tuple[int, int], margin: int) -> Pixels:
    """Where a line is, and ``margin`` pixels around it: not 0."""
    mask = np.zeros(shape, np.uint8)
    corners = [np.rint(outline).astype(np.int32)]
    cv2.fillPoly(mask, corners, 255)
    cv2.polylines(mask, corners, True, 255, 2 * margin + 1)
    return mask


def _paper(image: Pixels, mask: Pixels) -> Pixels:
    """The tone of most of what is a line's: grey [] or BGR [3]."""
    step = max(1, math.isqrt(image.shape[0] * image.shape[1] >> 16))
    inside = image[::step, ::step][mask[::step, ::step] > 0]
    return np.asarray(np.median(inside if len(inside) else image.reshape(-1, *image.shape[2:]), axis=0), np.uint8)


def _upright(image: Pixels, outline: Corners, angle: float, margin: int, paper: Pixels) -> Pixels:
    """``image`` turned so that what is read at ``angle`` is read rightwards, and cut to the outline."""
    quarters = round(angle / (math.pi / 2))
    rest = angle - quarters * math.pi / 2
    turned = _turned(outline, angle)
    long, height = _extent(turned)
    if abs(math.sin(rest)) * long < _FLAT * height or max(image.shape[:2]) > 32_000:  # more than OpenCV can turn
        return np.ascontiguousarray(np.rot90(image, quarters))
    left, top = np.floor(turned.min(axis=0)) - margin
    right, bottom = np.ceil(turned.max(axis=0)) + margin
    cos, sin = math.cos(angle), math.sin(angle)
    matrix = np.array([[cos, sin, -left], [-sin, cos, -top]])
    border = [float(value) for value in np.atleast_1d(paper)]
    size = (min(int(right - left), 32_000), min(int(bottom - top), 32_000))
    return np.asarray(
        cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=border),
        np.uint8,
    )
