"""How does a worker process run on an engine until it is killed, at a named point or from outside?"""

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

from bootstrap import Backend
from services.context import Context
from tests.fakes import FakeClassifier
from tests.network.sending import worker_name
from tests.services.fragile_desk import FragileStore, Point, Wrapped
from worker import distributed, embedded
from worker.schedule import JOBS

#: Whatever has to do with a reply on its way, and what the network shows of it afterwards.
AT_WORK = tuple(job for job in JOBS if job.name in ("beat", "deliver", "reconcile", "poll", "follow_up"))
_PR_SET_PDEATHSIG = 1


class Ground(StrEnum):
    """What wakes the workers, and where the rows lie."""

    EMBEDDED_ON_A_FILE = "embedded, SQLite"
    EMBEDDED = "embedded, PostgreSQL"
    PROCRASTINATE = "procrastinate, PostgreSQL"

    @property
    def on_a_server(self) -> bool:
        return self != Ground.EMBEDDED_ON_A_FILE


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
def worker_on(ctx: Context, ground: Ground, *, point: Point | None = None) -> Iterator[WorkerProcess]:
    """A worker of this desk on its engine, which dies at ``point``; killed at the end if it lives."""
    ctx.store.close()
    child = os.fork()
    if child == 0:
        try:
            _die_with_parent()
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
    store = FragileStore(ctx.settings.effective_database_url)
    store.point = point
    backend = Backend(replace(ctx, store=store, channels=Wrapped(ctx.channels, store)), [FakeClassifier()])
    name = worker_name(os.getpid())
    if ground == Ground.PROCRASTINATE:
        distributed.start(backend, name, jobs=AT_WORK, ended=_gone)
    else:
        embedded.start(backend, name, AT_WORK)
    threading.Event().wait()


def _gone() -> None:
    os._exit(2)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def until(holds: Callable[[], bool], *, within_s: float, every_s: float = 0.1) -> bool:
    """Whether it came to hold by then."""
    end = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(every_s)
    return True
