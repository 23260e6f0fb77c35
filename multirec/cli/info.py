"""``multirec info``: what this installation is and can do; what a bug report pastes."""

from __future__ import annotations

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@click.option("-w", "--workers", default=2, show_default=True, type=click.IntRange(1, 256), help="Plan for so many.")
def info(as_json: bool, workers: int) -> None:
    """Show versions, devices, the plan on this machine, the weights, the image formats, and what is missing."""
    from multirec.info import as_text, collect
    from multirec.stdio import data_only

    with data_only():
        known = collect(workers)
    if as_json:
        import json

        click.echo(json.dumps(known, ensure_ascii=False, indent=1))
    else:
        click.echo(as_text(known))
