"""``multirec predict``: options in, one library call, an exit code out."""

from __future__ import annotations

import importlib.util
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import click

from multirec import stores
from multirec.cli.types import (
    WEIGHTS,
    BatchSize,
    Characters,
    Device,
    GroupedCommand,
    Input,
    ShardOf,
    Size,
    output_name,
)
from multirec.errors import ExitCode, MultirecError
from multirec.options import MAX_PIXELS, PRECISIONS

_GROUPS = {
    "Input": ("images", "null", "exclude", "all_pages", "image_column", "shard", "max_pixels", "max_bytes"),
    "Output": ("output", "resume", "retry_errors", "append", "wait", "format", "output_dir", "force", "header", "xml_out",
               "words", "keep_text", "alternatives", "characters", "fold_long_s", "only"),
    "Speed and memory": ("workers", "batch_size", "memory_limit", "device", "precision"),
    "Cluster": ("engine", "ray_address", "actors", "actor_gpus"),
    "Models": ("weights_363", "weights_484", "language", "language_weight"),
    "Messages": ("progress", "quiet", "verbose"),
}  # fmt: skip


@click.command(cls=GroupedCommand, groups=_GROUPS)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=Input())
@click.option("--images", type=click.Path(exists=True, file_okay=False), metavar="DIR",
              help="Where the pictures of PAGE and ALTO documents are, if not beside them or one folder above.")  # fmt: skip
@click.option("-0", "--null", is_flag=True, help="Paths on standard input end with NUL, as 'find -print0' writes them.")
@click.option("--exclude", multiple=True, metavar="GLOB",
              help="Leave out what is named so in folders and archives; with a slash, what has such a path in them. May be repeated.")  # fmt: skip
@click.option("--all-pages", is_flag=True,
              help="Read all pages of TIFFs, as FILE#1, FILE#2 and so on, not the first alone.")  # fmt: skip
@click.option("--image-column", metavar="NAME",
              help="Column of Parquet files that holds the pictures; default: 'image', or the only one of bytes.")  # fmt: skip
@click.option("--shard", metavar="I/N|env", type=ShardOf(),
              help="Read each N-th file only, from the I-th on; env: as Slurm or Kubernetes says.")  # fmt: skip
@click.option("--max-pixels", default=MAX_PIXELS, show_default=True, metavar="N", type=click.IntRange(1),
              help="Larger pictures are not decoded: a small file may claim to be huge.")  # fmt: skip
@click.option("--max-bytes", default="1G", show_default=True, type=Size(), help="Larger files are not read.")
@click.option("-o", "--output", default="-", show_default=True, callback=output_name,
              type=click.Path(dir_okay=False, allow_dash=True),
              help="File or URL to write; it appears when the run is complete. '-' is standard output.")  # fmt: skip
@click.option("--resume", is_flag=True,
              help="Go on with what an earlier run left of FILE; ends with the same bytes as an unbroken one.")  # fmt: skip
@click.option("--retry-errors", is_flag=True,
              help="With --resume: read all images again whose rows hold errors, with higher limits, too.")  # fmt: skip
@click.option("--append", is_flag=True, help="Add to FILE instead of replacing it when the run is complete.")
@click.option("--wait", default=0.0, metavar="SECONDS", type=click.FloatRange(0),
              help="Wait so long for another run that writes FILE.")  # fmt: skip
@click.option("-f", "--format", default="csv", show_default=True,
              type=click.Choice(["csv", "jsonl", "parquet", "txt", "xlsx"]),
              help="csv; jsonl: an object a line; parquet; txt: NAME.txt beside each image or document; xlsx: a "
                   "workbook for Excel and its like.")  # fmt: skip
@click.option("--output-dir", type=click.Path(file_okay=False, path_type=Path),
              help="With txt: write below this folder, not beside the images.")  # fmt: skip
@click.option("--force", is_flag=True,
              help="With txt: replace files that multirec did not write, or that were changed.")  # fmt: skip
@click.option("--header/--no-header", default=True,
              help="With csv: begin with the columns' names, or not, for rows that are put together.")  # fmt: skip
