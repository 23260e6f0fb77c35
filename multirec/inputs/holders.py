"""Files that hold several pictures, opened: documents of lines, archives, Parquet files, TIFFs of several pages."""

from __future__ import annotations

import os
from collections.abc import Iterator

from multirec import stores
from multirec.documents import parse
from multirec.inputs import archives, names, parquet
from multirec.inputs.pages import Pages
from multirec.inputs.tiff_pages import pages
from multirec.sources import Opening, Source


def opened(path: str, opening: Opening, documents: Pages, met: bool = False, first: int = 0) -> Iterator[Source]:
    """Yield what is in the file ``path``, or the file itself where it holds one picture.

    What is wrong with it is the ``error`` of a last source of its name.

    Args:
        path: the file.
        opening: how to open it.
        documents: opens PAGE and ALTO.
        met: it was found in a folder, not named: a Parquet file without pictures is left out there, and other XML.
        first: the row of a Parquet file to begin with.
    """
    try:
        if names.kind(path) == names.DOCUMENT and not os.path.isdir(path):
            yield from documents.lines(path, named=not met)
            return
        found: Iterator[Source]
        match names.kind(path):
            case names.ZIP:
                found = archives.zipped(path, opening)
            case names.TAR:
                found = archives.tar(path, opening)
            case names.PARQUET:
                found = parquet.rows(path, opening, met, first)
            case _:
                found = iter([Source(path)])
        for source in found:
            if opening.all_pages:
                yield from pages(source, opening.limits)
            else:
                yield source
    except Exception as error:  # whatever a damaged file brings about must not end the run
        yield Source(path, archives.fault(error))


def count(path: str, opening: Opening) -> int | None:
    """How many sources ``opened`` gives of a file met in a folder; None where only reading all of it would tell."""
    kind = names.kind(path)
    if (kind or opening.all_pages) and stores.is_remote(path):
        return None
    if kind == names.DOCUMENT:
        return parse.count_lines(path)
    if (kind and opening.all_pages) or (kind == names.TAR and archives.is_stream(path)):
        return None
    if kind == names.PARQUET:
        try:
            return parquet.count(path, opening, met=True)
        except Exception:  # it will have a row
            return 1
    return sum(1 for _ in opened(path, opening, Pages(opening), met=True))
