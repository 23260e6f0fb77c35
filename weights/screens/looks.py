"""How a line looks: colours, the element that it stands in, and what is marked in it."""

from __future__ import annotations

import random
from dataclasses import dataclass

Colour = tuple[int, int, int]

_LIGHT = ["#ffffff"] * 9 + ["#fafafa", "#f5f5f5", "#f0f0f0", "#eeeeee", "#fdf6e3", "#f6f8fa", "#e8e8e8", "#dcdcdc", "#fffbe6", "#c0c0c0"]
_DARK = ["#000000", "#1e1e1e", "#121212", "#282a36", "#272822", "#002b36", "#0d1117", "#2d2d2d", "#300a24", "#202124", "#3c3f41", "#333333"]
_ACCENTS = ["#0969da", "#1a73e8", "#d73a49", "#c62828", "#2e7d32", "#28a745", "#6f42c1", "#e65100", "#ff9800", "#ffc107", "#17a2b8", "#343a40", "#e91e63", "#009688", "#795548", "#0000ee", "#607d8b"]

ELEMENTS = {
    "plain": 0.43, "link": 0.09, "button": 0.1, "field": 0.07, "cell": 0.08, "badge": 0.05, "selected": 0.05,
    "gradient": 0.04, "disabled": 0.05, "tab": 0.02, "alert": 0.02,
}  # fmt: skip
CODE_ELEMENTS = {"plain": 0.78, "selected": 0.05, "field": 0.04, "cell": 0.04, "badge": 0.05, "disabled": 0.02, "link": 0.02}
"""How often each element is drawn, for texts and for code."""


@dataclass(frozen=True)
class Look:
    """What a line looks like.

    Attributes:
        ground: CSS colour of what lies around the element.
        element: one of ``ELEMENTS``.
        css: the style of the element that holds the text.
        ink: colour of the text.
        palette: colours of the parts of code in the order of ``tokens.CLASSES``; empty where nothing is coloured.
        boxed: whether the element is seen: by a border or a ground of its own.
        even: whether the text stands on one colour.
    """

    ground: str
    element: str
    css: str
    ink: str
    palette: tuple[str, ...]
    boxed: bool
    even: bool


def parsed(colour: str) -> Colour:
    """Red, green and blue of ``#rrggbb``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def written(colour: Colour) -> str:
    """``#rrggbb``."""
    return "#" + "".join(f"{min(255, max(0, part)):02x}" for part in colour)


def brightness(colour: str) -> float:
    """How bright ``colour`` is, 0 to 255."""
    red, green, blue = parsed(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def mixed(first: str, second: str, share: float) -> str:
    """``share`` of ``first``, the rest of ``second``."""
    pairs = zip(parsed(first), parsed(second), strict=True)
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in pairs)
    return written((red, green, blue))


def ground(rng: random.Random) -> str:
    """The colour of a window: light, dark, or any."""
    chance = rng.random()
    if chance < 0.62:
        return rng.choice(_LIGHT)
    if chance < 0.9:
        return rng.choice(_DARK)
    return written((rng.randrange(256), rng.randrange(256), rng.randrange(256)))


def ink(rng: random.Random, on: str, contrast: float = 95) -> str:
    """A colour for text that is seen ``on`` another: black or white, some grey, or a colour."""
    dark = brightness(on) > 128
    plain = rng.choice(["#000000", "#111111", "#212529", "#333333", "#444444"] if dark else ["#ffffff", "#eeeeee", "#d4d4d4", "#f8f8f2"])
    if rng.random() < 0.72:
        return plain if abs(brightness(plain) - brightness(on)) > contrast else ("#000000" if dark else "#ffffff")
    for _ in range(30):
        colour = rng.choice(_ACCENTS) if rng.random() < 0.5 else written((rng.randrange(256), rng.randrange(256), rng.randrange(256)))
        if abs(brightness(colour) - brightness(on)) > contrast:
            return colour
    return "#000000" if dark else "#ffffff"


