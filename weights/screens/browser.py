"""A browser that shows a page and takes its picture; ``playwright`` drives Debian's Chromium."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pages import Page
from playwright.sync_api import Browser, sync_playwright

Picture = NDArray[np.uint8]

_OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<match target="pattern">
<edit name="antialias" mode="assign"><bool>{antialias}</bool></edit>
<edit name="hinting" mode="assign"><bool>{hinting}</bool></edit>
<edit name="hintstyle" mode="assign"><const>{style}</const></edit>
<edit name="rgba" mode="assign"><const>{rgba}</const></edit>
</match>
</fontconfig>
"""

_MEASURE = """async () => {
  const lost = [];
  for (const face of document.fonts) try { await face.load() } catch { lost.push(face.family) }
  await document.fonts.ready;
  const box = r => [r.left + scrollX, r.top + scrollY, r.right + scrollX, r.bottom + scrollY];
  const lines = [];
  for (const text of document.querySelectorAll('.t')) {
    const range = document.createRange();
    range.selectNodeContents(text);
    const element = text.closest('.b'), style = getComputedStyle(element), r = element.getBoundingClientRect();
    const edge = side => parseFloat(style[`border${side}Width`]);
    const inner = {left: r.left + edge('Left'), top: r.top + edge('Top'),
                   right: r.right - edge('Right'), bottom: r.bottom - edge('Bottom')};
    lines.push({text: box(range.getBoundingClientRect()), element: box(r), inner: box(inner),
                block: box(text.closest('.w').getBoundingClientRect()),
                lost: lost.some(name => style.fontFamily.split(/, */).includes(name)),
                shown: text.textContent});
  }
  return lines;
}"""


@dataclass(frozen=True)
class Box:
    """Left, top, right and bottom, in pixels of the screen."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: Box, slack: float = 1.0) -> bool:
        """Whether ``other`` lies inside, but for ``slack`` pixels."""
        return (
            self.left - slack <= other.left
            and self.top - slack <= other.top
            and self.right + slack >= other.right
            and self.bottom + slack >= other.bottom
        )


@dataclass(frozen=True)
class Shown:
    """Where a line stands: its text (as high as its faces say), its element, without its border, and its block."""

    text: Box
    element: Box
    inner: Box
    block: Box
    says: str


@contextmanager
def browser(rng: random.Random, folder: Path) -> Iterator[Browser]:
    """A browser that draws letters as one kind of screen does: hinted or not, smoothed in grey or in colours.

    Args:
        rng: draws the kind.
        folder: where the settings of fonts are put.
    """
    style = rng.choice(["hintnone", "hintslight", "hintslight", "hintfull"])
    rgba = rng.choices(["none", "rgb", "bgr"], [0.6, 0.37, 0.03])[0]
    settings = _FONTS.format(
        antialias="false" if rng.random() < 0.02 else "true",
        hinting="false" if style == "hintnone" else "true", style=style, rgba=rgba,
    )  # fmt: skip
    file = folder / "fonts.conf"
    file.write_text(settings, encoding="utf-8")
    executable = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as driver:
        program = driver.chromium.launch(
            executable_path=executable, headless=True, args=_OPTIONS, env={**os.environ, "FONTCONFIG_FILE": str(file)}
        )
        try:
            yield program
        finally:
            program.close()


def show(program: Browser, page: Page, folder: Path) -> tuple[Picture, list[Shown | None]]:
    """The picture of ``page`` [H, W, BGR], and where its lines stand in it; None for a line whose face was not read."""
    file = folder / "page.html"
    file.write_text(page.html, encoding="utf-8")
    tab = program.new_page(device_scale_factor=page.scale, viewport={"width": page.width, "height": 800})
    try:
        tab.goto(file.as_uri())
        measured: list[dict[str, Any]] = tab.evaluate(_MEASURE)
        raw = tab.screenshot(full_page=True, scale="device", animations="disabled")
    finally:
        tab.close()
    picture = np.asarray(cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    return picture, [None if line["lost"] else _scaled(line, page.scale) for line in measured]


def _scaled(line: dict[str, Any], scale: float) -> Shown:
    boxes = {name: Box(*(scale * part for part in line[name])) for name in ("text", "element", "inner", "block")}
    return Shown(**boxes, says=line["shown"])
