"""What a process may use, in trees of files as the kernel shows them to containers, services and jobs."""

import os
import resource
import subprocess
import sys

import pytest

from multirec import machine
from multirec.machine import available, processors

GIB = 1 << 30
MEMINFO = {"proc/meminfo": "MemTotal: 64000000 kB\nMemAvailable:    8000000 kB\n"}
V2, V1 = "sys/fs/cgroup", "sys/fs/cgroup/memory"


def tree(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def memory(group, most, used=0, high="max"):
    return {
        f"{group}/memory.max": f"{most}\n",
        f"{group}/memory.high": f"{high}\n",
        f"{group}/memory.current": f"{used}\n",
    }


@pytest.fixture(autouse=True)
def many_processors(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(64)))


def test_without_control_groups_it_is_what_the_machine_has(tmp_path):
    assert available(tree(tmp_path, MEMINFO)) == 8000000 * 1024
    assert processors(tmp_path) == 64
    assert available(tmp_path / "nothing") > 0


@pytest.mark.parametrize(
    ("own", "slice_", "root", "left"),
    [
        ("max", "max", "max", 8000000 * 1024),
        (3 * GIB, "max", "max", 3 * GIB),
        ("max", 2 * GIB, "max", 2 * GIB),
        ("max", 2 * GIB, GIB, GIB),
        (GIB, 2 * GIB, 3 * GIB, GIB),
    ],
)
def test_the_tightest_memory_limit_up_to_the_root_counts(tmp_path, own, slice_, root, left):
    files = MEMINFO | {"proc/self/cgroup": "0::/batch.slice/night.service\n"}
    files |= memory(f"{V2}/batch.slice/night.service", own) | memory(f"{V2}/batch.slice", slice_) | memory(V2, root)
    assert available(tree(tmp_path, files)) == left


def test_what_others_in_a_group_hold_is_not_free_but_what_they_only_cache_is(tmp_path):
    files = MEMINFO | {"proc/self/cgroup": "0::/slice/job\n"} | memory(f"{V2}/slice/job", "max", GIB)
    files |= memory(f"{V2}/slice", 4 * GIB, 3 * GIB)
    assert available(tree(tmp_path, files)) == GIB
    assert available(tree(tmp_path, {f"{V2}/slice/memory.stat": f"anon 7\ninactive_file {GIB // 2}\n"})) == GIB * 3 // 2
    assert available(tree(tmp_path, {f"{V2}/slice/memory.current": f"{5 * GIB}\n"})) == 0


def test_a_limit_that_only_slows_is_one_too(tmp_path):
    files = MEMINFO | {"proc/self/cgroup": "0::/job\n"} | memory(f"{V2}/job", 4 * GIB, GIB, high=2 * GIB)
    assert available(tree(tmp_path, files)) == GIB


def test_memory_limits_of_version_1(tmp_path):
    none = "9223372036854771712\n"
    files = MEMINFO | {
        "proc/self/cgroup": "5:memory:/slurm/uid_1/job_7\n3:cpu,cpuacct:/\n0::/\n",
        f"{V1}/memory.limit_in_bytes": none, f"{V1}/memory.usage_in_bytes": "1\n",
        f"{V1}/slurm/uid_1/memory.limit_in_bytes": f"{2 * GIB}\n",
        f"{V1}/slurm/uid_1/memory.usage_in_bytes": f"{GIB}\n",
        f"{V1}/slurm/uid_1/job_7/memory.limit_in_bytes": none, f"{V1}/slurm/uid_1/job_7/memory.usage_in_bytes": "1\n",
    }  # fmt: skip
    assert available(tree(tmp_path, files)) == GIB


@pytest.mark.parametrize("told", ["/docker/0123", "/../../docker/0123", "/docker/0123/inner", "/inner"])
def test_a_mount_that_begins_at_the_containers_own_group(tmp_path, told):
    """The path is told as the host sees it; what is mounted is that group alone."""
    files = MEMINFO | {"proc/self/cgroup": f"0::{told}\n"} | memory(V2, 2 * GIB) | memory(f"{V2}/inner", GIB)
    assert available(tree(tmp_path, files)) == (GIB if "inner" in told else 2 * GIB)


@pytest.mark.parametrize(
    ("own", "outer", "most"),
    [
        ("max 100000", "max 100000", 64),
        ("200000 100000", "max 100000", 2),
        ("max 100000", "150000 100000", 2),  # one and a half: two threads use it up
        ("400000 100000", "50000 100000", 1),
        ("6400000 50000", "max 100000", 64),
    ],
)
def test_the_tightest_quota_of_processors_up_to_the_root_counts(tmp_path, own, outer, most):
    files = {
        "proc/self/cgroup": "0::/pod/box\n",
        f"{V2}/pod/box/cpu.max": f"{own}\n",
        f"{V2}/pod/cpu.max": f"{outer}\n",
    }
    assert processors(tree(tmp_path, files)) == most


def test_quotas_of_version_1_beside_version_2(tmp_path):
    files = {
        "proc/self/cgroup": "3:cpu,cpuacct:/docker/ab\n0::/\n", "sys/fs/cgroup/unified/cgroup.procs": "",
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/cpu/docker/ab/cpu.cfs_quota_us": "250000\n",
        "sys/fs/cgroup/cpu/docker/ab/cpu.cfs_period_us": "100000\n",
    }  # fmt: skip
    assert processors(tree(tmp_path, files)) == 3


def test_readers_keep_to_the_quota(tmp_path, monkeypatch):
    from multirec.options import Options

    monkeypatch.setattr(machine.processors, "__defaults__", (tree(tmp_path, {f"{V2}/cpu.max": "100000 100000\n"}),))
    assert Options().readers == 1


def test_a_limit_of_address_space_counts():
    """``ulimit -v``, which some schedulers of clusters set."""
    program = "from multirec.machine import available; print(available())"
    limit = 2 * GIB
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )  # fmt: skip
    assert 0 < int(done.stdout) < limit
