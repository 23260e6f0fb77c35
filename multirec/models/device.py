"""Where the networks compute: the processor or a GPU, which is chosen and readied here, and what is known of it."""

from __future__ import annotations

import os
import re
import resource
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from multirec.errors import SetupError
from multirec.machine import processors
from multirec.models.framework import tf

UNUSABLE = (tf.errors.OpError, MemoryError, RuntimeError)
"""What a GPU raises that is full, held by another, or whose libraries do not go with TensorFlow."""


@dataclass(frozen=True)
class Device:
    """A device of TensorFlow.

    Attributes:
        name: ``CPU``, or ``GPU:0`` by the number among those that CUDA shows.
        place: TensorFlow's name of it in this process.
        card: what card it is, where it is a GPU.
    """

    name: str
    place: str
    card: str = ""

    @property
    def is_gpu(self) -> bool:
        """Whether lines are computed by kernels that are chosen by the shape of a batch."""
        return self.name.startswith("GPU")

    @property
    def number(self) -> int:
        """Of a GPU, among those that CUDA shows."""
        return int(self.name.partition(":")[2])

    def peak(self) -> int:
        """Most bytes that were taken there."""
        if self.place.startswith("/GPU"):
            return int(tf.config.experimental.get_memory_info(self.place[1:])["peak"])
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


CPU = Device("CPU", "/CPU:0")


def choose(wish: str, workers: int, cores: int | None = None) -> Device:
    """The device that ``wish`` ("auto", "cpu" or "gpu:K") means, with ``cores``, or all, shared among ``workers``.

    Raises:
        SetupError: there is no such GPU, or it was left out when TensorFlow was put to work in this process.
    """
    gpus = tf.config.list_physical_devices("GPU")
    number = int(wish.partition(":")[2] or 0)
    if wish.startswith("gpu") and number >= len(gpus):
        why = why_unused() or f"TensorFlow sees {len(gpus)}, beginning with gpu:0"
        raise SetupError(f"there is no {wish} here: {why}; or use --device cpu")
    chosen = [] if wish == "cpu" else gpus[number : number + 1]
    # A line is to be computed alike in every run: cuDNN's kernels by the shape, not by the stopwatch, and none whose
    # sums depend on chance.
    for name, value in (("TF_CUDNN_USE_AUTOTUNE", "0"), ("TF_CUDNN_DETERMINISTIC", "1")):
        os.environ.setdefault(name, value)
    try:
        # Those that are not used are not taken: TensorFlow takes memory on each that it sees.
        tf.config.set_visible_devices(chosen, "GPU")
        for gpu in chosen:
            tf.config.experimental.set_memory_growth(gpu, True)
        # Each of TensorFlow's threads keeps the last 1,024 kernels of oneDNN that it has used, one for each layer and
        # shape of batch: more threads than cores are no faster, and take memory that grows for long.
        cores = cores or processors()
        busy = min(workers, cores)
        tf.config.threading.set_inter_op_parallelism_threads(busy)
        tf.config.threading.set_intra_op_parallelism_threads(cores // busy)
    except RuntimeError:
        # TensorFlow runs already, in the caller's way.
        pass
    if not chosen:
        return CPU
    visible = tf.config.get_visible_devices("GPU")
    if chosen[0] not in visible:
        raise SetupError(f"gpu:{number} cannot be chosen any more: TensorFlow is at work in this process without it")
    return Device(f"GPU:{number}", f"/GPU:{visible.index(chosen[0])}", _card(chosen[0]))


def leave_gpus() -> Device:
    """The processor, after a GPU could not be used."""
    with suppress(RuntimeError):  # it runs already: then what is placed on the processor stays there
        tf.config.set_visible_devices([], "GPU")
    return CPU


def _card(gpu: tf.config.PhysicalDevice) -> str:
    details = tf.config.experimental.get_device_details(gpu)
    capability = ".".join(map(str, details.get("compute_capability", ())))
    return f"{details.get('device_name', 'unknown card')}, compute capability {capability or 'unknown'}"


def cards() -> list[str]:
    """The cards that TensorFlow sees."""
    return [_card(gpu) for gpu in tf.config.list_physical_devices("GPU")]


def driver(root: Path = Path("/")) -> str:
    """The version of NVIDIA's driver, or nothing where none is loaded."""
    try:
        text = (root / "proc/driver/nvidia/version").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    found = re.search(r"Kernel Module.*?(\d+(?:\.\d+)+)", text)
    return found[1] if found else "unknown"


def why_unused(root: Path = Path("/")) -> str:
    """Why TensorFlow sees no GPU, and what to do; nothing where it sees one."""
    if tf.config.list_physical_devices("GPU"):
        return ""
    if not driver(root):
        return "no driver of an NVIDIA card is loaded (a container needs --gpus all)"
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1"):
        return "CUDA_VISIBLE_DEVICES hides all cards"
    if not tf.test.is_built_with_cuda():
        return "this TensorFlow computes on processors only: pip install '.[gpu]' in a clone of multirec"
    return (
        "CUDA's libraries are missing or do not go with the card's driver: pip install '.[gpu]' in a clone of "
        "multirec; TF_CPP_MIN_LOG_LEVEL=0 multirec predict -v says more"
    )
