"""``multirec train``: weights for lines of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from multirec.cli.types import WEIGHTS, extra
from multirec.errors import MultirecError, StoppedError
from multirec.stdio import say


@click.command()
@click.argument("folders", nargs=-1, metavar="[FOLDER]...", type=click.Path(exists=True, path_type=Path))
@click.option("--run", "folder", required=True, type=click.Path(file_okay=False, path_type=Path),
              help="Folder for checkpoints, the log and the weights; a run found there is continued.")  # fmt: skip
@click.option("--network", default="both", show_default=True, type=click.Choice(["both", "SEnet363", "SEnet484"]))
@click.option("--from-nothing", is_flag=True, help="Start from random weights, not from the shipped ones.")
@click.option("--weights-363", type=WEIGHTS, help="Weights of SEnet363 to start from.")
@click.option("--weights-484", type=WEIGHTS, help="Weights of SEnet484 to start from.")
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
@click.option("--renderers", default=0, show_default=True, type=click.IntRange(0),
              help="Processes that draw lines ahead for each network, where a GPU would wait for them.")  # fmt: skip
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

    A FOLDER holds gt.tsv (file<TAB>text), or NAME.gt.txt beside NAME.png, or PAGE or ALTO documents with their
    pages' pictures; it may also be one such table or document. The weights are left in the folder of the run,
    for predict's --weights-363 and --weights-484.

    \b
    multirec train my-lines --run runs/mine
    multirec train --from-nothing --run runs/new --fonts /usr/share/fonts --text en.txt --steps 20000 --rate 1.5e-3
    """
    from multirec.options import shipped

    with extra("train"):
        import multirec.training.render  # noqa: F401  what it needs is known now, not when lines are drawn
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
    except StoppedError as error:
        say(str(error))
        raise click.exceptions.Exit(error.code) from None
    except (ValueError, MultirecError) as error:
        raise click.ClickException(str(error)) from error
