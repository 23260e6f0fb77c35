"""Lines as screens show them: what they say, what is cut from a page, and, where a browser is, the whole way."""

import gettext
import os
import random
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("playwright")
WEIGHTS = Path(__file__).parents[1] / "weights"
sys.path[:0] = [str(WEIGHTS / "screens"), str(WEIGHTS / "corpus")]

import cutting  # noqa: E402
import looks  # noqa: E402
import screens  # noqa: E402
import tokens  # noqa: E402
from browser import Box, Shown  # noqa: E402
from grammar import Grammar, Signs  # noqa: E402
from pages import Set  # noqa: E402
from wording import CODE, DRAWN, KINDS, Wording, Wordings  # noqa: E402

from multirec.models.alphabet import normalise  # noqa: E402

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
TEXTS = ["Save as…", "Don't show again", "Größe ändern", "Ein weiteres Fenster öffnen und schließen", "Åbn fil: %s"]


@pytest.fixture
def sources(tmp_path):
    """Texts of two languages and a program, as the corpus has them."""
    for name, lines in {
        "en.txt": TEXTS[:2],
        "de.txt": TEXTS[2:],
        "program.txt": ["if (a_b != c) {", "x = y   # z"],
    }.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [tmp_path / "en.txt", tmp_path / "de.txt"], tmp_path / "program.txt"


def test_a_line_says_what_its_label_says(sources):
    texts, program = sources
    wordings = Wordings(texts, texts, program)
    rng = random.Random(1)
    for kind in KINDS:
        for _ in range(300):
            line = wordings.draw(rng, kind, 40)
            assert set(line.drawn) <= DRAWN
            assert line.text == normalise(line.drawn)
            assert 1 <= len(line.drawn) <= 40
            assert line.is_code == (kind in CODE)


def test_rare_signs_come_as_often_as_each_other(sources):
    texts, program = sources
    wordings = Wordings(texts, texts, program)
    rng = random.Random(1)
    for _ in range(3000):
        wordings.draw(rng, "signs", 80)
    seen = wordings.signs.seen
    for pool in ("₺₹₽₣₩₪₫₱", "☐☑☒✓○●□■", "→←↑↓↔", "⅓⅔⅛⅜⅝⅞", "₀₁₂₃₄₅₆₇₈₉"):
        assert min(seen[c] for c in pool) > 40
        assert max(seen[c] for c in pool) < 4 * min(seen[c] for c in pool)


@pytest.mark.parametrize(
    ("rules", "drawn"),
    [
        ("== a\n‹b›-‹b|upper›\n== b :: x", "x-X"),
        ("== a\n;; a remark\n‹'.'*3›‹b*2›‹›\n== b\nno ‹c›\n== c !! €", "...no €no €"),
        ("== a\n‹07-07›:‹5-5›", "07:5"),
        ("== a\n‹word|cap›", "Word"),
    ],
)
def test_a_grammar_draws(rules, drawn):
    assert Grammar(rules, {"word": lambda rng: "word"}, Signs()).draw(random.Random(1), "a") == drawn


@pytest.mark.parametrize("rules", ["== a\n‹b›", "== a\n\n== b :: x", "== a\n‹b*c›\n== b :: x"])
def test_a_grammar_with_a_fault_is_refused(rules):
    with pytest.raises(ValueError, match=r"no such|without alternatives"):
        Grammar(rules, {}, Signs())


def test_program_text_comes_apart_and_whole():
    for text in ('x = {k: "v" for k in a_b}  # why', "<a href='b'>c</a>", "don't", "0x1F | `z` // 'open", "€ ☐ \\"):
        assert "".join(part for part, _ in tokens.tokens(text)) == text
        assert {kind for _, kind in tokens.tokens(text)} <= set(tokens.CLASSES)


def shown(text, block, says="ab"):
    return Shown(text=text, element=text, inner=text, block=block, says=says)


def a_line(stacked=False):
    return Set(Wording("ab", "interface"), looks.Look("#ffffff", "plain", "", "#000000"), 16, 24, stacked)


