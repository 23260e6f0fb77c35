"""How large a batch may be: from the memory that is really free, not from the data.

On a GPU the free memory is the driver's figure, since TensorFlow knows of its own allocations only; on a CPU
it is what the machine has available, within the limit of the control group.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}

SHARE = 0.5
"""Part of the free memory that batches may take; the rest is for pictures read ahead and for others."""

BEST_COLUMNS_CPU = 8192
"""Pixel columns of a batch beyond which a CPU gains nothing: its caches, not its memory, set the pace."""

BEST_COLUMNS_GPU = 1 << 18
"""Likewise for a GPU."""


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


def available(root: Path = Path("/")) -> int:
    """Bytes available on this machine: the kernel's estimate, within the control group's limit (v2, v1).

    ``root`` is where ``proc`` and ``sys`` are mounted.
    """
    free = []
    try:
        meminfo = (root / "proc/meminfo").read_text(encoding="ascii")
        free += [int(kib) * 1024 for kib in re.findall(r"^MemAvailable:\s+(\d+) kB", meminfo, re.MULTILINE)]
    except OSError:
        pass
    for folder, limit, used in (
        ("sys/fs/cgroup", "memory.max", "memory.current"),
        ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        group = root / folder
        try:
            left = int((group / limit).read_text()) - int((group / used).read_text())
        except (OSError, ValueError):  # ValueError: "max", no limit
            continue
        free.append(max(0, left + _cached(group / "memory.stat")))
    if free:
        return min(free)
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (ValueError, OSError, AttributeError):
        return 2 << 30


def _cached(stat: Path) -> int:
    """Bytes of files that a control group's memory holds and would give up at once."""
    try:
        found = re.search(r"^(?:total_)?inactive_file (\d+)", stat.read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def free_on_gpu(visible: str | None = None) -> int | None:
    """Free bytes of the first GPU that TensorFlow sees, by NVML; None without ``nvidia-ml-py``.

    NVML counts all GPUs of the machine, TensorFlow those in ``CUDA_VISIBLE_DEVICES`` (``visible``), by number
    or by UUID.
    """
    try:
        import pynvml
    except ImportError:
        return None
    if visible is None:
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    first = (visible or "0").split(",")[0].strip()
    try:
        pynvml.nvmlInit()
        if first.isdigit():
            handle = pynvml.nvmlDeviceGetHandleByIndex(int(first))
        else:
            handle = pynvml.nvmlDeviceGetHandleByUUID(first)
        return int(pynvml.nvmlDeviceGetMemoryInfo(handle).free)
    except pynvml.NVMLError:
        return None
