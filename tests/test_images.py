"""Decoding: formats, depths, alpha, orientation, and files that are not what they say."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from multirec.images import MAX_WIDTH, ImageError, decode, line_picture, to_line
from multirec.widths import HEIGHT


def drawing(width=200, height=50):
    image = np.full((height, width, 3), 255, np.uint8)
    cv2.putText(image, "Abc", (20, 38), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 3)
    return image


PLAIN = drawing()
EXPECTED = to_line(PLAIN)


def saved(form, image=None, **options):
    file = io.BytesIO()
    (image or Image.fromarray(PLAIN)).save(file, form, **options)
    return file.getvalue()


def encoded(suffix, image):
    return cv2.imencode(suffix, image)[1].tobytes()


PIL = Image.fromarray(PLAIN)
GREY = PLAIN[:, :, 0]
FORMATS = {
    "png": saved("PNG"),
    "png grey": saved("PNG", PIL.convert("L")),
    "png grey alpha": saved("PNG", PIL.convert("LA")),
    "png palette": saved("PNG", PIL.convert("P")),
    "png 1 bit": saved("PNG", PIL.convert("1")),
    "png 16 bit": encoded(".png", GREY.astype(np.uint16) * 257),
    "png 16 bit alpha": encoded(".png", np.dstack([PLAIN, np.full_like(GREY, 255)]).astype(np.uint16) * 257),
    "jpeg": saved("JPEG", quality=95),
    "jpeg grey": saved("JPEG", PIL.convert("L"), quality=95),
    "jpeg cmyk": saved("JPEG", PIL.convert("CMYK"), quality=95),
    "tiff": saved("TIFF"),
    "tiff lzw": saved("TIFF", compression="tiff_lzw"),
    "tiff group 4": saved("TIFF", PIL.convert("1"), compression="group4"),
    "tiff cmyk": saved("TIFF", PIL.convert("CMYK")),
    "tiff float": encoded(".tiff", GREY.astype(np.float32) / 255),
    "tiff two pages": saved("TIFF", save_all=True, append_images=[Image.new("RGB", (90, 50), "red")]),
    "bmp": saved("BMP"),
    "webp": saved("WEBP", quality=95),
    "webp lossless": saved("WEBP", lossless=True),
    "gif": saved("GIF"),
    "gif of two": saved("GIF", save_all=True, append_images=[Image.new("RGB", (200, 50), "red")]),
    "avif": encoded(".avif", PLAIN),
    "jpeg 2000": saved("JPEG2000"),
    "pnm": saved("PPM"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_line(name):
    line = line_picture(FORMATS[name])
    assert line.shape == EXPECTED.shape
    assert (line[:, :, 3] == 255).all()
    assert np.abs(line.astype(int) - EXPECTED).mean() < 6


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(form, orientation):
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    turned = PIL.transpose(undo[orientation]) if orientation > 1 else PIL
    exif = PIL.getexif()
    exif[0x0112] = orientation
    line = line_picture(saved(form, turned, exif=exif))
    assert line.shape == EXPECTED.shape
    assert np.abs(line.astype(int) - EXPECTED).mean() < 8


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0)])
def test_transparent_pixels_keep_the_text_visible(ink, paper):
    """Ink of either colour on nothing: the background is the other one."""
    alpha = 255 - GREY
    image = np.dstack([np.full_like(PLAIN, ink), alpha])
    line = line_picture(encoded(".png", image))
    assert abs(int(line[0, 0, 0]) - paper) < 3
    assert np.ptp(line[:, :, 0]) > 200


def test_a_fully_transparent_picture_is_a_blank_line():
    line = line_picture(encoded(".png", np.zeros((50, 100, 4), np.uint8)))
    assert np.ptp(line[:, :, :3]) == 0


def test_nan_in_a_float_picture():
    image = GREY.astype(np.float32) / 255
    image[:5] = np.nan
    image[5:10] = np.inf
    assert line_picture(encoded(".tiff", image)).shape == EXPECTED.shape


@pytest.mark.parametrize(
    ("shape", "width"), [((1, 1), 64), ((64, 30000), 30000), ((1, 5000), MAX_WIDTH), ((5000, 1), 1), ((128, 300), 150)]
)
def test_shapes(shape, width):
    line = line_picture(encoded(".png", np.full(shape, 200, np.uint8)))
    assert line.shape == (HEIGHT, width, 4)


@pytest.mark.parametrize(
    ("data", "kind"), [(b"", "empty"), (b"Not a picture, though it is called one.png.\n", "not-an-image")]
)
def test_what_is_no_picture_says_so(data, kind):
    with pytest.raises(ImageError) as error:
        line_picture(data)
    assert error.value.kind == kind


def test_a_picture_that_claims_to_be_huge_is_refused_without_memory():
    """A PNG header of 50,000 x 50,000 with no pixels behind it."""
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(60_000))) + chunk(b"IEND", b"")
    with pytest.raises(ImageError) as error:
        line_picture(bomb)
    assert error.value.kind in ("too-large", "not-an-image")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(FORMATS)), st.data())
def test_a_damaged_file_is_a_picture_or_an_image_error(name, data):
    """Cut anywhere, bits flipped anywhere: never another exception, never a crash."""
    content = bytearray(FORMATS[name])
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    for at in data.draw(st.lists(st.integers(0, max(0, len(content) - 1)), max_size=8)):
        if at < len(content):
            content[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        line = line_picture(bytes(content))
    except ImageError as error:
        assert error.kind in ("empty", "not-an-image", "too-large")
    else:
        assert line.shape[0] == HEIGHT
        assert 1 <= line.shape[1] <= MAX_WIDTH


def test_decode_keeps_colour_order():
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, :, 2] = 255  # red, in OpenCV's BGR
    assert decode(encoded(".png", image))[0, 0].tolist() == [0, 0, 255]
    assert line_picture(encoded(".png", image))[0, 0].tolist() == [255, 0, 0, 255]
