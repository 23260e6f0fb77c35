"""What this process may use of the machine: its processors and memory, within whatever holds it to less.

Containers, services (systemd) and jobs (Slurm, Kubernetes) are held by control groups, which lie in each other, so
that the tightest limit from one's own group up to the root counts: Linux, Documentation/admin-guide/cgroup-v2.rst and
cgroup-v1/.  ``root`` is where ``proc`` and ``sys`` are mounted.
"""

from __future__ import annotations

import math
import os
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from multirec.errors import SetupError

ROOT = Path("/")


def processors(root: Path = ROOT) -> int:
    """How many processors' time this process may take, 1 or more: those it may run on, within its groups' quota."""
    affine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    shares = []
    for group in _groups(root, ""):
        quota, _, period = _text(group / "cpu.max").partition(" ")
        shares.append((quota, period))
    for group in _groups(root, "cpu"):
        shares.append((_text(group / "cpu.cfs_quota_us"), _text(group / "cpu.cfs_period_us")))
    quotas = [int(q) / int(p) for q, p in shares if q.isdecimal() and p.isdecimal() and int(p)]  # others: no limit
    return max(1, min([affine, *map(math.ceil, quotas)]))


def available(root: Path = ROOT) -> int:
    """Bytes of memory that this process can still take: the kernel's estimate, within its groups' and its own limit."""
    meminfo = re.search(r"^MemAvailable:\s+(\d+) kB", _text(root / "proc/meminfo"), re.MULTILINE)
    free = [int(meminfo[1]) * 1024] if meminfo else []
    for controller, limits, used in (
        ("", ("memory.max", "memory.high"), "memory.current"),
        ("memory", ("memory.limit_in_bytes",), "memory.usage_in_bytes"),
    ):
        for group in _groups(root, controller):
            usage = _text(group / used)
            most = [int(text) for text in (_text(group / limit) for limit in limits) if text.isdecimal()]  # else "max"
            if most and usage.isdecimal():
                free.append(max(0, min(most) - int(usage) + _cached(group)))
    free += _own(root)
    if free:
        return min(free)
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (ValueError, OSError, AttributeError):
        return 2 << 30


NO_MEMORY = "not enough memory: about 1.5 GB are needed (the container's limit, ulimit -v, what other programs hold)"


@contextmanager
def starting_threads() -> Iterator[None]:
    """A block that starts threads.

    Raises:
        SetupError: no more are allowed.
    """
    try:
        yield
    except RuntimeError as error:
        if "start new thread" not in str(error):
            raise
        remedy = "raise the limit (the container's --pids-limit, ulimit -u, ulimit -v), or give fewer --workers"
        raise SetupError(f"no more threads can be started: {remedy}") from error


def _own(root: Path) -> Iterator[int]:
    """What is left below ``ulimit -v`` and ``ulimit -d``, by which some clusters' schedulers hold their jobs."""
    status = _text(root / "proc/self/status")
    for limit, name in ((resource.RLIMIT_AS, "VmSize"), (resource.RLIMIT_DATA, "VmData")):
        most = resource.getrlimit(limit)[0]
        used = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
        if most != resource.RLIM_INFINITY and used:
            yield max(0, most - int(used[1]) * 1024)


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """The folders of this process's control groups, its own first and the root last; of version 2 for no controller."""
    mounts = [root / "sys/fs/cgroup" / controller] if controller else []
    if not controller:  # where both versions are in use, the second is in a folder of its own
        mounts = [root / "sys/fs/cgroup/unified", root / "sys/fs/cgroup"]
    mount = next((m for m in mounts if m.is_dir()), None)
    if mount is None:
        return
    path: tuple[str, ...] = ()
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, place = line.split(":", 2)
        if controller in controllers.split(","):
            path = tuple(part for part in place.split("/") if part not in ("", ".."))
    # In a container the mount may begin at its own group, while the path is told as the host sees it.
    while path and not mount.joinpath(*path).is_dir():
        path = path[1:]
    for length in range(len(path), -1, -1):
        yield mount.joinpath(*path[:length])


def _cached(group: Path) -> int:
    """Bytes of files that a control group's memory holds and would give up at once."""
    found = re.search(r"^(?:total_)?inactive_file (\d+)", _text(group / "memory.stat"), re.MULTILINE)
    return int(found[1]) if found else 0


def _text(path: Path) -> str:
    """What is in a small file, or nothing."""
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
