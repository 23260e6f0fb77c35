"""Options of a run, and where the shipped weights are."""

from __future__ import annotations

import difflib
import math
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from multirec.machine import processors

PRECISIONS = ("auto", "float32")
DEVICES = r"auto|cpu|gpu:\d{1,3}"

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

PATIENCE = 600.0
"""Seconds for a model, or for reading a file, likewise."""


def _readers() -> int:
    return min(4, processors())


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
        cores: processors that the models' threads are shared among; None for all that this process may use.
        alternatives: likely texts to give for each line; 0 for none.
        characters: whether to say where each letter is.
        words: whether to say where each word is, and how sure it is.
        fold_long_s: whether the long s of old print (ſ) is written as s.
        only: the characters that texts may be made of, a string or several, each either characters or the name of a
            set: "digits" (0 to 9), "letters" (all Latin ones of the alphabet), "capitals" of these.  A blank between
            words is one of the characters.  Empty for all.
        max_pixels: pixels of the largest picture that is decoded.  OpenCV has a limit of its own, which it reads once,
            when it is imported: for more than the default set OPENCV_IO_MAX_IMAGE_PIXELS before that.
        max_bytes: bytes of the largest file that is read.
        all_pages: whether all pages of a TIFF are read, as ``NAME#1`` and so on, instead of the first alone.
        image_column: the column of Parquet files that holds the pictures, where it cannot be told; None to find it.
        images: a folder in which the pictures of PAGE and ALTO documents are looked for that are not beside them.
        patience: seconds after which a model that does not answer is given up, or a file that cannot be read to its
            end, in time that this process can run.
        device: "auto" computes on the first GPU that can be used, else on the processor; "cpu", or "gpu:K" for the
            K-th GPU of those that CUDA shows, from 0 on.  Others are hidden from all of TensorFlow in this process,
            unless it is at work already.
        precision: "auto" computes in bfloat16 where the processor does so natively (two thirds of the
            time, the same error rates), else in float32; "float32" does so everywhere, but for last digits.  On a
            GPU "auto" leaves TensorFlow its TF32, "float32" does not.

    Raises:
        ValueError: a number below 1, a weight below 0, an unknown precision or device, no character in a string of
            ``only``, or nearly the name of a set.
    """

    workers: int = 2
    batch_size: int | None = None
    memory_limit: int | None = None
    weights_363: str | os.PathLike[str] = field(default_factory=lambda: shipped("SEnet363"))
    weights_484: str | os.PathLike[str] = field(default_factory=lambda: shipped("SEnet484"))
    language: str | os.PathLike[str] = field(default_factory=lambda: shipped("language"))
    language_weight: float | None = None
    readers: int = field(default_factory=_readers)
    cores: int | None = None
    alternatives: int = 0
    characters: bool = False
    words: bool = False
    fold_long_s: bool = False
    only: str | tuple[str, ...] = ()
    max_pixels: int = MAX_PIXELS
    max_bytes: int = MAX_BYTES
    all_pages: bool = False
    image_column: str | None = None
    images: str | os.PathLike[str] | None = None
    patience: float = PATIENCE
    device: str = "auto"
    precision: str = "auto"

    def __post_init__(self) -> None:
        for name in ("workers", "batch_size", "memory_limit", "readers", "cores", "max_pixels", "max_bytes"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, not {value}")
        if self.language_weight is not None and not 0 <= self.language_weight < math.inf:
            raise ValueError(f"language_weight must be 0 or more, not {self.language_weight}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, not {self.precision!r}")
        if not re.fullmatch(DEVICES, self.device):
            raise ValueError(f"device must be auto, cpu or gpu:K, not {self.device!r}")
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
