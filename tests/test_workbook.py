"""Workbooks: texts as texts in whatever opens them, and runs of theirs picked up as any other."""

import csv
import io
import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multirec import ExitCode, Result
from multirec.outputs import workbook
from multirec.outputs.formats import COLUMNS, cells
from multirec.outputs.workbook import convert, restore
from tests.conftest import SAMPLES, as_csv, multirec

openpyxl = pytest.importorskip("openpyxl", reason="the extra 'xlsx' is not installed")
pytest.importorskip("xlsxwriter", reason="the extra 'xlsx' is not installed")

TEXTS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "007", "1/2", "3.4", "3,4", "1E5", "12345678901234567890", "4.3.2026", "TRUE",
    "N/A", "None", ".", " a  b ", "'", '"', "a;b,c\td", "<r>&</r>", "<r><t>x</t></r>", "_x0041_",
    "http://example.org/", "{=1}", "[a]", "\x01\x1f\x7f", "\ufffe\uffff", "𝔉", "&amp;",
)  # fmt: skip


def line(image, text, sure=0.5):
    return Result(image, text, sure, ((text, 1.0), (text + "x", 0.25)), False)


ROWS = [*(line(f"{k}.png", text) for k, text in enumerate(TEXTS)), Result("=x.png", error="missing: no such file")]


def made(rows):
    out = io.BytesIO()
    convert(io.BytesIO(rows), out)
    return out.getvalue()


def back(book):
    rows = io.BytesIO()
    restore(io.BytesIO(book), rows)
    return rows.getvalue()


def test_texts_are_texts_and_numbers_numbers():
    sheet = openpyxl.load_workbook(io.BytesIO(made(as_csv(ROWS)))).active
    for result, row in zip(ROWS, sheet.iter_rows(min_row=2), strict=True):
        for name, cell, want in zip(COLUMNS, row, cells(result), strict=True):
            assert cell.hyperlink is None
            if not want:
                assert cell.value is None
            elif name.startswith("confidence"):
                assert (cell.data_type, cell.value) == ("n", float(want))
            elif name == "agree":
                assert (cell.data_type, cell.value) == ("b", want == "true")
            else:
                assert (cell.data_type, cell.number_format) == ("s", "@")  # no formula, and none when it is edited
    assert [c.value for c in sheet[1]] == list(COLUMNS)


TEXT = st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=20)


@settings(max_examples=25)
@given(
    st.lists(
        st.builds(line, st.binary(min_size=1, max_size=9).map(os.fsdecode), TEXT, st.floats(0, 1)),
        min_size=1,
        max_size=4,
    )
)
def test_rows_are_taken_out_as_they_were_put_in(rows):
    rows = [row for row in rows if "\\x" not in row.image]  # the one thing that is not told apart: what it looks like
    for data in (as_csv(rows), as_csv(ROWS)):
        assert back(made(data)) == data


def test_equal_rows_make_equal_bytes(monkeypatch):
    first = made(as_csv(ROWS))
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    assert made(as_csv(ROWS)) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_more_rows_than_a_sheet_holds(monkeypatch):
    monkeypatch.setattr(workbook, "SHEET", 4)
    rows = [line(f"{k}.png", str(k)) for k in range(7)]
    book = made(as_csv(rows))
    sheets = openpyxl.load_workbook(io.BytesIO(book)).worksheets
    assert [[row[0].value for row in sheet] for sheet in sheets] == [
        ["image", "0.png", "1.png", "2.png"], ["image", "3.png", "4.png", "5.png"], ["image", "6.png"],
    ]  # fmt: skip
    assert back(book) == as_csv(rows)


def test_what_is_no_workbook_of_multirec():
    other = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["name", "text"])
    book.save(other)
    for data, words in ((b"image,text\n", "no workbook"), (other.getvalue(), "other columns")):
        with pytest.raises(ValueError, match=words):
            back(data)


