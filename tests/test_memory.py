import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multirec.models.memory import SHARE, available, free_on_gpu, parse_size, plan


@pytest.mark.parametrize(
    ("text", "size"), [("1024", 1024), ("512M", 512 << 20), ("2g", 2 << 30), ("1.5GiB", 3 << 29), (" 7 KB ", 7168)]
)
def test_sizes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "M", "-1", "2X", "1,5G"])
def test_what_is_no_size(text):
    with pytest.raises(ValueError, match="not a size"):
        parse_size(text)


@given(st.integers(0, 1 << 40), st.integers(1, 64), st.integers(1, 1 << 16), st.integers(1, 1 << 20))
def test_all_workers_together_stay_within_their_share(free, workers, bytes_per_column, best):
    made = plan("CPU", free, workers, bytes_per_column, best)
    assert 1 <= made.columns <= best
    # One column is the least; above that the share holds.
    assert made.columns == 1 or made.columns * workers * bytes_per_column <= free * SHARE
    assert made.lines(256) >= 1


def machine(tmp_path, files):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return available(tmp_path)


def test_the_tighter_of_machine_and_control_group_counts(tmp_path):
    files = {"proc/meminfo": "MemTotal: 16000000 kB\nMemAvailable:    8000000 kB\n"}
    assert machine(tmp_path, files) == 8000000 * 1024
    files |= {"sys/fs/cgroup/memory.max": "max\n", "sys/fs/cgroup/memory.current": "1000\n"}
    assert machine(tmp_path, files) == 8000000 * 1024
    files |= {"sys/fs/cgroup/memory.max": "3000000000\n", "sys/fs/cgroup/memory.current": "1000000000\n"}
    assert machine(tmp_path, files) == 2000000000


def test_files_that_a_control_group_only_caches_leave_their_memory_free(tmp_path):
    files = {
        "proc/meminfo": "MemAvailable:    8000000 kB\n",
        "sys/fs/cgroup/memory.max": "3000\n", "sys/fs/cgroup/memory.current": "3000\n",
    }  # fmt: skip
    assert machine(tmp_path, files) == 0
    assert machine(tmp_path, files | {"sys/fs/cgroup/memory.stat": "anon 1000\ninactive_file 1999\n"}) == 1999


@pytest.mark.parametrize(("visible", "asked"), [(None, 0), ("1,0", 1), ("GPU-ab12", "GPU-ab12")])
def test_gpu_numbers_are_mapped_through_the_visible_devices(monkeypatch, visible, asked):
    """NVML knows nothing of CUDA_VISIBLE_DEVICES; no GPU is at hand, so its calls are recorded."""
    calls = []
    fake = types.SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlDeviceGetHandleByIndex=lambda i: calls.append(i),
        nvmlDeviceGetHandleByUUID=lambda u: calls.append(u),
        nvmlDeviceGetMemoryInfo=lambda handle: types.SimpleNamespace(free=123),
        NVMLError=OSError,
    )
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert free_on_gpu(visible) == 123
    assert calls == [asked]