def draw(rng: random.Random, window: str, size: float, code: bool) -> Look:
    """A look in a window of colour ``window`` for text of ``size`` pixels."""
    shares = CODE_ELEMENTS if code else ELEMENTS
    element = rng.choices(list(shares), list(shares.values()))[0]
    own = window
    text = ink(rng, own)
    css, boxed, even = "", False, True
    pad = f"{rng.uniform(0.02, 0.5) * size:.1f}px {rng.uniform(0.15, 1.1) * size:.1f}px"
    edge = mixed(ink(rng, window, 40), window, rng.uniform(0.25, 1))
    border = f"border:{rng.choice([1, 1, 1, 2, 3])}px {rng.choice(['solid', 'solid', 'solid', 'dashed', 'dotted', 'inset', 'outset'])} {edge};"
    radius = f"border-radius:{rng.choice([0, 0, 2, 3, 4, 6, 12, 40])}px;"
    if element == "link":
        text = rng.choice(["#0000ee", "#551a8b", "#0969da", "#1a0dab"]) if brightness(window) > 150 else rng.choice(["#8ab4f8", "#58a6ff", "#9ecbff", "#ffcc66"])
        text = text if abs(brightness(text) - brightness(window)) > 60 else ink(rng, window)
        css = f"text-decoration:underline{rng.choice(['', '', '', ' dotted', ' 2px'])};text-underline-offset:{rng.choice(['auto', 'auto', '0.1em', '0.2em'])};"
    elif element in ("button", "badge", "tab", "alert"):
        own = rng.choice(_ACCENTS) if rng.random() < 0.6 else mixed(ink(rng, window, 40), window, rng.uniform(0.05, 0.4))
        text, boxed = ink(rng, own, 80), True
        css = f"background:{own};padding:{pad};{radius}" + (border if rng.random() < 0.4 else "")
        css += rng.choice(["", "", f"box-shadow:0 {rng.randint(1, 3)}px {rng.randint(1, 5)}px rgba(0,0,0,.4);"])
        if element == "alert":
            css += f"border-left:{rng.randint(3, 6)}px solid {edge};"
    elif element in ("field", "cell"):
        own = rng.choice([window, window, "#ffffff" if brightness(window) > 128 else mixed("#ffffff", window, 0.08)])
        text, boxed = ink(rng, own), True
        sides = border if element == "field" or rng.random() < 0.6 else f"border-bottom:1px solid {edge};" + rng.choice(["", f"border-right:1px solid {edge};", f"border-top:2px solid {edge};"])
        css = f"background:{own};padding:{pad};{sides}" + (radius if element == "field" else "")
    elif element == "selected":
        own = rng.choice(["#3390ff", "#0078d7", "#316ac5", "#b4d5fe", "#264f78", "#000000", "#3584e4", "#ffff00", "#a6d2ff", "#44475a", "#c8c8c8"])
        text, boxed = ink(rng, own, 85), True
        css = f"background:{own};"
    elif element == "gradient":
        own = rng.choice(_ACCENTS + _LIGHT + _DARK)
        other = mixed(rng.choice(_ACCENTS + _DARK + _LIGHT), own, rng.uniform(0.15, 0.5))
        text, boxed, even = ink(rng, mixed(own, other, 0.5), 80), True, False
        if min(abs(brightness(text) - brightness(end)) for end in (own, other)) < 60:
            other = own
        css = f"background:{rng.choice(['linear', 'linear', 'linear', 'radial'])}-gradient({{}}{own},{other});padding:{pad};{radius}"
        css = css.format(f"{rng.randrange(360)}deg," if "linear" in css else "")
    elif element == "disabled":
        text = mixed(text, window, rng.uniform(0.28, 0.5))
    palette = _palette(rng, own) if code and element != "disabled" and rng.random() < 0.68 else ()
    return Look(window, element, css, text, palette, boxed, even)


def _palette(rng: random.Random, on: str) -> tuple[str, ...]:
    """Colours for the parts of code, some of them grey or alike."""
    plain = ink(rng, on, 110)
    comment = mixed(plain, on, rng.uniform(0.45, 0.75))
    colours = [comment if rng.random() < 0.6 else _coloured(rng, on), _coloured(rng, on), _coloured(rng, on), _coloured(rng, on)]
    colours += [rng.choice([plain, _coloured(rng, on)]), plain, rng.choice([plain, plain, mixed(plain, on, 0.7)])]
    return tuple(colours)


def _coloured(rng: random.Random, on: str) -> str:
    for _ in range(30):
        colour = written((rng.randrange(256), rng.randrange(256), rng.randrange(256)))
        if abs(brightness(colour) - brightness(on)) > 75:
            return colour
    return ink(rng, on)