@click.option("--xml-out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Write PAGE and ALTO documents with the texts filled in below this folder.")  # fmt: skip
@click.option("--words", is_flag=True, help="With jsonl, parquet and --xml-out: place and confidence of each word.")
@click.option("--keep-text", is_flag=True, help="With --xml-out: keep a text that was there, behind the new one.")
@click.option("--alternatives", default=0, metavar="N", type=click.IntRange(0, 50),
              help="With jsonl or parquet: the N likeliest texts of each line with their scores.")  # fmt: skip
@click.option("--chars", "characters", is_flag=True, help="With jsonl or parquet: place and confidence of each letter.")
@click.option("--fold-long-s", is_flag=True, help="Write the long s of old print (ſ) as s.")
@click.option("--only", multiple=True, type=Characters(),
              help="Likeliest texts made of these characters alone; or a set: digits, letters, capitals. May be "
                   "repeated.")  # fmt: skip
@click.option("-w", "--workers", default=2, show_default=True, type=click.IntRange(1, 256),
              help="Threads that run models: 2 gives each its own, 4 keeps two batches in flight.")  # fmt: skip
@click.option("-b", "--batch-size", default="auto", show_default=True, type=BatchSize(),
              help="Lines in a batch; auto: what free memory allows. The text does not depend on it.")  # fmt: skip
@click.option("--memory-limit", type=Size(), help="Memory that batches may take, as 512M or 2G.")
@click.option("--device", default="auto", show_default=True, type=Device(),
              help="auto: the first GPU, where one can be used; the CPU; or the K-th GPU, from 0 on.")  # fmt: skip
@click.option("--precision", default="auto", show_default=True, type=click.Choice(PRECISIONS),
              help="auto: bfloat16 where the processor has it, TF32 where a GPU does; float32: the same arithmetic everywhere.")  # fmt: skip
@click.option("--engine", default="local", show_default=True, type=click.Choice(["local", "ray"]),
              help="ray: read in actors of a Ray cluster, each with --workers CPUs.")  # fmt: skip
@click.option("--ray-address", metavar="ADDRESS",
              help="Of the cluster, or 'auto' for the one that runs here; default: RAY_ADDRESS, or one for this run.")  # fmt: skip
