"""Images, archives and outputs in stores: a real server of S3, and between it and us one that throttles and drops."""

import csv
import http.client
import io
import os
import re
import signal
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from multirec import ExitCode, Options, stores
from multirec.cli.main import main
from multirec.errors import BusyError, MergeError, OutputError, StalledError
from multirec.inputs import reading
from multirec.inputs.discover import count, discover
from multirec.inputs.opencv import cv2
from multirec.inputs.reading import Picture, read_ahead
from multirec.inputs.scans import picture
from multirec.outputs import stored
from multirec.outputs.claim import Claim
from multirec.outputs.files import File
from multirec.outputs.formats import LAYOUTS
from multirec.outputs.resume import TRANSIENT, recover
from multirec.outputs.stored import Stored, place_of
from multirec.run.job import Job
from multirec.run.merge import merge
from multirec.run.running import run
from multirec.sources import Opening, Source
from tests.conftest import SAMPLES, as_csv, multirec
from tests.test_readme import PAGE

SIGN = (SAMPLES / "sign.png").read_bytes()


class Server(ThreadingHTTPServer):
    """On loopback, in threads of its own while the block runs."""

    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self.server_close()

    def handle_error(self, request, address):
        """Whoever hangs up, or was hung up on, is meant to."""


class Between(Server):
    """Hands requests on to a store, but for those that ``fault`` has an answer to.

    Attributes:
        fault: given method, path and headers of a request: a status and a code of S3, "drop" for a connection that is
            dropped within the answer, "hang up" for none at all, or nothing.
        asked: the requests.
    """

    def __init__(self, port):
        self.port = port
        self.calm()
        super().__init__(_Between)

    def calm(self):
        self.fault = lambda method, path, headers: None
        self.asked = []


class _Between(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path))
        fault = self.server.fault(self.command, self.path, self.headers)
        if fault == "hang up":
            self.close_connection = True
            return
        if isinstance(fault, tuple):
            status, code = fault
            answer = f"<Error><Code>{code}</Code><Message>{code}, says the test</Message></Error>".encode()
            self._answer(status, [("Content-Type", "application/xml")], b"" if self.command == "HEAD" else answer)
            return
        store = http.client.HTTPConnection("127.0.0.1", self.server.port)
        store.request(self.command, self.path, body, dict(self.headers))
        found = store.getresponse()
        data = found.read()
        kept = [(k, v) for k, v in found.getheaders() if k.lower() not in ("connection", "transfer-encoding")]
        self._answer(found.status, kept, data, cut=fault == "drop")
        store.close()

    def _answer(self, status, headers, data, cut=False):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if "content-length" not in {name.lower() for name, _ in headers}:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection = self.close_connection or cut

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815

    def log_message(self, *message):
        pass


