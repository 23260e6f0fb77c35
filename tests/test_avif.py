"""AVIF's boxes: how a picture is turned and cut, and headers that say nonsense."""

import struct
import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from multirec.inputs import avif
from multirec.inputs.images import decode, line_picture, square, to_line
from multirec.inputs.resolution import pixel_width
from tests.corpus import FORMATS, PLAIN, damaged, saved

EXPECTED = to_line(PLAIN)
H, W = PLAIN.shape[:2]

TURNED = {
    2: cv2.flip(PLAIN, 1), 3: cv2.rotate(PLAIN, cv2.ROTATE_180), 4: cv2.flip(PLAIN, 0),
    5: cv2.transpose(PLAIN), 6: cv2.rotate(PLAIN, cv2.ROTATE_90_COUNTERCLOCKWISE),
    7: cv2.rotate(cv2.transpose(PLAIN), cv2.ROTATE_180), 8: cv2.rotate(PLAIN, cv2.ROTATE_90_CLOCKWISE),
}  # fmt: skip
"""What is stored of the drawing, by the orientation of EXIF that turns it upright."""


def box(kind, *content):
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def with_properties(data, *more):
    """An AVIF with properties added to its picture; where the pixels lie moves with them."""
    kinds = (b"meta", b"ipco", b"ipma", b"iprp", b"iloc")
    meta, ipco, ipma, iprp, iloc = (data.index(kind) - 4 for kind in kinds)
    held = len(list(boxes_in(data, ipco)))
    new = b"".join(box(kind, body) for kind, body in more)
    grown = len(new) + len(more)
    out = bytearray(data)
    for at in (meta, iprp):
        struct.pack_into(">I", out, at, struct.unpack_from(">I", data, at)[0] + grown)
    struct.pack_into(">I", out, ipco, struct.unpack_from(">I", data, ipco)[0] + len(new))
    struct.pack_into(">I", out, ipma, struct.unpack_from(">I", data, ipma)[0] + len(more))
    assert data[ipma + 8 : ipma + 18] == b"\0\0\0\0\0\0\0\1\0\1"  # version 0; one item, the first
    count = data[ipma + 18]
    out[ipma + 18] = count + len(more)
    # iloc of version 0: one item of one part, whose place and length have four bytes each
    assert data[iloc + 8 : iloc + 14] == b"\0\0\0\0\x44\0" and data[iloc + 14 : iloc + 18] == b"\0\1\0\1"
    (place,) = struct.unpack_from(">I", data, iloc + 22)
    struct.pack_into(">I", out, iloc + 22, place + grown)
    behind = ipma + 19 + count
    out[behind:behind] = bytes(0x80 | (held + 1 + k) for k in range(len(more)))
    end = ipco + struct.unpack_from(">I", data, ipco)[0]
    out[end:end] = new
    return bytes(out)


def boxes_in(data, at):
    end = at + struct.unpack_from(">I", data, at)[0]
    at += 8
    while at < end:
        yield at
        at += struct.unpack_from(">I", data, at)[0]


def stored(image):
    return cv2.imencode(".avif", image)[1].tobytes()


def same(data, within=4):
    line = line_picture(data)
    return line.shape == EXPECTED.shape and np.abs(line.astype(int) - EXPECTED).mean() < within


@pytest.mark.parametrize("orientation", TURNED)
def test_an_avif_is_turned_upright_by_its_properties(orientation):
    """Pillow writes the turn of EXIF as irot and imir, and takes it out of EXIF."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved("AVIF", Image.fromarray(TURNED[orientation]), exif=exif)
    assert b"irot" in data or b"imir" in data
    assert same(data)


@pytest.mark.parametrize("orientation", TURNED)
def test_and_not_once_more_by_exif(orientation):
    """libavif writes the same turn twice, in its properties and in EXIF, where it says nothing."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    block = np.frombuffer(exif.tobytes(), np.uint8)
    encoded = cv2.imencodeWithMetadata(".avif", TURNED[orientation], [cv2.IMAGE_METADATA_EXIF], [block])[1]
    data = encoded.tobytes()
    assert b"Exif" in data and (b"irot" in data or b"imir" in data)
    assert same(data)


def test_exif_alone_turns_no_avif():
    exif = Image.Exif()
    exif[0x0112] = 6
    block = np.frombuffer(exif.tobytes(), np.uint8)
    data = cv2.imencodeWithMetadata(".avif", PLAIN, [cv2.IMAGE_METADATA_EXIF], [block])[1].tobytes()
    at = data.index(b"irot") + 4
    assert data[at] == 3
    assert same(data[:at] + b"\0" + data[at + 1 :])


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("mirror", [None, 0, 1])
def test_turns_and_mirrors_apply_in_their_order(quarters, mirror):
    image = np.rot90(PLAIN if mirror is None else cv2.flip(PLAIN, mirror), -quarters)
    more = [(b"irot", bytes([quarters]))] + ([] if mirror is None else [(b"imir", bytes([mirror]))])
    assert same(with_properties(stored(np.ascontiguousarray(image)), *more))


def test_properties_of_another_item_turn_nothing():
    """Those of a picture's thumbnail or opacity, say: the item that is shown is another one."""
    data = with_properties(stored(PLAIN), (b"irot", b"\2"))
    assert [kind for kind, _ in avif.properties(data)][-1] == b"irot"
    at = data.index(b"pitm") + 8
    other = data[:at] + b"\0\7" + data[at + 2 :]
    assert avif.properties(other) == []


