"""Texts into ALTO, by the schemas 2 to 4 (Library of Congress)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from multirec.documents.boxes import Frame
from multirec.documents.elements import Element, Markup, New, Splice
from multirec.documents.how import BEFORE, PROGRAM, How
from multirec.results import NAMES, Result

_TEXTS = ("String", "SP", "HYP")
"""What a line's text is made of; a Shape comes before that."""


class AltoFiller:
    """Makes the changes to one document; arguments as those of ``PageFiller``, of which the order does not matter."""

    def __init__(
        self, document: Markup, lines: Mapping[str, Element], results: Mapping[str, Result],
        frames: Mapping[str, Frame], _: Iterable[str], how: How,
    ) -> None:  # fmt: skip
        self._document, self._lines, self._results = document, lines, results
        self._frames, self._how = frames, how
        root = document.root
        space = root.attributes.get(f"xmlns:{root.prefix[:-1]}" if root.prefix else "xmlns", "")
        version = re.search(r"/ns-v(\d+)#", space)
        self._version = int(version[1]) if version else 2
        self.lost = 0
        """Lines whose old text could not be kept."""

    def splices(self) -> list[Splice]:
        """All changes, none of which overlap."""
        splices = []
        for name, line in self._lines.items():
            result = self._results.get(name)
            if result is not None and not result.error:
                splices += self._line(line, name, result)
        return splices + self._description()

    def _line(self, line: Element, name: str, result: Result) -> list[Splice]:
        old = line.named(*_TEXTS)
        new = self._words(name, result) if self._how.words and result.words else self._whole(line, result)
        if self._how.words and self._how.keep and text_of(line):
            self.lost += 1
        shape = line.named("Shape")
        removed = [self._document.remove(element) for element in old]
        return removed + self._document.insert(line, shape[-1] if shape else None, new)

    def _whole(self, line: Element, result: Result) -> list[New]:
        """One String for the whole line; the schema asks for one even where nothing was read."""
        others = [(reader, text) for reader, (text, _) in zip(NAMES, result.readings, strict=False)]
        if self._how.keep and not self._how.words and (text := text_of(line)):
            others.append((BEFORE, text))
        alternatives = tuple(New("ALTERNATIVE", {"PURPOSE": purpose}, text) for purpose, text in others)
        place = {key: line.attributes[key] for key in _BOX if key in line.attributes}
        attributes = {"CONTENT": result.text, **place, "WC": f"{result.confidence:.4f}"}
        return [New("String", attributes, alternatives)]

    def _words(self, name: str, result: Result) -> list[New]:
        """A String for each word, and a SP between two."""
        frame = self._frames.get(name)
        new: list[New] = []
        for number, word in enumerate(result.words, 1):
            if new:
                before = result.words[number - 2]
                new.append(New("SP", _box(frame, before.right, max(before.right, word.left))))
            id = self._document.unused(f"{name}_w{number}")
            place = _box(frame, word.left, word.right)
            new.append(New("String", {"ID": id, "CONTENT": word.word, **place, "WC": f"{word.confidence:.4f}"}))
        return new

    def _description(self) -> list[Splice]:
        """A step of the processing, where there is a description."""
        how = self._how
        for description in self._document.root.named("Description"):
            if not description.children:
                continue
            settings = "; ".join(f"{name}: {value}" for name, value in how.settings.items())
            software = New(
                "processingSoftware", {},
                (New("softwareName", content=PROGRAM), New("softwareVersion", content=how.version)),
            )  # fmt: skip
            step = (
                New("processingDateTime", content=how.date),
                New("processingStepDescription", content="text recognition"),
                New("processingStepSettings", content=settings),
                software,
            )
            id = {"ID": self._document.unused(PROGRAM)}
            if self._version >= 4:
                new = New("Processing", id, (New("processingCategory", content="contentGeneration"), *step))
            else:
                new = New("OCRProcessing", id, (New("ocrProcessingStep", content=step),))
            return self._document.insert(description, description.children[-1], [new])
        return []


def text_of(line: Element) -> str:
    """The text of a line as its Strings have it; where there is no SP at all, each is a word."""
    spaced, text = bool(line.named("SP")), ""
    for part in line.named(*_TEXTS):
        if part.name == "SP" or (part.name == "String" and text and not spaced):
            text += " "
        text += part.attributes.get("CONTENT", "")
    return text


_BOX = ("HPOS", "VPOS", "WIDTH", "HEIGHT")


def _box(frame: Frame | None, left: float, right: float) -> dict[str, str]:
    """The rectangle around a part of a line, in whole units, as programs write them."""
    if frame is None:
        return {}
    xs, ys = zip(*frame.part(left, right), strict=True)
    x, y = round(min(xs)), round(min(ys))
    values = x, y, round(max(xs)) - x, round(max(ys)) - y
    return dict(zip(_BOX, map(str, values), strict=True))
