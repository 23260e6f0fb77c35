"""The program as people and pipelines run it: real processes, real pipes, the shipped weights.

Where the start itself is tried, or what is open at the start, or a signal, the program is started from nothing; where
options and inputs are, by ``program``.  What both write is compared with what a start from nothing writes.
"""

import csv
import io
import os
import random
import shlex
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from multirec import ExitCode
from multirec.cli.main import main
from multirec.outputs.formats import COLUMNS
from tests.conftest import SAMPLES, multirec


def rows(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8", "surrogateescape"), newline=""), strict=True))


@pytest.fixture(scope="module")
def reference():
    """The samples' CSV, two workers, automatic batches, from a program that is started from nothing."""
    done = multirec("predict", "samples", cwd=SAMPLES.parent)
    assert done.returncode == ExitCode.OK, done.stderr
    return done.stdout


def test_help_and_version_need_no_tensorflow():
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom multirec.cli.main import main\n"
        "for args in (['--help'], ['--version'], ['predict', '--help'], ['predict'], ['predict', '-w', '0', '.']):\n"
        "    CliRunner().invoke(main, args)\n"
        "print([m for m in ('tensorflow', 'cv2', 'keras', 'numpy', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


@pytest.mark.models
def test_one_row_an_image_in_order(reference):
    read = rows(reference)
    assert tuple(read[0]) == COLUMNS
    assert [r["image"] for r in read] == [f"samples/{p.name}" for p in sorted(SAMPLES.glob("*.png"))]
    for row in read:
        assert row["error"] == ""
        assert row["agree"] == ("true" if row["text_363"] == row["text_484"] else "false")
        for column in ("confidence", "confidence_363", "confidence_484"):
            assert 0 <= float(row[column]) <= 1
            assert len(row[column]) == 6


@pytest.mark.parametrize(
    "options", [("-w", "1"), ("-w", "4"), ("-b", "1"), ("-b", "7"), ("-w", "1", "-b", "3"), ("--memory-limit", "64M")]
)
def test_the_csv_is_the_same_for_any_workers_and_batches(program, reference, options):
    done = program("predict", "samples", *options, cwd=SAMPLES.parent)
    assert done.stdout == reference


def test_the_csv_is_the_same_for_any_order(program, reference):
    header, *lines = reference.splitlines(keepends=True)
    paths = [row["image"] for row in rows(reference)]
    order = list(range(len(paths)))
    random.Random(5).shuffle(order)
    listing = "\n".join(paths[i] for i in order).encode()
    done = program("predict", "-", cwd=SAMPLES.parent, stdin=listing)
    shuffled = done.stdout.splitlines(keepends=True)
    assert shuffled[0] == header
    assert shuffled[1:] == [lines[i] for i in order]


def test_a_file_is_written_whole(program, reference, tmp_path):
    out = tmp_path / "out.csv"
    done = program("predict", "samples", "-o", out, cwd=SAMPLES.parent)
    assert (done.returncode, done.stdout) == (ExitCode.OK, b"")
    assert out.read_bytes() == reference
    assert sorted(os.listdir(tmp_path)) == [".out.csv.multirec", "out.csv"]


def test_what_has_no_text_file_is_told(program, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"")
    done = program("predict", ".", "-q", "-f", "txt", cwd=tmp_path)
    assert done.returncode == ExitCode.SOME_IMAGES_UNREADABLE
    assert b"bad.png: empty: " in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad.png"]


def test_standard_output_holds_the_csv_alone(program, reference):
    """Verbose, so that TensorFlow's native log is let through: to standard error, or wherever that leads."""
    done = multirec("predict", "samples", "-v", "--progress", cwd=SAMPLES.parent, env={"TF_CPP_MIN_LOG_LEVEL": "0"})
    assert done.stdout == reference
    assert b"SEnet484" in done.stderr
    silent = program("predict", "samples", "-q", cwd=SAMPLES.parent)
    assert silent.stdout == reference
    assert silent.stderr == b""
    both = subprocess.run(
        f"{sys.executable} -m multirec predict samples -q 2>&1", shell=True, cwd=SAMPLES.parent, capture_output=True
    )
    assert both.stdout == reference


@pytest.mark.models
def test_a_reader_that_goes_away_is_no_fuss(tmp_path):
    """More rows than a pipe holds, and a reader that takes one."""
    listing = tmp_path / "list"
    listing.write_text(f"{SAMPLES / 'sign.png'}\n" * 1500)
    command = f"{sys.executable} -m multirec predict - < {listing} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=300)
    assert done.stdout.splitlines() == [",".join(COLUMNS).encode(), b"141"]
    assert done.stderr == b""


def test_no_image_found(program, tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    done = program("predict", tmp_path)
    assert done.returncode == ExitCode.NO_IMAGES
    assert b"no image found" in done.stderr


@pytest.mark.parametrize(
    "options, said",
    [
        (["--words"], "--format jsonl or parquet, or with --xml-out"),
        (["--words", "-f", "txt"], "--format jsonl or parquet, or with --xml-out"),
        (["--keep-text"], "--keep-text goes with --xml-out"),
        (["--xml-out", SAMPLES / "gt.tsv"], "is a file"),
    ],
)
def test_what_goes_with_documents(options, said):
    done = multirec("predict", SAMPLES, *options)
    assert done.returncode == ExitCode.USAGE
    assert said in done.stderr.decode()


def test_usage(tmp_path):
    for arguments in (
        [],
        [tmp_path / "none"],
        [tmp_path, "-w", "0"],
        [tmp_path, "-b", "many"],
        [tmp_path, "--memory-limit", "x"],
        [tmp_path, "-o", "-q"],
        ["-o", "first of a glob.PNG", tmp_path],
    ):
        done = multirec("predict", *arguments)
        assert done.returncode == ExitCode.USAGE
        assert done.stdout == b""


@pytest.mark.parametrize("arguments", [["predict", "{}"], ["predict", "--{}"], ["predict", ".", "-w", "{}"], ["{}"]])
def test_a_name_in_a_message_cannot_steer_the_terminal(arguments):
    """What a glob may put on the command line."""
    result = CliRunner().invoke(main, [a.format("a\x1b[31m\x9b1m.png") for a in arguments])
    assert result.exit_code == ExitCode.USAGE
    assert "x1b[31m" in result.stderr
    assert all(c.isprintable() or c == "\n" for c in result.stderr)


def test_a_name_in_a_fault_cannot_steer_the_terminal(program, tmp_path):
    folder = tmp_path / "a\x1b[31m\nmultirec: all well\u202e\x9b"
    folder.mkdir()
    out = folder / os.fsdecode(b"\xff.csv")
    out.mkdir()
    for arguments in ([folder], [SAMPLES, "-o", folder / "none" / "x.csv"]):
        done = program("predict", *arguments)
        assert done.returncode in (ExitCode.NO_IMAGES, ExitCode.OUTPUT_NOT_WRITABLE)
        said = done.stderr.decode()
        assert r"\x1b[31m\nmultirec: all well\u202e\x9b" in said
        assert all(c.isprintable() for c in said.removesuffix("\n"))


@pytest.mark.parametrize("option", ["--weights-484", "--language"])
def test_models_are_checked_before_any_image_is_read(program, tmp_path, option):
    damaged = tmp_path / "damaged.npz"
    damaged.write_bytes(b"PK\x03\x04 nothing")
    out = tmp_path / "out.csv"
    done = program("predict", SAMPLES, option, damaged, "-o", out)
    assert done.returncode == ExitCode.MODELS_UNUSABLE
    assert b"damaged.npz" in done.stderr
    assert b"Traceback" not in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == [".out.csv.multirec", "damaged.npz"]


def test_a_language_weight_that_is_no_number_is_wrong_usage():
    done = multirec("predict", SAMPLES, "--language-weight", "nan")
    assert done.returncode == ExitCode.USAGE
    assert b"Traceback" not in done.stderr


def test_output_that_cannot_be_written(program, tmp_path):
    done = program("predict", SAMPLES, "-o", tmp_path / "no" / "out.csv")
    assert done.returncode == ExitCode.OUTPUT_NOT_WRITABLE
    command = f"{shlex.join(program.command)} predict {SAMPLES} > /dev/full"
    done = subprocess.run(["bash", "-c", command], capture_output=True)
    assert done.returncode == ExitCode.OUTPUT_NOT_WRITABLE
    assert b"No space left" in done.stderr
    closed = subprocess.run(["bash", "-c", f"{sys.executable} -m multirec predict {SAMPLES} >&-"], capture_output=True)
    assert closed.returncode == ExitCode.OUTPUT_NOT_WRITABLE


@pytest.mark.models
def test_an_interrupted_run_says_where_its_rows_are(tmp_path):
    """The list stays open, so the run cannot end of itself."""
    out = tmp_path / "out.csv"
    out.write_bytes(b"old")
    process = subprocess.Popen(
        [sys.executable, "-m", "multirec", "predict", "-", "-o", str(out)],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdin.write(os.fsencode(SAMPLES / "sign.png") + b"\n")
    process.stdin.flush()
    partial = tmp_path / "out.csv.part"
    for _ in range(600):
        if partial.exists() and partial.read_bytes().count(b"\n") == 2:
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert b"out.csv.part" in said
    assert b"Traceback" not in said
    assert out.read_bytes() == b"old"
    assert len(rows(partial.read_bytes())) == 1


@pytest.mark.models
def test_standard_input_may_be_closed():
    """Daemons start programs so."""
    command = [sys.executable, "-m", "multirec", "predict", SAMPLES / "sign.png", "-q"]
    done = subprocess.run(["sh", "-c", '"$@" <&-', "sh", *map(os.fspath, command)], capture_output=True, check=False)
    assert done.returncode == ExitCode.OK, done.stderr
    assert done.stdout.count(b"\n") == 2


@pytest.mark.models
def test_keras_settings_of_other_programs_do_not_matter(tmp_path):
    """With such a backend any import of Keras ends in an exception."""
    (tmp_path / "keras.json").write_text('{"backend": "nonsense"}')
    for env in ({"KERAS_BACKEND": "nonsense"}, {"KERAS_HOME": str(tmp_path)}):
        done = multirec("predict", SAMPLES / "sign.png", env=env)
        assert done.returncode == ExitCode.OK, done.stderr
        assert b"HARBOUR OFFICE" in done.stdout
