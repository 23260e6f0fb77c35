"""How documents are filled in, and what they say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PROGRAM = "multirec"

BEFORE = "before multirec"
"""What says of a text that it was there before."""


@dataclass(frozen=True)
class How:
    """How documents are filled in.

    Attributes:
        words: whether each word has an element of its own.
        keep: whether a text that was there before stays, beside the new one.
        version: of multirec.
        settings: weights and what else the texts depend on, by name.
        date: in UTC, as XML Schema writes it: 2025-03-14T15:09:26Z.
    """

    words: bool = False
    keep: bool = False
    version: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    date: str = "1970-01-01T00:00:00Z"
