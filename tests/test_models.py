"""The models: bitwise the same in any batch and thread, never traced again, what Keras computes."""

import dataclasses
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from multirec import ModelError, Options
from multirec.inputs.widths import HEIGHT, STRIDE
from multirec.models.networks import NETWORKS
from multirec.models.pair import MultiModel, graph, weights
from multirec.models.processor import multiplies_bfloat16
from multirec.options import shipped
from multirec.training.model import build

pytestmark = pytest.mark.models

PAIR = (shipped("SEnet363"), shipped("SEnet484"))

UNCOLLECTED = "import gc\ngc.disable()\n"
"""Begins short programs that import TensorFlow: searching what stays for garbage is a third of that."""


def noise(n, width, seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, (n, HEIGHT, width, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[:, :, width - 10 :] = 0
    return pixels


@pytest.mark.parametrize("model", [0, 1])
@pytest.mark.parametrize("width", [32, 96, 320, 832, 1408])
def test_a_row_depends_on_its_image_alone(recognizer, model, width):
    models = recognizer.models
    pixels = noise(9, width)
    alone = np.concatenate([models.predict(model, pixels[i : i + 1]) for i in range(9)])
    assert alone.shape == (9, width // STRIDE, models.alphabet.nclass)
    assert np.array_equal(models.predict(model, pixels), alone)
    assert np.array_equal(models.predict(model, pixels[::-1])[::-1], alone)
    assert np.array_equal(models.predict(model, pixels[2:5]), alone[2:5])
    assert np.allclose(alone.sum(axis=2), 1, atol=1e-4)


def test_nothing_is_traced_after_warm_up(recognizer):
    models = recognizer.models
    assert models.traces == 2  # one a model
    for width in range(32, 1500, 64):
        models.predict(0, noise(1 + width % 3, width))
        models.predict(1, noise(1 + width % 5, width))
    assert models.traces == 2


def test_many_threads_get_what_one_gets(recognizer):
    models = recognizer.models
    work = [(model, noise(1 + k % 4, 64 + 32 * (k % 7), k)) for k in range(30) for model in (0, 1)]
    want = [models.predict(*item) for item in work]
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda item: models.predict(*item), work))
    assert all(np.array_equal(a, b) for a, b in zip(want, got, strict=True))


def test_the_two_models_are_two(recognizer):
    pixels = noise(1, 256)
    assert not np.allclose(recognizer.models.predict(0, pixels), recognizer.models.predict(1, pixels))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_graph_computes_what_the_keras_model_does(name):
    """The graph of constants, in float32, against the definition that was trained."""
    arrays, known = weights.load(shipped(name))
    nclass = len(known.alphabet) + 1
    model = build(NETWORKS[name], nclass)
    for variable in model.variables:
        variable.assign(arrays[variable.path])
    pixels = noise(2, 160)
    inside = pixels[..., 3:].astype(np.float32) / 255
    x = np.concatenate([(pixels[..., :3] / np.float32(127.5) - 1) * inside, inside], axis=-1)
    got = graph.apply(NETWORKS[name], nclass, arrays, pixels, "float32").numpy()
    assert np.allclose(model(x, training=False).numpy(), got, atol=1e-4)
    near = graph.apply(NETWORKS[name], nclass, arrays, pixels, "bfloat16").numpy()
    assert near.dtype == np.float32
    assert np.abs(near - got).mean() < 1e-2
    assert not np.array_equal(near, got)


def test_precision_is_the_processors_or_float32(tmp_path):
    for flags, native in (("fpu avx512f avx512_bf16", True), ("amx_bf16", True), ("fpu avx512f", False)):
        (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags : {flags}\n")
        assert multiplies_bfloat16(tmp_path / "cpuinfo") is native
    assert not multiplies_bfloat16(tmp_path / "missing")
    assert MultiModel(PAIR, precision="float32").precision == "float32"
    with pytest.raises(ValueError, match="precision must be one of auto, float32"):
        Options(precision="float16")


def changed(tmp_path, name, **changes):
    arrays, known = weights.load(shipped(name))
    path = tmp_path / f"{name}.npz"
    drop = changes.pop("drop", None)
    if drop:
        del arrays[drop]
    weights.save(path, arrays, dataclasses.replace(known, **changes))
    return path


def test_files_that_do_not_fit_are_refused_by_name(tmp_path):
    with pytest.raises(ModelError, match="weights of SEnet363, needed here are those of SEnet484"):
        MultiModel((PAIR[0], PAIR[0]))
    _, known = weights.load(PAIR[1])
    other = changed(tmp_path, "SEnet484", alphabet=known.alphabet[::-1])
    with pytest.raises(ModelError, match="alphabets differ"):
        MultiModel((PAIR[0], other))
    with pytest.raises(ModelError, match="versions differ"):
        MultiModel((PAIR[0], changed(tmp_path, "SEnet484", version="other")))
    with pytest.raises(ModelError, match=r"SEnet484\.npz: does not fit"):
        MultiModel((PAIR[0], changed(tmp_path, "SEnet484", drop="logits/kernel")))


def test_says_where_a_row_would_depend_on_its_batch():
    """TensorFlow without oneDNN, as on some processors: imported first, or by multirec, which asks for it."""
    program = (
        "import warnings\n"
        "import numpy as np\n"
        "warnings.simplefilter('always')\n"
        "from tests.test_models import PAIR, MultiModel, noise\n"
        "with warnings.catch_warnings(record=True) as said:\n"
        "    models = MultiModel(PAIR, precision='float32')\n"
        "pixels = noise(9, 320)\n"
        "alone = np.concatenate([models.predict(0, pixels[i : i + 1]) for i in range(9)])\n"
        "same = np.array_equal(models.predict(0, pixels), alone)\n"
        "print(same, models.repeatable, not any('in a batch' in str(w.message) for w in said))\n"
    )
    for first, known in (("import tensorflow\n", None), ("", "True")):
        run = subprocess.run(
            [sys.executable, "-c", UNCOLLECTED + first + program], env=os.environ | {"TF_ENABLE_ONEDNN_OPTS": "0"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        same, repeatable, quiet = run.stdout.split()
        assert same == repeatable == quiet == (known or same)


def test_more_workers_than_cores_get_no_more_threads_of_tensorflow():
    """Each of these threads would keep kernels of its own."""
    program = UNCOLLECTED + (
        "from multirec import Options, Recognizer\n"
        "Recognizer(Options(workers=64))\n"
        "import os, tensorflow as tf\n"
        "threading = tf.config.threading\n"
        "print(threading.get_inter_op_parallelism_threads() <= len(os.sched_getaffinity(0)),\n"
        "      threading.get_intra_op_parallelism_threads())\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True", "1"]
