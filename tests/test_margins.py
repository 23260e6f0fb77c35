"""The paper around a line: what is cut, and all that must not be."""

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from multirec.inputs import margins
from multirec.inputs.images import WHOLE, framed, line_picture, to_line
from multirec.inputs.margins import text_box
from tests.corpus import encoded


def written(text="Sum 73.50", scale=1.2, thick=3, ink=0, paper=255):
    """Drawn letters, cropped to their ink: [H, W], and from it on whatever paper."""
    (w, h), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    image = np.full((h + 2 * base + 4, w + 8), paper, np.uint8)
    cv2.putText(image, text, (4, h + base // 2), cv2.FONT_HERSHEY_SIMPLEX, scale, ink, thick, cv2.LINE_AA)
    ys, xs = np.nonzero(image != paper)
    return image[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]


def on_paper(image, top=0, bottom=0, left=0, right=0, paper=255):
    return cv2.copyMakeBorder(image, top, bottom, left, right, cv2.BORDER_CONSTANT, value=paper)


def cut_to_text(image):
    """The part that is kept; the picture itself where that is all of it."""
    rows, columns = text_box(image)
    part = image[rows, columns]
    return image if part.shape == image.shape else np.ascontiguousarray(part)


TEXT = written()
H = len(TEXT)
LOOSE = on_paper(TEXT, 2 * H, 2 * H, 8, 8)


def test_a_loose_crop_is_cut_to_its_text():
    cut = cut_to_text(LOOSE)
    assert (cut == on_paper(TEXT, H // 4, H // 4, 8, 8)).all()
    assert (line_picture(encoded(".png", LOOSE)) == to_line(cut)).all()


def test_paper_on_one_side_only_is_cut_there():
    assert (cut_to_text(on_paper(TEXT, 3 * H, 0)) == on_paper(TEXT, H // 4, 0)).all()
    assert (cut_to_text(on_paper(TEXT, 2, 3 * H)) == on_paper(TEXT, 2, H // 4)).all()


@pytest.mark.parametrize(("above", "below"), [(0, 0), (0, H // 3), (H // 3, 0), (H // 4, H // 4), (H // 3, H // 3)])
def test_an_ordinary_crop_stays_as_it_is(above, below):
    image = on_paper(TEXT, above, below, H // 2, H)
    assert cut_to_text(image) is image


def test_much_paper_at_the_ends_is_cut_and_little_is_not():
    image = on_paper(TEXT, 5, 5, 5 * H, 9 * H)
    height = H + 10
    assert (cut_to_text(image) == on_paper(TEXT, 5, 5, height // 2, height // 2)).all()
    assert (cut_to_text(on_paper(TEXT, 5, 5, 5 * H, 10)) == on_paper(TEXT, 5, 5, height // 2, 10)).all()


def test_where_a_line_lies_in_its_picture_is_told():
    image = on_paper(TEXT, 2 * H, 2 * H, 300, 100)
    line, (left, right, _) = framed(encoded(".png", image))
    kept = H + 2 * (H // 4)
    assert left * image.shape[1] == pytest.approx(300 - kept // 2)
    assert right * image.shape[1] == pytest.approx(300 + TEXT.shape[1] + kept // 2)
    assert line.shape[1] == round((right - left) * image.shape[1] * 64 / kept)
    assert framed(encoded(".png", TEXT))[1] == WHOLE


def test_a_full_stop_far_behind_stays():
    image = on_paper(TEXT, 5, 5, 0, 20 * H)
    image[-10:-6, -8:-4] = 0
    assert cut_to_text(image) is image


colours = st.integers(0, 255)
spans = st.integers(0, 150)


@st.composite
def lines(draw):
    """A line on plain paper, [H, W] or [H, W, 3], and its paper."""
    ink, paper = draw(st.tuples(colours, colours).filter(lambda pair: abs(pair[0] - pair[1]) > 90))
    text = draw(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12))
    image = written(text, draw(st.floats(0.4, 2.5)), draw(st.integers(1, 5)), ink, paper)
    image = on_paper(image, draw(spans), draw(spans), draw(spans), draw(spans), paper)
    if draw(st.booleans()):
        other = draw(colours)
        order = draw(st.permutations(range(3)))
        image = np.dstack([image, np.full_like(image, other), image // 2 + 20])[:, :, order]
        return image, np.array([paper, other, paper // 2 + 20], np.uint8)[order]
    return image, np.uint8(paper)


def marks(image, paper):
    return np.count_nonzero((image != paper).reshape(*image.shape[:2], -1).any(axis=2))


@settings(max_examples=300, deadline=None)
@given(lines())
def test_ink_is_never_cut_and_cutting_once_more_changes_nothing(drawn):
    image, paper = drawn
    cut = cut_to_text(image)
    assert marks(cut, paper) == marks(image, paper)
    assert cut_to_text(cut) is cut


@settings(max_examples=100, deadline=None)
@given(lines())
def test_light_on_dark_is_cut_as_dark_on_light(drawn):
    image, _ = drawn
    assert (255 - cut_to_text(255 - image) == cut_to_text(image)).all()


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 80),
    st.integers(1, 80),
    st.sampled_from([(), (1,), (3,)]),
    st.integers(0, 2**32 - 1),
    st.floats(0, 1),
)
@example(1, 1, (), 0, 0.0)
def test_whatever_the_picture_a_part_of_it_comes_back(h, w, channels, seed, density):
    rng = np.random.default_rng(seed)
    image = np.where(rng.random((h, w, *channels)) < density**4, rng.integers(0, 256, (h, w, *channels)), 200)
    image = image.astype(np.uint8)
    cut = cut_to_text(image)
    assert min(cut.shape) >= 1
    assert cut.shape[2:] == image.shape[2:]
    assert cut_to_text(cut) is cut
    views = np.lib.stride_tricks.sliding_window_view(image, cut.shape[:2], axis=(0, 1))
    target = cut if cut.ndim == 2 else np.moveaxis(cut, 2, 0)
    assert (views == target).reshape(*views.shape[:2], -1).all(axis=-1).any()


@pytest.mark.parametrize("mark", [(6, 6), (3, 30), (4, 200), (12, 4)], ids=["stop", "dash", "long dash", "apostrophe"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("top", [2, 29, 50])
def test_dots_and_dashes_are_not_blown_up(mark, count, top):
    """Where they stand tells what they are, and they have no height that could be scaled to a line's."""
    image = np.full((64, 700), 255, np.uint8)
    for k in range(count):
        image[top : top + mark[0], 60 + k * 210 : 60 + k * 210 + mark[1]] = 0
    assert len(cut_to_text(image)) == 64


def test_half_of_another_line_stays_with_the_line():
    """Which of the two is meant cannot be seen, so neither goes."""
    both = np.vstack([on_paper(TEXT[H // 2 :], 0, H), TEXT])
    assert len(cut_to_text(on_paper(both, 0, 1))) == len(both) + 1
    cut = cut_to_text(on_paper(both, 2 * H, 2 * H))
    assert marks(cut, 255) == marks(both, 255)


def test_specks_and_tips_of_other_lines_do_not_count():
    image = on_paper(TEXT, 2 * H, 2 * H, 10, 10)
    image[:3, 40:44] = 0  # a descender of the line above
    image[-20:-18, 90:93] = 0
    assert (cut_to_text(image) == on_paper(TEXT, H // 4, H // 4, 10, 10)).all()


@pytest.mark.parametrize("gap", [1, H // 8])
def test_accents_and_dots_belong_to_their_letters(gap):
    mark = on_paper(np.zeros((3, 3), np.uint8), 0, gap, 30, TEXT.shape[1] - 33)
    image = np.vstack([mark, TEXT, mark[::-1]])
    cut = cut_to_text(on_paper(image, 3 * H, 3 * H))
    assert marks(cut, 255) == marks(image, 255)
    assert len(cut) < 2 * len(image)


@pytest.mark.parametrize("text", ["=", ":", "*", "s", "17"])
def test_a_lone_sign_or_letter_is_left_small(text):
    """It may be a sign, and is not made larger than signs are in a line."""
    ordinary = on_paper(written(text, thick=1), 12, 12, 9, 9)
    assert cut_to_text(ordinary) is ordinary
    ink = written(text, thick=1)
    assert len(cut_to_text(on_paper(ink, 300, 300))) >= 5 * len(ink) - 2


def test_thin_strokes_beside_heavy_ones_are_ink():
    faint = written("lllll", scale=1.2, thick=1, ink=200)
    image = np.full((300, 700), 255, np.uint8)
    image[150:165, 20:120] = 0
    image[150 - len(faint) : 150, 300 : 300 + faint.shape[1]] = faint
    assert marks(cut_to_text(image), 255) == marks(image, 255)


def test_uneven_light_and_coloured_paper_are_cut_too():
    shade = np.linspace(1.0, 0.55, LOOSE.shape[1]) * np.linspace(1.0, 0.8, len(LOOSE))[:, None]
    image = np.dstack([LOOSE * shade * part for part in (0.6, 0.9, 1.0)]).astype(np.uint8)
    assert len(cut_to_text(image)) == H + 2 * (H // 4)


def test_ink_that_is_as_bright_as_its_paper_is_seen():
    """Red on green of the same grey: each channel is looked at."""
    image = np.zeros((*LOOSE.shape, 3), np.uint8)
    image[LOOSE > 128] = (0, 102, 0)
    image[LOOSE <= 128] = (0, 0, 200)
    assert len(cut_to_text(image)) == pytest.approx(H + 2 * (H // 4), abs=3)


@pytest.mark.parametrize("quality", [30, 60, 90])
def test_a_jpeg_of_a_loose_crop_is_cut_as_closely_as_its_blocks_allow(quality):
    grey = cv2.imdecode(cv2.imencode(".jpg", LOOSE, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_GRAYSCALE)
    cut = cut_to_text(grey)
    assert H * 1.4 <= len(cut) <= (H + 16) * 1.5


def test_on_rough_paper_nothing_is_cut():
    rng = np.random.default_rng(1)
    rough = np.clip(LOOSE * 0.7 + rng.normal(40, 20, LOOSE.shape), 0, 255).astype(np.uint8)
    assert cut_to_text(rough) is rough
    specked = np.where(rng.random(LOOSE.shape) < 0.02, np.uint8(0), LOOSE)
    assert cut_to_text(specked) is specked


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_picture_stays_as_it_is(value):
    image = np.full((300, 200), value, np.uint8)
    assert cut_to_text(image) is image
    assert cut_to_text(np.where(np.arange(300)[:, None] == 150, value ^ 31, image)).shape == image.shape


def test_a_rule_from_end_to_end_is_no_text():
    image = LOOSE.copy()
    image[5:8] = 0
    assert (cut_to_text(image) == on_paper(TEXT, H // 4, H // 4, 8, 8)).all()


def test_transparent_paper_is_paper():
    image = np.dstack([np.zeros((*LOOSE.shape, 3), np.uint8), 255 - LOOSE])
    assert line_picture(encoded(".png", image)).shape == line_picture(encoded(".png", LOOSE)).shape


def test_what_is_compared_in_bands_is_the_same(monkeypatch):
    image = np.dstack([on_paper(LOOSE, 0, 0, 300, 300)] * 3)
    whole = cut_to_text(image)
    assert whole.shape != image.shape
    monkeypatch.setattr(margins, "_BAND", 5000)
    assert (cut_to_text(image) == whole).all()
