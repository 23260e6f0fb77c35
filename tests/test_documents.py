"""What PAGE and ALTO documents say, without their pictures."""

import os
import subprocess
import sys
import textwrap

import pytest

from multirec.documents import parse, vocabulary
from multirec.documents.document import DocumentError
from multirec.documents.points import points
from tests.pages import PRODUCERS, WITH_TEXT, alto_xml, page_line, page_xml, region, sheet

BOX = ((10, 10), (90, 10), (90, 30), (10, 30))


def parsed(tmp_path, text, name="page.xml"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return parse.read(str(path))


def ids(document):
    return [line.id for line in document.lines]


@pytest.mark.parametrize("producer", PRODUCERS, ids=lambda f: f.__name__)
def test_what_programs_write(tmp_path, producer):
    made = sheet()
    document = parsed(tmp_path, producer(made, "scans/page 1.png"))
    assert document.image == "scans/page 1.png"
    assert len(document.lines) == len(made.lines)
    assert len(set(ids(document))) == len(made.lines)
    if producer in WITH_TEXT:
        assert [line.text for line in document.lines] == [line.text for line in made.lines]
    else:
        assert not any(line.text for line in document.lines)
    for line, printed in zip(document.lines, made.lines, strict=True):
        assert abs(line.height / printed.box[3] * made.size[1] / document.height - 1) < 0.6
    assert parse.image_of(str(tmp_path / "page.xml")) == document.image
    assert parse.count_lines(str(tmp_path / "page.xml")) == len(made.lines)


@pytest.mark.parametrize(
    "version", ["2010-01-12", "2010-03-19", "2013-07-15", "2016-07-15", "2019-07-15", "2031-01-01"]
)
def test_versions_of_page(tmp_path, version):
    corners = "".join(f'<Point x="{x}" y="{y}"/>' for x, y in BOX)
    line = f'<TextLine id="a"><Coords>{corners}</Coords></TextLine>' if "2010" in version else page_line("a", BOX)
    for prefix in ("", "pc", "x"):
        (found,) = parsed(tmp_path, page_xml(region("r", [line]), version=version, prefix=prefix)).lines
        assert (found.id, found.outline) == ("a", BOX)


def test_page_without_any_namespace_and_in_other_encodings(tmp_path):
    text = page_xml(region("r", [page_line("é", BOX, text="žluťoučký")]))
    text = text.replace(f' xmlns="{text.split(chr(34) + ">")[0].split("xmlns=" + chr(34))[1]}"', "")
    assert "xmlns" not in text
    utf16 = text.replace("UTF-8", "UTF-16").encode("utf-16")
    latin2 = text.replace("UTF-8", "ISO-8859-2").encode("iso-8859-2")
    for data in (text, b"\xef\xbb\xbf" + text.encode(), utf16, latin2):
        (line,) = parsed(tmp_path, data).lines
        assert (line.id, line.text) == ("é", "žluťoučký")


def test_regions_in_reading_order(tmp_path):
    def lone(id):
        return region(id, [page_line("l" + id, BOX)])

    order = (
        '<ReadingOrder><OrderedGroup id="g"><RegionRefIndexed index="2" regionRef="c"/>'
        '<UnorderedGroupIndexed index="1"><RegionRef regionRef="e"/><OrderedGroup id="h">'
        '<RegionRefIndexed index="1" regionRef="b"/><RegionRefIndexed index="0" regionRef="d"/>'
        '</OrderedGroup></UnorderedGroupIndexed><RegionRefIndexed index="0" regionRef="gone"/></OrderedGroup>'
        "</ReadingOrder>"
    )
    table = f'<TableRegion id="c"><Coords points="0,0 9,0 9,9"/>{lone("c1")}{lone("c2")}</TableRegion>'
    document = parsed(tmp_path, page_xml(order + "".join(map(lone, "abde")) + table))
    assert ids(document) == ["le", "ld", "lb", "lc1", "lc2", "la"]
    # Without that element the regions may tell their order themselves.
    told = [
        region(id, [page_line("l" + id, BOX)], f'custom="readingOrder {{index:{n};}}"')
        for id, n in (("x", 1), ("y", 0))
    ]
    assert ids(parsed(tmp_path, page_xml("".join(told)))) == ["ly", "lx"]
    assert ids(parsed(tmp_path, page_xml("".join(map(lone, "ba"))))) == ["lb", "la"]


def test_lines_in_reading_order(tmp_path):
    def lines(*told):
        return [page_line(f"l{n}", BOX, custom=f"readingOrder {{index:{n};}}" if n is not None else "") for n in told]

    assert ids(parsed(tmp_path, page_xml(region("r", lines(2, 0, 10, 1))))) == ["l0", "l1", "l2", "l10"]
    assert ids(parsed(tmp_path, page_xml(region("r", lines(2, None, 1))))) == ["l2", "lNone", "l1"]
    by_attribute = page_xml(region("r", ['<TextLine id="b" index="1"/>', '<TextLine id="a" index="0"/>']))
    assert ids(parsed(tmp_path, by_attribute)) == ["a", "b"]


def test_names_of_lines(tmp_path):
    lines = ['<TextLine id="a"/>', "<TextLine/>", '<TextLine id="a"/>', '<TextLine id="line_5"/>', "<TextLine/>"]
    document = parsed(tmp_path, page_xml(region("r", lines)))
    assert ids(document) == ["a", "line_2", "line_3", "line_5", "line_5_"]


def test_angles(tmp_path):
    def angle(of_page, of_region, inner=None):
        lines = [page_line("a", BOX)]
        body = region("r", lines if inner is None else [region("s", lines, inner)], of_region)
        return parsed(tmp_path, page_xml(body, of_page=of_page)).lines[0].orientation

    assert angle("", "") is None
    assert angle('orientation="1.5"', "") == 1.5
    assert angle('orientation="1.5"', 'orientation="-90"') == -90
    assert angle('orientation="1.5"', 'readingOrientation="90"') == 91.5
    assert angle("", 'orientation="2"', 'orientation="3"') == 3
    assert angle("", 'orientation="2"', "") == 2
    alto = alto_xml('<TextBlock ROTATION="90"><TextLine ID="a" HPOS="1" VPOS="1" WIDTH="9" HEIGHT="9"/></TextBlock>')
    assert parsed(tmp_path, alto).lines[0].orientation == 90


def test_texts_of_alto(tmp_path):
    def text(*parts):
        return (
            parsed(tmp_path, alto_xml(f'<TextBlock><TextLine ID="a">{"".join(parts)}</TextLine></TextBlock>'))
            .lines[0]
            .text
        )

    assert text() is None
    assert text('<String CONTENT=""/>') == ""
    assert text('<String CONTENT="a"/>', "<SP/>", '<String CONTENT="b"/>', '<String CONTENT="."/>') == "a b."
    assert text('<String CONTENT="exam"/>', '<HYP CONTENT="-"/>') == "exam-"
    assert text('<String CONTENT="the"/>', '<String CONTENT="exam"/>', "<HYP/>") == "the exam-"


def test_boxes_and_baselines_of_alto(tmp_path):
    block = (
        '<TextLine ID="a"><String HPOS="10" VPOS="5" WIDTH="20" HEIGHT="10"/>'
        '<String HPOS="40" VPOS="3" WIDTH="9" HEIGHT="9"/></TextLine>'
        '<TextLine ID="b" HPOS="0" VPOS="100" WIDTH="50" HEIGHT="20" BASELINE="115"><String><Shape>'
        '<Polygon POINTS="1,1 2,2 3,3"/></Shape></String></TextLine>'
        '<TextLine ID="c" HPOS="x" BASELINE="-1,2.5 30 4e1"/>'
    )
    a, b, c = parsed(tmp_path, alto_xml(f"<TextBlock>{block}</TextBlock>")).lines
    assert a.box == (10, 3, 49, 15)
    assert (b.box, b.baseline, b.outline) == ((0, 100, 50, 120), ((0, 115), (50, 115)), ())
    assert (c.box, c.baseline) == (None, ((-1, 2.5), (30, 40)))


def test_coordinates_are_read_leniently():
    assert points("1,2 3,4") == points("1 2 3 4") == points("1,2,3,4") == points(" 1,2\n3,4 5") == ((1, 2), (3, 4))
    assert points("nan,1 x,y") == () or all(abs(v) < 10 for point in points("nan,1 x,y") for v in point)
    assert points("1e999,-1e300 2,2") == ((1e6, -1e6), (2, 2)) or points("1e999,-1e300 2,2")[-1] == (2, 2)
    assert points("") == points("no numbers") == ()


def test_lines_outside_of_regions_and_on_further_pages(tmp_path):
    text = page_xml(page_line("a", BOX)).replace("</Page>", f"</Page><Page>{region('r', [page_line('b', BOX)])}</Page>")
    a, b = parsed(tmp_path, text).lines
    assert (a.id, a.fault) == ("a", "")
    assert "another page" in b.fault


def test_no_lines_are_no_fault(tmp_path):
    assert parsed(tmp_path, page_xml("")).lines == ()
    assert parsed(tmp_path, alto_xml("")).lines == ()


BOMB = "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
BOMB = f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{BOMB}]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/a">%a;]><PcGts'


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "empty"),
        ("no XML", "not-an-image"),
        ("\x89PNG", "not-an-image"),
        ('<mets xmlns="http://www.loc.gov/METS/"/>', "not-an-image"),
        ("<html><TextLine/></html>", "not-an-image"),
        (page_xml("")[:-20], "document"),
        (page_xml("<TextRegion>"), "document"),
        (page_xml("&nbsp;"), "document"),
        (page_xml("").replace("UTF-8", "KOI-1000"), "document"),
        (page_xml("").replace("UTF-8", "UTF-16"), "not-an-image"),
        (page_xml("<a>" * 300 + "</a>" * 300), "document"),
        (page_xml("<PcGts/>").replace("<PcGts xml", BOMB + "<PcGts xml").replace("<PcGts/>", "&j;"), "document"),
        (page_xml("").replace("<PcGts", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><PcGts', 1), "document"),
        (page_xml("").replace("<PcGts", OUTSIDE, 1), "document"),
    ],
)  # fmt: skip
def test_what_is_no_document(tmp_path, text, kind):
    with pytest.raises(DocumentError) as error:
        parsed(tmp_path, text)
    assert error.value.kind == kind
    assert len(str(error.value)) < 200


