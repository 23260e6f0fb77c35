"""Training's parts: text, rendering, degrading, batches, a new alphabet, the loop; and short real trainings."""

import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multirec import ExitCode
from multirec.decoding import ctc
from multirec.inputs.widths import HEIGHT, STRIDE, grid_width
from multirec.models import weights
from multirec.models.alphabet import Alphabet
from multirec.options import shipped
from multirec.training import adapt, degrade, fonts, signs
from multirec.training.batches import ROUND, Batches, Mix
from multirec.training.lines import Line, hold_out, read_folder
from multirec.training.render import Renderer, write_folder
from multirec.training.texts import TextSource
from tests.conftest import SAMPLES, multirec

ALPHABET = Alphabet()


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "en.txt"
    lines = "The quick brown fox jumps over the lazy dog. Ωmega is not Latin.\nЭто тоже.\n"
    path.write_text(lines * 5, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def faces():
    """The faces that matplotlib ships."""
    import matplotlib

    return fonts.source([Path(matplotlib.get_data_path()) / "fonts" / "ttf"])


@pytest.fixture(scope="module")
def renderer(text, faces):
    return Renderer(TextSource([text], ALPHABET), faces)


@given(st.integers(0, 10_000), st.integers(1, 80))
def test_text_is_within_the_alphabet_and_about_as_long_as_wished(text, seed, length):
    drawn = TextSource([text], ALPHABET).draw(random.Random(seed), length).text
    assert drawn
    assert ALPHABET.covers(drawn)
    assert drawn == " ".join(drawn.split())
    assert len(drawn) <= 2 * length + 60


def test_nothing_to_draw_from_is_said(tmp_path):
    (tmp_path / "empty.txt").write_text("")
    with pytest.raises(ValueError, match="no text"):
        TextSource([tmp_path / "empty.txt"], ALPHABET)
    with pytest.raises(ValueError, match="no font"):
        fonts.source([tmp_path])


def test_a_listing_of_faces(tmp_path, faces):
    face = next(iter(faces._kinds.values()))[0]
    (tmp_path / "fonts.tsv").write_text(f"{face.path}\tserif\té\n", encoding="utf-8")
    source = fonts.source([tmp_path / "fonts.tsv"])
    assert len(source) == 1
    assert source.draw(random.Random(0), "cafe").kind == "serif"
    assert source.draw(random.Random(0), "café") is None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_rendered_lines(renderer, seed):
    image, label = renderer.draw(random.Random(seed))
    assert image.dtype == np.uint8
    assert image.shape[0] == HEIGHT
    assert ALPHABET.covers(label)
    again, same = renderer.draw(random.Random(seed))
    assert same == label
    assert np.array_equal(image, again)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(8, 600))
def test_augmented_lines_stay_lines(seed, width):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (HEIGHT, width), np.uint8)
    out = degrade.augment(image, random.Random(seed))
    assert out.dtype == np.uint8
    assert out.shape[0] == HEIGHT
    assert 0.5 * width <= out.shape[1] < 2 * width + 2 * HEIGHT