@pytest.fixture(scope="module")
def server():
    """A store that speaks S3, in a process of its own."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        port = next(int(found[1]) for line in process.stderr if (found := re.search(rb"127\.0\.0\.1:(\d+)", line)))
        threading.Thread(target=process.stderr.read, daemon=True).start()
        with Between(port) as between, pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", between.url)
            patch.setenv("AWS_ACCESS_KEY_ID", "key")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            patch.setattr(stores, "FIRST_WAIT", 0.01)
            stores._ask("s3://bucket", lambda files, place: files.mkdir(place))
            yield between
        process.kill()


@pytest.fixture
def store(server):
    server.calm()
    yield server
    server.calm()


def upload(folder, url):
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            stores.put(f"{url}/{path.relative_to(folder)}", path)


def read(paths, **how):
    """The pictures of ``paths``: names, errors, pixels."""
    found = read_ahead(discover(map(str, paths), **how), 4, 64)
    return [(p.path, p.error, p.pixels) for p in found if isinstance(p, Picture)]


def same(here, there, before, after):
    """Whether pictures are the same, but for what their names begin with."""
    assert [(name.replace(before, after), error.replace(before, after)) for name, error, _ in here] == [
        (name, error) for name, error, _ in there
    ]
    for (_, _, mine), (_, _, theirs) in zip(here, there, strict=True):
        assert (mine is None and theirs is None) or np.array_equal(mine, theirs)


@pytest.fixture(scope="module")
def holdings(tmp_path_factory, server):
    """A folder with one of all that can be read, and its copy in the store."""
    import pyarrow as pa
    from pyarrow import parquet

    top = tmp_path_factory.mktemp("holdings")
    for name in ("a/b.png", "a/B.png", "a-c.png", "a/.hidden.png", "@eaDir/x.png", "drafts/y.png", "ä #1 +%20.png"):
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_bytes(SIGN)
    (top / "empty.png").write_bytes(b"")
    (top / "torn.png").write_bytes(SIGN[:100])
    for name, mode in (("plain.tar", "w"), ("packed.tar.gz", "w:gz")):
        with tarfile.open(top / name, mode) as archive:
            for member in ("d/one.png", "two.png"):
                archive.add(SAMPLES / "sign.png", member)
    with zipfile.ZipFile(top / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for member in ("d/one.png", "two.png"):
            archive.write(SAMPLES / "sign.png", member)
    (top / "torn.tar").write_bytes((top / "plain.tar").read_bytes()[:1500])
    parquet.write_table(pa.table({"image": [SIGN, None, SIGN]}), top / "rows.parquet")
    sign = cv2.imread(str(SAMPLES / "sign.png"))
    assert cv2.imwritemulti(str(top / "pages.tif"), [sign, sign[:, :200]])
    for name in ("page.xml", "page/page.xml"):
        (top / "scans" / name).parent.mkdir(parents=True, exist_ok=True)
        (top / "scans" / name).write_text(PAGE)
    (top / "scans/page.png").write_bytes(SIGN)
    (top / "scans/other.xml").write_text("<feed/>")
    upload(top, "s3://bucket/holdings")
    return top


@pytest.mark.parametrize("all_pages", [False, True])
def test_a_store_is_read_as_a_folder_is(store, holdings, all_pages):
    how = {"opening": Opening(all_pages=all_pages), "exclude": ["drafts"]}
    here = read([holdings], **how)
    assert len(here) == 19 + all_pages
    same(here, read(["s3://bucket/holdings"], **how), str(holdings), "s3://bucket/holdings")
    assert count(["s3://bucket/holdings/a", "s3://bucket/holdings/a-c.png"], Opening()) == 3


def test_names_lead_back(store, holdings):
    names = [
        "plain.tar/two.png", "packed.tar.gz/d/one.png", "all.zip/two.png", "all.zip/none.png", "rows.parquet#2",
        "rows.parquet#1", "pages.tif#2", "scans/page.xml#l1", "scans/page.xml#l9", "a/b.png", "none.png",
    ]  # fmt: skip
    here = read([holdings / name for name in names])
    assert sum(bool(error) for _, error, _ in here) == 4
    same(here, read(f"s3://bucket/holdings/{name}" for name in names), str(holdings), "s3://bucket/holdings")
    listed = "".join(f"s3://bucket/holdings/{name}\n" for name in names).encode()
    same(here, read(["-"], listing=io.BytesIO(listed)), str(holdings), "s3://bucket/holdings")


def test_a_listing_knows_what_has_come_since(store):
    stores.put("s3://bucket/new/a.png", SIGN)
    assert [name for name, *_ in read(["s3://bucket/new/"])] == ["s3://bucket/new/a.png"]
    stores.put("s3://bucket/new/b.png", SIGN)
    stores.put("s3://bucket/new/c.png/d.png", SIGN)  # a folder named as images are
    names = [name.removeprefix("s3://bucket/new/") for name, *_ in read(["s3://bucket/new"])]
    assert names == ["a.png", "b.png", "c.png/d.png"]


def test_names_that_no_folder_has_are_told_of(store):
    connection = http.client.HTTPConnection("127.0.0.1", store.port)
    for key in ("made/", "made/a.png", "odd//b.png", "odd/c.png"):  # the first as consoles make folders
        connection.request("PUT", f"/bucket/{key}", SIGN if key[-1] != "/" else b"")
        connection.getresponse().read()
    connection.close()
    assert [(name, error) for name, error, _ in read(["s3://bucket/made"])] == [("s3://bucket/made/a.png", "")]
    ((name, error, _),) = read(["s3://bucket/odd"])
    assert name == "s3://bucket/odd"
    assert error.startswith("unreadable: names with nothing between two slashes")


def times(number, fault, of):
    """A fault of the first requests for each path."""
    seen = {}

    def choose(method, path, headers):
        seen[path] = seen.get(path, 0) + (method in of)
        return fault if method in of and seen[path] <= number else None

    return choose


@pytest.mark.parametrize(
    "fault", [(503, "SlowDown"), (429, "TooMany"), (500, "InternalError"), (400, "RequestTimeout"), "drop", "hang up"]
)
def test_what_goes_by_is_waited_for(store, holdings, fault):
    here = read([holdings / "a", holdings / "plain.tar", holdings / "all.zip"])
    # The name of what is wrong is in an answer's body, which HEAD has none of.
    store.fault = times(2, fault, ("GET",) if fault == (400, "RequestTimeout") else ("GET", "HEAD"))
    urls = [f"s3://bucket/holdings/{name}" for name in ("a", "plain.tar", "all.zip")]
    same(here, read(urls), str(holdings), "s3://bucket/holdings")
    asked = [path for method, path in store.asked if method == "GET" and path.endswith("/a/b.png")]
    assert len(asked) >= 3


@pytest.mark.parametrize(
    ("fault", "tries", "error"),
    [
        ((503, "SlowDown"), 6, "unreadable: SlowDown, says the test (tried 6 times)"),
        ((403, "AccessDenied"), 1, "unreadable: AccessDenied, says the test"),
        ((404, "NoSuchKey"), 1, "missing: no such file"),
        ("hang up", 6, "unreadable: "),
    ],
)
def test_what_stays_is_a_row(store, holdings, fault, tries, error):
    store.fault = lambda method, path, headers: fault if path.endswith("/b.png") else None
    (first, second) = read(["s3://bucket/holdings/a"])
    assert (first[1], second[1][: len(error)]) == ("", error)
    asked = len([path for _, path in store.asked if path.endswith("/b.png")])
    assert asked == tries or (fault == "hang up" and asked <= 2 * tries)  # the client asks twice by itself
    assert error.partition(":")[0] in TRANSIENT


def test_a_store_that_is_gone_ends_the_run(store, monkeypatch):
    monkeypatch.setattr(stores, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(reading, "MOST_IN_VAIN", 5)
    store.fault = lambda method, path, headers: None if "/b." in path else (503, "SlowDown")
    listed = "".join(f"s3://bucket/holdings/a/{'b' if number == 4 else number}.png\n" for number in range(12)).encode()
    rows = []
    with pytest.raises(StalledError, match=r"^s3://bucket/holdings/a/9.png: .* nor were 4 before it"):
        for picture in read_ahead(discover(["-"], io.BytesIO(listed)), 4, 64):
            rows += [picture] if isinstance(picture, Picture) else []
    assert [bool(row.error) for row in rows] == [number != 4 for number in range(10)]


def test_a_listing_of_many_pages_goes_on_where_one_has_failed(store, holdings, monkeypatch):
    monkeypatch.setattr(stores, "PAGE", 2)
    failed = {}

    def choose(method, path, headers):
        if "list-type=2" not in path:
            return None
        failed[path] = failed.get(path, 0) + 1
        return (503, "SlowDown") if failed[path] == 1 else None

    store.fault = choose
    names = {path.name for path in holdings.iterdir()}
    assert {name for name, _ in stores.listing("s3://bucket/holdings")} == names
    assert set(failed.values()) == {2}
    assert len(failed) >= len(names) / 2


def test_a_folder_that_cannot_be_listed_is_a_row(store):
    for name in ("a.png", "b/c.png", "d.png"):
        stores.put(f"s3://bucket/walk/{name}", SIGN)
    store.fault = lambda method, path, headers: (503, "SlowDown") if "walk%2Fb%2F" in path else None
    found = [(name.removeprefix("s3://bucket/walk/"), error) for name, error, _ in read(["s3://bucket/walk"])]
    assert found == [("a.png", ""), ("b", "unreadable: SlowDown, says the test (tried 6 times)"), ("d.png", "")]


def test_a_page_whose_document_is_not_given_is_not_taken_for_a_line(store, holdings):
    store.fault = lambda method, path, headers: (503, "SlowDown") if path.endswith(".xml") else None
    found = {
        name.removeprefix("s3://bucket/holdings/scans/"): error
        for name, error, _ in read(["s3://bucket/holdings/scans"])
    }
    assert set(found) == {"other.xml", "page.png", "page.xml", "page/page.xml"}
    assert all(error.startswith("unreadable: ") for error in found.values())


def test_a_token_that_expires_is_read_anew(store, tmp_path, monkeypatch, holdings):
    """Some other program writes the next one, as those do that log in for a role."""
    secrets = tmp_path / "credentials"

    def write(key):
        secrets.write_text(f"[default]\naws_access_key_id={key}\naws_secret_access_key=s\naws_session_token=t\n")

    def check(method, path, headers):
        if "Credential=OLD/" in headers["Authorization"]:
            write("NEW")
            return 403, "ExpiredToken"
        return None

    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(secrets))
    monkeypatch.setattr(stores, "_stores", {})
    monkeypatch.setattr(stores, "_RENEWED", 0.0)
    here = read([holdings / "a", holdings / "plain.tar"])
    for paths in (["a", "plain.tar"], ["plain.tar"]):  # a listing comes first, or an answer without a body
        write("OLD")
        stores._stores.clear()
        store.fault = check
        there = read(f"s3://bucket/holdings/{name}" for name in paths)
        same(here[-2 * len(paths) :], there, str(holdings), "s3://bucket/holdings")
        store.fault = lambda method, path, headers: None


class Web(SimpleHTTPRequestHandler):
    """Python's own server, which gives no parts of files."""

    faults = ()

    def do_GET(self):
        if self.faults and self.command == "GET":
            status = self.faults.pop()
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        super().do_GET()

    def log_message(self, *message):
        pass


