import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multirec.calibration import Calibration, confidence, fit

curves = st.one_of(st.none(), st.tuples(st.floats(-20, 20), st.floats(-5, -0.01)))


@given(curves, st.floats(-1e6, 0), st.floats(-1e6, 0))
def test_confidence_is_a_probability_that_grows_with_the_score(curve, a, b):
    low, high = sorted((a, b))
    assert 0 <= confidence(curve, low) <= confidence(curve, high) <= 1


def test_a_text_that_cannot_be_has_no_confidence():
    assert confidence((1.0, -1.0), -math.inf) == 0
    assert confidence(None, -math.inf) == 0


def test_fit_finds_the_curve_that_made_the_data():
    rng = np.random.default_rng(1)
    scores = -np.exp(rng.uniform(-4, 4, 4000))
    right = [bool(rng.random() < confidence((0.7, -1.3), s)) for s in scores]
    a, b = fit(scores.tolist(), right)
    assert (a, b) == (pytest.approx(0.7, abs=0.15), pytest.approx(-1.3, abs=0.15))


def test_too_little_to_learn_from_is_said():
    with pytest.raises(ValueError, match="give more lines"):
        fit([-1.0] * 10, [True] * 10)
    with pytest.raises(ValueError, match="give more lines"):
        fit([-1.0] * 100, [True] * 100)


def test_round_trip():
    calibration = Calibration(agree=(1.0, -2.0), second=(0.5, -1.0))
    assert Calibration.from_json(calibration.to_json()) == calibration
    assert Calibration.from_json({}) == Calibration()
