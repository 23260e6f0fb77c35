"""Names of pictures within files: told apart from files' names, and found again."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multirec.inputs import names
from multirec.inputs.discover import discover
from multirec.inputs.holders import opened
from multirec.inputs.locate import OPEN, Locator
from multirec.sources import Source
from tests.conftest import SAMPLES
from tests.test_archives import tar_of, zip_of

SAMPLE = (SAMPLES / "sign.png").read_bytes()


@pytest.fixture
def shards(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.tar").write_bytes(tar_of([(f"d/{k}.png", b"%d" % k) for k in range(20)]))
    (tmp_path / "b.tgz").write_bytes(tar_of([(f"d/{k}.png", b"%d" % k) for k in range(20)], "w:gz"))
    (tmp_path / "c.zip").write_bytes(zip_of([(f"d/{k}.png", b"%d" % k) for k in range(20)]))
    return tmp_path


def test_the_file_that_holds_a_name(shards):
    (shards / "folder.tar").mkdir()
    (shards / "folder.tar" / "x.png").write_bytes(SAMPLE)
    (shards / "folder.tar" / "y.zip").write_bytes(zip_of([]))
    (shards / "real.tif#2").write_bytes(SAMPLE)
    (shards / "real.tif").write_bytes(SAMPLE)
    holders = {
        "a.tar/d/1.png": "a.tar", "./a.tar/none": "./a.tar", str(shards / "c.zip/x"): str(shards / "c.zip"),
        "real.tif#2": "", "real.tif#3": "real.tif", "real.tif#": "", "real.tif#x": "", "a.tar/d/1.tif#2": "a.tar",
        "folder.tar/x.png": "", "folder.tar/z.png": "", "folder.tar/y.zip/1.png": "folder.tar/y.zip",
        "a.tar": "", "none.tar/x": "", "real.tif/x": "", "": "", "a.tar/x\0": "a.tar", "b.tgz/c.zip/1.png": "b.tgz",
        "real.tif#1#2": "", "b.tgz#1#2": "",
    }  # fmt: skip
    assert {name: names.holder(name) for name in holders} == holders


@given(st.text())
def test_any_text_may_be_asked_for(name):
    assert names.holder(name) == ""
    assert Locator().locate(name) == Source(name)


def test_a_file_of_that_name_wins(shards):
    (shards / "real.tif#1").write_bytes(SAMPLE)
    (shards / "real.tif").write_bytes(SAMPLE)
    assert list(discover(["real.tif#1"])) == [Source("real.tif#1")]


def test_names_as_arguments_and_in_lists(shards):
    order = ["b.tgz/d/3.png", "a.tar/d/5.png", "b.tgz/d/4.png", "c.zip/d/19.png", "a.tar/d/2.png", "c.zip/d/0.png"]
    listing = io.BytesIO("\n".join(["a.tar/gone.png", *order]).encode())
    sources = list(discover([*order, "-"], listing))
    assert [s.path for s in sources] == [*order, "a.tar/gone.png", *order]
    assert sources[6].error == "missing: no such picture in a.tar"


def test_in_their_order_a_file_is_walked_through_once(shards, monkeypatch):
    walked = []

    def counted(path, *args, **kwargs):
        walked.append(path)
        return opened(path, *args, **kwargs)

    monkeypatch.setattr("multirec.inputs.locate.opened", counted)
    locator = Locator()
    for k in (0, 1, 7, 19, 3):
        for file in ("a.tar", "b.tgz", "c.zip"):
            assert locator.locate(f"{file}/d/{k}.png").path == f"{file}/d/{k}.png"
    assert len(walked) == 6  # again for the last, which had gone by


def test_a_damaged_file_says_so_where_a_name_is_not_found(shards):
    data = (shards / "b.tgz").read_bytes()
    (shards / "b.tgz").write_bytes(data[: len(data) // 2])
    assert Locator().locate("b.tgz/d/19.png").error.startswith("unreadable: damaged or cut short: ")


def test_files_are_not_kept_open_without_end(shards):
    locator = Locator()
    for k in range(3 * OPEN):
        (shards / f"{k}.tar").write_bytes(tar_of([("x.png", b"x"), ("y.png", b"y")]))
        locator.locate(f"{k}.tar/x.png")
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    assert 0 < len([link for link in links if str(link.resolve()).startswith(str(shards))]) <= OPEN
