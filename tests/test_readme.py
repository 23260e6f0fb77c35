"""The README against the program: its help, exit codes, rows and recipes."""

import csv
import io
import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from multirec import ExitCode, Result
from multirec.cli.main import main
from multirec.errors import KINDS
from tests.conftest import SAMPLES, as_csv

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands():
    """Each line of the README that runs something, without its comment."""
    lines = [line for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")]
    return [re.sub(r"\s{2,}#.*", "", line[2:]) for line in lines]


def test_the_help_is_the_programs(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    shown = CliRunner().invoke(main, ["predict", "--help"], prog_name="multirec").output
    (text,) = blocks("text")
    assert text.strip() == shown.strip()


def test_every_option_and_command_that_is_named_exists():
    known = {o for c in main.commands.values() for p in c.params for o in (*p.opts, *p.secondary_opts)}
    known |= {"--help", "--version", "--psm"}  # the last is Tesseract's
    ours = " ".join(re.findall(r"`([^`]*)`", re.sub(r"```.*?```", "", README, flags=re.DOTALL)))
    ours += " ".join(c for c in commands() if "multirec" in c and "|" not in c)
    for option in re.findall(r"(?<![\w-])--[a-z0-9][a-z0-9-]*", ours):
        assert option in known, option
    for command in re.findall(r"\bmultirec ([a-z]+)\b", " ".join(commands())):
        assert command in main.commands, command


def test_every_command_and_option_is_explained():
    for name, command in main.commands.items():
        assert f"multirec {name}" in README or f"`{name}`" in README, name
        assert command.help
        for param in command.params:
            assert isinstance(param, click.Argument) or getattr(param, "help", None) or param.name == "network", param


def test_exit_codes():
    table = re.findall(r"^\| ([\d, ]+) \|", README.split("## Exit codes")[1].split("## ")[0], re.MULTILINE)
    documented = {int(code) for codes in table for code in codes.split(", ")} | {1}
    assert documented == {int(code) for code in ExitCode}


def test_kinds_of_errors():
    (line,) = re.findall(r"^The kinds of errors: (.*)", README, re.MULTILINE)
    assert tuple(re.findall(r"`([a-z-]+)`", line.replace("`--", ""))) == KINDS


@pytest.mark.models
def test_the_rows_that_are_shown_are_what_comes_out():
    """Texts and agreement, by the installed program; a confidence's last digits may differ on another processor."""
    (shown,) = blocks("csv")
    (line,) = (c for c in commands() if "tests/samples/" in c)
    arguments = shlex.split(line)[1:]
    installed = Path(sys.executable).parent / "multirec"
    done = subprocess.run([installed, *arguments], cwd=SAMPLES.parent.parent, capture_output=True, check=True)
    got = done.stdout.decode()
    digits = re.compile(r"\d\.\d{4}")
    assert digits.sub("#", got) == digits.sub("#", shown)


RECIPES = [c for c in commands() if "scans" in c or "lines.csv" in c or "lines.db" in c]


PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15">
 <Metadata><Creator>test</Creator><Created>2026-01-01T00:00:00</Created><LastChange>2026-01-01T00:00:00</LastChange></Metadata>
 <Page imageFilename="page.png" imageWidth="300" imageHeight="60">
  <TextRegion id="r"><Coords points="0,0 300,0 300,60 0,60"/>
   <TextLine id="l1"><Coords points="0,0 300,0 300,60 0,60"/></TextLine>
  </TextRegion>
 </Page>
</PcGts>
"""


@pytest.fixture(scope="module")
def desk(program, tmp_path_factory):
    """A folder in which the recipes can run: `scans`, `lines.csv` made from it, `pages`, and the program in `bin`."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(SAMPLES, folder / "scans")
    shutil.copy(SAMPLES / "sign.png", folder / "scans" / "sign.tif")
    assert program("predict", "scans", "-o", "lines.csv", cwd=folder).returncode == ExitCode.OK
    (folder / "pages").mkdir()
    shutil.copy(SAMPLES / "sign.png", folder / "pages" / "page.png")
    (folder / "pages" / "page.xml").write_text(PAGE)
    (folder / "bin").mkdir()
    (folder / "bin" / "multirec").write_text(f'#!/bin/sh\nexec {shlex.join(program.command)} "$@"\n')
    (folder / "bin" / "multirec").chmod(0o755)
    return folder


@pytest.mark.parametrize("recipe", [r for r in RECIPES if "my-" not in r and "runs/" not in r and "./images" not in r])
def test_recipes(desk, recipe):
    tools = {shlex.split(part)[0] for part in re.split(r"(?<!\|)\|(?!\|)(?=(?:[^']*'[^']*')*[^']*$)", recipe)}
    missing = [
        t for t in tools - {"multirec"} if shutil.which(t) is None and not (Path(sys.executable).parent / t).exists()
    ]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    path = f"{desk}/bin:{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", recipe], cwd=desk, capture_output=True, env={"PATH": path, "HOME": str(desk)}
    )
    # The first program of `… | head -1` may be told that its reader went away.
    assert done.returncode in ((0, ExitCode.BROKEN_PIPE) if "head" in recipe else (0,)), done.stderr
    assert b"Traceback" not in done.stderr


