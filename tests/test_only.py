"""Texts of certain characters alone: on made-up outputs, against all texts there are, then through the program."""

import itertools
import json
import math
import string

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from multirec import ExitCode, Options
from multirec.cli.main import main
from multirec.decoding import ctc, details
from multirec.decoding.combine import combine, restricted
from multirec.errors import OptionError
from multirec.models.alphabet import LATIN, OTHER, Alphabet
from tests.conftest import SAMPLES

NCLASS = 7
SOME = st.sets(st.integers(1, NCLASS - 1), min_size=1)


def outputs(seed, n=3, t=9):
    """Of two models that are at odds, but not always."""
    rng = np.random.default_rng(seed)
    first, second = (rng.gamma(0.15, size=(n, t, NCLASS)).astype(np.float32) + 1e-7 for _ in range(2))
    second += first * np.float32(rng.choice([0, 1, 9]))
    return tuple(x / x.sum(axis=2, keepdims=True) for x in (first, second))


def opinion(texts):
    return [[-float(c % 5) for c in text] for text in texts]


@given(st.integers(0, 10_000), SOME)
def test_every_reading_is_of_these_classes_alone(seed, allowed):
    pair = restricted(outputs(seed), sorted(allowed))
    for row, line in enumerate(combine(pair, opinion, 1.0)):
        texts = [line.chosen, *line.readings, *details.alternatives(pair, row, line, 5)]
        assert all(allowed.issuperset(reading.classes) for reading in texts)
        assert all(c in allowed for c, _ in details.characters(pair, row, line, 64))


@given(st.integers(0, 10_000), SOME)
def test_a_text_is_as_likely_as_it_was(seed, allowed):
    """Whatever else may stand there counts against it."""
    free = outputs(seed)
    for row, line in enumerate(combine(restricted(free, sorted(allowed)), opinion, 1.0)):
        scores = ctc.log_probability(free, [row], [line.chosen.classes])
        assert line.chosen.score == scores.sum() / 2


@given(st.integers(0, 10_000))
def test_where_all_is_allowed_nothing_changes(seed):
    free = outputs(seed)
    pair = restricted(free, list(range(1, NCLASS)))
    assert all(np.array_equal(a, b) for a, b in zip(free, pair, strict=True))
    assert combine(pair, opinion, 1.0) == combine(free, opinion, 1.0)


