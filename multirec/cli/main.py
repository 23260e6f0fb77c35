"""The command line: the group, and the commands under it.

TensorFlow and OpenCV are imported inside the commands that need them, so that ``--help`` answers at once.
Every option can also be set from the environment: ``MULTIREC_PREDICT_WORKERS=4``.
"""

from __future__ import annotations

import codecs
import os
import sys
from typing import Any

import click

from multirec import __version__
from multirec.cli.benchmark import benchmark
from multirec.cli.calibrate import calibrate
from multirec.cli.evaluate import evaluate
from multirec.cli.info import info
from multirec.cli.merge import merge
from multirec.cli.predict import predict
from multirec.cli.render import render
from multirec.cli.report import report
from multirec.cli.train import train
from multirec.errors import SetupError
from multirec.stdio import escaped, say


class _Group(click.Group):
    """Commands whose error messages name files, and cannot steer the terminal with their names."""

    def main(self, args: Any = None, *more: Any, **options: Any) -> Any:
        """As click does it; without ``args``, of which this process was made, it is readied first."""
        if args is None:
            _speak_utf8()
            # NumPy's library of products starts a thread for each processor, which nothing here needs; where it is not
            # allowed so many it raises SIGINT.
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        return super().main(args, *more, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """As click does it."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            vars(error)["message"] = escaped(error.message, keep="\n")  # final to type checkers
            raise
        except SetupError as error:  # whatever the command
            say(str(error))
            ctx.exit(error.code)


def _speak_utf8() -> None:
    """Begin anew in Python's UTF-8 mode (PEP 540), where the locale is another.

    Names in another encoding would be written as other bytes than they are.  Where the locale is C, Python sees to that
    itself.
    """
    encoding = codecs.lookup(sys.getfilesystemencoding()).name
    if not sys.flags.utf8_mode and encoding != "utf-8" and sys.executable:
        os.execv(sys.executable, [sys.orig_argv[0], "-X", "utf8", *sys.orig_argv[1:]])


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "MULTIREC"})
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Read printed text lines with two recognisers at once."""


for command in (predict, merge, report, evaluate, info, benchmark, train, calibrate, render):
    main.add_command(command)
