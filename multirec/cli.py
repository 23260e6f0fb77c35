"""The command line: options in, one library call, an exit code out.

TensorFlow and OpenCV are imported inside the commands that need them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from multirec.cli_training import calibrate, evaluate, render, train
from multirec.errors import ExitCode, MultirecError, NoImagesError

if TYPE_CHECKING:
    from multirec.output import Output
    from multirec.results import Result


class BatchSize(click.ParamType):
    """``auto``, or a number of lines."""

    name = "auto|N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        """None for ``auto``."""
        if value is None or value == "auto":
            return None
        if str(value).isdigit() and int(value) > 0:
            return int(value)
        self.fail(f"{value!r} is neither 'auto' nor a number of lines, 1 or more", param, ctx)


class Size(click.ParamType):
    """Bytes, as ``512M`` or ``2G``."""

    name = "SIZE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Bytes."""
        from multirec.memory import parse_size

        if isinstance(value, int):
            return value
        try:
            size = parse_size(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return size if size > 0 else self.fail("the limit must be more than nothing", param, ctx)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "MULTIREC"})
@click.version_option(package_name="multirec", message="%(prog)s %(version)s")
def main() -> None:
    """Read printed text lines with two recognisers at once."""


_WEIGHTS = click.Path(dir_okay=False)


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, allow_dash=True))
@click.option("-w", "--workers", default=2, show_default=True, type=click.IntRange(1, 256),
              help="Threads that run models: 2 gives each its own, 4 keeps two batches in flight.")  # fmt: skip
@click.option("-o", "--output", default="-", show_default=True, type=click.Path(dir_okay=False, allow_dash=True),
              help="CSV file to write; it appears when the run is complete. '-' is standard output.")  # fmt: skip
@click.option("-b", "--batch-size", default="auto", show_default=True, type=BatchSize(),
              help="Lines in a batch; auto: what free memory allows. The text does not depend on it.")  # fmt: skip
@click.option("--memory-limit", type=Size(), help="Memory that batches may take, as 512M or 2G.")
@click.option("--weights-363", type=_WEIGHTS, help="Weights of SEnet363, instead of those that come with multirec.")
@click.option("--weights-484", type=_WEIGHTS, help="Weights of SEnet484, likewise.")
@click.option("--progress/--no-progress", default=None, help="Progress bar on standard error; default: on a terminal.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("-v", "--verbose", is_flag=True, help="Say which device, weights and batch sizes are used.")
@click.pass_context
def predict(
    ctx: click.Context, /, paths: tuple[str, ...], output: str, progress: bool | None, quiet: bool, verbose: bool,
    **chosen: Any,
) -> None:  # fmt: skip
    """Read the line images at PATH... and write a CSV row for each.

    A PATH is a folder (walked recursively), an image, or '-' for a list of paths on standard input, one a
    line. Exit codes: 0 all read, 2 usage, 3 some images could not be read (their rows say why), 4 no image
    found, 5 models unusable, 6 output not writable, 130 interrupted, 141 the reader of the pipe went away.

    \b
    multirec predict ./images > lines.csv
    find scans -name '*.png' -newer last-run | multirec predict - -o new.csv
    """
    from multirec.stdio import data_only

    options = {name: value for name, value in chosen.items() if value is not None}
    show = not quiet and (sys.stderr.isatty() if progress is None else progress)
    code = ExitCode.OK
    try:
        with data_only(verbose) as stdout:
            try:
                code = _predict(paths, output, stdout, options, show, quiet, verbose)
            except MultirecError as error:
                click.echo(f"multirec: {error}", err=True)
                code = error.code
            except KeyboardInterrupt:
                where = "" if output == "-" else f"; the rows read so far are in {output}.part"
                click.echo(f"multirec: interrupted{where}", err=True)
                code = ExitCode.INTERRUPTED
            except BrokenPipeError:
                code = ExitCode.BROKEN_PIPE
    except MultirecError as error:
        click.echo(f"multirec: {error}", err=True)
        code = error.code
    if code in (ExitCode.INTERRUPTED, ExitCode.BROKEN_PIPE):
        # Threads may still sit in a read or in a model: do not wait for them.
        os._exit(code)
    ctx.exit(code)


def _predict(
    paths: tuple[str, ...], output: str, stdout: Any, options: dict[str, Any], progress: bool, quiet: bool,
    verbose: bool,
) -> ExitCode:  # fmt: skip
    """Run the recogniser over ``paths`` into ``output``; the library call of ``predict``."""
    from multirec.discover import discover
    from multirec.output import File, Stream, header

    out: Any = Stream(stdout) if output == "-" else File(Path(output))
    with nullcontext(out) if output == "-" else out:
        from multirec.options import Options
        from multirec.recognizer import Recognizer

        with Recognizer(Options(**options)) as recognizer:
            if verbose:
                _describe(recognizer)
            out.write(header())
            start = time.monotonic()
            results = recognizer.read_sources(discover(paths, sys.stdin.buffer))
            rows, agreed, errors = _write(results, out, progress)
            seconds = time.monotonic() - start
        if not rows:
            raise NoImagesError(f"no image found in {' '.join(map(repr, paths))}: are these folders of line images?")
        if not quiet:
            read = rows - errors
            share = f", both models agree on {agreed / read:.0%}" if read else ""
            click.echo(
                f"multirec: {read} images read{share}, {errors} errors, {rows / max(seconds, 1e-9):.1f} images/s",
                err=True,
            )
    return ExitCode.SOME_IMAGES_UNREADABLE if errors else ExitCode.OK


def _write(results: Iterable[Result], out: Output, progress: bool) -> tuple[int, int, int]:
    """Write all rows; return how many, how many agreed and how many errors."""
    from tqdm import tqdm

    from multirec.output import row

    rows = agreed = errors = 0
    with tqdm(results, unit=" images", disable=not progress, file=sys.stderr, mininterval=0.5) as bar:
        for result in bar:
            out.write(row(result))
            rows += 1
            agreed += result.agree
            errors += bool(result.error)
    return rows, agreed, errors


def _describe(recognizer: Any) -> None:
    plan = recognizer.plan
    for known in recognizer.models.metadata:
        click.echo(f"multirec: {known.network}, weights {known.version}, {len(known.alphabet)} characters", err=True)
    click.echo(
        f"multirec: {plan.device}, {plan.free >> 20} MiB free, {plan.workers} workers, "
        f"{plan.bytes_per_column} bytes a column: batches of {plan.lines(256)} lines of 256 px, "
        f"{plan.lines(1024)} of 1024 px",
        err=True,
    )


for command in (evaluate, train, calibrate, render):
    main.add_command(command)
