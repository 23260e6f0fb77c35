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


Weights = dict[str, float]
"""How likely faces of a kind are."""

DOCUMENT: Weights = {
    "serif": 0.31, "old": 0.05, "sans": 0.24, "typewriter": 0.14, "mono": 0.1, "slab": 0.06, "display": 0.06,
    "other": 0.05,
}  # fmt: skip
SCREEN: Weights = {"sans": 0.6, "mono": 0.25, "serif": 0.1, "slab": 0.02, "other": 0.3}
CODE: Weights = {"mono": 0.75, "typewriter": 0.1, "sans": 0.1, "serif": 0.05, "other": 0.05}
SCENE: Weights = {
    "scene": 0.5, "sans": 0.24, "serif": 0.1, "display": 0.06, "slab": 0.05, "old": 0.01, "typewriter": 0.01,
    "mono": 0.01, "blackletter": 0.015, "fraktur": 0.005, "other": 0.05,
}  # fmt: skip
BLACKLETTER: Weights = {"fraktur": 0.75, "blackletter": 0.25}
OLD: Weights = {"old": 0.55, "serif": 0.25, "early": 0.15, "sans": 0.05, "other": 0.05}

_SPECIAL = frozenset({"fraktur", "blackletter", "early", "scene", "script", "symbols"})
"""Kinds that some letters are left out of; nothing but what asks for them is drawn with them."""


class FontSource:
    """Draws a face by its kind's weight.

    Args:
        listing: a file, its kind, and characters that it draws wrongly or not at all, though it claims them.

    Raises:
        ValueError: no face with full ASCII found.
    """

    def __init__(self, listing: list[tuple[Path, str, str]]) -> None:
        self._kinds: dict[str, list[Font]] = {}
        self._faces: list[Font] = []
        self._with: dict[str, list[Font]] = {}
        for path, kind, missing in listing:
            characters = _characters(path) - set(missing)
            if characters >= _ASCII or (kind in _SPECIAL and characters):
                self._kinds.setdefault(kind, []).append(Font(path, kind, characters))
        self._faces = [face for faces in self._kinds.values() for face in faces]
        if all(kind in _SPECIAL for kind in self._kinds):
            raise ValueError("no font with full ASCII found: install some, or name a folder of fonts")

    def draw(self, rng: random.Random, text: str, weights: Weights = DOCUMENT) -> Font | None:
        """A face for ``text`` of the kinds in ``weights``, or None where twelve tries found none that has it all."""
        kinds = [kind for kind in weights if kind in self._kinds]
        if not kinds:
            return None
        shares = [weights[kind] for kind in kinds]
        for _ in range(12):
            font = rng.choice(self._kinds[rng.choices(kinds, shares)[0]])
            if font.draws(text):
                return font
        return None

    def spare(self, rng: random.Random, character: str) -> Font | None:
        """Some face that has ``character``, as programs take one where theirs lacks it; None where there is none."""
        if character not in self._with:
            self._with[character] = [face for face in self._faces if character in face.characters]
        return rng.choice(self._with[character]) if self._with[character] else None

    def __len__(self) -> int:
        return len(self._faces)


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
