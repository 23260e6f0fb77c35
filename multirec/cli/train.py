"""The commands around training: evaluate, train, calibrate, render."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from multirec.cli_types import extra
from multirec.errors import MultirecError
from multirec.stdio import say

_WEIGHTS = click.Path(dir_okay=False)


@click.command()
@click.argument("ground_truth", nargs=-1, required=True, metavar="GT...", type=click.Path(exists=True, path_type=Path))
@click.argument("predictions", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="PREDICTIONS.csv")
@click.option(
    "--fold-print", is_flag=True, help="Count all kinds of quotes as one, of dashes too, and compare by NFKC."
)
@click.option("--fold-case", is_flag=True, help="Count upper and lower case as one.")
@click.option("--fold-blanks", is_flag=True, help="Do not count blanks.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of a table.")
def evaluate(
    ground_truth: tuple[Path, ...],
    predictions: Path,
    fold_print: bool,
    fold_case: bool,
    fold_blanks: bool,
    as_json: bool,
) -> None:
    """Compare PREDICTIONS.csv with the labels in GT... (needs the extra 'evaluate').

    GT is a table of file<TAB>text, or a folder with gt.tsv or with NAME.gt.txt beside its images. Shown are
    character and word error rates with their 95 % intervals, for the combined text and each model, how often
    the models agree and are right then, how far confidence can be trusted, and the most frequent confusions.
    """
    with extra("evaluate"):
        from multirec import evaluation
    try:
        folding = evaluation.Folding(fold_print, fold_case, fold_blanks)
        lines, unread = evaluation.match(ground_truth, predictions, folding)
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error
    report = evaluation.evaluate(lines)
    if as_json:
        import json

        click.echo(json.dumps(report | {"labels_without_row": unread}, ensure_ascii=False, indent=1))
    else:
        click.echo(evaluation.as_text(report, unread))


@click.command()
@click.argument("folders", nargs=-1, metavar="[FOLDER]...", type=click.Path(exists=True, path_type=Path))
@click.option("--run", "folder", required=True, type=click.Path(file_okay=False, path_type=Path),
              help="Folder for checkpoints, the log and the weights; a run found there is continued.")  # fmt: skip
@click.option("--network", default="both", show_default=True, type=click.Choice(["both", "SEnet363", "SEnet484"]))
@click.option("--from-nothing", is_flag=True, help="Start from random weights, not from the shipped ones.")
@click.option("--weights-363", type=_WEIGHTS, help="Weights of SEnet363 to start from.")
@click.option("--weights-484", type=_WEIGHTS, help="Weights of SEnet484 to start from.")
@click.option("--alphabet", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="File of all characters to read; default: the old ones and those new in the labels.")  # fmt: skip
@click.option("--text", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Plain text to render lines of, one sentence a line; a file is a language. Repeatable.")  # fmt: skip
@click.option("--fonts", multiple=True, type=click.Path(exists=True, path_type=Path),
              help="Folder of fonts, or a listing (path, kind, missing characters; tabs). Repeatable.")  # fmt: skip
@click.option("--steps", default=1000, show_default=True, type=click.IntRange(1), help="Batches to train on.")
@click.option("--columns", default=6144, show_default=True, type=click.IntRange(512), help="Pixel columns of a batch.")
@click.option("--real-share", default=0.5, show_default=True, type=click.FloatRange(0, 1),
              help="Part of the lines that is real, where others are rendered.")  # fmt: skip
@click.option("--rate", default=3e-4, show_default=True, help="Learning rate before it decays; from nothing: 1.5e-3.")
@click.option("--seed", default=0, show_default=True, help="Of everything that is drawn.")
@click.option(
    "--threads", type=click.IntRange(1), help="Threads of arithmetic for each network; default: all cores, shared."
)
@click.option("--hold-out", default=0.05, show_default=True, type=click.FloatRange(0, 0.9),
              help="Last part of each folder, to validate and calibrate on.")  # fmt: skip
@click.option("--label", default="custom", show_default=True, help="Version to write into the weights.")
def train(
    folders: tuple[Path, ...],
    network: str,
    from_nothing: bool,
    weights_363: str | None,
    weights_484: str | None,
    **options: Any,
) -> None:
    """Train or fine-tune on labelled lines in FOLDER... and on rendered ones (needs the extra 'train').

    A FOLDER holds gt.tsv (file<TAB>text), or NAME.gt.txt beside NAME.png. The weights are left in the folder
    of the run, for predict's --weights-363 and --weights-484.

    \b
    multirec train my-lines --run runs/mine
    multirec train --from-nothing --run runs/new --fonts /usr/share/fonts --text en.txt --steps 20000 --rate 1.5e-3
    """
    from multirec.options import shipped

    with extra("train"):
        import torch  # noqa: F401

        from multirec.training.command import NETWORKS, Request, run
    start = None
    if not from_nothing:
        start = (Path(weights_363 or shipped("SEnet363")), Path(weights_484 or shipped("SEnet484")))
    networks = NETWORKS if network == "both" else (network,)
    from multirec.stdio import data_only

    try:
        # Processes inherit the descriptors: what training prints arrives on standard error, native noise does not.
        with data_only():
            message = run(Request(networks=networks, lines=folders, start=start, **options))
        say(message)
    except (ValueError, MultirecError) as error:
        raise click.ClickException(str(error)) from error


@click.command()
@click.argument("folders", nargs=-1, metavar="[GT]...", type=click.Path(exists=True, path_type=Path))
@click.option("--held-out", multiple=True, metavar="GT", type=click.Path(exists=True, path_type=Path),
              help="Labels that were trained on: only the last part, kept apart in training, is used. Repeatable.")  # fmt: skip
@click.option("--weights-363", required=True, type=_WEIGHTS, help="Weights of SEnet363; rewritten.")
@click.option("--weights-484", required=True, type=_WEIGHTS, help="Weights of SEnet484; rewritten.")
@click.option("--rendered", multiple=True, metavar="GT", type=click.Path(exists=True, path_type=Path),
              help="Rendered lines: they tell kinds of evidence apart, not how far it can be trusted. Repeatable.")  # fmt: skip
@click.option("--language", type=_WEIGHTS, help="Language model, instead of the one that comes with multirec.")
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
    from multirec.labels import read_labels
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


@click.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--text", multiple=True, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Plain text, one sentence a line; a file is a language. Repeatable.")  # fmt: skip
@click.option("--fonts", multiple=True, required=True, type=click.Path(exists=True, path_type=Path),
              help="Folder of fonts, or a listing (path, kind, missing characters; tabs). Repeatable.")  # fmt: skip
@click.option("--count", default=100, show_default=True, type=click.IntRange(1), help="Lines to render.")
@click.option("--seed", default=0, show_default=True, help="Of everything that is drawn.")
def render(out: Path, text: tuple[Path, ...], fonts: tuple[Path, ...], count: int, seed: int) -> None:
    """Render labelled lines into OUT, as training does: images and gt.tsv (needs the extra 'train')."""
    with extra("train"):
        from multirec.training.render import write_folder
    try:
        write_folder(out, list(text), list(fonts), count, seed)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
