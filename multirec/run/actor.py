"""What runs in each actor of a cluster: one recogniser, warm from the first list of sources to the last."""

from __future__ import annotations

import os
import socket
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from multirec.errors import MultirecError
from multirec.options import Options
from multirec.results import Result
from multirec.run.facts import Facts, facts_of
from multirec.run.startup import lean
from multirec.sources import Source

if TYPE_CHECKING:
    from multirec.recognizer import Recognizer


class Actor:
    """A recogniser in a process of its own; several lists may be read at once."""

    def __init__(self) -> None:
        self._recognizer: Recognizer | None = None

    def start(self, asked: dict[str, Any], folder: str) -> tuple[Facts, list[str]]:
        """Make the recogniser.

        Args:
            asked: the ``Options`` that are not the defaults: these, as where weights are, may be others here.
            folder: from where relative paths are meant; where there is none here, absolute ones are found all the same.

        Returns:
            What it is, and what it warns of.

        Raises:
            MultirecError: it cannot be made; the message names this machine.
        """
        with suppress(OSError):
            os.chdir(folder)
        try:
            options = Options(**asked)
            os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(options.max_pixels)  # read when OpenCV is imported
            with warnings.catch_warnings(record=True) as warned:
                with lean():
                    from multirec.recognizer import Recognizer

                self._recognizer = Recognizer(options)
        except MultirecError as error:
            raise type(error)(f"{socket.gethostname()}: {error}") from error
        return facts_of(self._recognizer), [str(w.message) for w in warned if w.category is RuntimeWarning]

    def read(self, sources: list[Source]) -> list[Result]:
        """A result for each source, in order.

        Raises:
            StalledError: see ``Recognizer.read_sources``; the message names this machine.
        """
        assert self._recognizer is not None
        try:
            return list(self._recognizer.read_sources(sources))
        except MultirecError as error:
            raise type(error)(f"{socket.gethostname()}: {error}") from error