TRICKY = (
    ("007", "N/A", "None", ".", "NA", "null", "nan", "3/4/2026", "4.3.2026", "1E5", "12345678901234567890", "1,234.50"),
    ("TRUE", "yes", "  a ", 'say "x"', "a;b;c", "a\tb", "a|b", "12:30", "10 %", "$5", "-", "1e400", "0x1F", "inf"),
    ("'x;y'",), ("007",), ("N/A",), ("4.3.2026",), ('"',), ("'a,b'",), ("#1",),
)  # fmt: skip
"""Texts that programs take for something else; each group is a file of its own, as they guess by all its rows."""


def read_csv_cells(column):
    return lambda done, folder: [row[column] for row in csv.DictReader(io.StringIO(done.stdout.decode(), newline=""))]


def read_database(done, folder):
    with closing(sqlite3.connect(folder / "lines.db")) as database:
        return [text for (text,) in database.execute("select text from lines order by image")]


READ = {
    "csvgrep": read_csv_cells("text_363"),
    "csvsort": read_csv_cells("text"),
    "sqlite-utils": read_database,
    "duckdb": lambda done, folder: [row["text"] for row in json.loads(done.stdout)],
}
"""How what a recipe has made of the texts is seen."""


@pytest.mark.parametrize("tool", READ)
def test_recipes_keep_the_texts(tmp_path, tool):
    (recipe,) = (r for r in RECIPES if r.startswith(tool))
    if not (Path(sys.executable).parent / tool).exists():
        pytest.skip(f"not installed: {tool}")
    for number, group in enumerate(TRICKY):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "lines.csv").write_bytes(tricky(group))
        done = subprocess.run(
            ["bash", "-c", recipe.replace("duckdb -c", "duckdb -json -c")], cwd=folder, capture_output=True, check=True,
            env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(folder)},
        )  # fmt: skip
        assert READ[tool](done, folder) == list(group)


def test_pandas_keeps_the_texts(tmp_path, monkeypatch):
    pandas = pytest.importorskip("pandas", reason="not installed: pandas")
    (code,) = re.findall(r"`(pandas\..*?)`", README)
    monkeypatch.chdir(tmp_path)
    for group in TRICKY:
        Path("lines.csv").write_bytes(tricky(group))
        assert list(eval(code, {"pandas": pandas}).text) == list(group)


def tricky(texts):
    """A CSV of these texts, in this order under any column that a recipe sorts by."""
    sure = [0.1 + k / 100 for k in range(len(texts))]
    return as_csv([
        Result(f"{k:02}.png", text, p, ((text, p), (text, p)), False)
        for k, (text, p) in enumerate(zip(texts, sure, strict=True))
    ])  # fmt: skip


def test_the_cron_recipe_reads_what_is_new(program, desk):
    (line,) = (c for c in blocks("crontab")[0].splitlines() if c)
    command = line.split(maxsplit=5)[5].replace("/usr/local/bin/multirec", shlex.join(program.command))
    command = command.replace("/srv/", f"{desk}/cron/")
    shutil.copytree(SAMPLES, desk / "cron" / "scans")
    (desk / "cron" / "scans" / "sign.png").unlink()
    for images in (9, 9, 10):
        if images == 10:
            shutil.copy(SAMPLES / "sign.png", desk / "cron" / "scans")
        done = subprocess.run(["sh", "-c", command], capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")
        assert (desk / "cron" / "lines.csv").read_bytes().count(b"\n") == 1 + images


@pytest.mark.models
def test_the_python_recipe_runs(monkeypatch):
    (code,) = (c for c in blocks("python") if "ray" not in c)
    monkeypatch.chdir(SAMPLES.parent)
    monkeypatch.setattr("sys.stdout", io.StringIO())
    exec(compile(code.replace('"scans"', '"samples"'), "README.md", "exec"), {})
