"""Tar and zip archives as folders: what is in them, in their order, whatever is wrong with them."""

import gzip
import io
import os
import random
import subprocess
import sys
import tarfile
import threading
import time
import tracemalloc
import zipfile

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multirec import ExitCode, OutputError, Result
from multirec.errors import KINDS
from multirec.inputs import archives, names
from multirec.inputs.discover import count, discover
from multirec.inputs.locate import Locator
from multirec.inputs.reading import Picture, read, read_ahead
from multirec.outputs.texts import TextFiles
from multirec.sources import Limits, Opening, Source
from tests.conftest import SAMPLES, multirec

SAMPLE = (SAMPLES / "sign.png").read_bytes()
MANY = Opening(Limits(bytes=10**6))


def tar_of(members, mode="w"):
    """A tar: bytes, or a ready TarInfo, by name."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, encoding="utf-8", errors="surrogateescape") as archive:
        for name, data in members:
            if isinstance(data, bytes):
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
            else:
                archive.addfile(data)
    return file.getvalue()


def zip_of(members, **how):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **how) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


MADE = {
    "a.tar": tar_of, "a.tar.gz": lambda m: tar_of(m, "w:gz"), "a.TGZ": lambda m: tar_of(m, "w:gz"),
    "a.tar.bz2": lambda m: tar_of(m, "w:bz2"), "a.tar.xz": lambda m: tar_of(m, "w:xz"), "a.zip": zip_of,
    "deflated.zip": lambda m: zip_of(m, compression=zipfile.ZIP_DEFLATED),
    "plain.tgz": tar_of, "packed.tar": lambda m: tar_of(m, "w:gz"),
}  # fmt: skip
"""The last two have the other's name: what is in a file counts."""


def found(path, opening=MANY):
    """What is in ``path``: name and error, or None where the picture is the sample."""
    out = []
    for source in discover([str(path)], opening=opening):
        picture = read(0, source, opening.limits)
        if picture.pixels is not None:
            assert np.array_equal(picture.pixels, read(0, Source("x", content=SAMPLE)).pixels)
        out.append((os.path.relpath(source.path, path), picture.error or None))
    return out


def put(folder, name, data):
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize("name", MADE)
def test_an_archive_is_a_folder_in_its_own_order(tmp_path, name):
    members = ["b/2.png", "b/1.PNG", "a.tif", "b/1.txt", "b/1.json", "notes", "inner.tar", "b/inner.zip"]
    path = put(tmp_path, name, MADE[name]([(member, SAMPLE) for member in members]))
    assert found(path) == [("b/2.png", None), ("b/1.PNG", None), ("a.tif", None)]


@pytest.mark.parametrize("name", ["a.tar", "a.tgz", "a.zip"])
def test_names_are_only_names(tmp_path, name):
    hidden = [".x.png", "a/.y.png", ".git/z.png", "__MACOSX/a.png", "__MACOSX/._a.png", "a/._b.png", "d.png/"]
    shown = ["../../up.png", "/etc/abs.png", "x" * 300 + ".png", "new\nline.png", "é.png", "a#1.png", "c:\\d.png"]
    data = MADE[name if name != "a.tgz" else "a.tar.gz"]([("./" + shown[4], SAMPLE), *((n, SAMPLE) for n in hidden)])
    assert found(put(tmp_path, name, data)) == [("é.png", None)]
    path = put(tmp_path, "2" + name, MADE["a.zip" if "zip" in name else "a.tar"]([(n, SAMPLE) for n in shown]))
    read_names = [source.path for source in discover([str(path)])]
    assert read_names == [f"{path}/{member}" for member in shown]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["2" + name, name])


def test_names_that_are_not_utf8(tmp_path):
    path = put(tmp_path, "a.tar", tar_of([("caf\udce9.png", SAMPLE)]))
    assert found(path) == [("caf\udce9.png", None)]
    data = bytearray(zip_of([("caf_.png", SAMPLE), ("na__ve.png", SAMPLE)]))
    for old, new in ((b"caf_.png", b"caf\x82.png"), (b"na__ve.png", "naïve.png".encode())):
        data = data.replace(old, new)
    assert found(put(tmp_path, "a.zip", bytes(data))) == [("café.png", None), ("naïve.png", None)]


