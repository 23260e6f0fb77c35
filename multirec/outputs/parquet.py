"""Rows as columns of a Parquet file (extra ``parquet``), made of JSON Lines when a run is complete.

A Parquet file is none before its last byte is written, which no row of it would outlive a kill; so rows wait as JSON
Lines in ``FILE.part``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow.parquet import ParquetFile, ParquetWriter

from multirec.errors import OutputError, ResumeError
from multirec.outputs.formats import NAMES

_GROUP = 1 << 22
"""Bytes of JSON Lines that become a row group: they are held in memory as Python's objects."""

_READINGS = dict(zip(NAMES, ("363", "484"), strict=True))

_COLUMNS = {
    "image": pa.string(), "text": pa.string(), "confidence": pa.float64(), "text_363": pa.string(),
    "confidence_363": pa.float64(), "text_484": pa.string(), "confidence_484": pa.float64(), "agree": pa.bool_(),
    "error": pa.string(), "first_of_several": pa.bool_(),
}  # fmt: skip

_DETAILS = {
    "alternatives": pa.list_(pa.struct({"text": pa.string(), "score": pa.float64()})),
    "chars": pa.list_(
        pa.struct({"char": pa.string(), "left": pa.float64(), "right": pa.float64(), "confidence": pa.float64()})
    ),
}
"""Columns that are there where they were asked for."""

_ESCAPED = re.compile(r"\\u(d[89a-f][0-9a-f]{2})")


def convert(rows: BinaryIO, file: BinaryIO, details: Iterable[str] = ()) -> None:
    r"""Write JSON Lines to ``file`` as Parquet, in groups of some thousand rows.

    What a row with an error has none of is null.  Bytes of names that are not UTF-8 stand as ``\udcNN``.

    Args:
        rows: the JSON Lines.
        file: where to.
        details: ``alternatives`` and ``chars``, where they were asked for.
    """
    schema = pa.schema(_COLUMNS | {name: _DETAILS[name] for name in details})
    with ParquetWriter(file, schema) as writer:
        while lines := rows.readlines(_GROUP):
            writer.write_table(pa.Table.from_pylist([_flat(json.loads(line)) for line in lines], schema))


def restore(path: Path, part: Path) -> None:
    """Write the rows of ``path`` to ``part`` again, as they were before ``convert``.

    Raises:
        ResumeError: ``path`` is none that ``convert`` has made.
        OSError: a file cannot be read or written.
    """
    if not _is_ours(path):
        raise ResumeError(f"{path}: not a Parquet file of multirec: start without --resume")
    with ParquetFile(path) as file, part.open("wb") as out:
        rows = chain.from_iterable(batch.to_pylist() for batch in file.iter_batches(1024, use_threads=False))
        out.writelines(json.dumps(_nested(row)).encode() + b"\n" for row in rows)
        out.flush()
        os.fsync(out.fileno())
    shutil.copymode(path, part)


def spare(path: Path) -> None:
    """Make sure that no Parquet file of others is replaced by rows: it may be what they are read from.

    Raises:
        OutputError: it would be.
    """
    if path.exists() and _is_ours(path) is False:
        raise OutputError(f"{path}: a Parquet file that multirec has not written, and that would be replaced")


def _is_ours(path: Path) -> bool | None:
    """Whether ``path`` has the columns of ``convert``; None where it is no Parquet file."""
    try:
        with ParquetFile(path) as file:
            return set(_COLUMNS) <= set(file.schema_arrow.names)
    except pa.ArrowInvalid:
        return None


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """The cells of a JSON object."""
    cells = {name: value for name, value in row.items() if name not in ("readings", "error")}
    cells["image"] = _utf8(row["image"])
    for model, reading in row.get("readings", {}).items():
        cells[f"text_{_READINGS[model]}"] = reading["text"]
        cells[f"confidence_{_READINGS[model]}"] = reading["confidence"]
    if "error" in row:
        cells["error"] = _utf8(f"{row['error']['kind']}: {row['error']['message']}")
    return cells


def _utf8(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _nested(cells: dict[str, Any]) -> dict[str, Any]:
    """The JSON object of a row, as ``formats.as_object`` has it."""
    image = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), cells["image"])
    if cells["error"] is not None:
        kind, _, message = cells["error"].partition(": ")
        return {"image": image, "error": {"kind": kind, "message": message}}
    known = {name: cells[name] for name in ("text", "confidence", "agree")}
    known["readings"] = {
        model: {"text": cells[f"text_{short}"], "confidence": cells[f"confidence_{short}"]}
        for model, short in _READINGS.items()
    }
    details = {name: cells[name] for name in ("first_of_several", *_DETAILS) if cells.get(name) is not None}
    return {"image": image} | known | details