def test_files_that_cannot_be_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.xml")
    for name, kind in (("none.xml", "missing"), ("pipe.xml", "not-an-image"), (".", "not-an-image")):
        with pytest.raises(DocumentError) as error:
            parse.read(str(tmp_path / name))
        assert error.value.kind == kind
        assert parse.count_lines(str(tmp_path / name)) == 0
        assert parse.image_of(str(tmp_path / name)) is None
    (tmp_path / "page.xml").write_text(page_xml(""))
    with pytest.raises(DocumentError, match=r"too-large: .*--max-bytes"):
        parse.read(str(tmp_path / "page.xml"), 10)


def test_a_dtd_is_not_fetched(tmp_path, monkeypatch):
    """A document type by itself is harmless: nothing is opened but the file."""
    opened = []
    monkeypatch.setattr("builtins.open", lambda *a, real=open, **k: opened.append(a[0]) or real(*a, **k))
    outside = tmp_path / "outside.dtd"
    outside.write_text('<!ENTITY a "from outside">')
    text = page_xml(region("r", [page_line("a", BOX, text="TEXT")])).replace("TEXT", "[&a;]")
    document = parsed(tmp_path, text.replace("<PcGts", f'<!DOCTYPE PcGts SYSTEM "{outside}"><PcGts', 1))
    assert document.lines[0].text == "[]"
    assert [str(name) for name in opened] == [str(tmp_path / "page.xml")]


