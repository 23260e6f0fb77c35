"""Real labelled lines: folders of images with a ``gt.tsv``, or with ``NAME.gt.txt`` beside each image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from multirec.alphabet import normalise
from multirec.widths import HEIGHT


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
    table = folder / "gt.tsv"
    if table.exists():
        rows = (row.split("\t", 1) for row in table.read_text(encoding="utf-8").splitlines() if "\t" in row)
        return [Line(folder / name, normalise(text)) for name, text in rows]
    lines = [
        Line(image, normalise(label.read_text(encoding="utf-8")))
        for label in sorted(folder.rglob("*.gt.txt"))
        for image in sorted(label.parent.glob(label.name.removesuffix(".gt.txt") + ".*"))
        if image.suffix != ".txt"
    ]
    if not lines:
        raise ValueError(f"{folder}: no labels: neither gt.tsv (file<TAB>text) nor NAME.gt.txt beside NAME.png")
    return lines


def hold_out(lines: list[Line], share: float) -> tuple[list[Line], list[Line]]:
    """Split off the last ``share`` of ``lines`` (whole pages stay together in most sets' order)."""
    kept = len(lines) - max(1, round(len(lines) * share))
    return lines[:kept], lines[kept:]
