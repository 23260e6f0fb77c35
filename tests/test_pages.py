"""From documents to pictures of lines: where pages are, how lines are cut, and what is wrong with some."""

import gc
import io
import time
import weakref
from pathlib import Path

import cv2
import numpy as np
import pytest

from multirec.documents.document import Line
from multirec.inputs import scans
from multirec.inputs.cutting import cut
from multirec.inputs.discover import count, discover
from multirec.inputs.images import ImageError
from multirec.inputs.labels import read_labels
from multirec.inputs.locate import Locator
from multirec.inputs.names import holder
from multirec.inputs.pages import Pages
from multirec.inputs.reading import Picture, decoded, read, read_ahead
from multirec.outputs.texts import TextFiles
from multirec.results import Result
from multirec.sources import DEFAULT, Limits, Opening, Page, Source
from multirec.training.lines import Line as Labelled
from multirec.training.lines import cut as cut_lines
from tests.pages import (
    PRODUCERS,
    alto_xml,
    page_line,
    page_xml,
    place,
    region,
    sheet,
    transkribus,
    turned,
    turned_picture,
)

MADE = sheet()


def saved(folder, text, name="page.xml", image="page.png", made=MADE):
    """A document, and the picture of its page, in ``folder``."""
    if image:
        made.save(folder / image)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def names(*paths, listing=b"", pages=None):
    return [source.path for source in discover(map(str, paths), io.BytesIO(listing), documents=pages)]


def alike(image, printed):
    """How well ``printed`` is found in ``image``, at most 1."""
    image = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    missing = [max(0, a - b) for a, b in zip(printed.shape, image.shape, strict=True)]
    image = np.pad(image, [(m, m) for m in missing], constant_values=244)
    return float(cv2.matchTemplate(image, printed, cv2.TM_CCOEFF_NORMED).max())


def lines_of(path, **opening):
    return [(source, decoded(source)) for source in Pages(Opening(**opening)).lines(path)]


@pytest.mark.parametrize("producer", PRODUCERS, ids=lambda f: f.__name__)
def test_lines_of_all_programs_are_cut(tmp_path, producer):
    path = saved(tmp_path, producer(MADE, "page.png"))
    found = lines_of(path)
    assert len(found) == len(MADE.lines)
    for (source, image), printed in zip(found, MADE.lines, strict=True):
        assert source.page == Page(path, len(MADE.lines))
        assert holder(source.path) == path
        assert alike(image, printed.picture) > 0.98
        assert image.shape[0] < 2 * printed.box[3]
        assert image.shape[1] < printed.box[2] + 24


@pytest.mark.parametrize("degrees", [0.4, 3, -7, 30, 90, -90, 93, 180, 175])
@pytest.mark.parametrize("told", ["baseline", "backwards", "orientation"])
def test_lines_are_turned_upright(degrees, told):
    page = turned_picture(MADE.picture, degrees)
    for printed in MADE.lines:
        outline = tuple(turned(printed.outline, MADE.size, degrees))
        baseline = tuple(turned(printed.baseline, MADE.size, degrees))
        if told == "orientation":
            image = cut(page, Line("a", outline, orientation=-degrees))
        else:
            image = cut(page, Line("a", outline, baseline=baseline[:: -1 if told == "backwards" else 1]))
        assert alike(image, printed.picture) > 0.8
        assert image.shape[0] < 1.4 * printed.box[3] + 20


def test_a_baseline_alone_says_where_a_turned_line_is():
    for degrees in (2, 90, -90):
        page = turned_picture(MADE.picture, degrees)
        for printed in MADE.lines:
            baseline = tuple(turned(printed.baseline, MADE.size, degrees))
            image = cut(page, Line("a", baseline=baseline, height=printed.box[3] * 1.1))
            assert alike(image, printed.picture) > 0.8


