"""``multirec merge``: the shards of a run into one output."""

from __future__ import annotations

import click

from multirec.cli.types import output_name
from multirec.errors import ExitCode, MultirecError


@click.command()
@click.argument("shards", nargs=-1, required=True, metavar="SHARD...", type=click.Path(dir_okay=False))
@click.option("-o", "--output", default="-", show_default=True, callback=output_name,
              type=click.Path(dir_okay=False, allow_dash=True),
              help="File or URL to write; it appears when it is complete. '-' is standard output.")  # fmt: skip
@click.option("--partial", is_flag=True, help="Go without the shards that are not named, for a look on the way.")
@click.option("--wait", default=0.0, metavar="SECONDS", type=click.FloatRange(0),
              help="Wait so long for a run that writes FILE.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.pass_context
def merge(ctx: click.Context, shards: tuple[str, ...], output: str, partial: bool, wait: float, quiet: bool) -> None:
    """Put together what 'predict --shard' wrote to SHARD..., files or URLs, in any order: the bytes of one run.

    Shards are CSV or JSON Lines. Before anything is written it is checked that all shards are there, each once
    and unchanged, and made in the same way from the same inputs.

    \b
    Examples:
      multirec merge out/*.csv -o all.csv
      multirec merge out/*.csv --partial | csvstat

    \b
    Exit codes: those of predict over all, and
      10   the shards do not make a whole
    """
    from multirec.outputs.finished import FINISHED
    from multirec.run import merge as run
    from multirec.stdio import data_only, say

    for end in FINISHED:
        if output.lower().endswith(f".{end}"):
            raise click.UsageError(f"{output}: what is merged are rows of CSV or JSON Lines, which make no .{end}")
    try:
        with data_only() as stdout:
            code = run.merge(shards, output, stdout, partial, wait, quiet)
    except BrokenPipeError:
        code = ExitCode.BROKEN_PIPE
    except MultirecError as error:
        say(str(error))
        code = error.code
    ctx.exit(code)
