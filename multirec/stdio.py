"""Standard output for data alone, at the level of file descriptors.

TensorFlow and the image libraries write to descriptors 1 and 2 from native code, past ``sys.stdout`` and
``sys.stderr``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from multirec.errors import OutputError


@contextmanager
def data_only(verbose: bool = False) -> Iterator[BinaryIO]:
    """Give out the real standard output; whatever else is written there goes to standard error.

    Native messages on standard error are dropped unless ``verbose``; Python's own still arrive.

    Raises:
        OutputError: standard output is closed.
    """
    if sys.stdout is None or sys.stderr is None:
        raise OutputError("standard output or standard error is closed: redirect it to a file")
    sys.stdout.flush()
    sys.stderr.flush()
    real_out, real_err = os.dup(1), os.dup(2)
    python_err = sys.stderr
    # Text through a second descriptor, so that descriptor 2 is left to native code.
    sys.stderr = open(os.dup(real_err), "w", buffering=1, encoding=python_err.encoding, errors="backslashreplace")
    os.dup2(real_err, 1)
    if not verbose:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 2)
        os.close(silence)
    data = open(real_out, "wb", buffering=0, closefd=False)
    try:
        yield data
    finally:
        sys.stderr.flush()
        sys.stderr.close()
        sys.stderr = python_err
        os.dup2(real_out, 1)
        os.dup2(real_err, 2)
        os.close(real_out)
        os.close(real_err)
