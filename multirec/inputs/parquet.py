"""Rows of Parquet files as pictures in memory (extra ``parquet``).

The pictures are in a column of binary values, or of structs with ``bytes`` as Hugging Face's datasets write them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from multirec import stores
from multirec.inputs.archives import fault
from multirec.inputs.files import regular
from multirec.inputs.images import ImageError
from multirec.sources import Opening, Source

_BATCH = 16
"""Rows that are taken from a file together."""

_BUFFER = 1 << 20
"""Bytes of a column that are read together, where its pages are not larger; else all of a row group would be."""


def rows(path: str, opening: Opening, met: bool = False, first: int = 0) -> Iterator[Source]:
    """The pictures in ``path``, from row ``first`` on; none where the file was ``met`` in a folder and holds none.

    Raises:
        Exception: it cannot be opened, or has no column of pictures, or several: of pyarrow, or an ImageError.
    """
    regular(path)
    with _file(path) as file:
        column = _column(file, opening.image_column, met)
        if column is None:
            return
        start = 0
        for group in range(file.num_row_groups):
            end = start + file.metadata.row_group(group).num_rows
            if first < end:
                yield from _group(path, file, group, column, start, end, first)
            start = end


def count(path: str, opening: Opening, met: bool = False) -> int:
    """How many rows ``rows`` gives of a file that is whole.

    Raises:
        Exception: as ``rows``.
    """
    regular(path)
    with _file(path) as file:
        return 0 if _column(file, opening.image_column, met) is None else int(file.metadata.num_rows)


def _file(path: str) -> Any:
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError:
        message = "reading Parquet needs pyarrow: pip install '.[parquet]' in a clone of multirec"
        raise ImageError("unreadable", message) from None
    file = stores.open_file(path) if stores.is_remote(path) else path
    return ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER, page_checksum_verification=True)


def _column(file: Any, wanted: str | None, met: bool) -> str | None:
    """The name of the column that holds the pictures."""
    fitting = [field.name for field in file.schema_arrow if _holds_bytes(field.type)]
    if met and not fitting:
        return None
    if wanted is not None:
        if wanted in fitting:
            return wanted
        there = f"; such columns are there: {', '.join(fitting)}" if fitting else ""
        raise ImageError("not-an-image", f"no column {wanted!r} of bytes, or of structs with bytes{there}")
    if len(fitting) == 1 or "image" in fitting:
        return "image" if "image" in fitting else str(fitting[0])
    if fitting:
        raise ImageError("not-an-image", f"several columns hold bytes: choose by --image-column: {', '.join(fitting)}")
    raise ImageError("not-an-image", "a Parquet file without a column of bytes, or of structs with bytes")


def _holds_bytes(kind: Any) -> bool:
    from pyarrow import types

    if types.is_struct(kind):
        return kind.get_field_index("bytes") >= 0 and _holds_bytes(kind.field("bytes").type)
    known = types.is_binary, types.is_large_binary, types.is_fixed_size_binary, types.is_binary_view
    return any(is_bytes(kind) for is_bytes in known)


def _group(path: str, file: Any, group: int, column: str, start: int, end: int, first: int) -> Iterator[Source]:
    """A row group's rows from ``first`` on; where it is damaged, one says so for all that follow in it."""
    row = start
    try:
        for batch in file.iter_batches(_BATCH, [group], [column], use_threads=False):
            for value in batch.column(0):
                if row >= first:
                    yield _source(f"{path}#{row}", value.as_py())
                row += 1
    except Exception as error:
        row = max(row, first)
        many = f" (and all rows up to {end - 1})" if end - row > 1 else ""
        yield Source(f"{path}#{row}", fault(error) + many)


def _source(name: str, value: Any) -> Source:
    data = value.get("bytes") if isinstance(value, dict) else value
    if data is None:
        elsewhere = value.get("path") if isinstance(value, dict) else None
        return Source(name, f"empty: the row holds a path alone: {elsewhere}" if elsewhere else "empty: no picture")
    return Source(name, content=data)
