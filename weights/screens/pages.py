"""Pages of many lines: HTML for a browser, and what is to be cut from its picture."""

from __future__ import annotations

import html
import random
from dataclasses import dataclass, replace

import looks
import tokens
from faces import Face, Faces
from looks import Look
from wording import CODE, KINDS, Wording, Wordings

SCALES = {1.0: 0.42, 1.25: 0.13, 1.5: 0.15, 2.0: 0.22, 3.0: 0.08}
"""How often each device scale is drawn: pixels of the screen for one of the page."""

SIZES = [
    9, 10, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 16, 16, 16, 16, 17, 18, 18, 20, 20, 22, 24,
    26, 28, 32,
]  # fmt: skip
"""Sizes of letters in pixels of the page, each as likely as another."""

TALLEST = 128
"""Pixels of the tallest picture."""

_WIDEST = 2600
_LONGEST = 96
"""Pixels of the widest page, and characters of the longest line."""

_STYLE = """
body { margin: 0; display: flex; flex-wrap: wrap; align-items: flex-start }
.w { flex: none; overflow: hidden }
.l { white-space: pre; width: max-content }
.b { display: inline-block; font: inherit; letter-spacing: inherit; word-spacing: inherit }
button.b { appearance: none; border: 0; background: none; padding: 0; margin: 0; text-align: left }
"""

_MARKS = ["#c62828", "#2e7d32", "#1a73e8", "#ffff00", "#fff2a8", "#000000"]
_UNDERLINES = ["underline", "underline", "underline dotted", "underline wavy red"]


@dataclass(frozen=True)
class Set:
    """A line on a page: wording, look, size of its letters, height, and whether there are lines above or below."""

    wording: Wording
    look: Look
    size: float
    leading: float
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
        """A page of ``count`` lines or some more: blocks beside and below each other, of one line or of some."""
        scale = rng.choices(list(SCALES), list(SCALES.values()))[0]
        width = int(min(1500, _WIDEST / scale))
        blocks, lines, used = list[str](), list[Set](), dict[int, Face]()
        window = looks.ground(rng)
        while len(lines) < count:
            if rng.random() < 0.25:
                window = looks.ground(rng)
            size = min(rng.choice(SIZES) + rng.choice([0, 0, 0, 0.5, -0.4]), 0.64 * TALLEST / scale)
            longest = int(min(_LONGEST, (width - 60) / (0.64 * size)))
            blocks.append(self._block(rng, window, size, longest, lines, used))
        faces = "".join(face.rule for face in used.values())
        page = f"<!DOCTYPE html><meta charset=utf-8><style>{_STYLE}{faces}</style><body>{''.join(blocks)}"
        return Page(page, scale, width, tuple(lines))

    def _block(
        self, rng: random.Random, window: str, size: float, longest: int, lines: list[Set], used: dict[int, Face]
    ) -> str:
        """One line, or some of one kind below each other; they are added to ``lines``, their faces to ``used``."""
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        is_code = kind in CODE
        look = looks.draw(rng, window, size, is_code)
        if is_code and look.element != "disabled" and rng.random() < 0.68:
            look = replace(look, palette=looks.palette(rng, look))
        count = rng.randint(2, 6) if rng.random() < 0.3 else 1
        leading = rng.uniform(1.12, 1.8) if count > 1 or look.boxed else 1.5
        rows, faces = list[str](), list[Face]()
        for _ in range(count):
            wording = self._wordings.draw(rng, kind, longest)
            if not faces or faces[0].lacks(wording.text):
                faces = self._faces.draw(rng, wording.text, is_code) or []
            if faces:
                used |= {face.number: face for face in faces}
                rows.append(_row(rng, len(lines), wording, look, faces, leading))
                lines.append(Set(wording, look, size, leading * size, count > 1))
        padding = " ".join(f"{rng.uniform(3, 16):.1f}px" for _ in range(4))
        css = f"background:{look.ground};padding:{padding};font-size:{size}px;{_setting(rng, is_code)}"
        return f'<div class=w style="{css}">{"".join(rows)}</div>'


def _setting(rng: random.Random, is_code: bool) -> str:
    """Letters or words set wider or closer than usual, made bold or slanted by the browser, joined or not."""
    chance, css = rng.random(), ""
    if chance < 0.06:
        css = f"letter-spacing:{rng.choice([-0.03, -0.02, 0.03, 0.05, 0.08, 0.12, 0.2])}em;"
    elif chance < 0.08:
        css = f"word-spacing:{rng.choice([0.1, 0.2, 0.4])}em;"
    elif chance < 0.24:
        css = rng.choice(["font-weight:bold;", "font-style:italic;"])
    # Faces for code join signs into others, which would not be what the text says.
    return css + ("font-variant-ligatures:none;" if is_code or rng.random() < 0.3 else "")


def _row(rng: random.Random, number: int, wording: Wording, look: Look, faces: list[Face], leading: float) -> str:
    """A line of a block: the element of its look, with the text inside."""
    # A line below dots and dashes would be one of them.
    css = look.css if look.element != "link" or any(map(str.isalpha, wording.drawn)) else ""
    inner = _coloured(rng, wording.drawn, look) if look.palette else _marked(rng, wording.drawn, look)
    tag = {"button": "button", "link": "a"}.get(look.element, "span")
    style = f"font-family:{','.join(face.css for face in faces)};color:{look.ink};{css}"
    return (
        f'<div class=l style="line-height:{leading:.2f}"><{tag} class=b style="{style}">'
        f"<span class=t data-n={number}>{inner}</span></{tag}></div>"
    )


def _coloured(rng: random.Random, text: str, look: Look) -> str:
    """Program text as HTML, its parts in the colours of ``look``; some comments are slanted."""
    colours = dict(zip(tokens.CLASSES, look.palette, strict=True))
    slant = {"comment": ";font-style:italic"} if rng.random() < 0.2 else {}
    return "".join(
        f'<span style="color:{colours[kind]}{slant.get(kind, "")}">{html.escape(part)}</span>'
        for part, kind in tokens.tokens(text)
    )


def _marked(rng: random.Random, text: str, look: Look) -> str:
    """``text`` as HTML, in some lines a part of some words marked: inverted, bold, underlined, in another colour."""
    words = text.split(" ")
    if rng.random() > 0.13 or not look.even or len(words) < 2:
        return html.escape(text)
    first = rng.randrange(len(words))
    last = first + rng.choice([1, 1, 1, 2, 3])
    own = rng.choice([look.ink, look.ink, *_MARKS])
    letters = look.ground if own == look.ink and not look.boxed else looks.ink(rng, own, 90)
    style = rng.choice(
        [f"background:{own};color:{letters};padding:0 {rng.choice([0, 0, 0.1, 0.3])}em"] * 5
        + ["font-weight:bold", "font-style:italic", f"text-decoration:{rng.choice(_UNDERLINES)}", "border:1px solid"]
    )
    parts = [html.escape(" ".join(part)) for part in (words[:first], words[first:last], words[last:])]
    before, after = parts[0] + " " * bool(first), " " * (last < len(words)) + parts[2]
    return f'{before}<span style="{style}">{parts[1]}</span>{after}'
