"""How short pictures are seen when they are looked at again."""

import math

import cv2
import numpy as np
import pytest

from multirec.decoding.details import part
from multirec.inputs import second_look
from multirec.inputs.images import Span
from multirec.inputs.reading import Picture


def _word(text, width):
    """A word in a picture 64 pixels high."""
    word = np.full((64, width), 255, np.uint8)
    cv2.putText(word, text, (8, 44), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 3)
    return word


def _looks(pixels):
    """Of a grey picture [64, W], or of a colour one [64, W, 4]."""
    if pixels.ndim == 2:
        pixels = np.dstack([pixels, pixels, pixels, np.full_like(pixels, 255)])
    return second_look.looks(Picture(3, "word", pixels, span=Span(0.2, 0.6)))


@pytest.mark.parametrize("width", [1, 2, 4, 8, 40, 64, 100, 121, 159, 160, 200, 256, 320])
def test_looks_are_wide_enough_and_none_is_the_first(width):
    pixels = np.random.default_rng(width).integers(0, 255, (64, width, 4)).astype(np.uint8)
    looks = second_look.looks(Picture(3, "word", pixels))
    assert [look.look for look in looks] == list(range(1, len(looks) + 1))
    assert {look.index for look in looks} == {3}
    for look in looks:
        height, wide, channels = look.pixels.shape
        assert (height, channels) == (64, 4)
        assert max(width, min(second_look.WIDE, round(second_look.WIDER * width))) <= wide <= 2 * second_look.SHORT
        assert not np.array_equal(look.pixels, pixels)


@pytest.mark.parametrize(("width", "aslant", "unbent"), [(100, 6, 0), (122, 6, 2), (150, 4, 2), (320, 2, 2)])
def test_a_word_is_made_level_and_straight_where_it_may_be_aslant_or_bent(width, aslant, unbent):
    """A long one cannot rise so far, and one that is hardly wider than high is on no circle."""
    pixels = np.full((64, width, 4), 255, np.uint8)
    looks = second_look.looks(Picture(3, "word", pixels))
    bent = [look.span.bend > 0 for look in looks]
    assert (bent.count(False), bent.count(True)) == (1 + aslant, unbent)


def test_the_first_of_them_is_a_negative_in_the_colour_that_tells_most():
    """Of lettering as light as its ground, in another colour."""
    ink = _word("HAUS", 200)[:, :, None] < 128
    pixels = np.concatenate([np.where(ink, (90, 60, 200), (60, 75, 40)), np.full((64, 200, 1), 255)], axis=2)
    first = _looks(pixels.astype(np.uint8))[0].pixels
    assert np.array_equal(first[:, :, :3], np.where(ink, 55, 215).repeat(3, axis=2))
    assert (first[:, :, 3] == 255).all()


def _slope(pixels):
    """Of the straight line through the ink, down to the right."""
    ys, xs = np.nonzero(pixels < 128)
    return np.polyfit(xs, ys, 1)[0]


