"""The bytes of files, within limits, and of regular files alone."""

from __future__ import annotations

import stat

from multirec import stores
from multirec.inputs.images import ImageError


def regular(path: str, grows: bool = False) -> int:
    """How many bytes a file has that can be opened: a FIFO or a device would block or never end.

    Args:
        path: the file.
        grows: whether it may have more than it is said to have, as some file systems do not know how many.

    Raises:
        ImageError: it is no regular file, or an empty one.
        OSError: it is not there, or cannot be looked at.
    """
    found = stores.stat(path)
    if stat.S_ISDIR(found.st_mode):
        raise ImageError("not-an-image", "it is a folder")
    if not stat.S_ISREG(found.st_mode):
        raise ImageError("not-an-image", "it is not a regular file")
    if not found.st_size and not grows:
        raise ImageError("empty", "the file holds no bytes")
    return found.st_size


def contents(path: str, most: int) -> bytes:
    """What is in a file of at most ``most`` bytes.

    Raises:
        ImageError: ``not-an-image`` (a folder, a device) or ``too-large``.
        OSError: it is missing, or cannot be read.
    """
    size, data = 0, b""
    if stores.is_remote(path):
        data = stores.contents(path, most)
    elif (size := regular(path, grows=True)) <= most:
        with open(path, "rb") as file:
            data = file.read(size + 1)
            if len(data) > size:  # it has grown since
                data += file.read(most + 1 - len(data))
    if max(size, len(data)) > most:
        raise ImageError("too-large", f"the file has more than {most} bytes; raise --max-bytes")
    return data
