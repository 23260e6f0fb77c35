"""The page of multirec report: what is in it, and what it does in a browser."""

import base64
import codecs
import json
import os
import re
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from multirec import ExitCode, Result
from multirec.cli.main import main
from multirec.inputs.labels import read_labels
from multirec.outputs.formats import Csv
from tests.conftest import SAMPLES, multirec

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

from multirec.outputs.rows import read_rows
from multirec.report import page, pictures, places, plots
from tests.test_archives import tar_of, zip_of
from tests.test_tiff_pages import several

EVIL = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>\"'&"


class Written(list):
    """An output in memory."""

    def write(self, row):
        self.append(row)


def csv_of(results):
    out = Written()
    writer = Csv(out)
    for result in results:
        writer.write(result)
    return b"".join(out)


def read(image, text, confidence=0.5, other=None):
    other = text if other is None else other
    return Result(image, text, confidence, ((text, 0.5), (other, 0.5)), text == other)


class Parsed(HTMLParser):
    """What a browser would see: tags with attributes, and the contents of scripts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append([dict(attrs), ""])

    def handle_data(self, data):
        if self.cdata_elem == "script":
            self.scripts[-1][1] += data

    def json(self, name):
        (text,) = (text for attrs, text in self.scripts if attrs.get("id") == name)
        return json.loads(text)

    def table(self):
        data = self.json("data")
        return [dict(zip(data["columns"], cells, strict=True)) for cells in data["rows"]]


def build(results, **options):
    return page.build(results, page.Options(**{"title": "lines.csv", "pictures": "none", **options}))


@pytest.fixture
def image(tmp_path):
    """A function that writes a picture of a name below tmp_path."""
    picture = np.full((64, 300), 255, np.uint8)
    cv2.putText(picture, "line", (5, 45), cv2.FONT_HERSHEY_SIMPLEX, 1, 0, 2)
    data = cv2.imencode(".png", picture)[1].tobytes()

    def write(name):
        path = tmp_path / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    return write


def test_rows_come_back_as_they_were_written():
    results = [
        read("a,b.png", 'say "x"', 0.25, "say x"), Result("bad\udcff.png", error="empty: the file holds no bytes"),
        read("c.png", "=1+1", 1.0),
    ]  # fmt: skip
    assert read_rows(csv_of(results), "x.csv") == results
    assert read_rows(codecs.BOM_UTF8 + csv_of(results), "x.csv") == results  # as editors save it


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a,b\n1,2\n", "not a CSV of multirec: no column image"),
        (csv_of([]), "no rows"),
        (csv_of([read("a", "b", 0.5)]).replace(b",0.5000,b,", b",nan,b,"), "line 2: 'nan' is no confidence"),
        (b"", "not a CSV of multirec"),
    ],
)
def test_what_is_no_csv_of_multirec_is_said(data, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        read_rows(data, "x.csv")


def test_what_needs_review_comes_first():
    results = [
        Result("0", error="empty: x"), read("1", "a", 0.1), read("2", "a", 0.9, "b"), read("3", "a", 0.2, "b"),
        read("4", "a", 0.1),
    ]  # fmt: skip
    assert page.review_order(results) == [3, 2, 1, 4, 0]
    assert [row["image"] for row in Parsed(build(results)).table()] == ["3", "2", "1", "4", "0"]
    assert [row["number"] for row in Parsed(build(results, limit=2)).table()] == [3, 2]


def test_texts_and_names_are_never_markup():
    results = [
        read(EVIL, EVIL, 0.5, EVIL + "x"), read("\udcff\x00\u2028\u202e.png", "\x00\x1b[31m\u2029", 0.5),
        Result(EVIL + "2", error=EVIL),
    ]  # fmt: skip
    text = build(results, title=EVIL)
    text.encode("utf-8")
    parsed = Parsed(text)
    executed = [body for attrs, body in parsed.scripts if attrs.get("type") != "application/json"]
    assert len(executed) == 1
    assert executed[0] == "".join((Path(page.__file__).parent / name).read_text("utf-8") for name in page.SCRIPTS)
    assert not [tag for tag, _ in parsed.tags if tag in ("img", "iframe", "object", "base", "form") and tag != "form"]
    assert not [attrs for _, attrs in parsed.tags if any(name.startswith("on") for name in attrs)]
    assert "alert(1)</script>" not in text
    table = parsed.table()
    assert table[0]["text"] == EVIL
    assert table[0]["image"] == EVIL
    assert table[1]["image"] == r"\xff\x00\u2028\u202e.png"
    (policy,) = (a["content"] for _, a in parsed.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "script-src 'sha256-" in policy
    assert "file:" not in policy


def test_the_script_makes_no_markup():
    for name in page.SCRIPTS:
        script = (Path(page.__file__).parent / name).read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\(|</|<!--", script)


def test_the_page_loads_nothing():
    parsed = Parsed(build([read("a.png", "text")]))
    addresses = [v for tag, attrs in parsed.tags for k, v in attrs.items() if k in ("src", "href") and tag != "a"]
    assert all(v == "data:," or v.startswith("#") for v in addresses)


def test_ground_truth_belongs_in_the_common_folder(tmp_path):
    base = str(tmp_path)
    found = places.find(["scans/a/1.png", "scans/b/2.png"], [base])
    assert found.folder == f"{base}/scans"
    assert [place.path for place in found.images] == [f"{base}/scans/a/1.png", f"{base}/scans/b/2.png"]
    assert places.find(["scans/a/1.png"], [base]).folder == f"{base}/scans/a"
    assert places.find(["/one/1.png", "/two/2.png"], [base]).folder == ""


def test_names_are_relative_to_that_folder_or_left_out(image, tmp_path):
    names = ["s/a/1.png", "s/2.png", "s/no.png", "s/t\tab.png", "s/line\n.png", "s/\udcff.png", "s/é.png"]
    for name in names:
        if name != "s/no.png":
            image(name)
    known = places.find(names, ["/", str(tmp_path)]).images
    assert [place.name for place in known] == ["a/1.png", "2.png", "", "", "", "", "é.png"]
    assert [place.left_out for place in known[2:6]] == [
        "the image was not found", *["the name holds a tab or a line end"] * 2, "the name is not UTF-8",
    ]  # fmt: skip
    # What the browser writes from this is what training reads.
    (tmp_path / "s/gt.tsv").write_text("".join(f"{p.name}\ttext\n" for p in known if p.name), encoding="utf-8")
    assert all(path.is_file() for path, _ in read_labels(tmp_path / "s"))
    assert len(read_labels(tmp_path / "s")) == 3


def test_labels_that_are_there_are_not_replaced(image, tmp_path):
    image("a b/1.png")
    results = [read("a b/1.png", "x")]
    text = build(results, bases=(str(tmp_path),))
    assert Parsed(text).json("data")["file"] == "gt.tsv"
    assert f"multirec train &#39;{tmp_path}/a b&#39; --run runs/corrected" in text
    (tmp_path / "a b/gt.tsv").write_text("1.png\ttext\n")
    text = build(results, bases=(str(tmp_path),))
    assert Parsed(text).json("data")["file"] == "corrections.tsv"
    assert f"multirec train &#39;{tmp_path}/a b/corrections.tsv&#39;" in text


def test_pictures_are_small_and_missing_ones_are_noted(image, tmp_path):
    image("good.png")
    (tmp_path / "bad.png").write_bytes(b"no image")
    (tmp_path / "folder.png").mkdir()
    results = [read(name, "x") for name in ("good.png", "bad.png", "missing.png", "folder.png")]
    parsed = Parsed(build(results, pictures="embed", bases=(str(tmp_path),)))
    data = parsed.json("pictures-0")
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(data[0]), np.uint8), cv2.IMREAD_UNCHANGED)
    assert base64.b64decode(data[0])[8:12] == b"WEBP"
    assert picture.shape[:2] == (48, 225)
    assert data[1:] == ["", "", ""]
    notes = [row["note"] for row in parsed.table()]
    assert notes[0] == ""
    assert notes[1].startswith("not-an-image: OpenCV cannot decode it")
    assert notes[2:] == [pictures.NOT_FOUND, pictures.NOT_FOUND]


def test_links_are_relative_and_escaped(image, tmp_path):
    image("scans/a #1?.png")
    image(b"scans/\xff.png")
    results = [read("scans/a #1?.png", "x"), read("scans/\udcff.png", "x"), read("scans/no.png", "x")]
    options = {"pictures": "link", "bases": (str(tmp_path),), "folder": str(tmp_path / "pages")}
    text = build(results, **options)
    assert Parsed(text).json("pictures-0") == ["../scans/a%20%231%3F.png", "../scans/%FF.png", ""]
    assert "img-src data: &#39;self&#39; file:" in text


def test_figures_take_their_colours_from_the_page():
    results = [read(str(i), "x" * i, i / 100, "x" * (i - i % 2)) for i in range(100)]
    made = plots.plots([*results, Result("e", error="empty: x")])
    assert [plot.title for plot in made] == ["Confidence", "Agreement by length", "Length"]
    ids = [name for plot in made for name in re.findall(r'\bid="([^"]*)"', plot.svg)]
    assert len(ids) == len(set(ids))
    for plot in made:
        assert plot.svg.startswith("<svg ")
        assert all(colour in plot.svg for colour in ("var(--agree)", "var(--differ)", "currentColor"))
        assert not re.search(r"#[0-9a-fA-F]{6}\b|<style|<metadata|<script", plot.svg)
        for name in re.findall(r'(?:href="#|url\(#)([^")]*)', plot.svg):
            assert name in ids
    assert made == plots.plots(results)
    assert plots.plots([Result("e", error="empty: x")]) == []
    assert len(plots.plots([read("a", "")])) == 3


def test_corrections_belong_to_the_images_not_to_the_run():
    def identity(*results):
        return Parsed(build(list(results), limit=1)).json("data")["id"]

    assert identity(read("a", "x"), read("b", "y")) == identity(read("a", "z", 0.9), read("b", "y", 0.1, "w"))
    assert identity(read("a", "x")) != identity(read("b", "x"))


def test_ten_thousand_rows_fit():
    results = [read(f"scans/{i:05}.png", f"line {i} of a long page", i / 10_000, f"line {i} of") for i in range(10_000)]
    text = build(results)
    assert len(Parsed(text).table()) == 10_000
    assert len(text) < 3_000_000


def test_the_command_writes_a_file_or_standard_output(image, tmp_path):
    image("one.png")
    predictions = tmp_path / "lines.csv"
    predictions.write_bytes(csv_of([read("one.png", "text", 0.5), read("two.png", "text")]))
    # The CSV's own folder serves where the current one holds none of the images.
    done = multirec("report", predictions, "-o", tmp_path / "page.html", cwd="/")
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode() == f"multirec: 2 lines in {tmp_path / 'page.html'}\n"
    text = (tmp_path / "page.html").read_text("utf-8")
    assert [row["note"] for row in Parsed(text).table()] == ["", pictures.NOT_FOUND]
    assert not list(tmp_path.glob("*.part"))
    done = multirec("report", "-", "-o", "-", "--images", tmp_path, cwd="/", stdin=predictions.read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    assert Parsed(done.stdout.decode()).table() == Parsed(text).table()


def test_what_is_wrong_is_said(tmp_path, monkeypatch):
    (tmp_path / "bad.csv").write_text("a,b\n")
    done = CliRunner().invoke(main, ["report", str(tmp_path / "bad.csv")])
    assert done.exit_code == 1
    assert "bad.csv: not a CSV of multirec" in done.output
    (tmp_path / "good.csv").write_bytes(csv_of([read("a", "b")]))
    done = CliRunner().invoke(main, ["report", str(tmp_path / "good.csv"), "-o", str(tmp_path / "no/page.html")])
    assert done.exit_code == ExitCode.OUTPUT_NOT_WRITABLE
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delitem(sys.modules, "multirec.report.page")
    done = CliRunner().invoke(main, ["report", str(tmp_path / "good.csv")])
    assert done.exit_code == 1
    assert "jinja2 is missing: pip install '.[report]' in a clone of multirec" in done.output


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
def browser(tmp_path):
    """A Chromium page that knows no network; what it complains of is in its list ``said``."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("no Chromium here (chromium or google-chrome): the report was not opened in a browser")
    with playwright.sync_playwright() as running:
        context = running.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=CHROMIUM, args=ARGUMENTS, color_scheme="light"
        )
        context.set_default_timeout(20_000)
        tab = context.pages[0]
        tab.said = []
        tab.on("console", lambda message: tab.said.append(message.text))
        tab.on("pageerror", lambda error: tab.said.append(str(error)))
        tab.on("dialog", lambda dialog: (tab.said.append(dialog.message), dialog.dismiss()))
        tab.on("request", lambda r: tab.said.append(r.url) if r.url.startswith(("http", "ws", "ftp")) else None)
        yield tab
        context.close()


