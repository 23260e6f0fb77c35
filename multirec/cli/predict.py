"""``multirec predict``: options in, one library call, an exit code out."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import Any

import click

from multirec.cli.types import WEIGHTS, BatchSize, Characters, GroupedCommand, ShardOf, Size, output_name
from multirec.errors import ExitCode, MultirecError
from multirec.options import MAX_PIXELS, PRECISIONS

_GROUPS = {
    "Input": ("null", "shard", "max_pixels", "max_bytes"),
    "Output": ("output", "resume", "append", "wait", "format", "output_dir", "alternatives", "characters", "fold_long_s",
               "only", "excel"),
    "Speed and memory": ("workers", "batch_size", "memory_limit", "precision"),
    "Models": ("weights_363", "weights_484", "language", "language_weight"),
    "Messages": ("progress", "quiet", "verbose"),
}  # fmt: skip


@click.command(cls=GroupedCommand, groups=_GROUPS)
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, readable=False, allow_dash=True)
)
@click.option("-0", "--null", is_flag=True, help="Paths on standard input end with NUL, as 'find -print0' writes them.")
@click.option("--shard", metavar="I/N|env", type=ShardOf(),
              help="Read each N-th file only, from the I-th on; env: as Slurm or Kubernetes says.")  # fmt: skip
@click.option("--max-pixels", default=MAX_PIXELS, show_default=True, metavar="N", type=click.IntRange(1),
              help="Larger pictures are not decoded: a small file may claim to be huge.")  # fmt: skip
@click.option("--max-bytes", default="1G", show_default=True, type=Size(), help="Larger files are not read.")
@click.option("-o", "--output", default="-", show_default=True, callback=output_name,
              type=click.Path(dir_okay=False, allow_dash=True),
              help="File to write; it appears when the run is complete. '-' is standard output.")  # fmt: skip
@click.option("--resume", is_flag=True,
              help="Go on with what an earlier run left of FILE; ends with the same bytes as an unbroken one.")  # fmt: skip
@click.option("--append", is_flag=True, help="Add to FILE instead of replacing it when the run is complete.")
@click.option("--wait", default=0.0, metavar="SECONDS", type=click.FloatRange(0),
              help="Wait so long for another run that writes FILE.")  # fmt: skip
@click.option("-f", "--format", default="csv", show_default=True, type=click.Choice(["csv", "jsonl", "txt"]),
              help="csv; jsonl: an object a line; txt: NAME.txt beside each image.")  # fmt: skip
@click.option("--output-dir", type=click.Path(file_okay=False, path_type=Path),
              help="With txt: write below this folder, not beside the images.")  # fmt: skip
@click.option("--alternatives", default=0, metavar="N", type=click.IntRange(0, 50),
              help="With jsonl: the N likeliest texts of each line with their scores.")  # fmt: skip
@click.option("--chars", "characters", is_flag=True, help="With jsonl: place and confidence of each letter.")
@click.option("--fold-long-s", is_flag=True, help="Write the long s of old print (ſ) as s.")
@click.option("--only", multiple=True, type=Characters(),
              help="Likeliest texts made of these characters alone; or a set: digits, letters, capitals. May be "
                   "repeated.")  # fmt: skip
@click.option("--excel", is_flag=True, help="With csv: for spreadsheets, with a byte order mark and formulas defused.")
@click.option("-w", "--workers", default=2, show_default=True, type=click.IntRange(1, 256),
              help="Threads that run models: 2 gives each its own, 4 keeps two batches in flight.")  # fmt: skip
@click.option("-b", "--batch-size", default="auto", show_default=True, type=BatchSize(),
              help="Lines in a batch; auto: what free memory allows. The text does not depend on it.")  # fmt: skip
@click.option("--memory-limit", type=Size(), help="Memory that batches may take, as 512M or 2G.")
@click.option("--precision", default="auto", show_default=True, type=click.Choice(PRECISIONS),
              help="auto: bfloat16 where the processor has it; float32: the same arithmetic everywhere.")  # fmt: skip
@click.option("--weights-363", type=WEIGHTS, help="Weights of SEnet363, instead of those that come with multirec.")
@click.option("--weights-484", type=WEIGHTS, help="Weights of SEnet484, likewise.")
@click.option("--language", type=WEIGHTS, help="Language model, likewise.")
@click.option("--language-weight", metavar="W", type=click.FloatRange(0, 100),
              help="What usual spelling counts where the models differ: 0 for nothing; default: as the weights say.")  # fmt: skip
@click.option("--progress/--no-progress", default=None,
              help="A bar, or nothing; by default a bar on a terminal, elsewhere a line every 30 s.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors; an empty list is none.")
@click.option("-v", "--verbose", is_flag=True, help="Say which device, weights and batch sizes are used.")
@click.pass_context
def predict(ctx: click.Context, /, **chosen: Any) -> None:
    """Read the line images at PATH... and write a row for each.

    A PATH is a folder (walked recursively), an image, or '-' for a list of paths on standard input, one a
    line.

    \b
    Examples:
      multirec predict ./images > lines.csv
      find scans -name '*.png' -newer last-run -print0 | multirec predict -0 - -o new.csv
      multirec predict scans --format jsonl --chars | jq -r 'select(.agree | not) | .image'

    \b
    Exit codes:
      0    all images read
      2    wrong usage
      3    some images could not be read; their rows say why
      4    no image found
      5    models unusable
      6    output not writable
      7    another run is writing the same output
      8    the output was made in another way and cannot be resumed
      130  interrupted (Ctrl-C; 129 hangup, 143 terminated)
      141  the reader of the pipe went away
    """
    _refuse_what_does_not_go_together(chosen)
    ctx.exit(_guarded(chosen))


def _refuse_what_does_not_go_together(chosen: dict[str, Any]) -> None:
    form = chosen["format"]
    for name, option, needs in (
        ("output_dir", "--output-dir", "txt"), ("alternatives", "--alternatives", "jsonl"),
        ("characters", "--chars", "jsonl"), ("excel", "--excel", "csv"),
    ):  # fmt: skip
        if chosen[name] and form != needs:
            raise click.UsageError(f"{option} goes with --format {needs}, not with {form}")
    if chosen["resume"] and chosen["append"]:
        raise click.UsageError("--resume and --append exclude each other")
    for name in ("resume", "append", "wait"):
        if chosen[name] and chosen["output"] == "-":
            raise click.UsageError(f"--{name} goes with --output FILE")
    if chosen["shard"] and (chosen["append"] or (chosen["output"] == "-" and form != "txt")):
        raise click.UsageError("--shard goes with --output FILE, which is the shard's alone, or with --format txt")
    if form == "txt" and chosen["output"] != "-":
        raise click.UsageError("--format txt writes a file for each image: use --output-dir, not --output")


def _guarded(chosen: dict[str, Any]) -> ExitCode:
    """Run the job with standard output kept for data, and turn what ends it into an exit code."""
    # OpenCV reads it once, when it is imported, which the imports below do.
    os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(chosen["max_pixels"])
    from multirec.options import Options
    from multirec.run.job import Job, run
    from multirec.stdio import data_only, say

    names = Options.__dataclass_fields__.keys() & chosen.keys()
    try:
        options = Options(**{name: chosen.pop(name) for name in names if chosen[name] is not None})
    except ValueError as error:  # not a number, for one
        raise click.UsageError(str(error)) from error
    job = Job(options=options, **{name: value for name, value in chosen.items() if name not in names})
    if job.quiet:
        warnings.simplefilter("ignore")
    code = ExitCode.OK
    try:
        with data_only(job.verbose) as stdout:
            try:
                code = run(job, stdout)
            except MultirecError as error:
                code = error.code
                if not (job.quiet and code == ExitCode.NO_IMAGES):
                    say(str(error))
            except BrokenPipeError:
                code = ExitCode.BROKEN_PIPE
            sys.stderr.flush()
            if code not in (ExitCode.OK, ExitCode.SOME_IMAGES_UNREADABLE):
                # Threads may still sit in a read or in a model: do not wait for them.
                os._exit(code)
    except MultirecError as error:  # standard output is closed
        say(str(error))
        code = error.code
    return code
