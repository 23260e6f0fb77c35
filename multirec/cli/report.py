"""``multirec report``: a page to look at predictions and to correct them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from multirec.cli.types import extra, output_name
from multirec.errors import ExitCode, MultirecError


@click.command()
@click.argument("predictions", metavar="PREDICTIONS.csv", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("-o", "--output", default="report.html", show_default=True, callback=output_name,
              type=click.Path(dir_okay=False, allow_dash=True), help="Page; '-' is standard output.")  # fmt: skip
@click.option("--pictures", default="embed", show_default=True, type=click.Choice(["embed", "link", "none"]),
              help="embed: small ones in the page; link: the files, found from where the page is.")  # fmt: skip
@click.option("--images", type=click.Path(exists=True, file_okay=False), metavar="FOLDER",
              help="Where the CSV's relative paths start, or the pictures of its pages are; default: the current folder, or else its own.")  # fmt: skip
@click.option("--limit", type=click.IntRange(1), metavar="N",
              help="Show N lines only, those that need review most; the figures still cover all.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.pass_context
def report(
    ctx: click.Context, predictions: str, output: str, pictures: str, images: str | None, limit: int | None, quiet: bool
) -> None:
    """Make a page of PREDICTIONS.csv to look at and correct in a browser (needs the extra 'report').

    It shows each line's picture, the text, what each model read and where that differs, and figures. Lines
    on which the models differ or confidence is low come first. Corrections are downloaded as gt.tsv, which
    'train' and 'evaluate' read. The page is one file and loads nothing from elsewhere.

    \b
    Examples:
      multirec predict scans -o lines.csv && multirec report lines.csv
      multirec report lines.csv -o worst.html --limit 500
    """
    from multirec.outputs.files import File, Stream
    from multirec.stdio import data_only, say

    with extra("report"):
        from multirec.report.page import Options, build
    from multirec.outputs.rows import read_rows

    piped = predictions == "-"
    name = "standard input" if piped else Path(predictions).name
    options = Options(
        title=name,
        pictures=pictures,
        limit=limit,
        bases=(*([images] if images else []), ".", *([] if piped else [str(Path(predictions).parent)])),
        images=images,
        folder="." if output == "-" else str(Path(output).parent),
        progress=not quiet,
    )
    try:
        data = sys.stdin.buffer.read() if piped else Path(predictions).read_bytes()
        rows = read_rows(data, name)
        with data_only() as stdout:
            if output == "-":
                Stream(stdout).write(build(rows, options).encode())
            else:
                with File(Path(output)) as file:
                    file.write(build(rows, options).encode())
    except BrokenPipeError:
        ctx.exit(ExitCode.BROKEN_PIPE)
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error
    except MultirecError as error:
        say(str(error))
        ctx.exit(error.code)
    if not quiet and output != "-":
        say(f"{len(rows)} lines in {output}")
