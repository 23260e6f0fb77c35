"""How the documents of a run are filled in."""

from __future__ import annotations

import os
import time

from multirec import __version__
from multirec.documents.how import How
from multirec.run.facts import Facts


def how(facts: Facts, words: bool, keep: bool) -> How:
    """What a run's documents say of how they were made: by which weights, and when it began.

    SOURCE_DATE_EPOCH (reproducible-builds.org), seconds since 1970, takes the place of the time.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(epoch) if epoch.isdecimal() else None))
    return How(words, keep, __version__, facts.settings, date)
