"""The figures of a report, as SVG that takes its colours from the page."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from multirec.results import Result

# Matplotlib knows no CSS, so these stand in for it until the SVG is written.
_INK, _AGREE, _DIFFER, _RULE = "#010101", "#010102", "#010103", "#010104"
_COLOURS = {_INK: "currentColor", _AGREE: "var(--agree)", _DIFFER: "var(--differ)", _RULE: "var(--rule)"}

_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "multirec",
    "font.size": 9.5,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "xtick.color": _INK,
    "ytick.color": _INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
}


@dataclass(frozen=True)
class Plot:
    """A figure: its title, a sentence on what it shows, and the SVG."""

    title: str
    caption: str
    svg: str


def plots(rows: Sequence[Result]) -> list[Plot]:
    """Confidence, agreement by length, and length, of the rows without an error; none if there are no such rows."""
    read = [row for row in rows if not row.error]
    if not read:
        return []
    agree = np.array([row.agree for row in read])
    confidence = np.array([row.confidence for row in read])
    length = np.array([len(row.text) for row in read])
    edges = _edges(int(length.max()))
    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        return [_confidence(confidence, agree), _agreement(length, agree, edges), _length(length, agree, edges)]


def _confidence(confidence: np.ndarray, agree: np.ndarray) -> Plot:
    figure, axes = _axes("confidence of the combined text", "lines")
    _stacked(axes, confidence, agree, np.linspace(0, 1, 21))
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    low = float((confidence < 0.5).mean())
    return _plot(figure, "Confidence", f"{low:.0%} of the lines are below 50%.")


def _agreement(length: np.ndarray, agree: np.ndarray, edges: np.ndarray) -> Plot:
    figure, axes = _axes("letters in the combined text", "share of the lines")
    total = np.histogram(length, edges)[0]
    same = np.histogram(length[agree], edges)[0]
    share, any_line = same / np.maximum(total, 1), total > 0
    _bars(axes, edges, (("agree", share * any_line), ("differ", (1 - share) * any_line)))
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    return _plot(figure, "Agreement by length", f"The models agree on {agree.mean():.0%} of all lines.")


def _length(length: np.ndarray, agree: np.ndarray, edges: np.ndarray) -> Plot:
    figure, axes = _axes("letters in the combined text", "lines")
    _stacked(axes, length, agree, edges)
    return _plot(figure, "Length", f"The median line has {np.median(length):.0f} letters, the longest {length.max()}.")


def _edges(longest: int) -> np.ndarray:
    """At most 20 bins of whole letters, all as wide, from 0."""
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 10 ** len(str(longest))) if longest < 20 * s)
    return np.arange(0, (longest // step + 2) * step, step, dtype=np.float64)


def _axes(x: str, y: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(4.4, 2.5), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=_RULE, linewidth=0.6)
    return figure, axes


def _stacked(axes: Axes, values: np.ndarray, agree: np.ndarray, edges: np.ndarray) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    heights = (("differ", np.histogram(values[~agree], edges)[0]), ("agree", np.histogram(values[agree], edges)[0]))
    _bars(axes, edges, heights)


def _bars(axes: Axes, edges: np.ndarray, heights: Sequence[tuple[str, np.ndarray]]) -> None:
    """Bars on one another, the first at the bottom."""
    bottom = np.zeros(len(edges) - 1)
    for name, height in heights:
        colour = _AGREE if name == "agree" else _DIFFER
        axes.bar(edges[:-1], height, np.diff(edges) * 0.92, bottom, align="edge", color=colour, label=f"models {name}")
        bottom = bottom + height
    axes.set_xlim(edges[0], edges[-1])
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, handlelength=1, borderpad=0)


def _plot(figure: Figure, title: str, caption: str) -> Plot:
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    # Both concern the whole page: metadata is not HTML, and the style sheet would apply to everything.
    svg = re.sub(r"<(metadata|style)\b.*?</\1>", "", svg, flags=re.DOTALL)
    for colour, css in _COLOURS.items():
        svg = svg.replace(colour, css)
    # Each SVG numbers its parts anew, but ids must be unique on a page.
    prefix = title.lower().replace(" ", "-")
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\1{prefix}-", svg)
    label = escape(f"{title}. {caption}")
    return Plot(title, caption, svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1))
