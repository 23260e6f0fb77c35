"""Real labelled lines, as training wants them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from multirec.alphabet import normalise
from multirec.labels import read_labels
from multirec.widths import HEIGHT

T = TypeVar("T")


@dataclass(frozen=True)
class Line:
    """A labelled line, its image not read yet."""

    path: Path
    text: str

    def grey(self) -> NDArray[np.uint8]:
        """The picture, [64, W], width by the aspect ratio.

        Raises:
            ValueError: not an image.
        """
        image = cv2.imdecode(np.frombuffer(self.path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
        if image is None:
            raise ValueError(f"{self.path}: not an image that OpenCV reads")
        h, w = image.shape
        if h != HEIGHT:
            how = cv2.INTER_AREA if h > HEIGHT else cv2.INTER_CUBIC
            image = cv2.resize(image, (max(1, round(w * HEIGHT / h)), HEIGHT), interpolation=how)
        return np.asarray(image, np.uint8)


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
