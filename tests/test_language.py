import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multirec.decoding.language import USUAL, LanguageModel, folded
from multirec.errors import ModelError
from multirec.models.weights import load
from multirec.options import shipped

SCRIPT = Path(__file__).parents[1] / "weights" / "language.py"
TEXT = ["the quick brown fox jumps over the lazy dog", "the cat and the dog", "the dog is brown"]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A model of a few sentences, and what its maker said."""
    folder = tmp_path_factory.mktemp("language")
    (folder / "en.txt").write_text("\n".join(TEXT * 5), encoding="utf-8")
    subprocess.run([sys.executable, SCRIPT, folder / "l.npz", "--text", folder / "en.txt"], check=True)
    return LanguageModel(folder / "l.npz")


def total(model, text):
    (letters,) = model.scores([text])
    assert len(letters) == len(text)
    return math.fsum(letters)


def test_what_was_counted_is_usual(small):
    assert total(small, "the dog") > total(small, "the dqg")
    assert total(small, "the dog") == total(small, "THE DOG")


def test_which_digit_it_is_no_language_tells(small):
    assert folded("1984 0") == "0000 0"
    assert total(small, "dog 17") == total(small, "dog 90")


def test_what_has_no_class_is_rarer_than_any_letter(small):
    assert total(small, "the d\ufffdg") < total(small, "the dqg")


def test_a_long_s_is_an_s(small):
    assert folded("Daſs 's") == "dass 's"
    assert total(small, "the fox jumpſ") == total(small, "the fox jumps")


def test_probabilities_add_up_to_one(small):
    """Over all letters that may follow, to the rounding of the counts."""
    for context in ("the ", "t", "og"):
        lines = small.scores(context + c for c in small.metadata.alphabet)
        assert sum(math.exp(line[-1] + USUAL) for line in lines) == pytest.approx(1.0, abs=0.15)


def test_unknown_letters_speak_neither_for_nor_against(small):
    assert total(small, "жжж") == 0


def test_kinds_of_quotes_and_dashes_are_one(shared):
    assert total(shared, "“he’s” – a") == total(shared, '"he\'s" - a')


@given(st.lists(st.text(max_size=12), max_size=4), st.text(max_size=12))
def test_a_score_depends_on_its_text_alone(shared, others, text):
    shared._known = {}
    alone = shared.scores([text])[0]
    shared._known = {}
    assert shared.scores([*others, text])[-1] == alone
    assert shared.scores([text])[0] == alone


@pytest.fixture(scope="module")
def shared():
    return LanguageModel(shipped("language"))


@pytest.mark.parametrize("right, wrong", [
    ("INVOICE NO", "INV0ICE N0"), ("first", "frst"), ("Straße", "5traße"), ("première", "prem1ère"),
])  # fmt: skip
def test_the_shipped_model_knows_spelling(shared, right, wrong):
    assert total(shared, right) > total(shared, wrong)


@given(st.text())
def test_folding_keeps_letters_apart(text):
    assert len(folded(text)) == len(text)


def test_weights_of_a_network_are_refused():
    with pytest.raises(ModelError, match="needed here are those of a language model"):
        LanguageModel(shipped("SEnet363"))


def test_it_names_its_sources():
    arrays, known = load(shipped("language"))
    assert known.training["texts"] and len(arrays["gaps"]) == len(arrays["counts"])
