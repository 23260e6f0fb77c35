"""The product under measurement: the whole way as ``multirec predict`` goes it, its parts, and its models alone.

The functions run in a process of their own, which ``setup`` prepares.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from multirec.decoding import ctc
from multirec.decoding.combine import Outputs
from multirec.inputs.batching import Batch, Grouper
from multirec.inputs.discover import discover
from multirec.inputs.images import line_picture
from multirec.inputs.reading import Picture
from multirec.inputs.widths import grid_width
from multirec.options import Options
from multirec.outputs.files import File, Stream
from multirec.outputs.formats import Csv
from multirec.recognizer import LAG, WINDOW, Recognizer
from multirec.results import NAMES, Result
from multirec.run.startup import lean

_state: dict[str, Recognizer] = {}


def setup(options: Options) -> None:
    """Make the recogniser of this process."""
    with lean():
        _state["recognizer"] = Recognizer(options)


def precision() -> str:
    """The number format in which the models compute."""
    return _state["recognizer"].models.precision


def read(paths: list[str], out: Path) -> tuple[float, float]:
    """Images to a CSV at ``out``; seconds of wall time and of CPU time."""
    wall, cpu = time.perf_counter(), time.process_time()
    with File(out, append=False, resume=False) as file:
        writer = Csv(file)
        for result in _state["recognizer"].read(paths):
            writer.write(result)
    return time.perf_counter() - wall, time.process_time() - cpu


def peak_bytes() -> int:
    """Most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure(paths: list[str]) -> tuple[dict[str, float], int, int]:
    """Each stage by itself, in one thread, one after the other.

    Returns:
        Seconds by stage; pixel columns of the line pictures; pixel columns after padding to the grid.
    """
    recognizer = _state["recognizer"]
    seconds: dict[str, float] = {}

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - start

    columns = padded = 0
    grouper = Grouper(recognizer.options.batch_size, recognizer.plan.columns, WINDOW, LAG)
    sink = open(os.devnull, "wb")
    writer = Csv(Stream(sink))

    def work(batch: Batch) -> None:
        with stage("batch"):
            pixels = batch.pixels()
        results = []
        for model, name in enumerate(NAMES):
            with stage(f"model {name}"):
                results.append(recognizer.models.predict(model, pixels))
        outputs: Outputs = (results[0], results[1])
        with stage("decode CTC"):
            for output in outputs:
                ctc.best_path(output)
        with stage("combine"):  # decodes once more inside; that share is taken off below
            lines = recognizer.combine(outputs)
        with stage("write"):
            decode = recognizer.models.alphabet.decode
            for picture, line in zip(batch.pictures, lines, strict=True):
                readings = ((decode(r.classes), 0.5) for r in line.readings)
                writer.write(Result(picture.path, decode(line.chosen.classes), 0.5, tuple(readings), line.agree))

    for index, source in enumerate(discover(iter(paths))):
        with stage("read"):
            data = Path(source.path).read_bytes()
        with stage("decode"):
            pixels = line_picture(data)
        columns += pixels.shape[1]
        padded += grid_width(pixels.shape[1])
        for batch in grouper.add(Picture(index, source.path, pixels)):
            work(batch)
    for batch in grouper.flush():
        work(batch)
    sink.close()
    seconds["combine"] -= seconds["decode CTC"]
    return seconds, columns, padded
