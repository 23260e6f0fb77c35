"""Runs in parts: what a shard takes and tells, what merging gives back and refuses; then the README's recipes."""

import dataclasses
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from multirec import ExitCode, Result
from multirec.cli.main import main
from multirec.errors import MergeError, OutputError
from multirec.inputs.discover import discover
from multirec.models.processor import processor
from multirec.outputs.claim import Claim
from multirec.outputs.files import File
from multirec.outputs.formats import Csv, JsonLines
from multirec.run.merge import merge
from multirec.run.progress import Tally
from multirec.run.shards import Manifest, Part, Shard, manifest_of
from multirec.sources import Source
from tests.conftest import SAMPLES, Kept, multirec
from tests.test_readme import blocks, commands

IDENTITY = {"multirec": "1", "device": "CPU", "format": "csv", "precision": "float32", "weights of SEnet363": "9 ab"}

NAMES = st.text(alphabet='ab"#,\n\r =é\udcff', min_size=1, max_size=4)


def result(name, row):
    if name.startswith("b"):
        return Result(name, error="missing: no such file")
    return Result(f"{name}#{row}", f"line {row}\n", 0.5, (("a", 0.1), ("b,", 0.2)), False)


def rows(inputs, of_shard=lambda source: True):
    """The results for files of several rows each."""
    return [result(name, row) for name, count in inputs if of_shard(name) for row in range(count)]


def write(path, results, form="csv", header=True):
    with File(path) as file:
        writer = JsonLines(file) if form == "jsonl" else Csv(file, header)
        for one in results:
            writer.write(one)


def make(path, shard, inputs, form="csv", header=True, **identity):
    """A shard's output and manifest, without networks."""
    tally = Tally()
    with Part(shard, path, IDENTITY | {"format": form, "header": header} | identity, tally) as part:
        counts = iter(inputs)

        def sources():
            for name, count in counts:
                if part.takes(name):
                    yield from (Source(f"{name}#{row}") for row in range(count))
                    taken.append((name, count))

        taken = []
        list(part.counted(sources()))
        results = rows(taken)
        for one in results:
            tally.add(one)
        write(path, results, form, header)
    return path


@settings(max_examples=150)
@given(
    st.lists(st.tuples(NAMES, st.sampled_from([1, 1, 1, 0, 2, 3])), min_size=1, max_size=20),
    st.integers(1, 7), st.sampled_from(["csv", "jsonl", "headless"]), st.randoms(use_true_random=False),
)  # fmt: skip
def test_merged_shards_are_one_run(tmp_path_factory, inputs, of, form, random):
    """Whatever the names, also where they come again; whatever the files hold; in whatever order shards are named."""
    folder = tmp_path_factory.mktemp("run")
    form, header = ("csv", False) if form == "headless" else (form, True)
    shards = [make(folder / f"{i}", Shard(i, of), inputs, form, header) for i in range(1, of + 1)]
    random.shuffle(shards)
    write(folder / "whole", rows(inputs), form, header)
    code = merge(shards, str(folder / "merged"), Kept(), quiet=True)
    assert (folder / "merged").read_bytes() == (folder / "whole").read_bytes()
    errors = any(one.error for one in rows(inputs))
    assert code == (ExitCode.SOME_IMAGES_UNREADABLE if errors else ExitCode.OK)

    some = sorted(shards, key=lambda path: int(path.name))[: random.randint(1, of)]
    numbers = {int(path.name) - 1 for path in some}
    there = [pair for place, pair in enumerate(inputs) if place % of in numbers]
    write(folder / "part", rows(there), form, header)
    merge(some, str(folder / "merged"), Kept(), partial=True, quiet=True)
    assert (folder / "merged").read_bytes() == (folder / "part").read_bytes()


def test_each_file_is_of_one_shard(tmp_path):
    """Of folders that cannot be listed, of lists, of files that are not there, the same."""
    shutil.copytree(SAMPLES, tmp_path / "a")
    paths = [str(tmp_path), "none.png", str(tmp_path / "a"), "none.png"]
    every = list(discover(paths))
    parts = [Part(Shard(i, 3), None, {}, Tally()) for i in (1, 2, 3)]
    taken = [list(discover(paths, takes=part.takes)) for part in parts]
    assert taken == [every[0::3], every[1::3], every[2::3]]
    assert {part.files for part in parts} == {len(every)}


