"""Locales that are not UTF-8: names keep their own bytes, whatever the terminal would make of them."""

import json
import os
import shutil
import subprocess

import pytest

from multirec import ExitCode
from tests.conftest import SAMPLES, multirec

NAMES = ["\xe4.png".encode(), b"\xe4.png", b"\xff\xfe.png"]  # one is UTF-8, one Latin 1, one neither


@pytest.fixture(scope="session", params=["ISO-8859-1", "nothing"])
def locale(request, tmp_path_factory):
    """Environment variables of a locale; it is made here, as few machines have one."""
    if request.param == "nothing":  # an older habit: no UTF-8 mode, ASCII
        return {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    folder = tmp_path_factory.mktemp("locales")
    name = f"de_DE.{request.param}"
    command = ["localedef", "-i", "de_DE", "-f", request.param, "--no-archive", folder / name]
    if not shutil.which("localedef") or subprocess.run(command, capture_output=True, check=False).returncode > 1:
        pytest.skip(f"the locale {name} cannot be made here")
    return {"LOCPATH": str(folder), "LC_ALL": name, "PYTHONUTF8": "0"}


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        shutil.copy(SAMPLES / "sign.png", os.fsencode(tmp_path) + b"/" + name)
    return tmp_path


def names(csv):
    return [line.split(b",")[0] for line in csv.splitlines()[1:]]


@pytest.mark.models
def test_names_keep_their_bytes(locale, folder):
    here = {"cwd": folder, "env": locale}
    done = multirec("predict", ".", "-f", "jsonl", **here)
    assert done.returncode == ExitCode.OK, done.stderr
    found = {json.loads(line)["image"].encode("utf-8", "surrogateescape") for line in done.stdout.splitlines()}
    assert found == {b"./" + name for name in NAMES}
    assert "\xe4".encode() in done.stdout
    listed = multirec("predict", "-", "-o", os.fsdecode("\xfc.csv".encode()), stdin=b"\n".join(NAMES), **here)
    assert listed.returncode == ExitCode.OK, listed.stderr
    assert names((folder / os.fsdecode("\xfc.csv".encode())).read_bytes()) == NAMES
    typed = multirec("predict", *map(os.fsdecode, [*NAMES, b"\xe9.png"]), **here)
    assert typed.returncode == ExitCode.USAGE
    assert b"does not exist" in typed.stderr
    assert b"Traceback" not in typed.stderr
