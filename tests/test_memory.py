import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multirec.models.memory import SHARE, free_on_gpu, parse_size, plan


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


@pytest.mark.parametrize(
    ("number", "visible", "asked"),
    [(0, None, 0), (1, None, 1), (0, "1,0", 1), (1, "1, 3", 3), (0, "GPU-ab12", "GPU-ab12"), (1, "2,GPU-ab", "GPU-ab")],
)
def test_gpu_numbers_are_mapped_through_the_visible_devices(monkeypatch, number, visible, asked):
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
    assert free_on_gpu(number, visible) == 123
    assert calls == [asked]
