"""The networks as TensorFlow graphs of constants: read-only, and made in a fraction of the time a Keras model takes.

Batch normalisation is folded into the convolution before it.  Convolutions compute in ``dtype``; what is
small and delicate (the gates, the softmax) stays in float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from multirec.networks import EPSILON, Kernel, Network, forward
from multirec.weights import Arrays


def apply(network: Network, nclass: int, arrays: Arrays, x: tf.Tensor, dtype: str) -> tf.Tensor:
    """``network`` with the weights ``arrays``, on [N, 64, W, 4] float32: softmax outputs [N, W / 4, nclass].

    Raises:
        ValueError: the weights are not those of this network.
    """
    layers = Constants(arrays, dtype)
    output = forward(network, nclass, tf.cast(x, dtype), layers)
    if layers.left:
        raise ValueError(f"left over: {sorted(layers.left)[0]}")
    return output


class Constants:
    """Layers whose weights are constants, see ``multirec.networks.Layers``.

    Args:
        arrays: the weights, by the names that Keras gives them.
        dtype: number format of the convolutions, "float32" or "bfloat16".
    """

    def __init__(self, arrays: Arrays, dtype: str) -> None:
        self.left, self._dtype = dict(arrays), dtype

    def conv_norm(self, x: tf.Tensor, name: str, channels: int, kernel: Kernel, strides: Kernel) -> tf.Tensor:
        """See ``Layers``."""
        weights = self._take(f"{name}_conv/kernel", (*kernel, x.shape[-1], channels))
        gamma, beta, mean, variance = (
            self._take(f"{name}_norm/{part}", (channels,))
            for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        scale = gamma / np.sqrt(variance + EPSILON)
        y = tf.nn.conv2d(x, tf.constant(weights * scale, self._dtype), strides, "SAME")
        return tf.nn.bias_add(y, tf.constant(beta - mean * scale, self._dtype))

    def relu(self, x: tf.Tensor, name: str) -> tf.Tensor:
        """See ``Layers``."""
        return tf.nn.relu(x, name)

    def add(self, x: tf.Tensor, y: tf.Tensor, name: str) -> tf.Tensor:
        """See ``Layers``."""
        return tf.add(x, y, name)

    def gate(self, x: tf.Tensor, name: str, middle: int) -> tf.Tensor:
        """See ``Layers``."""
        gate = tf.reduce_mean(tf.cast(x, tf.float32), axis=(1, 2))
        gate = tf.nn.relu(self._dense(gate, f"{name}_reduce", middle))
        gate = self._dense(gate, f"{name}_excite", x.shape[-1])
        gate = tf.nn.relu6(gate + 3) / 6  # Keras' hard sigmoid
        return x * tf.cast(gate[:, None, None], self._dtype)

    def classify(self, x: tf.Tensor, nclass: int) -> tf.Tensor:
        """See ``Layers``."""
        weights = self._take("logits/kernel", (x.shape[-1], nclass))
        x = tf.nn.conv2d(tf.cast(x, tf.float32), tf.constant(weights[None, None]), 1, "SAME")
        x = tf.nn.bias_add(x, tf.constant(self._take("logits/bias", (nclass,))))
        return tf.nn.softmax(tf.squeeze(x, 1))

    def _dense(self, x: tf.Tensor, name: str, units: int) -> tf.Tensor:
        kernel = self._take(f"{name}/kernel", (x.shape[-1], units))
        return tf.matmul(x, tf.constant(kernel)) + tf.constant(self._take(f"{name}/bias", (units,)))

    def _take(self, name: str, shape: tuple[Any, ...]) -> NDArray[np.float32]:
        array = self.left.pop(name, None)
        if array is None:
            raise ValueError(f"no {name}")
        if array.shape != shape:
            raise ValueError(f"{name} has the shape {array.shape}, not {shape}")
        return array
