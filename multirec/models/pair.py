"""Both networks, loaded, warmed up and frozen: safe to call from any thread.

Each model is one ``ConcreteFunction`` over uint8 pixels: its weights are constants, it cannot be traced
again, and TensorFlow releases the GIL while it runs.  On a GPU batches of one width all have one number of lines, the
last filled with empty ones, since the kernels there are chosen by the shape of a batch, and sum in other orders.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from multirec.errors import ForkedError, ModelError, SetupError
from multirec.inputs.widths import HEIGHT
from multirec.machine import NO_MEMORY, available
from multirec.models import graph, weights
from multirec.models.alphabet import Alphabet
from multirec.models.device import UNUSABLE, choose, leave_gpus
from multirec.models.framework import tf
from multirec.models.memory import BEST_COLUMNS_CPU, COLUMNS_GPU, SHARE, Plan, free_on_gpu, plan
from multirec.models.networks import NETWORKS
from multirec.models.processor import multiplies_bfloat16
from multirec.results import NAMES

OutOfMemory = (tf.errors.ResourceExhaustedError, MemoryError)
"""What a batch that does not fit raises."""

NOT_REPEATABLE = (
    "TensorFlow computes a line otherwise in a batch than alone here, so that last digits may depend on what is read "
    "beside it: import multirec before tensorflow, or set TF_ENABLE_ONEDNN_OPTS=1 (x86 processors only)"
)

_LEAST_BYTES_PER_COLUMN = 4096
"""A floor under what warm-up learns: the widest activations of either network, twice."""


class MultiModel:
    """The two recognisers.

    Args:
        paths: weights files of SEnet363 and of SEnet484.
        workers: threads that will call ``predict`` at once; the cores are shared among them.
        precision: "auto" or "float32", see ``Options``.
        device: "auto", "cpu" or "gpu:K", see ``Options``.
        cores: how many there are for that; None for all that this process may use.

    Raises:
        ModelError: a file is missing, damaged or of another network, or the two do not fit each other.
        SetupError: the device that was asked for cannot be used, or there is not enough memory.
        ForkedError: a parent process, from which this one was forked, has made one too.
    """

    _home: ClassVar[int] = 0
    """The process in which TensorFlow was first put to work."""

    def __init__(
        self, paths: tuple[Path, Path], workers: int = 2, precision: str = "auto", device: str = "auto",
        cores: int | None = None,
    ) -> None:  # fmt: skip
        MultiModel._home = MultiModel._home or os.getpid()
        if MultiModel._home != os.getpid():
            raise ForkedError(
                f"TensorFlow was at work in process {MultiModel._home} before this one was forked from it, and would "
                "hang: start processes with multiprocessing's 'spawn'"
            )
        loaded = [weights.load(path) for path in paths]
        for path, name, (_, known) in zip(paths, NAMES, loaded, strict=True):
            if known.network != name:
                raise ModelError(f"{path}: weights of {known.network}, needed here are those of {name}")
        (_, first), (_, second) = loaded
        for what in ("alphabet", "version", "calibration"):
            if getattr(first, what) != getattr(second, what):
                raise ModelError(
                    f"{paths[0]} and {paths[1]}: their {what}s differ: give two files that belong together"
                )
        self.metadata = (first, second)
        self.alphabet = Alphabet(first.alphabet)
        named = [(path, name, arrays) for path, name, (arrays, _) in zip(paths, NAMES, loaded, strict=True)]
        self._device = choose(device, workers, cores)
        try:
            self._set_up(named, workers, precision)
        except (*UNUSABLE, SetupError) as error:
            if not self._device.is_gpu:
                if isinstance(error, OutOfMemory):
                    raise SetupError(f"the models cannot be loaded: {NO_MEMORY}") from error
                raise
            reason = str(getattr(error, "message", "") or error).partition("\n")[0]
            trouble = (
                f"{self._device.name} ({self._device.card}) cannot be used ({reason}): do other programs fill it "
                "(nvidia-smi lists them)? End them, or choose with --device gpu:K or --device cpu"
            )
            if device != "auto":
                raise SetupError(trouble) from error
            warnings.warn(f"{trouble}; going on on the CPU", RuntimeWarning, stacklevel=3)
            self._device = leave_gpus()
            self._set_up(named, workers, precision)

    @property
    def device(self) -> str:
        """Its name: ``CPU``, or ``GPU:0``."""
        return self._device.name

    @property
    def card(self) -> str:
        """What computes, as far as a row depends on it: ``CPU``, or the GPU's card."""
        return self._device.card or self._device.name

    def _set_up(self, named: list[tuple[Path, str, weights.Arrays]], workers: int, precision: str) -> None:
        """Make the graphs on the device, and try them out."""
        self.traces = 0
        if self._device.is_gpu:
            if precision == "float32":  # by itself TensorFlow rounds the factors of products to 10 bits (TF32)
                tf.config.experimental.enable_tensor_float_32_execution(False)
            self.precision = "tf32" if tf.config.experimental.tensor_float_32_execution_enabled() else "float32"
        else:
            bfloat16 = precision == "auto" and multiplies_bfloat16()
            self.precision = "bfloat16" if bfloat16 else "float32"
        with tf.device(self._device.place):
            self._calls = [self._freeze(*given) for given in named]
        self.repeatable = True
        """Whether a row depends on its image alone here."""
        self.bytes_per_column = self._warm_up()
        if self._device.is_gpu:
            self.plan(workers)

    def predict(self, model: int, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Softmax outputs [N, W / 4, C] of one model (0: SEnet363, 1: SEnet484) for [N, 64, W, 4] uint8 RGBA.

        Raises:
            OutOfMemory: the batch does not fit.
        """
        if not self._device.is_gpu:
            return self._compute(model, pixels)
        outputs, lines = [], _lines_on_gpu(pixels.shape[2])
        for at in range(0, len(pixels), lines):
            part = pixels[at : at + lines]
            filled = np.zeros((lines, *pixels.shape[1:]), np.uint8)
            filled[: len(part)] = part
            outputs.append(self._compute(model, filled)[: len(part)])
        return np.concatenate(outputs)

    def _compute(self, model: int, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        with tf.device(self._device.place):
            return np.asarray(self._calls[model](tf.constant(pixels)).numpy())

    def plan(self, workers: int, memory_limit: int | None = None) -> Plan:
        """The batch size for this device now.

        Raises:
            SetupError: a GPU has too little memory for the batches of a fixed size that it is given.
        """
        known = (workers, self.bytes_per_column)
        if not self._device.is_gpu:
            free = available()
            return plan(self.device, min(free, memory_limit or free), *known, BEST_COLUMNS_CPU)
        told = free_on_gpu(self._device.number)
        free = 2 << 30 if told is None else told
        made = plan(self.device, min(free, memory_limit or free), *known, COLUMNS_GPU)
        if made.columns < COLUMNS_GPU:
            needed = int(COLUMNS_GPU * self.bytes_per_column * workers / SHARE)
            raise SetupError(
                f"of the memory of {self.device} {made.free >> 20} MiB are free or allowed, {needed >> 20} are needed "
                f"with {workers} workers"
            )
        return made

    def _freeze(self, path: Path, name: str, arrays: weights.Arrays) -> Any:
        def call(pixels: tf.Tensor) -> tf.Tensor:
            self.traces += 1  # runs while tracing only
            dtype = "bfloat16" if self.precision == "bfloat16" else "float32"
            return graph.apply(NETWORKS[name], self.alphabet.nclass, arrays, pixels, dtype)

        signature = tf.TensorSpec([None, HEIGHT, None, 4], tf.uint8, name="pixels")
        try:
            return tf.function(call, input_signature=[signature], autograph=False).get_concrete_function()
        except ValueError as error:
            raise ModelError(f"{path}: does not fit {name} ({error}): train it again") from error

    def _warm_up(self) -> int:
        """Call each model once small and once large, and compare a line alone; return bytes for a pixel column."""
        for model in range(len(self._calls)):
            self.predict(model, np.zeros((1, HEIGHT, 256, 4), np.uint8))
        before = self._device.peak()
        batch = np.random.default_rng(0).integers(0, 256, (4, HEIGHT, 512, 4), np.uint8)
        together = [self.predict(model, batch) for model in range(len(self._calls))]
        used = (self._device.peak() - before) // (COLUMNS_GPU if self._device.is_gpu else 4 * 512)
        alone = [self.predict(model, batch[:1]) for model in range(len(self._calls))]
        self.repeatable = all(np.array_equal(a[:1], b) for a, b in zip(together, alone, strict=True))
        if not self.repeatable:
            warnings.warn(NOT_REPEATABLE, RuntimeWarning, stacklevel=4)
        return max(_LEAST_BYTES_PER_COLUMN, used)


def _lines_on_gpu(width: int) -> int:
    """Lines of every batch of this width."""
    return max(1, COLUMNS_GPU // width)
