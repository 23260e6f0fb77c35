"""The networks as Keras models, whose layers can be trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from multirec.inputs.widths import HEIGHT
from multirec.models.networks import EPSILON, Kernel, Network, forward

LayerFactory = Callable[..., Any]


class KerasLayers:
    """Trainable layers.

    Args:
        conv: convolution layer; training passes one that is faster on its backend.
        norm: batch normalisation layer, likewise.
    """

    def __init__(self, conv: LayerFactory, norm: LayerFactory) -> None:
        self._conv, self._norm = conv, norm

    def conv_norm(self, x: Any, name: str, channels: int, kernel: Kernel, strides: Kernel) -> Any:
        """See ``Layers``."""
        x = self._conv(channels, kernel, strides=strides, padding="same", use_bias=False, name=f"{name}_conv")(x)
        return self._norm(momentum=0.95, epsilon=EPSILON, name=f"{name}_norm")(x)

    def relu(self, x: Any, name: str) -> Any:
        """See ``Layers``."""
        return layers.Activation("relu", name=name)(x)

    def add(self, x: Any, y: Any, name: str) -> Any:
        """See ``Layers``."""
        return layers.Add(name=name)([x, y])

    def gate(self, x: Any, name: str, middle: int) -> Any:
        """See ``Layers``."""
        gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_squeeze")(x)
        gate = layers.Dense(middle, activation="relu", name=f"{name}_reduce")(gate)
        gate = layers.Dense(x.shape[-1], activation="hard_sigmoid", name=f"{name}_excite")(gate)
        return layers.Multiply(name=f"{name}_scale")([x, gate])

    def classify(self, x: Any, nclass: int, steps: int) -> Any:
        """See ``Layers``."""
        x = layers.Reshape((-1, x.shape[-1] // steps), name="sequence")(x)
        x = layers.Dense(nclass, dtype="float32", name="logits")(x)
        return layers.Softmax(dtype="float32", name="softmax")(x)


def build(
    network: Network,
    nclass: int,
    conv: LayerFactory = layers.Conv2D,
    norm: LayerFactory = layers.BatchNormalization,
    width: int | None = None,
) -> keras.Model:
    """The Keras functional model of ``network``: ``(None, 64, width, 4)`` to ``(None, width / 4, nclass)``.

    Args:
        network: one of ``NETWORKS``.
        nclass: characters of the alphabet and the blank.
        conv: convolution layer, see ``KerasLayers``.
        norm: batch normalisation layer, likewise.
        width: pixel columns, None for any.
    """
    the_input = keras.Input((HEIGHT, width, 4), name="the_input")
    return keras.Model(the_input, forward(network, nclass, the_input, KerasLayers(conv, norm)), name=network.name)
