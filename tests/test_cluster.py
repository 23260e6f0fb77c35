"""Runs on a Ray cluster: two nodes, on this machine, with real actors that die, and a node that goes."""

import dataclasses
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from itertools import chain
from pathlib import Path

import fsspec
import pytest
import ray
from click.testing import CliRunner
from fsspec.implementations.local import LocalFileSystem
from hypothesis import given
from hypothesis import strategies as st
from ray.cluster_utils import Cluster as Nodes

from multirec import ExitCode, ModelError, Options, SetupError
from multirec.cli.main import main
from multirec.errors import LostError
from multirec.inputs.discover import discover
from multirec.run.ahead import BYTES, LEAST, MOST, Ahead
from multirec.run.cluster import Cluster
from multirec.run.facts import check_alike, facts_of
from multirec.run.job import Job, identity
from multirec.run.signals import Stop
from multirec.sources import Opening, Page, Source
from tests.conftest import SAMPLES, as_csv, multirec
from tests.corpus import FORMATS, NAMES
from tests.pages import kraken_alto, sheet
from tests.test_archives import tar_of, zip_of
from tests.test_readme import blocks

IMAGES = sorted(SAMPLES.glob("*.png"))
SAMPLE = (SAMPLES / "sign.png").read_bytes()
NODE = {"num_cpus": 2, "object_store_memory": 80 << 20, "include_dashboard": False}
OPENING = Opening(all_pages=True)


def test_what_goes_with_the_engine_alone_is_refused(monkeypatch):
    def said(*arguments):
        done = CliRunner().invoke(main, ["predict", str(SAMPLES), *arguments])
        assert done.exit_code == ExitCode.USAGE
        return done.output

    for option in ("--ray-address=auto", "--actors=2", "--actor-gpus=0.5"):
        assert f"{option.partition('=')[0]} goes with --engine ray" in said(option)
    for gpus in ("1.5", "nan", "inf"):
        assert f"--actor-gpus {gpus}: an actor has a part of one GPU" in said("--engine", "ray", "--actor-gpus", gpus)
    assert "--device gpu:K is for one machine" in said("--engine", "ray", "--device", "gpu:0")
    assert "two ways to divide" in said("--engine", "ray", "--shard", "1/2", "-o", "x.csv")
    find = __import__("importlib.util").util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ray" else find(name))
    assert "ray is missing: pip install '.[ray]'" in said("--engine", "ray")


