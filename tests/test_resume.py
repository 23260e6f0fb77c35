"""Picking up a killed run: property tests on the rows, then real kills of a real run."""

import errno
import fcntl
import io
import itertools
import os
import random
import resource
import shlex
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multirec import ExitCode, Options, OutputError, Result
from multirec.errors import KINDS, BusyError, ResumeError
from multirec.outputs.claim import Claim
from multirec.outputs.formats import LAYOUTS
from multirec.outputs.resume import check_appended, recover, save_dropped
from multirec.run.facts import facts_of
from multirec.run.job import Job, identity
from multirec.sources import Source
from tests.conftest import SAMPLES, as_csv, as_json_lines

LINES = int(os.environ.get("MULTIREC_LINES", "400"))
"""Images of the runs that are killed."""

NAMES = st.text(alphabet='ab",\n\r .é\udcff', min_size=1, max_size=6)


def result(name, error=""):
    if error:
        return Result(name, error=f"{error}: said\nso")
    return Result(name, f'text of "{name}"'.replace("\udcff", "?"), 0.5, (("a", 0.1), ("b,\n", 0.2)), False)


def written(results, form):
    return as_csv(results) if form == "csv" else as_json_lines(results)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["csv", "jsonl"]),
    st.lists(
        st.tuples(NAMES, st.sampled_from(["", "", "", "missing", "not-an-image", "too-large"])),
        unique_by=lambda p: p[0],
    ),
    st.data(),
)
def test_a_run_cut_anywhere_and_picked_up_ends_with_the_same_bytes(tmp_path_factory, form, inputs, data):
    """Cut at any byte; meanwhile files may be added or mended; each round may be cut again."""
    folder = tmp_path_factory.mktemp("run")
    part, rest = folder / "out.part", folder / "out.rest"
    layout = LAYOUTS[form]
    now = {name: result(name, error) for name, error in inputs}
    part.write_bytes(written(list(now.values()), form))
    for _ in range(data.draw(st.integers(1, 3))):
        content = part.read_bytes()
        part.write_bytes(content[: data.draw(st.integers(len(layout.header), len(content)))])
        if data.draw(st.booleans()):
            # An image that was missing is there, and another has come in front.
            now = {"new" * (1 + len(now)): result("new" * (1 + len(now)))} | {
                n: (result(n) if r.error.startswith("missing") else r) for n, r in now.items()
            }
        recovered = recover(part, rest, layout, map(Source, now))
        added = [s.row or written([now[s.path]], form)[len(layout.header) :] for s in recovered.sources]
        with part.open("ab") as file:
            file.writelines(added)
    assert part.read_bytes() == written(list(now.values()), form)


@pytest.mark.parametrize("errors", [("", ""), ("missing", ""), ("", "missing")])
def test_two_pictures_of_one_name_do_not_take_each_others_row(tmp_path, errors):
    """As there may be in a tar; a file of that name twice is the same picture."""
    part, rest = tmp_path / "out.part", tmp_path / "out.rest"
    twice = [Result("x", error=f"{e}: said") if e else replace(result("x"), text=str(k)) for k, e in enumerate(errors)]
    same = [result("y"), result("y")]
    part.write_bytes(as_csv([*twice, *same]))
    sources = map(Source, ["new", "x", "x", "y", "y"])
    rows = [source.row for source in recover(part, rest, LAYOUTS["csv"], sources).sources]
    assert rows == [b"", b"", b"", as_csv(same[:1])[len(LAYOUTS["csv"].header) :], b""]


