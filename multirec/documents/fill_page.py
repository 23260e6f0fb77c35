"""Texts into PAGE XML, by the schemas of 2010 to 2019 (PRImA Research Lab)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from multirec.documents.boxes import Frame
from multirec.documents.elements import Element, Markup, New, Splice
from multirec.documents.how import BEFORE, PROGRAM, How
from multirec.results import NAMES, Result, Word

_BEFORE_TEXTS = ("AlternativeImage", "Coords", "Baseline", "Word")
"""What a line holds before its texts, in this order; what comes after them differs by year."""

_INDEX = re.compile(r"""(\sindex\s*=\s*)("[^"]*"|'[^']*')""")


class PageFiller:
    """Makes the changes to one document.

    Args:
        document: it.
        lines: its lines by their names.
        results: what was read of them; a line that has none, or one with an error, stays as it is.
        frames: where lines lie in their pictures, by their names.
        order: their names as they are read; others come last.
        how: see there.
    """

    def __init__(
        self, document: Markup, lines: Mapping[str, Element], results: Mapping[str, Result],
        frames: Mapping[str, Frame], order: Iterable[str], how: How,
    ) -> None:  # fmt: skip
        self._document, self._lines, self._frames, self._how = document, lines, frames, how
        self._order = {id(lines[name]): place for place, name in enumerate(order) if name in lines}
        self._results = {id(lines[name]): (name, result) for name, result in results.items() if not result.error}
        root = document.root
        space = root.attributes.get(f"xmlns:{root.prefix[:-1]}" if root.prefix else "xmlns", "")
        year = re.search(r"/(20\d\d)-", space)
        self._year = int(year[1]) if year else 2019
        self._several = self._year >= 2016
        """Whether a line may have several texts."""
        self.lost = 0
        """Lines and regions whose old text could not be kept."""

    def splices(self) -> list[Splice]:
        """All changes, none of which overlap."""
        splices = [splice for line in self._lines.values() for splice in self._line(line)]
        for region in self._document.root.walk():
            if region.name == "TextRegion":
                splices += self._region(region)
        return splices + self._metadata()

    def _line(self, line: Element) -> list[Splice]:
        name, result = self._results.get(id(line), ("", None))
        if result is None:
            return []
        words, texts = line.named("Word"), line.named("TextEquiv")
        # Words with texts of their own would say what the line no longer says.
        stale = words if self._how.words else [word for word in words if word.children]
        before = [child for child in line.children if child.name in _BEFORE_TEXTS and child not in stale]
        new = [
            *self._words(name, result.words),
            *self._texts(result),
            *self._old(texts, 1 + len(result.readings)),
        ]
        if self._how.keep and not texts and (text := text_of(line)):
            new += self._beside(text, 1 + len(result.readings))
        removed = [self._document.remove(element) for element in (*stale, *texts)]
        return removed + self._document.insert(line, before[-1] if before else None, new)

    def _texts(self, result: Result) -> list[New | str]:
        """What was read: the combined text, and both readings where there is room for several."""
        if not self._several:
            return [self._text(result.text, result.confidence)]
        readings = [
            self._text(text, sure, index=str(index), comments=reader)
            for index, (reader, (text, sure)) in enumerate(zip(NAMES, result.readings, strict=False), 1)
        ]
        return [self._text(result.text, result.confidence, index="0"), *readings]

    def _text(self, text: str, confidence: float | None = None, /, **attributes: str) -> New:
        if confidence is not None and self._year >= 2013:
            attributes["conf"] = f"{confidence:.4f}"
        plain = (New("PlainText", content=text),) if self._year < 2013 else ()
        return New("TextEquiv", attributes, (*plain, New("Unicode", content=text)))

    def _old(self, texts: list[Element], index: int) -> list[New | str]:
        """Texts that were there before, as they are written, but that they come after the new ones."""
        texts = [text for text in texts if _said(text)]
        if not (self._how.keep and texts):
            return []
        if not self._several:
            self.lost += 1
            return []
        kept: list[New | str] = []
        for number, text in enumerate(texts, index):
            start, rest = self._document.raw(text.start, text.inner), self._document.raw(text.inner, text.end)
            if _INDEX.search(start):
                start = _INDEX.sub(rf'\g<1>"{number}"', start, count=1)
            else:
                start = start.replace("TextEquiv", f'TextEquiv index="{number}"', 1)
            kept.append(start + rest)
        return kept

    def _beside(self, text: str, index: int) -> list[New | str]:
        """A text that words alone had before."""
        self.lost += not self._several
        return [self._text(text, index=str(index), comments=BEFORE)] if self._several else []

    def _words(self, name: str, words: tuple[Word, ...]) -> list[New | str]:
        """The words, which the schemas want to have places."""
        frame = self._frames.get(name)
        if not (self._how.words and frame):
            return []
        new: list[New | str] = []
        for number, word in enumerate(words, 1):
            corners = [(max(0, round(x)), max(0, round(y))) for x, y in frame.part(word.left, word.right)]
            if self._year < 2013:
                coords = New("Coords", content=tuple(New("Point", {"x": str(x), "y": str(y)}) for x, y in corners))
            else:
                coords = New("Coords", {"points": " ".join(f"{x},{y}" for x, y in corners)})
            id = self._document.unused(f"{name}_w{number}")
            new.append(New("Word", {"id": id}, (coords, self._text(word.word, word.confidence))))
        return new

    def _region(self, region: Element) -> list[Splice]:
        """A text of a region would say what its lines no longer say: it becomes theirs."""
        texts = region.named("TextEquiv")
        lines = [element for element in region.walk() if element.name == "TextLine"]
        if not texts or not any(id(line) in self._results for line in lines):
            return []
        lines.sort(key=lambda line: self._order.get(id(line), len(self._order)))
        results = [self._results.get(id(line), ("", None))[1] for line in lines]
        text = "\n".join(r.text if r else text_of(line) for line, r in zip(lines, results, strict=True))
        before = [child for child in region.children if child.end <= texts[0].start]
        index = {"index": "0"} if self._several else {}
        new: list[New | str] = [self._text(text, **index)]
        new += self._old(texts, 1)
        removed = [self._document.remove(element) for element in texts]
        return removed + self._document.insert(region, before[-1] if before else None, new)

    def _metadata(self) -> list[Splice]:
        how, splices = self._how, []
        for metadata in self._document.root.named("Metadata"):
            splices += [
                (changed.inner, changed.close, how.date) for changed in metadata.named("LastChange") if changed.text
            ]
            if self._year >= 2018 and metadata.children:
                told = {"version": how.version, **how.settings}
                labels = tuple(New("Label", {"value": value, "type": kind}) for kind, value in told.items())
                name = "recognition/text-recognition"  # as OCR-D calls it
                attributes = {"type": "processingStep", "name": name, "value": PROGRAM, "date": how.date}
                item = New("MetadataItem", attributes, (New("Labels", {"externalModel": PROGRAM}, labels),))
                splices += self._document.insert(metadata, metadata.children[-1], [item])
        return splices


def text_of(element: Element) -> str:
    """The text of a line or a word: that of the lowest index, or that of its words."""
    texts = element.named("TextEquiv")
    if texts:
        first = min(texts, key=lambda text: _whole(text.attributes.get("index", "")))
        return _said(first)
    return " ".join(text_of(word) for word in element.named("Word"))


def _said(text: Element) -> str:
    return "".join(unicode.text for unicode in text.named("Unicode"))


def _whole(index: str) -> int:
    return int(index) if index.isascii() and index.isdigit() else -1
