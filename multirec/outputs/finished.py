"""Outputs that cannot grow by rows: a run's rows wait as CSV in ``FILE.part``, and become the file at its end.

So a run of theirs is killed and picked up as any other; to go on with a finished one, its rows are taken out again.
"""

from __future__ import annotations

from dataclasses import dataclass

from multirec.outputs.files import Convert
from multirec.outputs.workbook import convert, restore


@dataclass(frozen=True)
class Finished:
    """A format of this kind.

    Attributes:
        needs: the packages that it takes, as they are imported; the extra that brings them has the format's name.
        convert: makes the file of the rows.
        restore: makes the rows of the file again; raises ValueError where that is none of ours.
    """

    needs: tuple[str, ...]
    convert: Convert
    restore: Convert


FINISHED = {"xlsx": Finished(("xlsxwriter", "openpyxl"), convert, restore)}
"""By the format's name, which the files' names end in too."""
