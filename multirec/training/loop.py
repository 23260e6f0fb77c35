"""The training loop of one network, on Keras' PyTorch backend.

bfloat16 arithmetic, where the hardware has it, with float32 weights; AdamW, a warm-up, a plateau and a decay
(arXiv 2405.18392), so that a run can be prolonged from its last checkpoint before the decay.  CTC loss by
PyTorch, per letter.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from multirec.decoding import ctc
from multirec.inputs.widths import HEIGHT, grid_width
from multirec.models import weights
from multirec.models.alphabet import Alphabet
from multirec.models.networks import NETWORKS
from multirec.models.processor import multiplies_bfloat16
from multirec.training import torch_layers
from multirec.training.batches import Batches
from multirec.training.model import build


@dataclass(frozen=True)
class Plan:
    """How to train one network."""

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

    def rate(self, step: int) -> float:
        """Learning rate at ``step``."""
        left = (self.steps - step) / max(1, self.steps * self.decay)
        return self.peak * min(1.0, (step + 1) / self.warmup, max(left, 0.0))

    def longest(self, step: int) -> int:
        """Letters of the longest rendered lines at ``step``."""
        return min(60, 10 + step * 50 // max(1, self.shorts))


def normalise(pixels: NDArray[np.uint8]) -> torch.Tensor:
    """RGBA [N, 64, W, 4] uint8 to the networks' input, as ``models.graph`` folds it into the first convolution."""
    x = torch.from_numpy(pixels).float()
    alpha = x[..., 3:] / 255
    return torch.cat([(x[..., :3] / 127.5 - 1) * alpha, alpha], dim=-1)


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
        native = torch.cuda.is_available() or multiplies_bfloat16()
        keras.mixed_precision.set_global_policy("mixed_bfloat16" if native else "float32")
        self.model = build(
            NETWORKS[plan.network], alphabet.nclass, torch_layers.Conv2D, torch_layers.BatchNormalization
        )
        if start is not None:
            for variable in self.model.variables:
                variable.assign(start[variable.path])
        named = [(v.path, v.value) for v in self.model.trainable_variables]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": [p for n, p in named if n.endswith("kernel")], "weight_decay": plan.weight_decay},
                {"params": [p for n, p in named if not n.endswith("kernel")], "weight_decay": 0.0},
            ],
            lr=plan.peak,
        )
        # Everything but the softmax: the loss takes logits.
        self.logits = keras.Model(self.model.input, self.model.get_layer("logits").output)
        self.step, self.round = 0, 0

    @property
    def checkpoint(self) -> Path:
        """The file from which a run goes on."""
        return self.folder / f"{self.plan.network}.checkpoint.pt"

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        partial = self.checkpoint.with_suffix(".part")
        state = {v.path: v.value.detach() for v in self.model.variables}
        torch.save(
            {
                "model": state, "optimiser": self.optimiser.state_dict(), "step": self.step, "round": self.round,
                "made_of": self.made_of,
            }, partial,
        )  # fmt: skip
        partial.replace(self.checkpoint)

    def resume(self) -> bool:
        """Go on from the checkpoint, if there is one.

        Raises:
            ValueError: it is of another run; the message names the difference.
        """
        if not self.checkpoint.exists():
            return False
        state = torch.load(self.checkpoint, weights_only=True)
        other = state.get("made_of", {})
        for name, value in self.made_of.items():
            if other.get(name) != value:
                raise ValueError(f"{self.folder}: its run differs in the {name}: give another --run, or remove it")
        for variable in self.model.variables:
            variable.assign(state["model"][variable.path])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.round = state["step"], state["round"]
        return True

    def arrays(self) -> weights.Arrays:
        """The weights as they are now."""
        return {v.path: v.value.detach().float().numpy().copy() for v in self.model.variables}

    def loss(self, pixels: NDArray[np.uint8], labels: list[list[int]]) -> torch.Tensor:
        """CTC loss for a letter, averaged over the batch's letters."""
        logits = self.logits(normalise(pixels), training=True)
        flat = torch.tensor([c for label in labels for c in label])
        lengths = torch.tensor([len(label) for label in labels])
        steps = torch.full((len(labels),), logits.shape[1])
        log_probabilities = F.log_softmax(logits.float(), dim=-1).transpose(0, 1)
        total = F.ctc_loss(log_probabilities, flat, steps, lengths, reduction="sum", zero_infinity=True)
        return total / lengths.sum()

    def run(
        self,
        batches: Batches,
        validation: list[tuple[NDArray[np.uint8], str]],
        report: Callable[[str], None],
        every: int = 250,
    ) -> None:
        """Train to the plan's last step, saving each round.

        A JSON line is logged every 50 steps; every ``every`` steps the held-out lines are read and ``report``
        is told how far it is.
        """
        log = (self.folder / f"{self.plan.network}.log.jsonl").open("a", encoding="utf-8")
        print(json.dumps({"plan": asdict(self.plan), "step": self.step}), file=log, flush=True)
        clock, losses, columns = time.monotonic(), [], 0
        start, first = clock, self.step
        while self.step < self.plan.steps:
            late = self.step > self.plan.shorts
            share = self.plan.real_share if late else self.plan.real_share / 2
            for batch in batches.round(self.round, share, self.plan.longest(self.step)):
                for group in self.optimiser.param_groups:
                    group["lr"] = self.plan.rate(self.step)
                self.optimiser.zero_grad(set_to_none=True)
                loss = self.loss(batch.pixels, batch.labels)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                self.optimiser.step()
                self.step += 1
                losses.append(loss.item())
                columns += batch.pixels.shape[0] * batch.pixels.shape[2]
                if self.step % 50 == 0:
                    seconds = time.monotonic() - clock
                    row = {
                        "step": self.step, "loss": round(float(np.mean(losses)), 4),
                        "rate": round(self.plan.rate(self.step), 6), "columns_per_s": round(columns / seconds),
                    }  # fmt: skip
                    print(json.dumps(row), file=log, flush=True)
                    clock, losses, columns = time.monotonic(), [], 0
                if self.step % every == 0 or self.step == self.plan.steps:
                    error = self.validate(validation)
                    print(json.dumps({"step": self.step, "validation_cer": round(error, 4)}), file=log, flush=True)
                    left = (time.monotonic() - start) / (self.step - first) * (self.plan.steps - self.step)
                    done = f"{self.plan.network}: step {self.step} of {self.plan.steps}"
                    report(f"{done}, validation CER {error:.2%}, {left / 60:.0f} min left")
                    clock, losses, columns = time.monotonic(), [], 0
                if self.step >= self.plan.steps:
                    break
            self.round += 1
            self.save()
        log.close()
        self.save()

    def validate(self, lines: list[tuple[NDArray[np.uint8], str]]) -> float:
        """Character error rate of greedy readings over ``lines``."""
        edits = letters = 0
        for image, text in lines:
            pixels = np.zeros((1, HEIGHT, grid_width(image.shape[1]), 4), np.uint8)
            pixels[0, :, : image.shape[1], :3], pixels[0, :, : image.shape[1], 3] = image[:, :, None], 255
            with torch.no_grad():
                output = self.model(normalise(pixels), training=False).float().numpy()
            (classes,) = ctc.best_path(output)
            edits += Levenshtein.distance(self.alphabet.decode(classes), text)
            letters += len(text)
        return edits / max(1, letters)
