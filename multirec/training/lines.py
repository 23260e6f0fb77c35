"""Real labelled lines, as training wants them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from multirec.inputs.images import ImageError, line_picture
from multirec.inputs.labels import read_labels
from multirec.inputs.opencv import cv2
from multirec.models.alphabet import normalise

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


def hold_out(lines: list[T], share: float) -> tuple[list[T], list[T]]:
    """Split off the last ``share`` of ``lines``: in most sets' order, pages stay whole."""
    kept = len(lines) - min(len(lines), max(1, round(len(lines) * share)))
    return lines[:kept], lines[kept:]
