"""Everything that may lie in a folder of images, through the program, in one run."""

import csv
import io
import os

import pytest

from multirec import ExitCode
from multirec.errors import KINDS
from multirec.inputs.reading import read
from multirec.sources import Limits, Source
from tests.conftest import SAMPLES, multirec
from tests.corpus import FORMATS, fill, png

COPIES = 10


@pytest.fixture(scope="module")
def done(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    expected = fill(folder, COPIES)
    return expected, program("predict", ".", "--progress", cwd=folder)


@pytest.fixture(scope="module")
def rows(done):
    text = done[1].stdout.decode("utf-8", "surrogateescape")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_every_file_is_a_row_in_order(done, rows):
    expected, run = done
    assert run.returncode == ExitCode.SOME_IMAGES_UNREADABLE
    assert len(expected) > COPIES * len(FORMATS)
    assert [row["image"] for row in rows] == [f"./{name}" for name in sorted(expected)]


def test_each_is_read_or_says_a_kind_of_error(done, rows):
    texts = set()
    for row in rows:
        want = done[0][row["image"].removeprefix("./")]
        kind = row["error"].partition(": ")[0]
        assert kind in ("", *KINDS), row
        assert want is None or kind == want, row
        assert not (kind and row["text"]), row
        if want == "":
            texts.add(row["text"])
    assert texts == {"HARBOUR OFFICE"}


def test_nothing_is_said_that_could_steer_a_terminal(done):
    """A bar writes a return, and with a width that is known no escapes."""
    said = done[1].stderr.decode()
    assert "errors" in said
    assert "Traceback" not in said
    assert not [c for c in said if not c.isprintable() and c not in "\r\n"]


def test_limits_raised_and_lowered(program, tmp_path):
    """10,001 x 10,000 black pixels, which is more than the default, and a sample, which is smaller.

    OpenCV is told when it is imported: raising its limit takes a start from nothing.
    """
    (tmp_path / "big.png").write_bytes(png(10_001, 10_000, bytes(10_002 * 10_000), colour=0, level=1))
    (tmp_path / "small.png").write_bytes((SAMPLES / "sign.png").read_bytes())

    def errors(*options, start=multirec):
        done = start("predict", ".", "-q", *options, cwd=tmp_path)
        return [line.rpartition(",")[2] for line in done.stdout.decode().splitlines()[1:]]

    assert errors("--max-pixels", "100010000", "--max-bytes", "1M") == ["", ""]
    assert errors("--max-pixels", "1000", "--max-bytes", "64K", start=program) == [
        "too-large: the file has more than 65536 bytes; raise --max-bytes",
        "too-large: more than 1000 pixels; raise --max-pixels",
    ]


def test_a_file_that_grows_beyond_the_limit_while_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(bytes(100))
    real = os.stat

    def stat(name, *args, **kwargs):
        found = real(name, *args, **kwargs)
        with path.open("ab") as file:
            file.write(bytes(100))
        return found

    monkeypatch.setattr(os, "stat", stat)
    assert read(0, Source(str(path)), Limits(bytes=100)).error.startswith("too-large: the file has more than 100 bytes")
    assert read(0, Source(str(path)), Limits(bytes=1000)).error.startswith("not-an-image: ")


def test_a_file_that_may_not_be_read(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes((SAMPLES / "sign.png").read_bytes())
    path.chmod(0)
    before = os.geteuid()
    if before == 0:  # root may read everything
        os.seteuid(65534)
    try:
        assert read(0, Source(str(path))).error == "unreadable: Permission denied"
    finally:
        os.seteuid(before)
