"""What was read, put into PAGE and ALTO documents: nothing else moves, and the schemas are kept."""

import codecs
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multirec import Result
from multirec.documents.boxes import Frame
from multirec.documents.fill import fill
from multirec.documents.how import How
from multirec.results import Word
from tests.schemas import faults

PAGE = "http://schema.primaresearch.org/PAGE/gts/pagecontent"

OCRD = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<!-- made > up --><?keep this?>
<pc:PcGts xmlns:pc="{PAGE}/2019-07-15" pcGtsId='P1'>
  <pc:Metadata externalRef="a">
    <pc:Creator>somebody</pc:Creator>
    <pc:Created>2020-01-01T00:00:00</pc:Created>
    <pc:LastChange>2020-01-01T00:00:00</pc:LastChange>
    <pc:MetadataItem type="processingStep" name="layout" value="other"/>
  </pc:Metadata>
  <pc:Page imageFilename="page.png" imageWidth="800" imageHeight="600">
    <pc:ReadingOrder>
    <pc:OrderedGroup id="g"><pc:RegionRefIndexed index="0" regionRef="r1"/></pc:OrderedGroup></pc:ReadingOrder>
    <pc:TextRegion id="r1">
      <pc:Coords points="0,0 800,0 800,400 0,400"/>
      <pc:TextLine id="l1" custom='x > "y"'>
        <pc:AlternativeImage filename="l1.png"/>
        <pc:Coords points="100,100 500,100 500,140 100,140"/>
        <pc:Baseline points="100,130 500,130"/>
        <pc:Word id="l1_w1"><pc:Coords points="1,1 2,2 3,3"/>
          <pc:TextEquiv index="0"><pc:Unicode>cld</pc:Unicode></pc:TextEquiv>
        </pc:Word>
        <!-- between -->
        <pc:TextEquiv conf="0.3"><pc:Unicode>old &amp; cld</pc:Unicode></pc:TextEquiv>
        <pc:TextEquiv index='7'><pc:Unicode>older</pc:Unicode></pc:TextEquiv>
        <pc:TextStyle fontSize="9.0"/>
        <pc:UserDefined><pc:UserAttribute name="a" value="b"/></pc:UserDefined>
      </pc:TextLine>
      <pc:TextLine id="l2"><pc:Coords points="100,200 500,200 500,240 100,240"/></pc:TextLine>
      <pc:TextLine id="l3">
        <pc:Coords points="100,300 500,300 500,340 100,340"/>
        <pc:TextEquiv><pc:Unicode>stays</pc:Unicode></pc:TextEquiv>
      </pc:TextLine>
      <pc:TextEquiv><pc:Unicode>old &amp; cld

stays</pc:Unicode></pc:TextEquiv>
    </pc:TextRegion>
  </pc:Page>
</pc:PcGts>
"""

TRANSKRIBUS = f"""<?xml version="1.0" encoding="UTF-8"?>
<PcGts xmlns="{PAGE}/2013-07-15" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <Metadata>
        <Creator>prov=x:name=y</Creator>
        <Created>2016-02-02T10:00:00.000+01:00</Created>
        <LastChange>2016-02-02T10:00:00.000+01:00</LastChange>
    </Metadata>
    <Page imageFilename="page.png" imageWidth="800" imageHeight="600">
        <TextRegion id="r1" custom="readingOrder {{index:0;}}">
            <Coords points="0,0 800,0 800,400"/>
            <TextLine id="l1" custom="readingOrder {{index:0;}}">
                <Coords points="100,100 500,100 500,140 100,140"/>
                <Baseline points="100,130 500,130"/>
                <TextEquiv>
                    <Unicode>old</Unicode>
                </TextEquiv>
            </TextLine>
            <TextLine id="l2">
                <Coords points="100,200 500,200 500,240 100,240"/>
                <Word id="w1"><Coords points="1,1 2,2 3,3"/></Word>
                <TextEquiv/>
            </TextLine>
            <TextLine id="l3"><Coords points="100,300 500,300 500,340 100,340"/></TextLine>
            <TextEquiv>
                <Unicode>old</Unicode>
            </TextEquiv>
        </TextRegion>
    </Page>
