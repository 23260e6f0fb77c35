"""Short pictures that are read unsurely are looked at again: with the real models."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

import multirec.recognizer as front
from multirec.inputs import second_look
from multirec.results import Evidence, Result, Word
from tests.conftest import SAMPLES

pytestmark = pytest.mark.models

IMAGES = sorted(SAMPLES.glob("*.png"))


def _squeezed(path, width):
    """A sample line so narrow that it can hardly be read."""
    line = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    return cv2.resize(line, (width, 64), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("batch_size", [None, 1, 3])
def test_short_pictures_read_unsurely_are_looked_at_again(recognizer, monkeypatch, batch_size):
    """In any company as alone; the surest reading stands; long pictures, and sure readings, are left at one."""
    short = [(f"{path.name} {width}", _squeezed(path, width)) for path in IMAGES for width in (70, 100, 128, 200)]
    long = [("long", _squeezed(IMAGES[0], second_look.SHORT + 10)), ("sample", cv2.imread(str(IMAGES[0])))]
    monkeypatch.setattr(front, "UNSURE", 0.0)
    once = list(recognizer.read(short + long))
    monkeypatch.undo()
    alone = [next(iter(recognizer.read([picture]))) for picture in short + long]
    object.__setattr__(recognizer.options, "batch_size", batch_size)
    try:
        together = list(recognizer.read(short + long))
    finally:
        object.__setattr__(recognizer.options, "batch_size", None)
    assert together == alone
    assert together[len(short) :] == once[len(short) :]
    changed = [(first, again) for first, again in zip(once, together, strict=True) if again != first]
    assert changed
    assert once[len(short)].confidence < front.UNSURE
    for first, again in changed:
        unread = first.evidence[0].score == -math.inf
        assert again.confidence <= front.DOUBTED if unread else recognizer._trust(again) > recognizer._trust(first)


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (0, 1, 1)])
def test_of_looks_as_sure_the_earlier_stands(recognizer, order):
    known = {score: Result("x", f"{score}", evidence=(Evidence(score, 0.0, 4),)) for score in (-9.0, -2.0)}
    same = replace(known[-2.0], text="another")
    looks = [(known[-9.0], known[-2.0], same)[at] for at in order]
    assert recognizer._surest(looks).text == looks[1].text
    assert recognizer._surest([known[-2.0], same]).text == "-2.0"


def test_what_no_letter_stood_for_at_first_is_never_sure(recognizer):
    sure = Evidence(-0.01, 0.0, 6)
    word = Word("MOCKBA", 0.0, 1.0, 0.95, True, sure)
    unread = Result("x", "", 0.0, evidence=(Evidence(-math.inf, 0.0, 6),))
    both = (("MOCKBA", 0.9), ("MOCKBA", 0.9))
    read = Result("x", "MOCKBA", 0.95, both, agree=True, evidence=(sure,), words=(word,))
    chosen = recognizer._surest([unread, read])
    assert chosen.text == "MOCKBA"
    assert chosen.confidence == chosen.words[0].confidence == front.DOUBTED
    assert {trust for _, trust in chosen.readings} == {front.DOUBTED}
    assert recognizer._surest([read, unread]) == read
    partly = replace(unread, words=(word,))
    assert recognizer._surest([partly, unread]) == partly  # as it would be in a longer picture
    assert recognizer._surest([unread, unread]).text == ""


def test_where_nothing_was_seen_at_first_a_faint_letter_is_noise(recognizer):
    blank = Result("x", "", 0.0, evidence=(Evidence(-9.0, 0.0, 0),))
    faint, plain = (Result("x", "e", agree=True, evidence=(Evidence(score, 0.0, 1),)) for score in (-12.0, -0.01))
    assert recognizer._trust(blank) < recognizer._trust(faint) < front.SOMETHING < recognizer._trust(plain)
    assert recognizer._surest([blank, faint]) == blank
    assert recognizer._surest([blank, plain]) == plain


def test_a_letter_that_may_be_a_capital_is_not_looked_at_again(recognizer, monkeypatch):
    """Nothing but its size would tell, so that its confidence is low however well it is seen."""
    letter = np.full((64, 60), 255, np.uint8)
    cv2.putText(letter, "o", (14, 46), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 0, 4)
    monkeypatch.setattr(second_look, "looks", lambda picture: pytest.fail("looked at again"))
    (single,) = recognizer.read([("letter", letter)])
    assert single.text in {"o", "O", "0"}
    assert single.confidence < 0.5


@pytest.mark.parametrize("width", [40, 70, 100, 128, 200])
def test_short_pictures_of_nothing_stay_empty(recognizer, width):
    rng = np.random.default_rng(width)
    papers = [np.full((64, width), tone, np.uint8) for tone in (0, 128, 255)]
    papers += [rng.integers(225, 245, (64, width)).astype(np.uint8)]
    for result in recognizer.read([("paper", paper) for paper in papers]):
        assert (result.text, result.confidence) == ("", 0)


def test_looks_that_fail_leave_the_first(recognizer, monkeypatch):
    short = ("short", _squeezed(IMAGES[0], 100))
    monkeypatch.setattr(front, "UNSURE", 0.0)
    (once,) = recognizer.read([short])
    monkeypatch.undo()
    real, failed = recognizer.models.predict, []

    def failing(model, pixels):
        if pixels.shape[2] >= second_look.WIDE:
            failed.append(model)
            raise MemoryError
        return real(model, pixels)

    monkeypatch.setattr(recognizer.models, "predict", failing)
    assert list(recognizer.read([short])) == [once]
    assert set(failed) == {0, 1}


def test_letters_lie_where_they_are_in_the_picture_however_it_was_seen(recognizer, monkeypatch):
    wide = np.full((64, 124), 255, np.uint8)
    cv2.putText(wide, "HAUS", (8, 44), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 3)
    word = cv2.resize(wide, (66, 64), interpolation=cv2.INTER_AREA)
    options = replace(recognizer.options, characters=True)
    (first,) = _reading(recognizer, options, [("word", word)])
    monkeypatch.setattr(front, "UNSURE", 2.0)
    seen = []
    monkeypatch.setattr(recognizer, "_surest", lambda looks: seen.extend(looks) or looks[0])
    _reading(recognizer, options, [("word", word)])
    assert seen[0] == first
    assert first.text == "HAUS"
    assert len(seen) > 2
    right = [look for look in seen[1:] if look.text == "HAUS"]
    assert right
    for look in right:
        assert look.characters != first.characters
        for once, again in zip(first.characters, look.characters, strict=True):
            assert abs(once.left - again.left) < 0.1
            assert abs(once.right - again.right) < 0.1


def _reading(recognizer, options, pictures):
    """Results with other options, of the same models."""
    before, recognizer.options = recognizer.options, options
    try:
        return list(recognizer.read(pictures))
    finally:
        recognizer.options = before
