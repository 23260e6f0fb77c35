"""Decoding and scoring, against a definition that can be read: the sum over all paths."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multirec.decoding import ctc


def outputs(seed, n=1, t=5, c=4):
    x = np.random.default_rng(seed).gamma(0.5, size=(n, t, c)).astype(np.float32) + 1e-6
    return x / x.sum(axis=2, keepdims=True)


def collapse(path):
    return [c for c, _ in itertools.groupby(path) if c != ctc.BLANK]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.lists(st.integers(1, 3), max_size=6))
def test_probability_is_the_sum_over_paths(seed, steps, label):
    p = outputs(seed, t=steps)
    want = sum(
        np.prod([p[0, t, c] for t, c in enumerate(path)], dtype=np.float64)
        for path in itertools.product(range(4), repeat=steps)
        if collapse(path) == label
    )
    ((got,),) = np.exp(ctc.log_probability((p,), [0], [label]))
    assert got == pytest.approx(want, rel=1e-9, abs=1e-300)


@given(st.integers(0, 10_000))
def test_doubts_are_likely_changes_of_one_letter(seed):
    (p,) = outputs(seed, t=12, c=6)
    (read,) = ctc.best_path(p[None])
    found = ctc.doubts(p, 0.1, 4)
    assert len(found) <= 4 and [trust for _, trust in found] == sorted((t for _, t in found), reverse=True)
    for (start, stop, other), trust in found:
        assert 0 <= start <= stop <= len(read) and stop - start <= 1 and len(other) <= 1
        assert read[start:stop] != list(other)
        assert trust > 0.1
        assert any(np.isclose(p, trust)[:, other[0] if other else ctc.BLANK])


@given(st.integers(0, 10_000))
def test_a_pair_scores_the_same_whatever_its_neighbours(seed):
    rng = np.random.default_rng(seed)
    pair = (outputs(seed, n=4, t=40, c=9), outputs(seed + 1, n=4, t=40, c=9))
    rows = rng.integers(0, 4, 7).tolist()
    labels = [rng.integers(1, 9, rng.integers(0, 30)).tolist() for _ in rows]
    together = ctc.log_probability(pair, rows, labels)
    assert together.shape == (2, 7)
    for (model, k), score in np.ndenumerate(together):
        row = rows[k]
        assert ctc.log_probability((pair[model][row : row + 1],), [0], [labels[k]]) == [[score]]


def test_long_lines_do_not_underflow():
    p = outputs(1, t=3000, c=300)
    label = np.random.default_rng(2).integers(1, 300, 900).tolist()
    ((score,),) = ctc.log_probability((p,), [0], [label])
    assert -40_000 < score < -1000


def test_no_label_has_no_probability():
    assert ctc.log_probability((outputs(1), outputs(2)), [], []).shape == (2, 0)


def test_best_path_collapses_repeats_and_blanks():
    path = [1, 1, 0, 1, 2, 2, 0, 0, 3]
    p = np.full((1, len(path), 4), 0.05, np.float32)
    p[0, range(len(path)), path] = 0.85
    assert ctc.best_path(p) == [[1, 1, 2, 3]]
