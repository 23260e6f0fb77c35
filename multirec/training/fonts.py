"""Fonts to render from: which files, how likely each, and which characters each can draw."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont, features

_ASCII = frozenset(map(chr, range(0x21, 0x7F)))

SHAPES = features.check("raqm")
"""Whether text can be shaped: with the ligatures and the old-style figures that a face has."""


@dataclass(frozen=True)
class Font:
    """One face: a file, its class (``serif``, ``sans``, ``typewriter``, ...) and its characters."""

    path: Path
    kind: str
    characters: frozenset[str]

    def draws(self, text: str) -> bool:
        """Whether the face has a glyph for each character of ``text``."""
        return all(c == " " or c in self.characters for c in text)

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """The face at ``size`` pixels an em."""
        return _load(str(self.path), size)


@lru_cache(maxsize=512)
def _load(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.RAQM if SHAPES else ImageFont.Layout.BASIC)


_WEIGHTS = {"serif": 0.36, "sans": 0.24, "typewriter": 0.14, "mono": 0.1, "slab": 0.06, "display": 0.06}


class FontSource:
    """Draws a face by its kind's weight.

    Args:
        listing: a file, its kind, and characters that it draws wrongly or not at all, though it claims them.

    Raises:
        ValueError: no face with full ASCII found.
    """

    def __init__(self, listing: list[tuple[Path, str, str]]) -> None:
        self._kinds: dict[str, list[Font]] = {}
        for path, kind, missing in listing:
            characters = _characters(path) - set(missing)
            if characters >= _ASCII:
                self._kinds.setdefault(kind, []).append(Font(path, kind, characters))
        if not self._kinds:
            raise ValueError("no font with full ASCII found: install some, or name a folder of fonts")

    def draw(self, rng: random.Random, text: str) -> Font | None:
        """A face for ``text``, or None where twelve tries found none that has its characters."""
        kinds = list(self._kinds)
        weights = [_WEIGHTS.get(k, 0.05) for k in kinds]
        for _ in range(12):
            font = rng.choice(self._kinds[rng.choices(kinds, weights)[0]])
            if font.draws(text):
                return font
        return None

    def __len__(self) -> int:
        return sum(map(len, self._kinds.values()))


def _characters(path: Path) -> frozenset[str]:
    try:
        # The first face of a collection; a plain font has no number.
        with TTFont(path, lazy=True, fontNumber=0 if path.suffix.lower() == ".ttc" else -1) as face:
            return frozenset(map(chr, face.getBestCmap() or {}))
    except Exception:  # a broken font file is no reason to stop: fontTools raises many kinds
        return frozenset()


def source(places: list[Path]) -> FontSource:
    """Faces of all ``places``, each a folder of fonts or a listing."""
    return FontSource([face for place in places for face in (found(place) if place.is_dir() else listed(place))])


def listed(file: Path) -> list[tuple[Path, str, str]]:
    """Faces of a listing: lines of ``path<TAB>kind<TAB>missing characters``."""
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [(Path(path), kind, "".join(missing)) for path, kind, *missing in rows]


def found(folder: Path) -> list[tuple[Path, str, str]]:
    """Every font file below ``folder``."""
    return [(p, "other", "") for p in sorted(folder.rglob("*")) if p.suffix.lower() in {".ttf", ".otf", ".ttc"}]
