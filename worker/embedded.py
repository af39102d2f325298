"""How does one process do all the work behind a desk? APScheduler in memory; what is true stands in the database."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

import settings as configuration
from bootstrap import Backend, open_backend
from domain.errors import DeskError
from services import sample
from worker import lifeline
from worker.schedule import JOBS, Job

log = logging.getLogger("worker")

#: A stopped worker waits this long for what is under way, then leaves it to the leases.
GRACE_S = 0.4


class Watchful:
    """Runs one job over and over; says once when it begins to fail and once when it works again."""

    def __init__(self, job: Job, backend: Backend, worker: str) -> None:
        self._job, self._backend, self._worker = job, backend, worker
        self._failing: str | None = None

    def __call__(self) -> None:
        try:
            self._job.run(self._backend, self._worker)
        except DeskError as err:
            self._say(f"{err.key}: {err}")
        except Exception as err:  # one broken job must not end the others
            if self._failing != type(err).__name__:
                log.exception("job=%s broke", self._job.name)
            self._failing = type(err).__name__
        else:
            if self._failing is not None:
                log.warning("job=%s works again", self._job.name)
            self._failing = None

    def _say(self, words: str) -> None:
        if self._failing != words:
            log.warning("job=%s fails: %s", self._job.name, words)
        self._failing = words


def build(backend: Backend, worker: str, jobs: tuple[Job, ...] = JOBS) -> BackgroundScheduler:
    """A scheduler with every job due at once; late runs are made up for once, and no job overlaps itself."""
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(jobs))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60},
    )
    for job in jobs:
        scheduler.add_job(
            Watchful(job, backend, worker),
            "interval",
            seconds=job.every_s,
            id=job.name,
            name=job.name,
            next_run_time=datetime.now(UTC),
        )
    return scheduler


def main(argv: list[str]) -> int:
    """Work until SIGTERM, SIGINT or the end of the supervisor. 1: the desk could not be opened."""
    parser = argparse.ArgumentParser(prog="python -m worker", description="Everything behind the desk.")
    parser.add_argument("--offer-sample", action="store_true", help="install the sample at the very first start")
    given = parser.parse_args(argv)
    stopping = _stop_event()
    _give_way()
    try:
        settings = configuration.load()
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        backend = open_backend(settings)
    except DeskError as err:
        sys.stderr.write(f"{err}\n")
        return 1
    if given.offer_sample:
        _offer_sample(backend)
    scheduler = build(backend, f"{socket.gethostname()}:{os.getpid()}"[:80])
    scheduler.start()
    log.info("worker started")
    stopping.wait()
    _leave(scheduler.shutdown)
    return 0


def _stop_event() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    lifeline.hold()
    return stopping


def _give_way() -> None:
    """People at the desk come first: judging a backlog takes only the time that nobody else wants."""
    try:
        os.nice(5)
    except OSError:
        log.info("this system gives no process a lower priority")


def _offer_sample(backend: Backend) -> None:
    """The sample is a courtesy: a desk whose sample cannot be installed starts all the same."""
    try:
        sample.install_once(backend.ctx)
    except DeskError as err:
        log.warning("the sample was not installed: %s", err)


def _leave(shut_down: Callable[[bool], None]) -> None:
    """Let running jobs finish for a moment; what is cut off is found again through its lease."""
    done = threading.Thread(target=shut_down, args=(True,), daemon=True)
    done.start()
    done.join(GRACE_S)
    logging.shutdown()
    if done.is_alive():
        os._exit(0)
