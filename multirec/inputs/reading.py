"""Reading ahead: files are read, decoded and scaled by threads, and come out in input order.

OpenCV releases the GIL while it decodes and resizes, so plain threads and a bounded queue are enough.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from multirec import stores
from multirec.errors import StalledError
from multirec.inputs.arrays import bgr_of, line_of
from multirec.inputs.files import contents
from multirec.inputs.images import WHOLE, ImageError, Pixels, Span, decode, first_of_several, framed
from multirec.inputs.opencv import cv2
from multirec.inputs.readers import Readers, Task
from multirec.machine import starting_threads
from multirec.options import PATIENCE
from multirec.patience import TICK
from multirec.sources import DEFAULT, Content, Limits, Page, Source

LULL = 1.0
"""Seconds without a picture after which the caller is given a turn."""

GRACE = 5.0
"""Seconds for which one reading may keep others waiting once the run is to stop."""

MOST_LOST = 2
"""Readings that may hang for each thread that reads, before the run is given up."""


@dataclass(frozen=True)
class Picture:
    """The ``index``-th input: its line picture [64, W, 4] and where that lies, or the reason why there is none.

    ``look`` counts the looks at it after the first, see ``multirec.inputs.second_look``.
    """

    index: int
    path: str
    pixels: Pixels | None
    error: str = ""
    row: bytes = b""
    first_of_several: bool = False
    span: Span = WHOLE
    page: Page | None = None
    look: int = 0


HELD = 1 << 28
"""Bytes of pictures in memory that may wait to be decoded; a single one may be larger."""


MOST_IN_VAIN = 64
"""Images in a row that a store does not give, however often it is asked, before the run is given up."""

FROM_STORES = 16
"""Threads that read, at least, once an image is to be fetched from a store: they wait more than they work."""

_decoding = threading.BoundedSemaphore(FROM_STORES // 4)
"""Held while what has come from a store is decoded, so that memory has the bound that it has without one."""


class _Idle:
    """Says that no picture has come for a while."""


IDLE = _Idle()


def read(index: int, source: Source, limits: Limits = DEFAULT) -> Picture:
    """Read one source; whatever is wrong with it is in the picture's ``error``."""
    picture = _read(index, source, limits)
    return replace(picture, page=source.page) if source.page else picture


def _read(index: int, source: Source, limits: Limits) -> Picture:
    if source.row:
        return Picture(index, source.path, None, row=source.row)
    if source.error:
        return Picture(index, source.path, None, source.error)
    if "\0" in source.path:
        return Picture(index, source.path, None, "unreadable: a NUL in its name; lists of 'find -print0' go with -0")
    try:
        found = content(source, limits)
        if not isinstance(found, bytes):
            pixels, span = line_of(found, limits.pixels)
            return Picture(index, source.path, pixels, span=span)
        with _decoding if _is_remote(source) else nullcontext():
            pixels, span = framed(found, limits.pixels)
        return Picture(index, source.path, pixels, first_of_several=first_of_several(found), span=span)
    except ImageError as error:
        return Picture(index, source.path, None, str(error))
    except FileNotFoundError:
        hint = "; lists with an image a line go without -0" if "\n" in source.path else ""
        return Picture(index, source.path, None, f"missing: no such file{hint}")
    except OSError as error:
        return Picture(index, source.path, None, f"unreadable: {error.strerror or error}")
    except MemoryError:
        return Picture(index, source.path, None, "out-of-memory: not enough memory to read it; use a lower --max-bytes")
    except BaseException as error:  # a fault of a decoder must not take the other images with it
        return Picture(index, source.path, None, f"not-an-image: {type(error).__name__} while decoding it")


def _is_remote(source: Source) -> bool:
    """Whether its reader has to fetch it."""
    return source.content is None and stores.is_remote(source.path)


def content(source: Source, limits: Limits = DEFAULT) -> Content:
    """The bytes of the image file that ``source`` is, or its array.

    Raises:
        ImageError: it is too large, no file, or its archive is damaged.
        OSError: it cannot be read.
    """
    if source.content is None:
        return contents(source.path, limits.bytes)
    found = source.content(limits) if callable(source.content) else source.content
    if isinstance(found, bytes) and len(found) > limits.bytes:
        raise ImageError("too-large", f"it has more than {limits.bytes} bytes; raise --max-bytes")
    return found


def decoded(source: Source, limits: Limits = DEFAULT) -> NDArray[np.uint8]:
    """The picture that ``source`` is, as OpenCV has it: [H, W], [H, W, 3] BGR or [H, W, 4] BGRA.

    Raises:
        ImageError: there is none, or it cannot be decoded.
        OSError: it cannot be read.
    """
    if source.error:
        kind, _, message = source.error.partition(": ")
        raise ImageError(kind, message)
    found = content(source, limits)
    return decode(found, limits.pixels) if isinstance(found, bytes) else bgr_of(found)


