"""Pictures that are arrays: the same lines as from files, and what is said of what is none."""

import cv2
import numpy as np
import pytest

from multirec.inputs.arrays import line_of
from multirec.inputs.images import ImageError, framed
from multirec.inputs.reading import read
from multirec.sources import Limits, Source
from tests.conftest import SAMPLES

SAMPLE = sorted(SAMPLES.glob("*.png"))[0].read_bytes()
BGR = cv2.imdecode(np.frombuffer(SAMPLE, np.uint8), cv2.IMREAD_COLOR)
TINTED = (BGR * np.array([0.5, 0.8, 1.0])).astype(np.uint8)
GREY = cv2.cvtColor(BGR, cv2.COLOR_BGR2GRAY)
MANY = 10**9


def test_an_array_is_read_as_the_file_it_came_from():
    data = cv2.imencode(".png", TINTED)[1].tobytes()
    (pixels, span), (wanted, same) = line_of(TINTED[:, :, ::-1], MANY), framed(data)
    assert np.array_equal(pixels, wanted)
    assert span == same


@pytest.mark.parametrize(
    "array",
    [
        GREY, GREY[:, :, None], np.repeat(GREY[:, :, None], 3, axis=2), GREY.astype(np.uint16) * 257,
        GREY / 255, (GREY / 255).astype(np.float32), np.asfortranarray(GREY), GREY[::-1][::-1],
        np.dstack([GREY, GREY, GREY, np.full_like(GREY, 255)]),
    ],
    ids="grey one-channel rgb uint16 float64 float32 fortran view rgba".split(),
)  # fmt: skip
def test_all_kinds_of_arrays_give_the_same_line(array):
    assert np.array_equal(line_of(array, MANY)[0], line_of(GREY, MANY)[0])


def test_true_is_white():
    bits = GREY > 128
    assert np.array_equal(line_of(bits, MANY)[0], line_of(bits.astype(np.uint8) * np.uint8(255), MANY)[0])


def test_transparent_paper_does_not_hide_the_ink():
    ink = np.zeros((*GREY.shape, 4), np.uint8)
    ink[:, :, 3] = 255 - GREY
    assert np.abs(line_of(ink, MANY)[0].astype(int) - line_of(GREY, MANY)[0]).max() <= 1


@pytest.mark.parametrize(
    ("array", "error"),
    [
        (np.zeros(5, np.uint8), r"not-an-image: an array of shape \(5,\)"),
        (np.zeros((5, 5, 2), np.uint8), r"not-an-image: an array of shape \(5, 5, 2\)"),
        (np.zeros((1, 5, 5, 3), np.uint8), "not-an-image: an array of shape"),
        (np.zeros((0, 5), np.uint8), r"empty: an array of shape \(0, 5\)"),
        (np.zeros((5, 5), np.int32), "not-an-image: an array of int32; take uint8"),
        (np.zeros((5, 5), object), "not-an-image: an array of object"),
        (np.full((5, 5), 1.5), r"not-an-image: an array of float64 from 1.5 to 1.5"),
        (np.full((5, 5), np.nan), "not-an-image: an array of float64 from nan"),
        (np.zeros((50, 50), np.uint8), "too-large: more than 1000 pixels"),
    ],
)
def test_what_is_wrong_with_an_array_is_in_its_row(array, error):
    with pytest.raises(ImageError, match=error):
        line_of(array, 1000)
    row = read(0, Source("frame 7", content=array), Limits(pixels=1000))
    assert (row.path, row.pixels) == ("frame 7", None)
    assert row.error.split(": ")[0] == error.split(": ")[0]


def test_bytes_have_the_limits_of_files():
    assert read(0, Source("x", content=SAMPLE)).pixels is not None
    assert read(0, Source("x", content=SAMPLE), Limits(bytes=100)).error.startswith("too-large: ")
    assert read(0, Source("x", content=b"")).error.startswith("empty: ")
    assert read(0, Source("x", content=b"text")).error.startswith("not-an-image: ")


def test_content_is_fetched_when_it_is_read():
    def missing(limits):
        raise FileNotFoundError(limits)

    assert read(0, Source("x", content=lambda limits: SAMPLE)).pixels is not None
    assert read(0, Source("x", content=missing)).error.startswith("missing: ")
