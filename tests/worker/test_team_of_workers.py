"""Do three workers lose nothing and send nothing twice when one of them is killed in the middle of its work?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from collectors.protocol import Page
from db.tables import deliveries, judgements, mentions
from domain.clock import utc_now
from domain.states import ReplyState
from services import brands, cases, claims, drafts, intake, outbox
from settings import ROOT
from tests.conftest import case_of
from tests.fakes import a_post
from tests.services.fragile_desk import Door, lines

pytestmark = [pytest.mark.databases("postgresql"), pytest.mark.timeout(240)]
REPLIES, POSTS = 8, 200
RECOVERED_S = 30.0

#: A worker on a network that takes its time, before it has the reply and after; both are noted.
WORKER = """
import os, sys, threading, time
from bootstrap import Backend
from db.engine import Store
from domain.clock import utc_now
from services.context import Context
from settings import Settings
from tests.fakes import FakeClassifier
from tests.services.fragile_desk import Door
from worker import distributed
from worker.schedule import JOBS

folder, url = sys.argv[1:]

class Slow:
    def __init__(self, inner): self.inner = inner
    def __getattr__(self, name): return getattr(self.inner, name)
    def publish(self, reply, *, key):
        with open(folder + "/begun", "a") as begun: begun.write(f"{os.getpid()}\\n")
        time.sleep(0.1)
        receipt = self.inner.publish(reply, key=key)
        time.sleep(0.1)
        return receipt

settings = Settings(data_dir=folder, database_url=url, send_lease_s=2, probe_spacing_s=0.2, publish="live")
ctx = Context(store=Store(url), settings=settings, channels=Door(folder, utc_now, Slow), clock=utc_now)
jobs = tuple(job for job in JOBS if job.name in ("deliver", "reconcile", "judge"))
distributed.start(Backend(ctx, [FakeClassifier()]), f"w{os.getpid()}", ended=lambda: os._exit(1), jobs=jobs)
print("ready", flush=True)
threading.Event().wait()
"""


@pytest.fixture
def workers(settings):
    """Three worker processes, ended at the end."""
    words = [sys.executable, "-c", WORKER, str(settings.data_path), settings.database_url]
    running = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    yield running
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def queued(ctx, brand, acting, clock):
    """Replies that are due on a network without idempotency, and posts that wait for the model."""
    ctx = replace(ctx, channels=Door(str(ctx.settings.data_path), clock))
    watch = brands.add_watch(ctx, brand.id, name="careless", terms=(), channels=("careless",))
    giulia = replace(acting("giulia", trained=("careless",)), channels=ctx.channels)
    posts = [a_post(f"BAD {n}", author=f"customer{n}", channel="careless", at=clock()) for n in range(POSTS)]
    intake.store(ctx, watch, Page(tuple(posts), None))
    replies = []
    for post in posts[:REPLIES]:
        case_id = case_of(ctx, post)
        claims.claim(giulia, case_id)
        draft = drafts.save(giulia, case_id, mention_id=cases.view(giulia, case_id).route.mention_id, text="On its way")
        replies.append(drafts.submit(giulia, draft.reply_id, undo_s=0).reply_id)
    return replace(ctx, clock=utc_now), replies


def until(holds, *, seconds):
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def test_a_worker_killed_in_mid_send_loses_nothing_and_sends_nothing_twice(queued, workers, settings) -> None:
    ctx, replies = queued
    begun = settings.data_path / "begun"
    assert [process.stdout.readline() for process in workers] == ["ready\n"] * 3
    assert until(lambda: len(lines(begun)) >= 2, seconds=60)
    victim = int(lines(begun)[-1])
    os.kill(victim, signal.SIGKILL)
    killed_at = time.monotonic()

    def states():
        return Counter(str(reply.status) for reply in outbox.page(ctx, limit=100))

    assert until(lambda: states() == {str(ReplyState.SENT): REPLIES}, seconds=RECOVERED_S), states()
    assert time.monotonic() - killed_at < RECOVERED_S
    sent = Counter(json.loads(line)["reply"] for line in lines(settings.data_path / "careless.jsonl"))
    assert sent == Counter(replies)
    assert {int(pid) for pid in lines(begun)} - {victim}, "somebody else has gone on"

    def judged():
        with ctx.store.read() as tx:
            waiting = select(func.count()).where(mentions.c.judged_by.is_(None))
            return tx.execute(waiting).scalar_one() == 0

    assert until(judged, seconds=RECOVERED_S)
    with ctx.store.read() as tx:
        by_model = select(judgements.c.mention_id).where(judgements.c.model == "fake-1")
        found = tx.execute(by_model).scalars().all()
        assert len(found) == len(set(found)) == POSTS
        tries = tx.execute(select(func.count()).where(deliveries.c.act == "publish")).scalar_one()
        assert tries <= REPLIES + 1, "only what was being sent at that moment may have been tried again"
