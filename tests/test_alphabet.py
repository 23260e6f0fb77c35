import pytest
from hypothesis import given
from hypothesis import strategies as st

from multirec.models import weights
from multirec.models.alphabet import LATIN, OTHER, Alphabet, normalise
from multirec.options import shipped


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
     "„Zitat“ – ‘x’ …", "§ 5 °C € £ © ® ™ ½", "ċ ġ ħ Ħ ŋ Ŋ ŧ", "daſs beſſer, vnd cõme vn hõme ẽ ũ ĩ",
     "25 µm, 10 Ω, x ≤ 5 ≥ 3 ≈ 4 ≠ 2, √2, ∞, π, α, β, ¬p", "A → B ← C ↑ ↓, 5′ 30″", "✓ ☐ ☑ ☒ ● ○ ■ □", "₺ ₹ ₽ ₣ ¤",
     "⅓ ⅔ ⅛ ⅜ ⅝ ⅞", "x⁰ x⁴ x⁵ x⁶ x⁷ x⁸ x⁹, H₂O ₀₁₃₄₅₆₇₈₉", "¦ ¨ ´ ` ¸ ¯"],
)  # fmt: skip
def test_the_alphabet_holds_the_languages_it_claims(words):
    assert Alphabet().covers(words)


@given(st.text())
def test_normalise_is_idempotent(text):
    once = normalise(text)
    assert normalise(once) == once


def test_normalise_folds_what_print_does_not_show():
    assert normalise("  e\u0301te\u0301\u00a0 o\ufb03ce ") == "été office"
    assert normalise("\u03bcm \u2126 \ufb05 \ua75b mᵉ") == "µm Ω ſt r me"
    assert normalise("ſ ′ ″ ⁴ ½") == "ſ ′ ″ ⁴ ½"


def test_every_class_stands_for_itself():
    assert all(normalise(c) == c for c in LATIN if c != " ")


def test_what_trained_weights_know_keeps_its_place():
    _, known = weights.load(shipped("SEnet363"))
    assert LATIN.startswith(known.alphabet)
    assert OTHER in known.alphabet


@given(st.text(alphabet="ab " + OTHER))
def test_what_has_no_class_is_never_shown(text):
    alphabet = Alphabet()
    classes = alphabet.encode(text)
    shown = alphabet.shown(classes)
    assert shown == sorted(set(shown))
    printed = alphabet.decode([classes[at] for at in shown])
    assert alphabet.unread(classes) == (OTHER in text)
    if OTHER not in text:
        assert printed == text
    else:
        assert printed == " ".join(text.replace(OTHER, "").split())


def test_an_alphabet_without_that_class_shows_all():
    assert Alphabet("ab ").shown([3, 3, 1, 3]) == [0, 1, 2, 3]
    assert not Alphabet("ab ").unread([1, 2])


def test_a_character_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        Alphabet("aba")