def special(name, kind, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return name, info


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_what_is_no_file_in_a_tar(tmp_path, mode):
    kinds = {
        "link.png": tarfile.SYMTYPE, "hard.png": tarfile.LNKTYPE, "fifo.png": tarfile.FIFOTYPE,
        "null.png": tarfile.CHRTYPE, "disk.png": tarfile.BLKTYPE,
    }  # fmt: skip
    members = [special(name, kind, "/etc/passwd") for name, kind in kinds.items()]
    members += [special("folder.png", tarfile.DIRTYPE), ("last.png", SAMPLE)]
    rows = found(put(tmp_path, "a.tar", tar_of(members, mode)))
    assert [name for name, _ in rows] == [*kinds, "last.png"]
    errors = [error for _, error in rows]
    assert all("a link" in error for error in errors[:2])
    assert all("not a regular file" in error for error in errors[2:5])
    assert errors[5] is None


def test_what_is_no_file_in_a_zip(tmp_path):
    link, locked = zipfile.ZipInfo("link.png"), zipfile.ZipInfo("locked.png")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    data = zip_of([(link, b"/etc/passwd"), (locked, SAMPLE), ("odd.png", SAMPLE), ("last.png", SAMPLE)])
    entry = data.rindex(b"locked.png") - 46
    odd = data.rindex(b"odd.png") - 46
    data = bytearray(data)
    data[entry + 8] |= 1  # encrypted
    data[odd + 10] = data[data.index(b"odd.png") - 30 + 8] = 9  # Deflate64
    rows = dict(found(put(tmp_path, "a.zip", bytes(data))))
    assert rows["last.png"] is None
    assert "link" in rows["link.png"]
    assert rows["locked.png"] == "unreadable: it is encrypted"
    assert rows["odd.png"].startswith("unreadable: compressed in a way")


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "deflated.zip"])
def test_members_that_are_too_large_are_passed_over(tmp_path, name):
    path = put(tmp_path, name, MADE[name]([("a.png", SAMPLE), ("big.png", bytes(10**7)), ("b.png", SAMPLE)]))
    rows = found(path)
    assert [n for n, _ in rows] == ["a.png", "big.png", "b.png"]
    assert rows[1][1].startswith("too-large: ")
    assert rows[0][1] is rows[2][1] is None


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_zip_that_claims_less_than_it_holds_is_not_decompressed(tmp_path, compression):
    """Peak memory of a process that reads it: 200 MB are in 200 kB, or in less."""
    data = bytearray(zip_of([("bomb.png", bytes(200_000_000))], compression=compression))
    for at in (22, data.rindex(b"PK\1\2") + 24):  # both headers
        data[at : at + 4] = (1000).to_bytes(4, "little")
    path = put(tmp_path, "a.zip", bytes(data))
    rss, errors = peak(path)
    assert errors == ["unreadable"]
    assert rss < 80 << 20


def peak(path):
    """Peak memory of a process that reads all of ``path``, beside what it had before; and its rows' kinds of errors."""
    code = (
        "import sys\n"
        "from multirec.inputs import reading\n"
        "from multirec.inputs.discover import discover\n"
        "from tests.conftest import peak_memory\n"
        "reading.HELD = 20 << 20\n"
        "before = peak_memory()\n"
        "sources = discover([sys.argv[1]])\n"
        "pictures = [p for p in reading.read_ahead(sources, 2, 64) if isinstance(p, reading.Picture)]\n"
        "print(peak_memory() - before, *sorted({p.error.partition(':')[0] for p in pictures} - {''}))"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=True, text=True)
    rss, *errors = done.stdout.split()
    return int(rss), errors


@pytest.mark.parametrize("kind", ["a.tar", "a.tgz", "a.zip"])
def test_memory_does_not_grow_with_an_archive(tmp_path, kind):
    """Of 4 MB each, 60 members need no more than what may wait, beside what 3 need."""
    noise = np.random.default_rng(1).integers(0, 256, (4_000, 1_000), np.uint8)
    data, used = cv2.imencode(".bmp", noise)[1].tobytes(), {}
    for number in (3, 60):
        members = [(f"{k}.bmp", data) for k in range(number)]
        path = put(tmp_path, kind, gzip.compress(tar_of(members), 0) if kind == "a.tgz" else MADE[kind](members))
        used[number], errors = peak(path)
        assert errors == []
    assert used[60] < used[3] + (50 << 20)


