import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multirec.calibration import Calibration, confidence, fit, levelled
from multirec.results import Evidence

curves = st.one_of(st.none(), st.tuples(st.floats(-20, 20), st.floats(-5, -0.01), st.floats(0, 1), st.floats(-2, 2)))


@given(curves, st.floats(-1e6, 0), st.floats(-1e6, 0), st.floats(-30, 2), st.integers(0, 500))
def test_confidence_is_a_probability_that_grows_with_the_score(curve, a, b, oddest, letters):
    low, high = (Evidence(score, oddest, letters) for score in sorted((a, b)))
    assert 0 <= confidence(curve, low) <= confidence(curve, high) <= 1


def test_an_odd_letter_never_raises_confidence():
    """Not even where the lines say so by chance."""
    rng = np.random.default_rng(3)
    lines = [Evidence(-math.exp(rng.uniform(-4, 4)), rng.uniform(-10, 2), 20) for _ in range(60)]
    right = [bool(rng.random() < confidence((0.7, -1.3, -0.3, 0.0), line)) for line in lines]
    assert fit(lines, right)[2] == 0


def test_a_text_that_cannot_be_has_no_confidence():
    assert confidence((1.0, -1.0, 0.0, 0.0), Evidence(-math.inf)) == 0
    assert confidence(None, Evidence(-math.inf)) == 0


def test_fit_finds_the_curve_that_made_the_data():
    rng = np.random.default_rng(1)
    made = (0.7, -1.3, 0.2, -0.4)
    lines = [
        Evidence(-math.exp(rng.uniform(-4, 4)), rng.uniform(-10, 2), int(rng.integers(1, 80))) for _ in range(12_000)
    ]
    right = [bool(rng.random() < confidence(made, line)) for line in lines]
    assert fit(lines, right) == pytest.approx(made, abs=0.2)


def test_a_levelled_curve_is_right_on_average():
    rng = np.random.default_rng(2)
    lines = [Evidence(-math.exp(rng.uniform(-4, 4)), rng.uniform(-10, 2), 20) for _ in range(300)]
    right = [bool(rng.random() < 0.3) for _ in lines]
    curve = levelled((3.0, -1.0, 0.1, 0.0), lines, right)
    assert curve[1:] == (-1.0, 0.1, 0.0)
    assert sum(confidence(curve, line) for line in lines) == pytest.approx(sum(right), abs=0.01)
    assert levelled(curve, lines, [True] * 300) == curve


def test_too_little_to_learn_from_is_said():
    with pytest.raises(ValueError, match="give more lines"):
        fit([Evidence(-1.0)] * 10, [True] * 10)
    with pytest.raises(ValueError, match="give more lines"):
        fit([Evidence(-1.0)] * 100, [True] * 100)


def test_round_trip():
    calibration = Calibration(agree=(1.0, -2.0, 0.1, 0.0), second=(0.5, -1.0, 0.0, 0.0), language=0.3)
    assert Calibration.from_json(calibration.to_json()) == calibration
    assert Calibration.from_json({}) == Calibration()


def test_curves_of_the_first_format_know_the_score_alone():
    assert Calibration.from_json({"agree": [1.0, -2.0], "differ": None}) == Calibration(agree=(1.0, -2.0, 0.0, 0.0))
