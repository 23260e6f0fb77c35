"""Reading ahead: files are read, decoded and scaled by threads, and come out in input order.

OpenCV releases the GIL while it decodes and resizes, so plain threads and a bounded queue are enough.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import cv2

from multirec.inputs.arrays import line_of
from multirec.inputs.files import contents
from multirec.inputs.images import ImageError, Pixels, Span, first_of_several, framed
from multirec.sources import DEFAULT, Content, Limits, Page, Source


@dataclass(frozen=True)
class Picture:
    """The ``index``-th input: its line picture [64, W, 4] and where that lies, or the reason why there is none."""

    index: int
    path: str
    pixels: Pixels | None
    error: str = ""
    row: bytes = b""
    first_of_several: bool = False
    span: Span = (0.0, 1.0)
    page: Page | None = None


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
        content = _content(source, limits)
        if not isinstance(content, bytes):
            pixels, span = line_of(content, limits.pixels)
            return Picture(index, source.path, pixels, span=span)
        pixels, span = framed(content, limits.pixels)
        return Picture(index, source.path, pixels, first_of_several=first_of_several(content), span=span)
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


def _content(source: Source, limits: Limits) -> Content:
    if source.content is None:
        return contents(source.path, limits.bytes)
    content = source.content(limits) if callable(source.content) else source.content
    if isinstance(content, bytes) and len(content) > limits.bytes:
        raise ImageError("too-large", f"it has more than {limits.bytes} bytes; raise --max-bytes")
    return content


def read_ahead(
    sources: Iterable[Source],
    threads: int,
    ahead: int,
    patience: float = 1.0,
    stop: threading.Event | None = None,
    limits: Limits = DEFAULT,
) -> Iterator[Picture | _Idle]:
    """Yield a picture for each source, in order, at most ``ahead`` of them waiting.

    Once ``stop`` is set no more sources are taken; those that wait still come out.

    Where sources come so slowly (a pipe that is still being written) that none waits, ``IDLE`` is yielded every
    ``patience`` seconds, so that the caller can finish what it holds.

    Raises:
        Exception: whatever ``sources`` raises.
    """
    waiting: queue.Queue[Future[Picture] | BaseException | None] = queue.Queue(ahead)
    stop = stop or threading.Event()
    left = threading.Event()
    pool = ThreadPoolExecutor(threads, "reader")
    # One thread a picture: OpenCV's own threads would only get in each other's way.
    cv2.setNumThreads(1)

    def put(item: Future[Picture] | BaseException | None) -> None:
        while not left.is_set():
            try:
                return waiting.put(item, timeout=0.2)
            except queue.Full:
                continue

    def feed() -> None:
        try:
            for index, source in enumerate(sources):
                if stop.is_set() or left.is_set():
                    break
                put(pool.submit(read, index, source, limits))
            put(None)
        except BaseException as error:  # handed over to the thread that asked
            put(error)

    # A daemon, since it may sit in a read of standard input that never returns.
    threading.Thread(target=feed, name="feeder", daemon=True).start()
    try:
        idle = time.monotonic()
        while True:
            try:
                # Not less often when they come one by one, each within that time.
                item = waiting.get(timeout=max(0.0, idle + patience - time.monotonic()))
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
            yield item.result()
    finally:
        left.set()
        pool.shutdown(wait=False, cancel_futures=True)
