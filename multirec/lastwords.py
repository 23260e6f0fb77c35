"""The last words of a program that dies in native code: a process of its own, which outlives it to pass them on.

Where a library finds no AVX, no threads or no memory it writes why to descriptor 2 and ends the process, so that
nobody is left who could tell that from the noise that libraries write there otherwise.  ``faulthandler`` of Python's
library writes to the same descriptor then, before the process is gone; only where it has, what came before is shown.

This file is run as a program: standard input is what the other one writes to descriptor 2, standard error is where
people read.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

_FATAL = b"Fatal Python error: "
_KEPT = 1 << 16
# Controls, but for line ends and tabs: what is passed on cannot steer the terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Abseil's note on its own beginning, its messages that only inform, and its traces, whose names mean nothing to people.
_NOISE = re.compile(r"WARNING: All log messages before absl|I\d{4} |\d{4}-\d\d-\d\d [\d:.]+: I |\*\*\* Check fail| +@ ")
_LINES = 20


def listen(stderr: int) -> tuple[subprocess.Popen[bytes], int]:
    """Start the process that tells on ``stderr``; return it, and the descriptor to write to.

    Raises:
        OSError: no process can be started.
    """
    ear, mouth = os.pipe()
    try:
        # In a session of its own, since Ctrl-C is for the other; at the root, to be in no folder's way.
        command = [sys.executable or "python3", "-I", "-S", __file__]
        process = subprocess.Popen(
            command, stdin=ear, stdout=subprocess.DEVNULL, stderr=stderr, cwd="/", start_new_session=True
        )
    except OSError:
        os.close(mouth)
        raise
    finally:
        os.close(ear)
    return process, mouth


def words(said: bytes) -> str:
    """What to tell of what was written to descriptor 2: nothing, but where a fatal fault is its end."""
    before, fatal, after = said.rpartition(_FATAL)
    if not fatal:
        return ""
    how, *where = after.decode("utf-8", "replace").splitlines()
    told = [line for line in before.decode("utf-8", "replace").splitlines() if line.strip() and not _NOISE.match(line)]
    place = [line for line in where if line.startswith("  File ")]
    lines = [f"multirec: ended by native code of a library ({how}), which said:", *told[-_LINES:], *place[:3]]
    return "\n".join(_CONTROL.sub("?", line) for line in lines) + "\n"


def main() -> None:
    """Read to the end of standard input, then tell."""
    said = b""
    while data := os.read(0, _KEPT):
        said = (said + data)[-_KEPT:]
    sys.stderr.write(words(said))


if __name__ == "__main__":
    main()