@pytest.mark.parametrize(
    ("text", "environment", "shard"),
    [
        ("3/8", {}, "3/8"), ("1/1", {}, "1/1"), ("10/10", {"SLURM_ARRAY_TASK_ID": "1"}, "10/10"),
        ("env", {"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_COUNT": "4", "SLURM_ARRAY_TASK_MIN": "0",
                 "SLURM_ARRAY_TASK_MAX": "3", "SLURM_ARRAY_TASK_STEP": "1"}, "1/4"),
        ("env", {"SLURM_ARRAY_TASK_ID": "14", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "10",
                 "SLURM_ARRAY_TASK_MAX": "14", "SLURM_ARRAY_TASK_STEP": "2"}, "3/3"),
        ("env", {"JOB_COMPLETION_INDEX": "0", "JOB_COMPLETIONS": "8"}, "1/8"),
        ("env", {"JOB_COMPLETION_INDEX": "7", "JOB_COMPLETIONS": "8"}, "8/8"),
    ],
)  # fmt: skip
def test_which_shard_it_is(text, environment, shard):
    assert str(Shard.parse(text, environment)) == shard


SLURM = {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "2", "SLURM_ARRAY_TASK_MIN": "3"}


@pytest.mark.parametrize(
    ("text", "environment", "said"),
    [
        ("0/8", {}, "from 1/8 to 8/8"), ("9/8", {}, "from 1/8"), ("1/0", {}, "no shard 1/0"), ("3", {}, "neither I/N"),
        ("-1/8", {}, "neither I/N"), ("a/b", {}, "neither I/N"), ("", {}, "neither I/N"), ("1/2/3", {}, "neither I/N"),
        ("env", {}, "neither SLURM_ARRAY_TASK_ID"), ("env", SLURM | {"JOB_COMPLETION_INDEX": "1"}, "both"),
        ("env", {"JOB_COMPLETION_INDEX": "1"}, "JOB_COMPLETIONS is not set"),
        ("env", {"JOB_COMPLETION_INDEX": "1", "JOB_COMPLETIONS": "many"}, "'many', no number"),
        ("env", {"JOB_COMPLETION_INDEX": "8", "JOB_COMPLETIONS": "8"}, "no shard 9/8"),
        ("env", {"SLURM_ARRAY_TASK_ID": "1"}, "SLURM_ARRAY_TASK_MIN is not set"),
        ("env", SLURM | {"SLURM_ARRAY_TASK_MAX": "7"}, "gaps"),  # --array=3,7
        ("env", SLURM | {"SLURM_ARRAY_TASK_ID": "4", "SLURM_ARRAY_TASK_STEP": "3"}, "gaps"),
    ],
)  # fmt: skip
def test_what_is_no_shard(monkeypatch, text, environment, said):
    with pytest.raises(ValueError, match=said):
        Shard.parse(text, environment)
    for name in ("SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"):
        monkeypatch.delenv(name, raising=False)
    asked = ["predict", str(SAMPLES), f"--shard={text}", "-o", "x.csv"]
    shown = CliRunner().invoke(main, asked, env=environment, terminal_width=200)
    assert shown.exit_code == ExitCode.USAGE and said in shown.output.replace("\n", " ")


@pytest.mark.parametrize("options", [[], ["-f", "jsonl"], ["-o", "x.csv", "--append"]])
def test_a_shard_needs_a_file_of_its_own(options):
    shown = CliRunner().invoke(main, ["predict", str(SAMPLES), "--shard", "1/2", *options])
    assert shown.exit_code == ExitCode.USAGE and "--shard goes with" in shown.output


INPUTS = [(name, 1) for name in "cdefghijk"]


@pytest.fixture
def three(tmp_path):
    return [make(tmp_path / f"{i}.csv", Shard(i, 3), INPUTS) for i in (1, 2, 3)]