class _Held:
    """Bytes of which no more than ``most`` are taken at a time, but for a taking that is larger by itself."""

    def __init__(self, most: int) -> None:
        self._most, self._taken = most, 0
        self._given = threading.Condition()

    def take(self, size: int, left: threading.Event) -> None:
        """Wait until there are so many, or until ``left`` is set."""
        with self._given:
            while size and self._taken and self._taken + size > self._most and not left.is_set():
                self._given.wait(0.2)
            self._taken += size

    def while_read(self, size: int, index: int, source: Source, limits: Limits) -> Picture:
        """``read``, and give back the ``size`` that was taken for it."""
        try:
            return read(index, source, limits)
        finally:
            with self._given:
                self._taken -= size
                self._given.notify()


def _size(source: Source) -> int:
    """Bytes that a source holds."""
    if isinstance(source.content, bytes):
        return len(source.content)
    return 0 if source.content is None or callable(source.content) else source.content.nbytes


def read_ahead(
    sources: Iterable[Source],
    threads: int,
    ahead: int,
    stop: threading.Event | None = None,
    limits: Limits = DEFAULT,
    patience: float = PATIENCE,
) -> Iterator[Picture | _Idle]:
    """Yield a picture for each source, in order, at most ``ahead`` of them waiting.

    Once ``stop`` is set no more sources are taken; those that wait still come out, unless one keeps the others
    waiting.

    Where sources come so slowly (a pipe that is still being written) or are read so slowly that none is there,
    ``IDLE`` is yielded every ``LULL`` seconds, so that the caller can finish what it holds.  One whose reading does
    not come to an end within ``patience`` seconds is given up: its picture has an ``error``.

    Raises:
        StalledError: reading has not come to an end for so many that more would be in vain.
        Exception: whatever ``sources`` raises.
    """
    # Sources without what they hold: lines that wait to be taken would keep the pictures of their pages.
    waiting: queue.Queue[tuple[Source, Task[Picture]] | BaseException | None] = queue.Queue(ahead)
    stop = stop or threading.Event()
    left, held = threading.Event(), _Held(HELD)
    readers: Readers[Picture] = Readers(threads)
    # One thread a picture: OpenCV's own threads would only get in each other's way.
    cv2.setNumThreads(1)

    def put(item: tuple[Source, Task[Picture]] | BaseException | None) -> None:
        while not left.is_set():
            try:
                return waiting.put(item, timeout=0.2)
            except queue.Full:
                continue

    def feed() -> None:
        try:
            for index, source in enumerate(sources):
                size = _size(source)
                if _is_remote(source):
                    readers.grow(FROM_STORES)
                held.take(size, left)
                if stop.is_set() or left.is_set():
                    break
                task = readers.submit(partial(held.while_read, size, index, source, limits))
                put((Source(source.path, page=source.page), task))
            put(None)
        except BaseException as error:  # handed over to the thread that asked
            put(error)

    try:
        # A daemon, since it may sit in a read of standard input that never returns.
        with starting_threads():
            threading.Thread(target=feed, name="feeder", daemon=True).start()
        idle = time.monotonic()
        index = in_vain = 0
        while True:
            try:
                # Not less often when they come one by one, each within that time.
                item = waiting.get(timeout=max(0.0, idle + LULL - time.monotonic()))
            except queue.Empty:
                if stop.is_set():  # the feeder may sit in a read that never returns
                    return
                yield IDLE
                idle = time.monotonic()
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            source, task = item
            since = readers.waited
            while not readers.wait(task, TICK):
                if stop.is_set() and readers.waited - since >= GRACE:
                    return
                if task.begun is not None and readers.waited - task.begun >= patience:
                    break
                yield IDLE
                idle = time.monotonic()
            if task.result is None:
                readers.leave(task)
                if readers.lost >= MOST_LOST * threads:
                    raise StalledError(
                        f"{source.path}: not read within {patience:.0f} s, nor were {readers.lost - 1} others: "
                        "is what they lie on there? Go on once it is"
                    )
                why = f"unreadable: not read within {patience:.0f} s"
                task.result = Picture(index, source.path, None, why, page=source.page)
            yield task.result
            index += 1
            in_vain = in_vain + 1 if task.result.error.endswith(stores.TRIED) else 0
            if in_vain == MOST_IN_VAIN:
                raise StalledError(
                    f"{source.path}: {task.result.error}, nor were {in_vain - 1} before it to be had: "
                    "is the store there? Go on once it is"
                )
    finally:
        left.set()
        readers.close()
