"""Documents through the real program: rows, texts, resuming, the report, labels, and what other programs write."""

import csv
import io
import json
import re
import shutil
import subprocess

import cv2
import numpy as np
import pytest

from multirec import ExitCode, Options, Recognizer
from tests.conftest import multirec
from tests.pages import (
    PRODUCERS,
    WITH_TEXT,
    alike,
    page_line,
    page_xml,
    region,
    sheet,
    transkribus,
    turned,
    turned_picture,
)
from tests.test_pages import saved

pytestmark = pytest.mark.models

MADE = sheet(10)
TEXTS = [printed.text for printed in MADE.lines]


def rows(data):
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A document in the shape of each program's, all of one page."""
    made = tmp_path_factory.mktemp("pages")
    for producer in PRODUCERS:
        saved(made / "pages", producer(MADE, "page.png"), f"{producer.__name__}.xml", made=MADE)
    return made


@pytest.fixture(scope="module")
def read(program, folder):
    done = program("predict", "pages", "-o", "lines.csv", cwd=folder)
    assert done.returncode == ExitCode.OK, done.stderr
    return (folder / "lines.csv").read_bytes()


def texts(read):
    """The texts that were read of each document."""
    found = {}
    for row in rows(read):
        found.setdefault(row["image"].partition("#")[0].removeprefix("pages/"), []).append(row["text"])
    return found


def test_each_line_is_a_row_and_is_read(folder, read):
    found = texts(read)
    assert list(found) == sorted(f"{producer.__name__}.xml" for producer in PRODUCERS)
    for name, said in found.items():
        assert len(said) == len(TEXTS)
        # Cut a pixel wider or narrower, one of them may be read otherwise.
        assert sum(a == b for a, b in zip(said, TEXTS, strict=True)) >= 9, name


def test_rows_do_not_depend_on_how_they_were_asked_for(program, folder, read):
    header, *lines = read.splitlines(keepends=True)
    one = "pages/tesseract_alto.xml"
    mine = [line for line in lines if line.startswith(one.encode())]
    listing = f"{one}#line_5\n{one}#line_0\n{one}#none\n".encode()
    done = program("predict", f"{one}#line_3", "-", one, "-b", "1", "-w", "1", cwd=folder, stdin=listing)
    assert done.returncode == ExitCode.SOME_IMAGES_UNREADABLE
    missing = f"{one}#none,,,,,,,,missing: {one} has no such line\n".encode()
    assert done.stdout.splitlines(keepends=True) == [header, mine[3], mine[5], mine[0], missing, *mine]
    assert program("predict", "none.xml#line_0", cwd=folder).returncode == ExitCode.USAGE
    assert program("predict", one, "-o", one, cwd=folder).returncode == ExitCode.USAGE


def test_a_text_for_each_document(program, folder, read):
    done = program("predict", "pages", "-f", "txt", "--output-dir", "texts", cwd=folder)
    assert done.returncode == ExitCode.OK
    found = {path.name: path.read_text() for path in sorted((folder / "texts" / "pages").iterdir())}
    assert found == {name.replace(".xml", ".txt"): "\n".join(said) + "\n" for name, said in texts(read).items()}


def test_letters_are_placed_in_the_line_as_it_was_cut(program, folder):
    done = program("predict", "pages/ocrd.xml", "-f", "jsonl", "--chars", "--alternatives", "2", cwd=folder)
    found = list(map(json.loads, done.stdout.splitlines()))
    assert len(found) == len(TEXTS)
    for row in found:
        assert "".join(letter["char"] for letter in row["chars"]) == row["text"] == row["alternatives"][0]["text"]
        assert 0 <= row["chars"][0]["left"] < row["chars"][-1]["right"] <= 1


def test_a_picture_that_comes_later_is_taken_up(program, folder, read):
    """A missing one gives each of its lines a row; the same bytes come out as if it had been there."""
    text = transkribus(MADE, "late.png")
    saved(folder / "late", text, "a.xml", "hidden.png", MADE)
    saved(folder / "late", transkribus(MADE, "b.png"), "b.xml", "b.png", MADE)
    done = program("predict", "late", "-o", "late.csv", cwd=folder)
    assert done.returncode == ExitCode.SOME_IMAGES_UNREADABLE
    found = rows((folder / "late.csv").read_bytes())
    errors = [row["error"].partition(":")[0] for row in found]
    # hidden.png is a line image as far as anybody knows.
    assert errors == ["missing"] * 10 + [""] * 11
    (folder / "late" / "hidden.png").rename(folder / "late" / "late.png")
    done = program("predict", "late", "-o", "late.csv", "--resume", cwd=folder)
    assert done.returncode == ExitCode.OK, done.stderr
    resumed = (folder / "late.csv").read_bytes()
    assert program("predict", "late", cwd=folder).stdout == resumed
    assert alike(row["text"] for row in rows(resumed)) == alike(TEXTS) * 2


