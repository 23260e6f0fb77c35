"""Calibrating the shipped pair anew, on sample lines that are more and more damaged."""

import shutil

import cv2
import numpy as np
import pytest

from multirec.decoding.calibration import Calibration
from multirec.inputs.labels import read_labels
from multirec.models import weights
from multirec.options import shipped
from multirec.training.calibrate import LANGUAGE, right_words
from tests.conftest import SAMPLES

PAIR = ("SEnet363", "SEnet484")


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    """A folder of 10 samples in 12 states each, and their labels; one state has wrong ones, however well it is read."""
    folder = tmp_path_factory.mktemp("lines")
    rng = np.random.default_rng(5)
    rows = []
    for path, text in read_labels(SAMPLES):
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        for k in range(12):
            small = cv2.resize(image, None, fx=1 / (1 + k / 4), fy=1 / (1 + k / 4), interpolation=cv2.INTER_AREA)
            noisy = np.clip(small + rng.normal(0, 5 * k, small.shape), 0, 255).astype(np.uint8)
            cv2.imwrite(str(folder / f"{path.stem}{k}.png"), noisy)
            rows.append(f"{path.stem}{k}.png\t{text if k != 8 else text[1:]}\n")
    (folder / "gt.tsv").write_text("".join(rows), encoding="utf-8")
    return folder


def pair_in(folder):
    for name in PAIR:
        shutil.copy(shipped(name), folder)
    return [folder / f"{name}.npz" for name in PAIR]


@pytest.mark.parametrize("part", [(), ("--rendered",)])
def test_what_is_learned_goes_into_both_files(program, lines, tmp_path, part):
    pair = pair_in(tmp_path)
    done = program("calibrate", *part, lines, "--weights-363", pair[0], "--weights-484", pair[1])
    assert done.returncode == 0, done.stderr
    assert b"calibrated on 120 lines" in done.stderr
    (old, was), (new, now) = weights.load(shipped("SEnet363")), weights.load(pair[0])
    assert weights.checksum(old) == weights.checksum(new)
    assert now.calibration == weights.load(pair[1])[1].calibration != was.calibration
    known = Calibration.from_json(now.calibration)
    assert known.language in LANGUAGE
    for curve in (known.agree, known.differ, known.first, known.second, known.word_agree, known.word_differ):
        assert curve[1] < 0 <= curve[2]
    assert program("predict", SAMPLES, "--weights-363", pair[0], "--weights-484", pair[1]).returncode == 0


def test_too_few_lines_leave_the_files_alone(program, tmp_path):
    pair = pair_in(tmp_path)
    before = [path.read_bytes() for path in pair]
    done = program("calibrate", SAMPLES, "--weights-363", pair[0], "--weights-484", pair[1])
    assert done.returncode == 1
    assert b"give more lines" in done.stderr
    assert [path.read_bytes() for path in pair] == before


def test_words_of_a_line_are_right_one_by_one():
    assert right_words("Ein rnann — sieht".split(), "Ein Mann - sieht rot") == [True, False, True, True]
    assert right_words("a b a".split(), "b a") == [False, True, True]
    assert right_words(["zu", "sammen"], "zusammen") == [False, False]
    assert right_words([], "etwas") == []