def test_all_ink_is_in_the_cut():
    """Ink that reaches out of its face's height, as accents do, is cut out whole."""
    picture = np.full((100, 200, 3), 255, np.uint8)
    picture[17:50, 40:120] = 0
    for seed in range(50):
        image = cutting.cut(
            random.Random(seed), picture, a_line(), shown(Box(42, 20, 118, 48), Box(10, 5, 190, 90)), 1.0
        )
        assert (image == 0).all(axis=2).sum() == 33 * 80


def test_of_lines_above_and_below_no_more_than_crumbs_are_cut():
    picture = np.full((120, 200, 3), 255, np.uint8)
    for top in (10, 34, 58):  # lines of 24 pixels, with 16 of ink
        picture[top + 4 : top + 20, 40:120] = top
    place = shown(Box(42, 32, 118, 60), Box(10, 5, 190, 110))
    for seed in range(50):
        image = cutting.cut(random.Random(seed), picture, a_line(stacked=True), place, 1.0)
        assert (image == 34).all(axis=2).sum() == 16 * 80
        assert (image == 10).all(axis=2).sum() == (image == 58).all(axis=2).sum() == 0


@pytest.mark.parametrize(
    ("place", "says"),
    [(Box(60, 60, 80, 80), "ab"), (Box(42, 20, 118, 48), "a"), (Box(150, 20, 230, 48), "ab")],
    ids=["not seen", "another text", "out of the page"],
)
def test_what_is_not_whole_is_not_cut(place, says):
    picture = np.full((100, 200, 3), 255, np.uint8)
    picture[17:50, 40:55] = 0
    assert cutting.cut(random.Random(1), picture, a_line(), shown(place, Box(0, 0, 250, 100), says), 1.0) is None


def catalogue(texts):
    """The bytes of a gettext catalogue."""
    pairs = [(b"", b"Content-Type: text/plain; charset=UTF-8\n")]
    pairs += [(ours.encode(), theirs.encode()) for ours, theirs in sorted(texts.items())]
    at, tables, strings = 28 + 16 * len(pairs), [[], []], b""
    for which in (0, 1):
        for pair in pairs:
            tables[which] += [len(pair[which]), at + len(strings)]
            strings += pair[which] + b"\0"
    numbers = [0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0, *tables[0], *tables[1]]
    return struct.pack(f"<{len(numbers)}I", *numbers) + strings


def test_texts_of_windows(tmp_path):
    file = tmp_path / "a.mo"
    texts = {
        "_Save\n<b>All</b>": "_Sichern\nAlles",
        "Same": "Same",
        "By": "Von a@b.example",
        "R&amp;D _x_": "F&amp;E _x_",
    }
    file.write_bytes(catalogue(texts))
    with file.open("rb") as stream:
        gettext.GNUTranslations(stream)
    assert sorted(screens.interface(file)) == [("All", "Alles"), ("R&D _x_", "F&E _x_"), ("Save", "Sichern")]


@pytest.mark.skipif(not shutil.which(CHROMIUM), reason="no browser here")
def test_lines_are_drawn_by_a_browser(sources, tmp_path):
    matplotlib = pytest.importorskip("matplotlib")
    texts, program = sources
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    listing = tmp_path / "fonts.tsv"
    listing.write_text(f"{fonts}/DejaVuSans.ttf\tsans\t\n{fonts}/DejaVuSansMono.ttf\tmono\t\n", encoding="utf-8")
    out = [tmp_path / "a", tmp_path / "b"]
    for folder in out:
        subprocess.run(
            [sys.executable, WEIGHTS / "screens" / "draw.py", folder, "--fonts", listing, "--interface", *texts,
             "--prose", *texts, "--program", program, "--count", "30", "--seed", "1"],
            env={**os.environ, "PYTHONPATH": str(WEIGHTS.parent)}, check=True, capture_output=True,
        )  # fmt: skip
    rows = [line.split("\t") for line in (out[0] / "gt.tsv").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 30
    for name, text in rows:
        assert text == normalise(text)
        picture = cv2.imread(str(out[0] / name))
        assert 4 <= picture.shape[0] <= 128
        assert picture.std() > 1
        assert (out[0] / name).read_bytes() == (out[1] / name).read_bytes()