class Parts(Web):
    """One that does."""

    def do_GET(self):
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if not found:
            assert self.command == "HEAD" or self.path.endswith("/page.png"), self.path
            super().do_GET()
            return
        data = Path(self.translate_path(self.path)).read_bytes()
        part = data[int(found[1]) : int(found[2]) + 1]
        self.send_response(206)
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Content-Range", f"bytes {found[1]}-{found[2]}/{len(data)}")
        self.end_headers()
        self.wfile.write(part)


def test_the_web(holdings, monkeypatch):
    monkeypatch.setattr(stores, "FIRST_WAIT", 0.01)
    with Server(partial(Web, directory=str(holdings))) as web:
        same(read([holdings / "a"]), read([f"{web.url}/a/"]), str(holdings), web.url)
        (row,) = read([f"{web.url}/none.png"])
        assert row[1] == "missing: no such file"
        for name in ("all.zip", "plain.tar", "scans/page.xml"):
            same(read([holdings / name]), read([f"{web.url}/{name}"]), str(holdings), web.url)
        monkeypatch.setattr(stores, "WHOLE", 100)
        (row,) = read([f"{web.url}/all.zip"])
        assert row[1].startswith("unreadable: its server gives no parts of files, and it has more than 100 bytes")
        Web.faults = [503, 429]
        same(read([holdings / "a/b.png"]), read([f"{web.url}/a/b.png"]), str(holdings), web.url)
        assert not Web.faults
        listed = stores.contents(f"{web.url}/plain.tar", 100)
        assert listed == (holdings / "plain.tar").read_bytes()[:101]
    with Server(partial(Parts, directory=str(holdings))) as web:
        for name in ("plain.tar", "all.zip", "rows.parquet", "scans/page.xml"):
            same(read([holdings / name]), read([f"{web.url}/{name}"]), str(holdings), web.url)


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(stores, "_stores", {})
    ((_, error, _),) = read(["gs://bucket/a.png"])
    assert error == "unreadable: gs:// cannot be used: Please install gcsfs to access Google Storage"
    ((_, error, _),) = read(["nosuch://bucket/a.png"])
    assert error == "unreadable: nosuch:// is no kind of store that is known"
    monkeypatch.setitem(sys.modules, "fsspec", None)
    ((_, error, _),) = read(["s3://bucket/a.png"])
    assert error.endswith("pip install '.[remote]' in a clone of multirec")
    done = CliRunner().invoke(main, ["predict", "s3://bucket/a.png"])
    assert done.exit_code == ExitCode.USAGE
    assert "pip install '.[remote]' in a clone of multirec" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["s3://bucket/none"], "'s3://bucket/none' does not exist."),
        (["s3://no-bucket"], "'s3://no-bucket' does not exist."),
        (["s3://bucket/holdings/a", "-o", "s3://bucket/o.csv", "--append"], "which no store takes: use --resume"),
        (["s3://bucket/holdings/a", "--xml-out", "s3://bucket/xml"], "--xml-out is a folder of a disk"),
        (["s3://bucket/holdings/a", "-f", "txt"], "beside what is in a store no text is written: use --output-dir"),
    ],
)
def test_what_is_refused(store, holdings, arguments, said):
    done = CliRunner().invoke(main, ["predict", *arguments])
    assert done.exit_code == ExitCode.USAGE
    assert said in done.output