def _aslant(text, slope, turned):
    """A word that fills its picture from corner to corner: turned as a whole, or each letter upright."""
    word = np.full((40, 130), 255, np.uint8)
    cv2.putText(word, text, (2, 36), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2)
    ink = word[:, : np.flatnonzero((word < 128).any(axis=0))[-1] + 3]
    w, angle = ink.shape[1], math.atan(slope)
    rise = math.ceil((abs(math.sin(angle)) if turned else abs(slope)) * w / 2)
    sheet = cv2.copyMakeBorder(ink, rise, rise, 0, 0, cv2.BORDER_CONSTANT, value=255)
    matrix = np.array([[1, 0, 0], [slope, 1, -slope * w / 2]])
    if turned:
        matrix = cv2.getRotationMatrix2D((w / 2, sheet.shape[0] / 2), -math.degrees(angle), 1.0)
    out = cv2.warpAffine(sheet, matrix, (w, sheet.shape[0]), borderValue=255)
    return cv2.resize(out, (round(w * 64 / sheet.shape[0]), 64), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize(
    ("text", "slope", "turned", "larger"),
    [
        *(("EHEHEHE", math.tan(math.radians(degrees)), True, 1.0) for degrees in (-5, 5)),
        *(("EHEHEHE", math.tan(math.radians(degrees)), True, 1.15) for degrees in (-12, 12)),
        *(("EHEH", slope, False, 1.25) for slope in (-0.35, 0.35)),
    ],
)
def test_a_word_that_lies_aslant_is_made_level_and_fills_the_picture(text, slope, turned, larger):
    """As it does in one of its looks, where its letters stand upright and are larger than they were."""
    aslant = _aslant(text, slope, turned)
    looks = [look.pixels[:, :, 0] for look in _looks(aslant)[1:] if not look.span.bend]
    slopes = [abs(_slope(look)) * look.shape[1] / aslant.shape[1] for look in looks]
    level = min(range(len(looks)), key=slopes.__getitem__)
    assert abs(_slope(aslant)) > math.tan(math.radians(3.5))
    assert slopes[level] < math.tan(math.radians(2.5))
    stems = [np.count_nonzero(look < 128, axis=0).max() for look in (aslant, looks[level])]
    assert stems[1] > stems[0] * larger


def _along_circle(word, bend, below):
    """``word`` [H, W] along a circle of which it takes twice the angle ``bend``: a picture cut to it, 64 high."""
    high, length = word.shape
    outer = length / (2 * bend) + high / 2
    size = math.ceil(2 * outer * math.sin(bend)), math.ceil(outer - (outer - high) * math.cos(bend))
    ys, xs = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    right, up = xs - size[0] / 2, outer - ys
    along = np.arctan2(right, up) / bend * length / 2 + length / 2
    across = outer - np.hypot(right, up)
    source = word[::-1] if below else word
    bent = cv2.remap(source, along.astype(np.float32), across.astype(np.float32), cv2.INTER_LINEAR, borderValue=255)
    bent = bent[::-1] if below else bent
    return cv2.resize(bent, (round(size[0] * 64 / size[1]), 64), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("below", [False, True])
@pytest.mark.parametrize("bend", [0.7, 1.0, 1.4])
def test_a_word_along_a_circle_is_unbent_and_its_letters_are_found_where_they_are(bend, below):
    """Γs at even distances, as the letters of a word: even again, upright, and told where they stand in the picture."""
    high = {0.7: 45, 1.0: 56, 1.4: 63}[bend]  # half of the picture's height
    word = np.full((high, 300), 255, np.uint8)
    for x in range(30, 300, 60):
        word[:, x - 6 : x + 6] = 0
        word[: high // 4, x : x + 24] = 0
    picture = _along_circle(word, bend, below)
    assert picture.shape[1] <= second_look.SHORT
    looks = [look for look in _looks(picture) if look.span.bend]
    assert len(looks) == 2
    view, span = looks[below].pixels[:, :, 0], looks[below].span
    assert abs(span.bend - bend) < 0.12
    strokes = _centres((view[24:48] < 128).mean(axis=0) > 0.8)
    assert np.allclose(strokes / view.shape[1], [0.1, 0.3, 0.5, 0.7, 0.9], atol=0.02)
    arm = view.shape[1] / 300 * 15
    assert all(view[12, round(x + arm)] < 128 < view[12, round(x - arm)] for x in strokes)
    assert all(view[48, round(x + arm)] > 128 for x in strokes)
    assert abs(view.shape[1] / 300 - 64 / high / 1.24) < 0.1  # letters as wide as they are high, for what they were
    radius = 300 / (2 * bend)  # of the middle of the letters
    half = (radius + high / 2) * math.sin(bend)
    there = [0.5 + radius * math.sin((2 * x - 1) * bend) / half / 2 for x in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert np.allclose([part(at / 4, view.shape[1], span) for at in strokes], [0.2 + 0.4 * x for x in there], atol=0.01)


def _centres(dark):
    """The middles of runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], dark.astype(np.int8), [0]])))
    return (edges[::2] + edges[1::2]) / 2
