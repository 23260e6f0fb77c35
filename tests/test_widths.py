from hypothesis import given
from hypothesis import strategies as st

from multirec.inputs.images import MAX_WIDTH
from multirec.inputs.widths import MIN_WIDTH, STRIDE, grid_width

widths = st.integers(1, MAX_WIDTH)


@given(widths)
def test_a_step_holds_the_width_and_is_its_own_step(width):
    step = grid_width(width)
    assert width <= step
    assert grid_width(step) == step
    assert step % (2 * STRIDE) == 0  # a column of the networks' sequence is two steps


@given(widths, widths)
def test_the_grid_is_monotonic(a, b):
    assert (grid_width(a) <= grid_width(b)) or a > b


def test_the_grid_is_small_and_wastes_little():
    steps = {grid_width(w) for w in range(1, MAX_WIDTH + 1)}
    assert len(steps) < 64
    assert min(steps) == MIN_WIDTH
    waste = [(grid_width(w) - w) / grid_width(w) for w in range(300, 4096)]
    assert sum(waste) / len(waste) < 0.08
