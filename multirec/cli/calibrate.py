"""``multirec calibrate``: confidences fitted to a pair of weights."""

from __future__ import annotations

from pathlib import Path

import click

from multirec.cli.types import WEIGHTS, extra
from multirec.errors import MultirecError
from multirec.stdio import say


@click.command()
@click.argument("folders", nargs=-1, metavar="[GT]...", type=click.Path(exists=True, path_type=Path))
@click.option("--held-out", multiple=True, metavar="GT", type=click.Path(exists=True, path_type=Path),
              help="Labels that were trained on: only the last part, kept apart in training, is used. Repeatable.")  # fmt: skip
@click.option("--weights-363", required=True, type=WEIGHTS, help="Weights of SEnet363; rewritten.")
@click.option("--weights-484", required=True, type=WEIGHTS, help="Weights of SEnet484; rewritten.")
@click.option("--rendered", multiple=True, metavar="GT", type=click.Path(exists=True, path_type=Path),
              help="Rendered lines: they tell kinds of evidence apart, not how far it can be trusted. Repeatable.")  # fmt: skip
@click.option("--language", type=WEIGHTS, help="Language model, instead of the one that comes with multirec.")
@click.option("--hold-out", type=click.FloatRange(0, 0.9),
              help="That last part of each --held-out, as training had it.  [default: 0.05]")  # fmt: skip
def calibrate(
    folders: tuple[Path, ...], held_out: tuple[Path, ...], rendered: tuple[Path, ...],
    weights_363: str, weights_484: str, language: str | None, hold_out: float | None,
) -> None:  # fmt: skip
    """Fit confidences and the language's weight for a pair of models to labelled lines that it was not trained on.

    The lines of each GT are used whole, those of each --held-out in part.

    \b
    multirec calibrate new-lines --held-out my-lines --weights-363 runs/mine/SEnet363.npz --weights-484 runs/mine/SEnet484.npz
    """
    from multirec.inputs.labels import read_labels
    from multirec.options import shipped
    from multirec.stdio import data_only

    with extra("evaluate"):
        from multirec.training import calibrate as training
    from multirec.training.lines import hold_out as split

    if not folders and not held_out and not rendered:
        raise click.UsageError("no labels to calibrate on: give GT, --held-out GT or --rendered GT")
    if hold_out is not None and not held_out:
        raise click.UsageError("--hold-out says which part of each --held-out to use; a GT is used whole")
    try:
        lines = [line for folder in folders for line in read_labels(folder)]
        for folder in held_out:
            lines += split(read_labels(folder), 0.05 if hold_out is None else hold_out)[1]
        with data_only():
            model = Path(language or shipped("language"))
            drawn = [line for folder in rendered for line in read_labels(folder)]
            known = training.calibrate((Path(weights_363), Path(weights_484)), lines, model, drawn)
    except (ValueError, MultirecError) as error:
        raise click.ClickException(str(error)) from error
    say(f"calibrated on {len(lines) + len(drawn)} lines: {known}")