def test_batches_are_a_function_of_seed_and_round(renderer):
    def drawn(seed, number):
        return Batches(ALPHABET, [read_folder(SAMPLES)], renderer, seed, 1024).round(number, Mix(0.3, 20))

    first, again, other = drawn(1, 5), drawn(1, 5), drawn(1, 6)
    assert all(
        np.array_equal(a.pixels, b.pixels) and np.array_equal(a.labels, b.labels)
        for a, b in zip(first, again, strict=True)
    )
    assert len(first) == ROUND
    assert not all(np.array_equal(a.labels, b.labels) for a, b in zip(first, other, strict=True))
    for batch in first:
        n, height, width, channels = batch.pixels.shape
        assert (n, height, channels) == (max(1, 1024 // width), HEIGHT, 4)
        assert batch.labels.shape == (n, width // STRIDE)
        assert grid_width(width) == width
        for row, padded in zip(batch.pixels, batch.labels, strict=True):
            inside = row[0, :, 3] == 255
            assert inside[: inside.sum()].all()  # the padding is at the end
            assert (row[:, ~inside] == 0).all()
            label = padded[padded > 0]
            assert (padded[: len(label)] > 0).all()
            assert 0 < len(label) <= inside.sum() // STRIDE


def test_a_stream_goes_on_anywhere_and_from_any_number_of_processes(renderer):
    batches = Batches(ALPHABET, [read_folder(SAMPLES)], renderer, 2, 512)

    def drawn(step, count, renderers=0):
        stream = batches.stream(step, lambda step: Mix(0.5, 10 + step), renderers)
        return [batch.labels.tolist() for batch in itertools.islice(stream, count)]

    whole = drawn(0, 2 * ROUND + 3)
    assert drawn(ROUND + 1, ROUND + 2) == whole[ROUND + 1 :]
    assert drawn(0, ROUND + 1, renderers=1) == whole[: ROUND + 1]


def test_small_folders_are_not_lost_beside_large_ones_and_lines_are_read_when_drawn(tmp_path):
    read = []

    class Counted(Line):
        def grey(self):
            read.append(self.text)
            return np.full((HEIGHT, 64), 200, np.uint8)

    folders = [[Counted(tmp_path / text, text)] * count for text, count in (("small", 100), ("large", 10_000))]
    batches = Batches(ALPHABET, folders, None, 0, 512)
    assert not read
    for number in range(4):
        batches.round(number, Mix(1.0, 60))
    share = read.count("small") / len(read)
    assert 0.05 < share < 0.13  # 1 to 10, as the square roots are


def test_a_sign_of_a_single_stroke_is_never_cut_to_nothing():
    stroke = np.full((48, 2), 255, np.uint8)
    assert all(signs.photograph(stroke, random.Random(seed)).size for seed in range(1000))


def test_the_last_lines_are_held_out():
    assert hold_out(list(range(100)), 0.04) == (list(range(96)), [96, 97, 98, 99])
    assert hold_out([1, 2], 0.01) == ([1], [2])
    assert hold_out([], 0.5) == ([], [])


def test_a_new_alphabet_keeps_what_the_old_one_knew():
    arrays, known = weights.load(shipped("SEnet363"))
    new = known.alphabet[50:] + "жю"
    moved = adapt.last_layer(arrays, known.alphabet, new)
    features = np.random.default_rng(0).normal(size=(7, arrays["logits/kernel"].shape[0])).astype(np.float32)
    before = features @ arrays["logits/kernel"] + arrays["logits/bias"]
    after = features @ moved["logits/kernel"] + moved["logits/bias"]
    assert after.shape == (7, len(new) + 1)
    assert np.array_equal(after[:, 0], before[:, 0])
    assert np.allclose(after[:, 1:-2], before[:, 51:], atol=1e-5)
    assert (moved["logits/bias"][-2:] == arrays["logits/bias"].min()).all()


def test_which_alphabet(tmp_path):
    assert adapt.alphabet("ab", None, ["bad"]) == "abd"
    wanted = tmp_path / "letters"
    wanted.write_text("dab\n")
    assert adapt.alphabet("abc", wanted, ["bad"]) == "dab"
    with pytest.raises(ValueError, match="does not: e"):
        adapt.alphabet("abc", wanted, ["bed"])


def test_render_writes_a_folder_that_training_reads(tmp_path, text):
    import matplotlib

    write_folder(tmp_path / "out", [text], [Path(matplotlib.get_data_path()) / "fonts" / "ttf"], 5, 1)
    lines = read_folder(tmp_path / "out")
    assert len(lines) == 5
    assert all(line.grey().shape[0] == HEIGHT and ALPHABET.covers(line.text) for line in lines)


@pytest.mark.models
def test_the_fused_normalisation_is_that_of_keras():
    import keras

    from multirec.training.model import BatchNormalization

    x = np.random.default_rng(0).normal(3, 2, (5, 4, 7, 6)).astype(np.float32)
    ours, theirs = (kind(momentum=0.9, epsilon=1e-3) for kind in (BatchNormalization, keras.layers.BatchNormalization))
    for _ in range(3):
        assert np.allclose(ours(x, training=True), theirs(x, training=True), atol=1e-5)
    assert np.allclose(ours.moving_mean, theirs.moving_mean, atol=1e-5)
    # TensorFlow keeps the variance of the sample's population, n / (n - 1) times that of the sample.
    assert np.allclose(ours.moving_variance - 0.9**3, (theirs.moving_variance - 0.9**3) * 140 / 139, rtol=1e-4)
    assert np.allclose(ours(x), theirs(x), rtol=1e-2, atol=1e-2)


@pytest.mark.models
def test_the_loss_is_that_of_keras_and_of_the_product():
    from keras import ops

    from multirec.training.model import ctc_loss

    rng = np.random.default_rng(1)
    logits = rng.normal(size=(3, 12, 9)).astype(np.float32)
    labels = np.array([[3, 3, 1, 8], [5, 0, 0, 0], [1, 2, 0, 0]], np.int32)
    loss = float(ctc_loss(labels.astype(np.float32), logits))  # Keras hands labels on as floats
    each = ops.ctc_loss(labels, logits, np.array([4, 1, 2]), np.array([12, 12, 12]), mask_index=0)
    assert loss == pytest.approx(float(ops.sum(each)) / 7, rel=1e-5)
    outputs = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    texts = [[3, 3, 1, 8], [5], [1, 2]]
    assert loss == pytest.approx(-ctc.log_probability((outputs, outputs), [0, 1, 2], texts)[0].sum() / 7, rel=1e-4)


@pytest.fixture(autouse=True)
def policy():
    """A trainer says for the whole process in which arithmetic Keras computes."""
    yield
    if keras := sys.modules.get("keras"):
        keras.mixed_precision.set_global_policy("float32")


def trainer(folder, steps=5, made_of=None):
    from multirec.training.loop import Plan, Trainer

    return Trainer(Plan("SEnet363", steps, seed=1, shorts=0), ALPHABET, folder, None, made_of or {})


@pytest.mark.models
def test_a_run_that_was_stopped_ends_as_an_unbroken_one(tmp_path):
    class Stopping(Batches):
        """Asks for the end while its third batch is drawn."""

        def stream(self, step, mix, renderers=0):
            for number, batch in enumerate(super().stream(step, mix, renderers), 1):
                if number == 3:
                    stop.set()
                yield batch

    stop = threading.Event()
    arguments = (ALPHABET, [read_folder(SAMPLES)], None, 1, 512)
    whole, broken = trainer(tmp_path / "whole"), trainer(tmp_path / "broken")
    whole.run(Batches(*arguments), [], print)
    broken.run(Stopping(*arguments), [], print, stop)
    assert 0 < broken.step < 5
    again = trainer(tmp_path / "broken")
    assert again.resume()
    assert again.step == broken.step
    again.run(Batches(*arguments), [], print)
    assert again.step == whole.step == 5
    assert weights.checksum(again.arrays()) == weights.checksum(whole.arrays())
    with pytest.raises(ValueError, match="its run differs in the columns"):
        trainer(tmp_path / "broken", made_of={"columns": 1}).resume()


@pytest.fixture(scope="module")
def trained(program, tmp_path_factory):
    """Both networks, three steps on the samples (with a letter that is new), and one of them once more."""
    folder = tmp_path_factory.mktemp("train")
    shutil.copytree(SAMPLES, folder / "lines")
    table = folder / "lines" / "gt.tsv"
    table.write_text(table.read_text(encoding="utf-8").replace("HARBOUR", "HAЯBOUR"), encoding="utf-8")
    arguments = tuple(
        map(str, ("lines", "--steps", 3, "--columns", 1024, "--hold-out", 0.2, "--seed", 3, "--threads", 1))
    )
    done = program("train", *arguments, "--run", "a", cwd=folder)
    assert done.returncode == ExitCode.OK, done.stderr
    assert b"validation CER" in done.stderr
    assert b"keep their old calibration" in done.stderr  # two lines are too few for a new one
    again = program("train", *arguments, "--run", "b", "--network", "SEnet363", cwd=folder)
    assert again.returncode == ExitCode.OK, again.stderr
    return folder


def test_training_is_deterministic_and_leaves_weights_that_predict_takes(program, trained):
    for name in ("SEnet363", "SEnet484"):
        arrays, known = weights.load(trained / "a" / f"{name}.npz")
        if name == "SEnet363":
            again, _ = weights.load(trained / "b" / f"{name}.npz")
            assert weights.checksum(arrays) == weights.checksum(again)
        before, start = weights.load(shipped(name))
        assert known.alphabet == start.alphabet + "Я"
        assert known.training["start"].startswith(name)
        assert not np.array_equal(arrays["stem1_conv/kernel"], before["stem1_conv/kernel"])
        log = [json.loads(line) for line in (trained / "a" / f"{name}.log.jsonl").read_text().splitlines()]
        assert "validation_cer" in log[-1]
    pair = ("--weights-363", "a/SEnet363.npz", "--weights-484", "a/SEnet484.npz")
    done = program("predict", "lines", *pair, cwd=trained)
    assert done.returncode == ExitCode.OK
    assert done.stdout.count(b"\n") == 1 + len(list(SAMPLES.glob("*.png")))


def test_a_run_is_not_continued_with_other_lines(program, trained):
    rows = (trained / "lines" / "gt.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    (trained / "lines" / "gt.tsv").write_text("".join(rows[1:]), encoding="utf-8")
    arguments = ("lines", "--run", "a", "--steps", "3", "--columns", "1024", "--hold-out", "0.2", "--seed", "3")
    done = program("train", *arguments, cwd=trained)
    (trained / "lines" / "gt.tsv").write_text("".join(rows), encoding="utf-8")
    assert done.returncode == 1
    assert b"its run differs in the labelled lines" in done.stderr


def lines(folder):
    shutil.copytree(SAMPLES, folder / "lines")
    return ("train", folder / "lines", "--run", folder / "run", "--columns", "512", "--hold-out", "0.1")


@pytest.mark.models
def test_when_one_network_fails_the_other_is_stopped_and_the_reason_said(tmp_path):
    (tmp_path / "run").mkdir()
    # A checkpoint that cannot be read ends the first; the second would train for hours.
    (tmp_path / "run" / "SEnet363.checkpoint.npz").write_bytes(b"no archive")
    done = multirec(*lines(tmp_path), "--steps", "100000")
    assert done.returncode == 1
    assert b"SEnet363.checkpoint.npz" in done.stderr
    assert not (tmp_path / "run" / "SEnet484.npz").exists()


@pytest.mark.models
def test_a_signal_ends_training_cleanly_and_the_same_command_goes_on(tmp_path):
    command = [sys.executable, "-m", "multirec", *map(os.fspath, lines(tmp_path))]
    with subprocess.Popen([*command, "--steps", "100000"], stderr=subprocess.PIPE) as process:
        # Written when training begins; a signal before that ends the program as any other.
        while not all((tmp_path / "run" / f"{name}.log.jsonl").exists() for name in ("SEnet363", "SEnet484")):
            time.sleep(0.2)
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        stderr = process.stderr.read()
    assert process.returncode == 128 + signal.SIGTERM, stderr
    assert b"stopped by SIGTERM" in stderr
    assert b"Traceback" not in stderr
    checkpoints = sorted((tmp_path / "run").glob("*.npz"))
    assert [path.name for path in checkpoints] == ["SEnet363.checkpoint.npz", "SEnet484.checkpoint.npz"]


def test_without_the_extra_its_name_is_said(tmp_path):
    (tmp_path / "fontTools.py").write_text("raise ImportError('no fontTools', name='fontTools')")
    done = multirec("train", SAMPLES, "--run", tmp_path, env={"PYTHONPATH": os.fspath(tmp_path)})
    assert done.returncode == 1
    assert b"pip install '.[train]'" in done.stderr
