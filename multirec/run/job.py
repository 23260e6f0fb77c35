"""What ``multirec predict`` was asked for, and what its rows depend on."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from multirec import stores
from multirec.options import Options
from multirec.outputs.files import behind_links
from multirec.outputs.formats import LAYOUTS
from multirec.outputs.resume import Layout
from multirec.outputs.stored import place_of
from multirec.run.facts import Facts
from multirec.run.shards import Shard


@dataclass(frozen=True)
class Job:
    """The options of ``multirec predict``; see its ``--help`` for each."""

    paths: tuple[str, ...]
    options: Options
    output: str = "-"
    format: str = "csv"
    output_dir: Path | None = None
    force: bool = False
    header: bool = True
    xml_out: Path | None = None
    keep_text: bool = False
    null: bool = False
    exclude: tuple[str, ...] = ()
    resume: bool = False
    retry_errors: bool = False
    append: bool = False
    shard: Shard | None = None
    engine: str = "local"
    ray_address: str | None = None
    actors: int | None = None
    actor_gpus: float = 0.0
    wait: float = 0.0
    progress: bool | None = None
    quiet: bool = False
    verbose: bool = False
    listing: IO[bytes] | None = field(default_factory=lambda: sys.stdin.buffer if sys.stdin else None)
    """Standard input; None where it is closed."""

    @property
    def file(self) -> Path | None:
        """The output, where it is a file of its own."""
        if self.output == "-" or self.format == "txt":
            return None
        return place_of(self.output) if self.is_stored else behind_links(Path(self.output))

    @property
    def is_stored(self) -> bool:
        """Whether the output is to be in a store; ``file`` is where it is made, then."""
        return stores.is_remote(self.output)

    @property
    def target(self) -> str:
        """The output as others find it."""
        return self.output if self.is_stored else str(self.file)

    def name_of(self, path: Path) -> str:
        """How people find the output's file, or one beside it."""
        return str(path).replace(str(self.file), self.target, 1)

    def is_input(self, path: str) -> bool:
        """Whether a file that was found is to be read: those that a run writes are not."""
        if self.xml_out is None:
            return True
        from multirec.outputs.pages import outside

        return outside(self.xml_out, path)

    @property
    def layout(self) -> Layout:
        """How its rows are taken apart, where they are in a file of their own."""
        layout = LAYOUTS[self.format]
        return layout if self.header else replace(layout, header=b"")


def identity(job: Job, facts: Facts) -> dict[str, Any]:
    """What a row depends on, beside its image: two runs in which all of it is equal write the same rows."""
    return facts.depends | {
        "format": job.format,
        "header": job.header,
        "alternatives": job.options.alternatives,
        "chars": job.options.characters,
        "words": job.options.words,
        "xml-out": job.xml_out and str(job.xml_out),
        "keep-text": job.keep_text,
        "fold-long-s": job.options.fold_long_s,
        "max-pixels": job.options.max_pixels,
        "max-bytes": job.options.max_bytes,
        "image-column": job.options.image_column,
    }
