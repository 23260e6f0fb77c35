"""How large a batch may be: from the memory that is really free, not from the data.

On a GPU the free memory is the driver's figure, since TensorFlow knows of its own allocations only; on a CPU
it is what ``multirec.machine`` says.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}

SHARE = 0.5
"""Part of the free memory that batches may take; the rest is for pictures read ahead and for others."""

BEST_COLUMNS_CPU = 8192
"""Pixel columns of a batch beyond which a CPU gains nothing: its caches, not its memory, set the pace."""

COLUMNS_GPU = 1 << 15
"""Pixel columns of every batch on a GPU, whatever is free there: which kernel computes a line depends on the shape."""


def parse_size(text: str) -> int:
    """Bytes from ``512M``, ``2G``, ``1.5GiB`` or a plain number.

    Raises:
        ValueError: not a size.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?\s*", text, re.IGNORECASE)
    if match is None:
        raise ValueError(f"{text!r} is not a size: write for example 512M or 2G")
    return int(float(match[1]) * _UNITS[match[2].upper()])


@dataclass(frozen=True)
class Plan:
    """The batch size of a run, and where it comes from."""

    device: str
    free: int
    """Bytes that batches share."""
    workers: int
    bytes_per_column: int
    """Bytes that one model needs for a pixel column, learned at warm-up."""
    columns: int
    """Pixel columns of a batch, N x W."""

    def lines(self, width: int) -> int:
        """Lines of ``width`` columns in a batch."""
        return max(1, self.columns // width)


def plan(device: str, free: int, workers: int, bytes_per_column: int, best: int) -> Plan:
    """Share ``free`` bytes among the workers; no batch larger than ``best`` columns."""
    columns = int(free * SHARE) // max(1, workers) // max(1, bytes_per_column)
    return Plan(device, free, workers, bytes_per_column, max(1, min(columns, best)))


def free_on_gpu(number: int = 0, visible: str | None = None) -> int | None:
    """Free bytes of the GPU that CUDA shows as ``number``, by NVML; None without ``nvidia-ml-py``.

    NVML counts all GPUs of the machine, CUDA those in ``CUDA_VISIBLE_DEVICES`` (``visible``), by number or by UUID.
    """
    try:
        import pynvml
    except ImportError:
        return None
    if visible is None:
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    shown = visible.split(",") if visible else []
    name = shown[number].strip() if number < len(shown) else str(number)
    try:
        pynvml.nvmlInit()
        if name.isdigit():
            handle = pynvml.nvmlDeviceGetHandleByIndex(int(name))
        else:
            handle = pynvml.nvmlDeviceGetHandleByUUID(name)
        return int(pynvml.nvmlDeviceGetMemoryInfo(handle).free)
    except pynvml.NVMLError:
        return None
