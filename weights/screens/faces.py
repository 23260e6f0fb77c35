"""The faces that screens show text in: which files, of which families, with which characters."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTFont

from multirec.training.fonts import listed

SHARES = {"sans": 0.62, "serif": 0.18, "mono": 0.1, "slab": 0.05, "typewriter": 0.03, "display": 0.02}
CODE_SHARES = {"mono": 0.74, "typewriter": 0.14, "sans": 0.08, "serif": 0.04}
"""How often each kind of face is drawn, for texts and for code."""

_COMMON = frozenset(map(chr, range(0x21, 0x7F)))
_TRIES = 12
_UPRIGHT = 0.75


@dataclass(frozen=True)
class Face:
    """One face: its file, its number among all, kind (``sans``, ``mono``...), family, slant, weight, characters."""

    path: Path
    number: int
    kind: str
    family: str
    slanted: bool
    bold: bool
    characters: frozenset[str]

    @property
    def css(self) -> str:
        """The name that pages know it by."""
        return f"F{self.number}"

    @property
    def rule(self) -> str:
        """What makes it known to a page; a browser slants or thickens only what is upright or thin."""
        style = f"font-style: {'italic' if self.slanted else 'normal'}; font-weight: {700 if self.bold else 400}"
        return f"@font-face {{ font-family: {self.css}; {style}; src: url('{self.path.as_uri()}') }}\n"

    def lacks(self, text: str) -> set[str]:
        """The characters of ``text`` that the face cannot draw."""
        return set(text) - self.characters - {" "}


class Faces:
    """Draws faces: a kind by its share, then a family, then one of its faces, each family as likely as another.

    Args:
        listings: lines of ``path<TAB>kind<TAB>characters that are missing or drawn wrongly``.

    Raises:
        ValueError: no face with full ASCII in ``listings``.
    """

    def __init__(self, listings: list[Path]) -> None:
        rows = [row for listing in listings for row in listed(listing)]
        faces = [_read(number, *row) for number, row in enumerate(rows)]
        self._all = [face for face in faces if face.characters >= _COMMON]
        if not self._all:
            raise ValueError("no face with full ASCII found")
        self._families: dict[str, dict[str, list[Face]]] = {}
        for face in self._all:
            self._families.setdefault(face.kind, {}).setdefault(face.family, []).append(face)

    def __len__(self) -> int:
        return len(self._all)

    def draw(self, rng: random.Random, text: str, code: bool) -> list[Face] | None:
        """A face for ``text``, and where it lacks signs, one behind it that has them, as browsers do.

        All letters and digits come from the first. None where no face was found in some tries.
        """
        shares = CODE_SHARES if code else SHARES
        kinds = [kind for kind in shares if kind in self._families]
        for _ in range(_TRIES):
            families = self._families[rng.choices(kinds, [shares[kind] for kind in kinds])[0]]
            faces = families[rng.choice(list(families))]
            upright = [face for face in faces if not face.slanted]
            face = rng.choice(upright if upright and rng.random() < _UPRIGHT else faces)
            lacking = face.lacks(text)
            if not lacking:
                return [face]
            if not any(map(str.isalnum, lacking)):
                behind = [other for other in self._all if other.kind != "display" and lacking <= other.characters]
                if behind:
                    return [face, rng.choice(behind)]
        return None


def _read(number: int, path: Path, kind: str, missing: str) -> Face:
    """The face in ``path``; without characters where the file is broken."""
    try:
        with TTFont(path, lazy=True) as face:
            names = face["name"]
            family = str(names.getDebugName(16) or names.getDebugName(1) or path.stem)
            characters = frozenset(map(chr, face.getBestCmap() or {})) - set(missing)
    except Exception:  # a broken font file is no reason to stop: fontTools raises many kinds
        return Face(path, number, kind, path.stem, False, False, frozenset())
    name = path.stem.lower()
    slanted = any(word in name for word in ("italic", "oblique", "slanted"))
    bold = any(word in name for word in ("bold", "black", "heavy"))
    return Face(path, number, kind, family, slanted, bold, characters)
