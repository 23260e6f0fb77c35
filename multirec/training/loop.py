"""The training loop of one network, by Keras' ``fit``.

bfloat16 arithmetic, where the hardware has it, with float32 weights; AdamW, a warm-up, a plateau and a decay
(arXiv 2405.18392), so that a run can be prolonged from its last checkpoint before the decay.
"""

from __future__ import annotations

import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from multirec.decoding import ctc
from multirec.inputs.widths import HEIGHT, grid_width
from multirec.models import weights
from multirec.models.alphabet import Alphabet
from multirec.models.networks import NETWORKS
from multirec.models.processor import multiplies_bfloat16
from multirec.training.batches import Batches, Mix
from multirec.training.model import ON_TENSORFLOW, BatchNormalization, build, ctc_loss

LOGGED = 50
"""Steps (Keras' epoch) after which a line is logged and the checkpoint written."""

Labelled = tuple[NDArray[np.uint8], str]


@dataclass(frozen=True)
class Plan:
    """How a network is trained."""

    network: str
    steps: int
    seed: int = 0
    peak: float = 1.5e-3
    """Learning rate of the plateau."""
    warmup: int = 300
    decay: float = 0.6
    """Share of the steps over which the rate falls to nothing, at the end."""
    weight_decay: float = 0.02
    real_share: float = 0.3
    shorts: int = 1500
    """Steps over which lines grow from a few letters to full length."""

    def mix(self, step: int) -> Mix:
        """Of which lines batches are made from ``step`` on: short ones at first, fewer of them real."""
        share = self.real_share if step >= self.shorts else self.real_share / 2
        return Mix(share, min(60, 10 + step * 50 // max(1, self.shorts)))


class Rate(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of ``plan`` at each step."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __call__(self, step: Any) -> Any:
        """Up in ``warmup`` steps, level, then down to nothing."""
        step, plan = ops.cast(step, "float32"), self.plan
        left = (plan.steps - step) / max(1, plan.steps * plan.decay)
        return plan.peak * ops.minimum(1.0, ops.minimum((step + 1) / plan.warmup, ops.maximum(left, 0.0)))

    def get_config(self) -> dict[str, Any]:
        """As Keras wants it of a schedule."""
        return asdict(self.plan)


def normalise(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """RGBA [N, 64, W, 4] uint8 to the networks' input, as ``models.graph`` folds it into the first convolution."""
    alpha = pixels[..., 3:] / np.float32(255)
    return np.concatenate([(pixels[..., :3] / np.float32(127.5) - 1) * alpha, alpha], axis=-1, dtype=np.float32)


def on_gpu() -> bool:
    """Whether Keras' backend computes on a GPU."""
    if keras.backend.backend() == "torch":
        import torch

        return bool(torch.cuda.is_available())
    return any(device.startswith(("gpu", "cuda")) for device in keras.distribution.list_devices())


class Trainer:
    """Trains one network; ``run`` can be stopped anywhere and called again on the same folder.

    Args:
        plan: how.
        alphabet: of the network.
        folder: where checkpoints and the log go.
        start: weights to start from, or None for random ones.
        made_of: whatever else the result depends on, by name.
    """

    def __init__(
        self, plan: Plan, alphabet: Alphabet, folder: Path, start: weights.Arrays | None, made_of: dict[str, Any]
    ) -> None:
        self.plan, self.alphabet, self.folder = plan, alphabet, folder
        # A run may be prolonged, so the number of its steps is free.
        self.made_of = {name: value for name, value in asdict(plan).items() if name != "steps"} | made_of
        folder.mkdir(parents=True, exist_ok=True)
        keras.utils.set_random_seed(plan.seed)
        native = on_gpu() or multiplies_bfloat16()
        keras.mixed_precision.set_global_policy("mixed_bfloat16" if native else "float32")
        whole = build(NETWORKS[plan.network], alphabet.nclass, BatchNormalization)
        # Everything but the softmax: the loss takes logits, and so does reading by the best path.
        self.model = keras.Model(whole.input, whole.get_layer("logits").output)
        optimiser = keras.optimizers.AdamW(Rate(plan), plan.weight_decay, global_clipnorm=1.0)
        optimiser.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
        optimiser.build(self.model.trainable_variables)
        # JAX has to compile; TensorFlow gains nothing by it on a CPU and would compile each shape.
        self.model.compile(optimiser, ctc_loss, jit_compile=keras.backend.backend() == "jax")
        self.step = 0
        if start is not None:
            for variable in self.model.variables:
                variable.assign(start[variable.path])

    @property
    def checkpoint(self) -> Path:
        """The file from which a run goes on."""
        return self.folder / f"{self.plan.network}.checkpoint.npz"

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        state = {f"optimiser/{i}": v.numpy() for i, v in enumerate(self.model.optimizer.variables)}
        text = np.frombuffer(json.dumps({"step": self.step, "made_of": self.made_of}).encode(), np.uint8)
        partial = self.checkpoint.with_suffix(".part")
        with partial.open("wb") as file:
            np.savez(file, known=text, **state, **self.arrays())  # type: ignore[arg-type]
        partial.replace(self.checkpoint)

    def resume(self) -> bool:
        """Go on from the checkpoint, if there is one.

        Raises:
            ValueError: it is of another run, and the message names the difference; or it cannot be read.
        """
        if not self.checkpoint.exists():
            return False
        try:
            with np.load(self.checkpoint, allow_pickle=False) as archive:
                state = dict(archive)
            known = json.loads(state["known"].tobytes())
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise ValueError(f"{self.checkpoint}: not a checkpoint, or damaged: remove it to begin anew") from error
        for name, value in self.made_of.items():
            if known["made_of"].get(name) != value:
                raise ValueError(f"{self.folder}: its run differs in the {name}: give another --run, or remove it")
        for variable in self.model.variables:
            variable.assign(state[variable.path])
        for i, variable in enumerate(self.model.optimizer.variables):
            variable.assign(state[f"optimiser/{i}"])
        self.step = known["step"]
        return True

    def arrays(self) -> weights.Arrays:
        """The weights as they are now."""
        return {v.path: np.array(v.numpy(), np.float32) for v in self.model.variables}

    def run(
        self, batches: Batches, validation: list[Labelled], report: Callable[[str], None],
        stop: threading.Event | None = None, renderers: int = 0, every: int = 250,
    ) -> None:  # fmt: skip
        """Train to the plan's last step, or until ``stop`` is set; the checkpoint is written as it goes.

        Args:
            batches: what to learn from.
            validation: pictures [64, W] with their texts, to read every ``every`` steps.
            report: is told then how far it is.
            stop: ends training after the step at hand.
            renderers: see ``Batches.stream``.
            every: steps between validations.
        """
        if self.step < self.plan.steps:
            stream = batches.stream(self.step, self.plan.mix, renderers)
            watch = _Watch(self, validation, report, stop or threading.Event(), every)
            epochs = -(-(self.plan.steps - self.step) // LOGGED)
            feed = _feed((normalise(batch.pixels), batch.labels) for batch in stream)
            self.model.fit(
                feed, epochs=epochs, steps_per_epoch=LOGGED, shuffle=False, verbose=0, callbacks=[watch]
            )  # fmt: skip
        self.save()

    def validate(self, lines: list[Labelled]) -> float:
        """Character error rate of greedy readings over ``lines``."""
        edits = letters = 0
        for image, text in lines:
            pixels = np.zeros((1, HEIGHT, grid_width(image.shape[1]), 4), np.uint8)
            pixels[0, :, : image.shape[1], :3], pixels[0, :, : image.shape[1], 3] = image[:, :, None], 255
            (classes,) = ctc.best_path(np.asarray(self.model.predict_on_batch(normalise(pixels))))
            edits += Levenshtein.distance(self.alphabet.decode(classes), text)
            letters += len(text)
        return edits / max(1, letters)


class _Watch(keras.callbacks.Callback):
    """Counts steps, writes checkpoint and log, validates, and ends training in time."""

    def __init__(
        self, trainer: Trainer, validation: list[Labelled], report: Callable[[str], None],
        stop: threading.Event, every: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self._trainer, self._validation, self._report = trainer, validation, report
        self._stop, self._every = stop, every
        self._file = trainer.folder / f"{trainer.plan.network}.log.jsonl"
        self._log({"plan": asdict(trainer.plan), "step": trainer.step})
        self._first, self._start = trainer.step, time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._before, self._clock = self._trainer.step, time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._trainer.step += 1
        if self._trainer.step >= self._trainer.plan.steps or self._stop.is_set():
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        trainer, plan = self._trainer, self._trainer.plan
        seconds = (time.monotonic() - self._clock) / (trainer.step - self._before)
        rate = float(self.model.optimizer.learning_rate)
        row = {"step": trainer.step, "loss": (logs or {})["loss"], "rate": rate, "s_per_step": seconds}
        self._log({name: round(value, 6) for name, value in row.items()})
        trainer.save()
        if trainer.step // self._every > self._before // self._every or trainer.step == plan.steps:
            error = trainer.validate(self._validation)
            self._log({"step": trainer.step, "validation_cer": round(error, 4)})
            left = (time.monotonic() - self._start) / (trainer.step - self._first) * (plan.steps - trainer.step)
            done = f"{plan.network}: step {trainer.step} of {plan.steps}"
            self._report(f"{done}, validation CER {error:.2%}, {left / 60:.0f} min left")

    def _log(self, row: dict[str, Any]) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            print(json.dumps(row), file=file)


def _feed(pairs: Iterator[tuple[NDArray[np.float32], NDArray[np.int32]]]) -> Any:
    """``pairs`` of pictures [N, 64, W, 4] and labels [N, L] for ``fit``."""
    if not ON_TENSORFLOW:
        return pairs
    import tensorflow as tf

    # Said, not guessed from the first two as Keras would: their N or W may be equal.
    signature = (tf.TensorSpec([None, HEIGHT, None, 4], tf.float32), tf.TensorSpec([None, None], tf.int32))
    return tf.data.Dataset.from_generator(lambda: pairs, output_signature=signature).prefetch(1)
