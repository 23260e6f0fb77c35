"""Decoding: formats, depths, alpha, orientation, and files that are not what they say."""

import resource
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from multirec.inputs import depth, images
from multirec.inputs.images import MAX_WIDTH, ImageError, decode, line_picture, to_line
from multirec.inputs.widths import HEIGHT
from tests.corpus import BOMB, FORMATS, GREY, PIL, PLAIN, claiming, damaged, encoded, png, saved

EXPECTED = to_line(PLAIN)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_line(name):
    line = line_picture(FORMATS[name])
    assert line.shape == EXPECTED.shape
    assert (line[:, :, 3] == 255).all()
    assert np.abs(line.astype(int) - EXPECTED).mean() < 6


@pytest.mark.parametrize("form", ["TIFF", "GIF", "PNG", "WEBP", "AVIF"])
def test_more_pictures_than_one_are_told(form):
    others = [Image.new(PIL.mode, PIL.size, colour) for colour in ("red", "blue")]
    assert images.first_of_several(saved(form, PIL, save_all=True, append_images=others))
    assert not images.first_of_several(saved(form, PIL))


@pytest.mark.parametrize("data", [b"", b"II*\0", b"MM\0*\0\0\0\x08", b"II*\0\xff\xff\xff\xff", b"GIF89a", b"acTL"])
def test_what_is_cut_has_no_more_pictures(data):
    assert not images.first_of_several(data)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
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


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("height", "left"), [(255, 255), (256, 128), (600, 150), (1100, 138)])
def test_a_tall_jpeg_is_shrunk_while_it_is_decoded(mode, turned, height, left):
    """It gives the line that the whole of it would give, and its limit is that of the whole."""
    tall = PIL.resize((PIL.width * height // PIL.height, height)).convert(mode)
    exif = tall.getexif()
    exif[0x0112] = 6 if turned else 1
    data = saved("JPEG", tall.transpose(Image.Transpose.ROTATE_90) if turned else tall, exif=exif, progressive=turned)
    assert decode(data).shape[0] == left
    line, whole = line_picture(data), to_line(np.asarray(tall.convert("RGB"))[:, :, ::-1])
    assert abs(line.shape[1] - whole.shape[1]) <= 1
    width = min(line.shape[1], whole.shape[1])
    assert np.abs(line[:, :width].astype(int) - whole[:, :width]).mean() < 8
    with pytest.raises(ImageError, match="too-large"):
        decode(data, max_pixels=tall.width * tall.height - 1)


def test_the_size_of_a_jpeg_is_found_as_its_decoder_finds_it():
    """Filling bytes before a marker are skipped; what lies within a part of the header, or behind it, is none."""
    tall = FORMATS["jpeg tall"]
    assert images._claimed(tall) == (300, 1200)
    filled = tall[:2] + b"\xff\xff" + tall[2:]
    assert images._claimed(filled) == (300, 1200)
    assert decode(filled).shape == decode(tall).shape == (150, 600, 3)
    frame = b"\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03"
    comment = b"\xff\xfe\0\x0c" + frame
    assert images._claimed(tall[:2] + comment + tall[2:]) == (300, 1200)
    assert images._claimed(b"\xff\xd8\xff\xd9" + frame + bytes(20)) == (0, 0)


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


@pytest.mark.parametrize("data", [BOMB, *claiming(50_000).values()])
def test_a_picture_that_claims_to_be_huge_is_refused_without_memory(data):
    """50,000 x 50,000 with nearly nothing behind it; the peak of the process tells."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ImageError, match=r"^too-large: more than 100000000 pixels; raise --max-pixels$"):
        line_picture(bytes(data))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 << 10


@pytest.mark.parametrize("form", [form for form in FORMATS if form.startswith("png")])
def test_a_part_of_a_png_that_claims_to_be_long_takes_no_memory(form):
    """Found by fuzzing: 512 MiB were taken for a chunk of 900 bytes."""
    data = bytearray(FORMATS[form])
    data[data.index(b"IDAT") - 4] = 0x20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ImageError, match=r"^not-an-image: a part of the PNG claims"):
        line_picture(bytes(data))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 << 10


def test_the_limit_can_be_lowered():
    assert line_picture(FORMATS["png"], max_pixels=PIL.width * PIL.height).shape == EXPECTED.shape
    with pytest.raises(ImageError, match=r"^too-large: more than 9999 pixels; raise --max-pixels$"):
        line_picture(FORMATS["png"], max_pixels=PIL.width * PIL.height - 1)


def test_a_limit_above_the_one_opencv_was_imported_with_says_how_to_raise_that():
    with pytest.raises(ImageError, match="too-large: more than OPENCV_IO_MAX_IMAGE_PIXELS=100000000"):
        line_picture(png(10_001, 10_000), max_pixels=200_000_000)


@pytest.mark.parametrize("name", ["png 16 bit alpha", "tiff float"])
def test_what_is_converted_in_bands_is_the_same(name, monkeypatch):
    whole = line_picture(FORMATS[name])
    monkeypatch.setattr(depth, "BAND", 450)
    assert (line_picture(FORMATS[name]) == whole).all()


LIMITED = """
import resource, sys
from multirec.inputs.images import ImageError, cv2, line_picture

cv2.setNumThreads(1)  # as where pictures are read; threads that start under the limit would take from it
(size,) = (int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmSize"))
limit = size + int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    print(line_picture(sys.stdin.buffer.read()).shape)
except ImageError as error:
    print(error.kind)
"""


def within(memory, data):
    """What becomes of a picture in a process that gets no more than ``memory`` bytes."""
    done = subprocess.run([sys.executable, "-c", LIMITED, str(memory)], input=data, capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_a_picture_that_does_not_fit_in_memory_says_so():
    assert within(100 << 20, png(9000, 9000)) == "out-of-memory"


def test_what_a_conversion_needs_does_not_grow_with_the_picture():
    """3000 x 4000 of 4 channels are 46 MiB; 34 MiB for three channels are needed too, and bands; not 46 as floats."""
    alpha = encoded(".png", np.zeros((3000, 4000, 4), np.uint8))
    assert within(200 << 20, alpha) == "(64, 85, 4)"


def test_a_damaged_file_is_a_picture_or_an_image_error(record_property):
    """Every format, cut at many lengths and with bits flipped: never another exception, never a crash."""
    outcomes = Counter()
    for name, content in FORMATS.items():
        for data in damaged(content, 48):
            try:
                line = line_picture(data)
            except ImageError as error:
                assert error.kind in ("empty", "not-an-image", "too-large"), name
                outcomes[error.kind] += 1
            else:
                assert line.shape[0] == HEIGHT
                assert 1 <= line.shape[1] <= MAX_WIDTH
                outcomes["read"] += 1
    assert outcomes.total() == len(FORMATS) * 48
    record_property("damaged files", dict(outcomes))
    print(f"{len(FORMATS)} formats x 48 damages: {dict(outcomes)}")


def test_decode_keeps_colour_order():
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, :, 2] = 255  # red, in OpenCV's BGR
    assert decode(encoded(".png", image))[0, 0].tolist() == [0, 0, 255]
    assert line_picture(encoded(".png", image))[0, 0].tolist() == [255, 0, 0, 255]
