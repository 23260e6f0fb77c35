import json

from hypothesis import given
from hypothesis import strategies as st

from multirec import Result
from multirec.results import Alternative, Character, Word
from tests.conftest import as_json_lines

GOOD = Result(
    "a/b.png", "x=1", 0.9, (("x=1", 0.8), ("x=l", 0.4)), False,
    alternatives=(Alternative("x=1", -0.1), Alternative("x=l", -2.0)), characters=(Character("x", 0.0, 0.3, 0.99),),
    words=(Word("x=1", 0.01234567, 0.9, 0.87654),),
)  # fmt: skip
BAD = Result("c.png", error="not-an-image: OpenCV cannot decode it")


def objects(results):
    return [json.loads(line) for line in as_json_lines(results).splitlines()]


def test_json_lines():
    good, bad = objects([GOOD, BAD])
    assert good == {
        "image": "a/b.png", "text": "x=1", "confidence": 0.9, "agree": False,
        "readings": {"SEnet363": {"text": "x=1", "confidence": 0.8}, "SEnet484": {"text": "x=l", "confidence": 0.4}},
        "alternatives": [{"text": "x=1", "score": -0.1}, {"text": "x=l", "score": -2.0}],
        "chars": [{"char": "x", "left": 0.0, "right": 0.3, "confidence": 0.99}],
        "words": [{"word": "x=1", "left": 0.0123, "right": 0.9, "confidence": 0.8765}],
    }  # fmt: skip
    assert bad == {"image": "c.png", "error": {"kind": "not-an-image", "message": "OpenCV cannot decode it"}}


@given(st.text())
def test_any_name_is_one_line_of_json(name):
    """Line ends, and bytes that are not UTF-8 (as surrogate escapes), included."""
    (read,) = objects([Result(name, error="missing: no such file")])
    assert read["image"] == name
