"""The machine's own faults, injected where they happen: no row is lost, none ends in silence or in success."""

import io
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from multirec import ExitCode
from multirec.errors import StalledError
from multirec.inputs import reading
from multirec.outputs.formats import LAYOUTS
from multirec.sources import Source
from tests.conftest import SAMPLES

IMAGES = [str(p) for p in sorted(SAMPLES.glob("*.png"))]


@contextmanager
def option(recognizer, name, value):
    before = getattr(recognizer.options, name)
    object.__setattr__(recognizer.options, name, value)
    try:
        yield
    finally:
        object.__setattr__(recognizer.options, name, before)


def test_an_exception_in_a_model_costs_the_line_that_causes_it(recognizer, monkeypatch):
    want = list(recognizer.read(IMAGES * 2))
    (poison,) = (p.pixels for p in reading.read_ahead([Source(IMAGES[3])], 1, 1))
    real = recognizer.models.predict

    def predict(model, pixels):
        width = poison.shape[1]
        if model == 1 and any((row[:, :width] == poison).all() for row in pixels if row.shape[1] >= width):
            raise RuntimeError("injected")
        return real(model, pixels)

    monkeypatch.setattr(recognizer.models, "predict", predict)
    got = list(recognizer.read(IMAGES * 2))
    for path, a, b in zip(IMAGES * 2, want, got, strict=True):
        if path == IMAGES[3]:
            assert b.error == "model: RuntimeError while reading it"
        else:
            assert a == b


def test_a_model_that_hangs_is_named(recognizer, monkeypatch):
    release = threading.Event()
    real = recognizer.models.predict

    def predict(model, pixels):
        if model == 1:
            release.wait(60)
        return real(model, pixels)

    monkeypatch.setattr(recognizer.models, "predict", predict)
    try:
        # Long enough for the other model, whatever else the machine does.
        with option(recognizer, "patience", 3.0), pytest.raises(StalledError, match=r"SEnet484 .*book\.png"):
            list(recognizer.read([SAMPLES / "book.png"]))
    finally:
        release.set()


HANGING = """
import time
from multirec import options
from multirec.models import pair as models
from multirec.cli.main import main

options.Options.__post_init__ = lambda self: object.__setattr__(self, "patience", 10.0)
real, calls = models.MultiModel.predict, []

def predict(self, model, pixels):
    calls.append(model)
    if calls.count(1) > 12:  # the first are the warm-up
        time.sleep(600)
    return real(self, model, pixels)

models.MultiModel.predict = predict
main()
"""


@pytest.mark.models
def test_a_run_whose_model_hangs_ends_and_keeps_its_rows(tmp_path):
    out = tmp_path / "out.csv"
    arguments = ["predict", *IMAGES, *IMAGES, "-b", "1", "-o", out]
    done = subprocess.run([sys.executable, "-c", HANGING, *arguments], capture_output=True, timeout=300, check=False)
    assert done.returncode == ExitCode.FAILURE
    assert b"SEnet484 has not answered for 10 s on 1 lines of" in done.stderr
    assert b".png" in done.stderr
    assert b"Traceback" not in done.stderr
    assert not out.exists()
    header, *records = LAYOUTS["csv"].records(io.BytesIO((tmp_path / "out.csv.part").read_bytes()))
    assert header == LAYOUTS["csv"].header
    rows = [LAYOUTS["csv"].parse(record) for record in records]
    assert len(rows) > 5
    assert [row.image for row in rows] == (IMAGES * 2)[: len(rows)]
    assert not any(row.error for row in rows)


def test_a_fault_in_a_reader_thread_is_a_row(recognizer, monkeypatch):
    real = reading.framed
    calls = iter(range(10_000))

    def framed(*given):
        if next(calls) % 3 == 1:
            raise RuntimeError("injected")
        return real(*given)

    monkeypatch.setattr(reading, "framed", framed)
    results = list(recognizer.read(IMAGES))
    assert [r.image for r in results] == IMAGES
    assert {r.error for r in results} == {"", "not-an-image: RuntimeError while decoding it"}


def test_a_reader_thread_that_is_told_to_end_does_not_end_the_run(recognizer, monkeypatch):
    """No Exception, but what ends a program, and with success at that."""
    monkeypatch.setattr(reading, "framed", lambda *given: sys.exit(0))
    assert [r.error for r in recognizer.read(IMAGES[:2])] == ["not-an-image: SystemExit while decoding it"] * 2


def test_a_read_error_is_a_row(recognizer, tmp_path):
    """A process's own memory is a file whose first page cannot be read: a true EIO."""
    (tmp_path / "a.png").symlink_to("/proc/self/mem")
    shutil.copy(IMAGES[0], tmp_path / "b.png")
    bad, good = recognizer.read([tmp_path])
    assert bad.error == "unreadable: Input/output error"
    assert good.text


def test_a_fault_while_listing_ends_the_run(recognizer):
    for fault in (RuntimeError, GeneratorExit):  # the second is no Exception: its thread could end in silence

        def sources(fault=fault):
            yield Source(IMAGES[0])
            raise fault("the list broke off")

        with pytest.raises(fault, match="broke off"):
            list(recognizer.read_sources(sources()))


def test_a_file_that_vanishes_or_grows_between_the_walk_and_the_read(recognizer, tmp_path):
    for name in ("a.png", "b.png", "c.png"):
        shutil.copy(SAMPLES / "sign.png", tmp_path / name)

    def sources():
        yield Source(str(tmp_path / "a.png"))
        (tmp_path / "b.png").unlink()
        yield Source(str(tmp_path / "b.png"))
        with (tmp_path / "c.png").open("ab") as file:
            file.write(b"more, behind the picture")
        yield Source(str(tmp_path / "c.png"))

    a, b, c = recognizer.read_sources(sources())
    assert (a.error, b.error, c.error) == ("", "missing: no such file", "")
    assert a.text == c.text


@pytest.mark.models
def test_an_output_folder_that_is_removed(tmp_path):
    """The rows go on into the file that is open; that it cannot get its name is said."""
    folder = tmp_path / "out"
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "multirec", "predict", "-", "-o", folder / "out.csv"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stdin.write(os.fsencode(IMAGES[0]) + b"\n")
    process.stdin.flush()
    while not (folder / "out.csv.part").exists() and process.poll() is None:
        time.sleep(0.01)
    shutil.rmtree(folder)
    _, said = process.communicate(timeout=120)
    assert process.returncode == ExitCode.OUTPUT_NOT_WRITABLE
    assert b"cannot be written" in said
    assert b"Traceback" not in said


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_disk_that_is_full(program, tmp_path):
    """A tmpfs of 16 KiB: what fits is there, and the run can be picked up once there is room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        listing = "\n".join(IMAGES * 12).encode()
        done = program("predict", "-", "-o", disk / "out.csv", stdin=listing)
        assert done.returncode == ExitCode.OUTPUT_NOT_WRITABLE
        assert b"No space left" in done.stderr
        assert not (disk / "out.csv").exists()
        subprocess.run(["mount", "-o", "remount,size=1m", disk], check=True)
        done = program("predict", "-", "-o", disk / "out.csv", "--resume", stdin=listing)
        assert done.returncode == ExitCode.OK, done.stderr
        assert b"kept" in done.stderr
        whole = program("predict", "-", stdin=listing)
        assert (disk / "out.csv").read_bytes() == whole.stdout
    finally:
        subprocess.run(["umount", disk], check=False)
