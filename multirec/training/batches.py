"""Batches for training: rendered and real lines, mixed, augmented, sorted by width, padded.

Round ``r`` is a function of the seed and ``r`` alone, so a resumed run sees what an uninterrupted one sees.  The
width of a batch decides how many lines it has: a backend that compiles a step for each shape meets few.
"""

from __future__ import annotations

import itertools
import multiprocessing
import random
from bisect import insort
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from multirec.inputs import second_look
from multirec.inputs.opencv import cv2
from multirec.inputs.widths import HEIGHT, STRIDE, grid_width
from multirec.models.alphabet import Alphabet
from multirec.training import degrade
from multirec.training.lines import Line
from multirec.training.render import Renderer

Grey = NDArray[np.uint8]

ROUND = 16
"""Batches of a round: the lines of so many are drawn together, and sorted by their widths."""

NARROW = 2 * HEIGHT
"""Pixel columns up to which some pictures are shown widened, as what is made of them to be read again is."""

SECOND_LOOKS = 0.3
"""Share of these."""


@dataclass(frozen=True)
class Batch:
    """``pixels`` [N, 64, W, 4] uint8 RGBA, and ``labels`` [N, W / 4] int32: classes of each line, then zeros."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int32]


@dataclass(frozen=True)
class Mix:
    """Of which lines a round is made: ``real_share`` of them real, none much over ``longest`` letters."""

    real_share: float
    longest: int


@dataclass(frozen=True)
class Batches:
    """Draws rounds of batches; real lines are read when they are drawn.

    Attributes:
        alphabet: of the network.
        real: labelled lines, a sequence for each folder.  A folder is drawn as often as the square root of the number
            of its lines says: a small one is not lost beside a large one, nor seen too often.
        renderer: source of rendered lines, or None to train on real ones alone.
        seed: of everything drawn.
        columns: pixel columns of a batch, N x W.
    """

    alphabet: Alphabet
    real: Sequence[Sequence[Line]]
    renderer: Renderer | None
    seed: int
    columns: int

    def stream(self, step: int, mix: Callable[[int], Mix], renderers: int = 0) -> Iterator[Batch]:
        """The batches from number ``step`` on, without end.

        Args:
            step: batches that a run has seen already.
            mix: what a round is to be made of, by the number of its first batch.
            renderers: processes that draw rounds ahead; 0 draws each in this one when it is needed.
        """
        first, seen = divmod(step, ROUND)
        for batches in self._rounds(first, mix, renderers):
            yield from batches[seen:]
            seen = 0

    def _rounds(self, first: int, mix: Callable[[int], Mix], renderers: int) -> Iterator[list[Batch]]:
        numbers = itertools.count(first)
        if not renderers:
            yield from (self.round(number, mix(number * ROUND)) for number in numbers)
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(renderers, context, _take_over, (self,)) as pool:
            ahead: deque[Future[list[Batch]]] = deque()
            for number in numbers:
                ahead.append(pool.submit(_round, number, mix(number * ROUND)))
                if len(ahead) > 2 * renderers:
                    yield ahead.popleft().result()

    def round(self, number: int, mix: Mix) -> list[Batch]:
        """The ``ROUND`` batches of round ``number``."""
        rng = random.Random(f"{self.seed}/{number}")
        lines: list[tuple[Grey, list[int]]] = []
        groups: list[list[tuple[Grey, list[int]]]] = []
        while len(groups) <= ROUND:  # the last group of all is not full
            image, text = self._draw(rng, mix)
            if image.shape[1] <= NARROW and rng.random() < SECOND_LOOKS:
                image = second_look.stretched(image, rng.uniform(1.2, max(1.7, second_look.widening(image))))
            label = self.alphabet.encode(text)
            # CTC needs a step for each letter and one between equal neighbours.
            needed = len(label) + sum(a == b for a, b in itertools.pairwise(label))
            if label and needed <= image.shape[1] // STRIDE:
                insort(lines, (image, label), key=lambda line: -line[0].shape[1])
                groups = self._grouped(lines)
        del groups[ROUND:]
        rng.shuffle(groups)
        return [_padded(group, rng) for group in groups]

    def _draw(self, rng: random.Random, mix: Mix) -> tuple[Grey, str]:
        if self.renderer is None or (self.real and rng.random() < mix.real_share):
            often = [len(folder) ** 0.5 for folder in self.real]
            for _ in range(20):
                line = rng.choice(rng.choices(self.real, often)[0])
                if len(line.text) <= mix.longest * 2 or self.renderer is None:
                    return degrade.augment(line.grey(), rng), line.text
        assert self.renderer is not None
        self.renderer.longest = mix.longest
        return self.renderer.draw(rng)

    def _grouped(self, lines: list[tuple[Grey, list[int]]]) -> list[list[tuple[Grey, list[int]]]]:
        """``lines``, the widest first, cut into batches."""
        groups, at = [], 0
        while at < len(lines):
            size = max(1, self.columns // grid_width(lines[at][0].shape[1]))
            groups.append(lines[at : at + size])
            at += size
        return groups


_batches: Batches | None = None


def _take_over(batches: Batches) -> None:
    """Make ``batches`` those of this process."""
    global _batches
    _batches = batches
    cv2.setNumThreads(1)


def _round(number: int, mix: Mix) -> list[Batch]:
    assert _batches is not None
    return _batches.round(number, mix)


def _padded(lines: list[tuple[Grey, list[int]]], rng: random.Random) -> Batch:
    width = grid_width(max(image.shape[1] for image, _ in lines))
    pixels = np.zeros((len(lines), HEIGHT, width, 4), np.uint8)
    labels = np.zeros((len(lines), width // STRIDE), np.int32)
    for i, (image, label) in enumerate(lines):
        pixels[i, :, : image.shape[1], :3] = _colour(image, rng)
        pixels[i, :, : image.shape[1], 3] = 255
        labels[i, : len(label)] = label
    return Batch(pixels, labels)


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
