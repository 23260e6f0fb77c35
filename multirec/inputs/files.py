"""The bytes of files, within limits, and of regular files alone."""

from __future__ import annotations

import os
import stat

from multirec.inputs.images import ImageError


def contents(path: str, most: int) -> bytes:
    """What is in a file of at most ``most`` bytes.

    Raises:
        ImageError: ``not-an-image`` (a folder, a device) or ``too-large``.
        OSError: it is missing, or cannot be read.
    """
    # A FIFO or a device would block or never end: only regular files are opened.
    found = os.stat(path)
    if stat.S_ISDIR(found.st_mode):
        raise ImageError("not-an-image", "it is a folder")
    if not stat.S_ISREG(found.st_mode):
        raise ImageError("not-an-image", "it is not a regular file")
    data = b""
    if found.st_size <= most:
        with open(path, "rb") as file:
            data = file.read(found.st_size + 1)
            if len(data) > found.st_size:  # it has grown since
                data += file.read(most + 1 - len(data))
    if max(found.st_size, len(data)) > most:
        raise ImageError("too-large", f"the file has more than {most} bytes; raise --max-bytes")
    return data