def test_pictures_elsewhere(program, folder):
    saved(folder / "xml only", transkribus(MADE, "x.png"), "x.xml", image=None)
    MADE.save(folder / "scans" / "x.png")
    done = program("predict", "xml only", "--images", "scans", cwd=folder)
    assert alike(row["text"] for row in rows(done.stdout)) == alike(TEXTS)
    with Recognizer(Options(images=folder / "scans")) as recognizer:
        results = list(recognizer.read([folder / "xml only", f"{folder}/xml only/x.xml#r1l4"]))
    assert alike(result.text for result in results) == alike([*TEXTS, TEXTS[4]])
    assert {(result.page.path, result.page.lines) for result in results} == {(f"{folder}/xml only/x.xml", 10)}


def test_a_document_without_lines_is_no_fault(program, tmp_path):
    (tmp_path / "empty.xml").write_text(page_xml(""))
    done = program("predict", "empty.xml", "-o", "out.csv", cwd=tmp_path)
    assert done.returncode == ExitCode.OK, done.stderr
    assert rows((tmp_path / "out.csv").read_bytes()) == []
    (tmp_path / "empty.xml").write_text("<mets/>")
    assert program("predict", ".", cwd=tmp_path).returncode == ExitCode.NO_IMAGES


def test_a_skewed_page_and_one_on_its_side(recognizer, tmp_path):
    for degrees in (2, 90):
        made = [
            page_line(f"l{n}", turned(p.outline, MADE.size, degrees), turned(p.baseline, MADE.size, degrees))
            for n, p in enumerate(MADE.lines)
        ]
        picture = turned_picture(MADE.picture, degrees)
        cv2.imwrite(str(tmp_path / "page.png"), picture)
        path = saved(tmp_path, page_xml(region("r", made), size=picture.shape[::-1]), image=None)
        read = alike(result.text for result in recognizer.read([path]))
        right = [text == printed for text, printed in zip(read, alike(TEXTS), strict=True)]
        assert sum(right) >= 9


def test_the_report_shows_the_lines(program, folder, read):
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    done = program("report", "lines.csv", "-o", "report.html", cwd=folder)
    assert done.returncode == ExitCode.OK, done.stderr
    page = (folder / "report.html").read_text(encoding="utf-8")
    # Pictures are in blocks of JSON, as many as rows.
    pictures = re.findall(r'"(UklGR[A-Za-z0-9+/=]+)"', page)
    assert len(pictures) == len(TEXTS) * len(PRODUCERS)
    assert "not found" not in page
    shutil.copy(folder / "lines.csv", folder / "other.csv")
    assert program("report", "other.csv", "--pictures", "link", "-o", "linked.html", cwd=folder).returncode == 0
    assert "the image is within a file" in (folder / "linked.html").read_text(encoding="utf-8")


def test_labels_of_documents_are_compared(program, folder, read):
    pytest.importorskip("rapidfuzz")
    for producer in WITH_TEXT:
        done = program("evaluate", f"pages/{producer.__name__}.xml", "lines.csv", "--json", cwd=folder)
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        assert (report["lines"], report["labels_without_row"]) == (10, 0)
        assert report["readers"]["combined"]["exact"] >= 0.9


def test_training_takes_documents(folder):
    """From nothing: training within a process that was forked waits for threads that are not there."""
    pytest.importorskip("fontTools")
    arguments = ("--network", "SEnet363", "--steps", "2", "--columns", "1024", "--hold-out", "0.2")
    done = multirec("train", "pages/transkribus.xml", "--run", "run", *arguments, cwd=folder)
    assert done.returncode == ExitCode.OK, done.stderr
    assert (folder / "run" / "SEnet363.npz").exists()
    assert len(list((folder / "run" / "lines").glob("*.png"))) == 10


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="not installed: tesseract")
@pytest.mark.parametrize("form", ["alto", "page"])
def test_what_tesseract_writes_is_read(program, tmp_path, form):
    """The lines of the page as it finds them, in their order."""
    version = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True).stdout
    if form == "page" and tuple(map(int, re.findall(r"\d+", version)[:2])) < (5, 5):
        pytest.skip("Tesseract writes PAGE from 5.5 on")
    ((tmp_path / "scans").mkdir())
    page = np.full((1400, 1700), 255, np.uint8)
    wanted = []
    for number, printed in enumerate(MADE.lines):
        if number in (0, 3, 4, 6):  # black on white
            wanted.append(printed)
    for y, printed in zip(range(200, 1200, 220), wanted, strict=False):
        h, w = printed.picture.shape
        page[y : y + h, 150 : 150 + w] = printed.picture
    cv2.imwrite(str(tmp_path / "scans" / "page.png"), page)
    command = ["tesseract", "scans/page.png", "scans/page", "--dpi", "300", form]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    found = sorted(path.name for path in (tmp_path / "scans").glob("*.xml"))
    done = program("predict", "scans", cwd=tmp_path)
    assert done.returncode == ExitCode.OK, done.stderr
    assert len(found) == 1
    assert [row["text"] for row in rows(done.stdout)] == [printed.text for printed in wanted]
