"""Files in stores, by URLs such as ``s3://bucket/lines/1.png``, through fsspec (extra ``remote``).

Its functions that are named as those of ``os`` and ``os.path`` take paths of both kinds: what is no URL goes to the
operating system as it is.  What fails for a while (throttling, connections that are dropped, a token that has
expired) is tried again, later each time; whatever stays wrong is an ``OSError`` that says so.
"""

from __future__ import annotations

import errno
import io
import os
import random
import re
import stat as modes
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

from multirec.store_errors import EXPIRED, StoreError, code, is_final, meant, told

T = TypeVar("T")

TRIES = 6
"""How often a store is asked before it is given up, some 15 s after the first time."""

TRIED = f" (tried {TRIES} times)"
"""The end of what is said of one that was given up."""

FIRST_WAIT = 0.5
"""Seconds before the second try, on average; twice as long before each one after that."""

PAGE = 1000
"""Names that are asked for together, where a folder is listed by pages."""

BLOCK = 1 << 22
"""Bytes of a file that are read together, where it is not read as a whole."""

WHOLE = 1 << 26
"""Bytes of a file that is held in memory, where a server gives no parts of it."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_UP = re.compile(r"(?<=[^/]/)(?!\.\./)[^/]+/\.\./")
"""A folder that is left again; a bucket or a host is none, or documents could lead into another."""

_RENEWED = 0.5
"""Seconds for which credentials that were just read are not read again."""

_WEB = ("http", "https")
_S3 = ("s3", "s3a")


def is_remote(path: str | Path) -> TypeGuard[str]:
    """Whether ``path`` is a URL; a drive's letter is none."""
    return isinstance(path, str) and _URL.match(path) is not None


def stat(path: str) -> os.stat_result:
    """Of a file in a store: that it is one, and its size; of a folder there, that it is one."""
    if not is_remote(path):
        return os.stat(path)
    if path.endswith("/") and _protocol(path) in _WEB:
        folder, size = True, 0
    else:
        found = _ask(path, lambda files, place: files.info(place))
        folder, size = found["type"] == "directory", found["size"]
    if size is None:
        raise StoreError("its server does not say how large it is: copy it to a disk")
    mode = modes.S_IFDIR | 0o555 if folder else modes.S_IFREG | 0o444
    return os.stat_result((mode, 0, 0, 1, 0, 0, size, 0, 0, 0))


def exists(path: str) -> bool:
    """Whether there is a file or a folder; raises OSError where a store does not say."""
    return os.path.exists(path) if not is_remote(path) else _mode(path) != 0


def isfile(path: str | Path) -> bool:
    """Whether it is a file; raises OSError where a store does not say."""
    if not is_remote(path):
        return os.path.isfile(path)
    if path in _seen:  # names of what is in an archive come by thousands
        return True
    found = modes.S_ISREG(_mode(path))
    if found:
        _seen.append(path)
    return found


def isdir(path: str) -> bool:
    """Whether it is a folder; raises OSError where a store does not say."""
    return modes.S_ISDIR(_mode(path)) if is_remote(path) else os.path.isdir(path)


_seen: deque[str] = deque(maxlen=64)


def _mode(path: str) -> int:
    try:
        return stat(path).st_mode
    except FileNotFoundError:
        return 0


def listing(path: str) -> list[tuple[str, bool]]:
    """The names in a folder of a store, in no order, and whether each is a folder's.

    Raises:
        OSError: it is not there, or cannot be listed, or holds what has no name in a folder.
    """
    names = list(_pages(path)) if _protocol(path) in _S3 else _ask(path.rstrip("/") + "/", _listed)
    if ("", True) in names:
        raise StoreError("names with nothing between two slashes are in it: give them one by one, as a list")
    # An empty file of the folder's own name is how consoles make folders.
    return [(name, folder) for name, folder in names if name]


def _listed(files: Any, place: str) -> list[tuple[str, bool]]:
    top = place.rstrip("/") + "/"
    if not place.startswith(("http://", "https://")):
        found = files.ls(place.rstrip("/"), detail=True)
        return [(entry["name"].removeprefix(top), entry["type"] == "directory") for entry in found]
    found = [(entry["name"].removeprefix(top), entry["type"] == "directory") for entry in files.ls(top, detail=True)]
    # Without links to elsewhere, and those that sort a page.
    return [(name.rstrip("/"), folder) for name, folder in found if not re.search("[?#]|/.", name)]


def _pages(path: str) -> Iterator[tuple[str, bool]]:
    """A folder of S3, page by page: s3fs would hold kilobytes for each name, and begin anew where one page fails."""
    more: dict[str, str] = {}
    empty = True
    top = ""
    while True:

        def ask(files: Any, place: str, more: dict[str, str] = more) -> tuple[str, dict[str, Any]]:
            bucket, key, _ = files.split_path(place.rstrip("/"))
            top = f"{key}/" if key else ""
            how = {"Bucket": bucket, "Prefix": top, "Delimiter": "/", "MaxKeys": PAGE} | files.req_kw
            return top, files.call_s3("list_objects_v2", **how, **more)

        top, page = _ask(path, ask)
        for found in page.get("CommonPrefixes", ()):
            empty = False
            yield found["Prefix"].removeprefix(top).removesuffix("/"), True
        for found in page.get("Contents", ()):
            empty = False
            yield found["Key"].removeprefix(top), False
        if not page.get("IsTruncated"):
            break
        more = {"ContinuationToken": page["NextContinuationToken"]}
    if empty and top:  # else it is a bucket
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


