"""How a line looks: colours, the element that it stands in, and what is marked in it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

_LIGHT = ["#ffffff"] * 9 + ("#fafafa #f5f5f5 #f0f0f0 #eeeeee #fdf6e3 #f6f8fa #e8e8e8 #dcdcdc #fffbe6 #c0c0c0".split())
_DARK = "#000000 #1e1e1e #121212 #282a36 #272822 #002b36 #0d1117 #2d2d2d #300a24 #202124 #3c3f41 #333333".split()
_ACCENTS = (
    "#0969da #1a73e8 #d73a49 #c62828 #2e7d32 #28a745 #6f42c1 #e65100 #ff9800 #ffc107 #17a2b8 #343a40 #e91e63 #009688 "
    "#795548 #0000ee #607d8b"
).split()
_SELECTIONS = (
    "#3390ff #0078d7 #316ac5 #b4d5fe #264f78 #000000 #3584e4 #ffff00 #a6d2ff #44475a #c8c8c8".split()
)  # fmt: skip
_LINKS = {True: "#0000ee #551a8b #0969da #1a0dab".split(), False: "#8ab4f8 #58a6ff #9ecbff #ffcc66".split()}
_INKS = {
    True: "#000000 #111111 #212529 #333333 #444444".split(),
    False: "#ffffff #eeeeee #d4d4d4 #f8f8f2 #cccccc".split(),
}
"""Colours of links and of text on light grounds (True) and on dark ones."""

ELEMENTS = {
    "plain": 0.43, "link": 0.09, "button": 0.1, "field": 0.07, "cell": 0.08, "badge": 0.05, "selected": 0.05,
    "gradient": 0.04, "disabled": 0.05, "tab": 0.02, "alert": 0.02,
}  # fmt: skip
CODE_ELEMENTS = {
    "plain": 0.78, "selected": 0.05, "field": 0.04, "cell": 0.04, "badge": 0.05, "disabled": 0.02, "link": 0.02,
}  # fmt: skip
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
    palette: tuple[str, ...] = ()
    boxed: bool = False
    even: bool = True


@dataclass(frozen=True)
class _Place:
    """Where an element is drawn: the colour of its window, its kind, and the size of its letters."""

    window: str
    element: str
    size: float

    def padding(self, rng: random.Random) -> str:
        """Room between the text and the element's edge."""
        return f"padding:{rng.uniform(0.02, 0.5) * self.size:.1f}px {rng.uniform(0.15, 1.1) * self.size:.1f}px;"

    def edge(self, rng: random.Random) -> str:
        """A colour for a border."""
        return mixed(ink(rng, self.window, 40), self.window, rng.uniform(0.25, 1))

    def border(self, rng: random.Random) -> str:
        """A border all around."""
        style = rng.choice(["solid", "solid", "solid", "dashed", "dotted", "inset", "outset"])
        return f"border:{rng.choice([1, 1, 1, 2, 3])}px {style} {self.edge(rng)};"


# Colours -------------------------------------------------------------------------------------------------------------


