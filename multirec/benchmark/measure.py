"""The benchmark as a whole: contenders, rounds, figures, and their table."""

from __future__ import annotations

import math
import multiprocessing
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from multirec.benchmark import ceiling, product, recipe
from multirec.inputs.discover import discover
from multirec.inputs.reading import read
from multirec.machine import processors
from multirec.options import Options
from multirec.results import NAMES

START_UP_IMAGES = 10
"""Images of the folder on which start-up is measured."""

Call = Callable[..., Any]


def benchmark(paths: list[str], options: Options, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure everything, ``rounds`` times, interleaved.

    Args:
        paths: images and folders; what cannot be read is left out.
        options: how the product reads.
        rounds: repetitions; figures are medians over them.
        say: told what is being measured.

    Raises:
        ValueError: no image that can be read in ``paths``.
    """
    found = (source for source in discover(iter(paths)) if source.content is None)  # the recipe knows files alone
    files = [source.path for source in found if read(0, source).pixels is not None]
    if not files:
        raise ValueError(f"no image that can be read in {' '.join(map(repr, paths))}")
    cores = processors()
    pair = (Path(options.weights_363), Path(options.weights_484))
    walls: dict[str, list[float]] = {}
    cpus: dict[str, list[float]] = {}
    stages, ceilings, starts = [], [], []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        run = stack.enter_context(_process(product.setup, options))
        old = stack.enter_context(_process(recipe.setup, pair))
        top = stack.enter_context(_process(ceiling.setup, cores))
        contenders: dict[str, Callable[[], tuple[float, float]]] = {
            "multirec": lambda: run(product.read, files, folder / "lines.csv"),
            "recipe of 2018": lambda: old(recipe.read, files),
        }
        for turn in range(rounds):
            for name, contender in contenders.items():
                say(f"round {turn + 1} of {rounds}: {name}")
                wall, cpu = contender()
                walls.setdefault(name, []).append(wall)
                cpus.setdefault(name, []).append(cpu)
            say(f"round {turn + 1} of {rounds}: stages, ceiling, start-up")
            stages.append(run(product.measure, files))
            ceilings.append(top(ceiling.measure, cores))
            starts.append(_start_up(files[:START_UP_IMAGES]))
        known = {"precision": run(product.precision), "peak_bytes": run(product.peak_bytes)}
    _, columns, padded = stages[0]
    seconds = {name: median(s[name] for s, _, _ in stages) for name in stages[0][0]}
    flops = {name: flops_per_column(name) for name in NAMES}
    top_speed = {name: median(c[name] for c in ceilings) for name in ceilings[0]}
    models = sum(seconds[f"model {name}"] for name in flops)
    return {
        "machine": {"processor": _processor(), "cores": cores, "system": platform.platform()},
        "lines": len(files),
        "rounds": rounds,
        "workers": options.workers,
        **known,
        "columns": columns,
        "padded_columns": padded,
        "lines_per_s": {name: len(files) / median(values) for name, values in walls.items()},
        "cpu_us_per_column": {name: 1e6 * median(values) / columns for name, values in cpus.items()},
        "stages_us_per_column": {name: 1e6 * value / columns for name, value in seconds.items()},
        "models_alone_us_per_padded_column": {name: 1e6 * seconds[f"model {name}"] / padded for name in flops},
        "ceiling": top_speed,
        "models_gflop_per_s": sum(flops.values()) * padded / models / 1e9,
        "share_of_ceiling": sum(flops.values()) * padded / models / 1e9 / top_speed[known["precision"]],
        "start_up_s": {"import tensorflow": median(a for a, _ in starts), "first row": median(b for _, b in starts)},
    }


@contextmanager
def _process(setup: Call, *args: Any) -> Iterator[Call]:
    """A process of its own, prepared by ``setup``, in which functions are called one at a time."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), setup, args) as pool:
        yield lambda function, *arguments: pool.submit(function, *arguments).result()


def _start_up(files: list[str]) -> tuple[float, float]:
    """Seconds until ``import tensorflow`` is done in a new process, and until ``multirec predict`` writes a row."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import tensorflow, os; os._exit(0)"], check=True, capture_output=True)
    imported = time.perf_counter() - start
    start = time.perf_counter()
    command = [sys.executable, "-m", "multirec", "predict", "--quiet", *files]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.readline()
        first = time.perf_counter() - start
        process.stdout.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return imported, first


def flops_per_column(name: str) -> float:
    """Multiplications and additions of a network's convolutions for a pixel column, from their shapes."""
    from multirec.models.networks import NETWORKS
    from multirec.training.model import build

    width, total = 64, 0  # any width that the strides divide
    for layer in build(NETWORKS[name], 2, width=width).layers:
        kernel = getattr(layer, "kernel", None)
        if kernel is not None and len(kernel.shape) == 4:
            total += 2 * math.prod(kernel.shape) * math.prod(layer.output.shape[1:3])
    return total / width


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def as_text(known: dict[str, Any]) -> str:
    """The figures as tables for people, ratios first."""
    machine, speed, cpu = known["machine"], known["lines_per_s"], known["cpu_us_per_column"]
    ours, old = speed["multirec"], speed["recipe of 2018"]
    out = [
        f"{machine['processor']}, {machine['cores']} cores; {known['lines']} lines, "
        f"{known['columns'] / known['lines']:.0f} px wide on average; {known['workers']} workers, "
        f"{known['precision']}; medians of {known['rounds']} interleaved rounds",
        "",
        f"{ours / old:.1f} times as fast as the recipe of 2018; "
        f"{known['share_of_ceiling']:.0%} of the ceiling while the models run",
        "",
        f"{'':24}{'lines/s':>10}{'us of a core a column':>24}",
        *(f"{name:24}{speed[name]:10.1f}{cpu[name]:24.1f}" for name in speed),
        "",
        f"{'stage, in one thread':24}{'us a column':>12}{'share':>8}",
    ]
    total = sum(known["stages_us_per_column"].values())
    out += [f"{n:24}{v:12.2f}{v / total:8.1%}" for n, v in known["stages_us_per_column"].items()]
    wait = cpu["multirec"] - total
    out += [
        f"{'threads, waiting':24}{wait:12.2f}",
        "",
        f"padding to the grid adds {known['padded_columns'] / known['columns'] - 1:.1%} columns; of a padded one:",
        *(f"  {n} alone {v:.1f} us" for n, v in known["models_alone_us_per_padded_column"].items()),
        f"models {known['models_gflop_per_s']:.0f} GFLOP/s a core; matrix product "
        f"{known['ceiling']['float32']:.0f} in float32, {known['ceiling']['bfloat16']:.0f} in bfloat16; "
        f"copy {known['ceiling']['copy']:.1f} GB/s",
        f"peak memory {known['peak_bytes'] >> 20} MiB; "
        f"import tensorflow {known['start_up_s']['import tensorflow']:.1f} s, "
        f"first row of {START_UP_IMAGES} images after {known['start_up_s']['first row']:.1f} s",
    ]
    return "\n".join(out)
