import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multirec.decoding import ctc, details
from multirec.decoding.combine import combine
from multirec.inputs.images import Span
from tests.test_combine import spikes
from tests.test_ctc import collapse, outputs


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_a_wide_beam_finds_the_likeliest_texts(seed):
    p = outputs(seed)
    texts = {tuple(collapse(path)) for path in itertools.product(range(4), repeat=5)}
    scored = {t: ctc.log_probability((p,), [0], [list(t)]).item() for t in texts}
    best = sorted(scored, key=lambda t: -scored[t])[:3]
    assert [tuple(t) for t in details.prefix_beam(p[0], 400, branch=4)[:3]] == best


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(1, 3), max_size=3))
def test_alignment_is_the_likeliest_path(seed, label):
    p = outputs(seed)[0]
    paths = [path for path in itertools.product(range(4), repeat=5) if collapse(path) == label]
    if not paths:
        with pytest.raises(ValueError, match="do not fit"):
            ctc.align(p, label)
        return
    best = max(np.prod([p[t, c] for t, c in enumerate(path)], dtype=np.float64) for path in paths)
    path = [ctc.BLANK] * 5
    for c, (start, stop) in zip(label, ctc.align(p, label), strict=True):
        assert start < stop
        path[start:stop] = [c] * (stop - start)
    assert collapse(path) == label
    assert np.prod([p[t, c] for t, c in enumerate(path)], dtype=np.float64) == pytest.approx(best)


@given(st.integers(0, 10_000))
def test_what_is_read_is_aligned_as_it_was_read(seed):
    p = outputs(seed)[0]
    path = p.argmax(axis=1).tolist()
    label = collapse(path)
    aligned = [ctc.BLANK] * len(path)
    for c, (start, stop) in zip(label, ctc.align(p, label), strict=True):
        aligned[start:stop] = [c] * (stop - start)
    assert aligned == path


def test_letters_are_where_their_spikes_are():
    pair = (spikes([5, 6, 7], 0.9), spikes([5, 6, 7], 0.6))
    (line,) = combine(pair)
    places = details.characters(pair, 0, line, width=28)  # seven steps of four
    assert [c for c, _ in places] == [5, 6, 7]
    # Their spikes are steps 1, 3 and 5; letters meet half-way.
    assert [place[:2] for _, place in places] == [pytest.approx((k / 14, (k + 4) / 14)) for k in (1, 5, 9)]
    assert all(place[2] == pytest.approx(0.9, abs=0.01) for _, place in places)


def test_places_are_those_in_the_whole_picture_where_a_part_of_it_was_read():
    pair = (spikes([5, 6, 7], 0.9), spikes([5, 6, 7], 0.6))
    (line,) = combine(pair)
    whole = details.characters(pair, 0, line, width=28)
    part = details.characters(pair, 0, line, width=28, span=Span(0.5, 0.75))
    assert [c for c, _ in part] == [c for c, _ in whole]
    for (_, inner), (_, outer) in zip(part, whole, strict=True):
        assert inner == pytest.approx((0.5 + outer[0] / 4, 0.5 + outer[1] / 4, outer[2]))


def test_what_was_chosen_is_the_first_alternative():
    pair = (spikes([5, 6, 7], 0.6), spikes([5, 9, 7], 0.7))
    (line,) = combine(pair)
    found = details.alternatives(pair, 0, line, 5)
    assert found[0].classes == line.chosen.classes
    assert len({tuple(a.classes) for a in found}) == len(found) == 5
    assert [a.score for a in found[1:]] == sorted((a.score for a in found[1:]), reverse=True)
    assert [5, 9, 7] in [a.classes for a in found]
