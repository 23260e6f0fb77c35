import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multirec import OutputError, Result
from multirec.outputs.formats import TextFiles
from multirec.results import Alternative, Character, Word
from tests.conftest import as_csv, as_json_lines

GOOD = Result(
    "a/b.png", "x=1", 0.9, (("x=1", 0.8), ("x=l", 0.4)), False,
    alternatives=(Alternative("x=1", -0.1), Alternative("x=l", -2.0)), characters=(Character("x", 0.0, 0.3, 0.99),),
    words=(Word("x=1", 0.01234567, 0.9, 0.87654),),
)  # fmt: skip
BAD = Result("c.png", error="not-an-image: OpenCV cannot decode it")


def objects(results):
    return [json.loads(line) for line in as_json_lines(results).splitlines()]


def test_json_lines():
    good, bad = objects([GOOD, BAD])
    assert good == {
        "image": "a/b.png", "text": "x=1", "confidence": 0.9, "agree": False,
        "readings": {"SEnet363": {"text": "x=1", "confidence": 0.8}, "SEnet484": {"text": "x=l", "confidence": 0.4}},
        "alternatives": [{"text": "x=1", "score": -0.1}, {"text": "x=l", "score": -2.0}],
        "chars": [{"char": "x", "left": 0.0, "right": 0.3, "confidence": 0.99}],
        "words": [{"word": "x=1", "left": 0.0123, "right": 0.9, "confidence": 0.8765}],
    }  # fmt: skip
    assert bad == {"image": "c.png", "error": {"kind": "not-an-image", "message": "OpenCV cannot decode it"}}


@given(st.text())
def test_any_name_is_one_line_of_json(name):
    """Line ends, and bytes that are not UTF-8 (as surrogate escapes), included."""
    (read,) = objects([Result(name, error="missing: no such file")])
    assert read["image"] == name


def test_excel_is_given_no_formula():
    risky = Result("=cmd.png", "@SUM(A1)", 0.5, (("-1", 0.5), ("+1", 0.5)), False)
    data = as_csv([risky], excel=True)
    assert data.startswith(b"\xef\xbb\xbfimage,")
    assert data.splitlines()[1] == b"'=cmd.png,'@SUM(A1),0.5000,'-1,0.5000,'+1,0.5000,false,"
    assert as_csv([risky]).splitlines()[1].startswith(b"=cmd.png,@SUM(A1),")


def test_text_files_beside_the_images_or_below_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    TextFiles(None).write(GOOD)
    assert (tmp_path / "a" / "b.txt").read_text() == "x=1\n"
    out = TextFiles(tmp_path / "out")
    for image in ("a/b.png", "../up.png", "/etc/abs.png"):
        out.write(Result(image, "t", 1.0, (("t", 1.0), ("t", 1.0)), True))
    out.write(BAD)
    found = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert found == ["a/b.txt", "etc/abs.txt", "up.txt"]


def test_a_text_file_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        TextFiles(tmp_path / "file").write(GOOD)


def test_images_that_differ_in_their_ends_have_a_text_each(tmp_path):
    names = ("a.png", "a.jpg", "b.png", "c.png", "c.PNG", "scan.001", "scan.002", "d.gt.png")
    for name in names:
        (tmp_path / name).touch()
    for name in names:
        TextFiles(None).write(Result(str(tmp_path / name), name, 0.9, (("x", 0.8), ("x", 0.4)), False))
    texts = {p.name: p.read_text() for p in tmp_path.glob("*.txt")}
    expected = {"b.txt": "b.png\n"} | {f"{name}.txt": f"{name}\n" for name in names if name != "b.png"}
    assert texts == expected
