"""What a recogniser says of itself: to those who write its rows down, and who may be in another process."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from multirec import __version__
from multirec.errors import SetupError
from multirec.models.processor import processor

if TYPE_CHECKING:
    from multirec.recognizer import Recognizer


@dataclass(frozen=True)
class Facts:
    """What a recogniser is.

    Attributes:
        depends: what its rows depend on, beside the image and how they are written, by name.
        settings: what documents that are filled in say of it, by name.
        lines: models, device and plan, a line each, for people.
        host: the machine's name.
        processor: the processor's name.
    """

    depends: dict[str, Any]
    settings: dict[str, str]
    lines: tuple[str, ...]
    host: str
    processor: str


def facts_of(recognizer: Recognizer) -> Facts:
    """The facts of a recogniser in this process."""
    from multirec.inputs.opencv import cv2
    from multirec.models.framework import tf

    models, language, plan = recognizer.models, recognizer.language.metadata, recognizer.plan
    first, second = models.metadata
    depends = {
        "multirec": __version__,
        "TensorFlow": tf.__version__,
        "OpenCV": cv2.__version__,
        "device": models.card,
        "precision": models.precision,
        "weights of SEnet363": f"{first.version} {first.sha256[:16]}",
        "weights of SEnet484": f"{second.version} {second.sha256[:16]}",
        "calibration": first.calibration,
        "language model": f"{language.version} {language.sha256[:16]}",
        "language weight": recognizer.language_weight,
        "only": recognizer.only or None,
    }
    settings = {
        "weights of SEnet363": first.version,
        "weights of SEnet484": second.version,
        "language model": language.version,
    }
    lines = [f"{known.network}, weights {known.version}, {len(known.alphabet)} characters" for known in models.metadata]
    if recognizer.only:
        lines.append(f"texts of these characters only: {recognizer.only}")
    lines.append(
        f"{models.card}, {models.precision}, {plan.free >> 20} MiB free, "
        f"{plan.workers} workers, {plan.bytes_per_column} bytes a column: "
        f"batches of {plan.lines(256)} lines of 256 px, {plan.lines(1024)} of 1024 px"
    )
    return Facts(depends, settings, tuple(lines), socket.gethostname(), processor())


def check_alike(first: Facts, other: Facts) -> None:
    """Make sure that two recognisers write the same rows.

    Raises:
        SetupError: they do not; the message names the difference.
    """
    unlike = [name for name, value in first.depends.items() if other.depends.get(name) != value]
    if unlike:
        name = unlike[0]
        values = "" if name == "calibration" else f" ({other.depends.get(name)}, not {first.depends[name]})"
        remedy = "give --precision float32" if name == "precision" else "make them alike"
        raise SetupError(
            f"an actor on {other.host} would write other rows than that on {first.host}: another {name}{values}: "
            f"{remedy}, or go without such nodes"
        )
