"""What never comes to an end: reads that hang, truly; and what only seems so, since the process was stopped."""

import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import contextmanager

import pytest

from multirec import ExitCode
from multirec.errors import BusyError, StalledError
from multirec.inputs.discover import discover
from multirec.inputs.reading import IDLE, read_ahead
from multirec.outputs.claim import Claim
from multirec.patience import awaited, within
from multirec.sources import Opening, Page, Source
from tests.conftest import SAMPLES

SIGN = str(SAMPLES / "sign.png")


@contextmanager
def hanging(path):
    """A file that nobody can open: a lease on it is not given back, until the kernel takes it (45 s)."""
    shutil.copy(SIGN, path)
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except OSError as error:
        os.close(descriptor)
        pytest.skip(f"this file system knows no leases: {error.strerror}")
    try:
        yield str(path)
    finally:
        os.close(descriptor)
        signal.signal(signal.SIGIO, before)


@contextmanager
def dead_mount(folder):
    """A file system whose server does not answer, as a network drive's that is gone: FUSE, and nobody reads."""
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    server = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={server},rootmode=40000,user_id=0,group_id=0".encode()
    if libc.mount(b"dead", os.fsencode(folder), b"fuse", 0, options):
        os.close(server)
        pytest.skip(f"mounting is not allowed here: {os.strerror(ctypes.get_errno())}")
    try:
        yield folder
    finally:
        os.close(server)  # whoever waits is told that nobody will answer
        subprocess.run(["umount", "-l", folder], check=False)


needs_fuse = pytest.mark.skipif(
    os.geteuid() != 0 or not os.path.exists("/dev/fuse"), reason="a file system that hangs needs root and FUSE"
)


def pictures(paths, patience, threads=2, **more):
    given = read_ahead(map(Source, paths), threads, 16, patience=patience, **more)
    return [item for item in given if item is not IDLE]


def test_a_file_whose_reading_hangs_is_a_row_and_the_others_are_read(tmp_path):
    with hanging(tmp_path / "hangs.png") as path:
        first, hung, *rest = pictures([SIGN, path, SIGN, SIGN, SIGN], patience=2)
    assert (hung.path, hung.error) == (path, "unreadable: not read within 2 s")
    assert [p.error for p in (first, *rest)] == [""] * 4


def test_those_before_it_are_not_held_back(tmp_path):
    with hanging(tmp_path / "hangs.png") as path:
        given = read_ahead(map(Source, [SIGN, path]), 2, 16)
        assert next(given).path == SIGN
        assert next(given) is IDLE  # the caller's turn
        given.close()


def test_more_files_hang_than_there_are_threads(tmp_path):
    release = threading.Event()

    def source(at):
        return Source(f"{at}", content=lambda limits: release.wait(60) and b"") if at in (1, 2, 4) else Source(SIGN)

    try:
        got = [p for p in read_ahead(map(source, range(6)), 2, 16, patience=2) if p is not IDLE]
        assert [bool(p.error) for p in got] == [False, True, True, False, True, False]
        with pytest.raises(StalledError, match=r"^4: not read within 1 s, nor were 3 others"):
            list(read_ahead((source(at) for at in (1, 2, 4, 4, 4)), 2, 16, patience=1))
    finally:
        release.set()


def test_a_line_that_hangs_is_of_its_page_still():
    release, page = threading.Event(), Page("page.xml", 1)
    try:
        hangs = Source("page.xml#l", content=lambda limits: release.wait(60) and b"", page=page)
        (hung,) = [p for p in read_ahead([hangs], 2, 16, patience=1) if p is not IDLE]
        assert (hung.page, hung.error) == (page, "unreadable: not read within 1 s")
    finally:
        release.set()


@needs_fuse
def test_a_folder_that_does_not_answer_is_a_row(tmp_path):
    for name in ("a.png", "z.png"):
        shutil.copy(SIGN, tmp_path / name)
    with dead_mount(tmp_path / "gone"):
        (tmp_path / "link").symlink_to(tmp_path / "gone" / "folder")
        found = [
            (s.path.removeprefix(f"{tmp_path}/"), s.error)
            for s in discover([str(tmp_path)], opening=Opening(patience=1))
        ]
    reason = "unreadable: no answer for 1 s"
    assert found == [("a.png", ""), ("gone", reason), ("link", reason), ("z.png", "")]


PROGRAM = """
import sys
from multirec import options
from multirec.models import pair as models
from multirec.cli.main import main

patience, breaths = float(sys.argv.pop(1)), int(sys.argv.pop(1))
options.Options.__post_init__ = lambda self: object.__setattr__(self, "patience", patience)
real, calls = models.MultiModel.predict, []

def predict(self, model, pixels):
    calls.append(model)
    if len(calls) > 6:  # the first are the warm-up
        import time
        for _ in range(breaths):
            time.sleep(0.05)
        calls.append(print("breathing", file=sys.stderr, flush=True))
    return real(self, model, pixels)

models.MultiModel.predict = predict
main()
"""
"""The program, with so many seconds of patience, and with models that take a while, of time in which they can run."""


