"""Parquet files: their rows as pictures, and rows of results as their columns."""

import io
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multirec import ExitCode, OutputError, Result
from multirec.errors import KINDS
from multirec.inputs.discover import count, discover
from multirec.inputs.locate import Locator
from multirec.inputs.reading import read
from multirec.outputs.files import File, copied, part_of
from multirec.results import Alternative, Character
from multirec.sources import Limits, Opening
from tests.conftest import SAMPLES, as_json_lines, multirec

pytest.importorskip("pyarrow")

import pyarrow as pa
import pyarrow.parquet as pq

from multirec.outputs import parquet

SAMPLE = (SAMPLES / "sign.png").read_bytes()


def table(path, columns, **how):
    pq.write_table(pa.table(columns), path, **how)
    return path


def found(path, opening=None):
    """Of each row of ``path``, its name and what is wrong with it."""
    opening = opening or Opening()
    sources = list(discover([str(path)], opening=opening))
    return [(os.path.basename(s.path), read(0, s, opening.limits).error) for s in sources]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary(len(SAMPLE)), pa.binary_view()], ids=str)
def test_a_column_of_bytes_is_a_list_of_pictures(tmp_path, kind):
    path = table(tmp_path / "a.parquet", {"line": pa.array([SAMPLE] * 40, kind), "text": ["x"] * 40}, row_group_size=7)
    assert found(path) == [(f"a.parquet#{row}", "") for row in range(40)]
    assert count([str(path)], Opening()) == count([str(tmp_path)], Opening()) == 40


def test_structs_as_hugging_face_writes_them(tmp_path):
    pictures = [
        {"bytes": SAMPLE, "path": "a.png"}, {"bytes": SAMPLE, "path": "a.png"}, None, {"bytes": None, "path": "b.png"},
        {"bytes": b"text", "path": None}, {"bytes": b"", "path": None}, {"bytes": bytes(2000), "path": None},
    ]  # fmt: skip
    path = table(tmp_path / "a.parquet", {"image": pictures, "audio": [b"x"] * 7})
    rows = found(path, Opening(Limits(bytes=10_000 + len(SAMPLE))))
    assert [name for name, _ in rows] == [f"a.parquet#{row}" for row in range(7)]
    errors = [error for _, error in rows]
    assert errors[:4] == ["", "", "empty: no picture", "empty: the row holds a path alone: b.png"]
    assert [error.partition(":")[0] for error in errors[4:]] == ["not-an-image", "empty", "not-an-image"]
    assert found(path, Opening(Limits(bytes=1000)))[-1][1].startswith("too-large: ")


def test_which_column_it_is(tmp_path):
    path = table(tmp_path / "a.parquet", {"front": [SAMPLE], "back": [b"x"], "text": ["t"]})
    assert found(path) == [
        ("a.parquet", "not-an-image: several columns hold bytes: choose by --image-column: front, back")
    ]
    assert found(path, Opening(image_column="front")) == [("a.parquet#0", "")]
    (row,) = found(path, Opening(image_column="text"))
    assert row[1].endswith("no column 'text' of bytes, or of structs with bytes; such columns are there: front, back")


def test_a_file_without_pictures_is_wrong_where_it_is_named(tmp_path):
    """In a folder it is left out, as all that are no images are: the rows of a run may lie there."""
    path = table(tmp_path / "a.parquet", {"text": ["t"]})
    assert found(path)[0][1].startswith("not-an-image: a Parquet file without")
    assert found(tmp_path) == found(tmp_path, Opening(image_column="image")) == []
    assert count([str(tmp_path)], Opening()) == 0


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_damage_is_rows_and_the_run_goes_on(tmp_path, compression):
    """In the second of three row groups; where it cannot be read on, a row stands for all that follow in it."""
    pictures = [SAMPLE + os.urandom(5000) for _ in range(60)]
    how = {"row_group_size": 20, "use_dictionary": False, "compression": compression}
    path = table(tmp_path / "a.parquet", {"image": pictures}, **how)
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[: middle - 40_000] + bytes(40_000) + whole[middle:])
    rows = found(path)
    good, bad = [r for r in rows if not r[1]], [r for r in rows if r[1]]
    assert bad and all(error.partition(":")[0] in KINDS for _, error in bad)
    assert [r[0] for r in good[:20]] == [f"a.parquet#{row}" for row in range(20)]
    assert [r[0] for r in good[-20:]] == [f"a.parquet#{row}" for row in range(40, 60)]
    if compression == "gzip":
        assert bad[0][0] == "a.parquet#20" and bad[0][1].endswith("(and all rows up to 39)")
    for share in (0.0, 0.01, 0.5, 0.99):
        path.write_bytes(whole[: int(len(whole) * share)])
        (row,) = found(tmp_path)
        assert row[0] == "a.parquet"
        assert row[1].partition(":")[0] == ("unreadable" if share else "empty")


