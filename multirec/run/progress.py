"""How far a run has come, on standard error: a bar on a terminal, a line now and then elsewhere.

The total is counted by a thread while work has begun, by listing folders and what is in archives only.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TextIO

from tqdm import tqdm

from multirec.machine import starting_threads
from multirec.results import Result

INTERVAL = 30.0
"""Seconds between two lines where standard error is no terminal."""


@dataclass
class Tally:
    """What has been read so far."""

    rows: int = 0
    agreed: int = 0
    errors: int = 0
    several: int = 0
    """Files of several pictures, of which the first was read."""
    kept: int = 0
    """Rows of an earlier run."""
    start: float = field(default_factory=lambda: time.monotonic())

    def add(self, result: Result, failed: bool = False) -> None:
        """Count one result; ``failed`` where it is good, and could not be written."""
        self.rows += 1
        self.agreed += result.agree and not failed
        self.errors += failed or bool(result.error)
        self.several += result.first_of_several

    def keep(self, error: bool) -> None:
        """Count one row of an earlier run."""
        self.keep_all(1, int(error))

    def keep_all(self, rows: int, errors: int) -> None:
        """Count many."""
        self.rows += rows
        self.kept += rows
        self.errors += errors

    @property
    def rate(self) -> float:
        """Images read a second, by this run."""
        return (self.rows - self.kept) / max(time.monotonic() - self.start, 1e-9)

    def summary(self) -> str:
        """The last line of a run."""
        read = self.rows - self.errors
        share = f", both models agree on {self.agreed / read:.0%}" if read and not self.kept else ""
        kept = f" ({self.kept} rows of an earlier run kept)" if self.kept else ""
        several = f"; of {self.several} files with several pictures only the first was read" if self.several else ""
        return f"{read} images read{kept}{share}, {self.errors} errors, {self.rate:.1f} images/s{several}"


class Progress:
    """Shows a tally as it grows.

    Args:
        count: counts the inputs, for the total; called in a thread of its own.  None, or giving None, where it cannot
            be known.
        bar: a bar (for terminals) instead of lines.
    """

    def __init__(self, count: Callable[[], int | None] | None, bar: bool, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._bar = tqdm(unit=" images", file=self._stream, mininterval=0.5, smoothing=0.05) if bar else None
        self._last = time.monotonic()
        self._total: int | None = None
        if count is not None:
            with starting_threads():
                threading.Thread(target=self._count, args=(count,), name="counter", daemon=True).start()

    def _count(self, count: Callable[[], int | None]) -> None:
        self._total = count()

    def show(self, tally: Tally) -> None:
        """Bring what is shown up to date, if it is time to."""
        if self._bar is not None:
            self._bar.total = self._total
            if tally.errors:
                self._bar.set_postfix(errors=tally.errors, refresh=False)
            self._bar.update(tally.rows - self._bar.n)
        elif time.monotonic() - self._last >= INTERVAL:
            self._last = time.monotonic()
            print(f"multirec: {self.line(tally)}", file=self._stream, flush=True)

    def line(self, tally: Tally) -> str:
        """The tally in words: images done and, where the total is known, the time left."""
        text = f"{tally.rows} images, {tally.rate:.1f} images/s, {tally.errors} errors"
        if self._total is None or self._total < tally.rows:
            return text
        left = (self._total - tally.rows) / max(tally.rate, 1e-9)
        return text.replace(" images", f" of {self._total} images", 1) + f", {_duration(left)} left"

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the terminal in order."""
        if self._bar is not None:
            self._bar.close()


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes >= 5 else f"{minutes * 60 + seconds} s"
