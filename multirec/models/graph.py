"""The networks as TensorFlow graphs of constants: read-only, and made in a fraction of the time a Keras model takes.

Batch normalisation is folded into the convolution before it.  Convolutions compute in ``dtype``; what is
small and delicate (the gates, the softmax) stays in float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from multirec.models.framework import tf
from multirec.models.networks import EPSILON, Kernel, Network, forward
from multirec.models.weights import Arrays


def apply(network: Network, nclass: int, arrays: Arrays, pixels: tf.Tensor, dtype: str) -> tf.Tensor:
    """``network`` with the weights ``arrays``, on [N, 64, W, 4] uint8: softmax outputs [N, W / 4, nclass] float32.

    Alpha is 255 inside the picture; in the padding all four channels are 0.

    Raises:
        ValueError: the weights are not those of this network.
    """
    layers = Constants(_on_pixels(arrays), dtype)
    # Every value of a pixel is exact in bfloat16 too.
    output = forward(network, nclass, tf.cast(pixels, dtype), layers)
    if layers.left:
        raise ValueError(f"left over: {sorted(layers.left)[0]}")
    return output


def _on_pixels(arrays: Arrays) -> Arrays:
    """Weights whose first convolution takes pixels as they are: it takes the scaling of the input upon itself.

    The networks were trained on (RGB / 127.5 - 1) x alpha / 255 and on alpha / 255.  Since alpha is 255 or all
    is 0, that is RGB / 127.5 - alpha / 255: linear, as the convolution is.
    """
    kernel = arrays.get("stem1_conv/kernel")
    if kernel is None or kernel.ndim != 4:
        return arrays
    scaled = kernel / np.float32(127.5)
    scaled[:, :, 3] = (kernel[:, :, 3] - kernel[:, :, :3].sum(axis=2)) / 255
    return arrays | {"stem1_conv/kernel": scaled}


class Constants:
    """Layers whose weights are constants, see ``multirec.models.networks.Layers``.

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

    def classify(self, x: tf.Tensor, nclass: int, steps: int) -> tf.Tensor:
        """See ``Layers``."""
        x = tf.reshape(x, (tf.shape(x)[0], 1, -1, x.shape[-1] // steps))
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