def test_a_row_is_found_again_from_its_row_group_on(tmp_path):
    path = table(tmp_path / "a.parquet", {"image": [b"%d" % row for row in range(5000)]}, row_group_size=100)
    locator = Locator()
    for row in (4711, 4712, 4800, 3, 4999, 0):
        assert locator.locate(f"{path}#{row}").content == b"%d" % row
    assert locator.locate(f"{path}#5000").error.startswith("missing: no such picture in ")
    assert [s.content for s in discover([f"{path}#7", f"{path}#8"])] == [b"7", b"8"]


def test_memory_does_not_grow_with_a_row_group(tmp_path):
    """120 MB in one group: pages, which are read whole, are of 1,024 rows."""
    code = (
        "import sys\n"
        "import pyarrow.parquet\n"
        "from multirec.inputs.discover import discover\n"
        "from tests.conftest import peak_memory\n"
        "before = peak_memory()\n"
        "print(sum(len(s.content) for s in discover([sys.argv[1]])), peak_memory() - before)"
    )
    path = table(tmp_path / "a.parquet", {"image": [os.urandom(15_000) for _ in range(8000)]}, use_dictionary=False)
    assert pq.ParquetFile(path).num_row_groups == 1
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=True, text=True)
    size, grown = map(int, done.stdout.split())
    assert size == 120_000_000
    assert grown < 80 << 20


def test_without_pyarrow_it_is_named(tmp_path, monkeypatch):
    path = table(tmp_path / "a.parquet", {"image": [SAMPLE]})
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert "pip install '.[parquet]'" in found(path)[0][1]


NAME = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\udcff\udc80"), max_size=8)
SURE = st.integers(0, 10_000).map(lambda n: n / 10_000)
READ = st.builds(
    lambda image, text, sure, other, several: Result(
        image, text, sure, ((text, sure), (other, 0.5)), text == other, first_of_several=several,
        alternatives=(Alternative(text, -1.5),), characters=tuple(Character(c, 0.0, 0.25, 0.5) for c in text),
    ),
    NAME, st.text(max_size=8), SURE, st.text(max_size=8), st.booleans(),
)  # fmt: skip
FAILED = st.builds(lambda image, said: Result(image, error=f"missing: {said}"), NAME, NAME)


@settings(max_examples=80)
@given(st.lists(READ | FAILED, min_size=1, max_size=8))
def test_rows_become_columns_and_rows_again(results):
    """And columns again, with the same bytes: so a run that is complete is resumed."""
    first, second, again = io.BytesIO(), io.BytesIO(), io.BytesIO()
    parquet.convert(io.BytesIO(as_json_lines(results)), first, ("alternatives", "chars"))
    parquet.restore(io.BytesIO(first.getvalue()), again)
    rows = again.getvalue()
    assert [json.loads(row)["image"] for row in rows.splitlines()] == [r.image for r in results]
    parquet.convert(io.BytesIO(rows), second, ("alternatives", "chars"))
    assert second.getvalue() == first.getvalue()


def test_what_is_in_the_columns():
    good = Result("caf\udce9.png", "x=1", 0.9, (("x=1", 0.8), ("x=l", 0.4)), False)
    file = io.BytesIO()
    parquet.convert(io.BytesIO(as_json_lines([good, Result("b.png", error="missing: no such file")])), file)
    first, second = pq.read_table(file).to_pylist()
    assert first == {
        "image": "caf\\udce9.png", "text": "x=1", "confidence": 0.9, "text_363": "x=1", "confidence_363": 0.8,
        "text_484": "x=l", "confidence_484": 0.4, "agree": False, "error": None, "first_of_several": None,
    }  # fmt: skip
    assert second == dict.fromkeys(first) | {"image": "b.png", "error": "missing: no such file"}