def open_file(path: str | Path, block: int = BLOCK) -> io.BufferedReader:
    """A file, to be read from anywhere; from a store it comes in blocks of so many bytes."""
    if not is_remote(path):
        return open(path, "rb")
    if _protocol(path) not in _WEB or _ask(path, _gives_parts):
        return io.BufferedReader(_Ranges(path), block)
    data = contents(path, WHOLE)
    if len(data) > WHOLE:
        raise StoreError(f"its server gives no parts of files, and it has more than {WHOLE} bytes: copy it to a disk")
    return io.BufferedReader(io.BytesIO(data))


def _gives_parts(files: Any, place: str) -> bool:
    with files.open(place, block_size=0, size=1, headers={"Range": "bytes=0-0"}) as stream:
        return bool(stream.r.status == 206)


def contents(path: str, most: int) -> bytes:
    """What is in a store's file, and no more of it than ``most`` bytes and one."""
    if _protocol(path) not in _WEB:
        return _part(path, 0, most + 1)

    def ask(files: Any, place: str) -> bytes:
        # Not every server gives parts, and some would send without end.
        with files.open(place, block_size=0, size=1) as stream:
            data = bytearray()
            while len(data) <= most and (piece := stream.read(min(BLOCK, most + 1 - len(data)))):
                data += piece
            return bytes(data)

    return _ask(path, ask)


def put(path: str, data: bytes | Path) -> None:
    """Write a store's file, whole or not at all: bytes, or what is in a file of the disk."""
    if _protocol(path) in _WEB:
        raise StoreError("servers of the web are read, not written")
    if isinstance(data, bytes):
        _ask(path, lambda files, place: files.pipe_file(place, data))
    else:
        _ask(path, lambda files, place: files.put_file(os.fspath(data), place))


def remove(path: str) -> None:
    """Remove a store's file, if it is there."""
    with suppress(FileNotFoundError):
        _ask(path, lambda files, place: files.rm_file(place))


class _Ranges(io.RawIOBase):
    """A store's file, of which each part that is read is asked for by itself."""

    def __init__(self, path: str) -> None:
        self._path, self._at = path, 0
        self._size = stat(path).st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._at = start + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self._size - self._at)
        if size <= 0:
            return 0
        data = _part(self._path, self._at, self._at + size)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def _part(path: str, start: int, end: int) -> bytes:
    try:
        return bytes(_ask(path, lambda files, place: files.cat_file(place, start=start, end=end)))
    except OSError as error:
        if code(error) in ("InvalidRange", "416"):  # there is not one byte
            return b""
        raise


class _Store:
    """What fsspec has for one kind of URL.

    Attributes:
        files: its file system.
    """

    def __init__(self, protocol: str, kind: Any, options: dict[str, Any]) -> None:
        self._protocol, self._kind, self._options = protocol, kind, options
        self._lock = threading.Lock()
        self.files = self._made()

    def _made(self) -> Any:
        self._since = time.monotonic()
        from fsspec.config import conf

        options = dict(self._options)
        if self._protocol in _S3 and "config_kwargs" not in conf.get("s3", {}):
            # It is tried again here, which would multiply.
            options["config_kwargs"] = {"retries": {"total_max_attempts": 1}, "max_pool_connections": 64}
        try:
            # A listing of before would hide what has come since.
            files = self._kind(use_listings_cache=False, skip_instance_cache=True, **options)
        except Exception as error:  # of a library that it needs, of credentials
            raise told(error) from error
        if self._protocol in _S3:
            files.retries = 1
        return files

    def renew(self, refused: Any) -> None:
        """Read credentials again, unless another thread has done so since ``refused`` was taken."""
        with self._lock:
            if self.files is refused and time.monotonic() - self._since > _RENEWED:
                self.files = self._made()


_stores: dict[Any, _Store] = {}
_making = threading.Lock()


def _protocol(path: str) -> str:
    return path.partition("://")[0].lower()


def _store(path: str) -> _Store:
    protocol = _protocol(path)
    try:
        import fsspec

        kind = fsspec.get_filesystem_class(protocol)
    except ImportError as error:
        ours = error.name == "fsspec" or protocol in (*_S3, *_WEB)
        remedy = ": pip install '.[remote]' in a clone of multirec" if ours else ""  # else fsspec says what to do
        raise StoreError(f"{protocol}:// cannot be used: {error}{remedy}") from None
    except ValueError:
        raise StoreError(f"{protocol}:// is no kind of store that is known") from None
    options = kind._get_kwargs_from_urls(path)
    key = protocol, tuple(sorted(options.items()))
    with _making:
        if key not in _stores:
            _stores[key] = _Store(protocol, kind, options)
        return _stores[key]


def _ask(path: str, question: Callable[[Any, str], T]) -> T:
    """What ``question`` gives for a file system and the place of ``path`` in it, tried several times.

    Raises:
        FileNotFoundError: there is no such file.
        OSError: whatever else is wrong, and stays so.
    """
    while (shorter := _UP.sub("", path, count=1)) != path:
        path = shorter
    protocol, rest = _protocol(path), path.partition("://")[2]
    if not rest.strip("/"):
        raise StoreError("it names no bucket, nor server")
    path = f"{protocol}://{rest}"
    store = _store(path)
    renewed = False
    for attempt in range(1, TRIES + 1):
        files = store.files
        try:
            return question(files, files._strip_protocol(path))
        except Exception as error:
            error = meant(error)
            if code(error) in EXPIRED and not renewed:
                renewed = True
                store.renew(files)
            elif is_final(error) or attempt == TRIES:
                raise told(error, TRIED if attempt == TRIES else "") from error
            else:
                time.sleep(FIRST_WAIT * 2 ** (attempt - 1) * random.uniform(0.5, 1.5))
    raise AssertionError
