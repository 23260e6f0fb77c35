"""Weights files: one a network and one of the language model, self-describing, and unable to run code.

A file is a NumPy ``.npz`` archive of plain arrays (never pickles), of a network one a Keras variable, named by its
path (``stem1_conv/kernel``), and a JSON text ``metadata`` with everything needed to use them: format, network,
alphabet, version, how they were trained, and a SHA-256 over the arrays.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from multirec.errors import ModelError, SetupError
from multirec.machine import NO_MEMORY

FORMAT = 5
"""Raised when a file of today could not be read by the code of yesterday."""

OLDEST = 4
"""The first format that can be read: networks have had more blocks since, language models are the same."""

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Metadata:
    """What a weights file says of itself."""

    network: str
    alphabet: str
    version: str
    training: dict[str, Any] = field(default_factory=dict)
    calibration: dict[str, Any] = field(default_factory=dict)
    """Of the pair; see ``multirec.decoding.calibration``."""
    trained_on: list[str] = field(default_factory=list)
    """Fingerprints of the real lines that these weights have learned from; see ``fingerprint``."""
    format: int = FORMAT
    sha256: str = ""


def recalibrated(metadata: Metadata, calibration: dict[str, Any]) -> Metadata:
    """``metadata`` with another calibration."""
    return replace(metadata, calibration=calibration)


def fingerprint(image: Path) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of an image file."""
    return hashlib.sha256(image.read_bytes()).hexdigest()[:16]


def checksum(arrays: Arrays) -> str:
    """SHA-256 over names, shapes and values, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name], dtype=arrays[name].dtype.newbyteorder("<"))
        digest.update(f"{name}{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def save(path: Path, arrays: Arrays, metadata: Metadata) -> None:
    """Write a weights file; the checksum in ``metadata`` is computed here."""
    known = asdict(metadata) | {"sha256": checksum(arrays), "format": FORMAT}
    text = np.frombuffer(json.dumps(known, ensure_ascii=False, indent=1).encode(), np.uint8)
    partial = path.with_name(path.name + ".part")
    with partial.open("wb") as file:
        np.savez_compressed(file, metadata=text, **arrays)  # type: ignore[arg-type]
    partial.replace(path)


def load(path: Path) -> tuple[Arrays, Metadata]:
    """Read a weights file and check it.

    Raises:
        ModelError: missing, truncated, damaged, of another format; the message names the file and the remedy.
        SetupError: it does not fit in memory.
    """
    remedy = "give another file, or install multirec again"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        known = json.loads(arrays.pop("metadata").tobytes())
        if known.get("format") not in range(OLDEST, FORMAT + 1):
            raise ModelError(
                f"{path}: weights of format {known.get('format')}, this multirec reads formats {OLDEST} to {FORMAT}: "
                "install the multirec that wrote them, or train again"
            )
        metadata = Metadata(**known)
    except FileNotFoundError:
        raise ModelError(f"{path}: no such weights file: {remedy}") from None
    except MemoryError:
        raise SetupError(f"{path}: cannot be loaded: {NO_MEMORY}") from None
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, EOFError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        # NumPy's message on pickles advises to load them nevertheless.
        why = "" if "pickle" in str(error) else f" ({error})"
        raise ModelError(f"{path}: not a weights file, or damaged{why}: {remedy}") from error
    if checksum(arrays) != metadata.sha256:
        raise ModelError(f"{path}: damaged (its checksum does not match its contents): {remedy}")
    return arrays, metadata
