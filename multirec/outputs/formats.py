r"""What a result looks like when written: CSV or JSON Lines.

CSV is RFC 4180 in UTF-8 with ``\n`` line ends.  JSON Lines holds one object a line and more than a CSV can:
alternatives, and the places of letters and words.
"""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any, Protocol

from multirec.outputs.files import Output
from multirec.outputs.resume import Layout, csv_records, csv_row, json_records, json_row
from multirec.results import NAMES, Result

COLUMNS = (
    "image", "text", "confidence", "text_363", "confidence_363", "text_484", "confidence_484", "agree", "error",
)  # fmt: skip

_SPECIAL = re.compile(r'[",\r\n]')


class Writer(Protocol):
    """Takes results one by one."""

    def write(self, result: Result) -> str:
        """Write one result; give back what is to be told of it, where no row tells, else ''.  Raises OutputError."""

    def finish(self) -> None:
        """All results have been written, and none is missing; raises OutputError."""


class Csv:
    """Rows of a CSV.

    Args:
        out: where to.
        header: begin with the names of the columns.
    """

    def __init__(self, out: Output, header: bool = True) -> None:
        self._out = out
        if header:
            out.write(csv_line(COLUMNS))

    def write(self, result: Result) -> str:
        """Write a row; bytes of a path that are not UTF-8 stand as they are."""
        self._out.write(csv_line(cells(result)))
        return ""

    def finish(self) -> None:
        """Nothing is left to do."""


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


def csv_line(row: tuple[str, ...]) -> bytes:
    """A record of a CSV, with its line end."""
    quoted = ('"' + c.replace('"', '""') + '"' if _SPECIAL.search(c) else c for c in row)
    return (",".join(quoted) + "\n").encode("utf-8", "surrogateescape")


class JsonLines:
    """One JSON object a line; names that are not UTF-8 have ``\\udcXX`` for their bytes (PEP 383)."""

    def __init__(self, out: Output) -> None:
        self._out = out

    def write(self, result: Result) -> str:
        """Write an object."""
        text = json.dumps(as_object(result), ensure_ascii=False)
        try:
            data = text.encode()
        except UnicodeEncodeError:
            data = json.dumps(as_object(result)).encode()
        self._out.write(data + b"\n")
        return ""

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


_CSV = Layout(csv_line(COLUMNS), csv_records, partial(csv_row, columns=len(COLUMNS)))
_JSON = Layout(b"", json_records, json_row)
LAYOUTS = {"csv": _CSV, "jsonl": _JSON, "xlsx": _CSV, "parquet": _JSON}
"""How the rows of the outputs that can be resumed are taken apart."""
