"""Outputs that cannot grow by rows: a run's rows wait as CSV in ``FILE.part``, and become the file at its end.

So a run of theirs is killed and picked up as any other; to go on with a finished one, its rows are taken out again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from multirec.outputs.files import Finish
from multirec.outputs.workbook import read_workbook, write_workbook


@dataclass(frozen=True)
class Finished:
    """A format of this kind.

    Attributes:
        needs: the packages that it takes, as they are imported; the extra that brings them has the format's name.
        finish: makes the file of the CSV's bytes.
        begin: makes the CSV's bytes of the file; raises ValueError where it is not as ``finish`` makes it.
    """

    needs: tuple[str, ...]
    finish: Finish
    begin: Callable[[BinaryIO, BinaryIO], None]


FINISHED = {"xlsx": Finished(("xlsxwriter", "openpyxl"), write_workbook, read_workbook)}
"""By the format's name, which the files' names end in too."""
