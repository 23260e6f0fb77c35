"""What the commands' options have in common: types of values, and help in groups."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from multirec.options import DEVICES

WEIGHTS = click.Path(dir_okay=False)
"""A weights file."""


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


class Device(click.ParamType):
    """``auto``, ``cpu`` or ``gpu:K``."""

    name = "auto|cpu|gpu:K"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """As typed, in lower case."""
        wish = str(value).lower()
        if re.fullmatch(DEVICES, wish):
            return wish
        self.fail(f"{value!r} is neither auto, nor cpu, nor gpu: and a number", param, ctx)


class Characters(click.ParamType):
    """Taken as it is, blanks too, also from the environment."""

    name = "CHARACTERS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The same."""
        return str(value)

    def split_envvar_value(self, rv: str) -> list[str]:
        """One value."""
        return [rv]


class ShardOf(click.ParamType):
    """One of several parts of a run, as ``3/8``, or what a scheduler's environment says."""

    name = "I/N|env"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A ``multirec.run.shards.Shard``."""
        from multirec.run.shards import Shard

        if isinstance(value, Shard):
            return value
        try:
            return Shard.parse(value, os.environ)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Size(click.ParamType):
    """Bytes, as ``512M`` or ``2G``."""

    name = "SIZE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Bytes."""
        from multirec.models.memory import parse_size

        if isinstance(value, int):
            return value
        try:
            size = parse_size(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return size if size > 0 else self.fail("the limit must be more than nothing", param, ctx)


class GroupedCommand(click.Command):
    """A command whose help lists its options under headings.

    Args:
        groups: for each heading the names of its parameters; the rest stand under ``Other``.
    """

    def __init__(self, *args: Any, groups: dict[str, tuple[str, ...]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = groups or {}

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the headings and options."""
        headings = {name: heading for heading, names in self.groups.items() for name in names}
        lists: dict[str, list[tuple[str, str]]] = {heading: [] for heading in (*self.groups, "Other")}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                lists[headings.get(param.name or "", "Other")].append(record)
        for heading, records in lists.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


def output_name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Refuse what was hardly meant as an output: an option, or the first image of a forgotten name."""
    from multirec.inputs import names

    if value.startswith("-") and value != "-":
        raise click.BadParameter(f"{value!r} is an option where a file's name belongs", ctx, param)
    whose = {names.ZIP: "an archive's", names.TAR: "an archive's", names.DOCUMENT: "a document's"}
    if what := "an image's" if names.is_image(value) else whose.get(names.kind(value)):
        raise click.BadParameter(f"{value!r} has {what} name, and would be replaced", ctx, param)
    return value


class Input(click.Path):
    """A path that is there, or the name of a picture in a file that is; or ``-``."""

    def __init__(self) -> None:
        super().__init__(exists=True, readable=False, allow_dash=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path as it is."""
        from multirec import stores
        from multirec.inputs.names import holder  # which imports nothing else

        try:
            there = isinstance(value, str) and (holder(value) or (stores.is_remote(value) and stores.exists(value)))
        except OSError as error:  # of a store
            self.fail(f"{value!r}: {error.strerror}", param, ctx)
        if not there and isinstance(value, str) and stores.is_remote(value):
            self.fail(f"{value!r} does not exist.", param, ctx)
        return value if there else super().convert(value, param, ctx)


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Name the extra to install where an import fails."""
    try:
        yield
    except ImportError as error:
        message = f"{error.name} is missing: pip install '.[{name}]' in a clone of multirec"
        raise click.ClickException(message) from error
