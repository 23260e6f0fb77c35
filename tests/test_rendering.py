"""What rendered lines say and how they are drawn, kind by kind."""

import random
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multirec.inputs.widths import HEIGHT
from multirec.models.alphabet import LATIN, OTHER, SYMBOLS, Alphabet, normalise
from multirec.training import degrade, fields, fonts, history, lettering, render, screen, scripts, signs, texts
from multirec.training.texts import TextSource

ALPHABET = Alphabet()
SEEDS = st.integers(0, 10_000)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    (folder / "de.txt").write_text("Das ist besser als die Gesetze, und uns.\n" * 3, encoding="utf-8")
    (folder / "en.txt").write_text("The first lesson is the best of us.\n" * 3, encoding="utf-8")
    return TextSource([folder / "de.txt", folder / "en.txt"], ALPHABET)


@pytest.fixture(scope="module")
def faces():
    """The faces that matplotlib ships."""
    import matplotlib

    return fonts.source([Path(matplotlib.get_data_path()) / "fonts" / "ttf"])


def words(rng, length):
    return "The quick brown fox"[:length] or "a"


def test_shares_are_shares():
    for shares in (texts.DOCUMENT, texts.SCREEN, texts.SCENE, texts.BLACKLETTER, render.PICTURES):
        assert sum(shares.values()) == pytest.approx(1)
    assert sum(share for share, _ in fields.SHARES.values()) == pytest.approx(1)


@settings(max_examples=200, deadline=None)
@given(SEEDS, st.sampled_from(sorted({*texts.DOCUMENT, *texts.SCENE, *texts.BLACKLETTER})))
def test_each_kind_of_text_is_within_the_alphabet(source, seed, kind):
    written = source.draw(random.Random(seed), 20, {kind: 1.0})
    assert written.text
    assert ALPHABET.covers(written.text)
    assert written.text == normalise(written.text)
    assert written == source.draw(random.Random(seed), 20, {kind: 1.0})
    if kind not in ("foreign", "pictures", "old", "gothic"):
        assert written.drawn == written.text
        assert OTHER not in written.text


def test_other_scripts_are_left_out_where_they_have_no_class(tmp_path):
    (tmp_path / "en.txt").write_text("The first lesson.\n", encoding="utf-8")
    small = TextSource([tmp_path / "en.txt"], Alphabet(LATIN.replace(OTHER, "")))
    for seed in range(50):
        written = small.draw(random.Random(seed), 10, {"foreign": 0.5, "pictures": 0.5})
        assert OTHER not in written.text
        assert written.drawn == written.text


@given(SEEDS, st.sampled_from(sorted(fields.SHARES)))
def test_templates_are_filled(seed, kind):
    rng = random.Random(seed)
    text = fields.filled(rng.choice(fields.SHARES[kind][1]), rng, words)
    assert text
    assert not re.search("[⟨⟩]", text)
    assert not re.search("[⟨⟩]", fields.named(rng, words) + fields.signs(rng, words, 20) + fields.boxed(rng))


def test_every_rare_sign_is_in_some_template():
    drawn = "".join(fields.signs(random.Random(seed), words, 40) + fields.technical(random.Random(seed), words)
                    for seed in range(4000))  # fmt: skip
    assert not set(SYMBOLS) - set(drawn)


def test_machine_readable_lines_are_as_long_as_the_cards_have_them():
    lines = [fields.filled("⟨mrz⟩", random.Random(seed), words) for seed in range(300)]
    assert {30, 36, 44} <= {len(line) for line in lines}
    assert all(re.fullmatch("[A-Z0-9<]+", line) for line in lines)


@pytest.mark.parametrize(
    ("text", "language", "out"),
    [
        ("such is the case of most", "en", {"ſuch is the caſe of moſt"}),
        ("Is lessons", "en", {"Is leſſons", "Is leſsons"}),
        ("es passes", "fr", {"es paſſes", "es paſses"}),
        ("das ist's, was wissen", "de", {"das iſt's, was wiſſen"}),
        ("USA s", "de", {"USA s"}),
    ],
)
def test_long_s_stands_where_print_has_it(text, language, out):
    assert {history.long_s(text, language, random.Random(seed)) for seed in range(40)} == out


def test_early_spelling():
    drawn = {history.old("une avance, et un homme conte", "fr", random.Random(seed), True) for seed in range(300)}
    assert any("vne auance" in text for text in drawn)
    assert any("cõte" in text for text in drawn)
    assert any("&" in text for text in drawn)
    assert normalise(history.round_r("der Brot, dort")) == "der Brot, dort"
    assert history.macrons("cõte ũ ñ") == "cōte ū ñ"


@pytest.mark.parametrize("kind", ["old", "gothic"])
def test_old_books_have_figures_among_their_words(source, kind):
    drawn = [source.draw(random.Random(seed), 40, {kind: 1.0}).text for seed in range(200)]
    assert 20 <= sum(any(c.isdigit() for c in text) for text in drawn) <= 100


def test_some_sentences_have_roman_numerals(source):
    numeral = re.compile(r"\b[A-Z]\w+ [IVXLC]+\b")
    drawn = [source.draw(random.Random(seed), 40, {"sentence": 1.0}).text for seed in range(400)]
    assert 8 <= sum(bool(numeral.search(text)) for text in drawn) <= 80


def test_letters_of_other_scripts_are_one_class():
    assert scripts.label("Привет, John 5") == OTHER * 6 + ", John 5"
    assert scripts.label("किताब") == OTHER * 3
    assert scripts.label("★ 5") == OTHER + " 5"
    assert not set(LATIN) & (scripts.LETTERS - set(SYMBOLS))


