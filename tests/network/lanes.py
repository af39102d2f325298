"""How do many runs of the matrix take place beside each other? In a few processes that share one network and server."""

from __future__ import annotations

import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.network.engines import Ground
from tests.network.matrix import Mishap, Outcome, one_run
from tests.network.own_desk import CUSTOMERS, Lane, Stage, lane, migrated_file, migrated_on
from tests.peers import postgres
from tests.peers.bluesky import Bluesky
from tests.peers.one_certificate import trusting_one

#: What a lane has from the process it was forked from, and what it made of it.
_stage: Stage | None = None
_lane: Lane | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One run to come. ``word``: its brand, which nobody has named yet; ``seed`` decides the details."""

    mishap: Mishap
    ground: Ground
    word: str
    seed: str


@contextmanager
def stage(network: Bluesky, server: postgres.Server) -> Iterator[Stage]:
    """What all lanes share, made before they begin."""
    with tempfile.TemporaryDirectory(prefix="sportello-matrix-") as folder, trusting_one(Path(folder)):
        for name in CUSTOMERS:
            network.account(name)
        url = migrated_on(server)
        yield Stage(network, server, url, migrated_file(Path(folder)))
        server.drop(url)


def in_lanes(on: Stage, tasks: Sequence[Task], *, lanes: int) -> Iterator[tuple[Task, Outcome]]:
    """Every task's outcome as soon as it is there."""
    global _stage  # A fork takes it along; a message to another process could not.
    _stage = on
    with ProcessPoolExecutor(lanes, mp_context=multiprocessing.get_context("fork")) as pool:
        running = {pool.submit(_run, task): task for task in tasks}
        for done in as_completed(running):
            yield running[done], done.result()


def _run(task: Task) -> Outcome:
    """In a lane: play one cell once. Whatever breaks the run itself is an outcome too."""
    global _lane
    started = time.monotonic()
    try:
        if _lane is None:
            assert _stage is not None
            _lane = lane(_stage, Path(tempfile.mkdtemp(prefix="lane-", dir=_stage.file.parent)), f"ours{os.getpid()}")
        return one_run(_lane, task.mishap, task.ground, word=task.word, dice=random.Random(task.seed))
    except Exception as error:
        broken = f"{type(error).__name__}: {error}"
        return Outcome(task.mishap, task.ground, 0, (broken,), time.monotonic() - started)