def parsed(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of ``#rrggbb``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def brightness(colour: str) -> float:
    """How bright ``colour`` is, 0 to 255."""
    red, green, blue = parsed(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def contrast(first: str, second: str) -> float:
    """How much brighter one colour is than the other."""
    return abs(brightness(first) - brightness(second))


def mixed(first: str, second: str, share: float) -> str:
    """``share`` of ``first``, the rest of ``second``."""
    pairs = zip(parsed(first), parsed(second), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def _any(rng: random.Random) -> str:
    return f"#{rng.randrange(1 << 24):06x}"


def ground(rng: random.Random) -> str:
    """The colour of a window: light, dark, or any."""
    chance = rng.random()
    return rng.choice(_LIGHT) if chance < 0.62 else rng.choice(_DARK) if chance < 0.9 else _any(rng)


def ink(rng: random.Random, on: str, least: float = 95) -> str:
    """A colour for text that is seen ``on`` another: black or white, some grey, or a colour."""
    is_light = brightness(on) > 128
    strongest = "#000000" if is_light else "#ffffff"
    if rng.random() < 0.72:
        plain = rng.choice(_INKS[is_light])
        return plain if contrast(plain, on) > least else strongest
    return _coloured(rng, on, least) or strongest


def _coloured(rng: random.Random, on: str, least: float) -> str | None:
    """A colour that is seen ``on`` another, or None where some tries found none."""
    tried = (rng.choice(_ACCENTS) if rng.random() < 0.4 else _any(rng) for _ in range(30))
    return next((colour for colour in tried if contrast(colour, on) > least), None)


# Elements ------------------------------------------------------------------------------------------------------------


def draw(rng: random.Random, window: str, size: float, code: bool) -> Look:
    """A look in a window of colour ``window`` for text of ``size`` pixels."""
    shares = CODE_ELEMENTS if code else ELEMENTS
    element = rng.choices(list(shares), list(shares.values()))[0]
    return _DRAW[element](rng, _Place(window, element, size))


def palette(rng: random.Random, look: Look) -> tuple[str, ...]:
    """Colours for the parts of code on the ground of ``look``, some of them grey or alike."""
    on = look.css.partition("background:")[2][:7] or look.ground
    plain = ink(rng, on, 110)
    comment, string, number, keyword, call = (_coloured(rng, on, 75) or plain for _ in range(5))
    if rng.random() < 0.6:
        comment = mixed(plain, on, rng.uniform(0.5, 0.75))
    sign = rng.choice([plain, plain, mixed(plain, on, 0.7)])
    return comment, string, number, keyword, rng.choice([plain, call]), plain, sign


def _plain(rng: random.Random, place: _Place) -> Look:
    return Look(place.window, place.element, "", ink(rng, place.window))


def _disabled(rng: random.Random, place: _Place) -> Look:
    strong = ink(rng, place.window)
    faint = mixed(strong, place.window, max(rng.uniform(0.28, 0.5), 42 / contrast(strong, place.window)))
    return Look(place.window, place.element, "", faint)


def _link(rng: random.Random, place: _Place) -> Look:
    colour = rng.choice(_LINKS[brightness(place.window) > 150])
    if contrast(colour, place.window) < 60:
        colour = ink(rng, place.window)
    line = rng.choice(["", "", "", " dotted", " 2px"])
    css = f"text-decoration:underline{line};text-underline-offset:{rng.choice(['auto', 'auto', '0.1em', '0.2em'])};"
    return Look(place.window, place.element, css, colour)


def _radius(rng: random.Random) -> str:
    return f"border-radius:{rng.choice([0, 0, 2, 3, 4, 6, 12, 40])}px;"


def _filled(rng: random.Random, place: _Place) -> Look:
    """Buttons, badges, tabs and alerts: on a ground of their own."""
    own = rng.choice(_ACCENTS)
    if rng.random() < 0.4:
        own = mixed(ink(rng, place.window, 40), place.window, rng.uniform(0.05, 0.4))
    css = f"background:{own};{place.padding(rng)}{_radius(rng)}"
    if rng.random() < 0.4:
        css += place.border(rng)
    if rng.random() < 0.33:
        css += f"box-shadow:0 {rng.randint(1, 3)}px {rng.randint(1, 5)}px rgba(0,0,0,.4);"
    if place.element == "alert":
        css += f"border-left:{rng.randint(3, 6)}px solid {place.edge(rng)};"
    return Look(place.window, place.element, css, ink(rng, own, 80), boxed=True)


def _bordered(rng: random.Random, place: _Place) -> Look:
    """Fields to type in and cells of tables: with borders, on all sides or some."""
    bright = "#ffffff" if brightness(place.window) > 128 else mixed("#ffffff", place.window, 0.08)
    own = rng.choice([place.window, place.window, bright])
    css = f"background:{own};{place.padding(rng)}"
    if place.element == "field" or rng.random() < 0.6:
        css += place.border(rng) + _radius(rng)
    else:
        sides = rng.sample(["left", "right", "top"], rng.choice([0, 1, 2]))
        css += "".join(f"border-{side}:1px solid {place.edge(rng)};" for side in ["bottom", *sides])
    return Look(place.window, place.element, css, ink(rng, own), boxed=True)


def _selected(rng: random.Random, place: _Place) -> Look:
    own = rng.choice(_SELECTIONS)
    return Look(place.window, place.element, f"background:{own};", ink(rng, own, 85), boxed=True)


def _gradient(rng: random.Random, place: _Place) -> Look:
    first = rng.choice(_ACCENTS + _LIGHT + _DARK)
    second = mixed(rng.choice(_ACCENTS + _LIGHT + _DARK), first, rng.uniform(0.15, 0.5))
    text = ink(rng, mixed(first, second, 0.5), 80)
    if min(contrast(text, first), contrast(text, second)) < 60:
        second = first
    kind = rng.choice([f"linear-gradient({rng.randrange(360)}deg,"] * 3 + ["radial-gradient("])
    css = f"background:{kind}{first},{second});{place.padding(rng)}{_radius(rng)}"
    return Look(place.window, place.element, css, text, boxed=True, even=False)


_DRAW: dict[str, Callable[[random.Random, _Place], Look]] = {
    "plain": _plain, "disabled": _disabled, "link": _link, "selected": _selected, "gradient": _gradient,
    "field": _bordered, "cell": _bordered,
    "button": _filled, "badge": _filled, "tab": _filled, "alert": _filled,
}  # fmt: skip
