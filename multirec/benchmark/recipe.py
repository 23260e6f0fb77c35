"""The recipe of 2018 as it was written, in today's Keras, for comparison.

Two Keras models; batches in the order of the folder, padded to the widest line of each; both models'
``predict_on_batch`` submitted to a pool of two threads; ``done()`` polled every 10 ms; greedy decoding.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np

from multirec.decoding import ctc
from multirec.inputs.images import line_picture
from multirec.inputs.widths import HEIGHT, STRIDE
from multirec.models import weights
from multirec.models.alphabet import Alphabet
from multirec.models.networks import NETWORKS
from multirec.training.model import build

BATCH = 16
"""Lines of a batch."""

_state: dict[str, Any] = {}


def setup(paths: tuple[Path, Path]) -> None:
    """Build both models, load their weights, and warm each up with one prediction."""
    models = []
    for path in paths:
        arrays, known = weights.load(path)
        _state["alphabet"] = Alphabet(known.alphabet)
        model = build(NETWORKS[known.network], _state["alphabet"].nclass)
        for variable in model.variables:
            variable.assign(arrays[variable.path])
        model.predict_on_batch(np.zeros((1, HEIGHT, 128, 4), np.float32))
        models.append(model)
    _state["models"] = models
    _state["pool"] = ThreadPoolExecutor(max_workers=2)


def read(paths: list[str]) -> tuple[float, float]:
    """Images to texts; seconds of wall time and of CPU time."""
    wall, cpu = time.perf_counter(), time.process_time()
    texts: list[tuple[str, ...]] = []
    for at in range(0, len(paths), BATCH):
        pictures = [line_picture(Path(path).read_bytes()) for path in paths[at : at + BATCH]]
        widest = -(-max(p.shape[1] for p in pictures) // STRIDE) * STRIDE
        batch = np.zeros((len(pictures), HEIGHT, widest, 4), np.float32)
        for row, picture in zip(batch, pictures, strict=True):
            row[:, : picture.shape[1], :3] = picture[:, :, :3] / 127.5 - 1
            row[:, : picture.shape[1], 3] = 1
        futures = [_state["pool"].submit(model.predict_on_batch, batch) for model in _state["models"]]
        while not all(future.done() for future in futures):
            time.sleep(0.01)
        decoded = [ctc.best_path(np.asarray(future.result())) for future in futures]
        texts += [tuple(map(_state["alphabet"].decode, line)) for line in zip(*decoded, strict=True)]
    return time.perf_counter() - wall, time.process_time() - cpu
