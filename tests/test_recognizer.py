"""The library's front, with the real models: order, memory pressure, errors as rows."""

import itertools
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import multirec.recognizer as front
from multirec import Options, Recognizer
from multirec.inputs.reading import Picture
from multirec.models.alphabet import OTHER, Alphabet
from multirec.models.memory import SHARE, plan
from multirec.sources import Source
from tests.conftest import SAMPLES

pytestmark = pytest.mark.models

IMAGES = sorted(SAMPLES.glob("*.png"))


@pytest.fixture(scope="module")
def alone(recognizer):
    """Each sample's result, read one at a time."""
    return {str(p): next(iter(recognizer.read([p]))) for p in IMAGES}


def test_the_samples_are_read(recognizer, labels):
    from rapidfuzz.distance import Levenshtein

    results = list(recognizer.read([SAMPLES]))
    assert [r.image for r in results] == [str(p) for p in IMAGES]
    edits = sum(Levenshtein.distance(r.text, labels[p.name]) for r, p in zip(results, IMAGES, strict=True))
    assert edits <= 0.1 * sum(map(len, labels.values()))
    assert all(0 <= r.confidence <= 1 and len(r.readings) == 2 and not r.error for r in results)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*map(str, IMAGES), "missing.png", __file__]), max_size=40), st.data())
def test_a_row_for_each_image_in_input_order(recognizer, alone, paths, data):
    """Any mix, any order, repeats, bad ones between: rows out are images in, each as if it were alone."""
    batch_size = data.draw(st.sampled_from([None, 1, 2, 7]))
    object.__setattr__(recognizer.options, "batch_size", batch_size)
    try:
        results = list(recognizer.read_sources(map(Source, paths)))
    finally:
        object.__setattr__(recognizer.options, "batch_size", None)
    assert [r.image for r in results] == paths
    for result in results:
        if result.image in alone:
            assert result == alone[result.image]
        else:
            kind = "missing" if result.image == "missing.png" else "not-an-image"
            assert result.error.startswith(kind + ": ")


def test_a_batch_that_does_not_fit_is_halved_and_read_all_the_same(recognizer, alone, monkeypatch):
    real = recognizer.models.predict
    sizes = []

    def predict(model, pixels):
        if len(pixels) > 1:
            sizes.append(len(pixels))
            raise tf.errors.ResourceExhaustedError(None, None, "injected")
        return real(model, pixels)

    monkeypatch.setattr(recognizer.models, "predict", predict)
    paths = [str(IMAGES[k % 2]) for k in range(12)]
    assert list(recognizer.read(paths)) == [alone[p] for p in paths]
    assert max(sizes) > 2


@pytest.mark.parametrize("columns", [1 << 12, 1 << 14, 1 << 16])
def test_a_device_is_filled_and_never_burst(recognizer, alone, monkeypatch, columns):
    """A device with a simulated memory: all batches in flight together stay within it, and are more than one line."""
    real, lock, in_use, peak, lines = recognizer.models.predict, threading.Lock(), 0, 0, 0
    each = recognizer.plan.bytes_per_column
    size = int(2 * columns * each / SHARE)

    def predict(model, pixels):
        nonlocal in_use, peak, lines
        taken = len(pixels) * pixels.shape[2] * each
        with lock:
            in_use += taken
            peak, lines = max(peak, in_use), max(lines, len(pixels))
        if in_use > size:
            raise tf.errors.ResourceExhaustedError(None, None, "simulated")
        try:
            return real(model, pixels)
        finally:
            with lock:
                in_use -= taken

    monkeypatch.setattr(recognizer.models, "predict", predict)
    monkeypatch.setattr(recognizer, "plan", plan("simulated", size, 2, each, 1 << 18))
    paths = [str(IMAGES[0])] * 60
    assert list(recognizer.read(paths)) == [alone[p] for p in paths]
    assert size / 8 < peak <= size
    assert lines > 1


def test_a_line_that_never_fits_is_a_row(recognizer, alone, monkeypatch):
    real = recognizer.models.predict

    def predict(model, pixels):
        if pixels.shape[2] > 2000:
            raise MemoryError
        return real(model, pixels)

    monkeypatch.setattr(recognizer.models, "predict", predict)
    wide = SAMPLES.parent / "samples" / "book.png"
    results = list(recognizer.read_sources([Source(str(wide)), Source("nothing.png"), Source(str(wide))]))
    assert [bool(r.error) for r in results] == [False, True, False]
    monkeypatch.setattr(recognizer.models, "predict", lambda model, pixels: (_ for _ in ()).throw(MemoryError))
    (result,) = recognizer.read([wide])
    assert result.error.startswith("out-of-memory: ")


