import io
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from multirec.errors import ModelError
from multirec.models import weights
from multirec.models.weights import Metadata
from multirec.options import shipped

ARRAYS = {"a/kernel": np.arange(6, dtype=np.float32).reshape(2, 3), "a/bias": np.zeros(3, np.float32)}
KNOWN = Metadata("SEnet363", "abcß", "7", {"steps": 12})


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "w.npz"
    weights.save(path, ARRAYS, KNOWN)
    return path


def test_round_trip(file):
    arrays, known = weights.load(file)
    assert {n: a.tolist() for n, a in arrays.items()} == {n: a.tolist() for n, a in ARRAYS.items()}
    assert (known.network, known.alphabet, known.version, known.training) == ("SEnet363", "abcß", "7", {"steps": 12})


def test_a_file_of_another_format_is_refused_by_name(tmp_path, monkeypatch):
    path = tmp_path / "old.npz"
    with monkeypatch.context() as patched:
        patched.setattr(weights, "FORMAT", weights.OLDEST - 1)
        weights.save(path, ARRAYS, KNOWN)
    with pytest.raises(ModelError, match=rf"old\.npz: weights of format {weights.OLDEST - 1}, .* or train again"):
        weights.load(path)


def test_a_file_cut_anywhere_is_refused_by_name(file):
    data = file.read_bytes()
    for size in range(0, len(data), 37):
        file.write_bytes(data[:size])
        with pytest.raises(ModelError, match=r"w\.npz.*(give another file|install)"):
            weights.load(file)


def test_a_changed_byte_is_refused(file):
    """Wherever it is in the arrays: zip's own CRC or the checksum sees it."""
    data = bytearray(file.read_bytes())
    for at in range(0, len(data) // 2, 5):
        changed = bytearray(data)
        changed[at] ^= 0x55
        file.write_bytes(bytes(changed))
        try:
            arrays, known = weights.load(file)
        except ModelError:
            continue
        assert weights.checksum(arrays) == known.sha256  # a byte that means nothing, such as a time stamp


def test_swapped_arrays_do_not_match_the_checksum(file):
    arrays = {**ARRAYS, "a/bias": np.ones(3, np.float32)}
    text = zipfile.ZipFile(file).read("metadata.npy")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("metadata.npy", text)
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array)
            archive.writestr(f"{name}.npy", buffer.getvalue())
    with pytest.raises(ModelError, match="checksum"):
        weights.load(file)


def test_a_pickle_is_not_run(tmp_path):
    ran = tmp_path / "ran"

    class Trap:
        def __reduce__(self):
            return open, (str(ran), "w")

    path = tmp_path / "trap.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.npy", pickle.dumps(Trap()))
    with pytest.raises(ModelError):
        weights.load(path)
    np.savez(path, metadata=np.array([Trap()], object))
    with pytest.raises(ModelError):
        weights.load(path)
    assert not ran.exists()


def test_missing_and_foreign_files(tmp_path):
    with pytest.raises(ModelError, match="no such weights file"):
        weights.load(tmp_path / "none.npz")
    with pytest.raises(ModelError, match="cannot be read"):
        weights.load(tmp_path)
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(ModelError, match="not a weights file"):
        weights.load(tmp_path / "other.npz")


@pytest.mark.parametrize("name", ["SEnet363", "SEnet484"])
def test_the_shipped_weights_say_how_they_were_made(name):
    arrays, known = weights.load(shipped(name))
    assert known.network == name
    assert known.training["steps"] > 1000
    assert sum(a.size for a in arrays.values()) < 6_000_000


def test_the_shipped_weights_are_small():
    assert sum(path.stat().st_size for path in shipped("language").parent.glob("*.npz")) < 25_000_000


def test_nothing_that_is_measured_on_was_trained_on():
    measured = set((shipped("SEnet363").parent / "measured_on.txt").read_text().split())
    for network in ("SEnet363", "SEnet484", "language"):
        trained = set(weights.load(shipped(network))[1].trained_on)
        assert len(trained) > 5000
        assert len(measured) > 2000
        assert not trained & measured


def test_the_mean_of_two_weights_files(file, tmp_path):
    script, out = Path(__file__).parents[1] / "weights" / "average.py", tmp_path / "mean.npz"
    later = Metadata("SEnet363", "abcß", "8", {"steps": 3}, {"of": "that pair"}, ["b"])
    for name, known in (("after", later), ("other", Metadata("SEnet484", "abcß", "8"))):
        weights.save(tmp_path / f"{name}.npz", {n: a + 1 for n, a in ARRAYS.items()}, known)
    subprocess.run([sys.executable, script, out, file, tmp_path / "after.npz"], check=True)
    arrays, known = weights.load(out)
    assert {n: a.tolist() for n, a in arrays.items()} == {n: (a + 0.5).tolist() for n, a in ARRAYS.items()}
    assert all(a.dtype == np.float32 for a in arrays.values())
    assert (known.version, known.trained_on, known.calibration) == ("8", ["b"], {})
    refused = subprocess.run([sys.executable, script, out, file, tmp_path / "other.npz"], capture_output=True)
    assert refused.returncode == 2 and b"networks or alphabets differ" in refused.stderr
