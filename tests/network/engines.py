"""How does a worker process run until it is killed, at a named point or from outside: on an engine, or turn by turn?"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NoReturn

from bootstrap import Backend
from services.context import Context
from tests.fakes import FakeClassifier
from tests.network.sending import work, worker_name
from tests.services.fragile_desk import FragileStore, Point, Wrapped
from worker import distributed, embedded
from worker.schedule import JOBS

#: Whatever has to do with a reply on its way, and what the network shows of it afterwards.
AT_WORK = tuple(job for job in JOBS if job.name in ("beat", "deliver", "reconcile", "poll", "follow_up"))
_PR_SET_PDEATHSIG = 1
#: A worker without an engine rests so long between two turns.
TURN_S = 0.1


class Ground(StrEnum):
    """What wakes the workers, and where the rows lie. Those without an engine do one turn after another."""

    EMBEDDED_ON_A_FILE = "embedded, SQLite"
    EMBEDDED = "embedded, PostgreSQL"
    PROCRASTINATE = "procrastinate, PostgreSQL"
    TURNS_ON_A_FILE = "SQLite"
    TURNS = "PostgreSQL"

    @property
    def on_a_server(self) -> bool:
        return self not in (Ground.EMBEDDED_ON_A_FILE, Ground.TURNS_ON_A_FILE)

    @property
    def pace(self) -> float:
        """How long whoever watches waits, as a part of what an engine needs between two jobs."""
        return 1.0 if self in ENGINES else 0.1


ENGINES = (Ground.EMBEDDED_ON_A_FILE, Ground.EMBEDDED, Ground.PROCRASTINATE)
#: Without an engine, on each database.
DATABASES = (Ground.TURNS_ON_A_FILE, Ground.TURNS)


@dataclass
class WorkerProcess:
    """A worker in a process of its own. ``signal`` is what ended it, None while it lives."""

    pid: int
    signal: int | None = None

    def dies(self, *, within_s: float) -> bool:
        """Whether it ended by itself by then."""
        end = time.monotonic() + within_s
        while not self._has_ended() and time.monotonic() < end:
            time.sleep(0.02)
        return self._has_ended()

    def kill(self) -> None:
        """What ``kill -9`` does; nothing where it has ended."""
        if not self._has_ended():
            os.kill(self.pid, signal.SIGKILL)
            self.signal = -os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _has_ended(self) -> bool:
        if self.signal is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            self.signal = -os.waitstatus_to_exitcode(status) if ended else None
        return self.signal is not None


@contextmanager
def worker_on(
    ctx: Context, ground: Ground, *, point: Point | None = None, first: Callable[[], object] = int
) -> Iterator[WorkerProcess]:
    """A worker of this desk on its engine, which dies at ``point``; killed at the end if it lives.

    ``first``: what its process does before anything else.
    """
    ctx.store.close()
    child = os.fork()
    if child == 0:
        try:
            die_with_parent()
            first()
            _work(ctx, ground, point)
        finally:
            os._exit(1)
    process = WorkerProcess(child)
    try:
        yield process
    finally:
        process.kill()


def _work(ctx: Context, ground: Ground, point: Point | None) -> None:
    logging.basicConfig(
        filename=ctx.settings.data_path / "worker.log", level="WARNING", force=True, format="%(process)d %(message)s"
    )
    logging.getLogger("apscheduler").setLevel("ERROR")
    store = FragileStore.over(ctx.store)
    store.point = point
    ctx = replace(ctx, store=store, channels=Wrapped(ctx.channels, store))
    if ground in DATABASES:
        _turns(ctx)
    backend, name = Backend(ctx, [FakeClassifier()]), worker_name(os.getpid())
    if ground == Ground.PROCRASTINATE:
        distributed.start(backend, name, jobs=AT_WORK, ended=_gone)
    else:
        embedded.start(backend, name, AT_WORK)
    threading.Event().wait()


def _turns(ctx: Context) -> NoReturn:
    while True:
        try:
            work(ctx)
        except Exception:
            logging.exception("a turn broke off")
        time.sleep(TURN_S)


def _gone() -> None:
    os._exit(2)


def die_with_parent() -> None:
    """This process ends when the one that forked it does."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def until(holds: Callable[[], bool], *, within_s: float, every_s: float = 0.1) -> bool:
    """Whether it came to hold by then."""
    end = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(every_s)
    return True


def every(seconds: float, act: Callable[[], object]) -> Callable[[], None]:
    """Does ``act`` when called, but not more often than that."""
    last = [time.monotonic()]

    def maybe() -> None:
        if time.monotonic() - last[0] >= seconds:
            last[0] = time.monotonic()
            act()

    return maybe
