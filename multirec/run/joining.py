"""Joining a Ray cluster, or starting one for a run, without letting it take signals or speak up (extra ``ray``)."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

import ray

from multirec.errors import SetupError
from multirec.machine import processors

STORE = 128 << 20
"""Bytes of the object store of a cluster that is started for a run: hardly more than names pass through it."""

_CONNECT = 10.0
"""Seconds for a cluster's address to answer."""


@contextmanager
def joined(address: str | None, cpus: int) -> Iterator[None]:
    """A block in the cluster at ``address``, or in one for the block, on this machine, of at least so many processors.

    Raises:
        SetupError: there is none at that address, or none can be started.
    """
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    if "://" in address:
        raise SetupError(
            f"{address}: Ray Client is not supported: start the run on a node of the cluster with --ray-address auto, "
            "or by 'ray job submit'"
        )
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    own = {"num_cpus": max(processors(), cpus), "object_store_memory": STORE, "include_dashboard": False}
    try:
        host, _, port = address.rpartition(":")
        if port.isdecimal():  # Ray would try for minutes
            socket.create_connection((host, int(port)), timeout=_CONNECT).close()
        with _signals_kept():
            how = own if address == "local" else {}
            context = ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **how)
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        what = "no Ray cluster can be started here" if address == "local" else f"no Ray cluster at {address!r}"
        raise SetupError(f"{what}: {first}") from error
    # A thread of Ray's prints what it knows of each process that dies to ``sys.stdout``; the run says so in a line.
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        try:
            yield
        finally:
            ray.shutdown()
            if address == "local":  # its logs and sockets would stay in /tmp/ray, of each run
                shutil.rmtree(context.address_info["session_dir"], ignore_errors=True)


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Ray takes SIGTERM for itself, and lets its processes be ended by it, where it goes to all of a group or service.

    What is blocked here is blocked there, for good; the run ends them when it has come to its own end.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
