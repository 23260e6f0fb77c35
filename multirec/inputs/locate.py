"""From the name of a picture within a file, as rows have it, back to the picture."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

from multirec.inputs import names
from multirec.inputs.holders import opened
from multirec.inputs.pages import Pages
from multirec.sources import Opening, Source

OPEN = 8
"""Files that are kept open at a time."""

NEAR = 1000
"""Rows of a Parquet file that are rather passed over than begun with anew."""


@dataclass
class _Walk:
    """Through a file; ``last`` is the row or page that was found last, ``fault`` what is wrong with the file."""

    sources: Iterator[Source]
    last: int = 0
    fault: str = ""

    def find(self, name: str, holder: str) -> Source | None:
        """Go on to ``name``; where it does not come, to the end."""
        for source in self.sources:
            if source.path == name:
                return source
            self.fault = source.error if source.path == holder else ""
        return None


class Locator:
    """Finds pictures by their names; names in the order of the rows cost one walk through each file.

    Each file is walked as a run walks it, and the walk goes on with the next name from where it is; a name that
    does not come begins it anew.  Several threads may ask.  ``documents`` opens PAGE and ALTO.
    """

    def __init__(self, opening: Opening | None = None, documents: Pages | None = None) -> None:
        self._opening = opening or Opening()
        self._documents = documents or Pages(self._opening)
        self._walks: dict[tuple[str, bool], _Walk] = {}
        self._lock = threading.Lock()

    def locate(self, name: str) -> Source:
        """The picture ``name``: a document's line, in an archive, a Parquet file's row, a TIFF's page, or else a file.

        A file that has the name itself is what is meant, whatever it holds.
        """
        holder = names.holder(name)
        if not holder:
            return Source(name)
        if names.kind(holder) == names.DOCUMENT:
            with self._lock:
                return self._documents.line(holder, name[len(holder) + 1 :])
        is_table = names.kind(holder) == names.PARQUET
        found = names.NUMBER.search(name)
        number = int(found[1]) if found else 0
        paged = bool(found and (found[2] or not is_table))
        with self._lock:
            walk = self._walks.pop((holder, paged), None)
            if walk and is_table and not walk.last < number <= walk.last + NEAR:
                walk = None
            source = walk.find(name, holder) if walk else None
            if walk is None or source is None:
                opening = replace(self._opening, all_pages=paged)
                walk = _Walk(opened(holder, opening, self._documents, first=number if is_table else 0))
                source = walk.find(name, holder)
            walk.last = number
            self._walks[holder, paged] = walk
            if len(self._walks) > OPEN:
                del self._walks[next(iter(self._walks))]
            return source or Source(name, walk.fault or f"missing: no such picture in {holder}")