def test_an_output_is_a_file_of_one_run(store, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for url in ("s3://bucket", "s3://bucket/folder/", "s3://bucket/.."):
        with pytest.raises(OutputError, match=f"{re.escape(url)}: it names no file: add the name of one"):
            place_of(url)
    url = "s3://bucket/busy.csv"
    with Claim(place_of(url)), pytest.raises(BusyError, match=f"^{url}: another run is writing it"):
        run(Job(("s3://bucket/none.png",), Options(), url), io.BytesIO())
    with pytest.raises(OutputError, match="it is on a disk: give its path"):
        place_of("file:///tmp/lines.csv")


def test_no_document_leads_out_of_its_bucket(store):
    for bucket in ("s3://other", "s3://empty"):
        stores._ask(bucket, lambda files, place: files.mkdir(place))
    stores.put("s3://other/page.png", SIGN)
    assert picture("s3://bucket/page.xml", "other/page.png") is None
    assert picture("s3://other/xml/page.xml", "page.png") == "s3://other/xml/../page.png"
    assert stores.isfile("s3://other/xml/../page.png") and not stores.exists("s3://bucket/../other/page.png")
    assert stores.listing("s3://empty") == []


HEADER = LAYOUTS["csv"].header
ROWS = [f"{number}.png,text,0.5,text,0.5,text,0.5,true,\n".encode() for number in range(40)]
SOURCES = [Source(f"{number}.png") for number in range(40)]
KNOWN = {"weights": "9"}


@contextmanager
def machine(patch, folder, url, resume=False, known=KNOWN):
    """A run that writes ``url``, on a machine with a disk of its own."""
    patch.setenv("XDG_CACHE_HOME", str(folder))
    file, told = place_of(url), []
    part, rest = file.with_name(f"{file.name}.part"), file.with_name(f"{file.name}.rest")
    with Claim(file) as claim, Stored(url, file, claim.file, told.append) as kept:
        kept.fetch(resume)
        left, spare, resumed = iter(SOURCES), {}, False
        if resume and part.exists() and part.stat().st_size:
            claim.check(known)
            found = recover(part, rest, LAYOUTS["csv"], iter(SOURCES))
            left, spare, resumed = found.sources, found.spare, part.stat().st_size > 0
        claim.record(known)
        kept.begin(resumed)
        with File(file, resume=resumed) as out:
            if not resumed:
                out.write(HEADER)
            yield out, left, kept
    assert not spare


class KilledError(Exception):
    """Stands for a machine that is gone: nothing is put any more."""


def pieces(url):
    return sorted(name for name, _ in stores.listing(f"{url}.part")) if stores.exists(f"{url}.part") else []


def content(url):
    return stores.contents(url, 1 << 20)


def run_until(patch, folder, url, number, resume=False):
    """Rows up to ``number``, which are put; then the machine is gone."""
    with pytest.raises(KilledError), machine(patch, folder, url, resume) as (out, left, kept):
        for source in left:
            out.write(ROWS[int(source.path[:-4])])
            if source.path == f"{number}.png":
                break
        kept._push()
        patch.setattr(kept, "_end", lambda *_: None)
        raise KilledError


def test_rows_outlive_the_machine(store, tmp_path, monkeypatch):
    """Three machines, one after the other, each with what the last one has put; the last one ends it."""
    monkeypatch.setattr(stored, "PIECE", 256)
    url = "s3://bucket/out/lines.csv"
    stores.put(url, b"what an earlier run has made\n")
    run_until(monkeypatch, tmp_path / "1", url, 9)
    assert len(pieces(url)) == 2
    run_until(monkeypatch, tmp_path / "2", url, 25, resume=True)
    assert b"".join(content(f"{url}.part/{name}") for name in pieces(url)) == HEADER + b"".join(ROWS[:26])
    assert content(url) == b"what an earlier run has made\n"
    with machine(monkeypatch, tmp_path / "3", url, resume=True) as (out, left, _):
        names = [source.path for source in left]
        assert names == [f"{number}.png" for number in range(26, 40)]
        out.write(b"".join(ROWS[26:]))
    assert content(url) == HEADER + b"".join(ROWS)
    assert pieces(url) == []
    assert [path.name for path in place_of(url).parent.iterdir()] == [".lines.csv.multirec"]


def test_rows_that_wait_to_be_written_again_outlive_it_too(store, tmp_path, monkeypatch):
    """An image whose row held an error comes before rows that are good."""
    monkeypatch.setattr(stored, "PIECE", 256)
    url = "s3://bucket/rest/lines.csv"
    bad = b"3.png,,,,,,,,missing: no such file\n"
    with pytest.raises(KilledError), machine(monkeypatch, tmp_path / "1", url) as (out, _, kept):
        out.write(b"".join([*ROWS[:3], bad, *ROWS[4:30]]))
        kept._push()
        monkeypatch.setattr(kept, "_end", lambda *_: None)
        raise KilledError
    with pytest.raises(KilledError), machine(monkeypatch, tmp_path / "2", url, resume=True) as (_, _, kept):
        monkeypatch.setattr(kept, "_end", lambda *_: None)
        raise KilledError
    assert pieces(url)[-1] == "rest"
    assert b"".join(content(f"{url}.part/{name}") for name in pieces(url)[:-1]) == HEADER + b"".join(ROWS[:3])
    with machine(monkeypatch, tmp_path / "3", url, resume=True) as (out, left, _):
        rows = [(source.path, source.row) for source in left]
        assert [row for _, row in rows] == [b"", *ROWS[4:30], *[b""] * 10]
        out.write(b"".join(ROWS[3:]))
    assert content(url) == HEADER + b"".join(ROWS)
    assert pieces(url) == []


def test_a_new_run_puts_aside_what_an_interrupted_one_has_left(store, tmp_path, monkeypatch):
    from multirec.outputs.files import aside, part_of

    url = "s3://bucket/aside/lines.csv"
    for number, machine_ in enumerate("123"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / machine_))
        file = place_of(url)
        with pytest.raises(KilledError), Claim(file) as claim, Stored(url, file, claim.file, print) as kept:
            kept.fetch(resume=False)
            if number:
                aside(part_of(file))
            claim.record(KNOWN)
            kept.begin(resumed=False)
            with File(file) as out:
                out.write(ROWS[number])
                raise KilledError
    assert content(f"{url}.part.old") == ROWS[0]
    assert content(f"{url}.part.old2") == ROWS[1]
    assert content(f"{url}.part/{0:015d}") == ROWS[2]


