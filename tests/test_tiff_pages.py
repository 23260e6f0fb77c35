"""All pages of a TIFF: each is read as a file of it alone would be."""

import io
import os
import random
import struct

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter

from multirec.errors import KINDS
from multirec.inputs.discover import count, discover
from multirec.inputs.locate import Locator
from multirec.inputs.reading import read
from multirec.sources import Limits, Opening, Source
from tests.conftest import SAMPLES
from tests.corpus import PIL, saved
from tests.test_archives import tar_of, zip_of

ALL = Opening(all_pages=True)
SAMPLE = Image.open(SAMPLES / "sign.png").convert("RGB")

PAGES = [
    (SAMPLE, {}), (PIL.convert("L"), {}), (SAMPLE.convert("1"), {"compression": "group4"}), (SAMPLE.convert("P"), {}),
    (SAMPLE.convert("CMYK"), {"compression": "tiff_lzw"}), (SAMPLE, {"resolution": 100, "compression": "jpeg"}),
    (SAMPLE.convert("L"), {"tiffinfo": {281: (255,), 274: 3}}), (SAMPLE, {"x_resolution": 204, "y_resolution": 98}),
    (Image.fromarray(np.asarray(SAMPLE.convert("L")).astype(np.uint16) * 16), {}),
]  # fmt: skip
"""Of every kind, depth, resolution, orientation."""


def several(pages=PAGES):
    file = io.BytesIO()
    with AppendingTiffWriter(file, new=True) as writer:
        for image, how in pages:
            image.save(writer, "TIFF", **how)
            writer.newFrame()
    return file.getvalue()


def found(path, opening=ALL):
    return [(os.path.basename(s.path), read(0, s, opening.limits)) for s in discover([str(path)], opening=opening)]


def test_each_page_is_read_as_a_file_of_its_own(tmp_path):
    path = tmp_path / "scan.TIF"
    path.write_bytes(several())
    pages = found(path)
    assert [name for name, _ in pages] == [f"scan.TIF#{number}" for number in range(1, len(PAGES) + 1)]
    for (_, page), (image, how) in zip(pages, PAGES, strict=True):
        alone = read(0, Source("alone", content=saved("TIFF", image, **how)))
        assert alone.error == "" == page.error
        assert not page.first_of_several
        assert np.array_equal(page.pixels, alone.pixels)
        assert page.span == alone.span
    assert [name for name, _ in found(path, Opening())] == ["scan.TIF"]
    assert count([str(path)], ALL) == len(PAGES)


def test_what_has_one_page_keeps_its_name(tmp_path):
    (tmp_path / "a.tif").write_bytes(saved("TIFF"))
    (tmp_path / "b.png").write_bytes(saved("PNG"))
    (tmp_path / "c.tif").write_bytes(saved("PNG"))
    (tmp_path / "d.tif").write_bytes(b"II*\0")
    (tmp_path / "e.png").write_bytes(several(PAGES[:2]))  # what is in a file counts
    os.mkfifo(tmp_path / "f.tif")
    assert [name for name, _ in found(tmp_path)] == ["a.tif", "b.png", "c.tif", "d.tif", "e.png#1", "e.png#2", "f.tif"]


def chain(order, big, directories):
    """A TIFF of pages of one row of pixels: for each its directory's entries, and which one is said to be the next.

    That is the number of a directory, or a place in the file where there is no such number.
    """
    place, number, entry = ("Q", "Q", "HHQQ") if big else ("I", "H", "HHII")
    sizes = [struct.calcsize("=" + number + entry * len(entries) + place) for entries, _ in directories]
    start = 16 if big else 8
    places = [start + 8 + sum(sizes[:k]) for k in range(len(directories))]
    out = b"II" if order == "<" else b"MM"
    out += struct.pack(order + "HHHQ", 43, 8, 0, places[0]) if big else struct.pack(order + "HI", 42, places[0])
    out += bytes([0, 40, 80, 120, 160, 200, 240, 255])
    for entries, following in directories:
        out += struct.pack(order + number, len(entries))
        for tag, value in entries.items():
            out += struct.pack(order + entry, tag, 16 if big else 4, 1, start if tag == 273 else value)
        following = 0 if following is None else dict(enumerate(places)).get(following, following)
        out += struct.pack(order + place, following)
    return out


ROW = {256: 8, 257: 1, 258: 8, 259: 1, 262: 1, 273: 0, 277: 1, 278: 1, 279: 8}


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("big", [False, True])
def test_orders_of_bytes_and_bigtiff(tmp_path, order, big):
    path = tmp_path / "a.tif"
    path.write_bytes(chain(order, big, [(ROW, 1), (ROW | {256: 4, 279: 4}, 2), (ROW, None)]))
    assert [(name, p.error) for name, p in found(path)] == [("a.tif#1", ""), ("a.tif#2", ""), ("a.tif#3", "")]
    widths = [p.pixels.shape[1] for _, p in found(path)]
    assert widths[0] == widths[2] == 2 * widths[1]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("big", [False, True])
