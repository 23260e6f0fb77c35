"""The library's front: images in, results out, in input order.

One thread coordinates: it takes pictures from the readers, groups them by width, hands each batch to both
models on a pool of ``workers`` threads, combines what they read and gives the rows out in order.  Short pictures
that were read unsurely are read again, seen otherwise.
"""

from __future__ import annotations

import math
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from multirec.decoding import details
from multirec.decoding.calibration import Calibration, Curve, bounded, confidence
from multirec.decoding.combine import Classes, Combined, Outputs, Reading, combine, restricted
from multirec.decoding.language import LanguageModel
from multirec.decoding.words import Found
from multirec.decoding.words import words as words_of
from multirec.errors import ForkedError, OptionError, StalledError
from multirec.inputs import second_look
from multirec.inputs.batching import Batch, Grouper
from multirec.inputs.discover import discover
from multirec.inputs.reading import Picture, read_ahead
from multirec.machine import starting_threads
from multirec.models.pair import MultiModel, OutOfMemory
from multirec.options import Options
from multirec.patience import awaited
from multirec.results import NAMES, Alternative, Character, Evidence, Result, Word
from multirec.sources import Opening, Source

InMemory = tuple[str, bytes | bytearray | memoryview | NDArray[Any]]
"""A name, and an image file's bytes or an array, see ``multirec.inputs.arrays``."""

WINDOW = 1 << 18
"""Pixel columns (256 bytes each) that may wait for others of their width: 64 MiB."""

LAG = 512
"""Images that may overtake one that waits for others of its width; all rows after it wait with it."""

UNSURE = 0.5
"""Confidence below which a short picture is looked at again."""

SOMETHING = 0.1
"""Confidence above which another look stands where at first no letter was seen: noise in paper is read with less."""

DOUBTED = 0.45
"""Most that is said of another look where at first something was seen that is no letter of the alphabet."""

_Output = Future[NDArray[np.float32]]


@dataclass(frozen=True)
class _Flight:
    """A batch whose two models are at work."""

    batch: Batch
    outputs: tuple[_Output, _Output]


