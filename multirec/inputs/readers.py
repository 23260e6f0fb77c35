"""Threads that read: one that never comes back, from a network drive that is gone, is left behind.

They are daemons, since such a thread would be waited for without end when the program ends.  Python stops daemons
wherever they are then, which native code of a decoder does not bear: at the end those that do come back are waited for.
"""

from __future__ import annotations

import atexit
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from multirec.machine import starting_threads

T = TypeVar("T")

_at_work: set[threading.Thread] = set()


@atexit.register
def _settle() -> None:
    for thread in list(_at_work):
        thread.join(timeout=5)


@dataclass(eq=False)
class Task(Generic[T]):
    """One thing to do.

    Attributes:
        result: what came of it, once ``done`` is set.
        begun: when a thread took it, by ``Readers.waited``; None before that.
    """

    work: Callable[[], T]
    done: threading.Event = field(default_factory=threading.Event)
    result: T | None = None
    begun: float | None = None
    thread: threading.Thread | None = None


class Readers(Generic[T]):
    """``threads`` threads that do tasks, in the order in which they are given; a task must not raise.

    Attributes:
        waited: seconds that ``wait`` has waited in vain: time in which nothing was done, see ``multirec.patience``.
        lost: threads that were left behind.
    """

    def __init__(self, threads: int) -> None:
        self.waited = 0.0
        self.lost = 0
        self._threads = threads
        self._tasks: queue.SimpleQueue[Task[T] | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        for _ in range(threads):
            self._start()

    def grow(self, threads: int) -> None:
        """Have at least so many threads."""
        while self._threads < threads:
            self._threads += 1
            self._start()

    def submit(self, work: Callable[[], T]) -> Task[T]:
        """Have ``work`` done."""
        task = Task(work)
        self._tasks.put(task)
        return task

    def wait(self, task: Task[T], seconds: float) -> bool:
        """Whether ``task`` is done, or is so within ``seconds``."""
        if task.done.wait(seconds):
            return True
        self.waited += seconds
        return False

    def leave(self, task: Task[T]) -> None:
        """Leave the thread behind that is at ``task``, and let another take its place."""
        if task.thread is not None:
            _at_work.discard(task.thread)
        self.lost += 1
        self._start()

    def close(self) -> None:
        """Let the threads end after what they are at."""
        self._closed.set()
        for _ in range(self._threads):
            self._tasks.put(None)

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name="reader", daemon=True)
        with starting_threads():
            thread.start()

    def _work(self) -> None:
        _at_work.add(threading.current_thread())
        try:
            while (task := self._tasks.get()) is not None and not self._closed.is_set():
                task.thread, task.begun = threading.current_thread(), self.waited
                task.result = task.work()
                del task.work  # and what it holds: the picture of a page
                task.done.set()
        finally:
            _at_work.discard(threading.current_thread())
