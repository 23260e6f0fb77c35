"""Averages weights: of a network before it was trained on and after, into OUT.npz, to be calibrated.

    python weights/average.py OUT.npz BEFORE.npz AFTER.npz

Both lie in one valley of the loss, and between them it is deeper: stochastic weight averaging (arXiv 1803.05407),
model soups (arXiv 2203.05482).  Only for runs that start from BEFORE.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from multirec.models import weights


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("before", type=click.Path(exists=True, path_type=Path))
@click.argument("after", type=click.Path(exists=True, path_type=Path))
def main(out: Path, before: Path, after: Path) -> None:
    """Average and write; what AFTER says of itself stays, with a word about BEFORE."""
    (first, known), (second, metadata) = weights.load(before), weights.load(after)
    if (known.network, known.alphabet) != (metadata.network, metadata.alphabet):
        raise click.UsageError(f"{before} and {after}: their networks or alphabets differ")
    arrays = {name: (first[name] + second[name]) * np.float32(0.5) for name in second}
    training = metadata.training | {"averaged_with": known.version}
    learned = sorted({*known.trained_on, *metadata.trained_on})
    weights.save(out, arrays, replace(metadata, training=training, calibration={}, trained_on=learned))


if __name__ == "__main__":
    main()
