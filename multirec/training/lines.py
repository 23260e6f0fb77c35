"""Real labelled lines, as training wants them."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from multirec.inputs import names
from multirec.inputs.images import ImageError, line_picture
from multirec.inputs.labels import read_labels
from multirec.inputs.locate import Locator
from multirec.inputs.opencv import cv2
from multirec.inputs.reading import decoded
from multirec.models.alphabet import normalise
from multirec.sources import Source
from multirec.stdio import say

T = TypeVar("T")


@dataclass(frozen=True)
class Line:
    """A labelled line, its image not read yet."""

    path: Path
    text: str

    def grey(self) -> NDArray[np.uint8]:
        """The picture, [64, W], as it is read from.

        Raises:
            ValueError: missing, or not an image.
        """
        try:
            return np.asarray(cv2.cvtColor(line_picture(self.path.read_bytes()), cv2.COLOR_RGBA2GRAY), np.uint8)
        except (OSError, ImageError) as error:
            raise ValueError(f"{self.path}: cannot be trained on: {error}") from error


def read_folder(folder: Path) -> list[Line]:
    """The labelled lines of ``folder``, in its order.

    Raises:
        ValueError: no labels found, with what was looked for.
    """
    return [Line(image, normalise(text)) for image, text in read_labels(folder)]


def cut(lines: list[Line], folder: Path) -> list[Line]:
    """``lines``, those of pages as image files of their own in ``folder``: training draws one here and one there.

    Lines that cannot be cut are left out, which is said.

    Raises:
        OSError: ``folder`` cannot be written.
    """
    locator = Locator()
    found: list[Line] = []
    faults: list[str] = []
    for line in lines:
        name = str(line.path)
        if names.kind(names.holder(name)) != names.DOCUMENT:
            found.append(line)
            continue
        source = locator.locate(name)
        try:
            found.append(Line(_saved(source, folder), line.text))
        except ImageError as error:
            faults.append(f"{source.path}: {error}")
    if faults:
        say(f"{len(faults)} lines cannot be cut from their pages and are left out; {faults[0]}")
    return found


def _saved(source: Source, folder: Path) -> Path:
    """The picture of a line of a page as a PNG, named by what the line is called."""
    image = decoded(source)
    place = folder / f"{hashlib.sha256(source.path.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}.png"
    folder.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(f"{place.name}.{os.getpid()}")  # the other network's process writes the same
    partial.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    return partial.replace(place)


def hold_out(lines: list[T], share: float) -> tuple[list[T], list[T]]:
    """Split off the last ``share`` of ``lines``: in most sets' order, pages stay whole."""
    kept = len(lines) - min(len(lines), max(1, round(len(lines) * share)))
    return lines[:kept], lines[kept:]