@given(SEEDS)
def test_foreign_lines(seed):
    drawn, label = scripts.foreign(random.Random(seed), ["Word", "and"], 20)
    assert OTHER in label
    assert sorted(map(len, scripts.label(drawn).split())) == sorted(map(len, label.split()))
    drawn, label = scripts.pictures(random.Random(seed), ["Word", "and"], 20)
    assert OTHER in label
    assert scripts.label(drawn) == label


def test_a_sign_comes_from_another_face(faces):
    """As programs do it where the face of a text lacks one."""
    plain = fonts.Font(faces._faces[0].path, "serif", frozenset("Fiyat 49,0"))
    source = fonts.FontSource.__new__(fonts.FontSource)
    source._kinds, source._faces, source._with = {"serif": [plain]}, [plain, *faces._faces], {}
    found = lettering.faces(random.Random(0), source, "Fiyat Ω 49,0", {"serif": 1.0})
    assert found.main == plain
    assert found.of("Ω") in faces._faces
    assert found.of("F") == plain
    assert lettering.write(random.Random(0), "Fiyat Ω 49,0", found, 30).any()
    assert lettering.faces(random.Random(0), source, "Fxyat", {"serif": 1.0}) is None


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_pictures_of_each_kind(source, faces, seed):
    for kind in render.PICTURES:
        if kind == "blackletter":  # none of these faces is
            continue
        image, label = render.Renderer(source, faces, pictures={kind: 1.0}).draw(random.Random(seed))
        assert image.dtype == np.uint8
        assert image.shape[0] == HEIGHT
        assert ALPHABET.covers(label)


def test_fonts_that_draw_nothing_of_a_kind_are_told(source, faces):
    """None of these faces is blackletter: there is no end to looking for one."""
    renderer = render.Renderer(source, faces, pictures={"blackletter": 1.0})
    with pytest.raises(ValueError, match=r"^no line could be drawn from 1000 texts \(blackletter\)"):
        renderer.draw(random.Random(0))


@given(SEEDS)
def test_signs_have_single_words(source, seed):
    written = source.draw(random.Random(seed), 8, {"word": 1.0})
    assert written.text == written.drawn
    assert " " not in written.text.strip()
    assert not set(written.text[:1] + written.text[-1:]) & set('.,;:!?()"')


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_special_letterings(faces, seed):
    rng = random.Random(seed)
    found = lettering.faces(rng, faces, "Sum 73.50", fonts.DOCUMENT)
    ink = lettering.write(rng, "Sum 73.50", found, 36)
    assert ink.shape[0] == round(36 * lettering.TALL)
    assert lettering.hollow(ink, rng).any()
    block = lettering.blocked(ink, rng, 36)
    assert block.shape == ink.shape
    assert block.mean() > ink.mean()
    assert lettering.comb(rng, "1956", found, 36).any()
    image = screen.draw(rng, "Sum 73.50", found)
    assert image is None or image.shape[0] == HEIGHT
    assert signs.photograph(ink, rng).size


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_words_along_a_circle_keep_their_ink(seed):
    """Five bars: as many stand apart around the circle, none cut off, the outer ones lower or all of them higher."""
    mask = np.zeros((80, 500), np.uint8)
    for x in range(60, 500, 90):
        mask[20:60, x : x + 20] = 255
    bent = signs._round(mask, random.Random(seed))
    count, _, stats, _ = cv2.connectedComponentsWithStats((bent > 127).astype(np.uint8))
    assert count == 1 + 5
    areas = stats[1:, cv2.CC_STAT_AREA]
    assert areas.min() > 0.7 * 40 * 20
    assert areas.max() < 1.3 * 40 * 20


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_words_seen_from_aside_keep_their_letters(seed):
    image = np.full((HEIGHT, 260), 200, np.uint8)
    for x in range(20, 240, 45):
        image[14:50, x : x + 20] = 30
    seen = degrade.aside(image, random.Random(seed))
    assert seen.shape[0] == HEIGHT
    count, _, stats, _ = cv2.connectedComponentsWithStats((seen < 115).astype(np.uint8))
    assert count == 1 + 5
    scale = seen.shape[1] / 260 * 36 * 20
    assert 0.6 * scale < stats[1:, cv2.CC_STAT_AREA].min()
    assert stats[1:, cv2.CC_STAT_AREA].max() < 1.6 * scale


def test_a_scan_that_leaves_nothing_is_given_up():
    line = np.full((HEIGHT, 200), 255, np.uint8)
    line[20:40, 50:150] = 0
    noise = np.random.default_rng(0).integers(0, 256, line.shape, np.uint8)
    assert degrade.legible(line, noise) is line
    blurred = line // 2 + 60
    assert degrade.legible(line, blurred) is blurred


def test_special_faces_are_drawn_only_where_they_are_asked_for(faces):
    path = faces._faces[0].path
    source = fonts.FontSource([(path, "other", ""), (path, "blackletter", "abc")])
    assert {source.draw(random.Random(seed), "xyz").kind for seed in range(50)} == {"other"}
    assert source.draw(random.Random(0), "xyz", fonts.BLACKLETTER).kind == "blackletter"
    assert source.draw(random.Random(0), "abc", fonts.BLACKLETTER) is None
    with pytest.raises(ValueError, match="no font"):
        fonts.FontSource([(path, "blackletter", "")])
