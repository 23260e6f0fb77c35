"""Outputs that cannot grow by rows: a run's rows wait in ``FILE.part``, and become the file at its end.

So a run of theirs is killed and picked up as any other; to go on with a finished one, its rows are taken out again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from multirec.outputs import parquet, workbook
from multirec.outputs.files import Convert


@dataclass(frozen=True)
class Finished:
    """A format of this kind.

    Attributes:
        needs: the packages that it takes, as they are imported; the extra that brings them has the format's name.
        convert: makes the file of the rows; the third argument names what they have beside a CSV's columns.
        restore: makes the rows of the file again; raises ValueError where that is none of ours.
        spare: raises OutputError where a file, of the disk or of a store, must not be replaced.
    """

    needs: tuple[str, ...]
    convert: Callable[[BinaryIO, BinaryIO, tuple[str, ...]], None]
    restore: Convert
    spare: Callable[[str | Path], None] = lambda path: None


FINISHED = {
    "parquet": Finished(("pyarrow",), parquet.convert, parquet.restore, parquet.spare),
    "xlsx": Finished(("xlsxwriter", "openpyxl"), workbook.convert, workbook.restore),
}
"""By the format's name, which the files' names end in too."""
