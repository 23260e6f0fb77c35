"""Kinds of TIFF that OpenCV refuses or misreads, whole and damaged."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multirec.inputs import tiff
from multirec.inputs.images import ImageError, decode, line_picture, to_line
from tests.corpus import FORMATS, GREY, PIL, PLAIN, damaged, saved

EXPECTED = to_line(PLAIN)
H, W = GREY.shape
SIZES = {1: "B", 3: "H", 4: "I"}


def file(pixels, order="<", **tags):
    """A TIFF of these strips or tiles (bytes, or a list of them) and tags: t258=[8], of SHORTs, and LONGs."""
    parts = [pixels] if isinstance(pixels, bytes) else pixels
    found = {256: [W], 257: [H], 258: [8], 259: [1], 262: [1], 277: [1]}
    found |= {int(name[1:]): values for name, values in tags.items()}
    places = [8 + sum(map(len, parts[:k])) for k in range(len(parts))]
    where = (324, 325) if 322 in found else (273, 279)
    found |= {where[0]: places, where[1]: [len(part) for part in parts]}
    if 322 not in found:
        found.setdefault(278, [H])
    pixels = b"".join(parts) + bytes(sum(map(len, parts)) % 2)
    behind = 8 + len(pixels) + 2 + 12 * len(found) + 4
    entries, lists = b"", b""
    for tag in sorted(found):
        kind = 4 if tag in (256, 257, 273, 279, 324, 325, 513, 514) else 3
        values = struct.pack(f"{order}{len(found[tag])}{SIZES[kind]}", *found[tag])
        if len(values) > 4:
            lists, values = lists + values, struct.pack(f"{order}I", behind + len(lists))
        entries += struct.pack(f"{order}HHI", tag, kind, len(found[tag])) + values.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8 + len(pixels))
    return head + pixels + struct.pack(f"{order}H", len(found)) + entries + bytes(4) + lists


def packed(values, bits):
    """Rows of samples, [H, N], as bits, highest first, each row from a byte's beginning."""
    ones = (values[:, :, None].astype(np.uint32) >> np.arange(bits)[::-1]) & 1
    return np.packbits(ones.astype(np.uint8).reshape(len(values), -1), axis=1).tobytes()


def deep(bits, image=GREY):
    return (image.astype(np.uint32) * ((1 << bits) - 1) + 127) // 255


