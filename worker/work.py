"""How does a worker start, on which engine, and how does it leave?"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

import settings as configuration
from bootstrap import Backend, open_backend
from domain.errors import DeskError
from services import sample
from worker import embedded, lifeline

log = logging.getLogger("worker")

#: A stopped worker waits this long for what is under way, then leaves it to the leases.
GRACE_S = 0.4
EMBEDDED, PROCRASTINATE = "embedded", "procrastinate"
#: Their lines name every job and, when a server is away, who signs in to it.
LOUD = ("apscheduler", "procrastinate", "psycopg.pool")
#: In detail they write what is sent and what is stored: posts, names, tokens. No level of ours makes them do so.
INDISCREET = (
    *("sqlalchemy", "httpx", "httpcore", "urllib3", "websockets", "atproto"),
    *("tweepy", "requests_oauthlib", "oauthlib", "praw", "prawcore"),
)


def main(argv: list[str]) -> int:
    """Work until SIGTERM, SIGINT or the end of the supervisor. 1: the desk could not be opened, or the engine broke."""
    parser = argparse.ArgumentParser(prog="python -m worker", description="Everything behind the desk.")
    parser.add_argument("--offer-sample", action="store_true", help="install the sample at the very first start")
    parser.add_argument("--engine", choices=(EMBEDDED, PROCRASTINATE), default=EMBEDDED, help="what wakes the jobs")
    given = parser.parse_args(argv)
    stopping = _stop_event()
    try:
        settings = configuration.load()
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
        for name in LOUD:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        for name in INDISCREET:
            logging.getLogger(name).setLevel(logging.WARNING)
        backend = open_backend(settings)
        if given.offer_sample:
            _offer_sample(backend)
        stop = _start(backend, engine=given.engine, ended=stopping.set)
    except DeskError as err:
        sys.stderr.write(f"{err}\n")
        return 1
    log.info("worker started engine=%s", given.engine)
    stopping.wait()
    return _leave(stop)


def _start(backend: Backend, *, engine: str, ended: Callable[[], None]) -> Callable[[], int]:
    """Start the engine; returns what stops it and says its exit code. ``ended`` is called should it end by itself."""
    worker = f"{socket.gethostname()}:{os.getpid()}"[:60]
    if engine == PROCRASTINATE:
        from worker import distributed  # Only where a team's server is there to run it.

        return distributed.start(backend, worker, ended=ended)
    return embedded.start(backend, worker)


def _stop_event() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    lifeline.hold()
    return stopping


def _offer_sample(backend: Backend) -> None:
    """The sample is a courtesy: a desk whose sample cannot be installed starts all the same."""
    try:
        sample.install_once(backend.ctx)
    except DeskError as err:
        log.warning("the sample was not installed: %s", err)


def _leave(stop: Callable[[], int]) -> int:
    """Let running jobs finish for a moment; what is cut off is found again through its lease."""
    codes: list[int] = []
    done = threading.Thread(target=lambda: codes.append(stop()), daemon=True)
    done.start()
    done.join(GRACE_S)
    logging.shutdown()
    if done.is_alive():
        os._exit(0)
    return codes[0] if codes else 1
