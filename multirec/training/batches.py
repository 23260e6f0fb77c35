"""Batches for training: rendered and real lines, mixed, augmented, sorted by width, padded.

Round ``r`` is a function of the seed and ``r`` alone, so a resumed run sees what an uninterrupted one sees.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from multirec.inputs.widths import HEIGHT, STRIDE, grid_width
from multirec.models.alphabet import Alphabet
from multirec.training import degrade
from multirec.training.render import Renderer

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Batch:
    """``pixels`` [N, 64, W, 4] uint8 RGBA and the classes of each line, without blanks."""

    pixels: NDArray[np.uint8]
    labels: list[list[int]]


class Batches:
    """Draws rounds of batches.

    Args:
        alphabet: of the network.
        real: labelled grey pictures [64, W].
        renderer: source of rendered lines, or None to train on real ones alone.
        seed: of everything drawn.
        columns: pixel columns of a batch, N x W.
    """

    ROUND = 16

    def __init__(
        self, alphabet: Alphabet, real: list[tuple[Grey, str]], renderer: Renderer | None, seed: int, columns: int
    ) -> None:
        self._alphabet, self._real, self._renderer = alphabet, real, renderer
        self._seed, self._columns = seed, columns

    def round(self, number: int, real_share: float, longest: int) -> Iterator[Batch]:
        """The batches of round ``number``: ``real_share`` of its lines real, none much over ``longest`` letters."""
        rng = random.Random(f"{self._seed}/{number}")
        lines: list[tuple[Grey, list[int]]] = []
        columns = 0
        while columns < self.ROUND * self._columns:
            image, text = self._draw(rng, real_share, longest)
            label = self._alphabet.encode(text)
            # CTC needs a step for each letter and one between equal neighbours.
            needed = len(label) + sum(a == b for a, b in itertools.pairwise(label))
            if label and needed <= image.shape[1] // STRIDE:
                lines.append((image, label))
                columns += grid_width(image.shape[1])
        lines.sort(key=lambda line: line[0].shape[1])
        batches = list(self._cut(lines))
        rng.shuffle(batches)
        for batch in batches:
            width = grid_width(max(image.shape[1] for image, _ in batch))
            pixels = np.zeros((len(batch), HEIGHT, width, 4), np.uint8)
            for row, (image, _) in zip(pixels, batch, strict=True):
                row[:, : image.shape[1], :3] = _colour(image, rng)
                row[:, : image.shape[1], 3] = 255
            yield Batch(pixels, [label for _, label in batch])

    def _draw(self, rng: random.Random, real_share: float, longest: int) -> tuple[Grey, str]:
        if self._renderer is None or (self._real and rng.random() < real_share):
            for _ in range(20):
                image, text = rng.choice(self._real)
                if len(text) <= longest * 2 or self._renderer is None:
                    return degrade.augment(image, rng), text
        assert self._renderer is not None
        self._renderer.longest = longest
        return self._renderer.draw(rng)

    def _cut(self, lines: list[tuple[Grey, list[int]]]) -> Iterator[list[tuple[Grey, list[int]]]]:
        batch: list[tuple[Grey, list[int]]] = []
        for line in lines:
            if batch and (len(batch) + 1) * grid_width(line[0].shape[1]) > self._columns * 1.1:
                yield batch
                batch = []
            batch.append(line)
        yield batch


def _colour(image: Grey, rng: random.Random) -> NDArray[np.uint8]:
    """[H, W, 3]: most lines stay grey, some are tinted, some get colours from ink to paper, and perhaps between."""
    r = rng.random()
    if r < 0.84:
        return np.repeat(image[:, :, None], 3, axis=2)
    if r < 0.9:
        colours = np.array([[0, 0, 0], [rng.uniform(180, 255) for _ in range(3)]])
    else:
        colours = _palette(2 if r < 0.95 else 4, rng)
    levels = np.linspace(0, 255, len(colours))
    channels = [np.interp(np.arange(256), levels, channel) for channel in colours.T]
    return np.stack(channels, axis=1).astype(np.uint8)[image]


def _palette(count: int, rng: random.Random) -> NDArray[np.float64]:
    """Colours for dark to light, [count, 3]: the darker ones unlike the lighter ones across from them."""
    while True:
        colours = np.array([[rng.uniform(0, 255) for _ in range(3)] for _ in range(count)])
        if np.abs(colours - colours[::-1]).max(axis=1).min() >= 80:
            return colours
