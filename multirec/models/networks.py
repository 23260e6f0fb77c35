"""The two networks: squeeze-and-excitation residual CNNs with a softmax over the classes at every step.

Both take ``(N, 64, W, 4)`` float32, RGB / 127.5 - 1 and alpha / 255, 0 in the padding, W a
multiple of eight; output: ``(N, W / 4, nclass)``.
A stem of two strided convolutions brings the picture to ``(N, 16, W / 4, C)``; of three stages of residual
blocks the last two halve the height, the second the width too; a convolution over the whole height leaves a
sequence, ``(N, 1, W / 8, C)``, and residual blocks along it look at what stands around each letter.  363 and 484 are
the numbers of blocks in the stages.

From the second stage on a column stands for eight pixels, which is enough to recognise letters and halves the
cost; to write them down takes a step every four, since two narrow letters alike need a blank between them.  So
each column of the sequence ends as two steps of half its channels: a sub-pixel convolution (arXiv 1609.05158)
along the line.

The two differ in more than depth, so that they make different mistakes: a block of SEnet363 is one 3x3
convolution and a pointwise one, and the network sees about a dozen letters; a block of SEnet484 goes down a column
(3x1), then along the line (1x5), and the network sees about twenty.

Squeeze and excitation, where it earns its cost: in the first block, which adapts to ink and light, and in the
last stage; between them the gates of trained networks hardly differed from line to line.  arXiv 1709.01507.
Residual blocks: arXiv 1512.03385.

``forward`` says how the layers are put together, once; what a layer is, ``Layers`` says: a trainable one of
Keras (``multirec.training.model``), or constants in a TensorFlow graph (``multirec.models.graph``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

Kernel = tuple[int, int]

EPSILON = 1e-3
"""Added to the variance in batch normalisation."""


@dataclass(frozen=True)
class Stage:
    """``blocks`` residual blocks of ``channels``, ``middle`` of them inside; the first divides height and width.

    The first ``gates`` blocks have a gate.
    """

    blocks: int
    channels: int
    middle: int
    divide: Kernel
    gates: int


@dataclass(frozen=True)
class Network:
    """What tells one network from another."""

    name: str
    stem: tuple[int, int]
    stages: tuple[Stage, Stage, Stage]
    down: Kernel
    """First convolution of a block, into the middle."""
    along: Kernel
    """Second convolution of a block, out of it."""
    head: int
    """Channels of the sequence."""
    reach: int
    """Steps of the sequence that a convolution along it sees."""
    context: int
    """Residual blocks of such convolutions."""


NETWORKS = {
    network.name: network
    for network in (
        Network(
            "SEnet363", (16, 32),
            (Stage(3, 32, 32, (1, 1), 1), Stage(6, 64, 32, (2, 2), 0), Stage(3, 128, 64, (2, 1), 3)),
            down=(3, 3), along=(1, 1), head=256, reach=5, context=4,
        ),
        Network(
            "SEnet484", (16, 32),
            (Stage(4, 32, 32, (1, 1), 1), Stage(8, 64, 32, (2, 2), 0), Stage(4, 128, 64, (2, 1), 4)),
            down=(3, 1), along=(1, 5), head=256, reach=3, context=4,
        ),
    )
}  # fmt: skip


class Layers(Protocol):
    """The layers of the networks, applied to [N, H, W, C]; ``name`` is where a layer's weights are found."""

    def conv_norm(self, x: Any, name: str, channels: int, kernel: Kernel, strides: Kernel) -> Any:
        """Convolution without bias, "same" padding, then batch normalisation."""

    def relu(self, x: Any, name: str) -> Any:
        """max(x, 0)."""

    def add(self, x: Any, y: Any, name: str) -> Any:
        """The sum of both."""

    def gate(self, x: Any, name: str, middle: int) -> Any:
        """Squeeze and excitation: x times a gate a channel, which two dense layers make of all channels' means."""

    def classify(self, x: Any, nclass: int, steps: int) -> Any:
        """[N, 1, T / steps, C x steps] to the softmax over the classes at every step, [N, T, nclass] float32."""


def forward(network: Network, nclass: int, x: Any, layers: Layers) -> Any:
    """``network`` applied to [N, 64, W, 4]: [N, W / 4, nclass]."""

    def convolve(x: Any, name: str, channels: int, kernel: Kernel, strides: Kernel = (1, 1)) -> Any:
        return layers.relu(layers.conv_norm(x, name, channels, kernel, strides), f"{name}_relu")

    for i, channels in enumerate(network.stem, 1):
        x = convolve(x, f"stem{i}", channels, (3, 3), strides=(2, 2))
    for s, stage in enumerate(network.stages, 1):
        for b in range(1, stage.blocks + 1):
            name, strides = f"stage{s}_block{b}", stage.divide if b == 1 else (1, 1)
            # A convolution that sees one column only leaves it to the next to divide the width, or columns were lost.
            first = strides if network.down[1] > 1 else (strides[0], 1)
            second = (1, strides[1] // first[1])
            y = convolve(x, f"{name}_down", stage.middle, network.down, first)
            if b <= stage.gates:
                y = layers.gate(y, name, max(8, stage.middle // 4))
            y = layers.conv_norm(y, f"{name}_along", stage.channels, network.along, second)
            if strides != (1, 1) or x.shape[-1] != stage.channels:
                x = layers.conv_norm(x, f"{name}_skip", stage.channels, strides, strides)
            x = layers.relu(layers.add(x, y, f"{name}_add"), f"{name}_out")
    x = convolve(x, "head_height", network.head, (x.shape[1], 1), (x.shape[1], 1))
    for b in range(1, network.context + 1):
        y = convolve(x, f"head{b}_along", network.head // 2, (1, network.reach))
        y = layers.conv_norm(y, f"head{b}_mix", network.head, (1, 1), (1, 1))
        x = layers.relu(layers.add(x, y, f"head{b}_add"), f"head{b}_out")
    return layers.classify(x, nclass, math.prod(stage.divide[1] for stage in network.stages))