@given(st.integers(0, 10_000), st.sets(st.integers(1, 4), min_size=1))
def test_it_is_the_likeliest_such_text(seed, allowed):
    """Of all texts that these classes make, where letters are spikes; of those that are about as likely any."""
    steps = 2 * len(text := np.random.default_rng(seed).integers(1, 5, 3)) + 1
    p = np.full((1, steps, NCLASS), 1e-7, np.float32)
    p[0, :, 0] = [1, *[1e-3, 1] * len(text)]
    rng = np.random.default_rng(seed + 1)
    for at, c in enumerate(text):  # each letter has a likeness or two among the others
        p[0, 2 * at + 1, 1:] += rng.dirichlet(np.full(NCLASS - 1, 0.3)).astype(np.float32)
        p[0, 2 * at + 1, c] += 1
    p /= p.sum(axis=2, keepdims=True)
    (line,) = combine(restricted((p, p), sorted(allowed)))
    every = [list(t) for n in range(steps // 2 + 1) for t in itertools.product(sorted(allowed), repeat=n)]
    best = ctc.log_probability((p,), [0] * len(every), every).max()
    assert line.chosen.score == pytest.approx(best, abs=1.0)


def test_look_alikes_and_what_is_none():
    """O for 0 gives way to 0; where a letter is like no digit, nothing is read; a digit stays what it was."""
    alphabet = Alphabet("0123456789Ok ")
    p = np.full((1, 7, alphabet.nclass), 1e-6, np.float32)
    p[0, :, 0] = 1
    for step, (letter, like, trust) in {1: ("7", "1", 0.0), 3: ("O", "0", 0.1), 5: ("k", "4", 1e-5)}.items():
        p[0, step, 0] = 1e-3
        p[0, step, alphabet.encode(letter + like)] = 1 - trust, trust
    p /= p.sum(axis=2, keepdims=True)
    assert alphabet.decode(combine((p, p))[0].chosen.classes) == "7Ok"
    (line,) = combine(restricted((p, p), alphabet.encode("0123456789")))
    assert alphabet.decode(line.chosen.classes) == "70"
    assert line.chosen.score == pytest.approx(math.log(0.1) + math.log(1e-3), abs=0.1)


def test_what_is_asked_for():
    alphabet = Alphabet(LATIN)
    assert alphabet.only(()) == ""
    assert alphabet.only(("digits",)) == string.digits == alphabet.only(("9876543210",))
    assert alphabet.only(("digits", "., ")) == " .,0123456789".replace(".,", ",.")
    assert set(alphabet.only(("digit", "s"))) == set("digts")  # characters, all but the whole name of a set
    capitals, letters = set(alphabet.only(("capitals",))), set(alphabet.only(("letters",)))
    assert set(string.ascii_uppercase + "ÄÉŞẞ") < capitals and not capitals & set("aäſªµΩ0")
    assert capitals | set(string.ascii_lowercase + "ß ſ".replace(" ", "")) < letters and not letters & set("ª µΩ0")
    assert alphabet.only(("e\u0301\u2212\u00a0",)) == " é–"  # as labels are folded
    assert alphabet.only((LATIN.replace(OTHER, ""),)) == ""
    assert OTHER not in alphabet.only((LATIN.replace(OTHER, "").replace("7", ""),))


def test_a_long_s_that_is_written_as_s_stands_for_it():
    alphabet = Alphabet(LATIN)
    assert alphabet.only(("st",)) == "st"
    assert set(alphabet.only(("st",), fold_long_s=True)) == set(alphabet.only(("ſt",), fold_long_s=True)) == set("ſst")
    assert alphabet.only(("t",), fold_long_s=True) == "t"


@pytest.mark.parametrize("given", ["Ж7語", OTHER, "\n"])
def test_characters_without_a_class_are_named(given):
    with pytest.raises(ValueError, match=rf"U\+{ord(given[0]):04X}"):
        Alphabet(LATIN).only((given,))


@pytest.mark.parametrize(
    ("wishes", "said"),
    [("", "no character"), (("digits", ""), "no character"), ("digit", "perhaps 'digits'"), ("Letters", "perhaps")],
)
def test_what_was_hardly_meant_is_refused_at_once(wishes, said):
    with pytest.raises(ValueError, match=said):
        Options(only=wishes)
    arguments = [f"--only={wish}" for wish in ([wishes] if isinstance(wishes, str) else wishes)]
    shown = CliRunner().invoke(main, ["predict", str(SAMPLES), *arguments])
    assert shown.exit_code == ExitCode.USAGE and said in shown.output


def texts(known):
    return [
        known["text"], *(r["text"] for r in known["readings"].values()), *(a["text"] for a in known["alternatives"]),
        "".join(c["char"] for c in known.get("chars", ())),  # where nothing was read there are none
    ]  # fmt: skip


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A number as a meter shows it, and the samples."""
    folder = tmp_path_factory.mktemp("pictures")
    picture = np.full((64, 300), 255, np.uint8)
    cv2.putText(picture, "0715 42", (12, 48), cv2.FONT_HERSHEY_DUPLEX, 1.5, 0, 3)
    cv2.imwrite(str(folder / "meter.png"), picture)
    return [folder / "meter.png", SAMPLES]


def test_the_programs_rows(program, pictures, tmp_path):
    out = tmp_path / "only.jsonl"
    asked = ["predict", *pictures, "-o", out, "-q", "-f", "jsonl", "--alternatives", "4", "--chars"]
    assert program(*asked, "--only", "digits", "--only", " ").returncode == ExitCode.OK
    meter, *samples = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert (meter["text"], meter["agree"]) == ("0715 42", True)
    assert meter["confidence"] > 0.5
    for known in (meter, *samples):
        assert all(set(text) <= set("0123456789 ") for text in texts(known))
        assert all(text == " ".join(text.split()) for text in texts(known))
        assert len({a["text"] for a in known["alternatives"]}) == len(known["alternatives"])
    assert all(known["confidence"] < 0.05 for known in samples)  # there are letters in all of them

    before = out.read_bytes()
    other = program(*asked, "--resume", "--only", "digits")
    assert other.returncode == ExitCode.CANNOT_RESUME
    assert b"only ( 0123456789, now 0123456789)" in other.stderr
    same = program(*asked, "--resume", "--only", "9876543210 ")
    assert (same.returncode, out.read_bytes()) == (ExitCode.OK, before)


def test_all_characters_are_no_restriction(program):
    everything = LATIN.replace(OTHER, "")
    plain = program("predict", SAMPLES, "-q")
    assert program("predict", SAMPLES, "-q", "--only", everything).stdout == plain.stdout


def test_from_the_environment_it_is_taken_as_it_is(monkeypatch):
    taken = {}
    monkeypatch.setattr("multirec.cli.predict._guarded", lambda chosen: taken.update(chosen) or ExitCode.OK)
    CliRunner().invoke(main, ["predict", str(SAMPLES)], env={"MULTIREC_PREDICT_ONLY": "01 .,"})
    assert taken["only"] == ("01 .,",)
    CliRunner().invoke(main, ["predict", str(SAMPLES), "--only", "-.", "--only", "digits"])
    assert taken["only"] == ("-.", "digits")


def test_what_the_alphabet_lacks_is_wrong_usage(program):
    done = program("predict", SAMPLES, "--only", "digits", "--only", "Ж")
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, b"")
    assert "'Ж' (U+0416)" in done.stderr.decode()


@pytest.mark.models
def test_a_program_is_told_the_same():
    from multirec import Recognizer

    with pytest.raises(OptionError, match=r"U\+0416"):
        Recognizer(Options(only="Ж"))
