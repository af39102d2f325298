"""How does one process do all the work behind a desk? APScheduler in memory; what is true stands in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from bootstrap import Backend
from worker.schedule import JOBS, Job
from worker.watchful import Watchful


def build(backend: Backend, worker: str, jobs: tuple[Job, ...] = JOBS) -> BackgroundScheduler:
    """A scheduler with every job due at once; late runs are made up for once, and no job overlaps itself."""
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(max(1, len(jobs)))},
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


def start(backend: Backend, worker: str, jobs: tuple[Job, ...] = JOBS) -> Callable[[], int]:
    """Begin to work; returns what ends it once the jobs under way are done, with the exit code."""
    scheduler = build(backend, worker, jobs)
    scheduler.start()

    def stop() -> int:
        scheduler.shutdown(wait=True)
        return 0

    return stop
