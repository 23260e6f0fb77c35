"""Which device computes, and what happens where it cannot.

No GPU is at hand: what is simulated is a second CPU of TensorFlow's under a GPU's name, in processes of their own, as
the settings that go with it stay.  All that does not ask the card itself is the way a GPU goes.
"""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from multirec import ExitCode, Options
from multirec.cli.main import main
from tests.conftest import SAMPLES, multirec

SIGN = str(SAMPLES / "sign.png")

SIMULATED = """
import json, sys, warnings
import numpy as np
from multirec.models.framework import tf
from multirec.models import pair
from multirec.models.device import Device

(cpu,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
gpu = Device("GPU:0", "/CPU:1", "a simulated card")
real = pair.choose
pair.choose = lambda wish, workers, cores: real("cpu", workers, cores) if wish == "cpu" else gpu
pair.free_on_gpu = lambda number: FREE << 20
pair.COLUMNS_GPU = 1 << 12
FREE = 8192
shapes, places = [], set()
compute = pair.MultiModel._compute

def watched(self, model, pixels):
    shapes.append(pixels.shape)
    places.add(self._device.place)
    if fails(self._device):
        raise fails(self._device)
    return compute(self, model, pixels)

pair.MultiModel._compute = watched
fails = lambda device: None
full = tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor\\nwith shape")
"""


def simulated(program, *arguments):
    command = [sys.executable, "-c", SIMULATED + program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, timeout=300, check=False)


def printed(done):
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout.splitlines()[-1])


SHAPES = """
from multirec.options import Options
from multirec.recognizer import Recognizer

images = sys.argv[1:] + sys.argv[1:3]
with Recognizer(Options()) as auto, Recognizer(Options(precision="float32")) as exact:
    shapes.clear()
    rows = list(exact.read(images))
    object.__setattr__(exact.options, "batch_size", 1)
    same = list(exact.read(images)) == rows
    used = sorted(set(shapes))
    noise = np.random.default_rng(1).integers(0, 256, (11, 64, 1024, 4), np.uint8)
    cut = exact.models.predict(0, noise)  # more than one batch
    alone = np.concatenate([exact.models.predict(0, noise[i : i + 3]) for i in range(0, 11, 3)])
    names = exact.models.device, exact.models.card, auto.models.precision, exact.models.precision
    columns = exact.plan.columns
    tf32 = tf.config.experimental.tensor_float_32_execution_enabled()
elsewhere = sorted(places)
with Recognizer(Options(device="cpu", precision="float32")) as plain:
    texts = [r.text for r in plain.read(images)] == [r.text for r in rows]
    names = *names, plain.models.device
print(json.dumps([used, elsewhere, same, bool(np.array_equal(cut, alone)), names, columns, tf32, texts]))
"""


@pytest.mark.models
def test_on_a_gpu_every_batch_of_a_width_has_one_shape():
    """So that a line is computed by the same kernel, however many there are, and without TF32 where that is asked."""
    done = simulated(SHAPES, *sorted(SAMPLES.glob("*.png")))
    shapes, places, same, cut, names, columns, tf32, texts = printed(done)
    assert places == ["/CPU:1"]
    assert len(shapes) == len({width for _, _, width, _ in shapes}) > 1
    assert all(lines == (1 << 12) // width for lines, _, width, _ in shapes)
    assert columns == 1 << 12
    assert same and cut and texts
    assert names == ["GPU:0", "a simulated card", "tf32", "float32", "CPU"]
    assert tf32 is False


FALLEN_BACK = """
from multirec.options import Options
from multirec.recognizer import Recognizer

with warnings.catch_warnings(record=True) as said, Recognizer(Options()) as recognizer:
    known = recognizer.models.device, recognizer.models.traces, recognizer.plan.device
    text = next(recognizer.read(sys.argv[1:])).text
print(json.dumps([known, text, [str(warning.message) for warning in said]]))
"""


@pytest.mark.models
@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ("fails = lambda device: full if device.is_gpu else None", "(OOM when allocating tensor): do other"),
        ("fails = lambda device: device.is_gpu and tf.errors.InternalError(None, None, 'CUDA: OOM')", "(CUDA: OOM)"),
        ("FREE = 8", "(of the memory of GPU:0 8 MiB are free or allowed, "),
    ],
)
def test_a_gpu_that_others_fill_is_left_for_the_cpu_with_a_warning(spoilt, reason):
    """When it is tried out, when its runtime is started, or since too little is left for the batches to come."""
    known, text, (said,) = printed(simulated(spoilt + FALLEN_BACK, SIGN))
    assert (known, text) == (["CPU", 2, "CPU"], "HARBOUR OFFICE")
    assert said.startswith(f"GPU:0 (a simulated card) cannot be used {reason}")
    assert "nvidia-smi" in said and said.endswith("going on on the CPU")