def test_the_file_appears_whole_and_then_its_rows_go(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"old")
    path.chmod(0o640)
    rows = as_json_lines([Result("a.png", error="missing: no such file")])

    def full(_, file):
        file.write(b"PAR1")
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match=r"No space left on device; the rows are in .*\.part"):  # noqa: SIM117
        with File(path, convert=full) as file:
            file.write(rows)
    assert path.read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.parquet", "a.parquet.part"]
    assert part_of(path).read_bytes() == rows
    with File(path, resume=True, convert=parquet.convert):
        pass
    assert pq.read_table(path).num_rows == 1
    assert path.stat().st_mode & 0o777 in (0o640, 0o600 | 0o040)
    assert not part_of(path).exists()


def test_files_of_others_are_not_replaced(tmp_path):
    path = table(tmp_path / "a.parquet", {"image": [SAMPLE]})
    with pytest.raises(OutputError, match="that multirec has not written"):
        parquet.spare(path)
    with path.open("rb") as file, pytest.raises(ValueError, match="not a Parquet file of multirec"):
        parquet.restore(file, io.BytesIO())
    (tmp_path / "b.parquet").write_bytes(b"nothing")
    parquet.spare(tmp_path / "b.parquet")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--format parquet and --output NAME.parquet go with each other"),
        (["-o", "a.csv"], "--format parquet and --output NAME.parquet go with each other"),
        (["-o", "a.parquet", "--append"], "--append adds rows"),
        (["-o", "a.parquet", "-f", "csv"], "go with each other"),
        (["-o", "a.zip", "-f", "csv"], "has an archive's name"),
    ],
)
def test_wrong_usage(tmp_path, options, said):
    done = multirec("predict", SAMPLES, "-f", "parquet", *options, cwd=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert said in " ".join(done.stderr.decode().split())


def test_rows_of_a_dataset_as_columns_through_the_program(program, tmp_path):
    """The same as from files; killed before the file is made, and complete, it is picked up to the same bytes."""
    images = sorted(SAMPLES.glob("*.png"))
    pictures = [{"bytes": image.read_bytes(), "path": image.name} for image in images]
    table(tmp_path / "lines.parquet", {"image": [*pictures, None]}, row_group_size=2)
    done = program("predict", "lines.parquet", "-f", "parquet", "--chars", "-o", "out.parquet", cwd=tmp_path)
    assert done.returncode == ExitCode.SOME_IMAGES_UNREADABLE, done.stderr
    plain = program("predict", *images, "-f", "jsonl", "--chars", cwd=tmp_path)
    want = [json.loads(line) for line in plain.stdout.splitlines()]
    got = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["image"] for row in got] == [f"lines.parquet#{row}" for row in range(len(images) + 1)]
    for row, known in zip(got[:-1], want, strict=True):
        assert (row["text"], row["confidence"], row["chars"]) == (known["text"], known["confidence"], known["chars"])
    assert got[-1]["error"] == "empty: no picture"
    whole = (tmp_path / "out.parquet").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == [".out.parquet.multirec", "lines.parquet", "out.parquet"]

    copied(tmp_path / "out.parquet", tmp_path / "out.parquet.part", parquet.restore)
    rows = (tmp_path / "out.parquet.part").read_bytes()
    (tmp_path / "out.parquet.part").write_bytes(rows[: len(rows) // 2])
    for _ in range(2):
        command = ("predict", "lines.parquet", "-f", "parquet", "--chars", "-o", "out.parquet", "--resume")
        done = program(*command, cwd=tmp_path)
        assert done.returncode == ExitCode.SOME_IMAGES_UNREADABLE, done.stderr
        assert b"rows of an earlier run kept" in done.stderr
        assert (tmp_path / "out.parquet").read_bytes() == whole
    done = program("predict", "lines.parquet", "-f", "parquet", "-o", "lines.parquet", cwd=tmp_path)
    assert done.returncode == ExitCode.OUTPUT_NOT_WRITABLE
    assert b"that multirec has not written" in done.stderr