def ramp(bits):
    """A palette whose colours run from white to black."""
    levels = [65_535 * k // ((1 << bits) - 1) for k in range(1 << bits)]
    return [*levels[::-1]] * 3


def planes(kind):
    return [(PLAIN[:, :, k].astype(kind) * (257 if kind != "u1" else 1)).tobytes() for k in range(3)]


GREY_ALPHA = np.dstack([np.full_like(GREY, 0), 255 - GREY])
FLIPPED = GREY_ALPHA ^ np.uint8([255, 0])
MORE = np.dstack([PLAIN, GREY * 0, GREY])
HALF = np.dstack([GREY // 2, np.full_like(GREY, 127)])
WORDS = GREY.astype("<u2") * 257
KINDS = {
    **{f"grey {n}": file(packed(deep(n), n), t258=[n]) for n in (2, 3, 4, 5, 6, 7)},
    **{f"white is 0 {n}": file(packed((1 << n) - 1 - deep(n), n), t258=[n], t262=[0]) for n in (2, 4, 10, 12, 14)},
    "white is 0 16": file((65_535 - WORDS).tobytes(), t258=[16], t262=[0]),
    "white is 0 16 big endian": file((65_535 - WORDS).astype(">u2").tobytes(), ">", t258=[16], t262=[0]),
    "white is 0 12 in 16": file((4095 - deep(12)).astype("<u2").tobytes(), t258=[16], t262=[0]),
    "white is 0 32": file((0xFFFFFFFF - GREY.astype("<u4") * 0x1010101).tobytes(), t258=[32], t262=[0]),
    "white is 0 float": file((1 - GREY / 255).astype("<f4").tobytes(), t258=[32], t262=[0], t339=[3]),
    "palette 2": file(packed(3 - deep(2), 2), t258=[2], t262=[3], t320=ramp(2)),
    "palette 4": file(packed(15 - deep(4), 4), t258=[4], t262=[3], t320=ramp(4)),
    "palette 3 in bytes": file(packed(7 - deep(3), 3), t258=[3], t262=[3], t320=[v // 257 for v in ramp(3)]),
    "opacity 8": file(GREY_ALPHA.tobytes(), t258=[8, 8], t277=[2], t338=[2]),
    "opacity 16": file((GREY_ALPHA.astype("<u2") * 257).tobytes(), t258=[16, 16], t277=[2], t338=[2]),
    "opacity 16 big endian": file((GREY_ALPHA.astype(">u2") * 257).tobytes(), ">", t258=[16] * 2, t277=[2], t338=[2]),
    "opacity 8 white is 0": file((FLIPPED).tobytes(), t258=[8] * 2, t262=[0], t277=[2], t338=[2]),
    "opacity float": file((GREY_ALPHA / 255).astype("<f4").tobytes(), t258=[32] * 2, t277=[2], t338=[2], t339=[3, 3]),
    "opacity deflate predictor": file(
        zlib.compress(np.diff(GREY_ALPHA, axis=1, prepend=np.uint8(0)).tobytes()), t258=[8] * 2, t259=[8], t277=[2],
        t317=[2], t338=[2],
    ),
    "opacity in planes": file([part.tobytes() for part in (GREY * 0, 255 - GREY)], t258=[8] * 2, t277=[2], t284=[2],
                              t338=[2]),
    "half float": file((GREY / 255).astype("<f2").tobytes(), t258=[16], t339=[3]),
    "rgb 4": file(packed(deep(4, PLAIN).reshape(H, -1), 4), t258=[4] * 3, t262=[2], t277=[3]),
    "rgb and two more": file(MORE.tobytes(), t258=[8] * 5, t262=[2], t277=[5], t338=[0, 0]),
    "rgb planes 16": file(planes("<u2"), t258=[16] * 3, t262=[2], t277=[3], t284=[2]),
    "cmyk 16": file(np.dstack([WORDS * 0] * 3 + [65_535 - WORDS]).tobytes(), t258=[16] * 4, t262=[5], t277=[4]),
    "cmyk alpha": file(np.dstack([GREY * 0] * 3 + [255 - GREY, GREY * 0 + 255]).tobytes(), t258=[8] * 5, t262=[5],
                       t277=[5], t338=[2]),
    "old-style JPEG": file(saved("JPEG", quality=95), t258=[8] * 3, t259=[6], t262=[6], t277=[3], t513=[8]),
    "12 in 16": file(deep(12).astype("<u2").tobytes(), t258=[16]),
    "12 in 16, said": file(deep(12).astype("<u2").tobytes(), t258=[16], t281=[4095]),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_gives_the_same_line(name):
    line = line_picture(KINDS[name])
    assert line.shape == EXPECTED.shape
    assert np.abs(line.astype(int) - EXPECTED).mean() < 4


def strips(rows, values, bits, compress=bytes):
    return [compress(packed(values[top : top + rows], bits)) for top in range(0, H, rows)]


@pytest.mark.parametrize("bits", [2, 4, 6])
def test_strips_and_compressions(bits):
    whole = tiff.read(KINDS[f"grey {bits}"])
    assert (whole == tiff.read(file(strips(7, deep(bits), bits), t258=[bits], t278=[7]))).all()
    deflated = file(strips(7, deep(bits), bits, zlib.compress), t258=[bits], t259=[8], t278=[7])
    assert (whole == tiff.read(deflated)).all()


@pytest.mark.parametrize(("bits", "samples"), [(4, 1), (8, 2), (16, 2)])
def test_tiles(bits, samples):
    """Of 128 x 16; those at the right and below reach beyond the picture."""
    values = np.zeros((64, 256, samples), np.uint32)
    values[:H, :W] = deep(bits)[:, :, None]
    if samples == 2:
        values[:H, :W, 1] = (1 << bits) - 1
    tiles = []
    for top in range(0, 64, 16):
        for left in range(0, 256, 128):
            tile = values[top : top + 16, left : left + 128].reshape(16, -1)
            tiles.append(packed(tile, bits) if bits < 16 else tile.astype("<u2").tobytes())
    data = file(
        tiles, t258=[bits] * samples, t277=[samples], t322=[128], t323=[16], **({"t338": [2]} if samples > 1 else {})
    )
    assert np.abs(line_picture(data).astype(int) - EXPECTED).mean() < 2


def test_colours_keep_their_order():
    red = np.zeros((H, W, 3), np.uint32)
    red[:, :, 0] = 15
    assert decode(file(packed(red.reshape(H, -1), 4), t258=[4] * 3, t262=[2], t277=[3]))[0, 0].tolist() == [0, 0, 255]
    palette = file(packed(red[:, :, 0] & 3, 2), t258=[2], t262=[3], t320=[0, 0, 0, 65_535] + [0] * 8)
    assert decode(palette)[0, 0].tolist() == [0, 0, 255]


def test_colours_that_hold_their_opacity_are_freed_of_it():
    image = decode(file(HALF.tobytes(), t258=[8] * 2, t277=[2], t338=[1]))
    assert image.shape == (H, W, 4)
    assert np.abs(image[:, :, 0].astype(int) - GREY).max() <= 2


TURNED = {
    "grey 4": (packed(deep(4), 4), {"t258": [4]}),
    "opacity 8": (GREY_ALPHA.tobytes(), {"t258": [8, 8], "t277": [2], "t338": [2]}),
    "old-style JPEG": (
        saved("JPEG", quality=95),
        {"t258": [8] * 3, "t259": [6], "t262": [6], "t277": [3], "t513": [8]},
    ),
}


def test_dark_ink_on_nothing_stays_dark():
    ink = (GREY_ALPHA.astype("<u2") * 257) | np.array([3000, 0], "<u2")
    assert decode(file(ink.tobytes(), t258=[16, 16], t277=[2], t338=[2]))[:, :, 0].max() == 11


@pytest.mark.parametrize("name", TURNED)
def test_they_are_turned_by_their_orientation(name):
    pixels, tags = TURNED[name]
    assert (decode(file(pixels, **tags, t274=[3])) == decode(KINDS[name])[::-1, ::-1]).all()


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"t259": [6]}, "TIFF with old-style JPEG compression"),
        ({"t259": [6], "t513": [9]}, "TIFF with old-style JPEG compression"),
        ({"t259": [50_000]}, "TIFF with Zstandard compression"),
        ({"t259": [34_925]}, "TIFF with LZMA compression"),
        ({"t259": [34_712]}, "TIFF with JPEG 2000 compression"),
        ({"t262": [32_803], "t258": [16]}, "TIFF of a camera's raw samples"),
        ({"t258": [24]}, "TIFF with 24 bits a sample"),
        ({"t258": [2], "t317": [2]}, "TIFF with 2 bits a sample"),
        ({"t258": [4] * 6, "t277": [6], "t259": [34_661]}, "TIFF with JBIG compression"),
    ],
)
def test_what_cannot_be_read_is_named(tags, kind):
    with pytest.raises(ImageError, match=rf"^not-an-image: {kind}, which is not read; convert it$"):
        decode(file(bytes(2 * H * W), **tags))


def test_a_size_that_is_too_large_is_told():
    for tags in ({"t258": [4]}, {"t258": [8, 8], "t277": [2], "t338": [2]}):
        huge = file(bytes(100), t256=[50_000], t257=[50_000], **tags)
        with pytest.raises(ImageError, match=r"^too-large: more than 100000000 pixels"):
            decode(huge)
    with pytest.raises(ImageError, match=r"^too-large: more than 9999 pixels"):
        decode(KINDS["grey 4"], 9999)


def test_what_opencv_reads_well_is_left_to_it():
    for name, data in FORMATS.items():
        assert tiff.read(data) is None, name
        assert not tiff.old_jpeg(data)
    assert tiff.read(saved("TIFF", PIL.convert("LAB"))) is None


def outcome(data):
    try:
        assert decode(data, 1_000_000).dtype == np.uint8
    except ImageError as error:
        assert error.kind in ("empty", "not-an-image", "too-large", "out-of-memory")
        return error.kind
    return "read"


def test_damaged_files_are_pictures_or_errors():
    for data in KINDS.values():
        directory = struct.unpack_from("<I" if data[:1] == b"I" else ">I", data, 4)[0]
        moved = data[:8] + data[directory:] + bytes(50)  # the directory in front, to be hit more often
        for broken in [*damaged(data, 40), *damaged(moved, 20)]:
            outcome(broken)
        for at in range(directory, len(data), 7):
            outcome(data[:at] + bytes([data[at] ^ 0x81]) + data[at + 1 :])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.integers(0, 250), st.binary(min_size=1, max_size=12))
def test_no_directory_makes_it_raise(name, at, rest):
    data = KINDS[name]
    at += struct.unpack_from("<I" if data[:1] == b"I" else ">I", data, 4)[0]
    outcome(data[:at] + rest + data[at + len(rest) :])