@pytest.mark.models
def test_a_gpu_that_was_asked_for_and_is_full_ends_the_run(tmp_path):
    program = "fails = lambda device: full\nfrom multirec.cli.main import main\nmain()\n"
    done = simulated(program, "predict", SIGN, "--device", "gpu:0", "-o", tmp_path / "out.csv")
    assert done.returncode == ExitCode.SETUP
    assert b"multirec: GPU:0 (a simulated card) cannot be used (OOM when allocating tensor): do other" in done.stderr
    assert b"--device cpu" in done.stderr
    assert b"Traceback" not in done.stderr
    little = simulated("from multirec.cli.main import main\nmain()\n", "predict", SIGN, "--memory-limit", "8M")
    assert little.returncode == ExitCode.SETUP
    assert b"8 MiB are free or allowed" in little.stderr


@pytest.mark.models
def test_a_gpu_that_is_not_there():
    done = multirec("predict", SIGN, "--device", "gpu:7")
    assert done.returncode == ExitCode.SETUP
    assert b"multirec: there is no gpu:7 here: " in done.stderr
    assert done.stdout == b""
    usual, cpu = (multirec("predict", SIGN, "--device", device).stdout for device in ("auto", "CPU"))
    assert usual == cpu != b""


@pytest.mark.parametrize("device", ["gpu", "gpu:", "gpu:-1", "tpu", "gpu:x", ""])
def test_what_is_no_device(device):
    result = CliRunner().invoke(main, ["predict", SIGN, "--device", device])
    assert result.exit_code == ExitCode.USAGE
    assert "is neither auto, nor cpu, nor gpu: and a number" in result.stderr
    with pytest.raises(ValueError, match="device must be auto, cpu or gpu:K"):
        Options(device=device)


@pytest.mark.models
def test_why_a_card_is_not_used(tmp_path, monkeypatch):
    from multirec.models import device
    from multirec.models.framework import tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert "no driver" in device.why_unused(tmp_path)
    assert device.driver(tmp_path) == ""
    version = tmp_path / "proc/driver/nvidia/version"
    version.parent.mkdir(parents=True)
    version.write_text(
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  575.57.08  Release Build  (dvs)\n"
        "GCC version:  gcc version 12.2.0\n"
    )
    assert device.driver(tmp_path) == "575.57.08"
    assert ("libraries are missing" if tf.test.is_built_with_cuda() else "on processors only") in device.why_unused(
        tmp_path
    )
    monkeypatch.setattr(tf.test, "is_built_with_cuda", lambda: False)
    assert "on processors only" in device.why_unused(tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert "hides all cards" in device.why_unused(tmp_path)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["one"])
    assert device.why_unused(tmp_path) == ""


@pytest.mark.models
def test_info_says_what_cards_there_are():
    known = json.loads(multirec("info", "--json").stdout)
    assert set(known["gpu"]) == {"cards", "driver", "unused"}
    assert bool(known["gpu"]["cards"]) != bool(known["gpu"]["unused"])
