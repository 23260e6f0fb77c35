"""What can go wrong with a run, and the exit code of each.

A bad image is data (a row with its ``error``); a bad run is one of these exceptions.  Each message says
what is wrong, where, and the remedy.
"""

from __future__ import annotations

from enum import IntEnum

KINDS = ("missing", "unreadable", "empty", "not-an-image", "document", "too-large", "out-of-memory", "model")
"""What a row's ``error`` may begin with."""


class ExitCode(IntEnum):
    """How ``multirec predict`` ended."""

    OK = 0
    """All images read."""
    FAILURE = 1
    """A fault of multirec itself, with a traceback: please report it.  Or, named, what never answered or was deadly."""
    USAGE = 2
    """The command line is wrong."""
    SOME_IMAGES_UNREADABLE = 3
    """The run is complete, some rows hold an error instead of a text."""
    NO_IMAGES = 4
    """Nothing that looks like an image was found."""
    MODELS_UNUSABLE = 5
    """A weights file is missing, damaged, or does not fit the other."""
    OUTPUT_NOT_WRITABLE = 6
    """The output cannot be created or written."""
    BUSY = 7
    """Another run is writing the same output."""
    CANNOT_RESUME = 8
    """The output was made in another way: other weights, another format, other options."""
    SETUP = 9
    """What multirec needs is missing on this machine, or is another: OpenCV, TensorFlow, a device, a cluster."""
    CANNOT_MERGE = 10
    """The shards do not make a whole: one is missing, was changed, or made in another way."""
    HANGUP = 129
    """SIGHUP: as INTERRUPTED."""
    INTERRUPTED = 130
    """SIGINT (Ctrl-C): what was in flight is finished and written, the run can be resumed."""
    BROKEN_PIPE = 141
    """The reader of standard output went away."""
    TERMINATED = 143
    """SIGTERM: as INTERRUPTED."""


class MultirecError(Exception):
    """Base of the errors that end a run."""

    code = ExitCode.FAILURE


class OptionError(MultirecError, ValueError):
    """An option asks for what the weights cannot do."""

    code = ExitCode.USAGE


class NoImagesError(MultirecError):
    """No image was found below the given paths."""

    code = ExitCode.NO_IMAGES


class ModelError(MultirecError):
    """The models cannot be used; raised before any image is read."""

    code = ExitCode.MODELS_UNUSABLE


class SetupError(MultirecError):
    """What multirec needs is missing here, or is another, or not allowed: libraries, a device, memory, threads."""

    code = ExitCode.SETUP


class OutputError(MultirecError):
    """The output cannot be created or written."""

    code = ExitCode.OUTPUT_NOT_WRITABLE


class BusyError(MultirecError):
    """Another run is writing the same output."""

    code = ExitCode.BUSY


class ResumeError(MultirecError):
    """The output there cannot be continued; it is left as it is."""

    code = ExitCode.CANNOT_RESUME


class MergeError(MultirecError):
    """The shards do not make a whole; nothing was written."""

    code = ExitCode.CANNOT_MERGE


class StoppedError(MultirecError):
    """A signal ended the run early; ``signum`` says which."""

    def __init__(self, message: str, signum: int) -> None:
        super().__init__(message)
        self.code = ExitCode(128 + signum)


class ForkedError(MultirecError):
    """TensorFlow was at work before the process was forked, which it does not survive."""


class StalledError(MultirecError):
    """A model, or many files, have not answered for a long time; the message names the batch, or the last file."""


class LostError(MultirecError):
    """Processes have died over the same images, again and again; the message names these."""