def test_a_run_whose_output_cannot_be_put_loses_nothing(store, tmp_path, monkeypatch):
    url = "s3://bucket/full/lines.csv"
    refused = (403, "AccessDenied")
    with pytest.raises(OutputError) as told, machine(monkeypatch, tmp_path, url) as (out, _, _):
        out.write(b"".join(ROWS))
        store.fault = lambda method, path, headers: refused if method == "PUT" else None
    file = place_of(url)
    assert str(told.value) == f"{url}: cannot be written: AccessDenied, says the test; the rows are in {file}"
    assert file.read_bytes() == HEADER + b"".join(ROWS)
    with pytest.raises(OutputError, match="cannot be written: AccessDenied"), machine(monkeypatch, tmp_path, url):
        pass  # it says so before anything is read
    store.calm()


def test_rows_that_the_disk_has_lost_stay_in_the_store(store, tmp_path, monkeypatch):
    url = "s3://bucket/cleaned/lines.csv"
    with pytest.raises(OutputError), machine(monkeypatch, tmp_path, url) as (out, _, kept):
        out.write(ROWS[0])
        kept._push()
        place_of(url).with_name("lines.csv.part").unlink()
    assert content(f"{url}.part/{0:015d}") == HEADER + ROWS[0]


def test_shards_are_merged_where_they_are(store, tmp_path, monkeypatch):
    from tests.test_shards import Shard, make, rows, write

    inputs = [("a", 1), ("b", 1), ("c", 3), ("d", 1)]
    urls = []
    for index in (1, 2):
        make(tmp_path / f"{index}.csv", Shard(index, 2), inputs)
        urls.append(f"s3://bucket/shards/{index}.csv")
        for end in ("", ".manifest"):
            stores.put(urls[-1] + end, tmp_path / f"{index}.csv{end}")
    write(tmp_path / "whole", rows(inputs))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    out = io.BytesIO()
    assert merge(urls, "-", out, quiet=True) == ExitCode.SOME_IMAGES_UNREADABLE
    assert out.getvalue() == (tmp_path / "whole").read_bytes()
    merge(urls, "s3://bucket/shards/all.csv", io.BytesIO(), quiet=True)
    assert content("s3://bucket/shards/all.csv") == out.getvalue()
    asked = []

    def second(method, path, headers):
        asked.extend([path] if method == "GET" and "/2.csv" in path and "manifest" not in path else [])
        return (403, "AccessDenied") if len(asked) > 1 else None

    store.fault = second
    with pytest.raises(MergeError, match=f"{urls[1]}: cannot be read: AccessDenied"):
        merge(urls, "-", io.BytesIO(), quiet=True)
    store.calm()
    done = CliRunner().invoke(main, ["merge", urls[0]])
    assert done.exit_code == ExitCode.CANNOT_MERGE


