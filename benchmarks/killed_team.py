"""Is each reply out exactly once, and everything judged, when one worker of three is killed again and again?

    python -m benchmarks.killed_team [--url postgresql+psycopg://…] [--runs 12] [--replies 10] [--seed 1]

The database must be empty; without one the tests' own server is started. A run adds its replies on the sample channel
and posts that wait for the model. Three workers on procrastinate share them; at a random moment after the first reply
was begun one gets SIGKILL. Says how long the other two took until all was sent and judged. Ends with 1 when a reply is
missing or doubled, or it took longer than 30 s.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from benchmarks.killed_sender import ROOT, post
from bootstrap import migrate, open_backend
from collectors.protocol import Page
from domain.states import ReplyState
from services import brands, cases, claims, drafts, intake, outbox, queue, team, triage
from services.context import Context, colleague
from settings import Settings
from tests.peers import postgres

WORKERS, RECOVERED_S, LONGEST_KILL_S, START_S = 3, 30.0, 2.0, 60.0


def fill(ctx: Context, *, run: int, replies: int) -> int:
    """Queue replies of a brand of this run's own; returns the brand."""
    admin = ctx.acting_as(colleague(team.find(ctx, "admin")))
    brand = brands.add_brand(ctx, f"Run {run}")
    watch = brands.add_watch(ctx, brand.id, name="all", terms=(), channels=("sample",))
    posts = tuple(replace(post(number), native_id=f"{run}-{number}") for number in range(replies))
    intake.store(ctx, watch, Page(posts, None))
    for entry in queue.page(admin, queue.QueueFilter(brand.id), limit=replies).entries:
        claims.claim(admin, entry.case_id)
        mention_id = cases.view(admin, entry.case_id).route.mention_id
        draft = drafts.save(admin, entry.case_id, mention_id=mention_id, text=f"Answer {entry.case_id}")
        drafts.submit(admin, draft.reply_id, undo_s=0)
    return brand.id


def start(settings: Settings) -> subprocess.Popen[bytes]:
    """One worker process."""
    given = {"DATA_DIR": settings.data_dir, "DATABASE_URL": settings.database_url, "MODEL": "rules"}
    given |= {"SEND_LEASE_S": settings.send_lease_s, "PROBE_SPACING_S": settings.probe_spacing_s}
    environment = os.environ | {f"SPORTELLO_{name}": str(value) for name, value in given.items()}
    words = [sys.executable, "-m", "worker", "--engine", "procrastinate"]
    return subprocess.Popen(words, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)


def is_done(ctx: Context, brand_id: int) -> bool:
    """Whether every reply of this run is out and every post judged."""
    states = {reply.status for reply in outbox.page(ctx, brand_id, limit=100)}
    return states <= {ReplyState.SENT} and not triage.has_pending(ctx)


def is_begun(ctx: Context, brand_id: int) -> bool:
    """Whether a worker has taken up one of the replies of this run."""
    return any(reply.attempts for reply in outbox.page(ctx, brand_id, limit=100))


def one_run(ctx: Context, *, run: int, replies: int, dice: random.Random) -> float:
    """Seconds from the kill to the end of the work."""
    workers = [start(ctx.settings) for _ in range(WORKERS)]
    try:
        brand_id = fill(ctx, run=run, replies=replies)
        end = time.monotonic() + START_S
        while not is_begun(ctx, brand_id) and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(dice.uniform(0.0, LONGEST_KILL_S))
        dice.choice(workers).kill()
        killed_at = time.monotonic()
        # Looking on must not take what the workers need.
        while not is_done(ctx, brand_id) and time.monotonic() < killed_at + 4 * RECOVERED_S:
            time.sleep(0.3)
        return time.monotonic() - killed_at
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--url", default="", help="an empty database")
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--replies", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as after:
        url = given.url
        if not url:
            server = postgres.start()
            after.callback(server.stop)
            url = server.fresh()
        settings = Settings(data_dir=folder, database_url=url, send_lease_s=2, probe_spacing_s=0.2, undo_s=0)
        migrate(settings)
        ctx = open_backend(settings).ctx
        team.ensure_first_admin(ctx)
        return run_all(ctx, given)


def run_all(ctx: Context, given: argparse.Namespace) -> int:
    """One run after another, until one does not hold."""
    dice, slowest_s = random.Random(given.seed), 0.0
    for run in range(1, given.runs + 1):
        took_s = one_run(ctx, run=run, replies=given.replies, dice=dice)
        slowest_s = max(slowest_s, took_s)
        log = Path(ctx.settings.data_dir, "sample", "published.jsonl").read_text(encoding="utf-8").splitlines()
        lines = Counter(json.loads(line)["reply_id"] for line in log)
        wrong = [reply for reply, times in lines.items() if times != 1]
        missing = run * given.replies - len(lines)
        print(f"run {run}: all done {took_s:.1f} s after the kill, missing {missing}, doubled {len(wrong)}", flush=True)
        if wrong or missing or took_s > RECOVERED_S:
            return 1
    print(f"{given.runs} runs, each reply once, at most {slowest_s:.1f} s after the kill")
    return 0


if __name__ == "__main__":
    sys.exit(main())
