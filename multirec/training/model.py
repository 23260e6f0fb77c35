"""The networks as Keras models, whose layers can be trained, and the loss that trains them.

The backend is Keras' matter (``KERAS_BACKEND``); TensorFlow, the default, has two operations that Keras does not
use and that are several times as fast on a CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers, ops

from multirec.inputs.widths import HEIGHT
from multirec.models.networks import EPSILON, Kernel, Network, forward

ON_TENSORFLOW = keras.backend.backend() == "tensorflow"

LayerFactory = Callable[..., Any]


def use_threads(count: int) -> None:
    """Let the backend compute on ``count`` threads; to be called before it computes anything."""
    if ON_TENSORFLOW:
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(count)
        tf.config.threading.set_inter_op_parallelism_threads(count)
    elif keras.backend.backend() == "torch":
        import torch

        torch.set_num_threads(count)


class BatchNormalization(layers.BatchNormalization):
    """``keras.layers.BatchNormalization``, in training by TensorFlow's fused operation where that is the backend.

    It goes over the data twice instead of six times, and takes bfloat16 as it is: a quarter of a step's time.
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """[N, H, W, C], normalised over all but C."""
        if not (training and ON_TENSORFLOW):
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        gamma, beta, moving_mean, moving_variance = (
            tf.cast(variable, tf.float32)
            for variable in (self.gamma, self.beta, self.moving_mean, self.moving_variance)
        )
        fused = tf.raw_ops.FusedBatchNormV3(
            x=inputs, scale=gamma, offset=beta, mean=[], variance=[], epsilon=self.epsilon, is_training=True
        )
        kept = self.momentum
        self.moving_mean.assign(moving_mean * kept + fused.batch_mean * (1 - kept))
        self.moving_variance.assign(moving_variance * kept + fused.batch_variance * (1 - kept))
        return fused.y


class KerasLayers:
    """Trainable layers, see ``multirec.models.networks.Layers``.

    Args:
        norm: batch normalisation layer.
    """

    def __init__(self, norm: LayerFactory) -> None:
        self._norm = norm

    def conv_norm(self, x: Any, name: str, channels: int, kernel: Kernel, strides: Kernel) -> Any:
        """See ``Layers``."""
        conv = layers.Conv2D(
            channels, kernel, strides=strides, padding="same", use_bias=False, name=f"{name}_conv"
        )  # fmt: skip
        return self._norm(momentum=0.95, epsilon=EPSILON, name=f"{name}_norm")(conv(x))

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
    network: Network, nclass: int, norm: LayerFactory = layers.BatchNormalization, width: int | None = None
) -> keras.Model:
    """The Keras functional model of ``network``: ``(None, 64, width, 4)`` to ``(None, width / 4, nclass)``.

    Args:
        network: one of ``NETWORKS``.
        nclass: characters of the alphabet and the blank.
        norm: batch normalisation layer; training passes the faster one.
        width: pixel columns, None for any.
    """
    the_input = keras.Input((HEIGHT, width, 4), name="the_input")
    return keras.Model(the_input, forward(network, nclass, the_input, KerasLayers(norm)), name=network.name)


def ctc_loss(labels: Any, logits: Any) -> Any:
    """CTC loss a letter (Graves et al. 2006), over the whole batch.

    Args:
        labels: [N, L], the classes of each line, then zeros (0 is the blank, which no label holds).
        logits: [N, T, C], before the softmax.
    """
    labels = ops.cast(labels, "int32")
    lengths = ops.sum(ops.cast(labels > 0, "int32"), axis=1)
    steps = ops.full_like(lengths, ops.shape(logits)[1])
    if ON_TENSORFLOW:
        import tensorflow as tf

        # Sparse labels are for TensorFlow's native operation; dense ones, as Keras has them, take eight times as long.
        sparse = tf.sparse.from_dense(labels)
        losses = tf.nn.ctc_loss(sparse, logits, None, steps, logits_time_major=False, blank_index=0)
    else:
        losses = ops.ctc_loss(labels, logits, lengths, steps, mask_index=0)
    return ops.sum(losses) / ops.cast(ops.sum(lengths), "float32")
