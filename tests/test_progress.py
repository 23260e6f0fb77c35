import io

import multirec.run.progress
from multirec import Result
from multirec.run.progress import Progress, Tally


def tally(rows, errors=0, seconds=10.0):
    made = Tally()
    made.start -= seconds
    for k in range(rows):
        made.add(Result("a", error="x: y" if k < errors else "", agree=k >= errors and k % 2 == 0))
    return made


def settled(progress):
    """Wait for the counting thread."""
    while progress._total is None:
        pass
    return progress


def test_lines_come_now_and_then_only(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(multirec.run.progress.time, "monotonic", lambda: clock[0])
    stream = io.StringIO()
    progress = Progress(None, bar=False, stream=stream)
    made = Tally()
    for _ in range(100):
        clock[0] += 1
        made.add(Result("a"))
        progress.show(made)
    lines = stream.getvalue().splitlines()
    assert lines == [f"multirec: {n} images, 1.0 images/s, 0 errors" for n in (30, 60, 90)]


def test_the_time_left_follows_from_the_total():
    progress = settled(Progress(lambda: 500, bar=False))
    assert progress.line(tally(100)).startswith("100 of 500 images, 10.0 images/s, 0 errors, 40 s left")
    # More than were counted: files were added since.
    assert progress.line(tally(600)).startswith("600 images, ")


def test_the_summary():
    assert tally(10, errors=2).summary().startswith("8 images read, both models agree on 50%, 2 errors, ")
    assert tally(1, errors=1).summary().startswith("0 images read, 1 errors")


def test_the_summary_tells_of_pictures_that_were_not_read():
    known = Tally()
    known.add(Result("pages.tif", "first", first_of_several=True))
    assert known.summary().endswith("; of 1 files with several pictures only the first was read")


def test_a_bar():
    stream = io.StringIO()
    progress = settled(Progress(lambda: 7, bar=True, stream=stream))
    progress.show(tally(3, errors=1))
    progress.close()
    assert "3/7" in stream.getvalue()
    assert "errors=1" in stream.getvalue()