SOURCES = st.lists(
    st.tuples(st.sampled_from([0, 0, 0, 1, BYTES // 3, BYTES + 1]), st.sampled_from([None, None, "a.xml", "b.xml"])),
    max_size=300,
)


@given(SOURCES, st.integers(1, 3))
def test_shares_are_all_sources_in_their_order(made, readers):
    """Bounded in number and bytes, but for what is larger by itself, and lines of a page, which stay together."""
    sources = [
        Source(str(i), content=bytes(size) if size else None, page=page and Page(page, 9))
        for i, (size, page) in enumerate(made)
    ]
    taken = []
    with Ahead(sources, readers) as ahead:
        while not ahead.ended:
            ahead.wait(1)
            share = ahead.share()
            taken += share
            alone = [s for s, before in zip(share[1:], share, strict=False) if not s.page or s.page != before.page]
            assert 1 + len(alone) <= MOST
            assert sum(len(s.content or b"") for s in alone) <= BYTES
    assert taken == sources


def test_shares_become_smaller_as_the_end_comes():
    with Ahead([Source(str(i)) for i in range(10_000)], 2) as ahead:
        sizes = []
        while not ahead.ended:
            while not ahead._complete and not ahead._is_full():
                time.sleep(0.001)
            sizes.append(len(ahead.share()))
    assert sizes[0] == MOST and sizes == sorted(sizes, reverse=True) and LEAST in sizes
    assert sum(sizes) == 10_000


def test_what_sources_raise_comes_behind_them_and_a_source_that_never_comes_holds_nobody():
    def sources(event):
        yield Source("a")
        event.wait()
        raise OSError("gone")

    event = threading.Event()
    with Ahead(sources(event), 1) as ahead:
        ahead.wait(10)
        assert [s.path for s in ahead.share()] == ["a"]
        ahead.wait(0.01)
        assert ahead.share() == [] and not ahead.ended
        event.set()
        with pytest.raises(OSError, match="gone"):
            while True:
                ahead.share()
    with Ahead(sources(threading.Event()), 1):
        pass


@pytest.fixture(scope="module")
def nodes():
    """The cluster and its second node; this process is on the first."""
    cluster = Nodes(initialize_head=True, head_node_args=NODE)
    second = cluster.add_node(**NODE)
    ray.init(cluster.address, log_to_driver=False, logging_level=logging.ERROR)
    yield cluster, second
    ray.shutdown()
    cluster.shutdown()


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Some 200 lines in files, archives, a Parquet file and a document; the tests are in that folder."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("desk")
    for copy in range(8):
        shutil.copytree(SAMPLES, folder / "files" / str(copy))
    for name in NAMES:
        (folder / "files" / name).write_bytes(SAMPLE)
    members = [(image.name, image.read_bytes()) for image in IMAGES]
    for name, data in {
        "a.tar": tar_of([*members, members[3]]), "b.tgz": tar_of(members[::-1], "w:gz"), "c.zip": zip_of(members),
        "d.tar": tar_of(members)[:20_000], "e.tif": FORMATS["tiff two pages"], "f.png": b"text",
    }.items():  # fmt: skip
        (folder / name).write_bytes(data)
    pq.write_table(pa.table({"image": [data for _, data in members]}), folder / "g.parquet")
    made = sheet(20)
    made.save(folder / "page.png")
    (folder / "page.xml").write_text(kraken_alto(made, "page.png"))
    before = Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)


def found():
    return chain(discover([".", "missing.png", "page.xml#no"], opening=OPENING), [Source("kept", row=b"a row\n")])


@pytest.fixture(scope="module")
def expected(recognizer, desk):
    return list(recognizer.read_sources(found()))


@pytest.fixture(scope="module")
def cluster(nodes, desk):
    with Cluster(Job((), Options(workers=1), actors=2), Stop()) as shared:
        yield shared


@pytest.mark.models
def test_a_run_that_is_stopped_goes_on_without_ray(nodes, desk, program, tmp_path):
    out, part = tmp_path / "out.csv", tmp_path / "out.csv.part"
    names = b"".join(b"files/%d/%s\n" % (copy, os.fsencode(image.name)) for copy in range(4) for image in IMAGES)
    assert program("predict", "-", "-o", tmp_path / "whole.csv", stdin=names).returncode == ExitCode.OK
    process = subprocess.Popen(
        [sys.executable, "-m", "multirec", "predict", "-", "-o", out, "-q", "--engine", "ray",
         "--ray-address", nodes[0].address, "-w", "1", "--actors", "2"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stdin.write(names[: len(names) // 2])  # and no end of it: what came is read all the same
    process.stdin.flush()
    while process.poll() is None and not (part.exists() and part.read_bytes().count(b"\n") > 15):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=300)
    assert (process.returncode, stdout) == (ExitCode.INTERRUPTED, b""), stderr
    assert re.fullmatch(rb"multirec: stopped by SIGINT after \d+ images; go on with --resume, .*\n", stderr)
    done = program("predict", "-", "-o", out, "--resume", stdin=names)
    assert b"rows of an earlier run kept" in done.stderr
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()


@pytest.mark.models
def test_rows_are_those_of_one_process(cluster, recognizer, expected):
    assert list(cluster.read_sources(found())) == expected
    assert {r.error.partition(":")[0] for r in expected} >= {"", "missing", "not-an-image", "unreadable"}
    job = Job((), Options())
    assert identity(job, cluster.facts) == identity(job, facts_of(recognizer))


@pytest.mark.models
def test_tensorflow_has_as_many_threads_as_an_actor_has_processors(cluster, tmp_path):
    told = tmp_path / "told"

    def content(limits):
        from tensorflow.config import threading

        counts = threading.get_inter_op_parallelism_threads(), threading.get_intra_op_parallelism_threads()
        told.write_text(str(counts))
        return SAMPLE

    list(cluster.read_sources([Source("a", content=content)]))
    assert told.read_text() == "(1, 1)"


@pytest.mark.models
def test_a_cluster_for_a_run_leaves_nothing_behind(recognizer):
    image = SAMPLES / "sign.png"
    # The path of a socket is at most 108 bytes long, which those of pytest's folders may be.
    with tempfile.TemporaryDirectory() as folder:
        done = multirec("predict", image, "-q", "--engine", "ray", "--actors", "1", "-w", "1",
                        env={"RAY_TMPDIR": folder, "RAY_ADDRESS": ""})  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (ExitCode.OK, as_csv(recognizer.read([image])), b"")
        left = list(Path(folder).rglob("session_2*"))
    assert not left


def dying(there):
    """What gives the sample, but ends the process that asks for it unless the file ``there`` is there, once it is."""

    def content(limits):
        if os.path.exists(there):
            return SAMPLE
        open(there, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)

    return content


@pytest.mark.models
def test_an_actor_that_dies_costs_nothing(cluster, recognizer, expected, tmp_path, capsys):
    (good,) = recognizer.read_sources([Source("dies", content=SAMPLE)])
    sources = list(found())
    sources.insert(60, Source("dies", content=dying(str(tmp_path / "died"))))
    assert list(cluster.read_sources(sources)) == [*expected[:60], good, *expected[60:]]
    assert re.search(r"an actor on .* has died \(.*\); what it was reading is read again", capsys.readouterr().err)


@pytest.mark.models
def test_a_run_stops_where_it_is(cluster, expected):
    stop, results = threading.Event(), []
    for result in cluster.read_sources(found(), stop):
        results.append(result)
        stop.set()
    assert results == expected[: len(results)] and len(results) < len(expected)


@pytest.mark.models
def test_files_that_another_node_does_not_find(cluster):
    with open(SAMPLES / "sign.png", "rb") as file:
        path = f"/proc/self/fd/{os.dup2(file.fileno(), 977)}"
        with pytest.raises(SetupError, match=rf"{path}: it can be read here, and not on .*missing.*same paths"):
            list(cluster.read_sources([Source(path)]))
        os.close(977)


class Near(LocalFileSystem):
    """A store of which the actors know nothing, as they do where its package or credentials are missing."""

    protocol = "near"

    @classmethod
    def _strip_protocol(cls, path):
        return path.removeprefix("near://")


@pytest.mark.models
def test_stores_that_another_node_cannot_ask(cluster):
    fsspec.register_implementation("near", Near)
    (result,) = cluster.read_sources([Source("near:///none.png")])
    assert result.error == "unreadable: near:// is no kind of store that is known"  # nor is it there
    with pytest.raises(SetupError, match=r"near://.*it can be read here, and not on .*unreadable.*credentials"):
        list(cluster.read_sources([Source(f"near://{IMAGES[0]}")]))


@pytest.mark.models
def test_recognisers_that_would_write_other_rows(cluster):
    other = dataclasses.replace(cluster.facts, depends=cluster.facts.depends | {"precision": "half"}, host="there")
    check_alike(cluster.facts, cluster.facts)
    with pytest.raises(SetupError, match=r"on there would write other rows .* precision \(half, .*--precision float32"):
        check_alike(cluster.facts, other)


@pytest.mark.models
def test_what_no_actor_can_do(nodes):
    with pytest.raises(SetupError, match=r"each needs 1 CPUs and 1 GPUs; the cluster has 4 CPUs and 0 GPUs"):
        Cluster(Job((), Options(workers=1, patience=0.4), actor_gpus=1), Stop())
    with pytest.raises(ModelError, match=rf"{os.uname().nodename}: .*none\.npz"):
        Cluster(Job((), Options(workers=1, weights_363="none.npz"), actors=1), Stop())


@pytest.mark.models
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Ray Data by itself
def test_the_recipe_for_a_ray_dataset(nodes, recognizer, tmp_path):
    (code,) = (c for c in blocks("python") if "ray" in c)
    shutil.copytree(SAMPLES, tmp_path / "scans", ignore=shutil.ignore_patterns("*.tsv"))
    names = {}
    exec(compile(code.replace("/data", str(tmp_path)), "README.md", "exec"), names)
    rows = {os.path.basename(row["path"]): row for row in names["lines"].take_all()}
    assert sorted(rows) == [image.name for image in IMAGES]
    for result in recognizer.read(IMAGES):
        row = rows[os.path.basename(result.image)]
        assert (row["text"], row["confidence"]) == (result.text, result.confidence)


@pytest.mark.models
def test_a_node_that_goes_costs_nothing(cluster, nodes, expected):
    whole, second = nodes
    results = []
    for result in cluster.read_sources(found()):
        results.append(result)
        if len(results) == 1:
            whole.remove_node(second)
    assert results == expected


@pytest.mark.models
def test_what_ends_every_actor_ends_the_run_by_its_name(cluster, recognizer):
    """The last with this cluster, which has lost its actors then; rows before are out."""

    def deadly(limits):
        os.kill(os.getpid(), signal.SIGKILL)

    sources = [*map(Source, map(str, IMAGES)), Source("deadly", content=deadly)]
    with pytest.raises(LostError, match=r"3 actors have died over the same \d+ images, '.*' to 'deadly' \(killed, "):
        list(cluster.read_sources(sources))
