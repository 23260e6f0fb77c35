"""What can go wrong with a run, and the exit code of each.

A bad image is data (a row with its ``error``); a bad run is one of these exceptions.  Each message says
what is wrong, where, and the remedy.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How ``multirec predict`` ended."""

    OK = 0
    """All images read."""
    FAILURE = 1
    """A fault of multirec itself, with a traceback: please report it."""
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
    INTERRUPTED = 130
    """Ctrl-C; what was read until then is written."""
    BROKEN_PIPE = 141
    """The reader of standard output went away."""


class MultirecError(Exception):
    """Base of the errors that end a run."""

    code = ExitCode.FAILURE


class NoImagesError(MultirecError):
    """No image was found below the given paths."""

    code = ExitCode.NO_IMAGES


class ModelError(MultirecError):
    """The models cannot be used; raised before any image is read."""

    code = ExitCode.MODELS_UNUSABLE


class OutputError(MultirecError):
    """The output cannot be created or written."""

    code = ExitCode.OUTPUT_NOT_WRITABLE
