import pytest
from hypothesis import given
from hypothesis import strategies as st

from multirec.models.alphabet import LATIN, Alphabet, normalise


@given(st.text(alphabet=LATIN))
def test_round_trip(text):
    alphabet = Alphabet()
    assert alphabet.covers(text)
    classes = alphabet.encode(text)
    assert 0 not in classes  # the blank stands for no character
    assert alphabet.decode(classes) == text


@pytest.mark.parametrize(
    "words",
    ["Größe Übermaß", "cœur garçon Noël", "¿Señor Núñez?", "Łódź źdźbło", "příští týden", "İstanbul ığdır",
     "Þórður æði", "smørrebrød Ångström", "ķirsis ģimene", "ąžuolas ėjo", "ő ű",
     "„Zitat“ – ‘x’ …", "§ 5 °C € £ © ® ™ ½"],
)  # fmt: skip
def test_the_alphabet_holds_the_languages_it_claims(words):
    assert Alphabet().covers(words)


@given(st.text())
def test_normalise_is_idempotent(text):
    once = normalise(text)
    assert normalise(once) == once


def test_normalise_folds_what_print_does_not_show():
    assert normalise("  e\u0301te\u0301\u00a0 o\ufb03ce ") == "été office"


def test_a_character_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        Alphabet("aba")
