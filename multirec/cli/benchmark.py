"""``multirec benchmark``: how fast this machine reads lines."""

from __future__ import annotations

import click


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True))
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1), help="Repetitions, interleaved.")
@click.option("-w", "--workers", default=2, show_default=True, type=click.IntRange(1, 256), help="As for predict.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def benchmark(paths: tuple[str, ...], rounds: int, workers: int, as_json: bool) -> None:
    """Measure how fast the line images at PATH... are read on this machine.

    Compared are multirec from files to CSV, the recipe of 2018 that it continues, each stage and model by
    itself, and what the machine can do at most. Nothing else should run meanwhile.

    \b
    multirec benchmark ./images --rounds 5
    """
    from multirec.benchmark import measure
    from multirec.options import Options
    from multirec.stdio import data_only, say

    try:
        with data_only():
            known = measure.benchmark(list(paths), Options(workers=workers), rounds, say)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        import json

        click.echo(json.dumps(known, indent=1))
    else:
        click.echo(measure.as_text(known))