@given(st.lists(st.booleans(), min_size=1, max_size=20), st.data())
def test_rows_whose_images_are_gone_are_told(tmp_path_factory, gone, data):
    """Also where the run that goes on is killed itself, and picked up once more."""
    folder = tmp_path_factory.mktemp("run")
    part, rest, layout = folder / "out.part", folder / "out.rest", LAYOUTS["csv"]
    rows = {f"{i:02}": result(f"{i:02}") for i in range(len(gone))}
    part.write_bytes(as_csv(list(rows.values())))
    there = [name for name, away in zip(rows, gone, strict=True) if not away]
    for stop in (data.draw(st.integers(0, len(there))), None):
        recovered = recover(part, rest, layout, map(Source, there))
        with part.open("ab") as file:
            file.writelines(source.row for source in itertools.islice(recovered.sources, stop))
    assert part.read_bytes() == as_csv([rows[name] for name in there])
    assert list(recovered.spare) == [name for name in rows if name not in there]
    for _ in range(2):
        save_dropped(folder / "dropped", layout, recovered.spare, part)
    dropped = [rows[name] for name in recovered.spare]
    assert (folder / "dropped").read_bytes() == as_csv(dropped + dropped)


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(0, 3000))
def test_no_row_is_lost_between_part_and_rest(tmp_path_factory, errors, cut):
    """A second kill right after the first resume: every good row is still in one of the files."""
    folder = tmp_path_factory.mktemp("run")
    part, rest = folder / "out.part", folder / "out.rest"
    results = [result(f"{i:03}", "missing" if bad else "") for i, bad in enumerate(errors)]
    layout = LAYOUTS["csv"]
    data = as_csv(results)
    part.write_bytes(data[: max(len(layout.header), cut)])
    whole = list(layout.records(io.BytesIO(part.read_bytes())))[1:]
    good = [record for record in whole if not layout.parse(record).error]
    recover(part, rest, layout, iter(map(Source, (r.image for r in results))))
    left = part.read_bytes() + (rest.read_bytes() if rest.exists() else b"")
    assert all(record in left for record in good)


@pytest.mark.parametrize("content", [b"[1]\n", b"5\n", b'{"image": "a", "error": "x"}\n', b"{}\n", b"{\n"])
def test_other_json_is_no_output_either(tmp_path, content):
    part = tmp_path / "out.part"
    part.write_bytes(content)
    with pytest.raises(ResumeError, match="row 1 makes no sense"):
        recover(part, tmp_path / "rest", LAYOUTS["jsonl"], iter([Source("a")]))
    with pytest.raises(ResumeError, match="does not begin"):
        check_appended(part, LAYOUTS["jsonl"])
    assert part.read_bytes() == content


def test_what_is_no_output_is_left_alone(tmp_path):
    part = tmp_path / "out.part"
    part.write_bytes(b"something,else\n1,2\n")
    with pytest.raises(ResumeError, match="does not begin as an output"):
        recover(part, tmp_path / "rest", LAYOUTS["csv"], iter([]))
    assert part.read_bytes() == b"something,else\n1,2\n"


def test_a_claim_is_for_one(tmp_path):
    path = tmp_path / "out.csv"
    with Claim(path) as claim:
        claim.record({"format": "csv"})
        with pytest.raises(BusyError, match="--wait"):
            Claim(path)
    with Claim(path) as claim:
        claim.check({"format": "csv"})
        with pytest.raises(ResumeError, match=r"another format \(csv, now jsonl\)"):
            claim.check({"format": "jsonl"})


def test_limits_are_part_of_how_rows_were_made(recognizer, tmp_path):
    def known(**limits):
        return identity(Job(("images",), Options(**limits)), facts_of(recognizer))

    with Claim(tmp_path / "out.csv") as claim:
        claim.record(known())
        claim.check(known())
        with pytest.raises(ResumeError, match=r"another max-pixels \(100000000, now 5\): start without --resume"):
            claim.check(known(max_pixels=5))
        with pytest.raises(ResumeError, match="another max-bytes"):
            claim.check(known(max_bytes=5))
        with pytest.raises(ResumeError, match=r"another words \(False, now True\)"):
            claim.check(known(words=True))
        filling = identity(Job(("images",), Options(), xml_out=Path("out")), facts_of(recognizer))
        with pytest.raises(ResumeError, match=r"another xml-out \(None, now out\)"):
            claim.check(filling)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.EPERM])
def test_where_there_are_no_locks_that_is_known(tmp_path, monkeypatch, number):
    """As on network and cluster file systems: two runs cannot be told from one."""

    def refuse(*given):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with Claim(tmp_path / "out.csv") as claim:
        assert claim.unlocked == os.strerror(number)
        claim.record({"format": "csv"})
    with Claim(tmp_path / "out.csv") as claim:
        claim.check({"format": "csv"})


