r"""What a result looks like when written: CSV, JSON Lines, or a text file beside each image or document.

CSV is RFC 4180 in UTF-8 with ``\n`` line ends.  JSON Lines holds one object a line and more than a CSV can:
alternatives, and the places of letters and words.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from multirec.errors import OutputError
from multirec.outputs.files import Output, below
from multirec.outputs.resume import Layout, csv_records, csv_row, json_records, json_row
from multirec.results import Result
from multirec.sources import EXTENSIONS

COLUMNS = (
    "image", "text", "confidence", "text_363", "confidence_363", "text_484", "confidence_484", "agree", "error",
)  # fmt: skip

NAMES = ("SEnet363", "SEnet484")

_SPECIAL = re.compile(r'[",\r\n]')
# A spreadsheet runs cells that begin so as formulas: OWASP, "CSV Injection".
_FORMULA = re.compile(r"^[=+\-@\t\r]")


_BOM = b"\xef\xbb\xbf"


def original(cell: str) -> str:
    """A cell of a CSV made for spreadsheets, without the apostrophe that defused it."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


class Writer(Protocol):
    """Takes results one by one."""

    def write(self, result: Result) -> None:
        """Write one result; raises OutputError."""

    def finish(self) -> None:
        """All results have been written, and none is missing; raises OutputError."""


class Csv:
    """Rows of a CSV.

    Args:
        out: where to.
        excel: begin with a byte order mark, and put an apostrophe before cells that a spreadsheet would run.
        header: begin with the names of the columns.
    """

    def __init__(self, out: Output, excel: bool = False, header: bool = True) -> None:
        self._out, self._excel = out, excel
        if header:
            out.write((_BOM if excel else b"") + _line(COLUMNS))

    def write(self, result: Result) -> None:
        """Write a row; bytes of a path that are not UTF-8 stand as they are."""
        self._out.write(_line(tuple(map(self._defused, cells(result)))))

    def finish(self) -> None:
        """Nothing is left to do."""

    def _defused(self, cell: str) -> str:
        return "'" + cell if self._excel and _FORMULA.match(cell) else cell


def cells(result: Result) -> tuple[str, ...]:
    """The cells of a row, in the order of ``COLUMNS``."""
    if result.error:
        return (result.image, *[""] * (len(COLUMNS) - 2), result.error)
    (text_363, confidence_363), (text_484, confidence_484) = result.readings
    agree = "true" if result.agree else "false"
    return (
        result.image, result.text, f"{result.confidence:.4f}", text_363, f"{confidence_363:.4f}",
        text_484, f"{confidence_484:.4f}", agree, "",
    )  # fmt: skip


def _line(row: tuple[str, ...]) -> bytes:
    quoted = ('"' + c.replace('"', '""') + '"' if _SPECIAL.search(c) else c for c in row)
    return (",".join(quoted) + "\n").encode("utf-8", "surrogateescape")


class JsonLines:
    """One JSON object a line; names that are not UTF-8 have ``\\udcXX`` for their bytes (PEP 383)."""

    def __init__(self, out: Output) -> None:
        self._out = out

    def write(self, result: Result) -> None:
        """Write an object."""
        text = json.dumps(as_object(result), ensure_ascii=False)
        try:
            data = text.encode()
        except UnicodeEncodeError:
            data = json.dumps(as_object(result)).encode()
        self._out.write(data + b"\n")

    def finish(self) -> None:
        """Nothing is left to do."""


def as_object(result: Result) -> dict[str, Any]:
    """A result as plain values; numbers rounded to four decimals."""
    if result.error:
        kind, _, message = result.error.partition(": ")
        return {"image": result.image, "error": {"kind": kind, "message": message}}
    known: dict[str, Any] = {
        "image": result.image,
        "text": result.text,
        "confidence": round(result.confidence, 4),
        "agree": result.agree,
        "readings": {
            name: {"text": text, "confidence": round(confidence, 4)}
            for name, (text, confidence) in zip(NAMES, result.readings, strict=True)
        },
    }
    if result.first_of_several:
        known["first_of_several"] = True
    if result.alternatives:
        known["alternatives"] = [{"text": a.text, "score": round(a.score, 4)} for a in result.alternatives]
    if result.characters:
        known["chars"] = [
            {"char": c.char, "left": round(c.left, 4), "right": round(c.right, 4), "confidence": round(c.confidence, 4)}
            for c in result.characters
        ]
    if result.words:
        known["words"] = [
            {"word": w.word, "left": round(w.left, 4), "right": round(w.right, 4), "confidence": round(w.confidence, 4)}
            for w in result.words
        ]
    return known


class TextFiles:
    """``NAME.txt`` beside each image, or below ``folder`` at the image's own path; an error writes no file.

    Of images whose names differ in their ends only, ``a.png`` and ``a.JPG``, the files are ``a.png.txt`` and
    ``a.JPG.txt``; so with names that do not end as images' do, ``scan.001``, and with ``a.gt.png``, lest a label go.

    Of a document, ``page.xml``, one file holds the texts of all lines that were read, in their order, an empty line
    where one could not be; it is written once the document's last line has come, or at the end.

    Raises:
        OutputError: a file cannot be written.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._pages: dict[str, list[Result]] = {}

    def write(self, result: Result) -> None:
        """Write the text and a line end, whole or not at all."""
        if result.page:
            lines = self._pages.setdefault(result.page.path, [])
            lines.append(result)
            if len(lines) >= result.page.lines:
                self._write_page(result.page.path)
        elif not result.error:
            image = Path(result.image)
            alone = _images(image.parent)[image.stem] < 2 and image.suffix.lower() in EXTENSIONS
            label = image.stem.endswith(".gt")  # that name is of a label
            path = image.with_suffix(".txt") if alone and not label else image.with_name(image.name + ".txt")
            self._write(path, result.text)

    def finish(self) -> None:
        """Write what there is of documents of which not all lines were asked for."""
        for page in list(self._pages):
            self._write_page(page)

    def _write_page(self, page: str) -> None:
        lines = self._pages.pop(page)
        if not all(line.error for line in lines):
            path = Path(page)
            name = path.stem if path.suffix == ".xml" and not path.stem.endswith(".gt") else path.name
            self._write(path.with_name(name + ".txt"), "\n".join(line.text for line in lines))

    def _write(self, path: Path, text: str) -> None:
        if self._folder is not None:
            path = below(self._folder, path)
        partial = path.with_name(path.name + ".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(text + "\n", encoding="utf-8")
            partial.replace(path)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


@lru_cache(maxsize=64)
def _images(folder: Path) -> Counter[str]:
    """How many images of a folder have each name, ends aside."""
    try:
        names = map(os.path.splitext, os.listdir(folder))
        return Counter(stem for stem, end in names if end.lower() in EXTENSIONS)
    except OSError:  # it may be searched but not listed
        return Counter()


LAYOUTS = {
    "csv": Layout(_line(COLUMNS), csv_records, csv_row),
    "jsonl": Layout(b"", json_records, json_row),
}
"""How the outputs that can be resumed are taken apart."""