</PcGts>
"""

OLDEST = f"""<PcGts xmlns="{PAGE}/2010-03-19"><Metadata><Creator>x</Creator><Created>2010-01-01T00:00:00</Created>
<LastChange>2010-01-01T00:00:00</LastChange></Metadata><Page
imageFilename="page.tif" imageWidth="800" imageHeight="600"><TextRegion id="r1"
><Coords><Point x="0" y="0"/><Point x="9" y="0"/><Point x="9" y="9"/></Coords>
<TextLine id="l1"><Coords><Point x="100" y="100"/><Point x="500" y="100"/><Point x="500" y="140"/></Coords></TextLine>
<TextLine id="l2"><Coords><Point x="1" y="1"/></Coords><TextEquiv>
<PlainText>old</PlainText><Unicode>old</Unicode></TextEquiv></TextLine><TextLine
id="l3"><Coords><Point x="1" y="1"/></Coords></TextLine></TextRegion></Page></PcGts>"""

# Without any white space between elements.
ESCRIPTORIUM = re.sub(
    r">\s+<",
    "><",
    f"""<?xml version="1.0" encoding="UTF-8"?>
<PcGts xmlns="{PAGE}/2019-07-15"><Metadata><Creator>escriptorium</Creator><Created>2024-01-01T00:00:00+00:00</Created>
<LastChange>2024-01-01T00:00:00+00:00</LastChange></Metadata><Page
imageFilename="p.png" imageWidth="800" imageHeight="600"><TextRegion id="b1">
<Coords points="0,0 9,0 9,9"/><TextLine id="l1"><Coords points="100,100 500,100 500,140 100,140"/>
<Baseline points="100,130 500,130"/><TextEquiv><Unicode></Unicode></TextEquiv></TextLine><TextLine id="l2">
<Coords points="100,200 500,200 500,240 100,240"/></TextLine><TextLine id="l3"><Coords points="1,1 2,2"/></TextLine>
</TextRegion></Page></PcGts>""",
)


def alto(version, lines, more=""):
    """An ALTO document as most programs lay it out."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v{version}#" xmlns:xlink="http://www.w3.org/1999/xlink">
\t<Description>
\t\t<MeasurementUnit>pixel</MeasurementUnit>
\t\t<sourceImageInformation>
\t\t\t<fileName>page.png</fileName>
\t\t</sourceImageInformation>{more}
\t</Description>
\t<Layout><Page ID="p1" PHYSICAL_IMG_NR="1" WIDTH="800" HEIGHT="600">
\t<PrintSpace HPOS="0" VPOS="0" WIDTH="800" HEIGHT="600">
\t\t<TextBlock ID="b1" HPOS="0" VPOS="0" WIDTH="800" HEIGHT="600">{lines}
\t\t</TextBlock>
\t</PrintSpace></Page></Layout>
</alto>
"""


TESSERACT = alto(
    3,
    """
\t\t\t<TextLine ID="l1" HPOS="100" VPOS="100" WIDTH="400" HEIGHT="40">
\t\t\t\t<String ID="s1" HPOS="100" VPOS="100" WIDTH="90" HEIGHT="40" CONTENT="old &amp;"/><SP WIDTH="9" HPOS="1"/>
\t\t\t\t<String ID="s2" HPOS="200" VPOS="100" WIDTH="90" HEIGHT="40" CONTENT="cld"><ALTERNATIVE>o</ALTERNATIVE></String>
\t\t\t</TextLine>
\t\t\t<TextLine ID="l2" HPOS="100" VPOS="200" WIDTH="400" HEIGHT="40"/>
\t\t\t<TextLine ID="l3" HPOS="100" VPOS="300"><String CONTENT="stays"/><HYP CONTENT="-"/></TextLine>""",
    '\n\t\t<OCRProcessing ID="multirec"><ocrProcessingStep/></OCRProcessing>',
)

KRAKEN = alto(
    4,
    """