def test_members_of_a_tar_are_not_remembered(tmp_path):
    """tarfile would keep a kilobyte of each."""
    path = put(tmp_path, "a.tar", tar_of([(f"{k}.png", b"") for k in range(5000)]))
    tracemalloc.start()
    assert sum(1 for _ in discover([str(path)])) == 5000
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_pictures_in_memory_wait_for_their_turn(monkeypatch):
    """No more bytes are taken than may be held, but for one that is larger by itself; and all come out."""
    release, taken = threading.Event(), []

    def sources():
        for k in range(20):
            taken.append(k)
            yield Source(str(k), content=SAMPLE)

    def wait(*_):
        assert release.wait(60)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("multirec.inputs.reading.HELD", 3 * len(SAMPLE))
    monkeypatch.setattr("multirec.inputs.reading.framed", wait)
    pictures = []
    thread = threading.Thread(target=lambda: pictures.extend(read_ahead(sources(), 8, 64)))
    thread.start()
    time.sleep(1)
    assert len(taken) == 4  # the fourth has been made, and waits
    release.set()
    thread.join()
    assert [int(p.path) for p in pictures if isinstance(p, Picture)] == list(range(20))
    monkeypatch.setattr("multirec.inputs.reading.HELD", 1)
    assert len([p for p in read_ahead(sources(), 8, 64) if isinstance(p, Picture)]) == 20


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.85])
def test_an_archive_that_was_cut_short_is_said(tmp_path, name, share):
    whole = MADE[name]([(f"{k}.png", SAMPLE) for k in range(5)])
    path = put(tmp_path, name, whole[: int(len(whole) * share)])
    rows = found(tmp_path)
    good = [row for row in rows if row[1] is None]
    assert good == [(f"{name}/{k}.png", None) for k in range(len(good))]
    assert len(good) < 6
    assert rows[-1][0] == name
    assert rows[-1][1].partition(":")[0] == ("unreadable" if share else "empty"), rows[-1]
    assert found(path)[-1][0] == "."


