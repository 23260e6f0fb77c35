"""What the processor does natively."""

from __future__ import annotations

import platform
from pathlib import Path


def multiplies_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this processor has instructions for products of bfloat16 (AVX-512 BF16 or AMX).

    Where it has none, they are emulated, slower than float32 several times over.
    """
    try:
        flags = next(line for line in cpuinfo.read_text(encoding="ascii").splitlines() if line.startswith("flags"))
    except (OSError, StopIteration):
        return False
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(flags.split())


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Its name, as its maker gave it; that of its kind where it has none."""
    try:
        lines = cpuinfo.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
