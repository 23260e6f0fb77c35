"""Fuzzing of what meets foreign bytes: the decoder, and the outputs as they are written, read back and picked up.

MULTIREC_FUZZ is the number of cases in all; `make fuzz` sets it.
"""

import csv
import io
import os
import struct
import zlib
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from multirec import Result
from multirec.errors import KINDS
from multirec.inputs.images import MAX_WIDTH
from multirec.outputs.formats import COLUMNS, LAYOUTS, cells
from multirec.outputs.resume import recover
from multirec.sources import Source
from tests.conftest import as_csv, as_json_lines
from tests.corpus import FORMATS
from tests.decoder import MEMORY, Decoder

CASES = int(os.environ.get("MULTIREC_FUZZ", "1050"))
counts = Counter()


def cases(share):
    """Settings for ``share`` of all cases."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
    return settings(max_examples=max(1, round(CASES * share)), deadline=None, suppress_health_check=checks)


@pytest.fixture(scope="module", autouse=True)
def say_how_many(pytestconfig):
    yield
    if "MULTIREC_FUZZ" in os.environ:
        with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            print(f"\n{counts.total()} cases")
            for name, count in sorted(counts.items()):
                print(f"{count:8} {name}")


# What headers are full of: counts, sizes, offsets, and the values at which they break.
SIZES = (0, 1, 2, 3, 4, 8, 16, 32, 255, 256, 1000, 32767, 32768, 65535, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)
FIELDS = st.sampled_from(SIZES)


@st.composite
def mutated(draw, form):
    """A file of a format after a few changes."""
    content = bytearray(FORMATS[form])
    for _ in range(draw(st.integers(1, 5))):
        if not content:
            break
        # Most of what a decoder decides stands in the first bytes.
        end = min(len(content), draw(st.sampled_from([32, 160, len(content)])))
        at = draw(st.integers(0, max(0, end - 1)))
        change = draw(st.sampled_from(["field", "field", "flip", "flip", "byte", "cut", "drop", "repeat", "splice"]))
        if change == "field":
            size, order = draw(st.sampled_from([1, 2, 4])), draw(st.sampled_from(["big", "little"]))
            value = draw(FIELDS) % (1 << 8 * size)
            content[at : at + size] = value.to_bytes(size, order)
        elif change == "flip":
            content[at] ^= 1 << draw(st.integers(0, 7))
        elif change == "byte":
            content[at] = draw(st.integers(0, 255))
        elif change == "cut":
            del content[draw(st.integers(0, len(content) - 1)) :]
        elif change == "drop":
            del content[at : at + draw(st.integers(1, 64))]
        elif change == "repeat":
            content[at:at] = content[at : at + draw(st.integers(1, 64))] * draw(st.integers(1, 4))
        else:
            other = FORMATS[draw(st.sampled_from(sorted(FORMATS)))]
            start = draw(st.integers(0, len(other) - 1))
            content[at : at + draw(st.integers(0, 64))] = other[start : start + draw(st.integers(1, 256))]
    return with_checksums(content) if draw(st.booleans()) else bytes(content)


def with_checksums(content):
    """A PNG with its checksums put right, so that what was changed reaches the decoder; another file as it is."""
    at = 8
    while content.startswith(b"\x89PNG") and at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        if at + 12 + length > len(content):
            break
        struct.pack_into(">I", content, at + 8 + length, zlib.crc32(content[at + 4 : at + 8 + length]))
        at += 12 + length
    return bytes(content)


@pytest.fixture(scope="module")
def decoder():
    child = Decoder()
    yield child
    child.close()


@pytest.mark.parametrize("form", FORMATS)
def test_a_mutated_file_is_a_picture_or_an_error(decoder, form, tmp_path):
    @cases(0.8 / len(FORMATS))
    @given(mutated(form))
    def run(data):
        try:
            kind, width, memory = decoder.read(data)
        except AssertionError:
            (tmp_path / "input").write_bytes(data)
            note(f"the input is in {tmp_path / 'input'}")
            raise
        assert kind in ("", *KINDS)
        assert kind != "out-of-memory"
        assert bool(kind) == (width == 0)
        assert width <= MAX_WIDTH
        assert memory < MEMORY
        event(kind or "read")
        counts[f"{form}: {kind or 'read'}"] += 1

    run()


# As names come from the system: any bytes but NUL, and more often those that make trouble.
PIECES = [*",\"'\n\r\t\x1b[\x00\x85\u2028=-+@ a\ufeffé日", "\r\n", '""', '",']
NASTY = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
NAMES = st.one_of(st.binary(max_size=24), NASTY.map(str.encode)).map(os.fsdecode)
TEXTS = st.one_of(NASTY, st.text(st.characters(exclude_categories=["Cs"]), max_size=24))
RESULTS = st.one_of(
    st.builds(lambda name, kind, said: Result(name, error=f"{kind}: {said}"), NAMES, st.sampled_from(KINDS), TEXTS),
    st.builds(
        lambda name, text, a, b, agree, sure: Result(name, text, sure, ((a, sure), (b, sure)), agree),
        NAMES, TEXTS, TEXTS, TEXTS, st.booleans(), st.floats(0, 1),
    ),
)  # fmt: skip
WRITE = {"csv": as_csv, "jsonl": as_json_lines, "bare": lambda results: as_csv(results, header=False)}
LAYOUT = LAYOUTS | {"bare": replace(LAYOUTS["csv"], header=b"")}


@cases(0.1)
@given(st.lists(RESULTS, max_size=4))
def test_rows_are_read_back_as_they_were_written(results):
    """By Python's own reader, and by the one that picks up runs: one result is one record."""
    data = as_csv(results)
    table = csv.reader(io.StringIO(data.decode("utf-8", "surrogateescape"), newline=""), strict=True)
    assert list(table) == [list(COLUMNS), *(list(cells(r)) for r in results)]
    for form in ("csv", "jsonl"):
        layout = LAYOUTS[form]
        file = io.BytesIO(WRITE[form](results))
        records = list(layout.records(file))
        assert b"".join(records) == file.getvalue()
        rows = [layout.parse(record) for record in records[bool(layout.header) :]]
        assert [(r.image, r.error) for r in rows] == [(r.image, r.error.partition(": ")[0]) for r in results]
    counts["rows: read back"] += 1


@cases(0.1)
@given(st.sampled_from(sorted(WRITE)), st.lists(RESULTS, max_size=4, unique_by=lambda r: r.image), st.data())
def test_a_file_torn_at_any_byte_is_cut_to_whole_rows(tmp_path_factory, form, results, data):
    """What is left is a beginning of the whole file, and with what is still to be read makes all of it again."""
    folder = tmp_path_factory.getbasetemp()
    part, rest = folder / "fuzz.part", folder / "fuzz.rest"
    rest.unlink(missing_ok=True)
    whole = WRITE[form](results)
    cut = data.draw(st.integers(0, len(whole)))
    part.write_bytes(whole[:cut])
    recovered = recover(part, rest, LAYOUT[form], (Source(r.image) for r in results))
    left = part.read_bytes()
    assert whole.startswith(left)
    assert len(left) <= cut
    written = {r.image: WRITE[form]([r])[len(WRITE[form]([])) :] for r in results}
    again = b"".join(source.row or written[source.path] for source in recovered.sources)
    assert (left or WRITE[form]([])) + again == whole
    counts[f"rows: torn {form}"] += 1
