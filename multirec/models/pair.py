"""Both networks, loaded, warmed up and frozen: safe to call from any thread.

Each model is one ``ConcreteFunction`` over uint8 pixels: its weights are constants, it cannot be traced
again, and TensorFlow releases the GIL while it runs.
"""

from __future__ import annotations

import os
import resource
import warnings
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from multirec.errors import ForkedError, ModelError
from multirec.inputs.widths import HEIGHT
from multirec.machine import available, processors
from multirec.models import graph, weights
from multirec.models.alphabet import Alphabet
from multirec.models.framework import tf
from multirec.models.memory import BEST_COLUMNS_CPU, BEST_COLUMNS_GPU, Plan, free_on_gpu, plan
from multirec.models.networks import NETWORKS
from multirec.models.processor import multiplies_bfloat16

NAMES = ("SEnet363", "SEnet484")

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

    Raises:
        ModelError: a file is missing, damaged or of another network, or the two do not fit each other.
        ForkedError: a parent process, from which this one was forked, has made one too.
    """

    _home: ClassVar[int] = 0
    """The process in which TensorFlow was first put to work."""

    def __init__(self, paths: tuple[Path, Path], workers: int = 2, precision: str = "auto") -> None:
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
        self.traces = 0
        self.device = _prepare_device(workers)
        bfloat16 = precision == "auto" and self.device == "CPU" and multiplies_bfloat16()
        self.precision = "bfloat16" if bfloat16 else "float32"
        self._calls = [
            self._freeze(path, name, arrays) for path, name, (arrays, _) in zip(paths, NAMES, loaded, strict=True)
        ]
        self.repeatable = True
        """Whether a row depends on its image alone here."""
        self.bytes_per_column = self._warm_up()

    def predict(self, model: int, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Softmax outputs [N, W / 4, C] of one model (0: SEnet363, 1: SEnet484) for [N, 64, W, 4] uint8 RGBA.

        Raises:
            OutOfMemory: the batch does not fit.
        """
        return np.asarray(self._calls[model](tf.constant(pixels)).numpy())

    def plan(self, workers: int, memory_limit: int | None = None) -> Plan:
        """The batch size for this device now."""
        gpu = self.device.startswith("GPU")
        free = free_on_gpu() if gpu else available()
        if free is None:
            free = 2 << 30
        best = BEST_COLUMNS_GPU if gpu else BEST_COLUMNS_CPU
        return plan(self.device, min(free, memory_limit or free), workers, self.bytes_per_column, best)

    def _freeze(self, path: Path, name: str, arrays: weights.Arrays) -> Any:
        def call(pixels: tf.Tensor) -> tf.Tensor:
            self.traces += 1  # runs while tracing only
            return graph.apply(NETWORKS[name], self.alphabet.nclass, arrays, pixels, self.precision)

        signature = tf.TensorSpec([None, HEIGHT, None, 4], tf.uint8, name="pixels")
        try:
            return tf.function(call, input_signature=[signature], autograph=False).get_concrete_function()
        except ValueError as error:
            raise ModelError(f"{path}: does not fit {name} ({error}): train it again") from error

    def _warm_up(self) -> int:
        """Call each model once small and once large, and compare a line alone; return bytes for a pixel column."""
        for model in range(len(self._calls)):
            self.predict(model, np.zeros((1, HEIGHT, 256, 4), np.uint8))
        before = self._peak()
        batch = np.random.default_rng(0).integers(0, 256, (4, HEIGHT, 512, 4), np.uint8)
        together = [self.predict(model, batch) for model in range(len(self._calls))]
        used = (self._peak() - before) // (4 * 512)
        alone = [self.predict(model, batch[:1]) for model in range(len(self._calls))]
        self.repeatable = all(np.array_equal(a[:1], b) for a, b in zip(together, alone, strict=True))
        if not self.repeatable:
            warnings.warn(NOT_REPEATABLE, RuntimeWarning, stacklevel=3)
        return max(_LEAST_BYTES_PER_COLUMN, used)

    def _peak(self) -> int:
        if self.device.startswith("GPU"):
            return int(tf.config.experimental.get_memory_info(self.device)["peak"])
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _prepare_device(workers: int) -> str:
    """Let GPUs grow their memory, share the cores among the workers; return the device's name."""
    cores = processors()
    gpus = tf.config.list_physical_devices("GPU")
    try:
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
        # Each of TensorFlow's threads keeps the last 1,024 kernels of oneDNN that it has used, one for each layer and
        # shape of batch: more threads than cores are no faster, and take memory that grows for long.
        busy = min(workers, cores)
        tf.config.threading.set_inter_op_parallelism_threads(busy)
        tf.config.threading.set_intra_op_parallelism_threads(cores // busy)
    except RuntimeError:
        # TensorFlow runs already, in the caller's way.
        pass
    return "GPU:0" if gpus else "CPU"
