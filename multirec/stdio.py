"""Standard output for data alone, at the level of file descriptors, and standard error for people.

TensorFlow and the image libraries write to descriptors 1 and 2 from native code, past ``sys.stdout`` and
``sys.stderr``.
"""

from __future__ import annotations

import faulthandler
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from multirec import lastwords
from multirec.errors import OutputError

# Controls of ASCII and of Latin 1, bytes that are not UTF-8, and what turns the direction of writing or ends a line.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def escaped(text: str, keep: str = "") -> str:
    """``text`` for a terminal: what could steer it is shown as ``\\x1b``, but for the characters in ``keep``."""
    return _CONTROL.sub(lambda found: found[0] if found[0] in keep else _escape(found[0]), text)


def _escape(char: str) -> str:
    byte = ord(char) - 0xDC00
    # A byte that is not UTF-8 stands as a surrogate in Python (PEP 383).
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else char.encode("unicode_escape").decode("ascii")


def say(line: str) -> None:
    """A line for people, on standard error; names in it cannot steer the terminal."""
    print(f"multirec: {escaped(line)}", file=sys.stderr, flush=True)


@contextmanager
def data_only(verbose: bool = False) -> Iterator[BinaryIO]:
    """Give out the real standard output; whatever else is written there goes to standard error.

    Native messages on standard error are dropped unless ``verbose``, or unless they are the process's last words;
    Python's own still arrive.

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
    listener = None if verbose else _hush(real_err)
    data = open(real_out, "wb", buffering=0, closefd=False)
    try:
        yield data
    finally:
        sys.stderr.flush()
        sys.stderr.close()
        sys.stderr = python_err
        os.dup2(real_out, 1)
        os.dup2(real_err, 2)
        if listener is not None:
            _dismiss(listener)
        os.close(real_out)
        os.close(real_err)


def _hush(stderr: int) -> subprocess.Popen[bytes] | None:
    """Have native messages go to one who listens, see ``multirec.lastwords``; where there is none they are seen."""
    try:
        listener, mouth = lastwords.listen(stderr)
    except OSError:  # no more processes: what fails next for that reason should be able to say so
        return None
    os.dup2(mouth, 2)
    os.close(mouth)
    if not faulthandler.is_enabled():
        faulthandler.enable(2, all_threads=False)
    return listener


def _dismiss(listener: subprocess.Popen[bytes]) -> None:
    """Descriptor 2 is the old one again, so that the listener has come to its end."""
    faulthandler.disable()
    try:
        listener.wait(timeout=5)
    except subprocess.TimeoutExpired:  # a process that was started meanwhile holds it open
        listener.kill()
        listener.wait()
