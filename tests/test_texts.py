"""Text files: a name for each image that no other has, and nobody's own file replaced."""

import os
import stat

import pytest

from multirec import ExitCode, OutputError, Result
from multirec.outputs import texts
from multirec.outputs.texts import TextFiles
from tests.conftest import SAMPLES


def result(image, text):
    return Result(str(image), text, 0.9, ((text, 0.8), (text, 0.4)), True)


def files(folder):
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_beside_the_images_or_below_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    assert TextFiles(None).write(result("a/b.png", "x=1")) == ""
    assert files(tmp_path) == {"a/b.txt": "x=1\n"}
    bad = Result("c.png", error="not-an-image: OpenCV cannot decode it")
    assert TextFiles(None).write(bad) == "c.png: not-an-image: OpenCV cannot decode it"
    assert files(tmp_path) == {"a/b.txt": "x=1\n"}


def test_paths_that_lead_elsewhere_stay_below_the_folder_and_are_told_apart(tmp_path):
    images = ("x.png", "../x.png", "/x.png", "_/x.png", "__/x.png", "___/x.png", "/../x.png", "a/../x.png")
    out = TextFiles(tmp_path)
    for image in images:
        assert out.write(result(image, image)) == ""
    assert files(tmp_path) == {
        "x.txt": "x.png\n", "__/x.txt": "../x.png\n", "_/x.txt": "/x.png\n", "___/x.txt": "_/x.png\n",
        "____/x.txt": "__/x.png\n", "_____/x.txt": "___/x.png\n", "_/__/x.txt": "/../x.png\n",
        "a/__/x.txt": "a/../x.png\n",
    }  # fmt: skip


def test_images_that_differ_in_their_ends_have_a_text_each(tmp_path):
    names = (
        "a.png", "a.jpg", "b.png", "c.png", "c.PNG", "scan.001", "scan.002", "d.gt.png", "e", "e.png", "a.png.png",
        "scan.001.png",
    )  # fmt: skip
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "b").mkdir()  # a folder has no text
    for name in names:
        assert TextFiles(None).write(result(tmp_path / name, name)) == ""
    found = {p.name: p.read_text() for p in tmp_path.glob("*.txt")}
    assert found == {"b.txt": "b.png\n"} | {f"{name}.txt": f"{name}\n" for name in names if name != "b.png"}


@pytest.mark.parametrize("stem", ["x" * 246, "x" * 251, "é" * 125 + "x", os.fsdecode(b"\xff" * 251)])
def test_names_as_long_as_they_may_be(tmp_path, stem):
    """With the end of an image, and with another beside it, so that the text's name is longer than the picture's."""
    for end, other in ((".png", None), (".png", ".jpg"), (".sr", None)):
        folder = tmp_path / f"{end}{other}"
        folder.mkdir()
        images = [folder / (stem + e) for e in (end, other) if e]
        for image in images:
            image.touch()
        for image in images:
            assert TextFiles(None).write(result(image, image.suffix)) == ""
            assert TextFiles(None).write(result(image, image.suffix)) == ""  # found again
        made = [p for p in folder.iterdir() if p not in images]
        assert sorted(p.read_text() for p in made) == sorted(f"{i.suffix}\n" for i in images)


def test_folders_whose_names_are_short(tmp_path, monkeypatch):
    """As of encrypted file systems: 143 bytes."""
    monkeypatch.setattr(texts, "_longest", lambda folder: 143)
    for k, name in enumerate(("y" * 139, "y" * 140, "ü" * 100, "ü" * 99 + "u")):
        assert TextFiles(tmp_path).write(result(f"{name}.png", str(k))) == ""
    names = sorted(os.listdir(tmp_path))
    assert len(names) == 4
    assert {len(os.fsencode(name)) for name in names} <= {142, 143}
    assert names[0] == "y" * 139 + ".txt"
    assert all(name[-13] == "~" for name in names[1:])


@pytest.mark.parametrize("content", ["own", "", "multirec's\n"])
def test_a_file_of_somebodys_own_is_never_replaced(tmp_path, content):
    path, image = tmp_path / "a.txt", tmp_path / "a.png"
    path.write_text(content)
    told = TextFiles(None).write(result(image, "multirec's"))
    assert path.read_text() == content
    want = f"{path}: not written, since multirec did not write the one there: --force replaces it"
    assert told == ("" if content == "multirec's\n" else want)
    assert TextFiles(None, force=True).write(result(image, "multirec's")) == ""
    assert path.read_text() == "multirec's\n"


def test_what_multirec_wrote_is_replaced_and_what_was_corrected_is_not(tmp_path):
    path = tmp_path / "a.txt"
    TextFiles(None).write(result(tmp_path / "a.png", "first"))
    if texts.MARK not in os.listxattr(path):
        pytest.skip("this file system has no extended attributes")
    path.chmod(0o600)
    assert TextFiles(None).write(result(tmp_path / "a.png", "second")) == ""
    assert path.read_text() == "second\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open("r+") as file:  # in place, so that the attributes stay
        file.write("S")
    assert "did not write" in TextFiles(None).write(result(tmp_path / "a.png", "third"))
    assert path.read_text() == "Second\n"


def test_what_is_no_file_is_in_the_way(tmp_path):
    (tmp_path / "a.txt").mkdir()
    os.mkfifo(tmp_path / "b.txt")
    for name in "ab":
        assert "did not write" in TextFiles(None).write(result(tmp_path / f"{name}.png", "text"))


def test_what_is_in_an_archive_has_its_text_below_a_folder_alone(tmp_path):
    (tmp_path / "scans.zip").touch()
    image = tmp_path / "scans.zip" / "a.png"
    with pytest.raises(OutputError, match="use --output-dir"):
        TextFiles(None).write(result(image, "text"))
    TextFiles(tmp_path / "out").write(result(image, "text"))
    assert [p.name for p in (tmp_path / "out").rglob("*.txt")] == ["a.png.txt"]


def test_a_text_file_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        TextFiles(tmp_path / "file").write(result("a/b.png", "text"))


def test_a_label_in_the_way_is_told_and_the_others_are_written(program, tmp_path):
    for name in ("receipt.png", "sign.png"):
        (tmp_path / name).symlink_to(SAMPLES / name)
    (tmp_path / "receipt.txt").write_text("my own label\n")
    done = program("predict", ".", "-f", "txt", cwd=tmp_path)
    assert done.returncode == ExitCode.SOME_IMAGES_UNREADABLE
    assert b"receipt.txt: not written, since multirec did not write the one there" in done.stderr
    assert b"1 images read, both models agree on 100%, 1 errors" in done.stderr
    assert (tmp_path / "receipt.txt").read_text() == "my own label\n"
    assert (tmp_path / "sign.txt").read_text() == "HARBOUR OFFICE\n"
    assert sorted(os.listdir(tmp_path)) == ["receipt.png", "receipt.txt", "sign.png", "sign.txt"]
    assert program("predict", ".", "-f", "txt", "--force", "-q", cwd=tmp_path).returncode == ExitCode.OK
    assert (tmp_path / "receipt.txt").read_text() != "my own label\n"
