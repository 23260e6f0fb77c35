"""``multirec train``: from options to a trained weights file."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import cv2
import torch

from multirec import weights
from multirec.alphabet import Alphabet
from multirec.training import fonts as faces
from multirec.training.batches import Batches
from multirec.training.lines import hold_out, read_folder
from multirec.training.loop import Plan, Trainer
from multirec.training.render import Renderer
from multirec.training.texts import TextSource

HELD_OUT = 0.04
"""Share of each folder of real lines, its last ones, that is validated on and never trained on."""

VALIDATED = 150
"""Held-out lines that are read at each validation, about."""


def run(
    network: str, folder: Path, lines: tuple[Path, ...], text: tuple[Path, ...], fonts: tuple[Path, ...],
    start: Path | None, steps: int, columns: int, real_share: float, rate: float, seed: int, threads: int, label: str,
) -> None:  # fmt: skip
    """Train ``network`` in ``folder``, from its last checkpoint if there is one, and write the weights there.

    Raises:
        ValueError: neither lines nor text and fonts to train on.
        ModelError: ``start`` is not a weights file of ``network``.
    """
    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    arrays, alphabet = None, Alphabet()
    if start is not None:
        arrays, known = weights.load(start)
        alphabet = Alphabet(known.alphabet)
        if known.network != network:
            raise ValueError(f"{start}: weights of {known.network}, not of {network}")
    real, held = [], []
    for place in lines:
        kept, apart = hold_out([line for line in read_folder(place) if alphabet.covers(line.text)], HELD_OUT)
        real += [(line.grey(), line.text) for line in kept]
        held += apart
    renderer = None
    if text and fonts:
        listing = [face for place in fonts for face in (faces.found(place) if place.is_dir() else faces.listed(place))]
        renderer = Renderer(TextSource(list(text), alphabet), faces.FontSource(listing))
    if renderer is None and not real:
        raise ValueError("nothing to train on: give --lines, or --text and --fonts to render from")
    validation = [(line.grey(), line.text) for line in held[:: max(1, len(held) // VALIDATED)]]
    plan = Plan(network, steps, seed=seed, peak=rate, real_share=real_share)
    trainer = Trainer(plan, alphabet, folder, arrays)
    trainer.resume()
    trainer.run(Batches(alphabet, real, renderer, seed, columns), validation)
    history = {
        "steps": steps, "columns": columns, "seed": seed, "real_share": real_share, "rate": rate,
        "lines": len(real), "start": start.name if start else "",
    }  # fmt: skip
    weights.save(
        folder / f"{network}.npz", trainer.arrays(), weights.Metadata(network, alphabet.characters, label, history)
    )
