"""The right to write an output file, and the record of how it is made.

A hidden file beside the output (``.NAME.multirec``) is locked while a run writes; the kernel lets go of the
lock when the process ends, however it ends.  It also holds what the rows depend on, so that a later run can
tell whether it would write the same ones.
"""

from __future__ import annotations

import errno
import fcntl
import json
import math
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from multirec.errors import BusyError, OutputError, ResumeError


class Claim:
    """A lock on ``path``, held while the block runs.

    Args:
        path: the output file.
        wait: seconds to wait for another run that writes it.
        stop: ends the waiting, once it is set.

    Attributes:
        unlocked: empty, or why there is no lock: file systems of networks and clusters may have none.

    Raises:
        BusyError: another run writes it, still.
        OutputError: the lock file cannot be made.
    """

    def __init__(self, path: Path, wait: float = 0.0, stop: threading.Event | None = None) -> None:
        self._path = path
        self.unlocked = ""
        self.file = path.with_name(f".{path.name}.multirec")
        try:
            self._descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            remedy = "" if path.parent.exists() else f"; make its folder: mkdir -p {path.parent}"
            what = f"{self.file.name} beside it cannot be created"
            raise OutputError(f"{path}: {what}: {error.strerror or error}{remedy}") from error
        stop = stop or threading.Event()
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.EACCES):  # the second is SMB's word for a lock of others
                    self.unlocked = error.strerror or str(error)
                    return
                if wait <= 0 or stop.is_set():
                    os.close(self._descriptor)
                    remedy = "let it end, or wait for it with --wait SECONDS"
                    raise BusyError(f"{path}: another run is writing it: {remedy}") from None
                # Counted in short waits: no time passes while this process is stopped, see multirec.patience.
                stop.wait(min(0.2, wait))
                wait -= 0.2

    def __enter__(self) -> Claim:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def record(self, identity: dict[str, Any]) -> None:
        """Write down what the rows depend on.

        Raises:
            OutputError: it cannot be written.
        """
        data = json.dumps(identity, indent=1).encode()
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, data, 0)
            os.fsync(self._descriptor)
        except OSError as error:
            raise OutputError(f"{self.file}: cannot be written: {error.strerror or error}") from error

    def check(self, identity: dict[str, Any], growing: frozenset[str] = frozenset()) -> None:
        """Make sure that the rows there were made in the same way.

        Args:
            identity: how they would be made now.
            growing: names of limits that may be higher now than they were.

        Raises:
            ResumeError: they were not, or nobody knows; the message names the difference.
        """
        remedy = "start without --resume"
        try:
            known = json.loads(os.pread(self._descriptor, 1 << 20, 0))
        except ValueError:
            raise ResumeError(f"{self._path}: it is not known how its rows were made: {remedy}") from None
        if known.get("append"):
            raise ResumeError(f"{self._path}: rows were added to it by --append, go on with that, or name another file")
        differing = [
            name
            for name in identity
            if known.get(name) != identity[name]
            and not (name in growing and known.get(name, math.inf) < identity[name])
        ]
        if differing:
            name = differing[0]
            change = f"{name} ({known.get(name)}, now {identity[name]})"
            raise ResumeError(f"{self._path}: its rows were made with another {change}: {remedy}")
