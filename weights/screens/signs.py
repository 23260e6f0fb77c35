"""Signs that screens show and running text seldom has, and made-up lines around them.

Rare signs are drawn in turn, so that each comes as often as another.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

Draw = Callable[[random.Random], str]

MONEY = "$ € £ ¥ ¢ ₺ ₹ ₽ ₣ ₤ ₴ ₩ ₪ ₫ ₱ ₦ ₿ ¤ kr Kč zł Ft lei лв. Fr. CHF".replace(" лв.", "").split()
UNITS = (
    "% ‰ ° °C °F µm µg µl µs µF Ω kΩ MΩ m² m³ cm² cm³ km² km/h kg/m³ µ Å mm ml dB Hz kWh W/m² g·cm⁻³ m·s⁻¹ s⁻¹ mol⁻¹ "
    "10⁻⁶ 10³ 10⁹ x² x³ nF px pt MB GiB ′ ″ @2x"
).split()
COMPARE = "≤ ≥ ≈ ≠ ± < > = << >> <= >= != == ~ ≡ ∓ → ⇒".split()
MATHS = "× ÷ ± · √ ∞ ∑ ∏ ∂ ∆ ∫ ∈ ∉ ∩ ∪ ⊂ ∀ ∃ ∅ ¬ ∧ ∨ π α β γ δ ε θ λ σ τ φ ω Δ Σ Φ Ω ∇ ∝ ∠ ⊥ ∥ ∴".split()
GREEK = "α β γ δ ε ζ η θ κ λ ν ξ π ρ σ τ φ χ ψ ω Γ Δ Θ Λ Ξ Π Σ Φ Ψ Ω".split()
BOXES = "☐ ☑ ☒ ✓ ✔ ✗ ✘ ○ ● □ ■ ◯ [x] [ ] [X] (*) ( )".replace(" [ ]", "").replace(" ( )", "").split()
BULLETS = "• · ● ○ ■ □ ▪ ▫ ◦ ‣ ▸ ▶ ► ◆ ◇ ★ ☆ ◀ ▼ ▲ ▾ ▴ ◂ – — - * + » › ✓ → § ¶ † ‡ № ※ ❯ ➜ ⚠ ✉ ☎ ♥ ♪".split()
ARROWS = "→ ← ↑ ↓ ↔ ⇒ ⇐ ⇔ ↵ ⏎ ↩ ↗ ↘ ↖ ↙ » › ▸ > / | ❯ -> => <- ➜ ⟶ ▶ ◀ ↻ ⇧ ⇥ ⌫".split()
FRACTIONS = "½ ¼ ¾ ⅓ ⅔ ⅛ ⅜ ⅝ ⅞ ⅕ ⅖ ⅗ ⅘ ⅙ ⅚ ⁄".replace(" ⁄", "").split()
RAISED = "⁰ ¹ ² ³ ⁴ ⁵ ⁶ ⁷ ⁸ ⁹ ⁿ ª º ™ ® © ⁺ ⁻".split()
LOWERED = "₀ ₁ ₂ ₃ ₄ ₅ ₆ ₇ ₈ ₉ ₂ ₁ ₓ".replace(" ₓ", "").split()
KEYS = "` ´ ^ ~ ¨ ° § ¶ ¬ ¦ | \\ # @ & % $ € £ ¤ µ ² ³ { } [ ] < > _ * + = ! ? ¡ ¿ ; : / ª º · ¢ ¥ ½ « » „ “ ” ‘ ’ ‚ ‹ › – — … ¯ ¸".split()
QUOTES = ["“ ”", "‘ ’", '" "', "' '", "« »", "„ “", "‚ ‘", "» «", "› ‹", "‹ ›", "` `", "` '", "'' ''", "`` ``", "„ ”", "” ”"]

_ELEMENTS = "H C N O S P Na Mg Al Si Cl K Ca Fe Cu Zn".split()


class Signs:
    """Draws lines with rare signs; remembers which were drawn, the least drawn come next."""

    def __init__(self) -> None:
        self.drawn: Counter[str] = Counter()

    def pick(self, rng: random.Random, pool: list[str]) -> str:
        """One of ``pool``: of two drawn by chance, that whose signs were seen less."""
        first, second = rng.choice(pool), rng.choice(pool)
        return min(first, second, key=lambda sign: min(self.drawn[c] for c in sign))

    def seen(self, text: str) -> None:
        """Count the characters of a line that is drawn."""
        self.drawn.update(set(text))

    def line(self, rng: random.Random, words: Draw, number: Draw) -> str:
        """A line around rare signs; ``words`` and ``number`` draw what stands beside them."""
        kind = rng.choice(
            [_money, _money, _units, _units, _compare, _compare, _maths, _boxes, _bullets, _arrows, _arrows, _fractions,
             _raised, _formula, _keys, _keys, _keys, _quotes, _quotes, _greek, _bracketed]
        )  # fmt: skip
        return kind(self, rng, words, number)


def _money(signs: Signs, rng: random.Random, words: Draw, number: Draw) -> str:
    sign, other = signs.pick(rng, MONEY), signs.pick(rng, MONEY)
    n, m = number(rng), number(rng)
    return rng.choice([
        f"{sign}{n}", f"{n} {sign}", f"{sign} {n}", f"{n}{sign}", f"{words(rng)} {sign}{n}", f"{words(rng)}: {n} {sign}",
        f"{sign}{n} – {sign}{m}", f"{n} {sign} / {m} {other}", f"−{n} {sign}", f"1 {sign} = {n} {other}",
        f"{words(rng)} ({sign})", f"{sign}{n} only", f"+{sign}{n}", f"({sign}{n})", f"{sign}1 = {other}{n}",
        f"{sign} {n},-", f"{n},– {sign}", f"{sign}{n}/{words(rng)}",
    ])  # fmt: skip


def _units(signs: Signs, rng: random.Random, words: Draw, number: Draw) -> str:
    unit, other, sign = signs.pick(rng, UNITS), signs.pick(rng, UNITS), signs.pick(rng, COMPARE)
    n, m = number(rng), number(rng)
    return rng.choice([
        f"{n} {unit}", f"{n}{unit}", f"{n} {unit}, {m} {other}", f"{words(rng)}: {n} {unit}", f"{words(rng)} [{unit}]",
        f"{sign} {n} {unit}", f"{n} ± {m} {unit}", f"{n}–{m} {unit}", f"{words(rng)} ({unit})", f"{n} x {m} {unit}",
        f"{n} × {m} {unit}", f"{n} {unit} {sign} {m} {other}", f"{words(rng)} {sign} {n} {unit}", f"{unit}",
    ])  # fmt: skip


def _compare(signs: Signs, rng: random.Random, words: Draw, number: Draw) -> str:
    a, b = signs.pick(rng, COMPARE), signs.pick(rng, COMPARE)
    n, m, x, y = number(rng), number(rng), *rng.sample("abcdefhijkmnpqrstuvwxyzABCNPQRTVXYZ", 2)
    return rng.choice([
        f"{x} {a} {n}", f"{x}{a}{n}", f"{n} {a} {x} {b} {m}", f"{a} {n}", f"{a}{n}", f"{words(rng)} {a} {n}",
        f"{n} {a} {m}", f"{x} {a} {y} {b} {n}", f"{a} {n} %", f"{n} {a} {m}, {x} {b} {y}", f"{words(rng)} {a} {words(rng)}",
        f"p {a} 0.{rng.randint(1, 99):02}", f"if ({x} {a} {y})", f"{a}{n}, {b}{m}", f"{x} {a} {n} and {y} {b} {m}",
    ])  # fmt: skip


def _maths(signs: Signs, rng: random.Random, words: Draw, number: Draw) -> str:
    a, b, power = signs.pick(rng, MATHS), signs.pick(rng, MATHS), signs.pick(rng, RAISED[:11])
    n, m, x, y = number(rng), number(rng), *rng.sample("abcdefhijkmnpqrstuvwxyzABCNPQRTVXYZ", 2)
    return rng.choice([
        f"{n} {a} {m}", f"{x} {a} {y}", f"{x} {a} {y} {b} {n}", f"{a}{x}", f"f({x}) = {n}{x}{power}", f"{x}{power} + {y}",
        f"{a}({x} + {y})", f"{n} {a} {m} = {x}", f"{a} {words(rng)}", f"{words(rng)} ({a})", f"{x} = {a}{n} {b} {y}",
        f"({x} {a} {y}) {b} {n}", f"{x}{power} {a} {y}{power}", f"{n}{a}{m}", f"{a} = {n}", f"{a}, {b}, {x}",
    ])  # fmt: skip


def _greek(signs: Signs, rng: random.Random, words: Draw, number: Draw) -> str:
    a, b = signs.pick(rng, GREEK), signs.pick(rng, GREEK)
    return rng.choice([
        f"{a}-{words(rng)}", f"{a} = {number(rng)}", f"{a}/{b}", f"{a}, {b}", f"{a}{b}", f"{a}- {words(rng)} {b}-{words(rng)}",
        f"{words(rng)} {a}", f"{a}{rng.randint(0, 9)}", f"{a}({b})", f"TNF-{a}", f"{a} {b} {signs.pick(rng, GREEK)}",
    ])  # fmt: skip


def _boxes(signs: Signs, rng: random.Random, words: Draw, number: Draw) -> str:
    a, b, c = (signs.pick(rng, BOXES) for _ in range(3))
    return rng.choice([
        f"{a} {words(rng)}", f"{a} {words(rng)} {b} {words(rng)}", f"{words(rng)} {a}", f"{a} {number(rng)}", f"{a}",
        f"{words(rng)}: {a} {words(rng)} {b} {words(rng)}", f"{a} {words(rng)} {b} {words(rng)} {c} {words(rng)}", f"{a} {b} {c}",
    ])  # fmt: skip


def _bullets(signs: Signs, rng: random.Random, words: Draw, number: Draw) -> str:
    a, b = signs.pick(rng, BULLETS), signs.pick(rng, BULLETS)
    return rng.choice([
        f"{a} {words(rng)}", f"{a} {words(rng)}", f"{words(rng)} {a} {words(rng)}", f"{words(rng)} {a} {number(rng)}",
        f"{words(rng)} {a} {words(rng)} {b} {words(rng)}", f"{words(rng)} {a}", f"{a}{number(rng)}", f"{a} {b} {words(rng)}",
        f"{words(rng)}{a}", f"{a * rng.randint(1, 5)}",
    ])  # fmt: skip


def _arrows(signs: Signs, rng: random.Random, words: Draw, number: Draw) -> str:
    a, b = signs.pick(rng, ARROWS), signs.pick(rng, ARROWS)
    x, y, z = rng.sample("ABCDEFGHJKLMNPQRSTUVWXYZ", 3)
    return rng.choice([
        f"{words(rng)} {a} {words(rng)}", f"{words(rng)} {a} {words(rng)} {a} {words(rng)}", f"{x} {a} {y} {a} {z}",
        f"{a} {words(rng)}", f"{words(rng)} {a}", f"{x}{a}{y}", f"{number(rng)} {a} {number(rng)}", f"{a} {b} {words(rng)}",
        f"{a}", f"{a} {b}", f"({x} {a} {y}, {b} {z})", f"{a} {number(rng)} %",
    ])  # fmt: skip


def _fractions(signs: Signs, rng: random.Random, words: Draw, number: Draw) -> str:
    a, b = signs.pick(rng, FRACTIONS), signs.pick(rng, FRACTIONS)
    return rng.choice([
        f"{a}", f"{rng.randint(1, 20)}{a}", f"{rng.randint(1, 20)} {a}", f"{a} {words(rng)}", f"{a}–{b}", f"{a}\" {words(rng)}",
        f"{rng.randint(1, 20)}{a} {words(rng)}", f"{words(rng)} {rng.randint(1, 20)}{a}", f"{a} + {b}", f"{a} × {rng.randint(2, 9)}{b}",
    ])  # fmt: skip


def _raised(signs: Signs, rng: random.Random, words: Draw, number: Draw) -> str:
    a, b, x = signs.pick(rng, RAISED), signs.pick(rng, RAISED), rng.choice("abcmnpqrstuvxyzABRS")
    word = words(rng)
    return rng.choice([
        f"{word}{a}", f"{x}{a}", f"{x}{a} + {x}{b}", f"{word}{a} {b}", f"10{a}", f"{number(rng)} × 10{a}", f"{a} {word}",
        f"{rng.randint(2, 99)}{a}", f"{a}{b} {word}", f"{word}{a}, {words(rng)}{b}", f"{x}{a}{b}",
    ])  # fmt: skip


def _formula(signs: Signs, rng: random.Random, words: Draw, number: Draw) -> str:
    def part() -> str:
        return rng.choice(_ELEMENTS) + (signs.pick(rng, LOWERED) if rng.random() < 0.8 else "")

    parts = "".join(part() for _ in range(rng.randint(1, 3)))
    x = rng.choice("avxtTRkn")
    return rng.choice([
        parts, f"{words(rng)} {parts}", f"{parts} + {part()} → {part()}", f"{x}{signs.pick(rng, LOWERED)} = {number(rng)}",
        f"{parts} ({words(rng)})", f"{number(rng)} g {parts}", f"{x}{signs.pick(rng, LOWERED)}, {x}{signs.pick(rng, LOWERED)}",
    ])  # fmt: skip


def _keys(signs: Signs, rng: random.Random, words: Draw, number: Draw) -> str:
    a, b, c = (signs.pick(rng, KEYS) for _ in range(3))
    key = rng.choice(["Ctrl", "Alt", "Shift", "AltGr", "Strg", "Umschalt", "Maj", "Mayús", "Control", "Super", "Win"])
    return rng.choice([
        f"{a}", f"{a} {b} {c}", f"{a}{b}{c}", f"{key}+{a}", f"{a}{words(rng)}", f"{words(rng)}{a}", f"{words(rng)} {a} {words(rng)}",
        f"{a}{number(rng)}", f"{number(rng)}{a}", f"{words(rng)} ({a})", f"{key}+{a} {words(rng)}", f"'{a}' {words(rng)} '{b}'",
        f"{a}, {b} {words(rng)} {c}", f"{words(rng)}: {a} {b}", f"[{a}{b}]", f"{a}{b} {words(rng)}", f"s/{a}/{b}/g",
    ])  # fmt: skip


def _quotes(signs: Signs, rng: random.Random, words: Draw, number: Draw) -> str:
    opening, closing = signs.pick(rng, QUOTES).split(" ")
    text = words(rng)
    return rng.choice([
        f"{opening}{text}{closing}", f"{words(rng)} {opening}{text}{closing}", f"{opening}{text}{closing} {words(rng)}",
        f"{words(rng)} {opening}{text}{closing} {words(rng)}", f"{opening}{text}…{closing}", f"{words(rng)}: {opening}{text}.{closing}",
        f"{opening} {text} {closing}", f"{opening}{text}", f"{text}{closing}", f"{opening}{text}!{closing}?",
    ])  # fmt: skip


def _bracketed(signs: Signs, rng: random.Random, words: Draw, number: Draw) -> str:
    pair = signs.pick(rng, ["( )", "[ ]", "{ }", "< >", "| |", "* *", "** **", "_ _", "~ ~", "# #", "/ /", "\\ \\", "{{ }}", "<% %>", "¡ !", "¿ ?"])
    opening, closing = pair.split(" ")
    return rng.choice([
        f"{opening}{words(rng)}{closing}", f"{words(rng)} {opening}{number(rng)}{closing}", f"{opening}{number(rng)}{closing} {words(rng)}",
        f"{opening} {words(rng)} {closing}", f"{words(rng)} {opening}{words(rng)}{closing} {words(rng)}",
    ])  # fmt: skip
