#!/usr/bin/env python3
"""Find the faces of the tables fonts.tsv and screen_fonts.tsv on this computer, and list them in DATA.

DATA/fonts.tsv is for ``multirec train --fonts``, DATA/screen_fonts.tsv has more faces for lines as screens show them.

Usage: fonts.py DATA

The tables name a face by its file and the folder that it lies in: packages hold files of the same name. What is
listed keeps its order, on which the faces drawn in a training run depend. Needs the standard library only.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

TABLES = ("fonts.tsv", "screen_fonts.tsv")

SYSTEM = (Path("/usr/share/fonts"), Path("/usr/share/texmf/fonts"))
"""Where Debian's packages put fonts: those made for TeX are in the second folder."""


def listed(table: Path) -> list[dict[str, str]]:
    """The rows of fonts.tsv, each by the names in its first line."""
    names, *rows = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines())
    return [dict(zip(names, row, strict=True)) for row in rows]


def files_below(folders: list[Path]) -> dict[str, Path]:
    """Every font file below ``folders`` by its own and its folder's name."""
    return {
        f"{file.parent.name}/{file.name}": file
        for folder in folders
        for file in sorted(folder.rglob("*"))
        if file.suffix.lower() in {".ttf", ".otf"}
    }


def main(data: Path) -> None:
    """Write DATA/fonts.tsv and DATA/screen_fonts.tsv: path, kind and missing characters of every face found."""
    files = files_below([*SYSTEM, data.absolute() / "npm"])
    for table in TABLES:
        faces = listed(Path(__file__).with_name(table))
        found = [face for face in faces if face["file"] in files]
        lost = Counter(face["package"] for face in faces if face["file"] not in files)
        for package, count in lost.items():
            print(f"fonts.py: warning: {count} faces of {package} not found", file=sys.stderr)
        if not found:
            sys.exit(f"fonts.py: none of the faces found in {', '.join(map(str, SYSTEM))} and {data / 'npm'}")
        rows = (f"{files[face['file']]}\t{face['kind']}\t{face['missing']}\n" for face in found)
        (data / table).write_text("".join(rows), encoding="utf-8")
        print(f"{table}: {len(found)} of {len(faces)} faces found")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: fonts.py DATA")
    main(Path(sys.argv[1]))
