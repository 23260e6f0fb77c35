"""Sources taken ahead, within bounds, and dealt out in shares."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from types import TracebackType

from multirec.machine import starting_threads
from multirec.sources import Source

MOST, LEAST = 512, 32
"""Sources of a share: as many as a recogniser lets wait for others of their width; fewer as they come to an end."""

BYTES = 1 << 22
"""Of pictures in memory that a share may hold; a single one may be larger."""


class Ahead:
    """A thread takes from ``sources`` while the block runs; it may be left behind in a read that never returns.

    Args:
        sources: what to deal out.
        readers: how many they are dealt out to; each finds two shares ahead of it.
    """

    def __init__(self, sources: Iterable[Source], readers: int) -> None:
        self._sources, self._readers = sources, readers
        self._waiting: deque[Source] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._left = self._complete = False
        self._error: BaseException | None = None

    def __enter__(self) -> Ahead:
        with starting_threads():
            threading.Thread(target=self._feed, name="feeder", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._left = True
            self._changed.notify_all()

    def _feed(self) -> None:
        try:
            for source in self._sources:
                with self._changed:
                    self._waiting.append(source)
                    self._bytes += _size(source)
                    self._changed.notify_all()
                    while self._is_full() and not self._left:
                        self._changed.wait()
                    if self._left:
                        return
        except BaseException as error:  # handed over to who takes
            self._error = error
        with self._changed:
            self._complete = True
            self._changed.notify_all()

    def _is_full(self) -> bool:
        return len(self._waiting) >= 2 * MOST * self._readers or self._bytes >= 2 * BYTES * self._readers

    def share(self) -> list[Source]:
        """The next sources: half of what each reader finds waiting, so that all come to the end together.

        Lines of one page stay together, as far as they are here.  Empty where none is here.

        Raises:
            Exception: whatever ``sources`` raised, once those before it were taken.
        """
        with self._changed:
            many = min(MOST, max(LEAST, len(self._waiting) // (2 * self._readers)))
            taken: list[Source] = []
            held = 0
            while self._waiting:
                following = self._waiting[0]
                full = len(taken) >= many or held + _size(following) > BYTES
                if taken and full and not (following.page and following.page == taken[-1].page):
                    break
                taken.append(self._waiting.popleft())
                held += _size(following)
            self._bytes -= held
            self._changed.notify_all()
            if not taken and self._complete and self._error is not None:
                raise self._error
            return taken

    def wait(self, seconds: float) -> None:
        """Until there is something, or nothing more will come; no longer than ``seconds``."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._complete, seconds)

    @property
    def ended(self) -> bool:
        """Whether all was taken."""
        with self._changed:
            return self._complete and not self._waiting and self._error is None


def _size(source: Source) -> int:
    """Bytes that a source holds."""
    return len(source.content) if isinstance(source.content, bytes) else 0
