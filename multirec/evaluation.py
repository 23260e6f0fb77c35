"""How well predictions match labels: error rates with confidence intervals, agreement, confusions.

Error rates are pooled: Levenshtein edits over label characters (CER) or words (WER), summed over lines.
Intervals are 95 % percentile bootstraps over lines.  Edits come from rapidfuzz (extra ``evaluate``).
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from multirec.inputs.labels import fold_print, read_labels
from multirec.outputs.rows import read_rows
from multirec.results import Result

READERS = ("combined", "SEnet363", "SEnet484")
"""The three readings of a row."""

RESAMPLES = 1000


@dataclass(frozen=True)
class Folding:
    """What not to count as an error; NFC and runs of blanks never count."""

    print: bool = False
    """Quotes, dashes and compatibility forms (NFKC) count as one."""
    case: bool = False
    """Upper and lower case count as one."""
    blanks: bool = False
    """Blanks do not count at all."""

    def __call__(self, text: str) -> str:
        """``text`` as it is compared."""
        text = fold_print(text) if self.print else unicodedata.normalize("NFC", text)
        if self.case:
            text = text.casefold()
        return ("" if self.blanks else " ").join(text.split())


@dataclass(frozen=True)
class Scored:
    """A labelled row: the label and the readings, folded, and what the CSV says of them."""

    label: str
    readings: dict[str, str]
    agree: bool
    confidence: float


def match(ground_truth: Iterable[Path], predictions: Path, folding: Folding) -> tuple[list[Scored], int]:
    """Pair the labels with the CSV's rows; also return how many labels have no row.

    A label belongs to the row whose path shares the most trailing parts with the label's, so that a CSV made
    from another folder still fits.  Rows with an error count as empty readings.

    Raises:
        ValueError: the CSV is not multirec's, or no row fits any label.
    """
    rows: dict[str, list[Result]] = {}
    for row in read_rows(predictions.read_bytes(), str(predictions)):
        rows.setdefault(Path(row.image).name, []).append(row)
    scored, unread = [], 0
    taken: dict[int, Path] = {}
    for path, label in (pair for place in ground_truth for pair in read_labels(place)):
        candidates = rows.get(path.name, [])
        best = max(candidates, key=lambda row: _shared(path, Path(row.image)), default=None)
        if best is None:
            unread += 1
            continue
        if taken.setdefault(id(best), path) != path:
            raise ValueError(
                f"{predictions}: its row of {best.image!r} fits both {taken[id(best)]} and {path}: "
                "evaluate one of them at a time, or rows with more of their paths"
            )
        texts = [best.text, *(text for text, _ in best.readings)] if best.readings else ["", "", ""]
        readings = dict(zip(READERS, map(folding, texts), strict=True))
        scored.append(Scored(folding(label), readings, best.agree, best.confidence))
    if not scored:
        raise ValueError(f"{predictions}: none of its rows is for an image of the labels")
    return scored, unread


def _shared(a: Path, b: Path) -> int:
    """Trailing parts that two paths share."""
    count = 0
    for x, y in zip(reversed(a.absolute().parts), reversed(b.parts), strict=False):
        if x != y:
            break
        count += 1
    return count


def evaluate(lines: list[Scored], seed: int = 0) -> dict[str, Any]:
    """All figures, as plain numbers: rates in percent, shares from 0 to 1."""
    rng = np.random.default_rng(seed)
    resamples = rng.integers(0, len(lines), (RESAMPLES, len(lines)))
    readers = {}
    for name in READERS:
        pairs = [(line.label, line.readings[name]) for line in lines]
        readers[name] = {
            "cer": _rate(pairs, resamples, words=False),
            "wer": _rate(pairs, resamples, words=True),
            "exact": sum(a == b for a, b in pairs) / len(pairs),
        }
    return {
        "lines": len(lines),
        "readers": readers,
        "agreement": dict(_agreement(lines)),
        "calibration": _calibration(lines),
        "confusions": _confusions(lines),
    }


def _rate(pairs: list[tuple[str, str]], resamples: NDArray[np.int64], words: bool) -> dict[str, float]:
    units = [(a.split(), b.split()) if words else (a, b) for a, b in pairs]
    edits = np.array([Levenshtein.distance(a, b) for a, b in units])
    sizes = np.array([len(a) for a, _ in units])
    sampled = 100 * edits[resamples].sum(axis=1) / np.maximum(1, sizes[resamples].sum(axis=1))
    low, high = np.percentile(sampled, [2.5, 97.5])
    return {
        "percent": round(100 * float(edits.sum()) / max(1, int(sizes.sum())), 3),
        "low": round(float(low), 3), "high": round(float(high), 3),
    }  # fmt: skip


def _agreement(lines: list[Scored]) -> Iterator[tuple[str, dict[str, float]]]:
    for name, chosen in (("agree", [x for x in lines if x.agree]), ("differ", [x for x in lines if not x.agree])):
        exact = sum(x.label == x.readings["combined"] for x in chosen)
        yield name, {"lines": len(chosen), "exact": exact, "share_exact": round(exact / max(1, len(chosen)), 4)}


def _calibration(lines: list[Scored]) -> dict[str, Any]:
    """Ten bins of equal width; the expected calibration error after Guo et al. (arXiv 1706.04599)."""
    confidence = np.array([x.confidence for x in lines])
    exact = np.array([x.label == x.readings["combined"] for x in lines])
    bins = np.minimum((confidence * 10).astype(int), 9)
    table, error = [], 0.0
    for b in range(10):
        inside = bins == b
        count = int(inside.sum())
        if count:
            mean, right = float(confidence[inside].mean()), float(exact[inside].mean())
            error += abs(mean - right) * count / len(lines)
            table.append({"from": b / 10, "lines": count, "confidence": round(mean, 4), "exact": round(right, 4)})
    return {"error": round(error, 4), "bins": table}


def _confusions(lines: list[Scored], most: int = 25) -> list[dict[str, Any]]:
    counts: Counter[tuple[str, str]] = Counter()
    for line in lines:
        got = line.readings["combined"]
        for edit in Levenshtein.opcodes(line.label, got):
            if edit.tag != "equal":
                counts[line.label[edit.src_start : edit.src_end], got[edit.dest_start : edit.dest_end]] += 1
    return [{"label": a, "read": b, "count": n} for (a, b), n in counts.most_common(most)]


def as_text(report: dict[str, Any], unread: int) -> str:
    """The figures as a table for people."""
    out = [f"{report['lines']} lines" + (f", {unread} labels without a row" if unread else ""), ""]
    out.append(f"{'':10}{'CER %':>8}{'(95 % interval)':>20}{'WER %':>8}{'(95 % interval)':>20}{'exact':>8}")
    for name, figures in report["readers"].items():
        line = f"{name:10}"
        for rate in (figures["cer"], figures["wer"]):
            span = f"({rate['low']:.2f} to {rate['high']:.2f})"
            line += f"{rate['percent']:8.2f}{span:>20}"
        out.append(f"{line}{figures['exact']:8.1%}")
    out.append("")
    for name, figures in report["agreement"].items():
        out.append(f"models {name:7}{figures['lines']:6} lines, {figures['share_exact']:6.1%} of them exact")
    out += [
        "",
        f"expected calibration error {report['calibration']['error']:.3f}",
        "confidence    lines   mean   exact",
    ]
    for b in report["calibration"]["bins"]:
        out.append(
            f"{b['from']:.1f} to {b['from'] + 0.1:.1f}  {b['lines']:7}  {b['confidence']:.3f}   {b['exact']:.3f}"
        )
    out += ["", "most frequent confusions (label > read)"]
    out += [f"{c['count']:6}  {c['label']!r} > {c['read']!r}" for c in report["confusions"]]
    return "\n".join(out)
