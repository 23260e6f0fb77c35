"""Pages of many lines: HTML for a browser, and what is to be cut from its picture."""

from __future__ import annotations

import html
import random
from dataclasses import dataclass

import looks
import tokens
from faces import Face, Faces
from looks import Look
from wording import CODE, KINDS, Wording, Wordings

SCALES = {1.0: 0.42, 1.25: 0.13, 1.5: 0.15, 2.0: 0.22, 3.0: 0.08}
"""How often each device scale is drawn: pixels of the screen for one of the page."""

SIZES = [9, 10, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 16, 16, 16, 16, 17, 18, 18, 20, 20, 22, 24, 26, 28, 32]

TALLEST = 128
"""Pixels of the tallest picture."""

_WIDEST = 2600
_LONGEST = 96


@dataclass(frozen=True)
class Set:
    """A line on a page: its wording, its look, the size of its letters, and the room above and below its letters."""

    wording: Wording
    look: Look
    size: float
    gap: float
    stacked: bool


@dataclass(frozen=True)
class Page:
    """A page: its HTML, the scale of the device, its width, and its lines in the order of their numbers in it."""

    html: str
    scale: float
    width: int
    lines: tuple[Set, ...]


class Pages:
    """Draws pages."""

    def __init__(self, wordings: Wordings, faces: Faces) -> None:
        self._wordings, self._faces = wordings, faces

    def draw(self, rng: random.Random, count: int) -> Page:
        """A page of about ``count`` lines: blocks beside and below each other, of one line or of some."""
        scale = rng.choices(list(SCALES), list(SCALES.values()))[0]
        width = int(min(1500, _WIDEST / scale))
        blocks, lines, used = list[str](), list[Set](), dict[int, Face]()
        window = looks.ground(rng)
        while len(lines) < count:
            if rng.random() < 0.25:
                window = looks.ground(rng)
            blocks.append(self._block(rng, window, scale, width, lines, used))
        style = "".join(
            f"@font-face{{font-family:{face.css};src:url('{face.path.as_uri()}')}}" for face in used.values()
        )
        page = (
            "<!DOCTYPE html><meta charset=utf-8><style>body{margin:0;display:flex;flex-wrap:wrap;align-items:flex-start}"
            ".w{flex:none;overflow:hidden}.l{white-space:pre;width:max-content}.t{white-space:pre}button,input{margin:0}"
            f"{style}</style><body>{''.join(blocks)}"
        )
        return Page(page, scale, width, tuple(lines))

    def _block(
        self, rng: random.Random, window: str, scale: float, width: int, lines: list[Set], used: dict[int, Face]
    ) -> str:
        """One line, or some of one kind and look below each other; they are added to ``lines``."""
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        size = min(rng.choice(SIZES) + rng.choice([0, 0, 0, 0.5, -0.4]), 0.64 * TALLEST / scale)
        longest = int(min(_LONGEST, (width - 60) / (0.64 * size)))
        code = kind in CODE
        stacked = rng.random() < 0.3
        look = looks.draw(rng, window, size, code)
        spacing = _spacing(rng)
        leading = rng.uniform(1.12, 1.8)
        rows, fixed = list[str](), None
        for _ in range(rng.randint(2, 6) if stacked else 1):
            wording = self._wordings.draw(rng, kind, longest)
            found = self._faces.draw(rng, wording.text, code)
            if fixed is not None and not fixed.lacks(wording.text):
                found = [fixed]
            if found is None:
                continue
            fixed = found[0]
            used |= {face.number: face for face in found}
            gap = (leading - 1) * size / 2
            family = ",".join(face.css for face in found)
            rows.append(_row(rng, len(lines), wording, look, family, leading if stacked or look.boxed else 1.5))
            lines.append(Set(wording, look, size, gap, stacked and len(rows) > 0))
        pad = " ".join(f"{rng.uniform(3, 16):.1f}px" for _ in range(4))
        weight = rng.choice(["", "", "", "", "", "", "", "", "", "", "font-weight:bold;", "font-style:italic;"])
        return (
            f'<div class=w style="background:{look.ground};padding:{pad};font-size:{size}px;{spacing}{weight}'
            f'font-variant-ligatures:{"none" if code or spacing else rng.choice(["normal", "normal", "none"])}">'
            f'{"".join(rows)}</div>'
        )


def _spacing(rng: random.Random) -> str:
    """Letters or words set wider or closer than usual."""
    chance = rng.random()
    if chance < 0.06:
        return f"letter-spacing:{rng.choice([-0.03, -0.02, 0.03, 0.05, 0.08, 0.12, 0.2])}em;"
    if chance < 0.08:
        return f"word-spacing:{rng.choice([0.1, 0.2, 0.4])}em;"
    return ""


def _row(rng: random.Random, number: int, wording: Wording, look: Look, family: str, leading: float) -> str:
    """A line of a block: the element of its look, with the text inside."""
    # A line below dots and dashes would be one of them.
    css = look.css if look.element != "link" or any(map(str.isalpha, wording.drawn)) else ""
    if look.palette:
        inner = "".join(
            f'<span style="color:{look.palette[tokens.CLASSES.index(kind)]}'
            f'{";font-style:italic" if kind == "comment" and number % 7 == 0 else ""}">{html.escape(part)}</span>'
            for part, kind in tokens.tokens(wording.drawn)
        )
    else:
        inner = _marked(rng, wording.drawn, look)
    tag = {"button": "button", "link": "a"}.get(look.element, "span") if rng.random() < 0.5 else "span"
    base = "appearance:none;border:0;background:none;padding:0;margin:0;text-align:left;" if tag == "button" else ""
    return (
        f'<div class=l style="line-height:{leading:.2f}"><{tag} class=b style="{base}display:inline-block;font:inherit;'
        f'font-family:{family};letter-spacing:inherit;word-spacing:inherit;color:{look.ink};{css}">'
        f"<span class=t data-n={number}>{inner}</span></{tag}></div>"
    )


def _marked(rng: random.Random, text: str, look: Look) -> str:
    """``text`` as HTML, in some lines one word or a part marked: inverted, bold, in another colour."""
    if rng.random() > 0.13 or not look.even or " " not in text:
        return html.escape(text)
    words = text.split(" ")
    first = rng.randrange(len(words))
    last = min(len(words), first + rng.choice([1, 1, 1, 2, 3]))
    own = rng.choice([look.ink, look.ink, "#c62828", "#2e7d32", "#1a73e8", "#ffff00", "#fff2a8", "#000000"])
    letters = look.ground if own == look.ink and look.element in ("plain", "disabled") else looks.ink(rng, own, 90)
    style = rng.choice([
        *[f"background:{own};color:{letters};padding:0 {rng.choice([0, 0, 0.1, 0.3])}em"] * 5, "font-weight:bold", "font-style:italic",
        f"text-decoration:{rng.choice(['underline', 'underline wavy red', 'underline', 'underline dotted'])}", "border:1px solid",
    ])  # fmt: skip
    before, inside, after = " ".join(words[:first]), " ".join(words[first:last]), " ".join(words[last:])
    before, after = before + " " * bool(before), " " * bool(after) + after
    return f'{html.escape(before)}<span style="{style}">{html.escape(inside)}</span>{html.escape(after)}'
