"""How do many runs of the matrix take place beside each other? In a few processes that share what is dear.

They share the database server and, where it takes part, the real Bluesky; a scripted network is new for every run.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import random
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from urllib.parse import urlsplit

from tests.network.engines import Ground
from tests.network.matrix import Mishap, Outcome, one_run
from tests.network.network import Network
from tests.network.own_desk import CUSTOMERS, Kept, Lane, Stage, migrated_file, migrated_on, real_network, rehearse
from tests.network.peers import PEERS
from tests.network.scripted import scripted
from tests.peers import postgres
from tests.peers.bluesky import Bluesky
from tests.peers.faulty_way import FaultyWay
from tests.peers.one_certificate import trusting_one
from tests.peers.postgres_again import Again
from tests.statements import sharing

#: What a lane has from the process it was forked from, and what it made of it.
_stage: Stage | None = None
_here: _Here | None = None
#: The channels whose sending has been rehearsed in this process, or in the one it was forked from.
_rehearsed: set[tuple[str | None, Ground]] = set()


@dataclass(frozen=True, slots=True)
class Task:
    """One run to come. ``word``: its brand, which nobody has named yet; ``seed`` decides the details.

    ``channel``: on the scripted network of that channel; None: on the real Bluesky.
    """

    mishap: Mishap
    ground: Ground
    word: str
    seed: str
    channel: str | None = None


@dataclass(slots=True)
class _Here:
    """What one lane keeps from run to run: a folder, a line, its desks, and the accounts on the real network."""

    folder: Path
    way: FaultyWay
    again: Again
    kept: dict[Ground, Kept] = field(default_factory=dict)
    real: Network | None = None


@contextmanager
def stage(network: Bluesky | None, server: postgres.Server) -> Iterator[Stage]:
    """What all lanes share, made before they begin. ``network`` None: none of them plays on the real Bluesky."""
    with tempfile.TemporaryDirectory(prefix="sportello-matrix-") as folder, trusting_one(Path(folder)), sharing():
        for name in CUSTOMERS if network is not None else ():
            network.account(name)
        shared = Stage(network, server, migrated_on(server), migrated_file(Path(folder)))
        yield shared
        shared.clear()


def in_lanes(on: Stage, tasks: Sequence[Task], *, lanes: int, ends_at: float = inf) -> Iterator[tuple[Task, Outcome]]:
    """Every task's outcome as soon as it is there; what has not begun by ``ends_at`` (monotonic) is left out."""
    global _stage  # A fork takes it along; a message to another process could not.
    _stage = on
    _rehearse(on, tasks)
    gc.collect()
    gc.freeze()  # Every lane, network and worker is forked from here: what nobody touches is never copied for them.
    to_come, running = deque(tasks), dict[Future[Outcome], Task]()
    with ProcessPoolExecutor(lanes, mp_context=multiprocessing.get_context("fork")) as pool:
        while to_come or running:
            while to_come and len(running) < lanes:
                task = to_come.popleft()
                running[pool.submit(_run, task)] = task
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(done), done.result()
            if time.monotonic() > ends_at:
                to_come.clear()


def _run(task: Task) -> Outcome:
    """In a lane: play one cell once. Whatever breaks the run itself is an outcome too."""
    global _here
    started = time.monotonic()
    try:
        assert _stage is not None
        _here = _here or _begin(_stage)
        with _lane(_stage, _here, task) as lane:
            return one_run(lane, task.mishap, task.ground, word=task.word, dice=random.Random(task.seed))
    except Exception as error:
        broken = f"{type(error).__name__}: {error}"
        return Outcome(task.mishap, task.ground, 0, (broken,), time.monotonic() - started)


def _begin(on: Stage) -> _Here:
    return _Here(Path(tempfile.mkdtemp(prefix="lane-", dir=on.file.parent)), FaultyWay(""), Again(on.server))


def _rehearse(on: Stage, tasks: Sequence[Task]) -> None:
    """Send once on every channel and ground, here: what is loaded and compiled now, all lanes and workers have."""
    scripts = {(task.channel, task.ground): task for task in tasks if task.channel is not None}
    missing = scripts.keys() - _rehearsed
    if not missing:
        return
    here = _begin(on)
    try:
        for each in sorted(missing, key=str):
            with _lane(on, here, scripts[each]) as lane:
                rehearse(lane, each[1])
    finally:
        here.way.close()
    _rehearsed.update(missing)


@contextmanager
def _lane(on: Stage, here: _Here, task: Task) -> Iterator[Lane]:
    with _network(on, here, task) as network:
        parts = urlsplit(network.url)
        here.way.server, here.way.is_write = f"{parts.scheme}://{parts.netloc}", network.writes
        yield Lane(on, here.folder, network, here.way, here.kept, here.again)


def _network(on: Stage, here: _Here, task: Task) -> AbstractContextManager[Network]:
    if task.channel is not None:
        return scripted(PEERS[task.channel], here.folder)
    assert on.bluesky is not None
    here.real = here.real or real_network(on.bluesky, here.folder, f"ours{os.getpid()}")
    return nullcontext(here.real)
