"""What several tests need: the program in a process of its own, pictures of lines, the shipped weights.

Also which tests need TensorFlow, and what is said at the end of what could not be checked.
"""

import gc
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

from multirec.inputs import images  # noqa: F401  sets limits that OpenCV reads when a test imports it
from multirec.outputs.formats import Csv, JsonLines

# A deadline measures what else the machine is doing.
settings.register_profile("multirec", deadline=None)
settings.load_profile("multirec")

# Where the tests are started in the background these may be ignored, and programs would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

SAMPLES = Path(__file__).parent / "samples"

WITHOUT = "not models"
"""What `make check` selects."""

NEED_MODELS = {"recognizer", "program"}
"""Fixtures that make a test one that needs the networks; other such tests are marked where they stand."""


def pytest_ignore_collect(collection_path, config):
    """Modules that need TensorFlow as a whole are not even imported without it."""
    if config.option.markexpr == WITHOUT and collection_path.suffix == ".py":
        return "\npytestmark = pytest.mark.models\n" in collection_path.read_text(encoding="utf-8") or None
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Modules that are collected import TensorFlow and Keras, which stay: nothing of that is searched for garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_itemcollected(item):
    if NEED_MODELS & set(item.fixturenames):
        item.add_marker(pytest.mark.models)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Files that need models come first, beginning with training and resuming, which take longest.

    Where two files are run at a time, short ones are so left to even out the end.
    """
    files = list(dict.fromkeys(item.path for item in items))
    long = {item.path for item in items if item.get_closest_marker("models")}
    items.sort(key=lambda item: -files.index(item.path) if item.path in long else 1)


def pytest_runtest_teardown(item):
    if item.config.option.markexpr == WITHOUT:
        assert "tensorflow" not in sys.modules, "what loads TensorFlow is to be marked: pytest.mark.models"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter):
    """What could not be checked, once more, as the last lines before the closing one."""
    yield
    skipped = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.getreports("skipped"))
    for reason, tests in skipped.items():
        terminalreporter.write_line(f"NOT CHECKED, {tests} test{'s' if tests > 1 else ''}: {reason}")


def multirec(*arguments, stdin=b"", cwd=None, env=None, timeout=300):
    """Run the program from nothing; give back its CompletedProcess with bytes in stdout and stderr."""
    return subprocess.run(
        [sys.executable, "-m", "multirec", *map(os.fspath, arguments)],
        input=stdin, capture_output=True, cwd=cwd, env={**os.environ, **(env or {})}, timeout=timeout, check=False,
    )  # fmt: skip


def peak_memory():
    """The most memory, in bytes, that this program has had; getrusage would count what started it too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


class Program:
    """The program in a process of its own, forked from one that has imported TensorFlow: see tests/starter.py.

    Not for what is read when TensorFlow and OpenCV are imported: their variables.

    Attributes:
        command: what starts it so in a shell or a process, before its arguments.
    """

    def __init__(self, command):
        self.command = command

    def __call__(self, *arguments, stdin=b"", cwd=None, timeout=300):
        """As ``multirec`` does it."""
        command = [*self.command, *map(os.fspath, arguments)]
        return subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, timeout=timeout, check=False)


@pytest.fixture(scope="session")
def program():
    # The path of a socket is at most 108 bytes long, which those of pytest's folders may be.
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"{folder}/socket")
            listener.listen(64)
            server = subprocess.Popen(
                [sys.executable, "-m", "tests.starter", str(listener.fileno())], cwd=Path(__file__).parents[1],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=[listener.fileno()],
            )  # fmt: skip
        yield Program([sys.executable, "-IS", f"{Path(__file__).parent}/starter.py", f"{folder}/socket"])
        server.communicate(timeout=60)


class Kept:
    """An output that keeps what is written."""

    def __init__(self):
        self.data = b""

    def write(self, row):
        self.data += row


def as_csv(results, header=True):
    """The CSV of ``results``, bytes."""
    out = Kept()
    writer = Csv(out, header)
    for result in results:
        writer.write(result)
    return out.data


def as_json_lines(results):
    """The JSON Lines of ``results``, bytes."""
    out = Kept()
    writer = JsonLines(out)
    for result in results:
        writer.write(result)
    return out.data


@pytest.fixture(scope="session")
def recognizer():
    from multirec import Options, Recognizer

    with Recognizer(Options(workers=2)) as shared:
        yield shared


@pytest.fixture(scope="session")
def labels():
    rows = (SAMPLES / "gt.tsv").read_text(encoding="utf-8").splitlines()
    return dict(row.split("\t") for row in rows)
