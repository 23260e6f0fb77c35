"""Reading what ``multirec predict`` wrote: the rows of a CSV."""

from __future__ import annotations

import csv
import io
import math

from multirec.outputs.formats import COLUMNS
from multirec.results import Result


def read_rows(data: bytes, name: str) -> list[Result]:
    """The rows in ``data``, in order; a row without readings is one with an error.

    Args:
        data: the CSV.  Bytes of paths that are not UTF-8 become surrogates (PEP 383), in texts U+FFFD.
        name: what to call the CSV in messages.

    Raises:
        ValueError: not a CSV of multirec, no rows, or a confidence that is no number from 0 to 1.
    """
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig", "surrogateescape"), newline=""))
    try:
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f"{name}: not a CSV of multirec: no column {', '.join(missing)}")
        rows = []
        for cells in reader:
            row = {column: cells[column] or "" for column in COLUMNS}
            rows.append(_result(row, f"{name}, line {reader.line_num}"))
    except csv.Error as error:
        raise ValueError(f"{name}, line {reader.line_num}: not a CSV: {error}") from error
    if not rows:
        raise ValueError(f"{name}: no rows")
    return rows


def _result(row: dict[str, str], where: str) -> Result:
    if row["error"]:
        return Result(row["image"], error=_text(row["error"]))
    readings = tuple(
        (_text(row[f"text_{model}"]), _probability(row[f"confidence_{model}"], where)) for model in ("363", "484")
    )
    confidence = _probability(row["confidence"], where)
    return Result(row["image"], _text(row["text"]), confidence, readings, row["agree"] == "true")


def _probability(cell: str, where: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise ValueError(f"{where}: {cell!r} is no confidence from 0 to 1")
    return value


def _text(cell: str) -> str:
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