\t\t\t<TextLine ID="l1" HPOS="100" VPOS="100" WIDTH="400" HEIGHT="40" BASELINE="100 130 500 130">
\t\t\t\t<Shape><Polygon POINTS="100 100 500 100 500 140 100 140"/></Shape>
\t\t\t\t<String CONTENT="old &amp; cld" HPOS="100" VPOS="100" WIDTH="400" HEIGHT="40"></String>
\t\t\t</TextLine>
\t\t\t<TextLine ID="l2" BASELINE="100 230 500 230"></TextLine>
\t\t\t<TextLine ID="l3" BASELINE="100 330 500 330"><String CONTENT=""/></TextLine>""",
)

LIBRARY = alto(
    2,
    '<TextLine ID="l1" HPOS="1.5" VPOS="1" WIDTH="9" HEIGHT="9"><String CONTENT="old"/></TextLine><TextLine ID="l2">'
    '<String CONTENT="a"/><String CONTENT="b"/></TextLine><TextLine ID="l3"><String CONTENT=""/></TextLine>',
)

DOCUMENTS = {
    "OCR-D": OCRD, "Transkribus": TRANSKRIBUS, "oldest": OLDEST, "eScriptorium": ESCRIPTORIUM, "Tesseract": TESSERACT,
    "kraken": KRAKEN, "library": LIBRARY,
}  # fmt: skip
every_document = pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)

WORDS = (Word("Neu", 0.0, 0.25, 0.91), Word("&", 0.3, 0.35, 0.5), Word("<ganz>", 0.4, 1.0, 0.9876))
READ = Result("p.xml#l1", "Neu & <ganz>", 0.8765, (("Neu & <ganz>", 0.9), ("Nen & <ganz>", 0.8)), False, words=WORDS)
RESULTS = {"l1": READ, "l2": replace(READ, text="zwei", words=(Word("zwei", 0.1, 0.2, 1.0),))}
FRAME = Frame(((100, 100), (500, 100), (500, 140), (100, 140)), 0.0, (98, 502))
FRAMES = {"l1": FRAME, "l2": FRAME}
HOW = How(version="9.9", settings={"weights": "7"}, date="2025-03-14T15:09:26Z")
WAYS = [replace(HOW, words=words, keep=keep) for words in (False, True) for keep in (False, True)]


def filled(text, how=HOW, results=RESULTS):
    return fill(text.encode(), results, how, FRAMES).data.decode()


def rest(text):
    """A document without all that may change in it, and the white space before that."""
    own = "TextEquiv|Word|String|SP|HYP|MetadataItem|OCRProcessing|Processing"
    text = re.sub(r"<((?:pc:)?TextLine[^>]*?)\s*/>", r"<\1></TextLine>", text)
    text = re.sub(rf"\s*<((?:pc:)?(?:{own}))\b(?:[^>]*?/>|.*?</\1>)", "", text, flags=re.DOTALL)
    text = re.sub(r"(LastChange>)[^<]*", r"\1", text)
    return re.sub(r"(<TextLine[^>]*>)\s*(</TextLine>)", r"\1\2", text)


def texts(data, tag="TextLine"):
    """The elements of a name, in order."""
    return [element for element in ET.fromstring(data).iter() if element.tag.endswith("}" + tag)]


@every_document
@pytest.mark.parametrize("how", WAYS, ids=["", "keep", "words", "words, keep"])
def test_nothing_else_moves_and_the_schema_is_kept(text, how):
    new = filled(text, how)
    assert "zwei" in new
    assert rest(new) == rest(text)
    assert faults(new) == []


@every_document
def test_what_is_there_twice_is_written_once(text):
    """Filled in again, a document says the same, but for one more step."""
    once = filled(text, replace(HOW, words=True))
    twice = filled(once, replace(HOW, words=True))
    steps = r"\s*<((?:pc:)?(?:MetadataItem|OCRProcessing|Processing))\b(?:[^>]*?/>|.*?</\1>)"
    assert re.sub(steps, "", twice, flags=re.DOTALL) == re.sub(steps, "", once, flags=re.DOTALL)


@every_document
@pytest.mark.parametrize("results", [{}, {"nowhere": READ}, {"l1": Result("p.xml#l1", error="missing: no page")}])
def test_where_nothing_was_read_a_document_stays_as_it_is(text, results):
    assert filled(text, results=results) == text


ENCODINGS = [
    ("UTF-8", "utf-8-sig", b""), ("UTF-16", "utf-16-le", codecs.BOM_UTF16_LE),
    ("UTF-16", "utf-16-be", codecs.BOM_UTF16_BE), ("ISO-8859-1", "iso-8859-1", b""), ("windows-1252", "cp1252", b""),
    ("US-ASCII", "ascii", b""),
]  # fmt: skip


@every_document
@pytest.mark.parametrize("declared, codec, mark", ENCODINGS, ids=[codec for _, codec, _ in ENCODINGS])
def test_in_its_own_encoding_and_with_its_own_line_ends(text, declared, codec, mark):
    if not text.startswith("<?xml"):
        text = '<?xml version="1.0" encoding="UTF-8"?>' + text
    text = text.replace("UTF-8", declared).replace("\n", "\r\n")
    read = replace(READ, text="Café — ſo", words=())
    new = fill(mark + text.encode(codec), {"l1": read}, HOW).data
    assert new.startswith(mark)
    assert rest(new[len(mark) :].decode(codec)) == rest(text)
    (line, *_) = texts(new)
    said = [e.get("CONTENT", e.text) for e in line.iter() if e.tag.endswith(("Unicode", "String"))]
    assert said[0] == "Café — ſo"


def test_page():
    """Each text with its confidence and whose it is; the oldest stays behind them."""
    (first, second, third) = texts(filled(OCRD, replace(HOW, keep=True)))
    said = [(e.get("index"), e.get("conf"), e.get("comments"), e[0].text) for e in first if e.tag.endswith("TextEquiv")]
    assert said == [
        ("0", "0.8765", None, "Neu & <ganz>"), ("1", "0.9000", "SEnet363", "Neu & <ganz>"),
        ("2", "0.8000", "SEnet484", "Nen & <ganz>"), ("3", "0.3", None, "old & cld"), ("4", None, None, "older"),
    ]  # fmt: skip
    assert [e[0].text for e in second if e.tag.endswith("TextEquiv")] == ["zwei", "Neu & <ganz>", "Nen & <ganz>"]
    assert [e[0].text for e in third if e.tag.endswith("TextEquiv")] == ["stays"]


def test_page_of_before_2016_has_room_for_one_text():
    filling = fill(TRANSKRIBUS.encode(), RESULTS, replace(HOW, keep=True))
    line, *_ = texts(filling.data)
    assert [(e.attrib, e[0].text) for e in line if e.tag.endswith("TextEquiv")] == [
        ({"conf": "0.8765"}, "Neu & <ganz>")
    ]
    assert filling.lost == 2  # a line's and the region's
    assert fill(TRANSKRIBUS.encode(), RESULTS, HOW).lost == 0


def test_words_of_page():
    (line, *_) = texts(filled(OCRD, replace(HOW, words=True)))
    words = [e for e in line if e.tag.endswith("Word")]
    assert [w.get("id") for w in words] == ["l1_w1", "l1_w2", "l1_w3"]
    assert [(w[1].get("conf"), w[1][0].text) for w in words] == [
        ("0.9100", "Neu"),
        ("0.5000", "&"),
        ("0.9876", "<ganz>"),
    ]
    assert words[0][0].get("points") == "100,100 199,100 199,140 100,140"


def test_words_that_say_something_else_go_and_mere_places_stay():
    first, *_ = texts(filled(OCRD))
    assert not [e for e in first if e.tag.endswith("Word")]
    _, second, _ = texts(filled(TRANSKRIBUS))
    assert [e.get("id") for e in second if e.tag.endswith("Word")] == ["w1"]


def test_a_region_says_what_its_lines_say():
    """Those that were not read too; a region that had no text gets none."""
    (region,) = texts(filled(OCRD, replace(HOW, keep=True)), "TextRegion")
    said = [(e.get("index"), e[0].text) for e in region if e.tag.endswith("TextEquiv")]
    assert said == [("0", "Neu & <ganz>\nzwei\nstays"), ("1", "old & cld\n\nstays")]
    new = fill(OCRD.encode(), RESULTS, HOW, order=["l3", "l2", "l1"]).data
    assert "stays\nzwei\nNeu &amp; &lt;ganz&gt;" in new.decode()
    (region,) = texts(filled(ESCRIPTORIUM), "TextRegion")
    assert not [e for e in region if e.tag.endswith("TextEquiv")]


def test_a_text_that_words_alone_had_is_kept():
    text = re.sub(r"<pc:TextEquiv conf.*?</pc:TextEquiv>\s*<pc:TextEquiv index='7'.*?</pc:TextEquiv>", "", OCRD)
    line, *_ = texts(filled(text, replace(HOW, keep=True)))
    last = [e for e in line if e.tag.endswith("TextEquiv")][-1]
    assert (last.get("index"), last.get("comments"), last[0].text) == ("3", "before multirec", "cld")


def test_page_says_how_it_was_made():
    new = filled(OCRD)
    (metadata,) = texts(new, "Metadata")
    item = metadata[-1]
    assert item.attrib == {
        "type": "processingStep", "name": "recognition/text-recognition", "value": "multirec", "date": HOW.date,
    }  # fmt: skip
    assert [label.attrib for label in item[0]] == [
        {"value": "9.9", "type": "version"},
        {"value": "7", "type": "weights"},
    ]
    assert f"<pc:LastChange>{HOW.date}</pc:LastChange>" in new
    assert "MetadataItem" not in filled(TRANSKRIBUS)


def test_alto():
    """One String with the readings beside it; or a String a word, and SP between two."""
    line, *_ = texts(filled(TESSERACT, replace(HOW, keep=True)))
    (string,) = line
    box = {"HPOS": "100", "VPOS": "100", "WIDTH": "400", "HEIGHT": "40"}
    assert string.attrib == {"CONTENT": "Neu & <ganz>", "WC": "0.8765", **box}
    assert [(e.get("PURPOSE"), e.text) for e in string] == [
        ("SEnet363", "Neu & <ganz>"), ("SEnet484", "Nen & <ganz>"), ("before multirec", "old & cld"),
    ]  # fmt: skip
    line, *_ = texts(filled(TESSERACT, replace(HOW, words=True)))
    assert [e.tag.rpartition("}")[2] for e in line] == ["String", "SP", "String", "SP", "String"]
    assert [e.get("CONTENT") for e in line[::2]] == ["Neu", "&", "<ganz>"]
    assert [e.get("WC") for e in line[::2]] == ["0.9100", "0.5000", "0.9876"]
    assert line[0].attrib == {"ID": "l1_w1", "CONTENT": "Neu", "WC": "0.9100", **box, "WIDTH": "99"}
    assert line[1].attrib == {**box, "HPOS": "199", "WIDTH": "20"}
    assert fill(TESSERACT.encode(), RESULTS, replace(HOW, words=True, keep=True)).lost == 1


@pytest.mark.parametrize("space", ["", "<SP/>"])
def test_the_old_text_of_alto(space):
    text = alto(
        3, f'<TextLine ID="l1"><String CONTENT="zwei"/>{space}<String CONTENT="Wör"/><HYP CONTENT="-"/></TextLine>'
    )
    (line,) = texts(filled(text, replace(HOW, keep=True)))
    assert [e.text for e in line[0] if e.get("PURPOSE") == "before multirec"] == ["zwei Wör-"]


def test_alto_says_how_it_was_made():
    (step,) = texts(filled(KRAKEN), "Processing")
    said = [(e.tag.rpartition("}")[2], e.text) for e in step.iter()][1:]
    assert ("softwareName", "multirec") in said and ("softwareVersion", "9.9") in said
    assert ("processingDateTime", HOW.date) in said and ("processingStepSettings", "weights: 7") in said
    _, step = texts(filled(TESSERACT), "OCRProcessing")
    assert step.get("ID") == "multirec_2" and step[0].tag.endswith("ocrProcessingStep")


def test_lines_without_ids_and_with_the_same_one():
    text = alto(3, '<TextLine/><TextLine ID="a"/><TextLine ID="a"/>')
    results = {name: replace(READ, text=name) for name in ("line_1", "a", "line_3")}
    new = fill(text.encode(), results, HOW).data
    assert [e.get("CONTENT") for e in texts(new, "String")] == ["line_1", "a", "line_3"]


def test_nothing_read_is_an_empty_text():
    blank = Result("p.xml#l1", "", 0.0, (("", 0.0), ("", 0.0)), True)
    for how in (HOW, replace(HOW, words=True)):
        assert '<pc:TextEquiv index="0" conf="0.0000">' in filled(OCRD, how, {"l1": blank})
        assert '<String CONTENT="" ' in filled(TESSERACT, how, {"l1": blank})


@given(st.text(min_size=1), st.sampled_from(sorted(DOCUMENTS)))
def test_any_text_comes_back(said, name):
    read = replace(READ, text=said, readings=((said, 0.5), (said, 0.5)), words=())
    line, *_ = texts(filled(DOCUMENTS[name], results={"l1": read}))
    new = [e.get("CONTENT", e.text) for e in line.iter() if e.tag.endswith(("Unicode", "String"))]
    possible = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", said)
    # XML has one kind of line end in texts; attributes keep all, as references.
    assert new[0] in (possible, possible.replace("\r\n", "\n").replace("\r", "\n"))


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "no XML"),
        (b"\x89PNG", "encoding"),
        (OCRD.encode()[:900], "no XML"),
        (b"<html/>", "not of a kind"),
        (b'<?xml version="1.0" encoding="nowhere"?><alto/>', "encoding"),
        (b'<?xml version="1.0" encoding="rot13"?><alto/>', "encoding"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><alto/>', "entities"),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "/etc/passwd">]><alto>&b;</alto>', "entities"),
        ("é".encode("latin-1"), "encoding"),
    ],
)
def test_what_is_no_such_document_is_said(data, why):
    with pytest.raises(ValueError, match=why):
        fill(data, RESULTS)


def test_words_lie_as_their_line_does():
    """Along a slope, and within a curve as high as the line is there."""
    slope = Frame(((0, 0), (100, 100), (90, 110), (-10, 10)), 0.7853981633974483, (0, 141.421356))
    assert [tuple(map(round, corner)) for corner in slope.part(0.5, 1.0)] == [(50, 50), (100, 100), (90, 110), (40, 60)]
    arch = Frame(((0, 50), (50, 0), (100, 50), (100, 60), (50, 10), (0, 60)), 0.0, (0, 100))
    assert [tuple(map(round, corner)) for corner in arch.part(0.0, 0.1)] == [(0, 40), (10, 40), (10, 60), (0, 60)]
    assert arch.part(-0.2, 0.0)[0] == (0, 50)  # no place at all, and yet one


@pytest.mark.parametrize(
    "right, wrong",
    [
        ('<pc:TextStyle fontSize="9.0"/>', ""),
        ('index="0" conf', 'index="-1" conf'),
        ('conf="0.8765"', 'conf="1.8765"'),
        ("<pc:Unicode>zwei</pc:Unicode>", ""),
        ('<pc:Word id="l1_w2">', "<pc:Word>"),
        ('<pc:Word id="l1_w2">', '<pc:Word id="l1">'),
        ("T15:09:26Z", ""),
        ("100,100 199,100", "-1,100 199,100"),
    ],
)
def test_the_rules_notice_what_is_wrong(right, wrong):
    new = filled(OCRD, replace(HOW, words=True))
    assert right in new and not faults(new)
    # What comes last comes first, too: out of its place.
    assert faults(new.replace(right, wrong or f"{right}{right}", 1))