def spoil(path, **change):
    place = manifest_of(path)
    dataclasses.replace(Manifest.load(place), **change).save(place)


def a_row_is_changed(shards):
    shards[1].write_bytes(shards[1].read_bytes().replace(b"line 0", b"line 1", 1))


def cut_short(shards):
    os.truncate(shards[1], 100)


def unfinished(shards):
    manifest_of(shards[1]).unlink()
    shards[1].rename(shards[1].with_name("2.csv.part"))


def no_manifest(shards):
    manifest_of(shards[1]).unlink()


def not_copied(shards):
    shards[1].unlink()


def nothing_there(shards):
    not_copied(shards)
    no_manifest(shards)


def of_another_number(shards):
    make(shards[1], Shard(2, 4), INPUTS)


def another_format(shards):
    make(shards[1], Shard(2, 3), INPUTS, "jsonl")


WRONG = {
    "a row is changed": (a_row_is_changed, "2.csv: its rows are not those that its manifest tells of"),
    "cut short": (cut_short, "2.csv: its rows are not those"),
    "unfinished": (unfinished, "2.csv: its run has not ended: .* --resume"),
    "no manifest": (no_manifest, r"2.csv: no 2.csv.manifest beside it"),
    "rows not copied": (not_copied, "2.csv: not there, only its manifest"),
    "nothing there": (nothing_there, "2.csv: not there$"),
    "one of another number": (of_another_number, "2.csv is one of 4 shards, .*1.csv one of 3"),
    "one missing": (lambda s: s.pop(1), "1 of 3 shards are not there: 2;"),
    "two missing": (lambda s: s.__delitem__(slice(1, None)), "2 of 3 shards are not there: 2 to 3;"),
    "one named twice": (lambda s: s.append(s[1]), "2.csv and .*2.csv are both shard 2 of 3"),
    "one there twice": (lambda s: make(s[2], Shard(2, 3), INPUTS), "2.csv and .*3.csv are both shard 2 of 3"),
    "another format": (another_format, r"2.csv: its rows were made with another format .*\(jsonl, not csv\)"),
    "other weights": (lambda s: make(s[1], Shard(2, 3), INPUTS, **{"weights of SEnet363": "8 cd"}),
                      r"another weights of SEnet363 than those of .*1.csv \(8 cd, not 9 ab\)"),
    "another option": (lambda s: make(s[1], Shard(2, 3), INPUTS, only="01"), r"another only .*\(01, not None\)"),
    "bfloat16": (lambda s: make(s[2], Shard(3, 3), INPUTS, precision="bfloat16"), "give --precision float32 to all"),
    "more inputs": (lambda s: make(s[1], Shard(2, 3), [*INPUTS, ("l", 1)]), r"other inputs .*\(10 files, not 9\)"),
    "another input": (lambda s: make(s[1], Shard(2, 3), [*INPUTS[:-1], ("l", 1)]), "others, as many"),
    "other order": (lambda s: make(s[1], Shard(2, 3), INPUTS[::-1]), "others, as many"),
    "a manifest of the future": (lambda s: manifest_of(s[1]).write_text('{"manifest": 99}'), "no manifest of this ver"),
    "a manifest cut short": (lambda s: os.truncate(manifest_of(s[1]), 90), "2.csv.manifest: cannot be used"),
    "a manifest that lacks something": (lambda s: manifest_of(s[1]).write_text('{"manifest": 1}'), "it is damaged"),
    "counts that do not fit": (lambda s: spoil(s[1], rows=4), "do not go together"),
    "an unknown format": (lambda s: [make(p, Shard(i, 3), INPUTS, "parquet") for i, p in enumerate(s, 1)],
                          "format parquet cannot be merged"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("there", [False, True])
def test_what_is_wrong_is_named_and_nothing_is_written(three, tmp_path, wrong, there):
    act, said = WRONG[wrong]
    out = tmp_path / "all.csv"
    if there:
        out.write_text("of yesterday")
    act(three)
    with pytest.raises(MergeError, match=said):
        merge(three, str(out), Kept())
    assert out.read_text() == "of yesterday" if there else not out.exists()
    stdout = Kept()
    with pytest.raises(MergeError):
        merge(three, "-", stdout)
    assert not stdout.data


def test_an_output_among_the_shards_is_refused(three, tmp_path):
    (tmp_path / "link.csv").symlink_to(three[1])
    before = three[1].read_bytes()
    for out in (three[1], tmp_path / "link.csv"):
        with pytest.raises(MergeError, match="the output is among the shards"):
            merge(three, str(out), Kept())
    assert three[1].read_bytes() == before


@pytest.mark.parametrize("name", ["all.xlsx", "ALL.PARQUET"])
def test_what_is_merged_is_no_workbook(three, name):
    shown = CliRunner().invoke(main, ["merge", *map(str, three), "-o", name])
    assert shown.exit_code == ExitCode.USAGE and "make no ." in shown.output


def test_unlike_machines_are_a_warning(three, tmp_path, capsys):
    spoil(three[0], processor="An Old One")
    make(three[2], Shard(3, 3), INPUTS, device="GPU:0")
    assert merge(three, str(tmp_path / "all.csv"), Kept()) == ExitCode.OK
    said = capsys.readouterr().err
    assert "unlike devices, whose last digits may differ: CPU, GPU:0" in said
    assert "An Old One" in said and "9 rows of 3 shards, 0 errors" in said
    assert merge(three, str(tmp_path / "all.csv"), Kept(), quiet=True) == ExitCode.OK
    assert not capsys.readouterr().err


def test_what_an_interrupted_run_left_of_the_output_is_put_aside(three, tmp_path):
    (tmp_path / "all.csv.part").write_text("rows")
    merge(three, str(tmp_path / "all.csv"), Kept(), quiet=True)
    assert (tmp_path / "all.csv.part.old").read_text() == "rows"
    with Claim(tmp_path / "all.csv"):
        done = multirec("merge", *three, "-o", tmp_path / "all.csv", "--wait", "0.3")
    assert done.returncode == ExitCode.BUSY


def test_a_manifest_is_there_only_when_the_run_is_complete(tmp_path):
    out = tmp_path / "1.csv"
    with pytest.raises(KeyboardInterrupt), Part(Shard(1, 2), out, {}, Tally()):
        write(out, [])
        raise KeyboardInterrupt
    assert not manifest_of(out).exists()
    with pytest.raises(OutputError, match=r"1.csv.manifest: cannot be written"), Part(Shard(1, 2), out, {}, Tally()):
        manifest_of(out).mkdir()


def test_more_shards_than_files_may_be_open(tmp_path):
    """Each is open while all are merged: a limit that can be raised is no hindrance."""
    shards = [make(tmp_path / f"{i}", Shard(i, 100), INPUTS * 20) for i in range(1, 101)]
    write(tmp_path / "whole", rows(INPUTS * 20))
    line = f"ulimit -Sn 64 && exec {sys.executable} -m multirec merge {shlex.join(map(str, shards))} -o all.csv -q"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True)
    assert (done.returncode, done.stderr) == (ExitCode.OK, b"")
    assert (tmp_path / "all.csv").read_bytes() == (tmp_path / "whole").read_bytes()


def test_the_program_says_what_is_wrong(three, tmp_path):
    done = multirec("merge", *three[:2], "-o", tmp_path / "all.csv")
    assert (done.returncode, done.stdout) == (ExitCode.CANNOT_MERGE, b"")
    assert done.stderr == b"multirec: 1 of 3 shards are not there: 3; --partial merges what there is\n"
    done = multirec("merge", *three[:2], "--partial")
    assert done.returncode == ExitCode.OK and done.stdout.count(b"\n") == 13
    assert done.stderr == b"multirec: 6 rows of 2 of 3 shards, 0 errors\n"


def test_the_processor_has_a_name(tmp_path):
    assert processor()
    (tmp_path / "cpuinfo").write_text("processor: 0\nmodel name\t: A B @ 2 GHz\n")
    assert processor(tmp_path / "cpuinfo") == "A B @ 2 GHz"
    assert processor(tmp_path / "none") == os.uname().machine


@pytest.fixture(scope="module")
def desk(program, tmp_path_factory):
    """A folder with `images`, some of them bad, `whole.csv` made of them in one run, and the program in `bin`."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "images" / "more").mkdir(parents=True)
    for k in range(60):
        path = folder / "images" / ("more" if k % 3 else ".") / f"{k:02}.png"
        if k % 29 == 3:
            path.write_bytes(b"broken")
        else:
            path.symlink_to(SAMPLES / ("receipt.png" if k % 7 else "sign.png"))
    done = program("predict", "images", "-o", "whole.csv", "-q", cwd=folder)
    assert done.returncode == ExitCode.SOME_IMAGES_UNREADABLE
    (folder / "bin").mkdir()
    (folder / "bin" / "multirec").write_text(f'#!/bin/sh\nexec {shlex.join(program.command)} "$@"\n')
    (folder / "bin" / "multirec").chmod(0o755)
    return folder


@pytest.fixture
def shell(desk):
    """Runs a command line there, with an empty folder `out`."""
    shutil.rmtree(desk / "out", ignore_errors=True)
    (desk / "out").mkdir()

    def run(line, **environment):
        names = {"PATH": f"{desk}/bin:/usr/bin:/bin", "HOME": str(desk), **environment}
        return subprocess.run(["bash", "-c", line], cwd=desk, capture_output=True, env=names, check=False)

    return run


def merged(desk, shell):
    """Whether the recipe for merging makes `all.csv` of `out`, and with the same bytes as one run."""
    (line,) = (c for c in commands() if c.startswith("multirec merge"))
    (desk / "all.csv").unlink(missing_ok=True)
    done = shell(line)
    assert done.returncode == ExitCode.SOME_IMAGES_UNREADABLE, done.stderr
    return (desk / "all.csv").read_bytes() == (desk / "whole.csv").read_bytes()


@pytest.mark.parametrize("tool", ["xargs", "parallel"])
def test_the_recipe_with(desk, shell, tool):
    if shutil.which(tool) is None:
        pytest.skip(f"not installed: {tool}")
    (line,) = (c for c in commands() if tool in c and "--shard" in c)
    done = shell(line)
    assert done.returncode != 0 and b"Traceback" not in done.stderr  # images are bad
    assert len(list((desk / "out").glob("*.manifest"))) == 4
    assert merged(desk, shell)


def test_the_recipe_for_slurm(desk, shell):
    """A script as a task of an array has it; one task is killed, and started again as Slurm requeues it."""
    (script,) = blocks("bash")
    first, last = map(int, re.search(r"#SBATCH --array=(\d+)-(\d+)", script).groups())
    many = {"SLURM_ARRAY_TASK_MIN": first, "SLURM_ARRAY_TASK_MAX": last, "SLURM_ARRAY_TASK_COUNT": last - first + 1}
    for task in range(first, last + 1):
        names = {name: str(value) for name, value in {**many, "SLURM_ARRAY_TASK_ID": task}.items()}
        done = shell(script, **names)
        assert done.returncode in (ExitCode.OK, ExitCode.SOME_IMAGES_UNREADABLE), done.stderr
        if task == 2:  # killed after some rows
            out = desk / "out" / "2.csv"
            whole = out.read_bytes()
            manifest_of(out).unlink()
            out.rename(out.with_name("2.csv.part"))
            os.truncate(out.with_name("2.csv.part"), len(whole) - 70)
            shell(script, **names)
            assert out.read_bytes() == whole
    assert merged(desk, shell)


def test_the_recipe_for_kubernetes(desk, shell):
    (job,) = blocks("yaml")
    completions = int(re.search(r"completions: (\d+)", job)[1])
    command = re.search(r"args:\n +- (multirec .*)", job)[1]
    assert "command: [sh, -c]" in job and f'{{name: JOB_COMPLETIONS, value: "{completions}"}}' in job
    for index in range(completions):
        names = {"JOB_COMPLETIONS": str(completions), "JOB_COMPLETION_INDEX": str(index)}
        done = shell(f"exec sh -c {shlex.quote(command)}", **names)
        assert (done.returncode, done.stderr) == (0, b"")
    assert merged(desk, shell)


@pytest.mark.models
def test_a_shard_that_is_killed_and_picked_up(program, desk, shell):
    for shard in ("1/3", "2/3", "3/3"):
        arguments = ["predict", "images", "--shard", shard, "-o", f"out/{shard[0]}.csv", "-q", "-b", "1"]
        if shard == "2/3":
            process = subprocess.Popen([sys.executable, "-m", "multirec", *arguments], cwd=desk)
            part = desk / "out" / "2.csv.part"
            while process.poll() is None and not (part.exists() and part.read_bytes().count(b"\n") >= 4):
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
            process.wait()
            with pytest.raises(MergeError, match=r"2.csv: its run has not ended"):
                merge([desk / "out" / f"{i}.csv" for i in (1, 2)], "-", Kept())
            other = program(*arguments, "--resume", "--shard", "3/3", cwd=desk)
            assert other.returncode == ExitCode.CANNOT_RESUME
            assert b"another shard (2/3, now 3/3)" in other.stderr
            arguments.append("--resume")
        assert program(*arguments, cwd=desk).returncode in (ExitCode.OK, ExitCode.SOME_IMAGES_UNREADABLE)
    assert merged(desk, shell)


def test_what_was_merged_goes_on_as_one_run(program, desk, shell):
    for form in ("csv", "jsonl"):
        for shard in ("1/2", "2/2"):
            options = ["--shard", shard, "-f", form, "-o", f"out/{shard[0]}.{form}", "-q"]
            program("predict", "images", *options, cwd=desk)
        program("merge", f"out/2.{form}", f"out/1.{form}", "-o", f"out/all.{form}", cwd=desk)
        before = (desk / "out" / f"all.{form}").read_bytes()
        done = program("predict", "images", "-f", form, "-o", f"out/all.{form}", "--resume", cwd=desk)
        assert b"(58 rows of an earlier run kept)" in done.stderr  # but for two that were bad, which may be mended
        assert (desk / "out" / f"all.{form}").read_bytes() == before
        known = json.loads(manifest_of(desk / "out" / f"1.{form}").read_text())
        assert (known["shard"], known["of"], known["rows"], known["files"]) == (1, 2, 30, 60)
    assert (desk / "out" / "all.csv").read_bytes() == (desk / "whole.csv").read_bytes()


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_shard_of_nothing_is_complete_but_no_inputs_are_none(program, tmp_path, form):
    (tmp_path / "sign.png").symlink_to(SAMPLES / "sign.png")
    (tmp_path / "empty").mkdir()
    for i in (1, 2):
        done = program("predict", "sign.png", "--shard", f"{i}/2", "-f", form, "-o", f"{i}.out", "-q", cwd=tmp_path)
        assert done.returncode == ExitCode.OK
        none = program("predict", "empty", "--shard", f"{i}/2", "-f", form, "-o", f"{i}.none", cwd=tmp_path)
        assert none.returncode == ExitCode.NO_IMAGES and not list(tmp_path.glob("[12].none*"))
    assert program("merge", "1.out", "2.out", cwd=tmp_path).stdout == (tmp_path / "1.out").read_bytes()


def test_text_files_need_no_merging(program, tmp_path):
    shutil.copytree(SAMPLES, tmp_path / "images")
    for i, made in ((1, 5), (2, 10)):
        done = program("predict", "images", "--shard", f"{i}/2", "-f", "txt", "--output-dir", "texts", cwd=tmp_path)
        assert done.returncode == ExitCode.OK
        assert len(list((tmp_path / "texts").rglob("*.txt"))) == made


def test_rows_of_a_shard_stay_where_they_can(program, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    done = program("predict", SAMPLES, "--shard", "1/2", "-o", tmp_path / "fifo")
    assert done.returncode == ExitCode.OUTPUT_NOT_WRITABLE and b"as those of a shard have to" in done.stderr
