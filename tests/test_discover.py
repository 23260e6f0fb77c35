import io
import os

import pytest

from multirec.inputs.discover import discover


def found(*paths, listing=b"", **options):
    return [source.path for source in discover(map(str, paths), io.BytesIO(listing), **options)]


@pytest.fixture
def tree(tmp_path):
    for name in (
        "b.png",
        "a.JPG",
        "a/z.tiff",
        "a/inner/x.webp",
        "Z.png",
        ".hidden.png",
        ".git/y.png",
        "notes.txt",
        "é.png",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path


def test_a_folder_is_walked_in_code_point_order(tree):
    names = [os.path.relpath(path, tree) for path in found(tree)]
    assert names == ["Z.png", "a/inner/x.webp", "a/z.tiff", "a.JPG", "b.png", "é.png"]


def test_paths_read_as_they_were_typed(tree, monkeypatch):
    monkeypatch.chdir(tree)
    assert found("./a", "b.png", "../" + tree.name + "/a/") == [
        "./a/inner/x.webp", "./a/z.tiff", "b.png", f"../{tree.name}/a/inner/x.webp", f"../{tree.name}/a/z.tiff",
    ]  # fmt: skip


def test_loops_of_links_end(tree):
    (tree / "a" / "up").symlink_to(tree)
    (tree / "again").symlink_to(tree / "a" / "inner")
    names = [os.path.relpath(path, tree) for path in found(tree)]
    assert names.count("a/inner/x.webp") == 1
    assert "again/x.webp" in names  # a link that leads elsewhere is followed


def test_folders_deeper_than_python_calls(tmp_path):
    path = tmp_path
    levels = [path := path / "d" for _ in range(1200)]
    for level in levels:
        level.mkdir()
    (levels[-1] / "a.png").write_bytes(b"x")
    try:
        assert found(tmp_path) == [str(levels[-1] / "a.png")]
    finally:
        (levels[-1] / "a.png").unlink()
        for level in reversed(levels):
            level.rmdir()


def test_a_list_on_standard_input(tree):
    listing = b"\xef\xbb\xbfone.png\r\n\n" + os.fsencode(tree / "b.png") + b"\nno end.png"
    assert found("-", listing=listing) == ["one.png", str(tree / "b.png"), "no end.png"]


def test_names_that_are_not_utf8(tmp_path):
    name = os.path.join(os.fsencode(tmp_path), b"caf\xe9.png")
    with open(name, "wb"):
        pass
    (path,) = found(tmp_path)
    assert os.fsencode(path) == name


def test_a_folder_that_cannot_be_listed_is_said(tree, monkeypatch):
    """As root nothing is forbidden, so the refusal is injected where the system call is made."""
    real = os.scandir

    def scandir(path):
        if os.path.basename(path) == "inner":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    errors = [(os.path.relpath(s.path, tree), s.error) for s in discover([str(tree)]) if s.error]
    assert errors == [("a/inner", "unreadable: Permission denied")]


def test_nothing_is_listed_before_it_is_asked_for(tree, monkeypatch):
    listed = []
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(path) or real(path))
    first = next(iter(discover([str(tree)])))
    assert first.path.endswith("Z.png")
    assert len(listed) == 1


def below(top, **options):
    return [os.path.relpath(path, top) for path in found(top, **options)]


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (["Z.png"], ["a/inner/x.webp", "a/z.tiff", "a.JPG", "b.png", "é.png"]),
        (["*.png", "inner"], ["a/z.tiff", "a.JPG"]),
        (["a/"], ["Z.png", "a.JPG", "b.png", "é.png"]),
        (["a/inner"], ["Z.png", "a/z.tiff", "a.JPG", "b.png", "é.png"]),
        (["a/*"], ["Z.png", "a.JPG", "b.png", "é.png"]),
        (["a*f", "a*p", "/inner", "/"], ["Z.png", "a/inner/x.webp", "a/z.tiff", "a.JPG", "b.png", "é.png"]),
        (["/a", "/b.png"], ["Z.png", "a.JPG", "é.png"]),
        (["inner/x.webp", "A.jpg", ""], ["Z.png", "a/inner/x.webp", "a/z.tiff", "a.JPG", "b.png", "é.png"]),
        (["[a-z].png", "?.JPG"], ["Z.png", "a/inner/x.webp", "a/z.tiff", "é.png"]),
    ],
)
def test_what_is_excluded(tree, patterns, left):
    assert below(tree, exclude=patterns) == left
    # Paths of a glob start where the walk does, however that was typed.
    assert [os.path.relpath(p, tree) for p in found(f"{tree}//./", exclude=patterns)] == left


def test_what_is_named_is_read_though_it_is_excluded(tree):
    assert found(tree / "b.png", exclude=["*.png"]) == [str(tree / "b.png")]
    assert below(tree / "a", exclude=["a"]) == ["inner/x.webp", "z.tiff"]


def test_an_excluded_folder_is_not_even_listed(tree, monkeypatch):
    listed = []
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(os.path.basename(path)) or real(path))
    found(tree, exclude=["inner"])
    assert "inner" not in listed


def test_what_storages_keep_beside_their_users_files_is_left_out_and_told(tree):
    """Thumbnails that a NAS makes of each picture, what was deleted, copies of yesterday."""
    before = below(tree)
    names = ("@eaDir", "#recycle", "#SNAPSHOT", "@Recycle", "lost+found", "__MACOSX", "$Recycle.Bin", ".AppleDouble")
    for name in names:
        (tree / "a" / name / "b.png").mkdir(parents=True)
        (tree / "a" / name / "b.png" / "SYNOPHOTO_THUMB_M.png").write_bytes(b"x")
    skipped = []
    assert below(tree, skipped=skipped.append) == before
    assert sorted(skipped) == sorted(names[:-1])  # hidden ones are always left out
    assert below(tree, skipped=skipped.append, exclude=["@*", "#*", "lost+found", "__MACOSX", "$*"]) == before
    assert len(skipped) == len(names) - 1  # what was to be left out is no news
    assert below(tree / "a" / "@eaDir") == ["b.png/SYNOPHOTO_THUMB_M.png"]  # by its name it is read