def test_a_lock_that_smb_denies_is_another_runs(tmp_path, monkeypatch):
    def refuse(*given):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(BusyError):
        Claim(tmp_path / "out.csv")


NO_LOCKS = """
import errno, fcntl
from multirec.cli.main import main

def refuse(*given):
    raise OSError(errno.ENOLCK, "No locks available")

fcntl.flock = refuse
main()
"""


@pytest.mark.models
def test_a_run_where_there_are_no_locks_says_so_and_writes_its_rows(tmp_path):
    command = [sys.executable, "-c", NO_LOCKS, "predict", SAMPLES / "sign.png", "-o", tmp_path / "out.csv"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == ExitCode.OK, done.stderr
    assert b"out.csv: no lock can be had there (No locks available)" in done.stderr
    assert (tmp_path / "out.csv").read_bytes().count(b"\n") == 2


def test_no_room_for_how_rows_are_made_is_an_output_error(tmp_path):
    """A file may have no bytes at all: what a full disk or a quota is, too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Claim(tmp_path / "out.csv") as claim:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            with pytest.raises(OutputError, match=r"\.out\.csv\.multirec: cannot be written"):
                claim.record({"format": "csv"})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_limits_may_be_higher_where_errors_are_tried_again(tmp_path):
    limits = frozenset({"max-pixels"})
    with Claim(tmp_path / "out.csv") as claim:
        claim.record({"max-pixels": 100, "format": "csv"})
        claim.check({"max-pixels": 200, "format": "csv"}, limits)
        for other in ({"max-pixels": 50}, {"max-pixels": 200, "format": "jsonl"}, {"max-bytes": 1}):
            with pytest.raises(ResumeError):
                claim.check(other, limits)


def test_all_errors_can_be_tried_again(tmp_path):
    """Also those that are not by themselves, wherever an earlier resumed run has put their rows."""
    kinds = ("", "too-large", "", "missing", "too-large", "")
    results = [result(f"{k}.png", kind) for k, kind in enumerate(kinds)]
    part, rest = tmp_path / "out.part", tmp_path / "out.rest"
    part.write_bytes(as_csv(results))
    recovered = recover(part, rest, LAYOUTS["csv"], iter([Source("new.png"), *(Source(r.image) for r in results)]))
    assert [bool(s.row) for s in recovered.sources] == [False, True, True, True, False, True, True]
    part.write_bytes(as_csv([]))
    again = [Source("new.png"), *(Source(r.image) for r in results)]
    recovered = recover(part, rest, LAYOUTS["csv"], iter(again), frozenset(KINDS))
    assert [bool(s.row) for s in recovered.sources] == [False, True, False, True, False, False, True]


def test_what_was_too_large_is_read_with_higher_limits(program, tmp_path):
    options = ("predict", SAMPLES, "-o", tmp_path / "out.csv")
    done = program(*options, "--max-pixels", "50000")
    assert done.returncode == ExitCode.SOME_IMAGES_UNREADABLE
    left = (tmp_path / "out.csv").read_bytes()
    assert 0 < left.count(b"too-large:") < 10
    assert program(*options, "--resume").returncode == ExitCode.CANNOT_RESUME
    assert (tmp_path / "out.csv").read_bytes() == left
    done = program(*options, "--resume", "--retry-errors")
    assert done.returncode == ExitCode.OK, done.stderr
    assert b"rows of an earlier run kept" in done.stderr
    assert (tmp_path / "out.csv").read_bytes() == program("predict", SAMPLES).stdout
    assert program(*options, "--retry-errors").returncode == ExitCode.USAGE


def test_rows_without_a_header_are_put_together_picked_up_and_added_to(program, tmp_path):
    images = sorted(SAMPLES.glob("*.png"))
    whole = program("predict", *images, "--no-header").stdout
    assert whole == program("predict", *images).stdout.partition(b"\n")[2]
    command = f"printf '%s\\n' {SAMPLES}/*.png | xargs -n 6 {shlex.join(program.command)} predict -q --no-header"
    assert subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout == whole
    options = (*images, "--no-header", "-o", "out.csv")
    assert program("predict", *options[2:], cwd=tmp_path).returncode == ExitCode.OK
    rows = (tmp_path / "out.csv").read_bytes()
    (tmp_path / "out.csv.part").write_bytes(rows[:-10])
    (tmp_path / "out.csv").unlink()
    done = program("predict", *options, "--resume", cwd=tmp_path)
    assert b"(7 rows of an earlier run kept)" in done.stderr
    assert (tmp_path / "out.csv").read_bytes() == whole
    done = program("predict", *images[:1], "--no-header", "--append", "-o", "out.csv", cwd=tmp_path)
    assert (tmp_path / "out.csv").read_bytes() == whole + whole.splitlines(keepends=True)[0]


@pytest.mark.parametrize("header", [True, False])
def test_rows_are_added_to_what_holds_rows_alone(tmp_path, header):
    path, layout = tmp_path / "out.csv", LAYOUTS["csv"]
    layout = layout if header else replace(layout, header=b"")
    good = as_csv([result("a,\n.png"), result("b.png")], header)
    for content in (b"", good, good + b"torn,"):
        path.write_bytes(content)
        check_appended(path, layout)
        assert path.read_bytes() == content.removesuffix(b"torn,")
    for content in (b"image,text\n", b"a,b,c\n", b"no end", b'{"image": "x"}\n', b'"a\n', b"\xff\n"):
        path.write_bytes(content)
        with pytest.raises(ResumeError):
            check_appended(path, layout)
        assert path.read_bytes() == content


def test_a_claim_is_waited_for(tmp_path):
    """Held by a process that is killed: the lock goes with it."""
    path = tmp_path / "out.csv"
    code = "from multirec.outputs.claim import Claim; from pathlib import Path; import sys\n"
    code += "claim = Claim(Path(sys.argv[1])); print(1, flush=True); input()"
    holder = subprocess.Popen([sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    with pytest.raises(BusyError):
        Claim(path, wait=0.3)
    holder.kill()
    with Claim(path, wait=30):
        pass
    holder.communicate()


@pytest.fixture(scope="module")
def many(program, tmp_path_factory):
    """A folder of short lines, some of them bad, and the CSV of an unbroken run."""
    folder = tmp_path_factory.mktemp("many")
    images = [SAMPLES / "sign.png", SAMPLES / "receipt.png"]
    (folder / "images").mkdir()
    for k in range(LINES):
        path = folder / "images" / f"{k:04}.png"
        if k % 57 == 3:
            path.write_bytes(b"broken")
        else:
            path.symlink_to(images[k % 7 == 0])
    done = program("predict", "images", "-o", "whole.csv", "-q", cwd=folder)
    assert done.returncode == ExitCode.SOME_IMAGES_UNREADABLE
    return folder


def start(folder, out, *options):
    """A run that is to be killed: a start from nothing."""
    return subprocess.Popen(
        [sys.executable, "-m", "multirec", "predict", "images", "-o", out, *options],
        cwd=folder, stderr=subprocess.PIPE,
    )  # fmt: skip


def rows_reach(path, count, process):
    """Wait until the file has ``count`` line ends or the process has ended."""
    while process.poll() is None:
        if path.exists() and path.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.02)


def test_killed_at_random_instants_and_picked_up(program, many):
    """MULTIREC_KILLS times SIGKILL, at random rows or while a run starts, several times before a run may end."""
    rng = random.Random(int(os.environ.get("MULTIREC_SEED", "1")))
    left = int(os.environ.get("MULTIREC_KILLS", "3"))
    for run in itertools.count():
        if not left:
            break
        out = f"killed{run}.csv"
        part = many / f"{out}.part"
        for _ in range(min(left, rng.randint(1, 12))):
            process = start(many, out, "--resume")
            if rng.random() < 0.15:
                time.sleep(rng.uniform(0, 3))
            else:
                so_far = part.read_bytes().count(b"\n") if part.exists() else 0
                rows_reach(part, so_far + rng.randint(1, LINES // 6), process)
                time.sleep(rng.uniform(0, 0.05))
            process.kill()
            process.communicate()
            if process.returncode != -signal.SIGKILL:
                break  # it had ended before
            left -= 1
        done = program("predict", "images", "-o", out, "--resume", cwd=many)
        assert done.returncode == ExitCode.SOME_IMAGES_UNREADABLE, done.stderr
        assert (many / out).read_bytes() == (many / "whole.csv").read_bytes()
        assert not part.exists()


@pytest.mark.parametrize(
    ("signum", "code"),
    [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGHUP, ExitCode.HANGUP)],
)
def test_a_signal_finishes_what_is_in_flight(program, many, signum, code):
    out = f"signal{int(signum)}.csv"
    part = many / f"{out}.part"
    process = start(many, out)
    rows_reach(part, 20, process)
    process.send_signal(signum)
    _, said = process.communicate(timeout=120)
    assert process.returncode == code
    assert b"go on with --resume" in said
    assert b"Traceback" not in said
    rows = part.read_bytes()
    assert rows.endswith(b"\n")
    assert (many / "whole.csv").read_bytes().startswith(rows)
    done = program("predict", "images", "-o", out, "--resume", cwd=many)
    assert b"rows of an earlier run kept" in done.stderr
    assert (many / out).read_bytes() == (many / "whole.csv").read_bytes()


def test_a_run_made_in_another_way_is_not_continued(program, many):
    done = program("predict", "images", "-o", "whole.csv", "--resume", "--format", "jsonl", cwd=many)
    assert done.returncode == ExitCode.CANNOT_RESUME
    assert b"another format (csv, now jsonl)" in done.stderr
    done = program("predict", "images", "-o", "whole.csv", "--resume", "--language-weight", "0", cwd=many)
    assert done.returncode == ExitCode.CANNOT_RESUME
    assert b"another language weight" in done.stderr
    (many / "foreign.csv").write_bytes((many / "whole.csv").read_bytes())
    done = program("predict", "images", "-o", "foreign.csv", "--resume", cwd=many)
    assert done.returncode == ExitCode.CANNOT_RESUME
    assert b"not known how its rows were made" in done.stderr


def test_append_and_overlapping_runs(program, many):
    first = sorted(SAMPLES.glob("*.png"))[0]
    with Claim(many / "added.csv"):
        done = program("predict", first, "-o", "added.csv", "--append", cwd=many)
        assert done.returncode == ExitCode.BUSY
    for _ in range(2):
        done = program("predict", first, "-o", "added.csv", "--append", cwd=many)
        assert done.returncode == ExitCode.OK
    header, one, two = (many / "added.csv").read_bytes().splitlines()
    assert header.startswith(b"image,")
    assert one == two
    for content in (b"file,transcription\nx,y\n", b'{"image": "x"}\n'):
        (many / "foreign.csv").write_bytes(content)
        done = program("predict", first, "-o", "foreign.csv", "--append", cwd=many)
        assert done.returncode == ExitCode.CANNOT_RESUME
        assert b"append to another file" in done.stderr
        assert (many / "foreign.csv").read_bytes() == content


def test_rows_that_were_added_are_safe_from_a_resumed_run(program, tmp_path):
    """It would keep those rows only whose images it is given; a row that was torn is not glued to the next."""
    images = sorted(SAMPLES.glob("*.png"))
    for image in images[:2]:
        assert program("predict", image, "-o", "added.csv", "--append", cwd=tmp_path).returncode == ExitCode.OK
    whole = (tmp_path / "added.csv").read_bytes()
    done = program("predict", images[2], "-o", "added.csv", "--resume", cwd=tmp_path)
    assert done.returncode == ExitCode.CANNOT_RESUME
    assert b"rows were added to it by --append" in done.stderr
    assert (tmp_path / "added.csv").read_bytes() == whole
    (tmp_path / "added.csv").write_bytes(whole + whole.splitlines()[1][:20])
    assert program("predict", images[1], "-o", "added.csv", "--append", cwd=tmp_path).returncode == ExitCode.OK
    assert (tmp_path / "added.csv").read_bytes() == whole + whole.splitlines(keepends=True)[2]


def test_a_refused_append_does_not_change_how_rows_are_known_to_be_made(program, tmp_path):
    image = sorted(SAMPLES.glob("*.png"))[0]
    assert program("predict", image, "-o", "out.csv", cwd=tmp_path).returncode == ExitCode.OK
    done = program("predict", image, "-o", "out.csv", "--append", "--format", "jsonl", cwd=tmp_path)
    assert done.returncode == ExitCode.CANNOT_RESUME
    assert program("predict", image, "-o", "out.csv", "--resume", cwd=tmp_path).returncode == ExitCode.OK


@pytest.mark.models
@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="needs to see what another process has open")
@pytest.mark.parametrize("waiting", [True, False])
def test_a_run_can_be_stopped_while_it_waits_or_starts(tmp_path, waiting):
    """The signal comes as soon as the lock file is open: before the lock is had, or before TensorFlow is imported."""
    command = [sys.executable, "-m", "multirec", "predict", SAMPLES, "-o", "out.csv", "--wait", "600"]
    with Claim(tmp_path / ("out.csv" if waiting else "other.csv")):
        process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
        while process.poll() is None and not opened(process.pid, ".out.csv.multirec"):
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM if waiting else signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == (ExitCode.TERMINATED if waiting else ExitCode.INTERRUPTED)
    assert b"after 0 images" in said


def opened(pid, name):
    """Whether a process has a file of that name open."""
    try:
        return any(link.readlink().name == name for link in Path(f"/proc/{pid}/fd").iterdir())
    except FileNotFoundError:  # one was closed meanwhile
        return False


def test_what_an_interrupted_run_left_is_put_aside_by_a_new_one(program, tmp_path):
    first = sorted(SAMPLES.glob("*.png"))[0]
    left = as_csv([Result("x.png", "abc", 0.5, (("abc", 0.5), ("abc", 0.5)), True)])
    (tmp_path / "out.csv.part").write_bytes(left)
    (tmp_path / "out.csv.rest").write_bytes(left)
    done = program("predict", first, "-o", "out.csv", cwd=tmp_path)
    assert done.returncode == ExitCode.OK
    assert b"an interrupted run's rows are now in out.csv.part.old" in done.stderr
    assert (tmp_path / "out.csv.part.old").read_bytes() == left
    assert (tmp_path / "out.csv.rest.old").read_bytes() == left
    assert (tmp_path / "out.csv").read_bytes().count(b"\n") == 2


def test_rows_that_a_resumed_run_leaves_out_are_kept_apart_and_told(program, tmp_path):
    for image in sorted(SAMPLES.glob("*.png"))[:3]:
        (tmp_path / image.name).symlink_to(image)
    assert program("predict", ".", "-o", "out.csv", cwd=tmp_path).returncode == ExitCode.OK
    header, first, second, third = (tmp_path / "out.csv").read_bytes().splitlines(keepends=True)
    (tmp_path / "out.csv").chmod(0o600)
    sorted(tmp_path.glob("*.png"))[1].unlink()
    done = program("predict", ".", "-o", "out.csv", "--resume", cwd=tmp_path)
    assert done.returncode == ExitCode.OK
    assert b"of 1 rows of an earlier run" in done.stderr and b"out.csv.dropped" in done.stderr
    assert (tmp_path / "out.csv").read_bytes() == header + first + third
    assert (tmp_path / "out.csv.dropped").read_bytes() == header + second
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("out.csv", "out.csv.dropped")} == {0o600}


def test_an_empty_list_is_quiet_and_leaves_nothing(program, tmp_path):
    done = program("predict", "-", "-q", "-o", "out.csv", cwd=tmp_path)
    assert done.returncode == ExitCode.NO_IMAGES
    assert done.stderr == b""
    assert not (tmp_path / "out.csv").exists()
    assert not (tmp_path / "out.csv.part").exists()
