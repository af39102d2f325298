"""Does the worker do its jobs, each on its own, and say once what goes wrong?"""

from __future__ import annotations

import logging
import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy import select

from bootstrap import Backend
from collectors.protocol import Page
from db.tables import heartbeats, mentions
from domain.errors import Unavailable
from services import health, queue
from services.queue import QueueFilter
from tests.fakes import a_post
from worker.embedded import build
from worker.schedule import JOBS, Job
from worker.watchful import Watchful


@pytest.fixture
def backend(ctx, classifier):
    """A backend whose model is the plain one of the tests."""
    return Backend(ctx, [classifier])


def run(backend, *names):
    for name in names:
        next(job for job in JOBS if job.name == name).run(backend, "w1")


def test_whoever_judges_looks_twice_a_second_so_that_a_live_post_waits_no_longer():
    assert next(job for job in JOBS if job.name == "judge").every_s <= 0.5


def test_a_post_on_the_network_ends_up_judged_in_the_queue(backend, ctx, brand, watch, network):
    network.pages = [Page((a_post("URGENT smoke"),), None)]
    run(backend, "poll", "judge")
    [entry] = queue.page(ctx, QueueFilter(brand.id)).entries
    assert entry.judged and entry.level == 3


def test_every_job_may_run_on_an_empty_desk_and_again(backend, ctx):
    run(backend, *(job.name for job in JOBS))
    run(backend, *(job.name for job in JOBS))
    assert health.ready(ctx)
    with ctx.store.read() as tx:
        assert "worker" in tx.execute(select(heartbeats.c.process)).scalars().all()


def test_the_model_is_not_loaded_while_nothing_waits(ctx, settings):
    without_model = Backend(replace(ctx, settings=replace(settings, model="no such model")))
    run(without_model, "judge")
    assert without_model._model == []


def test_a_missing_model_leaves_posts_ranked_by_the_rules(ctx, brand, say, settings, caplog):
    say("URGENT smoke")
    without_model = Backend(replace(ctx, settings=replace(settings, model="no such model")))
    judge = Watchful(next(job for job in JOBS if job.name == "judge"), without_model, "w1")
    judge(), judge()
    assert len(caplog.records) == 1 and "no such model" in caplog.text
    [entry] = queue.page(ctx, QueueFilter(brand.id)).entries
    assert entry.level == 3 and not entry.judged


def test_a_failing_job_says_so_once_and_once_that_it_works_again(backend, caplog):
    troubles = [Unavailable("the store is gone"), Unavailable("the store is gone"), None, None]

    def sometimes(backend, worker):
        if trouble := troubles.pop(0):
            raise trouble

    job = Watchful(Job("sometimes", 1.0, sometimes), backend, "w1")
    with caplog.at_level(logging.INFO):
        for _ in range(4):
            job()
    assert [record.getMessage() for record in caplog.records] == [
        "job=sometimes fails: unavailable: the store is gone",
        "job=sometimes works again",
    ]


def test_a_broken_job_does_not_end_the_others(backend, caplog):
    broken = Watchful(Job("broken", 1.0, lambda backend, worker: 1 / 0), backend, "w1")
    broken(), broken()
    assert [r.getMessage() for r in caplog.records] == ["job=broken broke"]


def test_no_job_overlaps_itself_and_late_runs_are_made_up_for_once(backend):
    scheduler = build(backend, "w1")
    scheduler.start(paused=True)
    try:
        jobs = scheduler.get_jobs()
        assert {job.id for job in jobs} == {job.name for job in JOBS}
        assert all(job.coalesce and job.max_instances == 1 and job.misfire_grace_time == 60 for job in jobs)
    finally:
        scheduler.shutdown(wait=False)


def test_a_worker_without_a_usable_desk_says_why_and_leaves(tmp_path):
    (tmp_path / "file").write_text("no folder")
    words = [sys.executable, "-m", "worker"]
    environment = {"SPORTELLO_DATA_DIR": str(tmp_path / "file" / "data"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "cannot be" in done.stderr and "Traceback" not in done.stderr


def test_the_worker_loads_no_desk_and_no_model_before_it_needs_one():
    probe = (
        "import sys, worker.work; "
        "heavy = 'streamlit transformers onnxruntime alembic pandas numpy procrastinate psycopg'.split(); "
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_nothing_is_judged_twice_by_two_workers(backend, ctx, say):
    say("BAD parcel")
    run(backend, "judge", "judge")
    with ctx.store.read() as tx:
        assert tx.execute(select(mentions.c.judged_by)).scalars().all() == ["fake-1"]
    assert backend.classifier().seen == ["BAD parcel"]