def test_rows_come_while_the_input_is_still_open(recognizer):
    """A list that is still being written: what is known comes out without waiting for a full batch."""
    release = threading.Event()

    went_on = []

    def sources():
        yield Source(str(IMAGES[0]))
        went_on.append(release.wait(60))
        yield Source(str(IMAGES[1]))

    results = recognizer.read_sources(sources())
    assert next(results).image == str(IMAGES[0])
    assert not went_on
    release.set()
    assert next(results).image == str(IMAGES[1])
    assert list(results) == []


def test_rows_come_while_others_trickle_in(recognizer):
    """A list of which something comes more often than a reader gives up waiting for."""
    given = []

    def sources():
        for image in itertools.islice(itertools.cycle(IMAGES), 30):
            given.append(image)
            time.sleep(0.3)
            yield Source(str(image))

    next(recognizer.read_sources(sources()))
    assert len(given) < 30


def test_a_line_that_waits_does_not_hold_back_a_million_others(recognizer, monkeypatch):
    """One good image, then bad ones without end: rows come out, and few wait."""
    import itertools

    monkeypatch.setattr(front, "LAG", 100)
    taken = itertools.count()

    def sources():
        yield Source(str(IMAGES[0]))
        for k in taken:
            yield Source(f"missing{k}.png")

    results = recognizer.read_sources(sources())
    assert next(results).text
    assert next(taken) < 1000
    results.close()


def test_an_iterator_that_is_dropped_stops_its_threads(recognizer):
    import threading
    import time

    results = recognizer.read([str(IMAGES[0])] * 500)
    next(results)
    results.close()
    for _ in range(100):
        if not any(t.name.startswith(("feeder", "reader")) for t in threading.enumerate()):
            break
        time.sleep(0.05)
    assert not [t.name for t in threading.enumerate() if t.name.startswith(("feeder", "reader"))]


@pytest.mark.parametrize("option", ["workers", "batch_size", "memory_limit", "readers", "max_pixels", "max_bytes"])
def test_options_below_one_are_refused(option):
    with pytest.raises(ValueError, match=option):
        Options(**{option: 0})


def test_wide_and_tiny_images(recognizer, tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((64, 30_000), 255, np.uint8))
    cv2.imwrite(str(tmp_path / "b.png"), np.zeros((1, 1), np.uint8))
    results = list(recognizer.read([tmp_path]))
    assert [r.error for r in results] == ["", ""]


def test_a_second_recognizer_in_the_same_process(alone):
    with Recognizer(Options(workers=1, batch_size=3)) as another:
        assert {r.image: r for r in another.read([SAMPLES])} == alone


@pytest.mark.parametrize("one", ["scan.png", Path("scan.png"), np.zeros((64, 100), np.uint8), b"bytes"])
def test_one_path_is_not_taken_for_many(recognizer, one):
    with pytest.raises(TypeError, match=r"not one: read\(\[PATH\]\), read\(\[\(NAME, ARRAY\)\]\)"):
        recognizer.read(one)


@pytest.mark.parametrize("item", [b"bytes", ("a", 5), (5, b""), ("a", b"", b""), None])
def test_what_is_neither_a_path_nor_a_picture(recognizer, item):
    with pytest.raises(TypeError, match="neither"):
        list(recognizer.read([item]))


def test_pictures_in_memory_among_files(recognizer, alone):
    """One array, filled anew for each line, as a camera's: each is read as it was when its turn came."""
    colours = [cv2.imread(str(path))[:, :, ::-1] for path in IMAGES]
    frame = np.empty((max(c.shape[0] for c in colours), max(c.shape[1] for c in colours), 3), np.uint8)

    def pictures():
        for path, colour in zip(IMAGES, colours, strict=True):
            h, w = colour.shape[:2]
            frame[:h, :w] = colour
            yield f"array {path.name}", frame[:h, :w]
            yield f"bytes {path.name}", path.read_bytes()
            yield path
            frame[:] = 0

    results = list(recognizer.read(pictures()))
    wanted = [
        replace(alone[str(path)], image=name)
        for path in IMAGES
        for name in (f"array {path.name}", f"bytes {path.name}", str(path))
    ]
    assert results == wanted


def test_two_threads_read_with_one_recognizer(recognizer, alone):
    orders = [IMAGES * 3, IMAGES[::-1] * 3]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda paths: list(recognizer.read(paths)), orders))
    assert found == [[alone[str(path)] for path in paths] for paths in orders]


FORKED = """
import os, sys
from multirec import MultirecError, Recognizer
recognizer = Recognizer()
if os.fork() == 0:
    for use in (lambda: recognizer.read(["a.png"]), Recognizer):
        try:
            use()
        except MultirecError as error:
            print(error, flush=True)
    os._exit(0)
os.wait()
recognizer.close()
"""


