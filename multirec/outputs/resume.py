"""Picking up a run that was killed: which rows of its output are whole, and which images are left.

While a run goes on, ``FILE.part`` is a prefix of the final output, but for its last row, which may be torn.
Going on means to walk the inputs and the rows side by side as long as they match, to cut the file there and
to append.  Rows behind a place where they do not match (a file has been added since, an unreadable one is
tried again) are kept in ``FILE.rest`` until they have been written anew, so that no kill can lose them.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from multirec.errors import ResumeError
from multirec.outputs.files import share_as
from multirec.sources import Page, Source

TRANSIENT = frozenset({"missing", "unreadable", "empty", "not-an-image", "document", "out-of-memory", "model"})
"""Kinds of errors that may be gone by now, as when a file was being copied: their images are read again."""


@dataclass(frozen=True)
class Row:
    """What a row of an output says: its image, and the kind of its error or ''."""

    image: str
    error: str


@dataclass(frozen=True)
class Layout:
    """How a format is taken apart: its first record, its whole records, and what each says."""

    header: bytes
    records: Callable[[BinaryIO], Iterator[bytes]]
    parse: Callable[[bytes], Row]


def csv_records(file: BinaryIO) -> Iterator[bytes]:
    """Whole CSV records with their line ends; one that is torn ends them."""
    record = b""
    for line in file:
        record += line
        # Within quotes a line end belongs to the cell; a doubled quote leaves the count even.
        if record.count(b'"') % 2 == 0 and record.endswith(b"\n"):
            yield record
            record = b""


def csv_row(record: bytes, columns: int) -> Row:
    """The image and error of a CSV record, its first cell and its last."""
    cells = next(csv.reader(io.StringIO(record.decode("utf-8", "surrogateescape"), newline=""), strict=True))
    if len(cells) != columns:
        raise ValueError("not a row")
    return Row(cells[0], cells[-1].partition(":")[0])


def json_records(file: BinaryIO) -> Iterator[bytes]:
    """Whole lines; one without its end is torn."""
    return (line for line in file if line.endswith(b"\n"))


def json_row(record: bytes) -> Row:
    """The image and error of a JSON line."""
    known = json.loads(record)
    try:
        return Row(known["image"], known["error"]["kind"] if "error" in known else "")
    except TypeError as error:
        raise ValueError("not a row") from error


@dataclass(frozen=True)
class Recovered:
    """What is left of a run: rows kept, errors among them, and the sources to go on with."""

    kept: int
    errors: int
    sources: Iterator[Source]
    spare: dict[str, bytes]
    """Rows behind, by their images; those that ``sources`` came to are taken out."""


def recover(
    part: Path,
    rest: Path,
    layout: Layout,
    sources: Iterator[Source],
    retry: frozenset[str] = TRANSIENT,
    written: Callable[[Page], bool] | None = None,
) -> Recovered:
    """Cut ``part`` where it stops matching ``sources``; what follows is kept in ``rest``.

    A source whose row is in ``rest`` comes back with it (``Source.row``), so that it is not read again; of those with
    errors only the kinds in ``retry`` are.

    Args:
        part: the rows of an earlier run.
        rest: rows that an earlier resumed run had not written anew yet.
        layout: of both.
        sources: what is to be read.
        retry: kinds of errors whose images are read again.
        written: tells whether a page's document is there, where such are written.  The lines of a page whose document
            is not, or of which one is to be read, are then read again, all of them: the document needs their results.

    Raises:
        ResumeError: ``part`` is not an output of this format; it is left alone.
        OSError: a file cannot be read or written.
    """
    spare = {r.image: data for r, data in _rows(rest, layout) if r.error not in retry} if rest.exists() else {}
    units = _units(sources, written is not None)
    following: list[Source] = []
    kept = errors = 0

    def ready(unit: list[Source]) -> bool:
        page = unit[0].page if unit else None
        return written is None or page is None or written(page)

    with part.open("r+b") as file:
        records = layout.records(file)
        position = len(_header(file, records, layout, part))
        for record in records:
            unit = next(units, [])
            taken: list[bytes] = []
            rows: list[Row] = []
            for source, data in zip(unit if ready(unit) else [], itertools.chain([record], records), strict=False):
                taken.append(data)
                try:
                    row = layout.parse(data)
                except (ValueError, KeyError, StopIteration, csv.Error) as error:
                    number = kept + len(taken)
                    raise ResumeError(f"{part}: row {number} makes no sense: start without --resume") from error
                if source.path != row.image or row.error in retry:
                    break
                rows.append(row)
            if not rows or len(rows) < len(unit):
                following = unit
                # From here on rows are looked up by their image.
                spare |= _by_image(itertools.chain(taken or [record], records), layout, retry)
                spare = {image: data for image, data in spare.items() if data}
                break
            for row in rows:
                spare.pop(row.image, None)
            kept += len(rows)
            errors += sum(bool(row.error) for row in rows)
            position += sum(map(len, taken))
        if spare:
            os.fsync(file.fileno())  # before the rest is without what is there
            _save(rest, layout, spare, part)
        file.truncate(position)
        os.fsync(file.fileno())

    def with_rows(unit: list[Source]) -> list[Source]:
        found = [spare.pop(source.path, b"") for source in unit]
        return [replace(s, row=row) for s, row in zip(unit, found, strict=True)] if all(found) and ready(unit) else unit

    left = (source for unit in itertools.chain([following] if following else [], units) for source in with_rows(unit))
    return Recovered(kept, errors, left, spare)


def _units(sources: Iterator[Source], pages: bool) -> Iterator[list[Source]]:
    """Sources whose rows are kept or not one by one, or, with ``pages``, the lines of a page together."""
    unit: list[Source] = []
    for source in sources:
        if unit and source.page != unit[0].page:
            yield unit
            unit = []
        unit.append(source)
        if not pages or source.page is None or len(unit) == source.page.lines:
            yield unit
            unit = []
    if unit:
        yield unit


def check_appended(file: Path, layout: Layout) -> None:
    """Refuse to add rows to a file that is no output of this format; cut a last row that was torn.

    Raises:
        ResumeError: it is none; it is left alone.
        OSError: it cannot be read or written.
    """
    if not file.exists():
        return
    with file.open("r+b") as rows:
        if not _begins(rows, layout):
            raise ResumeError(f"{file}: it does not begin as this format of multirec does: append to another file")
        rows.seek(max(0, file.stat().st_size - 1))
        if rows.read() not in (b"", b"\n"):
            rows.seek(0)
            rows.truncate(sum(map(len, layout.records(rows))))


def _begins(rows: BinaryIO, layout: Layout) -> bool:
    """Whether a file is empty, or begins as this layout does."""
    first = next(layout.records(rows), None)
    if first is None:  # torn
        rows.seek(0)
        start = rows.read(len(layout.header) + 1)
        return not start or start.startswith(layout.header or b"{")
    if layout.header:
        return first.removeprefix(codecs.BOM_UTF8) == layout.header
    try:
        layout.parse(first)
    except (ValueError, KeyError, csv.Error):
        return False
    return True


def save_dropped(path: Path, layout: Layout, rows: dict[str, bytes], like: Path) -> None:
    """Add rows whose images are among the inputs no more to ``path``, for those who may read ``like``.

    Raises:
        OSError: it cannot be written.
    """
    with path.open("ab") as file:
        share_as(like, file.fileno())
        if file.tell() == 0:
            file.write(layout.header)
        file.writelines(rows.values())
        file.flush()
        os.fsync(file.fileno())


def _header(file: BinaryIO, records: Iterator[bytes], layout: Layout, part: Path) -> bytes:
    """Take the header from ``records``; empty where the format has none, or where it is torn itself."""
    if not layout.header:
        return b""
    start = file.read(len(layout.header))
    file.seek(0)
    header = next(records, b"")
    if header != layout.header and (header or not layout.header.startswith(start)):
        raise ResumeError(f"{part}: it does not begin as an output of this format does: start without --resume")
    return header


def _rows(path: Path, layout: Layout) -> Iterator[tuple[Row, bytes]]:
    with path.open("rb") as file:
        records = layout.records(file)
        if layout.header:
            next(records, None)
        yield from _parsed(records, layout)


def _by_image(records: Iterator[bytes], layout: Layout, retry: frozenset[str]) -> dict[str, bytes]:
    """Rows by their images; none of an image that is to be read again, as where two have one name, as in a tar."""
    found: dict[str, bytes] = {}
    for row, record in _parsed(records, layout):
        again = row.error in retry or found.get(row.image, record) != record
        found[row.image] = b"" if again else record
    return found


def _parsed(records: Iterator[bytes], layout: Layout) -> Iterator[tuple[Row, bytes]]:
    for record in records:
        try:
            yield layout.parse(record), record
        except (ValueError, KeyError, StopIteration, csv.Error):
            return  # what follows cannot be trusted


def _save(rest: Path, layout: Layout, rows: dict[str, bytes], like: Path) -> None:
    partial = rest.with_name(rest.name + ".new")
    with partial.open("wb") as file:
        share_as(like, file.fileno())
        file.write(layout.header)
        file.writelines(rows.values())
        file.flush()
        os.fsync(file.fileno())
    partial.replace(rest)
