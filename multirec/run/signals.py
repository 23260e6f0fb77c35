"""Signals that end a run early: the first asks it to finish what is in flight, a second Ctrl-C ends it at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """Whether and by which signal the run was asked to stop."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.signum = 0

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        if self.event.is_set() and signum == signal.SIGINT:
            os._exit(128 + signum)
        self.signum = self.signum or signum
        self.event.set()


@contextmanager
def stopping() -> Iterator[Stop]:
    """Catch the signals while the block runs (in the main thread only: Python allows no other)."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    # A signal that the caller had ignored stays so: nohup relies on it.
    caught = [s for s in _SIGNALS if signal.getsignal(s) is not signal.SIG_IGN]
    before = {s: signal.signal(s, stop._handle) for s in caught}
    try:
        yield stop
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
