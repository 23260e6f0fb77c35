"""Documents as a run writes them: when, where, and what a kill leaves of them."""

import itertools
import math
import os
import random
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multirec import ExitCode, Result
from multirec.documents.document import Line
from multirec.documents.how import How
from multirec.documents.parse import read
from multirec.errors import OutputError
from multirec.inputs.cutting import cut, frame
from multirec.outputs.files import below
from multirec.outputs.formats import LAYOUTS
from multirec.outputs.pages import PageFiles, outside, refuse_to_fill
from multirec.outputs.resume import recover
from multirec.results import Word
from multirec.sources import Page, Source
from tests.conftest import as_csv
from tests.pages import (
    PRODUCERS,
    alike,
    kraken_alto,
    ocrd,
    page_line,
    page_xml,
    region,
    sheet,
    tesseract_alto,
    transkribus,
)
from tests.schemas import faults

KILLS = int(os.environ.get("MULTIREC_KILLS", "3"))


def document(path, lines, text=None):
    """A PAGE file of lines ``l0``, ``l1`` and so on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    outline = ((0, 0), (100, 0), (100, 20), (0, 20))
    path.write_text(
        page_xml(region("r", [page_line(f"l{i}", outline, text=text) for i in range(lines)])), encoding="utf-8"
    )
    return Page(str(path), lines)


def results(page, *only, error=""):
    ids = only or [f"l{i}" for i in range(page.lines)]
    for id in ids:
        name = f"{page.path}#{id}"
        known = Result(name, id.upper(), 0.5, ((id, 0.5), (id, 0.5)), True, words=(Word(id.upper(), 0.0, 0.5, 0.5),))
        yield replace(Result(name, error=error) if error else known, page=page)


def said(path):
    """The texts of the lines of a document."""
    return [line.text for line in read(str(path)).lines]


def written_to(folder, **how):
    return PageFiles(folder, How(**how), frame)


def test_a_document_is_written_once_its_last_line_has_come(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = document(tmp_path / "in" / "a.xml", 2), document(tmp_path / "in" / "deep" / "b.xml", 1)
    first = Page("in/a.xml", 2)
    out = tmp_path / "out"
    files = written_to(out)
    one, two = results(first)
    files.write(one)
    assert not out.exists() and not files.written(first)
    files.write(two)
    assert said(out / "in" / "a.xml") == ["L0", "L1"] and files.written(first)
    files.write(replace(one, page=None, image="line.png"))  # no line of a page
    (three,) = results(second)
    files.write(three)
    assert said(below(out, tmp_path / "in" / "deep" / "b.xml")) == ["L0"]
    assert sorted(p.name for p in out.rglob("*.*")) == ["a.xml", "b.xml"]  # and nothing half done


def test_some_lines_of_a_document_leave_the_others_as_they_are(tmp_path):
    page, other = document(tmp_path / "a.xml", 3, "old"), document(tmp_path / "b.xml", 3, "old")
    files = written_to(tmp_path / "out")
    for result in (*results(page, "l1"), *results(other, "l0", "l2")):
        files.write(result)
    assert said(files_of(tmp_path, "a.xml")) == ["old", "L1", "old"]
    assert not files_of(tmp_path, "b.xml").exists()
    files.finish()
    assert said(files_of(tmp_path, "b.xml")) == ["L0", "old", "L2"]


def files_of(folder, name):
    return below(folder / "out", folder / name)


def test_lines_that_were_not_read_keep_their_text(tmp_path):
    page = document(tmp_path / "a.xml", 2, "old")
    files = written_to(tmp_path / "out")
    for result in (*results(page, "l0", error="document: nowhere"), *results(page, "l1")):
        files.write(result)
    assert said(files_of(tmp_path, "a.xml")) == ["old", "L1"]
    broken = document(tmp_path / "b.xml", 2, "old")
    for result in results(broken, error="missing: no picture"):
        files.write(result)
    assert files_of(tmp_path, "b.xml").read_bytes() == (tmp_path / "b.xml").read_bytes()


def test_a_document_that_is_not_what_it_was_is_told(tmp_path, capsys):
    page, other = document(tmp_path / "a.xml", 1), document(tmp_path / "b.xml", 1)
    (tmp_path / "a.xml").write_text("torn")
    (tmp_path / "b.xml").unlink()
    files = written_to(tmp_path / "out", words=True)
    for result in (*results(page), *results(other)):
        files.write(result)
    assert files.unwritten == 2
    assert capsys.readouterr().err.count("not filled in") == 2
    assert not list((tmp_path / "out").rglob("*.xml*"))


def test_no_document_is_written_in_its_own_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    document(tmp_path / "a.xml", 1)
    before = (tmp_path / "a.xml").read_bytes()
    for name, folder in (("a.xml", "."), (str(tmp_path / "a.xml"), "/"), (".", ".")):
        with pytest.raises(OutputError, match="give another"):
            refuse_to_fill([name], Path(folder))
    (tmp_path / "out").symlink_to(".")
    with pytest.raises(OutputError, match="own place"):
        for result in results(Page("a.xml", 1)):
            written_to(tmp_path / "out").write(result)
    assert (tmp_path / "a.xml").read_bytes() == before
    refuse_to_fill(["a.xml"], tmp_path / "elsewhere")


def test_what_was_written_is_not_read_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = "a.xml#l", "out/a.xml#l", "out.xml#l", "./out/deep/b.xml#l"
    assert [name for name in found if outside(tmp_path / "out", name)] == ["a.xml#l", "out.xml#l"]
    document(tmp_path / "blank.xml", 0)
    written_to(tmp_path / "out").copy("blank.xml")
    assert (tmp_path / "out" / "blank.xml").read_bytes() == (tmp_path / "blank.xml").read_bytes()


def test_a_folder_that_cannot_be_written_ends_the_run(tmp_path):
    page = document(tmp_path / "a.xml", 1)
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match=r"a\.xml: cannot be written"):
        for result in results(page):
            written_to(tmp_path / "out").write(result)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from(["", "", "", "missing", "too-large"])), min_size=1, max_size=6
    ),
    st.data(),
)
def test_a_run_killed_anywhere_leaves_no_page_without_its_document(tmp_path_factory, pages, data):
    """Between any two steps, and within a row; documents may be removed meanwhile, and pictures found."""
    folder = tmp_path_factory.mktemp("run")
    part, rest, layout = folder / "part", folder / "rest", LAYOUTS["csv"]

    def rows(n):
        lines, error = pages[n]
        for i in range(lines):
            bad = error and i == lines - 1
            known = Result(f"p{n}.xml#{i}", f"text {i}", 0.5, (("a", 0.5), ("b", 0.5)))
            yield replace(Result(known.image, error=f"{error}: so") if bad else known, page=Page(f"p{n}.xml", lines))

    there = set()  # documents
    part.write_bytes(b"")
    for last in [False] * data.draw(st.integers(1, 4)) + [True]:
        if data.draw(st.booleans()):
            pages = [(lines, "" if error == "missing" else error) for lines, error in pages]
        if there and data.draw(st.booleans()):
            there.remove(data.draw(st.sampled_from(sorted(there))))
        every = {result.image: result for n in range(len(pages)) for result in rows(n)}
        sources = (Source(name, page=result.page) for name, result in every.items())
        recovered = recover(part, rest, layout, sources, written=lambda page: page.path in there)
        stop = None if last else data.draw(st.integers(0, 20))
        left = itertools.islice(recovered.sources, stop)
        came = {}
        with part.open("ab") as file:
            if not part.stat().st_size:
                file.write(layout.header)
            for source in left:
                new = as_csv([every[source.path]])[len(layout.header) :]
                if not source.row:
                    came[source.page] = came.get(source.page, 0) + 1
                    if came[source.page] == source.page.lines:
                        there.add(source.page.path)
                else:
                    assert source.row == new
                file.write(source.row or new)
        if not last:
            content = part.read_bytes()
            part.write_bytes(content[: len(content) - data.draw(st.integers(0, 5))])
    assert part.read_bytes() == as_csv(every.values())
    assert there == {f"p{n}.xml" for n in range(len(pages))}


@pytest.mark.parametrize("degrees", [0, 1, 7, 30, 90, 180, 270, 355])
@pytest.mark.parametrize("with_baseline", [True, False])
def test_places_in_a_line_lead_back_to_the_page(degrees, with_baseline):
    """A mark on a line that runs in any direction, up to the edges of the page."""
    angle = math.radians(degrees)
    along, down = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    size = np.array([900, 900])
    start = size / 2 - along * 400 - down * 25
    outline = [tuple(start + along * u + down * v) for u, v in ((0, 0), (800, 0), (800, 50), (0, 50))]
    baseline = [tuple(start + along * u + down * 38) for u in (0, 400, 800)] if with_baseline else []
    line = Line("l", tuple(outline), None, tuple(baseline), None if with_baseline else -float(degrees), 50.0)
    page = np.full((900, 900), 255, np.uint8)
    for place in (120, 700):  # a short mark and a long one tell the direction
        mark = start + along * place + down * 25
        cv2.circle(page, tuple(int(v) for v in mark), 8 if place < 400 else 14, 0, -1)
    picture = cut(page, line)
    columns = np.flatnonzero(picture.min(axis=0) < 128)
    framed = frame(line, 900, 900)
    first, second = (np.mean(part) for part in np.split(columns, [np.argmax(np.diff(columns)) + 1]))
    for place, column in ((120, first), (700, second)):
        corners = np.array(framed.part((column - 5) / picture.shape[1], (column + 5) / picture.shape[1]))
        assert np.allclose(corners.mean(axis=0), start + along * place + down * 25, atol=4)


# From here on through the real program.


@pytest.fixture(scope="module")
def book(program, tmp_path_factory):
    """Pages as all kinds of programs write them, with their rows and documents of an unbroken run."""
    folder = tmp_path_factory.mktemp("book")
    made = sheet(6)
    for number, producer in enumerate(PRODUCERS):
        made.save(folder / "pages" / f"{number}.png")
        (folder / "pages" / f"{number}.xml").write_text(producer(made, f"{number}.png"), encoding="utf-8")
    (folder / "pages" / "blank.xml").write_text(page_xml("", "0.png"), encoding="utf-8")
    (folder / "pages" / "lost.xml").write_text(ocrd(made, "nowhere.png"), encoding="utf-8")
    done = predict(program, folder, "whole")
    assert done.returncode == ExitCode.SOME_IMAGES_UNREADABLE, done.stderr
    return folder


def options(out):
    return ["pages", "-o", f"{out}.jsonl", "-f", "jsonl", "--words", "--keep-text", "--xml-out", out]


def predict(program, folder, out, *more):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1741964966")
        return program("predict", *options(out), *more, cwd=folder)


def everything(folder, out):
    """All that a run has written: its rows, and its documents by their places."""
    below = folder / out
    files = {str(path.relative_to(below)): path.read_bytes() for path in below.rglob("*") if path.is_file()}
    return (folder / f"{out}.jsonl").read_bytes(), files


def test_documents_of_all_producers(book):
    _, files = everything(book, "whole")
    assert sorted(files) == sorted(f"pages/{path.name}" for path in (book / "pages").glob("*.xml"))
    made = sheet(6)
    for number, producer in enumerate(PRODUCERS):
        data = files[f"pages/{number}.xml"]
        lines = read(str(book / "whole" / "pages" / f"{number}.xml")).lines
        right = sum(line.text == printed.text for line, printed in zip(lines, made.lines, strict=True))
        assert right >= 5, (producer.__name__, [line.text for line in lines])
        old = faults((book / "pages" / f"{number}.xml").read_bytes())
        assert set(faults(data)) <= set(old) | {"TextLine: 0 of Coords"}, producer.__name__
    for name in ("blank", "lost"):
        assert files[f"pages/{name}.xml"] == (book / "pages" / f"{name}.xml").read_bytes()


def test_words_lie_on_their_letters(book):
    """Their boxes hold all the ink of the line, and what is between two of them none."""
    page = cv2.imread(str(book / "pages" / "0.png"), cv2.IMREAD_GRAYSCALE)
    for line in ET.parse(book / "whole" / "pages" / "0.xml").getroot().iter():
        words = [e for e in line if e.tag.endswith("Word")]
        if not words or not line.tag.endswith("TextLine"):
            continue
        boxes = [[tuple(map(int, p.split(","))) for p in word[0].get("points").split()] for word in words]
        top, bottom = boxes[0][0][1], boxes[0][2][1]
        middles = [(a[1][0] + b[0][0]) // 2 for a, b in itertools.pairwise(boxes)]
        dark = page[top:bottom].min(axis=0).astype(int)
        paper = int(page[top:bottom].max())
        assert all(dark[middle] > paper - 90 for middle in middles), line.get("id")
        for box in boxes:
            assert dark[box[0][0] : box[1][0]].min() < paper - 90


def test_killed_and_picked_up(program, book):
    """MULTIREC_KILLS times SIGKILL, while documents come; a document that was removed is made again."""
    rng = random.Random(int(os.environ.get("MULTIREC_SEED", "1")))
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1741964966"}
    part = book / "killed.jsonl.part"
    for _ in range(KILLS):
        command = [sys.executable, "-m", "multirec", "predict", *options("killed"), "--resume", "-b", "2"]
        process = subprocess.Popen(command, cwd=book, env=environment, stderr=subprocess.PIPE)
        so_far = part.read_bytes().count(b"\n") if part.exists() else 0
        wanted = so_far + rng.randint(1, 10)
        while process.poll() is None and not (part.exists() and part.read_bytes().count(b"\n") >= wanted):
            time.sleep(0.02)
        process.kill()
        process.communicate()
        if process.returncode != -signal.SIGKILL:
            break
    there = sorted((book / "killed").rglob("*.xml"))
    assert there
    there[0].unlink()
    done = predict(program, book, "killed", "--resume")
    assert done.returncode == ExitCode.SOME_IMAGES_UNREADABLE, done.stderr
    rows, files = everything(book, "killed")
    assert (rows, files) == everything(book, "whole")
    again = predict(program, book, "killed", "--resume")  # what is complete is not read again, but for what was missing
    assert re.search(rb"\(54 rows of an earlier run kept\)", again.stderr), again.stderr
    assert everything(book, "killed") == (rows, files)


def test_a_page_that_a_signal_interrupts_is_not_written(tmp_path):
    made = sheet(5)
    made.save(tmp_path / "page.png")
    for n in range(60):  # more lines than are read ahead
        (tmp_path / f"{n:02}.xml").write_text(transkribus(made, "page.png"), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "multirec", "predict", ".", "--xml-out", "out", "-o", "rows.csv", "-b", "1"],
        cwd=tmp_path, stderr=subprocess.PIPE,
    )  # fmt: skip
    part = tmp_path / "rows.csv.part"
    while process.poll() is None and not (part.exists() and part.read_bytes().count(b"\n") > 10):
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == ExitCode.TERMINATED
    lines = Counter(re.findall(r"^\./(\d\d\.xml)#", part.read_text(encoding="utf-8"), re.MULTILINE))
    assert 0 < len(lines) < 60
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [n for n in sorted(lines) if lines[n] == 5]


@pytest.mark.parametrize("producer", [transkribus, kraken_alto, tesseract_alto])
def test_in_short(program, tmp_path, producer):
    """As most will call it: a text a line, rows on standard output."""
    made = sheet(2)
    made.save(tmp_path / "page.png")
    (tmp_path / "page.xml").write_text(producer(made, "page.png"), encoding="utf-8")
    done = program("predict", "page.xml", "--xml-out", "out", "-q", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(b"\n") == 3
    lines = read(str(tmp_path / "out" / "page.xml")).lines
    assert alike(line.text for line in lines) == [printed.text for printed in made.lines]
    for wrong in (["--xml-out", "."], ["--xml-out", tmp_path]):
        done = program("predict", "page.xml", *wrong, cwd=tmp_path)
        assert done.returncode == ExitCode.OUTPUT_NOT_WRITABLE and b"another" in done.stderr


def test_shards_write_into_the_folder_that_they_read(program, tmp_path):
    made = sheet(2)
    made.save(tmp_path / "page.png")
    for n in range(3):
        (tmp_path / f"{n}.xml").write_text(transkribus(made, "page.png"), encoding="utf-8")
    (tmp_path / "blank.xml").write_text(page_xml("", "page.png"), encoding="utf-8")
    asked = "predict", ".", "--xml-out", "filled", "-q"
    for i in (1, 2):
        assert not program(*asked, "--shard", f"{i}/2", "-o", f"{i}.csv", cwd=tmp_path).returncode
    assert sorted(path.name for path in (tmp_path / "filled").iterdir()) == ["0.xml", "1.xml", "2.xml", "blank.xml"]
    merged = program("merge", "1.csv", "2.csv", cwd=tmp_path)
    assert merged.stdout == program(*asked, cwd=tmp_path).stdout
    assert not list((tmp_path / "filled").rglob("*/*.xml"))
    lines = program("predict", "0.xml#r1l0", *asked[2:], "--shard", "1/1", "-o", "lines.csv", cwd=tmp_path)
    assert lines.returncode == ExitCode.OUTPUT_NOT_WRITABLE and b"name documents, not their lines" in lines.stderr
