"""``multirec train``: from options to a pair of trained, calibrated weights files."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from multirec.models import weights
from multirec.models.alphabet import LATIN, Alphabet
from multirec.options import shipped
from multirec.training import adapt
from multirec.training.calibrate import calibrate
from multirec.training.lines import Line, hold_out, read_folder

NETWORKS = ("SEnet363", "SEnet484")

VALIDATED = 150
"""Held-out lines that are read at each validation, about."""


@dataclass(frozen=True)
class Request:
    """What to train, on what, and how long; see ``multirec train --help`` for each."""

    networks: tuple[str, ...]
    folder: Path
    lines: tuple[Path, ...]
    text: tuple[Path, ...]
    fonts: tuple[Path, ...]
    start: tuple[Path, Path] | None
    alphabet: Path | None
    steps: int
    columns: int
    real_share: float
    rate: float
    seed: int
    hold_out: float
    label: str
    threads: int | None = None


def run(request: Request) -> str:
    """Train the networks of ``request``, one process each, then calibrate the pair.

    A run found in the folder is continued from its last checkpoint.

    Returns:
        What the user should know of the result.

    Raises:
        ValueError: nothing to train on, labels that the given alphabet does not hold, or another run in the folder.
        ModelError: the weights to start from cannot be used.
    """
    if not request.lines and not (request.text and request.fonts):
        raise ValueError("nothing to train on: give folders of labelled lines, or --text and --fonts to render from")
    request.folder.mkdir(parents=True, exist_ok=True)
    if len(request.networks) == 1:
        train_one(request, request.networks[0])
        return f"{request.folder / request.networks[0]}.npz is trained; calibrate it with its pair"
    # Processes, not threads: PyTorch's threads would share one interpreter; spawned, since TensorFlow may be loaded.
    with ProcessPoolExecutor(len(request.networks), multiprocessing.get_context("spawn")) as pool:
        for done in [pool.submit(train_one, request, network) for network in request.networks]:
            done.result()
    held = [line for place in request.lines for line in hold_out(read_folder(place), request.hold_out)[1]]
    pair = (request.folder / "SEnet363.npz", request.folder / "SEnet484.npz")
    try:
        calibrate(pair, [(line.path, line.text) for line in held], shipped("language"))
    except ValueError as error:
        return f"the weights in {request.folder} are trained, but keep their old calibration: {error}"
    return f"the weights in {request.folder} are trained and calibrated"


def train_one(request: Request, network: str) -> None:
    """Train one network and write its weights file; how far it is goes to standard output."""
    os.environ["KERAS_BACKEND"] = "torch"
    import cv2
    import torch

    from multirec.training import fonts as faces
    from multirec.training.batches import Batches
    from multirec.training.loop import Plan, Trainer
    from multirec.training.render import Renderer
    from multirec.training.texts import TextSource

    threads = request.threads or max(1, (os.cpu_count() or 1) // len(request.networks))
    torch.set_num_threads(threads)
    cv2.setNumThreads(1)
    kept: list[Line] = []
    held: list[Line] = []
    for place in request.lines:
        train, apart = hold_out(read_folder(place), request.hold_out)
        kept += train
        held += apart
    arrays, known = (None, None) if request.start is None else weights.load(request.start[NETWORKS.index(network)])
    if known is not None and known.network != network:
        raise ValueError(f"{request.start}: weights of {known.network} where those of {network} belong")
    old = known.alphabet if known else LATIN
    characters = adapt.alphabet(old, request.alphabet, [line.text for line in kept + held])
    if arrays is not None:
        arrays = adapt.last_layer(arrays, old, characters)
    alphabet = Alphabet(characters)
    renderer = None
    if request.text and request.fonts:
        renderer = Renderer(TextSource(list(request.text), alphabet), faces.source(list(request.fonts)))
    plan = Plan(
        network, request.steps, seed=request.seed, peak=request.rate, real_share=request.real_share,
        shorts=0 if request.start else 1500,
    )  # fmt: skip
    trained_on = sorted(weights.fingerprint(line.path) for line in kept)
    made_of = {
        "weights to start from": known.sha256 if known else "",
        "alphabet": characters,
        "labelled lines": hashlib.sha256(repr([trained_on, [line.text for line in kept]]).encode()).hexdigest(),
        "rendered lines": renderer is not None,
        "columns": request.columns,
    }
    trainer = Trainer(plan, alphabet, request.folder, arrays, made_of)
    trainer.resume()
    validation = [(line.grey(), line.text) for line in held[:: max(1, len(held) // VALIDATED)]]
    real = [(line.grey(), line.text) for line in kept]
    trainer.run(Batches(alphabet, real, renderer, request.seed, request.columns), validation, print)
    history = {
        "steps": request.steps, "columns": request.columns, "seed": request.seed, "rate": request.rate,
        "real_share": request.real_share, "real_lines": len(real), "rendered": renderer is not None,
        "start": f"{known.network} {known.version}" if known else "",
    }  # fmt: skip
    calibration = known.calibration if known else {}
    seen = set(known.trained_on if known else ()).union(trained_on)
    metadata = weights.Metadata(network, characters, request.label, history, calibration, sorted(seen))
    weights.save(request.folder / f"{network}.npz", trainer.arrays(), metadata)
