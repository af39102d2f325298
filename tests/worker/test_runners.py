"""Do both engines keep the same promises: every job runs, again and again, alone, and none takes another along?"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter

import pytest

from bootstrap import Backend
from domain.errors import Misconfigured, Unavailable
from worker import distributed, embedded
from worker.schedule import JOBS, Job, Parts, Piece


@pytest.fixture
def engine(request):
    """What wakes the jobs, see ``tests.databases``."""
    return request.param


@pytest.fixture
def run(engine, ctx, classifier):
    """Starts a worker with these jobs; all are stopped at the end."""
    stops = []

    def start(*jobs, name="w1"):
        backend = Backend(ctx, [classifier])
        if engine == "embedded":
            stops.append(embedded.start(backend, name, jobs))
        else:
            stops.append(distributed.start(backend, name, jobs=jobs, ended=lambda: None))

    yield start
    assert [stop() for stop in stops] == [0] * len(stops)


def until(holds, *, seconds=20.0):
    """Wait for something; fails when it does not come."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    assert holds(), f"did not happen within {seconds} s"


def test_a_job_runs_again_and_again_and_never_overlaps_itself(run):
    inside, overlaps, runs = threading.Semaphore(1), [], []

    def work(backend, worker):
        if not inside.acquire(blocking=False):
            overlaps.append(worker)
            return
        time.sleep(0.3)
        runs.append(worker)
        inside.release()

    run(Job("slow", 1.0, work))
    until(lambda: len(runs) >= 3)
    assert overlaps == []


def test_a_broken_job_does_not_end_the_others_and_says_so_once(run, caplog):
    done = []
    with caplog.at_level(logging.WARNING, logger="worker"):
        run(Job("broken", 1.0, lambda b, w: 1 / 0), Job("sound", 1.0, lambda b, w: done.append(w)))
        until(lambda: len(done) >= 3)
    assert [r.getMessage() for r in caplog.records if r.name == "worker"] == ["job=broken broke"]


def test_a_failing_job_says_once_that_it_fails_and_once_that_it_works_again(run, caplog):
    troubles = [Unavailable("the store is gone"), Unavailable("the store is gone"), None, None]

    def sometimes(backend, worker):
        if troubles and (trouble := troubles.pop(0)):
            raise trouble

    with caplog.at_level(logging.WARNING, logger="worker"):
        run(Job("sometimes", 1.0, sometimes))
        until(lambda: not troubles)
    assert [r.getMessage() for r in caplog.records if r.name == "worker"] == [
        "job=sometimes fails: unavailable: the store is gone",
        "job=sometimes works again",
    ]


def test_the_parts_of_a_job_are_all_done(run):
    left, lock = set(range(20)), threading.Lock()

    def everything(backend, worker):
        left.clear()

    def find(backend):
        with lock:
            return [Piece(str(n), (n,), turn=f"turn {n % 3}") for n in left]

    def do(backend, worker, about):
        with lock:
            left.difference_update(about)

    run(Job("shared", 1.0, everything, Parts(find, do)))
    until(lambda: not left)


def test_every_job_of_the_desk_runs(run, say, brand, ctx):
    from services import health, queue
    from services.queue import QueueFilter

    say("URGENT smoke")
    run(*JOBS)
    until(lambda: queue.page(ctx, QueueFilter(brand.id)).entries[0].judged)
    until(lambda: health.ready(ctx))


@pytest.mark.databases("postgresql")
def test_pieces_with_one_turn_go_one_after_another_over_all_workers(ctx, classifier):
    seen: Counter[str] = Counter()
    together, lock, done = [], threading.Lock(), set()

    def find(backend):
        return [Piece(str(n), (n,), turn=f"channel:{n % 2}") for n in range(8) if n not in done]

    def do(backend, worker, about):
        turn = f"channel:{about[0] % 2}"
        with lock:
            seen[turn] += 1
            together.append(seen[turn])
        time.sleep(0.1)
        with lock:
            seen[turn] -= 1
            done.update(about)

    job = Job("shared", 1.0, lambda b, w: None, Parts(find, do))
    backend = Backend(ctx, [classifier])
    stops = [distributed.start(backend, name, jobs=(job,), ended=lambda: None) for name in ("w1", "w2", "w3")]
    until(lambda: len(done) == 8)
    assert [stop() for stop in stops] == [0, 0, 0]
    assert set(together) == {1}


@pytest.mark.databases("sqlite")
def test_a_file_is_no_ground_for_a_team(ctx, classifier):
    with pytest.raises(Misconfigured, match="PostgreSQL"):
        distributed.start(Backend(ctx, [classifier]), "w1", ended=lambda: None)