def test_in_a_browser(browser, image, tmp_path):
    from playwright.sync_api import expect

    names = [f"a/{i:03}.png" for i in range(120)]
    for name in names:
        image(f"lines/{name}")
    results = [read(f"lines/{name}", f"line {i:03}", i / 120) for i, name in enumerate(names)]
    results[7] = read("lines/a/007.png", "cat on the mat", 0.6, "cut on he mat")
    results[8] = read("lines/a/008.png", EVIL, 0.7, EVIL + "!")
    results[9] = read("lines/b/missing.png", "not there", 0.8, "not theré")
    results[10] = Result("lines/a/010.png", error=f"empty: {EVIL}")
    file = tmp_path / "page.html"
    file.write_text(build(results, pictures="embed", bases=(str(tmp_path),), title=EVIL), encoding="utf-8")
    browser.goto(file.as_uri())

    def texts():
        return browser.locator(".main .text").all_text_contents()

    def current():
        return browser.locator(".row[aria-current] .name").text_content()

    # Differing lines first; pages of 50; what differs is marked; pictures only of what is shown.
    assert texts()[:4] == ["cat on the mat", EVIL, "not there", "line 000"]
    assert browser.locator(".row").count() == 50
    marks = browser.locator(".row").first.locator("mark")
    assert marks.all_text_contents() == ["u", ""]
    assert marks.nth(1).get_attribute("title") == "missing: t"
    assert browser.locator(".row img").count() == 49
    expect(browser.locator(".row img").first).to_have_js_property("naturalHeight", 48)
    assert browser.locator(".row").nth(2).locator(".picture").text_content() == pictures.NOT_FOUND

    # Filters.
    browser.get_by_role("radio", name="Models differ").check()
    assert len(texts()) == 3
    browser.get_by_role("radio", name="Errors").check()
    assert texts() == [f"empty: {EVIL}"]
    browser.locator("#threshold").fill("10")
    assert browser.locator("input[value=below]").is_checked()
    assert texts() == [f"line {i:03}" for i in range(10) if i not in (7, 8, 9)] + ["line 011"]
    browser.locator("input[value=all]").check()

    # Order and pages.
    browser.locator("#sort").select_option("input")
    assert texts()[:2] == ["line 000", "line 001"]
    browser.get_by_role("button", name="Next").first.click()
    assert texts()[0] == "line 050"
    assert browser.locator(".range").first.text_content() == "Lines 51 to 100 of 120"
    browser.locator("#sort").select_option("review")

    # Keys: search, step, edit, leave, keep, undo.
    browser.locator("h1").click()
    browser.keyboard.press("/")
    browser.keyboard.type("MAT cat")
    browser.keyboard.press("Enter")
    assert texts() == ["cat on the mat"]
    browser.keyboard.press("Escape")
    assert len(texts()) == 50
    assert current() == "lines/a/007.png"
    browser.keyboard.press("j")
    browser.keyboard.press("ArrowDown")
    browser.keyboard.press("k")
    assert current() == "lines/a/008.png"
    browser.keyboard.press("e")
    browser.keyboard.type("lost")
    browser.keyboard.press("Escape")
    assert texts()[1] == EVIL
    browser.keyboard.press("ArrowUp")
    browser.keyboard.press("Enter")
    browser.keyboard.press("Control+a")
    browser.keyboard.insert_text("cat\ton <b>the</b>\nmät")
    browser.keyboard.press("Enter")
    assert texts()[0] == "cat on <b>the</b> mät"
    assert current() == "lines/a/008.png"
    browser.keyboard.press("Enter")
    browser.keyboard.press("Enter")
    browser.keyboard.press("Enter")
    browser.keyboard.type("!")
    browser.keyboard.press("Enter")
    assert texts()[2] == "not there!"
    assert browser.locator("#tally").text_content() == "2 corrected, 1 checked"
    browser.keyboard.press("Enter")
    browser.keyboard.type("?")
    browser.keyboard.press("Enter")
    browser.keyboard.press("k")
    assert texts()[3] == "line 000?"
    browser.keyboard.press("u")
    assert texts()[3] == "line 000"

    def downloaded():
        with browser.expect_download() as waiting:
            browser.locator("#download").click()
        assert waiting.value.suggested_filename == "gt.tsv"
        return Path(waiting.value.path()).read_bytes().decode("utf-8")

    # What was being typed when the page is left is kept, too.
    browser.keyboard.press("e")
    browser.keyboard.type(" half")
    browser.reload()
    assert texts()[3] == "line 000 half"
    for _ in range(3):
        browser.keyboard.press("j")
    browser.keyboard.press("u")
    assert texts()[3] == "line 000"

    # What is downloaded, before and after a reload, is what training reads.
    wanted = f"a/007.png\tcat on <b>the</b> mät\na/008.png\t{EVIL}\n"
    assert downloaded() == wanted
    assert browser.locator("#said").text_content() == "2 lines in gt.tsv; left out 1: the image was not found."
    assert str(tmp_path / "lines") in browser.locator("footer").text_content()
    browser.reload()
    assert texts()[0] == "cat on <b>the</b> mät"
    assert downloaded() == wanted
    browser.locator("input[value=corrected]").check()
    assert len(texts()) == 3
    browser.locator("#what").select_option("all")
    (tmp_path / "lines/gt.tsv").write_text(downloaded(), encoding="utf-8")
    labels = read_labels(tmp_path / "lines")
    assert len(labels) == 118
    assert labels[7] == (tmp_path / "lines/a/007.png", "cat on <b>the</b> mät")

    # Dark, by the button, and still so after a reload.
    def paper():
        return browser.evaluate("getComputedStyle(document.body).backgroundColor")

    light = paper()
    browser.locator("#theme").click()
    assert paper() != light
    browser.reload()
    assert paper() != light
    assert browser.locator("#theme").text_content() == "Light"

    assert browser.said == []


