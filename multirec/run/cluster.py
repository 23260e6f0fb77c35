"""A run on a Ray cluster: actors with a recogniser each, to which sources are dealt out (extra ``ray``).

Sources travel as they are: a file by its path, a member of a tar by its place, a line of a page with its document,
bytes where the driver had to read them anyway.  So it is the code of a run on one machine that opens them, and a row
is the same.  Results come back, in the order of the sources; who died over some has them read by another.
"""

from __future__ import annotations

import errno
import os
import threading
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from multirec import __version__, stores
from multirec.errors import LostError, MultirecError, SetupError, StoppedError
from multirec.inputs.reading import content
from multirec.options import Options
from multirec.results import Result
from multirec.run.actor import Actor
from multirec.run.ahead import Ahead
from multirec.run.facts import Facts, check_alike
from multirec.run.job import Job
from multirec.run.joining import joined
from multirec.run.signals import Stop
from multirec.sources import Opening, Source
from multirec.stdio import say

TRIES = 3
"""Deaths of actors over the same images, or in a row while they start, after which the run ends."""

AT_ONCE = 2
"""Shares that an actor reads at once: while one comes to its end, the other fills batches."""

AHEAD = 4
"""Shares for each actor that may be under way, or wait for one before them."""

NOTICE = 30.0
"""Seconds without any actor after which it is said what is waited for."""

_TICK = 0.2

_NOT_HERE = ("missing: ", os.strerror(errno.ENOENT), os.strerror(errno.EACCES))
"""In errors of what another machine may have."""


@dataclass(eq=False)
class _Share:
    """Sources that are read together; those that have a row or an error already do not travel."""

    sources: list[Source]
    results: list[Result] | None = None
    deaths: int = 0

    def __post_init__(self) -> None:
        self.travels = [source for source in self.sources if not (source.row or source.error)]
        if not self.travels:
            self.complete([])

    def complete(self, read: list[Result]) -> None:
        """Put the results of what was read between the others; nothing is kept of the sources."""
        found = iter(read)
        self.results = [
            Result(s.path, error="" if s.row else s.error, row=s.row, page=s.page) if s.row or s.error else next(found)
            for s in self.sources
        ]
        self.sources = self.travels = []


@dataclass(eq=False)
class _Member:
    """An actor, and what it is reading; ``facts`` once it is ready."""

    actor: Any
    shares: list[_Share]
    facts: Facts | None = None