def test_a_tar_cut_between_members_is_said(tmp_path):
    whole = tar_of([("a.png", SAMPLE)])
    path = put(tmp_path, "a.tar", whole[: 512 + -(-len(SAMPLE) // 512) * 512])
    assert found(path) == [("a.png", None), (".", "unreadable: damaged or cut short: no mark of its end")]
    assert found(put(tmp_path, "b.tar", tar_of([]))) == []


def test_a_damaged_header_ends_an_archive_and_not_the_run(tmp_path):
    data = bytearray(tar_of([("a.png", SAMPLE), ("b.png", SAMPLE)]))
    data[data.index(b"b.png")] ^= 1
    put(tmp_path, "a.tar", data)
    put(tmp_path, "b.png", SAMPLE)
    rows = found(tmp_path)
    assert [row[0] for row in rows] == ["a.tar/a.png", "a.tar", "b.png"]
    assert rows[1][1] == "unreadable: damaged or cut short: bad checksum"


def test_a_checksum_behind_the_end_is_looked_at(tmp_path):
    data = bytearray(tar_of([("a.png", SAMPLE)], "w:gz"))
    data[-8] ^= 1
    rows = found(put(tmp_path, "a.tgz", data))
    assert [row[0] for row in rows] == ["a.png", "."]
    assert "CRC" in rows[1][1]


def test_a_member_of_a_zip_that_is_damaged(tmp_path):
    data = bytearray(zip_of([("a.png", SAMPLE), ("b.png", SAMPLE)]))
    data[len(SAMPLE) // 2] ^= 1
    rows = found(put(tmp_path, "a.zip", data))
    assert rows[0][1].startswith("unreadable: damaged or cut short: Bad CRC-32")
    assert rows[1] == ("b.png", None)


def test_other_files_with_an_archives_name(tmp_path):
    (tmp_path / "folder.tar").mkdir()
    put(tmp_path / "folder.tar", "a.png", SAMPLE)
    put(tmp_path, "picture.zip", SAMPLE)
    put(tmp_path, "zstandard.tar.zst", b"\x28\xb5\x2f\xfd" + bytes(100))
    os.mkfifo(tmp_path / "pipe.tar")
    (tmp_path / "gone.zip").symlink_to("nowhere")
    rows = dict(found(tmp_path))
    assert rows["folder.tar/a.png"] is None
    assert rows["gone.zip"] == "missing: no such file"
    assert rows["pipe.tar"] == "not-an-image: it is not a regular file"
    assert rows["picture.zip"].startswith("unreadable: ")
    assert "zstd -d" in rows["zstandard.tar.zst"]
    listing = io.BytesIO(os.fsencode(tmp_path / "folder.tar"))
    (source,) = discover(["-"], listing)
    assert read(0, source).error == "not-an-image: it is a folder"


def test_counting_reads_no_compressed_archive(tmp_path):
    members = [(f"{k}.png", SAMPLE) for k in range(3)] + [("x.txt", b"")]
    put(tmp_path, "a.tar", tar_of(members))
    put(tmp_path, "a.zip", zip_of(members))
    put(tmp_path, "b.png", SAMPLE)
    assert count([str(tmp_path)], Opening()) == 7
    assert count([str(tmp_path), "-"], Opening()) is None
    put(tmp_path, "c.tgz", tar_of(members, "w:gz"))
    assert count([str(tmp_path)], Opening()) is None


def test_nothing_is_opened_before_it_is_asked_for(tmp_path, monkeypatch):
    for name in ("a.tar", "b.tar"):
        put(tmp_path, name, tar_of([("1.png", SAMPLE)]))
    opened = []
    real = archives.tar
    monkeypatch.setattr(archives, "tar", lambda path, opening: opened.append(path) or real(path, opening))
    assert next(iter(discover([str(tmp_path)]))).path.endswith("a.tar/1.png")
    assert len(opened) == 1


MEMBER = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(max_examples=150)
@given(st.sampled_from(["a.tar", "a.tar.gz", "a.zip"]), st.lists(MEMBER, unique=True, max_size=6))
def test_any_name_is_found_again(tmp_path_factory, kind, members):
    """All that are shown come once, in order, and each name leads back to its own picture."""
    members = [f"{member}.png" for member in members]
    pictures = {member: b"%d" % k for k, member in enumerate(members)}
    path = put(tmp_path_factory.mktemp("archive"), kind, MADE[kind](pictures.items()))
    sources = list(discover([str(path)]))
    assert len(sources) == len([m for m in members if not names.is_hidden(m.removeprefix("./"))])
    locator = Locator()
    for source in sources:
        again = locator.locate(source.path)
        assert (again.path, again.error) == (source.path, source.error)
        contents = [s.content(Limits()) if callable(s.content) else s.content for s in (source, again)]
        assert contents[0] == contents[1]
        assert contents[0] in pictures.values()


@pytest.mark.parametrize("name", MADE)
def test_damage_of_any_kind_is_rows(tmp_path, name):
    """MULTIREC_FUZZ cases: cut anywhere, bits flipped, mostly in headers; nothing is raised, all errors have a kind."""
    rng = random.Random(name)
    members = [("a.png", SAMPLE), ("x" * 120 + ".png", SAMPLE[:700]), special("l.png", tarfile.SYMTYPE, "a")]
    whole = MADE[name](members[:2] if "zip" in name else members)
    for case in range(max(40, int(os.environ.get("MULTIREC_FUZZ", "0")) // 100)):
        data = bytearray(whole if case % 4 else whole[: rng.randrange(len(whole))])
        for _ in range(rng.randint(1, 4) if data else 0):
            reach = rng.choice(
                (range(len(data)), range(min(512, len(data))), range(max(0, len(data) - 300), len(data)))
            )
            data[rng.choice(reach)] ^= 1 << rng.randrange(8)
        path = put(tmp_path, name, data)
        for source in discover([str(path)], opening=Opening(Limits(bytes=10**7), all_pages=True)):
            error = read(0, source, Limits(bytes=10**7)).error
            assert error.partition(":")[0] in ("", *KINDS), error


def header(name, size, kind):
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    "head",
    [
        header("././@LongLink", 1 << 33, tarfile.GNUTYPE_LONGNAME), header("pax", 1 << 33, tarfile.XHDTYPE),
        header("a.png", -512, tarfile.REGTYPE),
        header("pax", 15, tarfile.XHDTYPE) + b"15 size=-51200\n".ljust(512, b"\0") + header("a.png", 0, b"0"),
    ],
    ids="name pax negative pax-negative".split(),
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_what_a_tars_header_claims_is_not_believed(tmp_path, head, packed):
    """Neither gigabytes of name in memory, nor a way back to where it has been."""
    data = head + bytes(1 << 20)
    rows = found(put(tmp_path, "a.tar", gzip.compress(data) if packed else data))
    assert rows[-1][0] == "." and rows[-1][1].startswith("unreadable: ")
    assert len(rows) < 4


IMAGES = sorted(SAMPLES.glob("*.png"))


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    """WebDataset's: images in the order of the archive, with texts beside; and a damaged one, and a file."""
    folder = tmp_path_factory.mktemp("shards")
    shard = [(f"{image.stem}{end}", image.read_bytes()) for image in IMAGES for end in (".png", ".txt", ".json")]
    put(folder, "0.tar", tar_of(shard))
    put(folder, "1.tar.gz", tar_of(shard[::-1], "w:gz"))
    put(folder, "2.zip", zip_of(shard, compression=zipfile.ZIP_DEFLATED))
    put(folder, "3.tar.xz", tar_of(shard, "w:xz")[:-400])
    put(folder, "4.png", SAMPLE)
    return folder


def test_shards_through_the_program(program, shards, tmp_path):
    """The same rows as from files; a run that was cut anywhere is picked up to the same bytes."""
    done = program("predict", *IMAGES, cwd=tmp_path)
    text = {os.path.basename(r.partition(",")[0]): r.partition(",")[2] for r in done.stdout.decode().splitlines()[1:]}
    done = program("predict", shards.name, "-o", tmp_path / "out.csv", cwd=shards.parent)
    assert done.returncode == ExitCode.SOME_IMAGES_UNREADABLE, done.stderr
    whole = (tmp_path / "out.csv").read_bytes()
    rows = dict(row.split(",", 1) for row in whole.decode().splitlines()[1:])
    members = [image.name for image in IMAGES]
    want = [f"0.tar/{n}" for n in members] + [f"1.tar.gz/{n}" for n in members[::-1]] + [f"2.zip/{n}" for n in members]
    good = [name for name, row in rows.items() if row.endswith(",")]
    damaged = f"{shards.name}/3.tar.xz"
    assert [n for n in good if not n.startswith(damaged)] == [f"{shards.name}/{n}" for n in [*want, "4.png"]]
    assert all(rows[n] == text[os.path.basename(n)] for n in good if n != f"{shards.name}/4.png")
    assert "unreadable: damaged or cut short: " in rows[damaged]
    for share in (0.3, 0.8):
        (tmp_path / "out.csv.part").write_bytes(whole[: int(len(whole) * share)])
        (tmp_path / "out.csv").unlink()
        done = program("predict", shards.name, "-o", tmp_path / "out.csv", "--resume", cwd=shards.parent)
        assert b"rows of an earlier run kept" in done.stderr
        assert (tmp_path / "out.csv").read_bytes() == whole


def test_names_of_members_and_texts_through_the_program(program, shards, tmp_path):
    wanted = ["2.zip/sign.png", "1.tar.gz/sign.png", "0.tar/book.png"]
    listing = "\n".join(wanted[1:]).encode()
    done = program("predict", wanted[0], "-", "-f", "txt", "--output-dir", tmp_path, stdin=listing, cwd=shards)
    assert done.returncode == ExitCode.OK, done.stderr
    texts = {str(p.relative_to(tmp_path)): p.read_text() for p in tmp_path.rglob("*.txt")}
    assert sorted(texts) == sorted(f"{name}.txt" for name in wanted)
    assert texts["2.zip/sign.png.txt"] == texts["1.tar.gz/sign.png.txt"] == "HARBOUR OFFICE\n"
    done = multirec("predict", "0.tar/none.jpg/x", "nothing.tar/x", cwd=shards)
    assert done.returncode == ExitCode.USAGE
    assert b"nothing.tar/x" in done.stderr
    for path in ("0.tar", wanted[0]):
        done = multirec("predict", path, "-f", "txt", cwd=shards)
        assert done.returncode == ExitCode.USAGE
        assert b"use --output-dir" in done.stderr


def test_texts_are_not_written_into_archives(shards, monkeypatch):
    monkeypatch.chdir(shards)
    with pytest.raises(OutputError, match=r"0\.tar/a/b\.png: in an archive, .* use --output-dir"):
        TextFiles(None).write(Result("0.tar/a/b.png", "t", 1.0, (("t", 1.0), ("t", 1.0)), True))


def test_archives_from_python(recognizer, shards):
    got = list(recognizer.read([shards / "2.zip", f"{shards}/1.tar.gz/sign.png", ("x", SAMPLE)]))
    assert [os.path.relpath(r.image, shards) for r in got[:-1]] == [
        *(f"2.zip/{image.name}" for image in IMAGES), "1.tar.gz/sign.png",
    ]  # fmt: skip
    assert got[-1].text == got[-2].text == "HARBOUR OFFICE"


@pytest.mark.parametrize("name", MADE)
def test_what_is_excluded_in_folders_is_in_archives(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(MADE[name]([(member, SAMPLE) for member in ("a.png", "old/b.png", "c/old.png", "c/d/e.png")]))
    for patterns, left in (
        (["old"], ["a.png", "c/old.png", "c/d/e.png"]), (["old*"], ["a.png", "c/d/e.png"]),
        (["c/d/"], ["a.png", "old/b.png", "c/old.png"]), (["*.png"], []),
    ):  # fmt: skip
        found = [source.path for source in discover([str(tmp_path)], exclude=patterns)]
        assert found == [f"{path}/{member}" for member in left]
        assert count([str(tmp_path)], Opening(), patterns) in (len(left), None)
    assert [s.path for s in discover([f"{path}/a.png"], exclude=["*.png"])] == [f"{path}/a.png"]
