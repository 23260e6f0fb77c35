"""Pixels that are not square: what headers say of it, and headers that say nonsense."""

import struct
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from multirec.inputs.images import line_picture, square, to_line
from multirec.inputs.resolution import pixel_width
from tests.corpus import FORMATS, PIL, chunk, damaged, saved

FAX = (204, 98)
FLAT = PIL.resize((PIL.width, PIL.height * 98 // 204)).convert("L")
"""The drawing as a facsimile in its normal resolution has it."""


def with_exif(form, x, y, orientation=1, image=FLAT, **options):
    exif = image.getexif()
    exif[0x011A], exif[0x011B], exif[0x0112] = x, y, orientation
    return saved(form, image, exif=exif, **options)


WITH_DENSITY = {
    "tiff": saved("TIFF", FLAT, dpi=FAX),
    "tiff group 4": saved("TIFF", FLAT.convert("1"), dpi=FAX, compression="group4"),
    "tiff big endian": saved("TIFF", Image.new("I;16B", FLAT.size), dpi=FAX),
    "png": saved("PNG", FLAT, dpi=FAX),
    "jpeg": saved("JPEG", FLAT, dpi=FAX, quality=95),
    "jpeg exif": with_exif("JPEG", *FAX, quality=95),
    "bmp": saved("BMP", FLAT, dpi=FAX),
}


@pytest.mark.parametrize("form", WITH_DENSITY)
def test_pixels_that_are_not_square_are_made_so(form):
    data = WITH_DENSITY[form]
    assert float(pixel_width(data)) == pytest.approx(98 / 204, abs=0.002)
    line, whole = line_picture(data), to_line(np.asarray(PIL))
    assert abs(line.shape[1] - whole.shape[1]) <= 2
    if form != "tiff big endian":
        width = min(line.shape[1], whole.shape[1])
        assert np.abs(line[:, :width].astype(int) - whole[:, :width]).mean() < 14


@pytest.mark.parametrize("form", FORMATS)
def test_without_a_density_pixels_are_square(form):
    assert pixel_width(FORMATS[form]) == 1


@pytest.mark.parametrize(
    ("x", "y", "width"),
    [
        (204, 98, Fraction(98, 204)), (204, 196, 1), (204, 391, Fraction(391, 204)), (300, 300, 1), (300, 290, 1),
        (72, 96, Fraction(96, 72)), (300, 100, Fraction(1, 3)), (300, 99, 1), (100, 301, 1), (300, 1, 1), (1, 1, 1),
        (0, 0, 1), (300, 0, 1), (0, 300, 1),
    ],
)  # fmt: skip
def test_what_is_nearly_square_or_nonsense_is_square(x, y, width):
    assert pixel_width(physical(x, y)) == width


def physical(x, y, unit=1, before=b""):
    """A PNG's beginning with a chunk pHYs (PNG 1.2, 4.2.4.2)."""
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 0, 0, 0, 0))
    return head + before + chunk(b"pHYs", struct.pack(">IIB", x, y, unit)) + chunk(b"IDAT", b"")


def test_a_png_without_a_unit_tells_the_ratio_too_and_one_behind_the_pixels_does_not():
    assert pixel_width(physical(2, 1, unit=0)) == Fraction(1, 2)
    assert pixel_width(physical(2, 1, before=chunk(b"IDAT", b"\0"))) == 1


def test_the_two_numbers_of_a_jpeg_without_a_unit_are_left_alone():
    """JFIF calls them the shape of a pixel, and programs write densities."""
    data = bytearray(WITH_DENSITY["jpeg"])
    at = data.index(b"JFIF\0") + 7
    assert data[at] == 1
    data[at] = 0
    assert pixel_width(bytes(data)) == 1
    data[at] = 2
    assert pixel_width(bytes(data)) == Fraction(98, 204)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_is_turned_has_its_pixels_turned(form, orientation):
    options = {"dpi": FAX} if form == "PNG" else {}
    data = with_exif(form, *FAX, orientation, **options)
    expected = Fraction(204, 98) if orientation > 4 else Fraction(98, 204)
    assert float(pixel_width(data)) == pytest.approx(float(expected), rel=0.002)


def test_the_sparser_side_is_stretched_and_in_a_large_picture_the_denser_one_shrinks():
    image = np.zeros((30, 50, 3), np.uint8)
    assert square(image, Fraction(1, 2)).shape == (60, 50, 3)
    assert square(image, Fraction(2)).shape == (30, 100, 3)
    assert square(image, Fraction(1)) is image
    large = np.zeros((2000, 1000), np.uint8)
    assert square(large, Fraction(1, 2)).shape == (2000, 500)
    assert square(large, Fraction(2)).shape == (1000, 1000)


def test_damaged_headers_never_raise():
    for content in (*WITH_DENSITY.values(), *FORMATS.values(), with_exif("PNG", 1, 2, 6)):
        for data in damaged(content, 200):
            assert Fraction(1, 3) <= pixel_width(data) <= 3
        for length in range(0, min(len(content), 400)):
            assert Fraction(1, 3) <= pixel_width(content[:length]) <= 3


BEGINNINGS = (
    b"",
    b"II*\0",
    b"MM\0*",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"\xff\xd8\xff\xe1\0\xffExif\0\0II*\0",
    b"BM",
)


@settings(max_examples=400)
@given(st.sampled_from(BEGINNINGS), st.binary(max_size=80))
def test_no_bytes_make_it_raise(beginning, rest):
    assert Fraction(1, 3) <= pixel_width(beginning + rest) <= 3
