"""What a store's errors mean: what goes by and is tried again, what is wrong for good, and how that is said."""

from __future__ import annotations

import errno
import os
import re

LONGEST = 500
"""Characters of what is said of an error."""

_FINAL = (
    FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError, NotImplementedError,
    TypeError, ValueError,
)  # fmt: skip
_FINAL_NUMBERS = (errno.EINVAL, errno.EPERM, errno.ENAMETOOLONG, errno.ENOSYS)
_PASSING = ("IncompleteBody", "RequestTimeout", "408", "425", "429")
"""Codes that look like the caller's fault, and go by."""

EXPIRED = (
    "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken", "RequestExpired", "401", "403",
)  # fmt: skip
"""What is said of credentials that were good once.  Some answers have no body, only their number."""

_NUMBERS = {"aiohttp": "status", "gcsfs": "code"}
"""Where the errors of a package have the number of an answer in HTTP."""


class StoreError(OSError):
    """What a store, or the lack of what reads it, has to say."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EIO, why)


def meant(error: Exception) -> Exception:
    """What has happened: fsspec takes whatever keeps it from knowing a file on the web for its not being there."""
    cause = error.__cause__
    if isinstance(error, FileNotFoundError) and isinstance(cause, Exception) and code(error) not in ("404", "410"):
        return cause if not hasattr(cause, "response") else error
    return error


def code(error: BaseException) -> str:
    """What a store calls the error, or the number that it has in HTTP."""
    one: BaseException | None = error
    while one is not None:
        answer = getattr(one, "response", None)
        if isinstance(answer, dict):
            return str(answer.get("Error", {}).get("Code", ""))
        package = type(one).__module__.partition(".")[0]
        if isinstance(number := getattr(one, _NUMBERS.get(package, ""), None), int):
            return str(number)
        one = one.__cause__
    return ""


def is_final(error: Exception) -> bool:
    """Whether it would be the same if it was tried again."""
    number = code(error)
    if number in _PASSING:
        return False
    if re.fullmatch("4..|501", number) or type(error).__name__ == "NoCredentialsError":
        return True
    return isinstance(error, _FINAL) or (isinstance(error, OSError) and error.errno in _FINAL_NUMBERS)


def told(error: Exception, tried: str = "") -> OSError:
    """The error as one of the operating system's, in one line that ends with ``tried``."""
    if isinstance(error, FileNotFoundError):
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    text = " ".join(str((isinstance(error, OSError) and error.strerror) or error).split()) or type(error).__name__
    if len(text) > LONGEST:  # Java's, for one, is looked for in a hundred places
        text = f"{text[: LONGEST - 1]}…"
    return StoreError(text + tried)
