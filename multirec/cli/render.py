"""``multirec render``: labelled lines as training draws them."""

from __future__ import annotations

from pathlib import Path

import click

from multirec.cli.types import extra


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