def clean(width, height, across=0, down=0, parts=1):
    return b"clap", struct.pack(">IIIIiIiI", width * parts, parts, height * parts, parts, across, 2, down, 2)


def test_the_clean_aperture_is_cut_out():
    framed = cv2.copyMakeBorder(PLAIN, 6, 2, 4, 8, cv2.BORDER_CONSTANT, value=(0, 0, 255))
    assert same(with_properties(stored(framed), clean(W, H, -4, 4)))
    assert decode(with_properties(stored(framed), clean(W, H, -4, 4, parts=3))).shape == PLAIN.shape


@pytest.mark.parametrize("wrong", [clean(W + 1, H), clean(W, H, 1, 0), clean(W, H, 2, 0), clean(0, H), (b"clap", b"")])
def test_one_that_is_not_within_is_none(wrong):
    assert avif.upright(PLAIN, box(b"ftyp")).shape == PLAIN.shape
    assert (avif._clean(PLAIN, wrong[1]) == PLAIN).all()


def test_pixels_that_are_not_square_turn_with_the_picture():
    wide = with_properties(stored(PLAIN), (b"pasp", struct.pack(">II", 2, 1)))
    assert pixel_width(wide) == 2
    assert pixel_width(with_properties(wide, (b"irot", b"\1"))) == 0.5
    assert square(decode(wide), pixel_width(wide)).shape == (H, 2 * W, 3)


def test_bits_are_those_of_the_picture():
    assert avif.bits(stored(PLAIN)) == 8
    for bits in (10, 12):
        data = cv2.imencode(".avif", PLAIN.astype(np.uint16), [cv2.IMWRITE_AVIF_DEPTH, bits])[1].tobytes()
        assert avif.bits(data) == bits
        assert avif.bits(data.replace(b"av1C", b"free")) == bits
        assert avif.bits(data.replace(b"av1C", b"free").replace(b"pixi", b"free")) == 0
    assert avif.bits(FORMATS["png"]) == 0


def head(*properties, ipma=None):
    """The boxes alone of a picture with these properties; ``ipma``, its content."""
    numbers = bytes(range(1, min(len(properties), 100) + 1))
    ipma = b"\0\0\0\0\0\0\0\1\0\1" + bytes([len(numbers)]) + numbers if ipma is None else ipma
    held = box(b"iprp", box(b"ipco", *(box(*one) for one in properties)), box(b"ipma", ipma))
    return box(b"ftyp", b"avif\0\0\0\0") + box(b"meta", bytes(4), box(b"pitm", b"\0\0\0\0\0\1"), held)


def test_wide_numbers_and_sizes():
    ipma = b"\1\0\0\1" + struct.pack(">IIBHIBH", 2, 9, 1, 0x8001, 1, 1, 0x8001)
    data = head((b"irot", b"\1"), ipma=ipma)
    assert avif.properties(data) == [(b"irot", b"\1")]
    long = struct.pack(">I4sQ", 1, b"irot", 17) + b"\3"
    body = data.index(b"irot") - 4
    assert avif.properties(data[:body]) == []
    assert list(avif.boxes(long, 0, len(long))) == [(b"irot", 16, 17)]


def test_headers_that_say_nonsense_end():
    """Boxes of no size, of more than there is, thousands of items and of boxes; numbers of properties that lack."""
    many = struct.pack(">II", 0, 0xFFFFFFFF) + b"\0\2\0" * 300_000
    cases = [
        head((b"irot", b"\1"), ipma=many), head(*[(b"free", b"")] * 100_000, ipma=b"\0\0\0\0\0\0\0\1\0\1\1\x7f"),
        head((b"irot", b"\1"), ipma=b"\0\0\0\0\0\0\0\1\0\1\4\1\0\2\x7f"), head((b"irot", b"")), head((b"imir", b"")),
        box(b"ftyp", b"avif") + struct.pack(">I4s", 0, b"meta"),
        box(b"ftyp", b"avif") + struct.pack(">I4sQ", 1, b"meta", 3),
        box(b"ftyp", b"avif") + struct.pack(">I4s", 7, b"meta") + bytes(30),
    ]  # fmt: skip
    began = time.monotonic()
    for data in cases:
        assert avif.upright(PLAIN, data).ndim == 3
        assert avif.bits(data) == 0
        assert avif.pixel(data) == 0
    assert time.monotonic() - began < 5


def asked(data):
    assert 0 <= avif.bits(data) <= 16
    assert avif.pixel(data) >= 0
    assert avif.upright(PLAIN, data).size <= PLAIN.size
    assert 1 / 3 <= pixel_width(data) <= 3


WHOLE = with_properties(stored(PLAIN), clean(W - 2, H), (b"irot", b"\1"), (b"imir", b"\1"), (b"pasp", bytes(8)))


def test_damaged_headers_never_raise():
    for length in range(0, WHOLE.index(b"mdat") + 8):
        asked(WHOLE[:length])
    for data in damaged(WHOLE, 600):
        asked(data)


@settings(max_examples=400, deadline=None)
@given(st.integers(4, 400), st.binary(max_size=40), st.booleans())
def test_no_bytes_make_it_raise(at, rest, go_on):
    asked(WHOLE[:at] + rest + (WHOLE[at + len(rest) : 500] if go_on else b""))
