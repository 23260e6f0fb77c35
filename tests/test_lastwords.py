"""What native code says before it ends the process arrives on standard error; all else that it says does not."""

import os
import resource
import shutil
import signal
import subprocess
import sys

import pytest

from multirec import ExitCode
from multirec.lastwords import words
from tests.conftest import SAMPLES

PROGRAM = """
import ctypes, os, signal, sys
from multirec.stdio import data_only, say

with data_only() as out:
    os.write(2, b"libpng warning: noise\\n" * int(sys.argv[1]))
    os.write(2, b"F0000 env.cc:84] Check failed: no thread could be \\x1b[31mmade\\n")
    os.write(2, b"    @  0x7f04  absl::Flush()\\n")
    out.write(b"data\\n")
    say("of Python")
    exec(sys.argv[2])
"""


def run(ending, noise=1):
    def no_core():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    command = [sys.executable, "-c", PROGRAM, str(noise), ending]
    done = subprocess.run(command, capture_output=True, preexec_fn=no_core, timeout=60, check=False)
    assert done.stdout == b"data\n"
    assert done.stderr.startswith(b"multirec: of Python\n")
    return done.returncode, done.stderr.decode().splitlines()[1:]


@pytest.mark.parametrize(
    ("ending", "signum", "how"),
    [
        ("os.abort()", signal.SIGABRT, "Aborted"),
        ("ctypes.string_at(0)", signal.SIGSEGV, "Segmentation fault"),
        ("os.kill(os.getpid(), signal.SIGILL)", signal.SIGILL, "Illegal instruction"),
        ("os.kill(os.getpid(), signal.SIGBUS)", signal.SIGBUS, "Bus error"),
    ],
)
def test_the_reason_is_on_standard_error(ending, signum, how):
    code, said = run(ending)
    assert code == -signum
    assert said[:3] == [
        f"multirec: ended by native code of a library ({how}), which said:",
        "libpng warning: noise",
        "F0000 env.cc:84] Check failed: no thread could be ?[31mmade",
    ]
    assert said[3].startswith('  File "')
    assert len(said) < 7


def test_only_the_last_of_much_is_kept():
    code, said = run("os.abort()", noise=5000)
    assert code == -signal.SIGABRT
    assert 5 < len(said) < 30
    assert any("Check failed" in line for line in said)


@pytest.mark.parametrize("ending", ["pass", "os._exit(5)", "os.kill(os.getpid(), signal.SIGKILL)", "sys.exit(3)"])
def test_otherwise_nothing_is_said(ending):
    assert run(ending)[1] == []


def test_an_exception_of_python_is_told_once():
    code, said = run("raise KeyError('mine')")
    assert code == 1
    assert said[-1] == "KeyError: 'mine'"
    assert "Check failed" not in "\n".join(said)


def test_where_no_process_can_be_started_native_messages_are_seen():
    """As where a limit is reached: what fails next should be able to say why."""
    _, said = run("pass")
    assert said == []
    code = "import subprocess\nsubprocess.Popen = lambda *a, **k: (_ for _ in ()).throw(BlockingIOError(11, 'no'))\n"
    command = [sys.executable, "-c", code + PROGRAM, "1", "pass"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert b"Check failed" in done.stderr


def test_words():
    assert words(b"noise\n") == ""
    assert words(b"Fatal Python error: Aborted\n\n").startswith("multirec: ended by native code of a library (Aborted)")


FAILING = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
static int started;
int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*what)(void *), void *with) {
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) = dlsym(RTLD_NEXT, "pthread_create");
    return started++ < atoi(getenv("THREADS")) ? real(thread, how, what, with) : EAGAIN;
}
"""


@pytest.mark.models
@pytest.mark.skipif(shutil.which("gcc") is None, reason="to take threads away needs gcc")
def test_a_machine_that_allows_too_few_threads(tmp_path):
    """A container's limit of processes: NumPy's library, TensorFlow and Python each find out in their own way."""
    (tmp_path / "failing.c").write_text(FAILING)
    library = tmp_path / "failing.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, tmp_path / "failing.c", "-ldl"], check=True)
    reasons = {
        -signal.SIGABRT: b"creation via pthread_create() failed",
        ExitCode.SETUP: b"no more threads can be started",
    }
    for threads in (0, 6):  # the second with two processors, where Python is the one that cannot
        done = subprocess.run(
            [sys.executable, "-m", "multirec", "predict", SAMPLES / "sign.png"], capture_output=True, check=False,
            env=os.environ | {"LD_PRELOAD": str(library), "THREADS": str(threads)}, timeout=300,
        )  # fmt: skip
        assert reasons[done.returncode] in done.stderr
        assert b"Traceback" not in done.stderr
