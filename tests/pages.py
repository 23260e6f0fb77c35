"""Pages made of the sample lines, and documents that describe them as programs write them.

The documents are the project's own, in the shapes of what the programs named write: their elements, attributes and ways
of putting coordinates, with texts of the samples.
"""

import math
from dataclasses import dataclass
from html import escape

import cv2
import numpy as np

from tests.conftest import SAMPLES

PAGE = "http://schema.primaresearch.org/PAGE/gts/pagecontent"
ALTO = "http://www.loc.gov/standards/alto"


def alike(texts):
    """``texts`` with one kind of dash and of apostrophe, as error rates count them: little beside them tells which."""
    return [text.replace("–", "—").replace("’", "'") for text in texts]


@dataclass(frozen=True)
class Printed:
    """A line on a page: its text, its picture, and where that is: left, top, width, height."""

    text: str
    picture: np.ndarray
    box: tuple[int, int, int, int]

    @property
    def outline(self):
        x, y, w, h = self.box
        return [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]

    @property
    def baseline(self):
        x, y, w, h = self.box
        return [(x, y + h * 3 // 4), (x + w // 2, y + h * 3 // 4), (x + w, y + h * 3 // 4)]


@dataclass(frozen=True)
class Sheet:
    """A page, [H, W] grey, and its lines from top to bottom."""

    picture: np.ndarray
    lines: list[Printed]

    @property
    def size(self):
        return self.picture.shape[1], self.picture.shape[0]

    def save(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cv2.imencode(path.suffix, self.picture)[1].tobytes())
        return path


def sheet(count=4, gap=24, left=80, top=60):
    """A page of ``count`` sample lines."""
    rows = (SAMPLES / "gt.tsv").read_text(encoding="utf-8").splitlines()
    lines, y = [], top
    for row in (rows * 10)[:count]:
        name, text = row.split("\t")
        picture = cv2.imread(str(SAMPLES / name), cv2.IMREAD_GRAYSCALE)
        lines.append(Printed(text, picture, (left, y, picture.shape[1], picture.shape[0])))
        y += picture.shape[0] + gap
    page = np.full((y + top, left * 2 + max(line.box[2] for line in lines)), 244, np.uint8)
    for line in lines:
        x, y, w, h = line.box
        page[y : y + h, x : x + w] = line.picture
    return Sheet(page, lines)


def turned(points, size, degrees):
    """Points of a page that is turned clockwise by ``degrees`` around its middle, and made large enough for that."""
    matrix, _ = _turn(size, degrees)
    return [tuple(float(v) for v in matrix @ (x, y, 1)) for x, y in points]


def turned_picture(picture, degrees):
    """The picture of that page."""
    matrix, size = _turn((picture.shape[1], picture.shape[0]), degrees)
    return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC, borderValue=244)


def _turn(size, degrees):
    w, h = size
    matrix = cv2.getRotationMatrix2D((w / 2, h / 2), -degrees, 1)
    sin, cos = abs(math.sin(math.radians(degrees))), abs(math.cos(math.radians(degrees)))
    wide, high = round(w * cos + h * sin), round(w * sin + h * cos)
    matrix[:, 2] += (wide - w) / 2, (high - h) / 2
    return matrix, (wide, high)


def commas(points):
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def blanks(points):
    return " ".join(f"{x:g} {y:g}" for x, y in points)


def page_xml(body, image="page.png", size=(1000, 1000), version="2019-07-15", prefix="", of_page=""):
    """A PAGE document; ``body`` is what stands in its Page, without prefixes."""
    colon = prefix + ":" if prefix else ""
    text = (
        f'<PcGts xmlns{":" + prefix if prefix else ""}="{PAGE}/{version}"><Metadata><Creator>me</Creator></Metadata>'
        f'<Page imageFilename="{escape(image)}" imageWidth="{size[0]}" imageHeight="{size[1]}" {of_page}>'
        f"{body}</Page></PcGts>"
    )
    if colon:
        text = text.replace("</", "\0").replace("<", "<" + colon).replace("\0", "</" + colon)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + text


def page_line(id, outline=None, baseline=None, text=None, custom=""):
    """A TextLine of PAGE."""
    parts = [f'<TextLine id="{id}"' + (f' custom="{custom}">' if custom else ">")]
    if outline is not None:
        parts.append(f'<Coords points="{commas(outline)}"/>')
    if baseline is not None:
        parts.append(f'<Baseline points="{commas(baseline)}"/>')
    if text is not None:
        parts.append(f"<TextEquiv><Unicode>{escape(text)}</Unicode></TextEquiv>")
    return "".join(parts) + "</TextLine>"


def region(id, lines, attributes="", outline=((0, 0), (900, 0), (900, 900), (0, 900))):
    """A TextRegion of PAGE."""
    return f'<TextRegion id="{id}" {attributes}><Coords points="{commas(outline)}"/>{"".join(lines)}</TextRegion>'


def alto_xml(blocks, image="page.png", size=(1000, 1000), version=4, unit="pixel", order=""):
    """An ALTO document; ``blocks`` is what stands in its PrintSpace."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<alto xmlns="{ALTO}/ns-v{version}#"><Description>'
        f"<MeasurementUnit>{unit}</MeasurementUnit><sourceImageInformation><fileName>{escape(image)}</fileName>"
        f'</sourceImageInformation></Description>{order}<Layout><Page ID="p1" PHYSICAL_IMG_NR="1" WIDTH="{size[0]}" '
        f'HEIGHT="{size[1]}"><PrintSpace>{blocks}</PrintSpace></Page></Layout></alto>'
    )


def place(box, by=1.0):
    """HPOS and so on."""
    return " ".join(
        f'{name}="{value * by:g}"' for name, value in zip(("HPOS", "VPOS", "WIDTH", "HEIGHT"), box, strict=True)
    )


def _order(of):
    ref = f'<RegionRefIndexed index="0" regionRef="{of}"/>'
    return f'<ReadingOrder><OrderedGroup id="ro_1" caption="Regions reading order">{ref}</OrderedGroup></ReadingOrder>'


def ocrd(made, image):
    """OCR-D: 2019, a prefix, several texts, those of words too; other pictures of the page are named."""
    lines = [
        page_line(f"region0000_line{i:04}", line.outline, text=line.text).replace(
            "<TextEquiv>",
            f'<Word id="w{i}"><Coords points="{commas(line.outline)}"/>'
            "<TextEquiv><Unicode>word</Unicode></TextEquiv></Word>"
            '<TextEquiv index="1"><Unicode>second best</Unicode></TextEquiv><TextEquiv index="0">',
        )
        for i, line in enumerate(made.lines)
    ]
    order = _order("region0000")
    alternative = '<AlternativeImage filename="OCR-D-BIN/page.png" comments="binarized"/>'
    body = alternative + order + region("region0000", lines)
    return page_xml(body, image, made.size, prefix="pc", of_page='orientation="0.0"')


def transkribus(made, image):
    """Transkribus: 2013, lines in any order with readingOrder in `custom`, baselines."""
    lines = [
        page_line(
            f"r1l{i}", line.outline, line.baseline, line.text, f"readingOrder {{index:{i};}} textStyle {{offset:0;}}"
        )
        for i, line in enumerate(made.lines)
    ]
    body = _order("r1") + region("r1", lines[::-1], 'orientation="0.0" custom="readingOrder {index:0;}"')
    return page_xml(body, image, made.size, "2013-07-15")


def escriptorium(made, image):
    """eScriptorium: PAGE of 2019, polygons of many points around the letters, no reading order; empty texts."""
    lines = []
    for i, line in enumerate(made.lines):
        (x, y, w, h), steps = line.box, range(0, 11)
        upper = [(x + w * k // 10, y + (k % 3)) for k in steps]
        lower = [(x + w * k // 10, y + h - (k % 2)) for k in reversed(steps)]
        lines.append(page_line(f"eSc_line_{i}a", upper + lower, line.baseline, "", "structure {type:default;}"))
    return page_xml(region("eSc_textblock_1", lines, 'custom="structure {type:MainZone;}"'), image, made.size)


def kraken_page(made, image):
    """kraken: PAGE, its namespace with https as some versions wrote it, a region without any size."""
    lines = [page_line(f"_{i}-uuid", line.outline, line.baseline) for i, line in enumerate(made.lines)]
    text = page_xml(region("textblock_1", lines, outline=((0, 0), (0, 0), (0, 0))), image, made.size)
    return text.replace("http://schema", "https://schema")


def kraken_alto(made, image):
    """kraken: ALTO 4, points without commas, a polygon a line, a reading order of lines."""
    lines = [
        f'<TextLine ID="k{i}" {place(line.box)} BASELINE="{blanks(line.baseline)}"><Shape><Polygon '
        f'POINTS="{blanks(line.outline)}"/></Shape><String CONTENT="" {place(line.box)}/></TextLine>'
        for i, line in enumerate(made.lines)
    ]
    refs = "".join(f'<ElementRef ID="o_{i}" REF="k{i}"/>' for i in range(len(lines)))
    order = f'<ReadingOrder><OrderedGroup ID="ro_0">{refs}</OrderedGroup></ReadingOrder>'
    return alto_xml(f'<TextBlock ID="b">{"".join(lines[::-1])}</TextBlock>', image, made.size, order=order)


def tesseract_alto(made, image):
    """Tesseract: ALTO 3, words as Strings with SP between them."""
    lines = []
    for i, line in enumerate(made.lines):
        words = "<SP/>".join(f'<String CONTENT="{escape(w)}" {place(line.box)}/>' for w in line.text.split(" "))
        lines.append(f'<TextLine ID="line_{i}" {place(line.box)}>{words}</TextLine>')
    block = f'<ComposedBlock ID="cblock_0"><TextBlock ID="block_0">{"".join(lines)}</TextBlock></ComposedBlock>'
    return alto_xml(block, image, made.size, version=3)


def tesseract_page(made, image):
    """Tesseract 5.5: PAGE of 2019, words in lines, a reading order."""
    lines = []
    for i, line in enumerate(made.lines):
        words = "".join(
            f'<Word id="r0l{i}w{k}"><Coords points="{commas(line.outline)}"/><TextEquiv index="1">'
            f"<Unicode>{escape(word)}</Unicode></TextEquiv></Word>"
            for k, word in enumerate(line.text.split(" "))
        )
        lines.append(page_line(f"r0l{i}", line.outline, line.baseline).replace("</TextLine>", words + "</TextLine>"))
    return page_xml(_order("r0") + region("r0", lines), image, made.size)


def library_alto(made, image):
    """A library's scans: ALTO 2 in tenths of a millimetre, lines without IDs, no SP, words hyphenated."""
    by = 254 / 300  # 300 dots to the inch
    lines = []
    for line in made.lines:
        words = "".join(f'<String CONTENT="{escape(w)}" {place(line.box, by)}/>' for w in line.text.split(" "))
        lines.append(f"<TextLine {place(line.box, by)}>{words}</TextLine>")
    size = tuple(round(v * by, 2) for v in made.size)
    return alto_xml(f'<TextBlock ID="b">{"".join(lines)}</TextBlock>', image, size, version=2, unit="mm10")


def baselines_alto(made, image):
    """ALTO 4 of baselines alone."""
    lines = [f'<TextLine ID="l{i}" BASELINE="{commas(line.baseline)}"/>' for i, line in enumerate(made.lines)]
    return alto_xml(f'<TextBlock ID="b">{"".join(lines)}</TextBlock>', image, made.size)


PRODUCERS = (
    ocrd, transkribus, escriptorium, kraken_page, kraken_alto, tesseract_alto, tesseract_page, library_alto,
    baselines_alto,
)  # fmt: skip
WITH_TEXT = (ocrd, transkribus, tesseract_alto, tesseract_page, library_alto)