class Cluster:
    """Reads as a ``Recognizer`` does, in the actors of a Ray cluster, while the block runs.

    Args:
        job: what was asked for; an actor has as many processors as ``workers``, or as the largest node has.
        stop: ends the waiting for the first actor.

    Attributes:
        facts: what all its recognisers are.

    Raises:
        SetupError: there is no such cluster, no actor can be started there, or not all are alike.
        ModelError: the weights cannot be used there.
        StoppedError: before the first actor was ready.
    """

    def __init__(self, job: Job, stop: Stop) -> None:
        self._options, self._gpus, self._quiet = job.options, job.actor_gpus, job.quiet
        self._calls: dict[Any, tuple[_Member, _Share | None]] = {}
        self._members: list[_Member] = []
        self._again: deque[_Share] = deque()
        self._stillborn = 0
        self._alone, self._told = 0.0, False
        self._facts: Facts | None = None
        self._stack = ExitStack()
        if not ray.is_initialized():
            self._stack.enter_context(joined(job.ray_address, (job.actors or 1) * job.options.workers))
        try:
            nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
            largest = int(max((node.get("CPU", 0) for node in nodes), default=0))
            self._cpus = min(job.options.workers, largest or job.options.workers)
            self._wanted = job.actors or max(1, sum(self._fitting(node) for node in nodes))
            for _ in range(self._wanted):
                self._hire()
            while self._facts is None:
                if stop.signum:
                    raise StoppedError("stopped before an actor was ready", stop.signum)
                self._collect()
        except BaseException:
            self.close()
            raise

    def _fitting(self, node: dict[str, float]) -> int:
        """How many actors a node can have."""
        by_cpus = node.get("CPU", 0) // self._cpus
        return int(min(by_cpus, node.get("GPU", 0) / self._gpus) if self._gpus else by_cpus)

    @property
    def facts(self) -> Facts:
        """What all recognisers are."""
        assert self._facts is not None
        return self._facts

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the actors, and the cluster where it was started for this."""
        for member in self._members:
            ray.kill(member.actor)
        self._stack.close()

    def read_sources(self, sources: Iterable[Source], stop: threading.Event | None = None) -> Iterator[Result]:
        """Yield a result for each source, in order, from a bounded number that is read ahead.

        Once ``stop`` is set, what has not been read is left.

        Raises:
            LostError: actors have died over the same images, again and again.
            SetupError: an actor is unlike the others, or finds no file where there is one here; or there is none left.
            StalledError: see ``Recognizer.read_sources``.
        """
        shares: deque[_Share] = deque()
        with Ahead(sources, self._wanted) as ahead:
            while not (stop and stop.is_set()):
                self._deal(ahead, shares)
                while shares and shares[0].results is not None:
                    yield from shares.popleft().results or ()
                if not shares and ahead.ended:
                    return
                if self._calls:
                    self._collect()
                else:
                    ahead.wait(_TICK)

    def _deal(self, ahead: Ahead, shares: deque[_Share]) -> None:
        """Give each actor what it can take.

        Over which of its shares an actor has died nobody knows: each is read again by one that reads nothing else
        meanwhile, and until such a one is free no others are given out.
        """
        while True:
            ready = [m for m in self._members if m.facts and not any(share.deaths for share in m.shares)]
            member = min(ready, key=lambda m: len(m.shares), default=None)
            if member is None or len(member.shares) >= (1 if self._again else AT_ONCE):
                return
            if self._again:
                self._give(member, self._again.popleft())
                continue
            if len(shares) >= AHEAD * self._wanted or not (taken := ahead.share()):
                return
            shares.append(share := _Share(taken))
            if share.results is None:
                self._give(member, share)

    def _give(self, member: _Member, share: _Share) -> None:
        member.shares.append(share)
        self._calls[member.actor.read.remote(share.travels)] = member, share

    def _hire(self) -> None:
        """Start an actor."""
        remote = ray.remote(Actor).options(
            num_cpus=self._cpus, num_gpus=self._gpus, max_concurrency=AT_ONCE, scheduling_strategy="SPREAD"
        )
        member = _Member(remote.remote(), [])
        self._members.append(member)
        self._calls[member.actor.start.remote(self._asked(), _folder())] = member, None

    def _asked(self) -> dict[str, Any]:
        """The options for actors: those that are not the defaults here, since defaults may be others there."""
        usual = Options()
        asked = {f.name: getattr(self._options, f.name) for f in fields(Options)}
        asked = {name: value for name, value in asked.items() if value != getattr(usual, name)}
        here = {"cores": self._cpus, "readers": min(4, self._cpus)}
        return here | ({} if self._gpus else {"device": "cpu"}) | asked

    def _collect(self) -> None:
        """Wait a moment for an answer, and take it."""
        answered, _ = ray.wait([*self._calls], num_returns=1, timeout=_TICK)
        for call in answered:
            member, share = self._calls.pop(call)
            try:
                answer = ray.get(call)
            except RayTaskError as error:
                cause = getattr(error, "cause", None)
                raise cause if isinstance(cause, MultirecError) else error from None
            except RayError as error:
                self._bury(member, share, error)
                continue
            if share is None:
                self._welcome(member, *answer)
            else:
                member.shares.remove(share)
                self._check_storage(member, share, answer)
                share.complete(answer)
        self._alone = 0.0 if any(m.facts for m in self._members) else self._alone + _TICK
        if self._alone and not answered:
            self._lack()

    def _welcome(self, member: _Member, facts: Facts, warned: list[str]) -> None:
        """An actor is ready: see that its rows are those that the others write."""
        member.facts = facts
        self._stillborn = 0
        for warning in warned:
            warnings.warn(f"{facts.host}: {warning}", RuntimeWarning, stacklevel=2)
        if self._facts is None:
            if facts.depends["multirec"] != __version__:
                raise SetupError(
                    f"{facts.host} has multirec {facts.depends['multirec']}, this machine {__version__}: install one "
                    "version on all"
                )
            many = f"{self._wanted} actors, each with {self._cpus} CPUs"
            self._facts = replace(facts, lines=(*facts.lines, many))
        check_alike(self._facts, facts)
        if facts.processor != self._facts.processor and not self._quiet:
            say(
                f"{facts.host} has another processor ({facts.processor}) than {self._facts.host} "
                f"({self._facts.processor}): last digits of confidences may depend on which reads a line"
            )

    def _bury(self, member: _Member, share: _Share | None, error: RayError) -> None:
        """An actor is dead, or cannot be reached: put another in its place, and have read again what it had."""
        self._calls = {call: given for call, given in self._calls.items() if given[0] is not member}
        self._members.remove(member)
        ray.kill(member.actor)
        why = _why(error)
        if member.facts is None:
            self._stillborn += 1
        for lost in member.shares:
            lost.deaths += 1
            if lost.deaths >= TRIES:
                first, last = lost.travels[0].path, lost.travels[-1].path
                raise LostError(
                    f"{TRIES} actors have died over the same {len(lost.travels)} images, {first!r} to {last!r} "
                    f"({why}): give them more memory, or leave out the image that ends them"
                )
            self._again.append(lost)
        if self._stillborn < TRIES:
            self._hire()
        elif not self._members:
            raise SetupError(
                f"actors die while they start ({why}): is multirec installed on all nodes, and memory free?"
            )
        if not self._quiet:
            if member.facts:
                say(f"an actor on {member.facts.host} has died ({why}); what it was reading is read again")
            else:
                say(f"an actor has died while it started ({why})")

    def _lack(self) -> None:
        """Say what keeps actors from being started; in the end, end the run."""
        patience = self._options.patience
        if self._alone < (patience if self._told else min(patience, NOTICE)):
            return
        needed = f"{self._cpus} CPUs" + (f" and {self._gpus:g} GPUs" if self._gpus else "")
        there, free = (
            " and ".join(f"{has.get(kind, 0):g} {kind}s" for kind in ("CPU", "GPU"))
            for has in (ray.cluster_resources(), ray.available_resources())
        )
        missing = f"no actor is ready yet: each needs {needed}; the cluster has {there}, of which {free} are free"
        if self._alone >= patience:
            raise SetupError(f"{missing}: end what uses them, add nodes, or give fewer --workers")
        if not self._quiet:
            say(f"{missing}: waiting")
        self._told = True

    def _check_storage(self, member: _Member, share: _Share, results: list[Result]) -> None:
        """Make sure that what an actor did not find, or was refused by a store, is not to be had here either.

        Raises:
            SetupError: it is.
        """
        limits = Opening.of(self._options).limits
        refused = 0
        for source, result in zip(share.travels, results, strict=True):
            doubtful = any(words in result.error for words in _NOT_HERE)
            if not doubtful and _is_refused(source, result):
                refused += 1
                doubtful = refused == 1  # a node without credentials is refused all: asking for one will do
            if doubtful:
                try:
                    content(source, limits)
                except Exception:  # here neither
                    continue
                assert member.facts is not None
                remedy = f"the same files under the same paths; relative ones are meant from {_folder()}"
                if stores.is_remote(source.path):
                    remedy = "what its store takes: the package, credentials, and variables such as AWS_ENDPOINT_URL"
                raise SetupError(
                    f"{source.path}: it can be read here, and not on {member.facts.host} ({result.error}): let all "
                    f"nodes have {remedy}"
                )


def _is_refused(source: Source, result: Result) -> bool:
    """Whether a store, or the lack of what reads it, stood in the way, and not for a while only."""
    kind, _, message = result.error.partition(": ")
    return kind == "unreadable" and stores.is_remote(source.path) and not message.endswith(stores.TRIED)


def _folder() -> str:
    """From where relative paths are meant."""
    try:
        return str(Path.cwd())
    except OSError:  # it was removed
        return os.sep


def _why(error: RayError) -> str:
    """Why an actor died, in a line."""
    text = str(error)
    if "low on memory" in text:
        return "its node was low on memory"
    if "connection error code 2" in text:  # nobody knows more than that it is gone
        return "killed, as by the kernel where memory is short, or a crash"
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), type(error).__name__)
