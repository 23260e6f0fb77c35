"""Rows as columns of a Parquet file (extra ``parquet``), made of JSON Lines when a run is complete.

A Parquet file is none before its last byte is written, which no row of it would outlive a kill; so rows wait as JSON
Lines in ``FILE.part``.
"""

from __future__ import annotations

import json
import re
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from multirec import stores
from multirec.errors import OutputError
from multirec.results import NAMES

_GROUP = 1 << 22
"""Bytes of JSON Lines that become a row group: they are held in memory as Python's objects."""

_READINGS = dict(zip(NAMES, ("363", "484"), strict=True))

_COLUMNS = {
    "image": str, "text": str, "confidence": float, "text_363": str, "confidence_363": float, "text_484": str,
    "confidence_484": float, "agree": bool, "error": str, "first_of_several": bool,
}  # fmt: skip

_DETAILS = {
    "alternatives": {"text": str, "score": float},
    "chars": {"char": str, "left": float, "right": float, "confidence": float},
    "words": {"word": str, "left": float, "right": float, "confidence": float},
}
"""Columns, lists of structs, that are there where they were asked for."""

_ESCAPED = re.compile(r"\\u(d[89a-f][0-9a-f]{2})")


def convert(rows: BinaryIO, file: BinaryIO, details: tuple[str, ...] = ()) -> None:
    r"""Write JSON Lines to ``file`` as Parquet, in groups of some thousand rows.

    What a row with an error has none of is null.  Bytes of names that are not UTF-8 stand as ``\udcNN``.

    Args:
        rows: the JSON Lines.
        file: where to.
        details: those of ``alternatives``, ``chars`` and ``words`` that were asked for.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    types = {str: pa.string(), float: pa.float64(), bool: pa.bool_()}
    columns = {name: types[kind] for name, kind in _COLUMNS.items()}
    for name in details:
        columns[name] = pa.list_(pa.struct({part: types[kind] for part, kind in _DETAILS[name].items()}))
    schema = pa.schema(columns)
    with ParquetWriter(file, schema) as writer:
        while lines := rows.readlines(_GROUP):
            writer.write_table(pa.Table.from_pylist([_flat(json.loads(line)) for line in lines], schema))


def restore(file: BinaryIO, rows: BinaryIO) -> None:
    """Write the rows of a Parquet file again, as they were before ``convert``.

    Raises:
        ValueError: it is none that ``convert`` has made.
        OSError: it cannot be read, or they not be written.
    """
    from pyarrow.parquet import ParquetFile

    if not _is_ours(file):
        raise ValueError("not a Parquet file of multirec")
    with ParquetFile(file) as table:
        found = chain.from_iterable(batch.to_pylist() for batch in table.iter_batches(1024, use_threads=False))
        rows.writelines(json.dumps(_nested(row)).encode() + b"\n" for row in found)


def spare(path: str | Path) -> None:
    """Make sure that no Parquet file of others is replaced by rows: it may be what they are read from.

    Raises:
        OutputError: it would be.
        OSError: it cannot be looked at.
    """
    if not stores.isfile(path):
        return
    with stores.open_file(path) as file:
        ours = _is_ours(file)
    if ours is False:
        raise OutputError(f"{path}: a Parquet file that multirec has not written, and that would be replaced")


def _is_ours(file: BinaryIO) -> bool | None:
    """Whether ``file`` has the columns of ``convert``; None where it is no Parquet file."""
    from pyarrow import ArrowInvalid
    from pyarrow.parquet import read_schema

    try:
        return set(_COLUMNS) <= set(read_schema(file).names)
    except ArrowInvalid:
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
