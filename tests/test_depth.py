"""Samples of 10, 12 and other numbers of bits, stated by the file or told by what is in it; and bits of bitmaps."""

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from multirec.inputs import depth, kinds, netpbm
from multirec.inputs.images import ImageError, decode, line_picture, to_line
from tests.corpus import FORMATS, GREY, PIL, PLAIN, chunk, damaged, encoded, saved

EXPECTED = to_line(PLAIN)
H, W = GREY.shape


def samples(most, image=GREY):
    """``image`` with ``most`` for white."""
    return ((image.astype(np.uint32) * most + 127) // 255).astype(np.uint8 if most < 256 else np.uint16)


def same(data, within=3.0, expected=EXPECTED):
    """Whether ``data`` is read as the drawing: the mean difference of grey levels."""
    line = line_picture(data)
    return line.shape == expected.shape and np.abs(line.astype(int) - expected).mean() < within


def raster(most, channels=1):
    values = np.repeat(samples(most)[:, :, None], channels, axis=2)
    return values.astype(">u2" if most > 255 else "u1").tobytes()


def pnm(most, kind=5):
    return b"P%d\n# drawn\n%d %d\n%d\n" % (kind, W, H, most) + raster(most, 3 if kind == 6 else 1)


def text(most, kind=2, end=b"\n"):
    values = np.repeat(samples(most)[:, :, None], 3 if kind == 3 else 1, axis=2)
    rows = (b" ".join(b"%d" % value for value in row.ravel()) for row in values)
    return b"P%d %d %d %d\n# a comment\n" % (kind, W, H, most) + b" # and one\n".join(rows) + end


def pam(most, channels, kind):
    head = b"P7\nWIDTH %d\nHEIGHT %d\n# drawn\nDEPTH %d\nMAXVAL %d\nTUPLTYPE %s\nENDHDR\n"
    return head % (W, H, channels, most, kind) + raster(most, channels)


@pytest.mark.parametrize("most", [3, 15, 31, 100, 1000, 1023, 4095, 16_383, 65_535])
def test_maps_of_any_highest_sample_are_read(most):
    within = 3 if most > 7 else 6
    for kind in (5, 6):
        assert same(pnm(most, kind), within)
    for kind in (2, 3):
        assert same(text(most, kind), within)
    for channels, kind in ((1, b"GRAYSCALE"), (3, b"RGB")):
        assert same(pam(most, channels, kind), within)


def test_a_dark_map_stays_dark_and_is_not_stretched_beyond_what_its_header_says():
    """Paper at a quarter of 4095 is grey, though 1023 would be white by its own."""
    dark = b"P5 9 9 4095\n" + np.full((9, 9), 1023, ">u2").tobytes()
    assert (decode(dark) == 64).all()


def test_text_without_a_last_line_end_is_read_to_its_end():
    for most in (1, 255, 1023):
        assert same(text(most, end=b""), 9 if most == 1 else 3)
    assert same(text(255, end=b""), 0.001)


def test_maps_of_bits_and_of_opacity():
    bits = samples(1)
    head = b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH 1\nMAXVAL 1\nTUPLTYPE BLACKANDWHITE\nENDHDR\n" % (W, H)
    assert (decode(head + bits.tobytes()) == bits * 255).all()
    ink = np.dstack([np.zeros_like(GREY), 255 - GREY])
    head = b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH 2\nMAXVAL 255\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n" % (W, H)
    assert same(head + ink.tobytes())


def test_maps_keep_the_order_of_colours():
    red = b"P6 2 2 31\n" + bytes([31, 0, 0] * 4)
    assert decode(red)[0, 0].tolist() == [0, 0, 255]
    red = b"P7\nWIDTH 2\nHEIGHT 2\nDEPTH 4\nMAXVAL 31\nTUPLTYPE RGB_ALPHA\nENDHDR\n" + bytes([31, 0, 0, 31] * 4)
    assert decode(red)[0, 0].tolist() == [0, 0, 255, 255]


@pytest.mark.parametrize("data", [pnm(1023)[:-1], text(31)[:-9], pam(31, 3, b"RGB")[:-1], b"P2 9 9 31\n" + b"-1 " * 81])
def test_a_map_that_was_cut_is_an_error(data):
    with pytest.raises(ImageError, match="not-an-image"):
        decode(data)


@pytest.mark.parametrize("data", [b"P5 50000 50000 31\n", b"P2 50000 50000 255\n", b"P7\nWIDTH 50000\nHEIGHT 50000\n"
                                  b"DEPTH 1\nMAXVAL 15\nENDHDR\n"])  # fmt: skip
def test_a_map_that_claims_to_be_huge_is_refused(data):
    with pytest.raises(ImageError, match="too-large"):
        decode(data)


@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("image", [PLAIN, GREY], ids=["colours", "grey"])
def test_avif_of_more_bits(bits, image):
    deep = samples((1 << bits) - 1, image)
    assert same(cv2.imencode(".avif", deep, [cv2.IMWRITE_AVIF_DEPTH, bits])[1].tobytes())


def test_a_dark_avif_is_believed():
    dark = np.full((64, 64, 3), 1000, np.uint16)
    data = cv2.imencode(".avif", dark, [cv2.IMWRITE_AVIF_DEPTH, 12])[1].tobytes()
    assert 60 < decode(data)[9, 9, 0] < 65


@pytest.mark.parametrize("bits", [1, 8, 10, 12, 14, 16])
@pytest.mark.parametrize("form", [".png", ".tiff", ".jp2"])
def test_few_bits_in_samples_of_sixteen(bits, form):
    deep = samples((1 << bits) - 1).astype(np.uint16)
    within = 9 if bits == 1 else 3
    assert (form, bits) == (".jp2", 1) or same(encoded(form, deep), within)
    if form != ".jp2":
        assert same(encoded(form, np.dstack([deep] * 3)), within)
        for opaque in (65_535, (1 << bits) - 1):
            assert same(encoded(form, np.dstack([deep] * 3 + [np.full_like(deep, opaque)])), within)


def test_bits_in_samples_of_eight():
    assert same(encoded(".png", samples(1)), 9)
    assert same(encoded(".tiff", samples(1)), 9)
    dark = encoded(".png", samples(40))
    assert decode(dark).max() == 40  # as it stands: a dark picture
    noise = encoded(".jpg", samples(1))
    assert decode(noise).max() <= 2  # what a lossy format leaves of black is no writing


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("level", [1, 900])
def test_dark_ink_on_nothing_stays_dark(kind, level):
    """Its highest sample is no paper's."""
    ink = np.full((9, 9, 4), min(level, 40) if kind == np.uint8 else level, kind)
    ink[:, 3:, 3] = np.iinfo(kind).max
    assert decode(encoded(".png", ink))[:, :, :3].max() <= 40


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_full_samples_are_not_stretched(bits):
    """Highest samples a quarter of the range or more are a matter of light."""
    image = np.full((9, 9), 17_000, np.uint16)
    image[0] = 0
    assert decode(with_chunk(encoded(".png", image), b"sBIT", bytes([bits]))).max() == 66


def with_chunk(png, kind, content):
    return png[:33] + chunk(kind, content) + png[33:]


def test_significant_bits_of_a_png_are_believed_where_nothing_is_above_them():
    image = np.full((9, 9), 1000, np.uint16)
    assert decode(encoded(".png", image)).max() == 249  # by itself: 10 bits
    assert decode(with_chunk(encoded(".png", image), b"sBIT", b"\x0c")).max() == 62
    assert decode(with_chunk(encoded(".png", np.full((9, 9), 29, np.uint8)), b"sBIT", b"\x05")).max() == 239
    assert decode(with_chunk(encoded(".png", np.full((9, 9), 200, np.uint8)), b"sBIT", b"\x05")).max() == 200


def highest(most, image):
    """A TIFF with MaxSampleValue."""
    return saved("TIFF", Image.fromarray(image), tiffinfo={281: most})


def test_the_highest_sample_of_a_tiff_is_believed_where_it_is_one_of_a_number_of_bits():
    image = np.full((9, 9), 1000, np.uint16)
    assert decode(highest(4095, image)).max() == 62
    assert decode(highest(2000, image)).max() == 249  # a statistic
    assert decode(highest(4095, image * 60)).max() == 233  # exceeded
    assert decode(highest(200, np.full((9, 9), 190, np.uint8))).max() == 190


def test_the_precision_of_a_codestream_is_believed():
    """Coded as 16 bits and then called 12: the decoder adds half of the range."""
    deep = samples(4095).astype(np.uint16)
    data = bytearray(cv2.imencode(".jp2", deep + 30_720, [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000])[1].tobytes())
    data[data.index(b"\xff\x4f\xff\x51") + 42] = 11
    data[data.index(b"ihdr") + 14] = 11
    assert depth.stated(bytes(data)) == 4095
    assert same(bytes(data))


@pytest.mark.parametrize("image", [GREY, PLAIN, np.dstack([PLAIN, GREY])], ids=["grey", "colours", "opacity"])
def test_eight_bits_are_left_as_they_are(image):
    assert depth.to_uint8(image) is image or (depth.to_uint8(image) == image).all()


def bitmap(bits, masks, words, header=40, compression=3, opacity=0):
    """A BMP of words; ``words`` is [H, W], from the top."""
    masks = struct.pack("<III", *masks) + (struct.pack("<I", opacity) + bytes(header - 56) if header > 40 else b"")
    rows = np.ascontiguousarray(words[::-1].astype(f"<u{bits // 8}")).tobytes()
    at = 14 + 40 + len(masks)
    head = struct.pack("<IiiHHIIiiII", header, W, H, 1, bits, compression, len(rows), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", at + len(rows), 0, 0, at) + head + masks + rows


MASKS = {
    "5-5-5": (16, (0x7C00, 0x3E0, 0x1F)), "5-6-5": (16, (0xF800, 0x7E0, 0x1F)), "4-4-4": (16, (0xF00, 0xF0, 0xF)),
    "8-8-8": (32, (0xFF0000, 0xFF00, 0xFF)), "8-8-8 turned": (32, (0xFF, 0xFF00, 0xFF0000)),
    "8-8-8 above": (32, (0xFF000000, 0xFF0000, 0xFF00)), "10-10-10": (32, (0x3FF00000, 0xFFC00, 0x3FF)),
}  # fmt: skip


@pytest.mark.parametrize("name", MASKS)
@pytest.mark.parametrize("header", [40, 108])
def test_bits_of_a_bitmap(name, header):
    bits, masks = MASKS[name]
    words = np.zeros(GREY.shape, np.uint64)
    for mask in masks:
        low = (mask & -mask).bit_length() - 1
        words |= (GREY.astype(np.uint64) * (mask >> low) // 255) << low
    assert same(bitmap(bits, masks, words, header), 6)


def test_opacity_of_a_bitmap_counts_where_it_is_told_and_not_all_nothing():
    masks, ink = (0xFF0000, 0xFF00, 0xFF), (255 - GREY).astype(np.uint64) << 24
    assert same(bitmap(32, masks, ink, 108, opacity=0xFF000000))
    grey = GREY.astype(np.uint64) * 0x10101
    assert same(bitmap(32, masks, grey, 108, opacity=0xFF000000))
    with pytest.raises(ImageError, match="not-an-image"):
        decode(bitmap(32, masks, grey)[:-1])


def test_four_inks_with_and_without_adobes_mark():
    """Without it 0 is no ink; all paper was black."""
    inks = PIL.convert("CMYK")
    data = saved("JPEG", Image.fromarray(255 - np.asarray(inks), "CMYK"), quality=95)
    at = data.index(b"\xff\xee")
    bare = data[:at] + data[at + 2 + struct.unpack_from(">H", data, at + 2)[0] :]
    assert same(bare)
    assert same(saved("JPEG", inks, quality=95))


NAMED = {
    "JPEG XL": b"\xff\x0a" + bytes(40),
    "JPEG XL ": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(40),
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40),
    "DjVu": b"AT&TFORM" + bytes(40),
    "Photoshop": b"8BPS" + bytes(40),
    "JPEG with 12 bits a sample": FORMATS["jpeg"].replace(b"\xff\xc0\0\x11\x08", b"\xff\xc1\0\x11\x0c"),
    "lossless JPEG": FORMATS["jpeg"].replace(b"\xff\xc0\0\x11", b"\xff\xc3\0\x11"),
    "JPEG 2000 of grey with opacity": saved("JPEG2000", PIL.convert("LA")),
    "BMP with 2 bits a pixel": FORMATS["bmp"][:28] + b"\2\0" + FORMATS["bmp"][30:],
}


@pytest.mark.parametrize("name", NAMED)
def test_what_is_known_and_not_read_is_named(name):
    with pytest.raises(ImageError, match=rf"^not-an-image: {name.strip()}, which is not read; convert it$"):
        decode(NAMED[name])


HEADS = (
    b"P5", b"P2 3 3 9\n", b"P3", b"P6 2 2 4095\n", b"P7\n", b"P7\nWIDTH 2\nHEIGHT 2\nDEPTH 2\nMAXVAL 9\nENDHDR\n",
    b"BM", bitmap(16, (0xF00, 0xF0, 0xF), GREY)[:66], b"\x89PNG\r\n\x1a\n", b"\xff\x4f\xff\x51", b"\xff\xd8", b"II*\0",
    b"",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(HEADS), st.one_of(st.binary(max_size=120), st.text("\n #P7 1\r").map(str.encode)))
def test_no_bytes_make_headers_raise(head, rest):
    data = head + rest
    assert depth.stated(data) >= 0
    kinds.name(data)
    try:
        assert decode(data, 10_000).dtype == np.uint8
    except ImageError as error:
        assert error.kind in ("empty", "not-an-image", "too-large")


def test_long_headers_take_no_time():
    for data in (
        b"P5" + b" " * 60_000 + b"x",
        b"P7" + b"\n" * 60_000,
        b"P2" + b"#\n" * 30_000,
        b"P7\n" + b"a\n" * 30_000,
    ):
        assert netpbm.header(data) is None


def test_damaged_maps_and_bitmaps_are_pictures_or_errors():
    whole = (pnm(1023), text(31), pam(15, 2, b"GRAYSCALE_ALPHA"), bitmap(32, MASKS["10-10-10"][1], GREY))
    for data in (broken for content in whole for broken in damaged(content, 100)):
        try:
            assert decode(data, 1_000_000).dtype == np.uint8
        except ImageError as error:
            assert error.kind in ("empty", "not-an-image", "too-large")
