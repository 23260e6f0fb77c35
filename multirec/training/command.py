"""``multirec train``: from options to a pair of trained, calibrated weights files."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from multirec.errors import ModelError, MultirecError, StoppedError
from multirec.models import weights
from multirec.models.alphabet import LATIN, Alphabet
from multirec.options import shipped
from multirec.run.signals import stopping
from multirec.training import adapt
from multirec.training.calibrate import calibrate
from multirec.training.lines import Line, cut, hold_out, read_folder

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
    renderers: int = 0


def run(request: Request) -> str:
    """Train the networks of ``request``, one process each, then calibrate the pair.

    A run found in the folder is continued from its last checkpoint.

    Returns:
        What the user should know of the result.

    Raises:
        ValueError: nothing to train on, labels that the given alphabet does not hold, or another run in the folder.
        ModelError: the weights to start from cannot be used, or the process of a network ended with a fault.
        StoppedError: a signal asked for the end; each network's checkpoint is written.
    """
    if not request.lines and not (request.text and request.fonts):
        raise ValueError("nothing to train on: give folders of labelled lines, or --text and --fonts to render from")
    request.folder.mkdir(parents=True, exist_ok=True)
    with stopping() as stop:
        if len(request.networks) == 1:
            train_one(request, request.networks[0], stop.event)
        else:
            _train_each(request, stop.event)
        if stop.signum:
            name = signal.Signals(stop.signum).name
            raise StoppedError(f"stopped by {name}; the same command goes on from {request.folder}", stop.signum)
    if len(request.networks) == 1:
        return f"{request.folder / request.networks[0]}.npz is trained; calibrate it with its pair"
    held = [line for place in request.lines for line in hold_out(read_folder(place), request.hold_out)[1]]
    pair = (request.folder / "SEnet363.npz", request.folder / "SEnet484.npz")
    try:
        calibrate(pair, [(line.path, line.text) for line in held], shipped("language"))
    except ValueError as error:
        return f"the weights in {request.folder} are trained, but keep their old calibration: {error}"
    return f"the weights in {request.folder} are trained and calibrated"


def _train_each(request: Request, stop: threading.Event) -> None:
    """Train each network in a process of its own; where one fails, the others are stopped too."""
    # Spawned: TensorFlow, which may be loaded, does not survive a fork.
    context = multiprocessing.get_context("spawn")
    processes: dict[str, tuple[SpawnProcess, Connection]] = {}
    failed = None
    try:
        for network in request.networks:
            receiver, sender = context.Pipe(duplex=False)
            process = context.Process(target=_in_process, args=(request, network, sender), name=network)
            process.start()
            sender.close()
            processes[network] = (process, receiver)
        while failed is None and (running := [p for p, _ in processes.values() if p.is_alive()]):
            wait([p.sentinel for p in running], timeout=0.5)
            if stop.is_set():
                break
            failed = next((name for name, (p, _) in processes.items() if p.exitcode), None)
    finally:
        for process, _ in processes.values():
            process.terminate()  # it finishes its step and writes its checkpoint
        for process, _ in processes.values():
            process.join()
    for name, (process, receiver) in processes.items():
        if process.exitcode and (failed in (None, name)):
            raise _fault(name, process.exitcode, receiver)


def _fault(network: str, code: int, receiver: Connection) -> Exception:
    """What ended the process of ``network``: the error that it sent, or how it died."""
    try:
        error = receiver.recv()
    except EOFError:
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return ModelError(f"the process that trains {network} {how}: the same command goes on from its checkpoint")
    assert isinstance(error, Exception)
    return error


def _in_process(request: Request, network: str, sender: Connection) -> None:
    """``train_one`` in a process of its own; errors for the user are sent, a fault of ours leaves its traceback."""
    with stopping() as stop:
        try:
            train_one(request, network, stop.event)
        except (ValueError, MultirecError) as error:
            sender.send(error)
            raise SystemExit(1) from error


def train_one(request: Request, network: str, stop: threading.Event) -> None:
    """Train one network and write its weights file; how far it is goes to standard output.

    Once ``stop`` is set, training ends after the step at hand with its checkpoint alone written.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import cv2

    from multirec.training import fonts as faces
    from multirec.training.batches import Batches
    from multirec.training.loop import Plan, Trainer
    from multirec.training.model import use_threads
    from multirec.training.render import Renderer
    from multirec.training.texts import TextSource

    use_threads(request.threads or max(1, (os.cpu_count() or 1) // len(request.networks)))
    cv2.setNumThreads(1)
    real: list[list[Line]] = []
    held: list[Line] = []
    for place in request.lines:
        train, apart = hold_out(read_folder(place), request.hold_out)
        real.append(cut(train, request.folder / "lines"))
        held += cut(apart, request.folder / "lines")
    kept = [line for folder in real for line in folder]
    if not kept and not (request.text and request.fonts):
        raise ValueError("no line to train on is left: none can be cut from its page, or all are held out")
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
    for line in kept:
        line.grey()  # a picture that cannot be read is told now, not hours later
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
    batches = Batches(alphabet, [folder for folder in real if folder], renderer, request.seed, request.columns)
    trainer.run(batches, validation, print, stop, request.renderers)
    if trainer.step < plan.steps:
        return
    history = {
        "steps": request.steps, "columns": request.columns, "seed": request.seed, "rate": request.rate,
        "real_share": request.real_share, "real_lines": len(kept), "rendered": renderer is not None,
        "start": f"{known.network} {known.version}" if known else "",
    }  # fmt: skip
    calibration = known.calibration if known else {}
    seen = set(known.trained_on if known else ()).union(trained_on)
    metadata = weights.Metadata(network, characters, request.label, history, calibration, sorted(seen))
    weights.save(request.folder / f"{network}.npz", trainer.arrays(), metadata)
