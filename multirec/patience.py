"""Waiting for what may never come, in time that this process could run.

A process may be stopped for hours (Ctrl-Z, ``docker pause``, a virtual machine that is moved): clocks go on
meanwhile, and nothing else does.  So patience is counted in short waits, of which each counts as what it was meant
to last, however late it ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, TypeVar

from multirec.machine import starting_threads

T = TypeVar("T")

TICK = 1.0
"""Seconds of a short wait."""


def awaited(future: Future[Any], seconds: float) -> bool:
    """Whether ``future`` is done, or is so after ``seconds`` at most."""
    while not future.done() and seconds > 0:
        wait([future], min(TICK, seconds))
        seconds -= TICK
    return future.done()


def within(seconds: float, function: Callable[..., T], *given: Any) -> T:
    """What ``function`` gives, called in a thread of its own, which is left behind where it does not return.

    Raises:
        SetupError: no more threads can be started.
        TimeoutError: no answer within ``seconds``.
        BaseException: whatever ``function`` raises.
    """
    future: Future[T] = Future()

    def call() -> None:
        try:
            future.set_result(function(*given))
        except BaseException as error:
            future.set_exception(error)

    with starting_threads():
        threading.Thread(target=call, name="asking", daemon=True).start()
    if not awaited(future, seconds):
        raise TimeoutError(f"no answer for {seconds:.0f} s")
    return future.result()
