"""Grouping by width: a batch holds one width of the grid only, and as many lines as its budget allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from multirec.inputs.reading import Picture
from multirec.inputs.widths import HEIGHT, grid_width


@dataclass(frozen=True)
class Batch:
    """Lines of one padded width, in input order within the batch."""

    pictures: tuple[Picture, ...]
    width: int

    def pixels(self) -> NDArray[np.uint8]:
        """The batch's tensor, [N, 64, W, 4] uint8: RGBA, all channels 0 in the padding."""
        out = np.zeros((len(self.pictures), HEIGHT, self.width, 4), np.uint8)
        for row, picture in zip(out, self.pictures, strict=True):
            assert picture.pixels is not None
            row[:, : picture.pixels.shape[1]] = picture.pixels
        return out

    def halves(self) -> tuple[Batch, Batch]:
        """The batch in two, for when it does not fit in memory."""
        middle = len(self.pictures) // 2
        return Batch(self.pictures[:middle], self.width), Batch(self.pictures[middle:], self.width)


class Grouper:
    """Collects pictures by width and gives out full batches.

    Args:
        size: lines of a batch, or None for as many as fit in ``columns``.
        columns: pixel columns of a batch, N x W; one line may exceed it.
        window: pixel columns held back at most, over all widths.
        lag: images after which one that is held back is overdue.
    """

    def __init__(self, size: int | None, columns: int, window: int, lag: int) -> None:
        self._size, self._columns, self._window, self._lag = size, columns, window, lag
        self._groups: dict[int, list[Picture]] = {}
        self._first: dict[int, int] = {}  # least index of each group: looks again come in no order
        self._held = 0

    def _limit(self, width: int) -> int:
        return self._size or max(1, self._columns // width)

    def add(self, picture: Picture) -> list[Batch]:
        """Take one picture; return the batches that are due."""
        assert picture.pixels is not None
        width = grid_width(picture.pixels.shape[1])
        group = self._groups.setdefault(width, [])
        group.append(picture)
        self._first[width] = min(self._first.get(width, picture.index), picture.index)
        self._held += width
        due = [self._take(width)] if len(group) >= self._limit(width) else []
        # The oldest line holds back all rows after it: its batch goes first, full or not.
        while self._held > self._window:
            due.append(self._take(self._oldest()))
        return due

    def overdue(self, index: int) -> list[Batch]:
        """The batches, full or not, whose first line came more than ``lag`` images before image ``index``."""
        due = []
        while self._groups and self._first[self._oldest()] < index - self._lag:
            due.append(self._take(self._oldest()))
        return due

    def flush(self) -> list[Batch]:
        """All that is held, oldest first."""
        return [self._take(w) for w in sorted(self._groups, key=self._first.__getitem__)]

    def _oldest(self) -> int:
        return min(self._groups, key=self._first.__getitem__)

    def _take(self, width: int) -> Batch:
        group = self._groups.pop(width)
        del self._first[width]
        self._held -= width * len(group)
        return Batch(tuple(group), width)