PROGRAM = """
import sys
from multirec import stores
from multirec.outputs import stored
stored.EVERY = 0.2
stores.FIRST_WAIT = 0.05
from multirec.cli.main import main
main()
"""
"""The program, which puts rows more often."""


@pytest.mark.models
def test_a_machine_that_is_gone(store, tmp_path, recognizer):
    """Killed while it reads, over a store that throttles; another machine goes on, and writes what one would have."""
    upload(SAMPLES, "s3://bucket/samples")
    local = sorted(path for path in SAMPLES.iterdir() if path.suffix == ".png")
    names = [f"s3://bucket/samples/{path.name}" for path in local]
    expected = as_csv(recognizer.read(local)).replace(f"{SAMPLES}/".encode(), b"s3://bucket/samples/")
    url = "s3://bucket/gone/lines.csv"
    store.fault = times(2, (503, "SlowDown"), ("GET", "HEAD", "PUT"))
    command = [sys.executable, "-c", PROGRAM, "predict", "-", "-o", url]
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "1")}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as first:
        first.stdin.write("".join(f"{name}\n" for name in names[:4]).encode())
        first.stdin.flush()
        for _ in range(600):
            if (put := pieces(url)) and content(f"{url}.part/{put[0]}").count(b"\n") == 5:
                break
            assert first.poll() is None, first.stderr.read()
            time.sleep(0.2)
        first.send_signal(signal.SIGKILL)
    assert len(pieces(url)) == 1
    assert not stores.exists(url)
    done = multirec(
        "predict", "-", "-o", url, "--resume",
        stdin="".join(f"{name}\n" for name in names).encode(), env={"XDG_CACHE_HOME": str(tmp_path / "2")},
    )  # fmt: skip
    assert done.returncode == ExitCode.OK, done.stderr
    assert b"(4 rows of an earlier run kept)" in done.stderr
    assert content(url) == expected
    assert pieces(url) == []
    assert len(list(csv.reader(io.StringIO(expected.decode())))) == len(local) + 1
