"""Words: where they are, and that each answers for itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multirec import Options
from multirec.decoding import words as module
from multirec.decoding.calibration import Calibration, bounded
from multirec.decoding.combine import combine
from multirec.decoding.words import between, words
from multirec.inputs.labels import read_labels
from tests.conftest import SAMPLES
from tests.test_combine import NCLASS, spikes

BLANK = 9
TEXT = [5, 6, 7, BLANK, 6, BLANK, 8, 5]
SURE = [0.9] * len(TEXT)


def found(first, second, usual=(), row=0):
    pair = (first, second)
    line = combine(pair)[row]
    return words(pair, row, line, list(usual) or [0.0] * len(line.chosen.classes), BLANK, width=4 * first.shape[1])


def scores(sure, text=TEXT):
    return [word.evidence.score for word in found(spikes(text, SURE), spikes(text, sure))]


@given(st.lists(st.integers(7, 9), max_size=12))
def test_words_are_what_is_between_blanks(text):
    ranges = between(text, BLANK)
    written = "".join(" " if c == BLANK else str(c) for c in text)
    assert [written[start:stop] for start, stop in ranges] == written.split()


def test_a_doubtful_letter_is_a_matter_of_its_word():
    before = scores(SURE)
    for at, doubted in ((1, 0), (4, 1), (7, 2)):
        sure = list(SURE)
        sure[at] = 0.6
        after = scores(sure)
        for word in range(3):
            assert (after[word] < before[word] - 0.1) is (word == doubted)
            assert word == doubted or after[word] == pytest.approx(before[word], abs=1e-4)


def test_a_doubtful_blank_is_a_matter_of_the_words_beside_it():
    sure = list(SURE)
    sure[3] = 0.6
    lower = [after < before - 0.1 for before, after in zip(scores(SURE), scores(sure), strict=True)]
    assert lower == [True, True, False]


def test_one_word_has_the_evidence_of_its_line():
    pair = (spikes([5, 6, 7], 0.9), spikes([5, 6, 7], 0.6))
    (line,) = combine(pair)
    (word,) = words(pair, 0, line, [-1.0, -3.0, -2.0], BLANK, width=28)
    assert word.evidence.score == pytest.approx(line.chosen.score)
    assert (word.evidence.oddest, word.evidence.letters, word.agree) == (-3.0, 3, True)


def test_agreement_and_usualness_are_each_words_own():
    other = [5, 6, 7, BLANK, 4, BLANK, 8, 5]
    usual = [-1.0, -2.0, -3.0, -9.0, -4.0, -9.0, -5.0, -6.0]
    some = found(spikes(TEXT, SURE), spikes(other, 0.7), usual)
    assert [word.agree for word in some] == [True, False, True]
    assert [word.evidence.oddest for word in some] == [-3.0, -4.0, -6.0]
    assert [(word.start, word.stop) for word in some] == [(0, 3), (4, 5), (6, 8)]


def test_words_are_where_their_letters_are():
    first, second, third = found(spikes(TEXT, SURE), spikes(TEXT, SURE))
    # Letters' spikes are steps 1, 3, 5 and so on of 17; they meet half-way between these.
    assert (first.left, first.right) == pytest.approx((0.5 / 17, 6.5 / 17))
    assert (second.left, second.right) == pytest.approx((8.5 / 17, 10.5 / 17))
    assert (third.left, third.right) == pytest.approx((12.5 / 17, 16.5 / 17))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(6, 40), st.integers(1, 4000))
def test_words_depend_on_their_line_alone(seed, n, t, gathered):
    """Beside others in a batch or not, and however many are scored at once."""
    rng = np.random.default_rng(seed)
    outputs = tuple(rng.gamma(0.1, size=(n, t, NCLASS)).astype(np.float32) + 1e-7 for _ in range(2))
    first, second = (x / x.sum(axis=2, keepdims=True) for x in outputs)
    for i in range(n):
        alone = found(first[i : i + 1], second[i : i + 1])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_GATHERED", gathered)
            assert found(first, second, row=i) == alone
        for word in alone:
            assert word.evidence.score <= 1e-9
            assert 0 <= word.left <= word.right <= 1


def test_without_curves_of_their_own_words_have_those_of_lines():
    a, b, c, d = ((float(i), -1.0, 0.0, 0.0, 1.0) for i in range(4))
    old = Calibration(agree=a, differ=b)
    assert (old.word(True), old.word(False)) == (a, b)
    new = Calibration(agree=a, differ=b, word_agree=c, word_differ=d)
    assert (new.word(True), new.word(False)) == (c, d)
    assert Calibration.from_json(new.to_json()) == new
    assert Calibration.from_json({"agree": list(a), "language": 0.4, "of a later version": 1}) == Calibration(
        a, language=0.4
    )


def test_size_is_told_by_the_whole_line():
    assert bounded(0.99, "so", -1.0) < 0.5
    assert bounded(0.99, "so", -1.0, "so long") == 0.99
    assert bounded(0.99, "so", -1.0, "so so") < 0.5
    assert bounded(0.99, "MOCKBA", -6.6, "Die Stadt MOCKBA") < 0.75


@pytest.fixture(scope="module")
def read():
    from multirec import Recognizer

    paths = [path for path, _ in read_labels(SAMPLES)]
    with Recognizer(Options(words=True, batch_size=3)) as recognizer:
        return list(recognizer.read(paths))


@pytest.mark.models
def test_words_make_up_the_text(read):
    for result in read:
        assert [word.word for word in result.words] == result.text.split(" ")
        edges = [edge for word in result.words for edge in (word.left, word.right)]
        assert edges == sorted(edges) and edges[0] >= 0 and edges[-1] <= 1
        assert all(0 <= word.confidence <= 1 for word in result.words)
        if result.agree:
            assert all(word.agree for word in result.words)


@pytest.mark.models
def test_words_do_not_depend_on_the_batch(read):
    from multirec import Recognizer

    with Recognizer(Options(words=True, batch_size=1, workers=1)) as recognizer:
        assert list(recognizer.read([result.image for result in read])) == read


@pytest.mark.models
def test_what_has_no_class_takes_its_word_only(recognizer, monkeypatch):
    from multirec.models.alphabet import OTHER

    alphabet = recognizer.models.alphabet
    classes = alphabet.encode(f"one t{OTHER}o {OTHER} three")
    p = np.full((1, 2 * len(classes) + 1, alphabet.nclass), 1e-7, np.float32)
    p[0, ::2, 0] = 1.0
    p[0, 2 * np.arange(len(classes)) + 1, classes] = 1.0
    p /= p.sum(axis=2, keepdims=True)
    from multirec.inputs.reading import Picture

    picture = Picture(0, "x.png", np.zeros((64, 4 * p.shape[1], 4), np.uint8))
    monkeypatch.setattr(recognizer, "options", Options(words=True))
    (line,) = recognizer.combine((p, p))
    result = recognizer._result(picture, line, (p, p), 0)
    assert (result.text, result.confidence) == ("one to three", 0.0)
    assert [(word.word, word.confidence > 0.5) for word in result.words] == [
        ("one", True),
        ("to", False),
        ("three", True),
    ]
    assert result.words[1].confidence == 0
