"""What several tests need: the program in a process of its own, pictures of lines, the shipped weights."""

import os
import signal
import subprocess
import sys
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


def multirec(*arguments, stdin=b"", cwd=None, env=None, timeout=300):
    """Run the program; give back its CompletedProcess with bytes in stdout and stderr."""
    return subprocess.run(
        [sys.executable, "-m", "multirec", *map(os.fspath, arguments)],
        input=stdin, capture_output=True, cwd=cwd, env={**os.environ, **(env or {})}, timeout=timeout, check=False,
    )  # fmt: skip


class Kept:
    """An output that keeps what is written."""

    def __init__(self):
        self.data = b""

    def write(self, row):
        self.data += row


def as_csv(results, excel=False):
    """The CSV of ``results``, bytes."""
    out = Kept()
    writer = Csv(out, excel)
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