def test_links_work_in_a_browser(browser, image, tmp_path):
    from playwright.sync_api import expect

    image("scans/a #1?.png")
    (tmp_path / "scans/no image.png").write_bytes(b"x")
    file = tmp_path / "pages/page.html"
    file.parent.mkdir()
    options = {"pictures": "link", "bases": (str(tmp_path),), "folder": str(file.parent)}
    file.write_text(build([read("scans/a #1?.png", "x"), read("scans/no image.png", "y")], **options), encoding="utf-8")
    browser.goto(file.as_uri())
    expect(browser.locator(".row img").first).to_have_js_property("naturalHeight", 64)
    expect(browser.locator(".picture").nth(1)).to_have_text("the browser cannot show this image")
    assert browser.said == []


def test_the_samples_make_a_page():
    results = [read(str(path), path.stem) for path in sorted(SAMPLES.glob("*.png"))]
    data = Parsed(build(results, pictures="embed")).json("pictures-0")
    assert all(0 < len(picture) < 12_000 for picture in data)


def test_pictures_within_files_are_found_again(tmp_path, monkeypatch):
    """In any order of review; a name that leads up leads nowhere, and none of them is for training."""
    monkeypatch.chdir(tmp_path)
    images = sorted(SAMPLES.glob("*.png"))
    members = [(image.name, image.read_bytes()) for image in images] + [("../up.png", images[0].read_bytes())]
    for name, data in (("a.tar", tar_of(members)), ("b.tgz", tar_of(members, "w:gz")), ("c.zip", zip_of(members))):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "d.tif").write_bytes(several([(Image.open(image), {}) for image in images]))
    within = [f"{archive}/{name}" for archive in ("a.tar", "b.tgz", "c.zip") for name, _ in members]
    within += [f"d.tif#{number}" for number in range(1, len(images) + 1)]
    rows = [read(name, name, k * 7 % 10 / 10) for k, name in enumerate(within)]
    text = build([*rows, read("a.tar/gone.png", "x"), read(str(images[0]), "x")], pictures="embed")
    parsed = Parsed(text)
    shown = {row["image"]: (row, block) for row, block in zip(parsed.table(), parsed.json("pictures-0"), strict=True)}
    want = shown[str(images[0])][1]
    for name in ("a.tar/../up.png", *(f"{archive}/{images[0].name}" for archive in ("a.tar", "b.tgz", "c.zip"))):
        assert shown[name][1] == want
    assert all(block and not row["name"] for name, (row, block) in shown.items() if name in within)
    assert "missing: no such picture" in shown["a.tar/gone.png"][0]["note"]
    assert [name for name, (row, _) in shown.items() if row["name"]] == [str(images[0])]
    linked = Parsed(build(rows, pictures="link")).table()
    assert {row["note"] for row in linked} == {"the image is within a file: embed pictures to see it"}
