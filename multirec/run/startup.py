"""What a program need not do while it starts: search for garbage, and load what it will not use."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec


@contextmanager
def lean() -> Iterator[None]:
    """Imports of the block without garbage collection, and without Keras.

    What TensorFlow makes when it is imported stays to the end of the program: to search it for garbage, over and over
    while it grows and once more at the exit, takes longer than to read a hundred lines.  At its end it imports Keras,
    where that is found, and with it whatever Keras finds, under settings (``KERAS_BACKEND``, ``keras.json``) that are
    other programs' and may be impossible here.  Nothing that predicts needs it; whoever does can import it later.
    """
    absent = [name for name in ("keras", "tf_keras") if name not in sys.modules and find_spec(name)]
    was_on = gc.isenabled()
    gc.disable()
    sys.modules |= dict.fromkeys(absent)  # type: ignore[arg-type]  # None: whoever imports it is told it is not there
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
        gc.freeze()
        if was_on:
            gc.enable()
