import codecs
import json

import pytest
from click.testing import CliRunner

from multirec import Result
from multirec.cli.main import main
from multirec.evaluation import Folding, evaluate, match
from multirec.inputs.labels import read_labels
from tests.conftest import as_csv


@pytest.fixture
def files(tmp_path):
    """Four labelled lines: one read right by both, one by the second, one by none, one not read at all."""
    labels = {"a.png": "the cat", "b.png": "„dog“", "c.png": "bird", "d.png": "fish"}
    (tmp_path / "gt.tsv").write_text("".join(f"{n}\t{t}\n" for n, t in labels.items()), encoding="utf-8")
    results = [
        Result("x/a.png", "the cat", 0.95, (("the cat", 0.9), ("the cat", 0.9)), True),
        Result("x/b.png", '"dog"', 0.55, (('"dag"', 0.4), ('"dog"', 0.5)), False),
        Result("x/c.png", "birb", 0.35, (("birb", 0.4), ("bir", 0.5)), False),
        Result("x/other.png", "zzz", 0.35, (("zzz", 0.4), ("zzz", 0.5)), True),
    ]
    predictions = tmp_path / "out.csv"
    predictions.write_bytes(as_csv(results))
    return tmp_path, predictions


def test_rates(files):
    lines, unread = match([files[0]], files[1], Folding(print=True))
    assert (len(lines), unread) == (3, 1)
    report = evaluate(lines)
    readers = report["readers"]
    # 16 characters in three labels: 7, 5 and 4.
    assert readers["combined"]["cer"]["percent"] == pytest.approx(100 / 16, abs=1e-3)
    assert readers["SEnet363"]["cer"]["percent"] == pytest.approx(200 / 16, abs=1e-3)
    assert readers["combined"]["wer"]["percent"] == pytest.approx(25)
    assert readers["combined"]["exact"] == pytest.approx(2 / 3)
    assert report["agreement"]["agree"] == {"lines": 1, "exact": 1, "share_exact": 1.0}
    assert report["agreement"]["differ"]["exact"] == 1
    assert report["confusions"] == [{"label": "d", "read": "b", "count": 1}]
    # Each line in a bin of its own: 0.05, 0.45 and 0.35 off.
    assert report["calibration"]["error"] == pytest.approx((0.05 + 0.45 + 0.35) / 3, abs=1e-3)
    interval = readers["combined"]["cer"]
    assert 0 <= interval["low"] < interval["percent"] < interval["high"]


def test_folding():
    text = "“A – b”"
    assert Folding()(text) == text
    assert Folding(print=True)(text) == '"A - b"'
    assert Folding(case=True, blanks=True)(text) == "“a–b”"


def test_the_command_writes_a_table_and_json(files):
    arguments = ["evaluate", str(files[0]), str(files[1]), "--fold-print"]
    table = CliRunner().invoke(main, arguments)
    assert table.exit_code == 0
    assert "3 lines, 1 labels without a row" in table.output
    assert "6.25" in table.output
    report = json.loads(CliRunner().invoke(main, [*arguments, "--json"]).output)
    assert report["labels_without_row"] == 1
    assert report["readers"]["combined"]["cer"]["percent"] == 6.25


def test_what_does_not_fit_is_said(files):
    folder, predictions = files
    (folder / "bad.csv").write_text("a,b\n1,2\n")
    (folder / "latin.tsv").write_bytes(b"a.png\tcaf\xe9\n")
    for arguments, words in (
        ([folder, folder / "bad.csv"], "not a CSV of multirec"),
        ([folder / "out.csv", predictions], "no labels"),
        ([folder / "latin.tsv", predictions], "latin.tsv: not UTF-8"),
    ):
        done = CliRunner().invoke(main, ["evaluate", *map(str, arguments)])
        assert done.exit_code == 1
        assert words in done.output


def test_a_csv_that_an_editor_saved_scores_the_same(files, tmp_path):
    (tmp_path / "gt.tsv").write_text("=1.png\t=2+3\n", encoding="utf-8-sig")
    for mark in (b"", codecs.BOM_UTF8):
        row = Result("=1.png", "=2+3", 1.0, (("=2+3", 1.0), ("-", 1.0)), False)
        (tmp_path / "out.csv").write_bytes(mark + as_csv([row]))
        lines, unread = match([tmp_path], tmp_path / "out.csv", Folding())
        assert [line.readings for line in lines] == [{"combined": "=2+3", "SEnet363": "=2+3", "SEnet484": "-"}]
        assert not unread


def test_labels_are_of_the_image_of_their_name_alone(tmp_path):
    for name in ("page.png", "page.1.png", "page.json", "scan[1].PNG"):
        (tmp_path / name).write_bytes(b"")
    for name in ("page", "scan[1]"):
        (tmp_path / f"{name}.gt.txt").write_text(f"text of {name}")
    assert [p.name for p, _ in read_labels(tmp_path)] == ["page.png", "scan[1].PNG"]


def test_labels_beside_images(tmp_path):
    for name in ("b", "a"):
        (tmp_path / f"{name}.gt.txt").write_text(f"text of {name}\n")
        (tmp_path / f"{name}.png").write_bytes(b"")
    assert [(p.name, t) for p, t in read_labels(tmp_path)] == [("a.png", "text of a"), ("b.png", "text of b")]
    with pytest.raises(ValueError, match=r"NAME\.gt\.txt"):
        read_labels(tmp_path / "none")


def test_equal_names_in_several_folders_are_told_apart(tmp_path):
    results = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "gt.tsv").write_text(f"0.png\t{name}\n")
        results.append(Result(f"{name}/0.png", name, 1.0, ((name, 1.0), (name, 1.0)), True))
    (tmp_path / "out.csv").write_bytes(as_csv(results))
    lines, _ = match([tmp_path / "one", tmp_path / "two"], tmp_path / "out.csv", Folding())
    assert evaluate(lines)["readers"]["combined"]["exact"] == 1
    (tmp_path / "out.csv").write_bytes(as_csv([Result("0.png", "one", 1.0, (("one", 1.0), ("one", 1.0)), True)]))
    with pytest.raises(ValueError, match=r"fits both .*one.* and .*two"):
        match([tmp_path / "one", tmp_path / "two"], tmp_path / "out.csv", Folding())