def test_previews_and_masks_are_counted_and_left_out(tmp_path, order, big):
    path = tmp_path / "a.tif"
    path.write_bytes(chain(order, big, [(ROW, 1), ({254: 1} | ROW, 2), ({254: 2} | ROW, 3), ({254: 4} | ROW, None)]))
    assert [name for name, _ in found(path)] == ["a.tif#1", "a.tif#3"]
    path.write_bytes(chain(order, big, [(ROW, 1), ({254: 1} | ROW, None)]))
    assert [name for name, _ in found(path)] == ["a.tif"]


@pytest.mark.parametrize("order", "<>")
def test_where_the_chain_breaks_a_row_says_so(tmp_path, order):
    path = tmp_path / "a.tif"
    for following, said in ((0, "leads back"), (1, "leads back"), (10**6, "not within the file")):
        path.write_bytes(chain(order, False, [(ROW, 1), (ROW, following)]))
        rows = [(name, p.error) for name, p in found(path)]
        assert rows[:2] == [("a.tif#1", ""), ("a.tif#2", "")]
        assert rows[2][0] == "a.tif#3" and said in rows[2][1], rows
        assert len(rows) == 3
    path.write_bytes(chain("<", True, [(ROW, 1), (ROW, (1 << 64) - 1)]))
    assert "not within the file" in found(path)[2][1].error


def test_a_damaged_page_is_a_row_and_the_run_goes_on(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(chain("<", False, [(ROW, 1), (ROW | {259: 34_925}, 2), (ROW, None)]))
    rows = [(name, p.error) for name, p in found(path)]
    assert [name for name, _ in rows] == ["a.tif#1", "a.tif#2", "a.tif#3"]
    assert "LZMA" in rows[1][1]
    assert rows[0][1] == rows[2][1] == ""


def test_thousands_of_pages(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(chain("<", False, [(ROW, k + 1) for k in range(2999)] + [(ROW, None)]))
    sources = list(discover([str(path)], opening=ALL))
    assert [s.path for s in sources] == [f"{path}#{k}" for k in range(1, 3001)]
    assert read(0, sources[-1]).error == ""


def test_too_many_pages_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr("multirec.inputs.tiff_pages.MOST", 50)
    path = tmp_path / "a.tif"
    path.write_bytes(chain("<", False, [(ROW, k + 1) for k in range(99)] + [(ROW, None)]))
    rows = found(path)
    assert len(rows) == 51
    assert rows[-1][1].error == "too-large: a TIFF of more than 50 pages"


@pytest.mark.parametrize("kind", ["a.tar", "a.tgz", "a.zip"])
def test_pages_of_a_tiff_in_an_archive(tmp_path, kind):
    members = [("scan.tif", several(PAGES[:3])), ("b.tif", saved("TIFF")), ("c.tif", b"II*\0")]
    data = zip_of(members) if kind == "a.zip" else tar_of(members, "w:gz" if kind == "a.tgz" else "w")
    path = tmp_path / kind
    path.write_bytes(data)
    rows = found(path)
    assert [name for name, _ in rows] == ["scan.tif#1", "scan.tif#2", "scan.tif#3", "b.tif", "c.tif"]
    assert [bool(p.error) for _, p in rows] == [False] * 4 + [True]
    again = read(0, Locator().locate(f"{path}/scan.tif#2"))
    assert np.array_equal(again.pixels, rows[1][1].pixels)
    assert read(0, Locator().locate(f"{path}/scan.tif")).first_of_several


def test_pages_of_a_tiff_in_a_table(tmp_path):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = str(tmp_path / "a.parquet")
    parquet.write_table(arrow.table({"image": [saved("TIFF"), several(PAGES[:2]), several(PAGES[:3])]}), path)
    order = [f"{path}#0", *(f"{path}#{row}#{page + 1}" for row in (1, 2) for page in range(row + 1))]
    assert [source.path for source in discover([path], opening=ALL)] == order
    locator = Locator(ALL)
    for name in (*order, *reversed(order), f"{path}#1"):
        assert read(0, locator.locate(name)).path == name and not locator.locate(name).error
    assert locator.locate(f"{path}#1#3").error.startswith("missing: ")


def test_pages_of_a_tiff_in_memory():
    sources = list(discover([Source("x", content=several(PAGES[:2])), Source("y", content=saved("TIFF"))], opening=ALL))
    assert [s.path for s in sources] == ["x#1", "x#2", "y"]
    assert [read(0, s).error for s in sources] == [""] * 3


def test_damage_of_any_kind_is_rows(tmp_path):
    rng = random.Random(5)
    whole = several([(image.resize((40, 10)), how) for image, how in PAGES[:4]])
    path = tmp_path / "a.tif"
    for case in range(max(200, int(os.environ.get("MULTIREC_FUZZ", "0")) // 10)):
        data = bytearray(whole if case % 3 else whole[: rng.randrange(len(whole))])
        for _ in range(rng.randint(1, 8) if data else 0):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
        rows = found(path, Opening(Limits(bytes=10**6, pixels=10**6), all_pages=True))
        assert 1 <= len(rows) < 100
        assert {p.error.partition(":")[0] for _, p in rows} <= {"", *KINDS}
