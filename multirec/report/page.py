"""Put rows, pictures and figures into the page.

Texts and names are data that nobody vouches for.  They reach the page in two ways only: through Jinja2 with
autoescape, and as JSON in a block that is not run, from which the script makes text nodes.  A content
security policy lets no other script run than the one of this package.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shlex
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from tqdm import tqdm

from multirec.report import pictures
from multirec.report.places import Places, display, find
from multirec.report.plots import plots
from multirec.results import Result

BLOCK = 100
"""Pictures in a JSON block; the script parses a block when one of its rows is shown."""

SCRIPTS = ("theme.js", "differences.js", "corrections.js", "script.js")

COLUMNS = (
    "number", "image", "name", "left_out", "text", "confidence", "text_363", "confidence_363", "text_484",
    "confidence_484", "agree", "error", "note",
)  # fmt: skip
"""What the script knows of a row."""


@dataclass(frozen=True)
class Options:
    """What kind of page to make.

    Attributes:
        title: name of the CSV.
        pictures: ``embed``, ``link`` or ``none``.
        limit: show only so many rows, the first in the order of review.
        bases: folders that relative paths may start from, in the order they are tried.
        images: a folder in which the pictures of PAGE and ALTO documents are looked for, too.
        folder: where the page will lie, for links.
        progress: show a bar on standard error if that is a terminal.
    """

    title: str
    pictures: str = "embed"
    limit: int | None = None
    bases: tuple[str, ...] = (".",)
    images: str | None = None
    folder: str = "."
    progress: bool = False


def build(rows: Sequence[Result], options: Options) -> str:
    """The page for ``rows``, HTML; images that are not found are noted in it."""
    rows = list(rows)
    places = find([row.image for row in rows], options.bases)
    order = review_order(rows)[: options.limit]
    shown = list(_pictures(places, order, options))
    table = [_cells(rows[i], i, places, picture) for i, picture in zip(order, shown, strict=True)]
    gt = _ground_truth(places.folder)
    data = {
        "id": _identity(places), "columns": COLUMNS, "rows": table, "block": BLOCK, "pictures": options.pictures,
        "file": gt["file"],
    }  # fmt: skip
    blocks = [[p.data for p in shown[at : at + BLOCK]] for at in range(0, len(shown), BLOCK)]
    script, style = "".join(map(_part, SCRIPTS)), _part("style.css")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    return environment.from_string(_part("template.html")).render(
        title=display(options.title),
        summary=_summary(rows),
        total=len(rows),
        shown=len(shown),
        plots=[{"title": p.title, "caption": p.caption, "svg": Markup(p.svg)} for p in plots(rows)],
        gt=gt,
        data=data,
        blocks=blocks if options.pictures != "none" else [],
        linked=options.pictures == "link",
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
        style=Markup(style),
    )


def _part(name: str) -> str:
    return files("multirec.report").joinpath(name).read_text(encoding="utf-8")


def _pictures(places: Places, order: list[int], options: Options) -> Any:
    chosen = [places.images[i] for i in order]
    if options.pictures == "none":
        return pictures.none(chosen)
    if options.pictures == "link":
        return pictures.linked(chosen, options.folder)
    # None: no bar where standard error is no terminal.
    disable = None if options.progress else True
    return tqdm(
        pictures.embedded(chosen, images=options.images),
        total=len(chosen),
        unit=" pictures",
        disable=disable,
        leave=False,
    )


def _cells(row: Result, number: int, places: Places, picture: pictures.Picture) -> tuple[Any, ...]:
    """The cells of ``COLUMNS``."""
    (text_363, confidence_363), (text_484, confidence_484) = row.readings or (("", 0.0), ("", 0.0))
    place = places.images[number]
    return (
        number, display(row.image), place.name, place.left_out, row.text, row.confidence, text_363, confidence_363,
        text_484, confidence_484, row.agree, row.error, picture.note,
    )  # fmt: skip


def _identity(places: Places) -> str:
    """The same for the same images, so that corrections outlive a new run of the recogniser."""
    paths = "\0".join(place.path for place in places.images)
    return hashlib.sha256(paths.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _summary(rows: list[Result]) -> list[tuple[str, str]]:
    read = [row for row in rows if not row.error]
    errors = len(rows) - len(read)
    known = [("lines", f"{len(rows):,}")]
    if read:
        known.append(("both models agree", f"{sum(row.agree for row in read) / len(read):.0%}"))
        known.append(("median confidence", f"{statistics.median(row.confidence for row in read):.0%}"))
    return [*known, ("error" if errors == 1 else "errors", f"{errors:,}")]


def _ground_truth(folder: str) -> dict[str, Any]:
    """What to call the corrections, where to save them, and the command that trains on them then."""
    # Labels that are there already must not be replaced unawares; train takes a table of any name.
    taken = bool(folder) and os.path.exists(os.path.join(folder, "gt.tsv"))
    file = "corrections.tsv" if taken else "gt.tsv"
    argument = folder if folder and not taken else os.path.join(folder, file)
    return {
        "file": file,
        "folder": display(folder),
        "taken": taken,
        "command": f"multirec train {shlex.quote(display(argument))} --run runs/corrected",
    }


def review_order(rows: list[Result]) -> list[int]:
    """Indexes of ``rows``: where the models differ first, then by confidence from low to high; errors last."""
    return sorted(range(len(rows)), key=lambda i: (bool(rows[i].error), rows[i].agree, rows[i].confidence, i))
