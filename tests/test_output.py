import csv
import io
import os
import stat
import tty
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multirec import OutputError, Result
from multirec.outputs.files import File, Stream, aside, behind_links
from multirec.outputs.formats import COLUMNS
from tests.conftest import as_csv

anything = st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))


def parsed(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8", "surrogateescape"), newline=""), strict=True))


@given(anything, anything, anything, st.floats(0, 1), st.booleans())
def test_a_csv_reader_gets_back_what_was_written(image, text, other, confidence, agree):
    result = Result(image, text, confidence, ((text, confidence), (other, 0.25)), agree)
    (read,) = parsed(as_csv([result]))
    assert tuple(read) == COLUMNS
    assert (read["image"], read["text"], read["text_363"], read["text_484"]) == (image, text, text, other)
    assert float(read["confidence"]) == pytest.approx(confidence, abs=5e-5)
    assert (read["agree"], read["error"]) == ("true" if agree else "false", "")


@given(st.binary(min_size=1).filter(lambda b: b"\0" not in b))
def test_names_are_written_byte_for_byte(name):
    (read,) = parsed(as_csv([Result(os.fsdecode(name), error="missing: no such file")]))
    assert os.fsencode(read["image"]) == name
    assert read["error"] == "missing: no such file"
    assert read["text"] == read["confidence"] == read["agree"] == ""


def through_a_terminal(data):
    """What a terminal is sent when ``data`` is written to it."""
    controller, terminal = os.openpty()
    tty.setraw(terminal)
    with open(terminal, "wb", buffering=0) as file:
        Stream(file).write(data)
        shown = os.read(controller, 1 << 16)
    os.close(controller)
    return shown.decode()


@given(st.binary(max_size=40))
def test_a_row_on_a_terminal_cannot_steer_it(name):
    shown = through_a_terminal(b"%s,text\n" % name)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Zl", "Zp") and c not in "\t\n"]
    assert shown.endswith(",text\n")


def test_what_a_terminal_shows():
    data = "a\x1b[1m\r\x9b\u202eé日\t\n".encode() + b"\xff\x9b,x\n"
    assert through_a_terminal(data) == "a\\x1b[1m\\r\\x9b\\u202eé日\t\n\\xff\\x9b,x\n"
    out = io.BytesIO()
    Stream(out).write(data)
    assert out.getvalue() == data


def test_a_file_appears_when_it_is_complete(tmp_path):
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    with File(path) as out:
        out.write(b"new\n")
        assert path.read_bytes() == b"old"
        assert (tmp_path / "out.csv.part").read_bytes() == b"new\n"
    assert path.read_bytes() == b"new\n"
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]


def test_a_run_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError), File(path) as out:
        out.write(b"half\n")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert (tmp_path / "out.csv.part").read_bytes() == b"half\n"


def test_what_replaces_a_private_file_is_private(tmp_path):
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    path.chmod(0o600)
    with File(path) as out:
        out.write(b"new\n")
        assert stat.S_IMODE((tmp_path / "out.csv.part").stat().st_mode) == 0o600
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_to_a_file_is_followed(tmp_path):
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    link.symlink_to(real)
    assert behind_links(link) == link  # leads nowhere yet
    real.write_bytes(b"old")
    assert behind_links(link) == real
    assert behind_links(real) == real


def test_what_is_put_aside_replaces_nothing(tmp_path):
    names = []
    for content in ("a", "b", "c"):
        (tmp_path / "x.part").write_text(content)
        names.append(aside(tmp_path / "x.part").name)
    assert names == ["x.part.old", "x.part.old2", "x.part.old3"]
    assert "".join((tmp_path / name).read_text() for name in names) == "abc"


def test_a_full_disk_is_an_output_error():
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OutputError, match="No space"):
        Stream(full).write(b"row\n")


def test_a_file_that_cannot_be_made_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="cannot be created"):
        File(tmp_path / "missing" / "out.csv")
    with pytest.raises(OutputError, match="folder"):
        File(tmp_path)
