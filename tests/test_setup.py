"""Environments that are not as multirec needs them: what is wrong is said once, with what to install."""

import ast
import json
import os
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

import multirec as package
from multirec import ExitCode
from multirec.inputs import opencv
from tests.conftest import SAMPLES, multirec

PACKAGE = Path(package.__file__).parent

OLD = """
import importlib.machinery, importlib.util, sys
from pathlib import Path
__version__ = "4.10.0"
class error(Exception): code = 0
IMREAD_UNCHANGED = -1
def imdecode(data, flags): raise error
def resize(*given, **named): raise error
def setNumThreads(count): pass
"""
"""An OpenCV before ``imdecodeWithMetadata``, as far as it matters."""

ABI = "raise AttributeError('_ARRAY_API not found')\n"
LIBGL = "raise ImportError('libGL.so.1: cannot open shared object file: No such file or directory')\n"


def beside(tmp_path, name, text):
    """A folder for PYTHONPATH with a module of that name; without any text it is what an uninstall may leave."""
    folder = tmp_path / "first"
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(text)
    return {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (OLD, r"cv2 4.10.0 in {}/first/cv2/__init__.py has no imdecodeWithMetadata: install one alone"),
        ("", r"cv2 without a version in {}/first/cv2/__init__.py has no imdecode: install one alone"),
        (ABI, "OpenCV cannot be loaded (AttributeError: _ARRAY_API not found): install one alone"),
        (LIBGL, "OpenCV cannot be loaded (ImportError: libGL.so.1"),
    ],
)
def test_another_opencv_is_told_before_any_image(tmp_path, text, reason):
    env = beside(tmp_path, "cv2", text)
    out = tmp_path / "out.csv"
    done = multirec("predict", SAMPLES, "-o", out, env=env)
    said = done.stderr.decode()
    assert done.returncode == ExitCode.SETUP, said
    assert reason.format(tmp_path) in said
    assert "opencv-python-headless" in said
    assert said.count("\n") == 1
    assert done.stdout == b""
    assert not out.exists() and not (tmp_path / "out.csv.part").exists()


def test_a_folder_that_is_no_package_has_a_place_too(tmp_path):
    """What is left where one package was uninstalled from under another."""
    left = types.ModuleType("cv2")
    left.__path__ = [str(tmp_path / "cv2")]
    assert opencv.origin(left) == f"without a version in {tmp_path / 'cv2'}"


def test_every_command_says_so(tmp_path):
    env = beside(tmp_path, "cv2", OLD)
    text = tmp_path / "text"
    text.write_text("A line.\n")
    rows = tmp_path / "rows.csv"
    rows.write_text("image\n")
    for arguments in (
        ["render", tmp_path / "out", "--text", text, "--fonts", tmp_path],
        ["report", rows, "-o", tmp_path / "report.html"],
        ["benchmark", SAMPLES],
    ):
        done = multirec(*arguments, env=env)
        assert (done.returncode, b"Traceback" in done.stderr) == (ExitCode.SETUP, False), done.stderr
        assert b"has no imdecodeWithMetadata" in done.stderr


@pytest.mark.parametrize("text", ["", "raise TypeError('Descriptors cannot be created directly.')\n"])
def test_a_tensorflow_that_cannot_be_loaded(tmp_path, text):
    done = multirec("predict", SAMPLES, env=beside(tmp_path, "tensorflow", text))
    assert done.returncode == ExitCode.SETUP
    assert b"TensorFlow cannot be loaded" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_opencv_and_tensorflow_are_imported_in_one_place():
    """There it is found out whether they serve."""
    for module in sorted(PACKAGE.rglob("*.py")):
        wing = module.relative_to(PACKAGE).parts[0]
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if module.name != "opencv.py":
                assert "cv2" not in names, f"{module}: from multirec.inputs.opencv import cv2"
            if module.name != "framework.py" and wing != "training":
                assert "tensorflow" not in names, f"{module}: from multirec.models.framework import tf"


def distribution(folder, name, version, module):
    """The metadata of a package that brings ``module``."""
    place = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (place / "RECORD").write_text(f"{module}/__init__.py,,\n")


@pytest.mark.models
def test_info_lists_where_opencv_comes_from_and_two_that_share_a_place(tmp_path):
    folder = tmp_path / "first"
    distribution(folder, "opencv-contrib-python-headless", "4.5.1.48", "cv2")
    env = {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    known = json.loads(multirec("info", "--json", env=env).stdout)
    assert known["opencv"].split()[0] == __import__("cv2").__version__
    assert Path(known["opencv"].split(" in ")[1]).is_file()
    assert known["packages"]["opencv-contrib-python-headless"] == "4.5.1.48"
    (problem,) = (p for p in known["problems"] if "share one cv2" in p)
    assert "opencv-contrib-python-headless" in problem
    old = multirec("info", env=beside(tmp_path / "old", "cv2", OLD))
    assert old.returncode == 0
    assert old.stdout.count(b"imdecodeWithMetadata") == 1
    assert b"OpenCV    cannot be used" in old.stdout


@pytest.mark.models
def test_an_unpacked_tree_and_a_tensorflow_without_metadata(tmp_path):
    """As from a copied folder, with ``tensorflow-cpu``, ``tf-nightly``, or a Python whose packages were repacked."""
    tree = tmp_path / "tree"
    shutil.copytree(PACKAGE, tree / "multirec", ignore=shutil.ignore_patterns("__pycache__", "weights"))
    (tree / "weights").symlink_to(PACKAGE.parent / "weights")
    hide = (
        "import importlib.metadata as known, runpy, sys\n"
        "def gone(name): raise known.PackageNotFoundError(name)\n"
        "known.distribution = known.version = gone\n"
        "sys.argv[0] = 'multirec'\n"
        "runpy.run_module('multirec', run_name='__main__', alter_sys=True)\n"
    )
    for arguments in (["--version"], ["predict", SAMPLES / "sign.png", "-o", tmp_path / "out.csv"]):
        done = subprocess.run(
            [sys.executable, "-c", hide, *map(str, arguments)], env=os.environ | {"PYTHONPATH": str(tree)},
            capture_output=True, cwd=tmp_path, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / ".out.csv.multirec").read_text())
    assert record["multirec"] == package.__version__
    assert record["TensorFlow"].startswith("2.")


def test_the_version_is_that_of_the_package():
    import tomllib

    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "multirec.__version__"}
    assert package.__version__.split(".")[0].isdecimal()
