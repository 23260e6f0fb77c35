"""How the documents of a run are filled in."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from multirec import __version__
from multirec.documents.how import How

if TYPE_CHECKING:
    from multirec.recognizer import Recognizer


def how(recognizer: Recognizer, words: bool, keep: bool) -> How:
    """What a run's documents say of how they were made: by which weights, and when it began.

    SOURCE_DATE_EPOCH (reproducible-builds.org), seconds since 1970, takes the place of the time.
    """
    first, second = recognizer.models.metadata
    settings = {
        "weights of SEnet363": first.version,
        "weights of SEnet484": second.version,
        "language model": recognizer.language.metadata.version,
    }
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(epoch) if epoch.isdecimal() else None))
    return How(words, keep, __version__, settings, date)