def test_after_a_fork_it_says_so_at_once():
    """TensorFlow's threads do not survive a fork: what waits for them waits without end."""
    run = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=120, check=True)
    assert [line.split(",")[0].split(" in process")[0] for line in run.stdout.splitlines()] == [
        "this Recognizer was made", "TensorFlow was at work",
    ]  # fmt: skip
    assert run.stdout.count("multiprocessing's 'spawn'") == 2


def test_nothing_read_is_nothing_to_rely_on(recognizer, tmp_path):
    """Blank pictures, and lines that are turned: whoever takes confident lines unseen must not take these."""
    blank = np.full((60, 400, 3), 255, np.uint8)
    line = cv2.imread(str(IMAGES[0]))
    cv2.imwrite(str(tmp_path / "blank.png"), blank)
    cv2.imwrite(str(tmp_path / "turned.png"), cv2.rotate(line, cv2.ROTATE_90_CLOCKWISE))
    results = list(recognizer.read([tmp_path]))
    assert any(not r.text for r in results)
    assert all(r.confidence == 0 for r in results if not r.text)
    assert all(sure == 0 for r in results for text, sure in r.readings if not text)


@pytest.fixture
def with_other(recognizer, monkeypatch):
    """The recogniser as if its last class were the one for what has none, and results for made-up outputs."""
    characters = recognizer.models.alphabet.characters
    alphabet = Alphabet(characters[:-1] + OTHER)
    monkeypatch.setattr(recognizer.models, "alphabet", alphabet)
    picture = Picture(0, "a.png", np.zeros((64, 160, 4), np.uint8))

    def result(first, second):
        texts = [alphabet.encode(text) for text in (first, second)]
        steps = 2 * max(map(len, texts)) + 1
        outputs = []
        for text in texts:
            p = np.full((1, steps, alphabet.nclass), 1e-6, np.float32)
            p[0, :, 0] = 1.0
            for at, c in enumerate(text):
                p[0, 2 * at + 1, [0, c]] = 1e-6, 1.0
            outputs.append(p / p.sum(axis=2, keepdims=True))
        (line,) = recognizer.combine(tuple(outputs))
        return recognizer._result(picture, line, tuple(outputs), 0)

    return result


def test_what_has_no_class_is_not_printed_and_nobody_can_be_sure_of_the_rest(with_other, recognizer):
    sure = with_other("Order 25", "Order 25")
    assert (sure.text, sure.agree) == ("Order 25", True)
    assert sure.confidence > 0.5
    mixed = with_other(f"{OTHER * 4} 25 {OTHER}", f"{OTHER * 4} 25 {OTHER}")
    assert (mixed.text, mixed.agree, mixed.confidence) == ("25", True, 0.0)
    assert mixed.readings == (("25", 0.0), ("25", 0.0))
    alone = with_other(OTHER * 3, OTHER * 3)
    assert (alone.text, alone.confidence) == ("", 0.0)
    doubted = with_other("TEATP", f"TEA{OTHER}P")
    assert not doubted.agree
    assert OTHER not in doubted.text + "".join(text for text, _ in doubted.readings)
    assert doubted.readings[1] == ("TEAP", 0.0)
    assert doubted.confidence < 0.5 or doubted.text == "TEATP"


def test_a_long_s_is_written_as_s_where_that_is_wished(with_other, recognizer):
    printed = with_other("Daſs", "Dass")
    assert {text for text, _ in printed.readings} == {"Daſs", "Dass"}
    assert not printed.agree
    object.__setattr__(recognizer.options, "fold_long_s", True)
    object.__setattr__(recognizer.options, "characters", True)
    try:
        plain = with_other("Daſs", "Dass")
    finally:
        object.__setattr__(recognizer.options, "fold_long_s", False)
        object.__setattr__(recognizer.options, "characters", False)
    assert (plain.text, [text for text, _ in plain.readings], plain.agree) == ("Dass", ["Dass", "Dass"], True)
    assert "".join(c.char for c in plain.characters) == "Dass"


def test_details_leave_out_what_has_no_class(with_other, recognizer):
    object.__setattr__(recognizer.options, "alternatives", 3)
    object.__setattr__(recognizer.options, "characters", True)
    try:
        result = with_other(f"a{OTHER} b", f"a{OTHER} b")
    finally:
        object.__setattr__(recognizer.options, "alternatives", 0)
        object.__setattr__(recognizer.options, "characters", False)
    assert result.text == "a b" == "".join(c.char for c in result.characters)
    assert result.alternatives[0].text == "a b"
    assert not any(OTHER in a.text for a in result.alternatives)