class Recognizer:
    """Reads line images with both models.

    >>> with Recognizer(Options(workers=2)) as recognizer:    # doctest: +SKIP
    ...     for result in recognizer.read(["./images"]):
    ...         print(result.image, result.text, result.confidence, result.agree)

    Args:
        options: see ``Options``.

    Raises:
        ModelError: the weights cannot be used.
        SetupError: the device cannot be used, or there is not enough memory.
        OptionError: a character of ``Options.only`` is not in their alphabet.
    """

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        workers = self.options.workers
        weights = (Path(self.options.weights_363), Path(self.options.weights_484))
        self.models = MultiModel(weights, workers, self.options.precision, self.options.device, self.options.cores)
        try:
            self.only = self.models.alphabet.only(self.options.wishes, self.options.fold_long_s)
        except ValueError as error:
            raise OptionError(f"only: {error}") from error
        self.plan = self.models.plan(workers, self.options.memory_limit)
        self.language = LanguageModel(Path(self.options.language))
        wished = self.options.language_weight
        self.calibration = Calibration.from_json(self.models.metadata[0].calibration)
        self.language_weight = self.calibration.language if wished is None else wished
        self._home = os.getpid()
        self._pool = ThreadPoolExecutor(workers, "model")
        # Two batches more than can be at work, so that no thread waits for the coordinator or the slower model.
        self._flights = max(1, workers // 2) + 2

    def __enter__(self) -> Recognizer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A model that hangs would be waited for without end.
        self.close(wait=kind is not StalledError)

    def close(self, wait: bool = True) -> None:
        """Give the threads back, once what they do is done, or without waiting for that."""
        self._pool.shutdown(wait, cancel_futures=True)

    @property
    def opening(self) -> Opening:
        """How files are opened."""
        return Opening.of(self.options)

    def read(self, pictures: Iterable[str | os.PathLike[str] | InMemory]) -> Iterator[Result]:
        """Yield a result for each image of ``pictures``, in order; several threads may read at once.

        Args:
            pictures: files, folders, PAGE and ALTO documents, archives, Parquet files, names of what is in them
                (``page.xml#ID``), and pictures in memory, mixed: ``(name, data)``, where ``data`` is what is in an
                image file, or an array [H, W] grey, [H, W, 3] RGB or [H, W, 4] RGBA of uint8, uint16, bool (True is
                white) or floats from 0 to 1.  ``Result.image`` is the name.  An array is copied when it is taken.

        Raises:
            TypeError: one path or picture instead of several, or what is neither.
            ForkedError: this recogniser was made before the process was forked.
        """
        if isinstance(pictures, str | bytes | os.PathLike | np.ndarray):
            raise TypeError("read takes a list of paths or pictures, not one: read([PATH]), read([(NAME, ARRAY)])")
        self._stay_home()
        return self.read_sources(discover(map(_item, pictures), opening=self.opening))

    def read_sources(self, sources: Iterable[Source], stop: threading.Event | None = None) -> Iterator[Result]:
        """Yield a result for each source, in order; reads no further ahead than memory allows.

        Once ``stop`` is set no more sources are taken, and what is in flight is finished.

        Raises:
            StalledError: a model, or many files, have not answered for ``Options.patience`` seconds.
            ForkedError: this recogniser was made before the process was forked.
        """
        self._stay_home()
        grouper, again = (Grouper(self.options.batch_size, self.plan.columns, WINDOW, LAG) for _ in range(2))
        flights: deque[_Flight] = deque()
        unsure: dict[int, list[Result | None]] = {}  # what each look saw at pictures that are looked at again
        done: dict[int, Result] = {}
        following = 0

        def launch(batches: list[Batch]) -> None:
            for batch in batches:
                while len(flights) >= self._flights:
                    land()
                flights.append(self._launch(batch))

        def land() -> None:
            flight = flights.popleft()
            for picture, result in zip(flight.batch.pictures, self._land(flight), strict=True):
                if picture.look:
                    unsure[picture.index][picture.look] = result
                    if None not in unsure[picture.index]:
                        done[picture.index] = self._surest(unsure.pop(picture.index))
                elif self._asks_again(picture, result) and (others := second_look.looks(picture)):
                    unsure[picture.index] = [result, *(None for _ in others)]
                    for other in others:
                        launch(again.add(other))
                else:
                    done[picture.index] = result

        def ready() -> Iterator[Result]:
            nonlocal following
            while following in done:
                yield done.pop(following)
                following += 1

        def finish() -> Iterator[Result]:
            for held in (grouper, again):
                launch(held.flush())
                while flights:
                    land()
                    yield from ready()

        readers = self.options.readers
        limits, patience = self.opening.limits, self.options.patience
        for picture in read_ahead(sources, readers, 32 * readers, stop, limits, patience):
            if not isinstance(picture, Picture):
                yield from finish()
            else:
                launch(grouper.overdue(picture.index))
                launch(again.overdue(picture.index))
                while flights and flights[0].batch.pictures[0].index < picture.index - LAG:
                    land()
                if picture.pixels is None:
                    done[picture.index] = Result(picture.path, error=picture.error, row=picture.row, page=picture.page)
                else:
                    launch(grouper.add(picture))
            yield from ready()
        yield from finish()

    def _stay_home(self) -> None:
        if os.getpid() != self._home:
            raise ForkedError(
                f"this Recognizer was made in process {self._home}, from which this one was forked, and its threads "
                "stayed there: start processes with multiprocessing's 'spawn', and make one in each"
            )

    def _launch(self, batch: Batch) -> _Flight:
        pixels = batch.pixels()
        with starting_threads():
            first, second = (self._pool.submit(self.models.predict, model, pixels) for model in (0, 1))
        return _Flight(batch, (first, second))

    def _land(self, flight: _Flight) -> list[Result]:
        """Wait for both models and combine.

        A batch that does not fit in memory, or on which a model fails, is halved and tried again, until the
        line is alone that cannot be read.
        """
        try:
            first, second = (self._wait(flight, model) for model in (0, 1))
        except StalledError:
            raise
        except Exception as error:
            for output in flight.outputs:
                awaited(output, self.options.patience)
            if len(flight.batch.pictures) > 1:
                return [result for half in flight.batch.halves() for result in self._land(self._launch(half))]
            alone = flight.batch.pictures[0]
            why = f"model: {type(error).__name__} while reading it"
            if isinstance(error, OutOfMemory):
                why = "out-of-memory: a single line of this width does not fit"
            return [Result(alone.path, error=why, page=alone.page)]
        outputs = (first, second)
        if self.only:
            outputs = restricted(outputs, self.models.alphabet.encode(self.only))
        lines = zip(flight.batch.pictures, self.combine(outputs), strict=True)
        return [self._result(picture, line, outputs, row) for row, (picture, line) in enumerate(lines)]

    def _asks_again(self, picture: Picture, result: Result) -> bool:
        """Whether a short picture was read so unsurely that it is looked at again."""
        if picture.pixels is None or picture.pixels.shape[1] > second_look.SHORT or result.error:
            return False
        return self._trust(result) < UNSURE

    def _surest(self, looks: Sequence[Result | None]) -> Result:
        """Which of the looks at a picture stands; the earlier of two that are as sure."""
        first, *others = (look for look in looks if look is not None)
        best, least = first, self._trust(first) if first.text else max(self._trust(first), SOMETHING)
        for other in others:
            read = not other.error and other.evidence[0].letters > 0 and other.evidence[0].score > -math.inf
            if read and self._trust(other) > least:
                best, least = other, self._trust(other)
        return _doubted(best) if best is not first and first.evidence[0].score == -math.inf else best

    def _trust(self, result: Result) -> float:
        """Confidence before it is capped for letters that no picture can tell, or that there is nothing to read."""
        evidence = result.evidence[0]
        if not evidence.letters:
            return math.exp(evidence.score)
        return confidence(self.calibration.agree if result.agree else self.calibration.differ, evidence)

    def combine(self, outputs: Outputs) -> list[Combined]:
        """What both models' outputs for a batch, [N, T, C] each, say together."""
        return combine(outputs, self.judge, self.language_weight)

    def judge(self, texts: list[Classes]) -> list[list[float]]:
        """How usual each letter of each text is as writing, see ``multirec.decoding.language``."""
        return self.language.scores(map(self.models.alphabet.decode, texts))

    def _wait(self, flight: _Flight, model: int) -> NDArray[np.float32]:
        output, batch, patience = flight.outputs[model], flight.batch, self.options.patience
        if awaited(output, patience):
            return output.result()
        raise StalledError(
            f"{NAMES[model]} has not answered for {patience:.0f} s on {len(batch.pictures)} lines of "
            f"{batch.width} px, the first being {batch.pictures[0].path!r}: look at it, or go on without it"
        )

    def _result(self, picture: Picture, line: Combined, outputs: Outputs, row: int) -> Result:
        alphabet, known = self.models.alphabet, self.calibration

        def plain(classes: Classes) -> str:
            written = alphabet.decode(classes)
            return written.replace("ſ", "s") if self.options.fold_long_s else written

        def shown(classes: Classes) -> list[int]:
            return alphabet.shown(classes, gaps=bool(self.only))

        def text(classes: Classes) -> str:
            return plain([classes[at] for at in shown(classes)])

        def sure(curve: Curve | None, reading: Reading) -> float:
            # Nobody can take unseen that nothing was read: a blank picture, or one that is turned.
            if not reading.classes:
                return 0.0
            return bounded(confidence(curve, evidence(reading)), alphabet.decode(reading.classes), reading.oddest)

        def evidence(reading: Reading) -> Evidence:
            # What was read is not what is printed where some of it cannot be: nothing speaks for the rest as the whole.
            score = -math.inf if alphabet.unread(reading.classes) else reading.score
            return Evidence(score, reading.oddest, len(reading.classes))

        def word(there: Found) -> Word:
            classes = line.chosen.classes[there.start : there.stop]
            speaks = replace(there.evidence, score=-math.inf) if alphabet.unread(classes) else there.evidence
            trust = confidence(known.word(there.agree), speaks)
            trust = bounded(trust, alphabet.decode(classes), speaks.oddest, alphabet.decode(line.chosen.classes))
            return Word(text(classes), there.left, there.right, trust, there.agree, speaks)

        curves = (known.first, known.second)
        alternatives, characters, words = dict[str, float](), [], []
        if self.options.alternatives:
            for a in details.alternatives(outputs, row, line, self.options.alternatives):
                if not (alternatives and alphabet.unread(a.classes)):
                    alternatives.setdefault(text(a.classes), a.score)
        if self.options.characters and picture.pixels is not None:
            placed = details.characters(outputs, row, line, picture.pixels.shape[1], picture.span)
            characters = [placed[at] for at in shown(line.chosen.classes)]
        if self.options.words and picture.pixels is not None:
            (usual,) = self.judge([line.chosen.classes])
            width = picture.pixels.shape[1]
            words = list(map(word, words_of(outputs, row, line, usual, alphabet.blank, width, picture.span)))
        return Result(
            picture.path,
            text(line.chosen.classes),
            sure(known.agree if line.agree else known.differ, line.chosen),
            tuple((text(r.classes), sure(curve, r)) for r, curve in zip(line.readings, curves, strict=True)),
            plain(line.readings[0].classes) == plain(line.readings[1].classes),
            evidence=tuple(map(evidence, (line.chosen, *line.readings))),
            alternatives=tuple(Alternative(*a) for a in alternatives.items()),
            characters=tuple(Character(plain([c]), *place) for c, place in characters),
            words=tuple(w for w in words if w.word),
            first_of_several=picture.first_of_several,
            page=picture.page,
        )


def _doubted(result: Result) -> Result:
    """``result``, made of what no letter stood for at first, and perhaps none does: nothing of it is sure."""
    return replace(
        result,
        confidence=min(result.confidence, DOUBTED),
        readings=tuple((text, min(trust, DOUBTED)) for text, trust in result.readings),
        evidence=tuple(replace(evidence, score=-math.inf) for evidence in result.evidence),
        words=tuple(replace(word, confidence=min(word.confidence, DOUBTED)) for word in result.words),
    )


def _item(picture: str | os.PathLike[str] | InMemory) -> str | Source:
    """One item of ``Recognizer.read``, for ``discover``."""
    if isinstance(picture, str | os.PathLike):
        return os.fspath(picture)
    if not (isinstance(picture, tuple) and len(picture) == 2 and isinstance(picture[0], str)):
        raise TypeError(f"neither a path nor (name, bytes or array): {type(picture).__name__}")
    name, data = picture
    if isinstance(data, bytes | bytearray | memoryview):
        return Source(name, content=bytes(data))
    if isinstance(data, np.ndarray):
        return Source(name, content=data.copy())  # the caller may use it again for the next
    raise TypeError(f"{name!r}: neither bytes nor an array: {type(data).__name__}")