def test_what_libreoffice_reads(tmp_path):
    """Opened under German settings, where 3,4 is a number and 4.3.2026 a date."""
    if shutil.which("soffice") is None:
        pytest.skip("no LibreOffice")
    (tmp_path / "lines.xlsx").write_bytes(made(as_csv(ROWS)))
    command = [
        "soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--language=de",
        "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,1031,false,true,false", "lines.xlsx",
    ]  # fmt: skip
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=180)
    with (tmp_path / "lines.csv").open(encoding="utf-8", newline="") as file:
        _, *table = csv.reader(file)
    unseen = {"\x01\x1f\x7f", "\ufffe\uffff"}  # which a CSV of LibreOffice leaves out
    for result, row in zip(ROWS, table, strict=True):
        if result.text not in unseen:
            assert (row[0], row[1]) == (result.image, result.text)


def test_usage(tmp_path):
    os.mkfifo(tmp_path / "pipe.xlsx")
    for arguments in (
        ["-f", "xlsx", "-o", "pipe.xlsx"],
        ["-f", "xlsx"],
        ["-f", "xlsx", "-o", "lines.csv"],
        ["-o", "lines.xlsx"],
        ["-f", "xlsx", "-o", "lines.xlsx", "--append"],
        ["-f", "xlsx", "-o", "lines.xlsx", "--no-header"],
    ):
        done = multirec("predict", SAMPLES, *arguments, cwd=tmp_path)
        assert done.returncode == ExitCode.USAGE, arguments
        assert os.listdir(tmp_path) == ["pipe.xlsx"]


WITHOUT = """
import sys
sys.modules["xlsxwriter"] = None
from multirec.cli.main import main
main()
"""


def test_the_extra_is_named_where_it_is_missing(tmp_path):
    command = [sys.executable, "-c", WITHOUT, "predict", SAMPLES, "-f", "xlsx", "-o", tmp_path / "x.xlsx"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == ExitCode.USAGE
    assert b"pip install '.[xlsx]'" in done.stderr


def test_a_run_that_was_cut_and_one_with_more_images_end_with_the_same_bytes(program, tmp_path):
    """Rows wait as CSV; a file that is complete is gone on with, too, with what was corrected in it."""
    images = sorted(SAMPLES.glob("*.png"))
    for image in images[1:]:
        (tmp_path / image.name).symlink_to(image)
    predict = ("predict", ".", "-f", "xlsx", "-o")
    assert program(*predict, "out.xlsx", cwd=tmp_path).returncode == ExitCode.OK
    assert sorted(os.listdir(tmp_path))[0] == ".out.xlsx.multirec"
    assert [n for n in os.listdir(tmp_path) if n.startswith("out")] == ["out.xlsx"]
    rows = back((tmp_path / "out.xlsx").read_bytes())
    whole = (tmp_path / "out.xlsx").read_bytes()
    (tmp_path / "out.xlsx.part").write_bytes(rows[: len(rows) // 2])
    (tmp_path / "out.xlsx").unlink()
    done = program(*predict, "out.xlsx", "--resume", cwd=tmp_path)
    assert b"rows of an earlier run kept" in done.stderr
    assert (tmp_path / "out.xlsx").read_bytes() == whole
    (tmp_path / images[0].name).symlink_to(images[0])
    done = program(*predict, "out.xlsx", "--resume", cwd=tmp_path)
    assert b"(9 rows of an earlier run kept)" in done.stderr
    assert program(*predict, "all.xlsx", cwd=tmp_path).returncode == ExitCode.OK
    assert (tmp_path / "out.xlsx").read_bytes() == (tmp_path / "all.xlsx").read_bytes()
    (tmp_path / "out.xlsx").write_bytes(b"no workbook")
    done = program(*predict, "out.xlsx", "--resume", cwd=tmp_path)
    assert done.returncode == ExitCode.CANNOT_RESUME
    assert b"out.xlsx: it is no workbook" in done.stderr
    assert (tmp_path / "out.xlsx").read_bytes() == b"no workbook"
