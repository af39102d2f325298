"""What is done behind the desk, and how often? The same plain functions under any runner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bootstrap import Backend
from services import episodes, follow_up, health, intake, listening, losing, outbox, triage

#: Posts one run of the judge takes at most. It looks for live ones again before every batch.
JUDGE_RUN_POSTS = 2048
#: Runs of the re-ranking job stop here and go on a minute later.
RERANK_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Job:
    """One recurring piece of work. ``run`` gets the backend and the worker's name; running it twice is harmless."""

    name: str
    every_s: float
    run: Callable[[Backend, str], object]


def _poll(backend: Backend, worker: str) -> None:
    intake.poll_due(backend.ctx, worker=worker)


def _tell_of_channels(backend: Backend, worker: str) -> None:
    losing.tell_changes(backend.ctx)


def _listen(backend: Backend, worker: str) -> None:
    """One connection per network with a stream, for as long as somebody listens; under one lease in the database."""
    if backend.ctx.settings.hears_streams:
        listening.listen_to_all(backend.ctx, worker=worker)


def _judge(backend: Backend, worker: str) -> None:
    if triage.has_pending(backend.ctx):
        triage.judge_pending(backend.ctx, backend.classifier(), posts=JUDGE_RUN_POSTS)


def _deliver(backend: Backend, worker: str) -> None:
    outbox.deliver_due(backend.ctx, worker=worker)


def _reconcile(backend: Backend, worker: str) -> None:
    outbox.reconcile(backend.ctx, worker=worker)


def _follow_up(backend: Backend, worker: str) -> None:
    follow_up.run_due(backend.ctx)


def _rerank(backend: Backend, worker: str) -> None:
    for _ in range(RERANK_ROUNDS):
        if not episodes.rerank_due(backend.ctx):
            break


def _beat(backend: Backend, worker: str) -> None:
    health.beat(backend.ctx, "worker")


JOBS: tuple[Job, ...] = (
    Job("beat", 5.0, _beat),
    Job("deliver", 1.0, _deliver),
    Job("reconcile", 2.0, _reconcile),
    Job("poll", 2.0, _poll),
    Job("channels", 10.0, _tell_of_channels),
    Job("listen", 5.0, _listen),
    Job("judge", 1.0, _judge),
    Job("follow_up", 10.0, _follow_up),
    Job("rerank", 60.0, _rerank),
)
