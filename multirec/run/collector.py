"""Python's garbage collector, kept off what stays anyway."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No garbage collection meanwhile, nor later of what there is at the end: for a program's start.

    What TensorFlow makes when it is imported stays to the end of the program: to search it for garbage, over and over
    while it grows and once more at the exit, takes longer than to read a hundred lines.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()
