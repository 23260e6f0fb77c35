import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from multirec.inputs.batching import Batch, Grouper
from multirec.inputs.reading import Picture
from multirec.inputs.widths import HEIGHT, grid_width


def picture(index, width):
    return Picture(index, f"{index}.png", np.full((HEIGHT, width, 4), 255, np.uint8))


@given(
    st.lists(st.integers(1, 700), max_size=60),
    st.one_of(st.none(), st.integers(1, 9)),
    st.integers(64, 4096),
    st.integers(64, 8192),
)
def test_every_picture_is_in_one_batch_of_its_width(widths, size, columns, window):
    grouper = Grouper(size, columns, window, 1000)
    batches = [b for i, w in enumerate(widths) for b in grouper.add(picture(i, w))] + grouper.flush()
    assert sorted(p.index for b in batches for p in b.pictures) == list(range(len(widths)))
    for batch in batches:
        assert {grid_width(p.pixels.shape[1]) for p in batch.pictures} == {batch.width}
        assert len(batch.pictures) <= (size or max(1, columns // batch.width))
    assert grouper.flush() == []


@given(st.lists(st.integers(1, 700), min_size=1, max_size=60), st.integers(64, 4096))
def test_no_more_is_held_back_than_the_window(widths, window):
    grouper = Grouper(100, 1 << 20, window, 1000)
    held = {}
    for i, w in enumerate(widths):
        held[i] = grid_width(w)
        for batch in grouper.add(picture(i, w)):
            for p in batch.pictures:
                del held[p.index]
        assert sum(held.values()) <= window


def test_padding_is_marked_in_the_fourth_channel():
    pixels = Batch((picture(0, 40), picture(1, 64)), 64).pixels()
    assert pixels.shape == (2, HEIGHT, 64, 4)
    assert (pixels[0, :, :40] == 255).all()
    assert (pixels[0, :, 40:] == 0).all()
    assert (pixels[1] == 255).all()


@given(st.lists(st.integers(1, 700), min_size=1, max_size=80), st.integers(0, 20))
def test_no_line_waits_longer_than_the_lag(widths, lag):
    grouper = Grouper(100, 1 << 20, 1 << 20, lag)
    held = set()
    for i, w in enumerate(widths):
        for batch in grouper.overdue(i):
            held -= {p.index for p in batch.pictures}
        assert all(index >= i - lag for index in held)
        grouper.add(picture(i, w))
        held.add(i)


@given(st.permutations(range(0, 400, 40)), st.integers(0, 400))
def test_what_is_overdue_goes_first_in_whatever_order_it_came(indices, now):
    """Pictures that are looked at again come when their batches land."""
    grouper = Grouper(100, 1 << 20, 1 << 20, 100)
    for index in indices:
        grouper.add(picture(index, 100 if index % 80 else 300))
    due = {p.index for batch in grouper.overdue(now) for p in batch.pictures}
    assert all(index in due for index in indices if index < now - 100)
    assert [min(p.index for p in b.pictures) for b in grouper.flush()] == sorted(
        {min(i for i in indices if i % 80 == rest) for rest in {i % 80 for i in set(indices) - due}}
    )