def test_what_is_not_of_the_line_is_paper():
    page = np.full((200, 400), 200, np.uint8)
    page[::2, ::3] = 0  # neighbours everywhere
    page[80:120, 50:350] = 230
    page[90:110, 100:300:4] = 20
    outline = ((50, 80), (350, 80), (350, 118), (200, 90), (50, 118))
    image = cut(page, Line("a", outline))
    assert (image[-1, image.shape[1] // 2 - 20 : image.shape[1] // 2 + 20] == 230).all()
    colours = cut(np.dstack([page, page, page // 2]), Line("a", outline))
    assert tuple(colours[-1, colours.shape[1] // 2]) == (230, 230, 115)


def test_short_baselines_and_slight_slopes_turn_nothing():
    printed = MADE.lines[0]
    plain = cut(MADE.picture, Line("a", tuple(printed.outline)))
    x, y, w, h = printed.box
    for baseline in (((x, y + 40), (x + 5, y + 60)), ((x, y + h - 12), (x + w, y + h - 10)), ((x, y),), ()):
        assert np.array_equal(cut(MADE.picture, Line("a", tuple(printed.outline), baseline=baseline)), plain)


X, Y, W, H = MADE.lines[1].box
RIGHT, BOTTOM = X + W, Y + H
WIDTH, HEIGHT = MADE.size
BASE = ((X, Y + H * 3 // 4), (RIGHT, Y + H * 3 // 4))


@pytest.mark.parametrize(
    "line",
    [
        Line("off the page", ((X, Y), (WIDTH + 500, Y), (WIDTH + 500, BOTTOM), (X, BOTTOM))),
        Line("two corners", ((X, Y), (RIGHT, BOTTOM))),
        Line("twice as many", ((X, Y), (RIGHT, Y), (RIGHT, BOTTOM), (X, BOTTOM)) * 2),
        Line("across itself", ((X, Y), (RIGHT, BOTTOM), (RIGHT, Y), (X, BOTTOM))),
        Line("across, with a baseline", ((X, Y), (RIGHT, BOTTOM), (RIGHT, Y), (X, BOTTOM)), None, BASE, height=H * 1.1),
        Line("a baseline as outline", BASE, height=H * 1.1),
        Line("three on a line", (*BASE, (X + 5, BASE[0][1])), None, BASE, height=H * 1.1),
        Line("thin", (*BASE, (RIGHT, BASE[0][1] + 1), (X, BASE[0][1] + 1)), None, BASE, height=H * 1.1),
        Line("box alone", box=(X, Y, RIGHT, BOTTOM)),
        Line("outline before box", ((X, Y), (RIGHT, Y), (RIGHT, BOTTOM), (X, BOTTOM)), (0, 0, 5, 5)),
        Line("upside down told, and wrong", ((X, Y), (RIGHT, Y), (RIGHT, BOTTOM), (X, BOTTOM)), None, BASE, 180.0),
    ],
    ids=lambda line: line.id,
)  # fmt: skip
def test_wrong_coordinates_that_still_tell_where_the_line_is(line):
    assert alike(cut(MADE.picture, line), MADE.lines[1].picture) > 0.95


@pytest.mark.parametrize(
    "line",
    [
        Line("nothing"),
        Line("a point", ((X, Y),)),
        Line("one point often", ((X, Y),) * 5, None, ((X, Y),) * 2, height=40),
        Line("elsewhere", ((WIDTH + 5, 5), (WIDTH + 900, 5), (WIDTH + 900, 60), (WIDTH + 5, 60))),
        Line("elsewhere, with a baseline", ((-90, -90), (-5, -90), (-5, -5)), None, ((-90, -9), (-5, -9)), height=40),
        Line("no height known", (), None, BASE),
        Line("too small", ((X, Y), (X + 1, Y), (X + 1, Y + 1), (X, Y + 1))),
        Line("of another page", box=(X, Y, RIGHT, BOTTOM), fault="it is on another page"),
    ],
    ids=lambda line: line.id,
)
def test_lines_that_are_nowhere(line):
    with pytest.raises(ImageError, match=r"^document: "):
        cut(MADE.picture, line)


def test_a_line_has_no_more_than_a_quarter_of_the_pixels_of_a_page():
    whole = Line("a", ((0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)))
    assert cut(MADE.picture, whole, max_pixels=4 * WIDTH * HEIGHT).shape == (HEIGHT, WIDTH)
    with pytest.raises(ImageError, match=r"^too-large: .*--max-pixels"):
        cut(MADE.picture, whole, max_pixels=3 * WIDTH * HEIGHT)


def test_the_page_stays_as_it_is():
    page = MADE.picture.copy()
    outline = ((0, 10), (WIDTH, 10), (WIDTH, 60), (WIDTH // 2, 30), (0, 60))
    cut(page, Line("as wide as the page", outline))
    assert np.array_equal(page, MADE.picture)


def test_any_coordinates_give_a_picture_or_an_error():
    random = np.random.default_rng(4)
    errors = 0
    for _ in range(600):
        number, many = random.integers(0, 9, 2)
        spread = random.choice([5.0, 100.0, 2000.0, 1e6])
        outline = tuple(map(tuple, random.normal(300, spread, (number, 2))))
        baseline = tuple(map(tuple, random.normal(300, spread, (many, 2))))
        orientation = random.choice([None, 0.0, 90.0, -179.5, 1e6])
        try:
            image = cut(
                MADE.picture, Line("a", outline, None, baseline, orientation, float(random.choice([0, 30, 1e6])))
            )
            assert image.size
        except ImageError:
            errors += 1
    assert 0 < errors < 500


def test_one_bad_line_does_not_cost_the_others(tmp_path):
    lines = [page_line(f"l{i}", printed.outline) for i, printed in enumerate(MADE.lines)]
    lines[1] = page_line("bad", ((-5, -5), (-3, -3), (-9, -9)))
    lines[2:2] = ['<TextLine id="none"/>', '<TextLine id="odd"><Coords points="a,b NaN,inf"/></TextLine>']
    path = saved(tmp_path, page_xml(region("r", lines), size=MADE.size))
    rows = [read(i, source) for i, source in enumerate(discover([path]))]
    assert [row.error.partition(":")[0] for row in rows] == ["", "document", "document", "document", "", ""]
    assert all(row.page == Page(path, 6) for row in rows)


@pytest.mark.parametrize("by", [0.5, 3])
def test_points_have_the_scale_of_the_declared_size(tmp_path, by):
    lines = [page_line(f"l{i}", [(x * by, y * by) for x, y in p.outline]) for i, p in enumerate(MADE.lines)]
    size = tuple(round(v * by, 1) for v in MADE.size)
    path = saved(tmp_path, page_xml(region("r", lines), size=size))
    for (_, image), printed in zip(lines_of(path), MADE.lines, strict=True):
        assert alike(image, printed.picture) > 0.97


def test_without_a_declared_size_coordinates_are_pixels(tmp_path):
    line = f'<TextBlock><TextLine ID="a" {place(MADE.lines[0].box)}/></TextBlock>'
    path = saved(tmp_path, alto_xml(line, size=(0, 0)))
    assert alike(lines_of(path)[0][1], MADE.lines[0].picture) > 0.98
    saved(tmp_path, alto_xml(line, size=(0, 0), unit="mm10"))
    (source,) = Pages().lines(path)
    assert read(0, source).error.startswith("document: its unit is no pixel")


def test_a_tall_jpeg_is_not_shrunk_and_colours_stay(tmp_path):
    made = sheet(20)
    colours = np.dstack([made.picture // 2, made.picture, made.picture])
    (tmp_path / "page.jpg").write_bytes(cv2.imencode(".jpg", colours, [cv2.IMWRITE_JPEG_QUALITY, 98])[1].tobytes())
    path = saved(tmp_path, transkribus(made, "page.jpg"), image=None)
    found = lines_of(path)
    assert min(made.size) > 1000
    for (_, image), printed in zip(found, made.lines, strict=True):
        assert alike(image, printed.picture) > 0.97
        blue, green, red = image.reshape(-1, 3).mean(axis=0)
        assert abs(2 * blue - green) < 4 > abs(red - green)


PLACES = {
    "page.png": "page.png",
    "./page.png": "page.png",
    "scans/page.png": "scans/page.png",
    "scans\\page.png": "scans/page.png",
    "OCR-D-IMG/page.png": "../OCR-D-IMG/page.png",
    "in the folder above.png": "../in the folder above.png",
    "/absolute/path/page.png": "page.png",
    "C:\\scans\\page.png": "page.png",
    "../elsewhere/page.png": "page.png",
    "https://example.org/iiif/full/page%201.png?x=1": "page 1.png",
    "file:///home/me/page.png": "page.png",
    "renamed.tif": "doc.jpg",
    "": "doc.TIF",
    "elsewhere/page.png": "shelf/page.png",
    "set/page.png": "shelf/set/page.png",
}


@pytest.mark.parametrize("named", PLACES)
def test_where_the_picture_of_a_page_is(tmp_path, named):
    image = tmp_path / "pages" / PLACES[named]
    if PLACES[named].startswith("shelf"):
        image = tmp_path / PLACES[named]
    MADE.save(image.parent.resolve() / image.name)
    path = saved(tmp_path, transkribus(MADE, named), "pages/doc.xml", image=None)
    assert len(lines_of(path, images=str(tmp_path / "shelf"))) == len(MADE.lines)


@pytest.mark.parametrize(
    "named", ["/{}/secret.png", "../../secret.png", "a/../../../secret.png", "file://{}/secret.png"]
)
def test_nothing_outside_is_opened(tmp_path, named):
    MADE.save(tmp_path / "secret.png")
    path = saved(tmp_path, transkribus(MADE, named.format(tmp_path)), "some/pages/doc.xml", image=None)
    rows = [read(0, source) for source in discover([path])]
    assert len(rows) == len(MADE.lines)
    for row in rows:
        assert row.error.startswith("missing: the page's picture, ") and "--images" in row.error
    assert rows[0].path == f"{path}#r1l0"


def test_a_damaged_picture_is_the_same_error_for_each_line_and_is_tried_once(tmp_path, monkeypatch):
    tried = []
    monkeypatch.setattr(scans, "contents", lambda *a, real=scans.contents: tried.append(a) or real(*a))
    path = saved(tmp_path, transkribus(MADE, "page.png"), image=None)
    for data, error in ((b"", "empty: "), (b"text", "not-an-image: "), (None, "too-large: ")):
        if data is None:
            MADE.save(tmp_path / "page.png")
        else:
            (tmp_path / "page.png").write_bytes(data)
        tried.clear()
        limits = Limits(pixels=WIDTH * HEIGHT - 1)
        rows = [read(0, source, limits) for source in discover([path])]
        assert len(rows) == len(MADE.lines)
        assert {row.error for row in rows} == {rows[0].error}
        assert rows[0].error.startswith(f"{error}the page's picture '{tmp_path}/page.png': ")
        assert len(tried) == 1


def test_a_page_is_decoded_once_and_goes_with_its_last_line(tmp_path, monkeypatch):
    decoded, alive = [], weakref.WeakSet()

    class Watched(scans.Scan):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            alive.add(self)

    monkeypatch.setattr("multirec.inputs.pages.Scan", Watched)
    monkeypatch.setattr(scans, "page_picture", lambda *a, real=scans.page_picture: decoded.append(1) or real(*a))
    paths = [saved(tmp_path, transkribus(MADE, "page.png"), f"{n}.xml") for n in range(40)]
    most = 0
    for number, picture in enumerate(read_ahead(discover(paths), 2, 64), 1):
        assert isinstance(picture, Picture) and picture.pixels is not None
        if number == len(MADE.lines):
            ahead = time.monotonic() + 30
            while len(decoded) < 16 and time.monotonic() < ahead:  # 64 lines are read that nobody has taken yet
                time.sleep(0.05)
            assert 16 <= len(decoded) < 40
        most = max(most, sum(scan._decoded is not None for scan in list(alive)))
    assert len(decoded) == 40
    assert most <= 4
    gc.collect()
    assert not alive


def test_lists_of_lines_decode_a_page_once(tmp_path, monkeypatch):
    decoded = []
    monkeypatch.setattr(scans, "page_picture", lambda *a, real=scans.page_picture: decoded.append(1) or real(*a))
    paths = [saved(tmp_path, transkribus(MADE, "page.png"), f"{n}.xml") for n in range(2)]
    listing = "\n".join(f"{path}#r1l{n}" for path in paths for n in (3, 1, 2, 3)).encode()
    pages = Pages()
    rows = [read(0, source) for source in discover(["-"], io.BytesIO(listing), documents=pages)]
    assert [row.path for row in rows] == listing.decode().splitlines()
    assert not any(row.error for row in rows)
    assert (len(decoded), pages.opened) == (2, 2)


def test_ten_thousand_lines(tmp_path):
    x, y, w, h = MADE.lines[0].box
    lines = (page_line(f"l{n}", [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]) for n in range(10_000))
    path = saved(tmp_path, page_xml(region("r", lines), size=MADE.size))
    found = names(path)
    assert len(found) == 10_000
    assert found[-1] == f"{path}#l9999"
    assert count([str(path)], Opening()) == 10_000
    picture = read(0, Locator().locate(f"{path}#l7000"))
    assert picture.pixels is not None and picture.page == Page(path, 10_000)


def test_names_lead_back_to_lines(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    saved(Path(), transkribus(MADE, "page.png"), "a#b.xml")
    assert names("a#b.xml") == [f"a#b.xml#r1l{n}" for n in range(4)]
    assert names("a#b.xml#r1l2") == ["a#b.xml#r1l2"]
    assert read(0, Locator().locate("a#b.xml#r1l2")).pixels is not None
    assert Locator().locate("a#b.xml#none").error.startswith("missing: ")
    assert Locator().locate("none.xml#r1") == Source("none.xml#r1")
    assert Locator().locate("page.png") == Source("page.png")
    Path("odd.xml#name").write_bytes(b"x")  # a file of this name is a file
    assert Locator().locate("odd.xml#name") == Source("odd.xml#name")


def test_a_folder_of_documents(tmp_path):
    text = transkribus(MADE, "scan.png")
    saved(tmp_path, text, "doc.xml", "scan.png")
    saved(tmp_path, transkribus(MADE, "nowhere.png"), "b.XML", "b.jpg")
    MADE.save(tmp_path / "line.png")
    for name, data in (
        ("mets.xml", "<mets/>"), ("notes.xml", "not even XML"), ("damaged.xml", text[:-9]), (".hidden.xml", text),
    ):  # fmt: skip
        (tmp_path / name).write_text(data)
    found = [(Path(s.path).name, s.error.partition(":")[0]) for s in discover([str(tmp_path)])]
    lines = [[(f"{name}#r1l{n}", "") for n in range(4)] for name in ("b.XML", "doc.xml")]
    assert found == [*lines[0], ("damaged.xml", "document"), *lines[1], ("line.png", "")]


def test_documents_in_folders_below_or_beside_their_pictures(tmp_path):
    """As Transkribus exports them, and with the pictures in a folder of their own."""
    saved(tmp_path / "one", transkribus(MADE, "0001.jpg"), "page/0001.xml", "0001.jpg")
    MADE.save(tmp_path / "one" / "thumbnail of none.jpg")
    saved(tmp_path / "two", transkribus(MADE, "0002.jpg"), "xml/0002.xml", "img/0002.jpg")
    lines = [str(tmp_path / f"one/page/0001.xml#r1l{n}") for n in range(4)]
    assert names(tmp_path / "one") == [*lines, str(tmp_path / "one/thumbnail of none.jpg")]
    opening = Opening(images=str(tmp_path / "two" / "img"))
    rows = [read(0, source) for source in discover([str(tmp_path / "two" / "xml")], opening=opening)]
    assert [row.error for row in rows] == [""] * 4


def test_xml_that_is_named_is_not_passed_over(tmp_path):
    (tmp_path / "mets.xml").write_text("<mets/>")
    (source,) = discover([str(tmp_path / "mets.xml")])
    assert source.error.startswith("not-an-image: it is XML, but neither PAGE nor ALTO")
    (source,) = discover(["-"], io.BytesIO(b"none.xml\n"))
    assert (source.path, source.error) == ("none.xml", "missing: no such file")


def test_a_text_for_each_page(tmp_path):
    def line(page, number, of=3, error=""):
        name = str(tmp_path / page)
        return Result(f"{name}#{number}", "" if error else f"text {number}", error=error, page=Page(name, of))

    writer = TextFiles(None)
    for result in (line("a.xml", 1), line("b.xml", 1, 1), line("a.xml", 2, error="document: x")):
        writer.write(result)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.txt"]
    writer.write(line("a.xml", 3))
    for result in (line("c.xml", 2, error="missing: x"), line("d.XML", 1), line("e.gt.xml", 1, 1)):
        writer.write(result)
    assert (tmp_path / "a.txt").read_text() == "text 1\n\ntext 3\n"
    assert not (tmp_path / "d.XML.txt").exists()
    writer.finish()  # of `d` only some lines were asked for
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt", "d.XML.txt", "e.gt.xml.txt"]


def test_documents_as_labels(tmp_path):
    path = saved(tmp_path, transkribus(MADE, "page.png"), "set/page.xml", "set/page.png")
    wanted = [(Path(f"{path}#r1l{n}"), printed.text) for n, printed in enumerate(MADE.lines)]
    assert read_labels(Path(path)) == read_labels(tmp_path / "set") == wanted
    (tmp_path / "set" / "mets.xml").write_text("<mets/>")
    assert read_labels(tmp_path / "set") == wanted
    for text, error in (
        ("<mets/>", "neither PAGE nor ALTO"),
        (page_xml("")[:-9], "cut short"),
        (page_xml(""), "no labels"),
    ):
        (tmp_path / "other.xml").write_text(text)
        with pytest.raises(ValueError, match=error):
            read_labels(tmp_path / "other.xml")
    # A table may name lines of pages, as that of a report's corrections does.
    (tmp_path / "set" / "gt.tsv").write_text("page.xml#r1l2\tother\n")
    assert read_labels(tmp_path / "set") == [(Path(f"{path}#r1l2"), "other")]


def test_labels_of_binarized_images(tmp_path):
    for name in ("a.bin.png", "b.nrm.png", "c.png", "c.bin.png", "d.raw.png", "a.1.png"):
        MADE.save(tmp_path / name)
    for name in "abcd":
        (tmp_path / f"{name}.gt.txt").write_text(f"text of {name}\n")
    found = [(path.name, text[-1]) for path, text in read_labels(tmp_path)]
    assert found == [("a.bin.png", "a"), ("b.nrm.png", "b"), ("c.bin.png", "c"), ("c.png", "c")]


def test_training_cuts_lines_once(tmp_path, capsys):
    lines = [page_line(f"l{n}", printed.outline, text=printed.text) for n, printed in enumerate(MADE.lines)]
    lines[2] = page_line("bad", ((1, 1), (1, 1)), text="nowhere")
    path = saved(tmp_path, page_xml(region("r", lines), size=MADE.size))
    file = Labelled(MADE.save(tmp_path / "line.png"), "a file")
    labelled = [*(Labelled(*pair) for pair in read_labels(Path(path))), file]
    found = cut_lines(labelled, tmp_path / "lines")
    assert [line.text for line in found] == [MADE.lines[n].text for n in (0, 1, 3)] + ["a file"]
    for line, printed in zip(found, (MADE.lines[n] for n in (0, 1, 3)), strict=False):
        assert alike(cv2.imread(str(line.path), cv2.IMREAD_GRAYSCALE), printed.picture) > 0.98
        assert line.grey().shape[0] == 64
    assert found[-1] is file
    assert "1 lines cannot be cut" in capsys.readouterr().err
    assert cut_lines(labelled, tmp_path / "lines") == found
    assert len(list((tmp_path / "lines").iterdir())) == 3


def test_the_limits_reach_documents(tmp_path):
    path = saved(tmp_path, transkribus(MADE, "page.png"))
    (source,) = Pages(Opening(Limits(bytes=100))).lines(path)
    assert source.error.startswith("too-large: ")
    assert DEFAULT.bytes > 100
