"""What this machine can do at most: matrix products and a copy, through TensorFlow, on all its cores."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from multirec.models.framework import tf

SIDE = 2048
"""Rows and columns of the matrices."""

COPIED = 1 << 26
"""Numbers in the array that is copied: 256 MiB, far more than a cache."""


def setup(cores: int) -> None:
    """One thread an operation: the ceiling is measured as the models run, a core each."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(cores)


def measure(cores: int) -> dict[str, float]:
    """GFLOP/s of one core for products in float32 and bfloat16, and GB/s of a copy, all ``cores`` at work."""
    matrix = tf.random.stateless_uniform((SIDE, SIDE), (1, 2))
    numbers = tf.zeros(COPIED // cores)

    def product(x: tf.Tensor) -> None:
        tf.linalg.matmul(x, x)[0, 0].numpy()

    def copy(x: tf.Tensor) -> None:
        (x + 1.0)[0].numpy()

    return {
        "float32": 2 * SIDE**3 / _seconds(product, matrix, cores) / 1e9,
        "bfloat16": 2 * SIDE**3 / _seconds(product, tf.cast(matrix, tf.bfloat16), cores) / 1e9,
        # Read once, written once.
        "copy": 2 * 4 * (COPIED // cores) * cores / _seconds(copy, numbers, cores) / 1e9,
    }


def _seconds(operation: Callable[[tf.Tensor], None], operand: tf.Tensor, cores: int, repeats: int = 4) -> float:
    """Seconds of one call while every core does the same."""

    def work() -> float:
        operation(operand)
        start = time.perf_counter()
        for _ in range(repeats):
            operation(operand)
        return (time.perf_counter() - start) / repeats

    with ThreadPoolExecutor(cores) as pool:
        times = [future.result() for future in [pool.submit(work) for _ in range(cores)]]
    return sum(times) / len(times)
