import csv
import errno
import io
import os
import shutil
import stat
import struct
import subprocess
import sys
import tty
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multirec import ExitCode, OutputError, Result
from multirec.outputs import files
from multirec.outputs.files import File, Stream, aside, behind_links, is_mounted_alone, take_place
from multirec.outputs.formats import COLUMNS
from tests.conftest import SAMPLES, as_csv

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


def acl(*entries):
    """An access control list as the kernel has it: version 2, then tag, permissions and id each."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


NOBODY = 0xFFFFFFFF
SHARED = acl((1, 6, NOBODY), (2, 6, 12345), (4, 0, NOBODY), (16, 6, NOBODY), (32, 0, NOBODY))
"""Owner rw, user 12345 rw, group and others nothing; mask rw."""


def set_or_skip(path, name, value):
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        pytest.skip(f"this file system keeps no {name}: {error}")


def test_who_was_let_in_by_a_list_still_is(tmp_path):
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    set_or_skip(path, "system.posix_acl_access", SHARED)
    set_or_skip(path, "user.origin", b"scanner 3")
    mode = path.stat().st_mode
    with File(path) as out:
        out.write(b"new\n")
        assert os.getxattr(out.partial, "system.posix_acl_access") == SHARED
    assert path.read_bytes() == b"new\n"
    assert os.getxattr(path, "system.posix_acl_access") == SHARED
    assert os.getxattr(path, "user.origin") == b"scanner 3"
    assert path.stat().st_mode == mode


def test_who_was_not_let_in_is_not_by_the_folders_default_either(tmp_path):
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    path.chmod(0o640)
    set_or_skip(tmp_path, "system.posix_acl_default", SHARED)
    with File(path) as out:
        out.write(b"new\n")
    assert os.listxattr(path) == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="giving files away needs root")
def test_what_root_replaces_stays_its_owners(tmp_path):
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    path.chmod(0o600)
    os.chown(path, 12345, 23456)
    with File(path) as out:
        out.write(b"new\n")
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12345, 23456, 0o600)


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS])
def test_a_file_system_without_owners_modes_and_attributes(tmp_path, monkeypatch, number):
    def refuse(*given):
        raise OSError(number, os.strerror(number))

    for call in ("fchown", "fchmod", "listxattr", "setxattr"):
        monkeypatch.setattr(os, call, refuse)
    (tmp_path / "out.csv").write_bytes(b"old")
    with File(tmp_path / "out.csv") as out:
        out.write(b"new\n")
    assert (tmp_path / "out.csv").read_bytes() == b"new\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="being somebody else needs root")
def test_a_file_that_can_be_written_and_not_replaced(tmp_path):
    """Another user's, in a folder where everybody may only rename what is theirs, as in /tmp."""
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o1777)
    path = tmp_path / "out.csv"
    path.write_bytes(b"old and longer\n")
    path.chmod(0o666)
    os.seteuid(65534)
    try:
        with File(path) as out:
            out.write(b"new\n")
    finally:
        os.seteuid(0)
    assert path.read_bytes() == b"new\n"
    assert path.stat().st_uid == 0
    assert os.listdir(tmp_path) == ["out.csv"]


def test_a_kill_while_a_file_is_written_in_place_loses_no_row(tmp_path, monkeypatch):
    new, path = tmp_path / "out.csv.part", tmp_path / "out.csv"
    new.write_bytes(b"new\n" * 1000)
    path.write_bytes(b"old\n")

    def refuse(*given):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    def torn(source, target):
        target.write(source.read(500))
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(shutil, "copyfileobj", torn)
        take_place(new, path)
    assert new.read_bytes() == b"new\n" * 1000
    take_place(new, path)
    assert path.read_bytes() == b"new\n" * 1000
    assert not new.exists()


def mounted(command, folder, timeout=300):
    """Run a program where ``lines.csv`` in ``folder`` is a mount of ``host/lines.csv`` by itself, as in a container."""
    (folder / "host").mkdir(exist_ok=True)
    (folder / "host" / "lines.csv").touch()
    (folder / "li\tnes.csv").touch()
    script = 'mount --bind host/lines.csv "$0" && exec "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "li\tnes.csv", *map(os.fspath, command)],
        cwd=folder, capture_output=True, timeout=timeout, check=False,
    )  # fmt: skip
    if b"unshare" in done.stderr or b"mount:" in done.stderr:
        pytest.skip("mounting is not allowed here")
    return done


def test_a_file_that_is_mounted_by_itself_is_refused_before_any_image(tmp_path):
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "lines.csv").write_bytes(b"old\n")
    program = [sys.executable, "-m", "multirec", "predict", SAMPLES, "-o", "li\tnes.csv"]
    done = mounted(program, tmp_path)
    assert done.returncode == ExitCode.OUTPUT_NOT_WRITABLE
    assert b"it is mounted by itself" in done.stderr and b"mount its folder" in done.stderr
    assert (tmp_path / "host" / "lines.csv").read_bytes() == b"old\n"
    assert sorted(os.listdir(tmp_path)) == ["host", "li\tnes.csv"]
    assert not is_mounted_alone(tmp_path / "host" / "lines.csv")


@pytest.mark.models
def test_rows_can_be_added_to_a_file_that_is_mounted_by_itself(tmp_path):
    sign = SAMPLES / "sign.png"
    done = mounted([sys.executable, "-m", "multirec", "predict", sign, "-o", "li\tnes.csv", "--append"], tmp_path)
    assert done.returncode == ExitCode.OK, done.stderr
    assert (tmp_path / "host" / "lines.csv").read_bytes().count(b"\n") == 2


def test_what_is_no_run_is_written_in_place_where_it_is_mounted(tmp_path):
    code = "from multirec.outputs.files import File; from pathlib import Path\nwith File(Path('li\\tnes.csv')) as out: "
    done = mounted([sys.executable, "-c", code + "out.write(b'page')"], tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "host" / "lines.csv").read_bytes() == b"page"


def test_a_link_to_a_file_is_followed(tmp_path):
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    link.symlink_to(real)
    assert behind_links(link) == link  # leads nowhere yet
    real.write_bytes(b"old")
    assert behind_links(link) == real
    assert behind_links(real) == real
    with File(link) as out:
        out.write(b"new\n")
    assert link.is_symlink()
    assert real.read_bytes() == b"new\n"


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


def test_a_disk_that_says_only_later_that_it_is_full_is_an_output_error(tmp_path, monkeypatch):
    """As network file systems do, when what was written is to be on the disk."""

    def refuse(descriptor):
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(files, "SYNC", -1.0)
    monkeypatch.setattr(os, "fsync", refuse)
    words = r"out\.csv\.part: cannot be written: Disk quota exceeded"
    with pytest.raises(OutputError, match=words), File(tmp_path / "out.csv") as file:
        file.write(b"row\n")


def test_a_file_that_cannot_be_made_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="cannot be created"):
        File(tmp_path / "missing" / "out.csv")
    with pytest.raises(OutputError, match="folder"):
        File(tmp_path)
