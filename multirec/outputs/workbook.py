"""A workbook for Excel, LibreOffice and their like (.xlsx, ECMA-376), made of a CSV's rows.

Texts are texts there: no reader takes one for a number, a date or a formula, whatever its language.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO
from zipfile import BadZipFile

from multirec.outputs.formats import COLUMNS, csv_line

SHEET = 1_048_576
"""Rows that a sheet holds, with its header."""

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BYTE = re.compile(r"\\x([89a-f][0-9a-f])")


def convert(rows: BinaryIO, out: BinaryIO, details: tuple[str, ...] = ()) -> None:
    """Write the CSV ``rows`` as a workbook, in flat memory; what a sheet cannot hold goes on in the next.

    Confidences are numbers, ``agree`` is a truth value, all else is text.  Bytes of names that are not UTF-8 are shown
    as ``\\xff``.  Equal rows make equal bytes.

    Raises:
        OSError: it cannot be written, or not its temporary files (in ``TMPDIR``).
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import XlsxWriterException

    text = io.TextIOWrapper(rows, "utf-8", "backslashreplace", newline="")
    try:
        with Workbook(out, {"constant_memory": True, "use_zip64": True}) as book:
            # Else the time of writing.
            book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})
            _fill(book, csv.reader(text, strict=True))
    except XlsxWriterException as error:
        raise OSError(str(error)) from error
    finally:
        text.detach()


def _fill(book: Any, table: Iterator[list[str]]) -> None:
    header = next(table)
    bold = book.add_format({"bold": True})
    number, text = book.add_format({"num_format": "0.0000"}), book.add_format({"num_format": "@"})
    for count, cells in enumerate(table):
        at = count % (SHEET - 1) + 1
        if at == 1:
            sheet = book.add_worksheet()
            sheet.freeze_panes(1, 0)
            # Texts of digits are meant to be texts.
            sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{SHEET}"})
            for column, name in enumerate(header):
                short = name.startswith(("confidence", "agree"))
                sheet.set_column(column, column, 12 if short else 40, None if short else text)
                sheet.write_string(0, column, name, bold)
        for column, (name, cell) in enumerate(zip(header, cells, strict=True)):
            if not cell:
                continue
            if name.startswith("confidence"):
                sheet.write_number(at, column, float(cell), number)
            elif name == "agree":
                sheet.write_boolean(at, column, cell == "true")
            elif cell.startswith("<r>") and cell.endswith("</r>"):  # XlsxWriter would take it for XML of its own
                sheet.write_rich_string(at, column, cell[:1], text, cell[1:], text)
            else:
                sheet.write_string(at, column, cell, text)


def restore(book: BinaryIO, rows: BinaryIO) -> None:
    """Write the rows of a workbook of ``convert``, which may have been corrected since, as CSV.

    Raises:
        ValueError: it is no workbook, or has other columns.
        OSError: it cannot be read or written.
    """
    from openpyxl import load_workbook

    try:
        sheets = load_workbook(book, read_only=True).worksheets
        for number, sheet in enumerate(sheets):
            table = sheet.iter_rows(values_only=True)
            if tuple(next(table, ())) != COLUMNS:
                raise ValueError(f"sheet {sheet.title!r} has other columns")
            rows.writelines(csv_line(COLUMNS) for _ in range(number == 0))
            rows.writelines(csv_line(tuple(map(_cell, COLUMNS, cells))) for cells in table)
    except (BadZipFile, KeyError) as error:
        raise ValueError(f"it is no workbook: {error}") from error


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float) and name.startswith("confidence"):
        return f"{value:.4f}"
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), str(value))
    return _BYTE.sub(lambda found: chr(0xDC00 + int(found[1], 16)), text) if name == "image" else text
