"""Second looks at short pictures, by themselves."""

import math

import cv2
import numpy as np
import pytest

from multirec.inputs import second_look
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
    return [look.pixels for look in second_look.looks(Picture(3, "word", pixels))]


@pytest.mark.parametrize("width", [1, 2, 4, 8, 40, 64, 100, 159, 160, 200, 256])
def test_looks_are_wide_enough_and_none_is_the_first(width):
    pixels = np.random.default_rng(width).integers(0, 255, (64, width, 4)).astype(np.uint8)
    looks = second_look.looks(Picture(3, "word", pixels))
    assert [look.look for look in looks] == list(range(1, len(looks) + 1))
    assert {look.index for look in looks} == {3}
    for look in looks:
        height, wide, channels = look.pixels.shape
        assert (height, channels) == (64, 4)
        assert wide >= min(second_look.WIDE, round(second_look.WIDER * width))
        assert not np.array_equal(look.pixels, pixels)


def test_a_word_too_long_to_lie_aslant_is_not_moved_so_far():
    assert len(_looks(_word("HA", 100))) == 7
    assert len(_looks(_word("HAUS", 150))) == 5
    assert len(_looks(_word("HAUS", 200))) == 5
    assert len(_looks(_word("HAUS", 256))) == 3


def test_the_first_of_them_is_a_negative_in_the_colour_that_tells_most():
    """Of lettering as light as its ground, in another colour."""
    ink = _word("HAUS", 200)[:, :, None] < 128
    pixels = np.concatenate([np.where(ink, (90, 60, 200), (60, 75, 40)), np.full((64, 200, 1), 255)], axis=2)
    first = _looks(pixels.astype(np.uint8))[0]
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
    looks = [look[:, :, 0] for look in _looks(aslant)[1:]]
    slopes = [abs(_slope(look)) * look.shape[1] / aslant.shape[1] for look in looks]
    level = min(range(len(looks)), key=slopes.__getitem__)
    assert abs(_slope(aslant)) > math.tan(math.radians(3.5))
    assert slopes[level] < math.tan(math.radians(2.5))
    stems = [np.count_nonzero(look < 128, axis=0).max() for look in (aslant, looks[level])]
    assert stems[1] > stems[0] * larger
