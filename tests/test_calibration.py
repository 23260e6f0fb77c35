import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multirec.decoding.calibration import Calibration, bounded, confidence, fit, rescaled
from multirec.results import Evidence

curves = st.one_of(
    st.none(), st.tuples(st.floats(-20, 20), st.floats(-5, -0.01), st.floats(0, 1), st.floats(-2, 2), st.floats(0.5, 1))
)


@given(curves, st.floats(-1e6, 0), st.floats(-1e6, 0), st.floats(-30, 2), st.integers(0, 500))
def test_confidence_is_a_probability_that_grows_with_the_score(curve, a, b, oddest, letters):
    low, high = (Evidence(score, oddest, letters) for score in sorted((a, b)))
    assert 0 <= confidence(curve, low) <= confidence(curve, high) <= 1


def test_an_odd_letter_never_raises_confidence():
    """Not even where the lines say so by chance."""
    rng = np.random.default_rng(3)
    lines = [Evidence(-math.exp(rng.uniform(-4, 4)), rng.uniform(-10, 2), 20) for _ in range(60)]
    right = [bool(rng.random() < confidence((0.7, -1.3, -0.3, 0.0, 1.0), line)) for line in lines]
    assert fit(lines, right)[2] == 0


def test_a_text_that_cannot_be_has_no_confidence():
    assert confidence((1.0, -1.0, 0.0, 0.0, 1.0), Evidence(-math.inf)) == 0
    assert confidence(None, Evidence(-math.inf)) == 0


def test_fit_finds_the_curve_that_made_the_data():
    rng = np.random.default_rng(1)
    made = (0.7, -1.3, 0.2, -0.4, 1.0)
    lines = [
        Evidence(-math.exp(rng.uniform(-4, 4)), rng.uniform(-10, 2), int(rng.integers(1, 80))) for _ in range(12_000)
    ]
    right = [bool(rng.random() < confidence(made, line)) for line in lines]
    assert fit(lines, right) == pytest.approx(made, abs=0.2)


@pytest.mark.parametrize("seed", range(50))
def test_few_lines_are_fitted_to_the_end(seed):
    """At its best a curve says on average what it saw, also where evidence nearly settles the outcome."""
    rng = np.random.default_rng(seed)
    lines = [
        Evidence(-math.exp(rng.normal(0, 2)), rng.uniform(-20, -4), int(rng.integers(4, 60)))
        for _ in range(rng.integers(20, 80))
    ]
    right = [bool(line.score > -1.5 - 2 * rng.random()) for line in lines]
    curve = fit(lines, right)
    assert sum(confidence(curve, line) for line in lines) == pytest.approx(sum(right), abs=1e-4)


@pytest.mark.parametrize("ceiling", [1.0, 0.95])
def test_a_rescaled_curve_fits_other_lines(ceiling):
    """Lines whose evidence is worth half as much, and which are less often right, some whatever the evidence."""
    rng = np.random.default_rng(2)
    lines = [Evidence(-math.exp(rng.uniform(-4, 4)), rng.uniform(-10, 2), 20) for _ in range(8000)]
    curve, true = (3.0, -1.2, 0.1, 0.2, 1.0), (0.5, -0.6, 0.05, 0.1, ceiling)
    right = [bool(rng.random() < confidence(true, line)) for line in lines]
    got = rescaled(curve, lines, right)
    assert sum(confidence(got, line) for line in lines) == pytest.approx(sum(right), rel=0.01)
    assert [g / c for g, c in zip(got[1:-1], curve[1:-1], strict=True)] == pytest.approx([0.5] * 3, abs=0.05)
    assert got[-1] == pytest.approx(ceiling, abs=0.015)


def test_few_lines_do_not_turn_a_curve_round():
    rng = np.random.default_rng(2)
    lines = [Evidence(-math.exp(rng.uniform(-4, 4)), rng.uniform(-10, 2), 20) for _ in range(300)]
    best = sorted(line.score for line in lines)[150]
    right = [line.score < best for line in lines]
    got = rescaled((3.0, -1.0, 0.1, 0.0, 1.0), lines, right)
    assert got[1] < 0 < got[2]
    assert sum(confidence(got, line) for line in lines) == pytest.approx(150, abs=10)
    assert rescaled(got, lines, [True] * 300) == got


def test_too_little_to_learn_from_is_said():
    with pytest.raises(ValueError, match="give more lines"):
        fit([Evidence(-1.0)] * 10, [True] * 10)
    with pytest.raises(ValueError, match="give more lines"):
        fit([Evidence(-1.0)] * 100, [True] * 100)


@pytest.mark.parametrize("text", ["S", "us", "o.o", "ÖÖ", "0", "W. W."])
def test_a_text_whose_case_nothing_tells_is_never_sure(text):
    assert bounded(0.99, text, 0.0) < 0.5
    assert bounded(0.2, text, 0.0) == 0.2


@pytest.mark.parametrize("text", ["SA", "so long", "us 5", "p", "—", "", "?"])
def test_what_tells_the_case_leaves_confidence_alone(text):
    assert bounded(0.99, text, -1.0) == 0.99


def test_capitals_of_several_scripts_are_sure_in_words_alone():
    assert bounded(0.99, "MOCKBA", -6.6) < 0.75
    assert bounded(0.99, "HOTEL", -2.0) == bounded(0.99, "TEXT", -2.0) == bounded(0.99, "MOCKBA 7", -6.6) == 0.99


def test_a_long_s_where_no_language_has_an_s_is_never_sure():
    assert bounded(0.99, "beautiſul", -6.0) < 0.75
    assert bounded(0.99, "bleſſed", -2.0) == bounded(0.99, "beautiful", -6.0) == 0.99


def test_round_trip():
    calibration = Calibration(agree=(1.0, -2.0, 0.1, 0.0, 0.97), second=(0.5, -1.0, 0.0, 0.0, 1.0), language=0.3)
    assert Calibration.from_json(calibration.to_json()) == calibration
    assert Calibration.from_json({}) == Calibration()


def test_between_the_letters_of_a_code_and_its_figures_o_may_be_0():
    assert bounded(0.99, "I<UTO0123456", -6.0) == bounded(0.99, "VE05: Total", -2.0) < 0.75
    assert all(bounded(0.99, text, -2.0) == 0.99 for text in ("500 ML", "10:00", "TO 1 OR 2", "No. 105", "A4 2019"))
