"""The command line: the group, and the commands under it.

TensorFlow and OpenCV are imported inside the commands that need them, so that ``--help`` answers at once.
Every option can also be set from the environment: ``MULTIREC_PREDICT_WORKERS=4``.
"""

from __future__ import annotations

from typing import Any

import click

from multirec.cli.benchmark import benchmark
from multirec.cli.calibrate import calibrate
from multirec.cli.evaluate import evaluate
from multirec.cli.info import info
from multirec.cli.merge import merge
from multirec.cli.predict import predict
from multirec.cli.render import render
from multirec.cli.report import report
from multirec.cli.train import train
from multirec.stdio import escaped


class _Group(click.Group):
    """Commands whose error messages name files, and cannot steer the terminal with their names."""

    def invoke(self, ctx: click.Context) -> Any:
        """As click does it."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            vars(error)["message"] = escaped(error.message, keep="\n")  # final to type checkers
            raise


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "MULTIREC"})
@click.version_option(package_name="multirec", message="%(prog)s %(version)s")
def main() -> None:
    """Read printed text lines with two recognisers at once."""


for command in (predict, merge, report, evaluate, info, benchmark, train, calibrate, render):
    main.add_command(command)
