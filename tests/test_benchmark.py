"""The benchmark: it runs the product, and its figures fit together.  No test judges a time."""

import json

import pytest

from multirec import ExitCode
from multirec.benchmark.measure import as_text, flops_per_column
from multirec.models.networks import NETWORKS
from multirec.training.model import build
from tests.conftest import SAMPLES

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def measured(program):
    images = [SAMPLES / "book.png", SAMPLES / "receipt.png", SAMPLES / "gt.tsv"]  # the last is no image
    done = program("benchmark", *images, "--rounds", "1", "--json")
    assert done.returncode == ExitCode.OK, done.stderr
    return json.loads(done.stdout)


def test_operations_are_counted_from_the_layers():
    """The widest layer by hand: 3x3 from 64 to 32 channels over 8 rows, at an eighth of the columns.

    All others together are some 26 of it, so that a factor of two would show.
    """
    model = build(NETWORKS["SEnet363"], 2)
    kernel = model.get_layer("stage2_block2_down_conv").kernel
    assert tuple(kernel.shape) == (3, 3, 64, 32)
    one = 2 * 3 * 3 * 64 * 32 * 8 / 8
    assert 26 * one < flops_per_column("SEnet363") < 29 * one


def test_every_contender_and_stage_is_measured(measured):
    assert measured["lines"] == 2
    assert set(measured["lines_per_s"]) == {"multirec", "recipe of 2018"}
    assert set(measured["stages_us_per_column"]) == {
        "read", "decode", "batch", "model SEnet363", "model SEnet484", "decode CTC", "combine", "write",
    }  # fmt: skip
    assert measured["padded_columns"] >= measured["columns"] > 0
    assert measured["start_up_s"]["first row"] > 0
    # Both models run below the ceiling of a core, give or take the noise of two images.
    assert 0 < measured["share_of_ceiling"] < 2


def test_the_table_leads_with_the_ratios(measured):
    text = as_text(measured)
    assert "times as fast as the recipe of 2018" in text.splitlines()[2]
    assert "SEnet363 alone" in text


def test_a_folder_without_images_is_refused(program, tmp_path):
    done = program("benchmark", tmp_path)
    assert done.returncode == 1
    assert b"no image that can be read" in done.stderr
