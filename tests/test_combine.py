import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from multirec.decoding import ctc
from multirec.decoding.combine import _candidates, combine

NCLASS = 30


def spikes(text, sure, other=1, seed=0):
    """A CTC output that reads ``text``: one spike a letter, ``sure`` of each (a number or one a letter)."""
    sure = [sure] * len(text) if isinstance(sure, float) else sure
    steps = 2 * len(text) + 1
    p = np.full((1, steps, NCLASS), 1e-4, np.float32)
    p[0, ::2, 0] = 0.99
    for i, (letter, s) in enumerate(zip(text, sure, strict=True)):
        p[0, 2 * i + 1, letter] = s
        p[0, 2 * i + 1, other if letter != other else 0] += 1 - s
    return p / p.sum(axis=2, keepdims=True)


def test_agreement_needs_no_decision():
    (line,) = combine((spikes([5, 6, 7], 0.9), spikes([5, 6, 7], 0.6)))
    assert line.agree
    assert line.chosen.classes == [5, 6, 7]
    assert line.chosen.score == (line.readings[0].score + line.readings[1].score) / 2


def test_each_passage_goes_to_the_model_that_is_surer_of_it():
    """Both readings are wrong somewhere; the combination is right everywhere."""
    first = spikes([5, 6, 7, 8, 9, 10], [0.9, 0.9, 0.9, 0.9, 0.9, 0.9])
    second = first.copy()
    # Where the first model is unsure, it leans to the wrong letter, and the other way round.
    for p, step, wrong, right in ((first, 3, 11, 6), (second, 9, 12, 9)):
        p[0, step] = 1e-4
        p[0, step, wrong], p[0, step, right] = 0.5, 0.4
    (line,) = combine((first, second))
    assert not line.agree
    assert line.readings[0].classes == [5, 11, 7, 8, 9, 10]
    assert line.readings[1].classes == [5, 6, 7, 8, 12, 10]
    assert line.chosen.classes == [5, 6, 7, 8, 9, 10]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(4, 30))
def test_a_row_depends_on_itself_alone(seed, n, t):
    rng = np.random.default_rng(seed)
    outputs = tuple(rng.gamma(0.1, size=(n, t, NCLASS)).astype(np.float32) + 1e-7 for _ in range(2))
    outputs = tuple(x / x.sum(axis=2, keepdims=True) for x in outputs)

    def opinion(texts):
        return [[-float(c % 7) for c in text] for text in texts]

    for judged in ((), (opinion, 0.5)):
        for i, line in enumerate(combine(outputs, *judged)):
            assert line.chosen.score <= 0
            assert line == combine((outputs[0][i : i + 1], outputs[1][i : i + 1]), *judged)[0]


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10_000))
def test_what_both_read_is_always_considered(seed):
    """Also where a change of one letter comes to the same text as several passages do."""
    rng = np.random.default_rng(seed)
    outputs = tuple(rng.gamma(0.5, size=(8, 8, 3)).astype(np.float32) + 1e-7 for _ in range(2))
    outputs = tuple(x / x.sum(axis=2, keepdims=True) for x in outputs)
    for line in combine(outputs, lambda texts: [[-9.0 * t for t in text] for text in texts], 1.0):
        assert all(reading.score > -np.inf for reading in line.readings)


@given(st.integers(0, 10_000))
def test_neither_model_has_a_casting_vote(seed):
    """Readings that differ in one place come out the same with the models changed over."""
    rng = np.random.default_rng(seed)
    text = rng.integers(1, NCLASS, 6).tolist()
    other = [*text[:3], int(rng.integers(1, NCLASS)), *text[4:]]
    pair = (spikes(text, float(rng.uniform(0.5, 0.9))), spikes(other, float(rng.uniform(0.5, 0.9))))
    (a,), (b,) = combine(pair), combine(pair[::-1])
    assert a.chosen.classes == b.chosen.classes


def judge(*usual):
    """A language in which nothing but ``usual`` is written."""
    return lambda texts: [[0.0 if text in usual else -5.0] for text in texts]


def doubted(text, at, other, trust):
    """An output that reads ``text`` and thinks ``other`` possible for the letter at ``at``."""
    p = spikes(text, 0.95)
    p[0, 2 * at + 1, other] = trust
    p[0, 2 * at + 1, text[at]] = 1 - trust
    return p


def test_the_language_decides_what_the_models_leave_open():
    pair = (doubted([5, 6, 7, 8], 1, 9, 0.45), doubted([5, 9, 7, 8], 1, 6, 0.4))
    assert combine(pair)[0].chosen.classes == [5, 9, 7, 8]
    assert combine(pair, judge([5, 6, 7, 8]), 1.0)[0].chosen.classes == [5, 6, 7, 8]
    assert combine(pair, judge([5, 6, 7, 8]), 0.0)[0].chosen.classes == [5, 9, 7, 8]


def test_the_language_may_propose_what_one_model_considered():
    """Both read 7; the second thinks 10 possible, and they differ elsewhere."""
    pair = (spikes([5, 6, 7, 8], 0.9), doubted([5, 9, 7, 8], 2, 10, 0.3))
    assert combine(pair, judge([5, 6, 10, 8]), 4.0)[0].chosen.classes == [5, 6, 10, 8]


@given(st.integers(0, 10_000))
def test_the_language_is_not_asked_where_both_models_read_the_same(seed):
    rng = np.random.default_rng(seed)
    text = rng.integers(1, NCLASS, 6).tolist()
    pair = (doubted(text, 2, 12, 0.4), doubted(text, 4, 13, 0.4))
    (line,) = combine(pair, judge([]), 100.0)
    assert line.chosen.classes == ctc.best_path(pair[0])[0] == text


def test_what_the_second_model_considers_is_heard_beside_a_letter_that_it_lacks():
    first = spikes([5, 6, 7], 0.9)
    second = doubted([5, 6, 7], 0, 9, 0.4)
    second[0, 3] = [0.99 if c == 0 else 1e-4 for c in range(NCLASS)]
    assert combine((first, second))[0].readings[1].classes == [5, 7]
    assert combine((first, second), judge([9, 6, 7]), 4.0)[0].chosen.classes == [9, 6, 7]


def test_two_ways_to_the_same_text_are_one():
    """A letter may be doubled before or after itself; the other doubt is not lost over it."""
    first = doubted([5, 6, 7, 8], 3, 9, 0.4)
    first[0, 2, 6] = first[0, 4, 6] = 0.3
    texts = [c.text for c in _candidates((first, spikes([5, 6, 7, 8], 0.9)), 0, [5, 6, 7, 8], [5, 6, 6, 7, 8], True)]
    assert texts.count([5, 6, 6, 7, 8]) == 1
    assert [5, 6, 7, 9] in texts


def test_the_least_usual_letter_is_told():
    (line,) = combine((spikes([5, 6, 7], 0.9), spikes([5, 6, 6], 0.9)), lambda texts: [[-t for t in s] for s in texts])
    assert [r.oddest for r in line.readings] == [-7, -6]