@contextmanager
def started(*arguments, listed=(), patience=600, breaths=0):
    command = [sys.executable, "-c", PROGRAM, str(patience), str(breaths), "predict", *map(os.fspath, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            process.stdin.write("\n".join(map(str, listed)).encode())
            process.stdin.close()
            yield process
        finally:
            process.kill()


def rows(path):
    return path.read_bytes().splitlines()[1:] if path.exists() else []


def until(condition, seconds=120):
    for _ in range(10 * seconds):
        if condition():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.models
def test_a_run_goes_on_behind_a_file_that_hangs(tmp_path):
    out = tmp_path / "out.csv"
    with hanging(tmp_path / "h.png") as path, started("-", "-o", out, listed=[SIGN, path, SIGN], patience=12) as run:
        assert until(lambda: len(rows(tmp_path / "out.csv.part")) == 1)
        assert run.poll() is None
        assert run.wait(timeout=60) == ExitCode.SOME_IMAGES_UNREADABLE
        assert b"1 errors" in run.stderr.read()
    first, hung, last = rows(out)
    assert first == last
    assert hung.endswith(b"unreadable: not read within 12 s")


@pytest.mark.models
def test_sigterm_ends_a_run_that_waits_for_a_file(tmp_path):
    out, part = tmp_path / "out.csv", tmp_path / "out.csv.part"
    with hanging(tmp_path / "h.png") as path, started("-", "-o", out, listed=[SIGN, SIGN, path, SIGN]) as run:
        assert until(lambda: len(rows(part)) == 2)
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=20) == ExitCode.TERMINATED
        assert b"stopped by SIGTERM after 2 images; go on with --resume" in run.stderr.read()
    assert len(rows(part)) == 2


@pytest.mark.models
@needs_fuse
def test_a_drive_that_is_gone(tmp_path):
    """Neither the end of the program nor a signal is held up by threads that sit in a system call without end."""
    shutil.copy(SIGN, tmp_path / "a.png")
    out = tmp_path / "out.csv"
    with dead_mount(tmp_path / "gone"):
        with started(tmp_path, "-o", out, patience=8) as process:
            assert until(lambda: len(rows(tmp_path / "out.csv.part")) == 1)
            assert process.wait(timeout=60) == ExitCode.SOME_IMAGES_UNREADABLE
        assert rows(out)[1].endswith(b"unreadable: no answer for 8 s")
        with started("-", "-o", out, listed=[tmp_path / "a.png", tmp_path / "gone" / "b.png"]) as process:
            assert until(lambda: len(rows(tmp_path / "out.csv.part")) == 1)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == ExitCode.TERMINATED


def stopped(process, seconds):
    process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    process.send_signal(signal.SIGCONT)


@pytest.mark.models
def test_a_run_that_was_stopped_for_longer_than_its_patience_goes_on(tmp_path):
    """Ctrl-Z, docker pause, a virtual machine that is moved: the models had no time to answer."""
    with started(SIGN, SIGN, "-b", "1", patience=5, breaths=60) as process:
        assert any(b"breathing" in line for line in process.stderr)
        stopped(process, 7)
        said, out = process.stderr.read(), process.stdout.read()
        assert process.wait(timeout=60) == ExitCode.OK, said
    assert out.count(b"\n") == 3


WAITS = """
import threading, time
from concurrent.futures import Future
from multirec.patience import awaited

future = Future()
def work():
    for _ in range(30):
        time.sleep(0.05)
    future.set_result(None)
threading.Thread(target=work).start()
print("begun", flush=True)
print(awaited(future, 3))
"""


def test_time_in_which_a_process_is_stopped_is_not_counted():
    with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"begun\n"
        stopped(process, 4)
        assert process.communicate(timeout=60)[0] == b"True\n"


def test_a_claim_waits_no_less_for_having_been_stopped(tmp_path):
    """Both runs were: the one that is waited for had no time to end."""
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom multirec.outputs.claim import Claim\n"
        "print('begun', flush=True)\nwith Claim(Path(sys.argv[1]), 4): print('mine')\n"
    )
    path = tmp_path / "out.csv"
    with Claim(path):
        process = subprocess.Popen([sys.executable, "-c", program, path], stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"begun\n"
        stopped(process, 5)
        time.sleep(0.5)
    assert process.communicate(timeout=60)[0] == b"mine\n"
    with Claim(path), pytest.raises(BusyError):
        Claim(path, 0.3)


def test_what_does_not_answer_and_what_does():
    assert within(5, lambda a: a + 1, 2) == 3
    with pytest.raises(KeyError):
        within(5, {}.__getitem__, "none")
    with pytest.raises(TimeoutError, match="no answer for 0 s"):
        within(0.1, time.sleep, 2)
    assert not awaited(Future(), 0.1)