@click.option("--actors", metavar="N", type=click.IntRange(1), help="How many; default: as the cluster's CPUs allow.")
@click.option("--actor-gpus", metavar="X", type=click.FloatRange(0), default=0.0,
              help="GPUs of each actor, or a part of one, as 0.5.")  # fmt: skip
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

    A PATH is a folder (walked recursively), an image, an archive (.tar, .tar.gz, .zip and kin), a .parquet
    file with a column of images, a PAGE or ALTO document, whose lines are cut from the picture of its page, or
    '-' for a list of paths on standard input, one a line. It may be what rows have for a name, page.xml#ID, and
    the URL of any of these, s3://BUCKET/FOLDER.

    \b
    Examples:
      multirec predict ./images > lines.csv
      find scans -name '*.png' -newer last-run -print0 | multirec predict -0 - -o new.csv
      multirec predict pages/*.xml -o lines.csv
      multirec predict pages/*.xml --xml-out filled > lines.csv
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
      9    OpenCV, TensorFlow, the device or the cluster asked for cannot be used
      130  interrupted (Ctrl-C; 129 hangup, 143 terminated)
      141  the reader of the pipe went away
    """
    _refuse_what_does_not_go_together(chosen)
    ctx.exit(_guarded(chosen))


def _refuse_what_does_not_go_together(chosen: dict[str, Any]) -> None:
    form = chosen["format"]
    for name, option, needs in (
        ("output_dir", "--output-dir", ("txt",)), ("alternatives", "--alternatives", ("jsonl", "parquet")),
        ("characters", "--chars", ("jsonl", "parquet")), ("force", "--force", ("txt",)),
    ):  # fmt: skip
        if chosen[name] and form not in needs:
            raise click.UsageError(f"{option} goes with --format {' or '.join(needs)}, not with {form}")
    if not chosen["header"] and form != "csv":
        raise click.UsageError(f"--no-header goes with --format csv, not with {form}")
    if chosen["words"] and form not in ("jsonl", "parquet") and not chosen["xml_out"]:
        raise click.UsageError(f"--words goes with --format jsonl or parquet, or with --xml-out, not with {form}")
    if chosen["keep_text"] and not chosen["xml_out"]:
        raise click.UsageError("--keep-text goes with --xml-out DIR")
    _refuse_what_cannot_be_finished(form, chosen["output"], chosen["append"])
    if chosen["append"] and stores.is_remote(chosen["output"]):
        raise click.UsageError("--append adds rows to a file as it is, which no store takes: use --resume")
    for name, option in (("output_dir", "--output-dir"), ("xml_out", "--xml-out")):
        # As a path it has one slash less.
        if stores.is_remote(str(chosen[name]).replace(":/", "://", 1)):
            raise click.UsageError(f"{option} is a folder of a disk, in which many files are written, not of a store")
    if chosen["retry_errors"] and not chosen["resume"]:
        raise click.UsageError("--retry-errors goes with --resume")
    if chosen["resume"] and chosen["append"]:
        raise click.UsageError("--resume and --append exclude each other")
    for name in ("resume", "append", "wait"):
        if chosen[name] and chosen["output"] == "-":
            raise click.UsageError(f"--{name} goes with --output FILE")
    if chosen["shard"] and (chosen["append"] or (chosen["output"] == "-" and form != "txt")):
        raise click.UsageError("--shard goes with --output FILE, which is the shard's alone, or with --format txt")
    _refuse_what_is_not_for_the_engine(chosen)
    if form == "txt" and chosen["output"] != "-":
        raise click.UsageError("--format txt writes a file for each image: use --output-dir, not --output")
    if form == "txt" and chosen["output_dir"] is None:
        from multirec.inputs import names

        for path in chosen["paths"]:
            if stores.is_remote(path):
                raise click.UsageError(f"{path}: beside what is in a store no text is written: use --output-dir")
            if names.kind(names.holder(path) or path) in (names.ZIP, names.TAR) and not os.path.isdir(path):
                raise click.UsageError(f"{path}: beside what is in an archive no text can be written: use --output-dir")


def _refuse_what_is_not_for_the_engine(chosen: dict[str, Any]) -> None:
    if chosen["engine"] == "local":
        for name, option in (("ray_address", "--ray-address"), ("actors", "--actors"), ("actor_gpus", "--actor-gpus")):
            if chosen[name]:
                raise click.UsageError(f"{option} goes with --engine ray")
        return
    gpus = chosen["actor_gpus"]
    if not (gpus <= 1 or gpus.is_integer()):  # nor infinite, nor no number
        raise click.UsageError(f"--actor-gpus {gpus:g}: an actor has a part of one GPU, or whole ones")
    if chosen["shard"]:
        raise click.UsageError("--shard and --engine ray are two ways to divide a run: choose one")
    if chosen["device"].startswith("gpu"):
        raise click.UsageError("--device gpu:K is for one machine: Ray chooses, from --actor-gpus")
    _need("ray", "ray")


def _need(package: str, extra: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise click.UsageError(f"{package} is missing: pip install '.[{extra}]' in a clone of multirec")


def _refuse_what_cannot_be_finished(form: str, output: str, append: bool) -> None:
    from multirec.outputs.finished import FINISHED

    kind = FINISHED.get(form)
    for end in FINISHED:
        if (form == end) != output.lower().endswith(f".{end}"):
            raise click.UsageError(f"--format {end} and --output NAME.{end} go with each other")
    if kind is None:
        return
    if append:
        raise click.UsageError(f"--append adds rows to a file as it is, which no .{form} takes: use --resume")
    if os.path.exists(output) and not os.path.isfile(output):
        raise click.UsageError(f"{output}: --format {form} goes with a file that can be replaced when it is complete")
    for package in kind.needs:
        _need(package, form)


def _guarded(chosen: dict[str, Any]) -> ExitCode:
    """Run the job with standard output kept for data, and turn what ends it into an exit code."""
    # OpenCV reads it once, when it is imported, which the imports below do.
    os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(chosen["max_pixels"])
    from multirec.options import Options
    from multirec.run.job import Job
    from multirec.run.running import run
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