@pytest.mark.parametrize(
    ("part", "end"),
    [
        (f'<Word><Coords points="{"1,2 " * 400}"/><TextEquiv><Unicode>x</Unicode></TextEquiv></Word>' * 50, ""),
        (page_line("a", BOX, text="text " * 4) * 500, "too-large"),
        ('<TextLine id="a"><Coords points="' + "1,2 " * 9_000_000 + '"/></TextLine>', "document"),
        (f'<TextLine><TextEquiv><Unicode>{"text " * 9_000_000}</Unicode></TextEquiv></TextLine>', "document"),
        ("<!--" + "-x" * 20_000_000 + "-->", "document"),
    ],
    ids="words lines points text comment".split(),
)  # fmt: skip
def test_200_megabytes_take_little_memory(tmp_path, part, end):
    """In a process of its own, whose memory is its own."""
    head, _, tail = page_xml(region("r", ['<TextLine id="z">\0</TextLine>'])).partition("\0")
    if "TextLine" in part:
        head, tail = head.replace('<TextLine id="z">', ""), tail.replace("</TextLine>", "")
    path = tmp_path / "page.xml"
    with path.open("w") as file:
        file.write(head)
        while file.tell() < 200_000_000:
            file.write(part)
        file.write(tail)
    code = textwrap.dedent(f"""
        import resource
        from multirec.documents import parse, vocabulary
        from multirec.documents.document import DocumentError
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            print(len(parse.read({str(path)!r}).lines))
        except DocumentError as error:
            print(error.kind)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    path.unlink()
    said, grown = done.stdout.split()
    assert said == (end or "1")
    assert int(grown) < 400_000, "KiB"


def test_corners_that_are_elements_are_counted_too(tmp_path, monkeypatch):
    monkeypatch.setattr(vocabulary, "MOST", 1000)
    line = '<TextLine id="a"><Coords>{}</Coords></TextLine>'
    few, many = ('<Point x="1" y="2"/>' * number for number in (20, 60))
    assert len(parsed(tmp_path, page_xml(region("r", [line.format(few)]))).lines[0].outline) == 20
    with pytest.raises(DocumentError, match="too-large: "):
        parsed(tmp_path, page_xml(region("r", [line.format(many)])))
