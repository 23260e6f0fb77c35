"""Options of a run, and where the shipped weights are."""

from __future__ import annotations

import difflib
import math
import os
from dataclasses import dataclass, field
from pathlib import Path

PRECISIONS = ("auto", "float32")

SETS = ("digits", "letters", "capitals")
"""What ``Options.only`` knows by name."""


def shipped(name: str) -> Path:
    """The weights file that comes with multirec: inside the wheel, or in ``weights/`` of a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "weights" / f"{name}.npz"
    return inside if inside.exists() else package.parent / "weights" / f"{name}.npz"


MAX_PIXELS = 100_000_000
"""Largest picture that is decoded, unless an option says otherwise."""

MAX_BYTES = 1 << 30
"""Largest file that is read, likewise."""


def _readers() -> int:
    return min(4, max(1, os.cpu_count() or 1))


@dataclass(frozen=True)
class Options:
    """How to read.

    Attributes:
        workers: threads that run models; 1 runs them one after the other, 2 gives each its thread, 4 keeps
            two batches in flight.
        batch_size: lines of a batch, or None for what the memory plan says.
        memory_limit: bytes that batches may take, or None for what is free.
        weights_363: weights file of SEnet363.
        weights_484: weights file of SEnet484.
        language: file of the language model.
        language_weight: what it counts where the models differ, in all of 0 (nothing) or more; None for what the
            weights say.
        readers: threads that read and decode images.
        alternatives: likely texts to give for each line; 0 for none.
        characters: whether to say where each letter is.
        fold_long_s: whether the long s of old print (ſ) is written as s.
        only: the characters that texts may be made of, a string or several, each either characters or the name of a
            set: "digits" (0 to 9), "letters" (all Latin ones of the alphabet), "capitals" of these.  A blank between
            words is one of the characters.  Empty for all.
        max_pixels: pixels of the largest picture that is decoded.  OpenCV has a limit of its own, which it reads once,
            when it is imported: for more than the default set OPENCV_IO_MAX_IMAGE_PIXELS before that.
        max_bytes: bytes of the largest file that is read.
        patience: seconds after which a model that does not answer is given up.
        precision: "auto" computes in bfloat16 where the processor does so natively (two thirds of the
            time, the same error rates), else in float32; "float32" does so everywhere, but for last digits.

    Raises:
        ValueError: a number below 1, a weight below 0, an unknown precision, no character in a string of ``only``, or
            nearly the name of a set.
    """

    workers: int = 2
    batch_size: int | None = None
    memory_limit: int | None = None
    weights_363: str | os.PathLike[str] = field(default_factory=lambda: shipped("SEnet363"))
    weights_484: str | os.PathLike[str] = field(default_factory=lambda: shipped("SEnet484"))
    language: str | os.PathLike[str] = field(default_factory=lambda: shipped("language"))
    language_weight: float | None = None
    readers: int = field(default_factory=_readers)
    alternatives: int = 0
    characters: bool = False
    fold_long_s: bool = False
    only: str | tuple[str, ...] = ()
    max_pixels: int = MAX_PIXELS
    max_bytes: int = MAX_BYTES
    patience: float = 600.0
    precision: str = "auto"

    def __post_init__(self) -> None:
        for name in ("workers", "batch_size", "memory_limit", "readers", "max_pixels", "max_bytes"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, not {value}")
        if self.language_weight is not None and not 0 <= self.language_weight < math.inf:
            raise ValueError(f"language_weight must be 0 or more, not {self.language_weight}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, not {self.precision!r}")
        for wish in self.wishes:
            if not wish:
                raise ValueError("only: no character is given")
            meant = difflib.get_close_matches(wish.lower(), SETS, 1, 0.75)
            if meant and wish not in SETS:
                raise ValueError(
                    f"only: {wish!r} would be the characters of that word, perhaps {meant[0]!r} is meant: "
                    "name the set, or give the characters in another order"
                )

    @property
    def wishes(self) -> tuple[str, ...]:
        """The strings of ``only``."""
        return (self.only,) if isinstance(self.only, str) else self.only
