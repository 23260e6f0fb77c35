"""Regions and their lines, as they are gathered from a document, and the order in which they are read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from statistics import median

from multirec.documents.document import Box, Line, Points
from multirec.documents.points import bounds, thickness, usual_height


@dataclass
class Region:
    """A part of a page with lines of its own, or parts of its own.

    Attributes:
        id: as the reading order refers to it.
        above: the region that it is a part of.
        outline: its polygon.
        orientation: see ``Line``.
        index: its place beside others, where it tells that itself.
        lines: each with its place within the region, where it tells that itself; in the order of the file.
    """

    id: str = ""
    above: Region | None = None
    outline: Points = ()
    orientation: float | None = None
    index: int | None = None
    lines: list[tuple[int | None, Line]] = field(default_factory=list)

    def in_order(self) -> list[Line]:
        """Its own lines as they tell their order; where one does not, as they stand in the file."""
        if all(index is not None for index, _ in self.lines):
            return [line for _, line in sorted(self.lines, key=lambda entry: entry[0] or 0)]
        return [line for _, line in self.lines]


@dataclass
class _Group:
    ref: str = ""
    index: int | None = None
    ordered: bool = True
    parts: list[_Group] = field(default_factory=list)


class ReadingOrder:
    """PAGE's groups of references to regions, nested and with indexes or not, and ALTO 4.3's to elements."""

    ELEMENTS = frozenset(
        "OrderedGroup OrderedGroupIndexed UnorderedGroup UnorderedGroupIndexed RegionRef RegionRefIndexed "
        "ElementRef".split()
    )

    def __init__(self) -> None:
        self._open = [_Group()]

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """One of ``ELEMENTS`` begins."""
        ref = attributes.get("regionRef") or attributes.get("REF") or ""
        group = _Group(ref, whole(attributes.get("index")), not name.startswith("Unordered"))
        self._open[-1].parts.append(group)
        self._open.append(group)

    def end(self) -> None:
        """It ends."""
        self._open.pop()

    def places(self) -> dict[str, int]:
        """The place of each element that is referred to, by its id."""
        places: dict[str, int] = {}
        for ref in _refs(self._open[0]):
            places.setdefault(ref, len(places))
        return places


def _refs(group: _Group) -> Iterator[str]:
    if group.ref:
        yield group.ref
    parts = group.parts
    if group.ordered and all(part.index is not None for part in parts):
        parts = sorted(parts, key=lambda part: part.index or 0)
    for part in parts:
        yield from _refs(part)


def whole(text: str | None) -> int | None:
    """A whole number of at most nine digits, or None."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def arranged(regions: list[Region], places: Mapping[str, int]) -> tuple[Line, ...]:
    """All lines in reading order, with the usual heights of where they stand.

    A region that ``places`` does not know stands where the region does that it is a part of, behind its lines; else
    regions come in the order that they tell themselves, where all do, and in that of the file.  A line that it knows
    (ALTO) stands where that says.
    """
    told = not places and all(region.index is not None for region in regions if region.above is None)
    order: list[tuple[float, Line]] = []
    measured: list[float] = []
    for region in regions:
        place = _place(region, places, told)
        heights = [thickness(line.outline, line.box) for _, line in region.lines]
        baselines = [line.baseline for _, line in region.lines]
        height = usual_height(heights, baselines, _room(region))
        measured += [height] * len(baselines)
        order += [(places.get(line.id, place), replace(line, height=height)) for line in region.in_order()]
    usual = median([height for height in measured if height] or [0.0])
    order.sort(key=lambda entry: entry[0])
    return tuple(line if line.height else replace(line, height=usual) for _, line in order)


def _room(region: Region) -> Box | None:
    return bounds(region.outline) if region.outline else None


def _place(region: Region, places: Mapping[str, int], told: bool) -> float:
    here: Region | None = region
    while here is not None:
        if here.id in places:
            return places[here.id]
        if told and here.above is None:
            return here.index or 0
        here = here.above
    return math.inf
