"""Is each reply out exactly once when the worker is killed again and again while sending?

    python -m benchmarks.killed_sender [--runs 20] [--replies 10] [--kills 3] [--seed 1]

Every run has a data folder of its own with replies queued on the sample channel. A worker process sends
them; it gets SIGKILL at a random moment, is started again, and so on, and the last one may finish. Then
every reply must stand as sent, and exactly once in the sample's log. Ends with 1 when one does not. The same on the
real Bluesky, with everything a line can lose, on both databases: `benchmarks/killed_on_bluesky.py`.
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
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bootstrap import Backend, migrate, open_backend
from collectors.protocol import Page
from domain.clock import utc_now
from domain.mention import Author, Mention
from domain.states import ReplyState
from services import brands, cases, claims, drafts, intake, outbox, queue, team
from services.context import Context, colleague
from settings import Settings

ROOT = Path(__file__).resolve().parents[1]
LONGEST_KILL_S = 0.5
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run: how many replies, what their states were after the kills and at the end, lines by reply."""

    replies: int
    after_kills: Counter[str]
    at_end: Counter[str]
    twice: int
    never: int

    @property
    def holds(self) -> bool:
        return self.twice == self.never == 0 and self.at_end == Counter({str(ReplyState.SENT): self.replies})


def settings_of(folder: Path) -> Settings:
    """Short leases, so that a run takes seconds."""
    return Settings(data_dir=str(folder), send_lease_s=1, probe_spacing_s=0.2, undo_s=0)


def backend_of(folder: Path) -> Backend:
    """The desk in this folder."""
    settings = settings_of(folder)
    migrate(settings)
    return open_backend(settings)


def fill(ctx: Context, count: int) -> None:
    """Queue ``count`` replies on the sample channel, each in a case of its own."""
    team.ensure_first_admin(ctx)
    admin = ctx.acting_as(colleague(team.find(ctx, "admin")))
    brand = brands.add_brand(ctx, "Benchmark")
    watch = brands.add_watch(ctx, brand.id, name="all", terms=(), channels=("sample",))
    intake.store(ctx, watch, Page(tuple(post(number) for number in range(count)), None))
    for entry in queue.page(admin, queue.QueueFilter(brand.id), limit=count).entries:
        claims.claim(admin, entry.case_id)
        mention_id = cases.view(admin, entry.case_id).route.mention_id
        draft = drafts.save(admin, entry.case_id, mention_id=mention_id, text=f"Answer {entry.case_id}")
        drafts.submit(admin, draft.reply_id, undo_s=0)


def post(number: int) -> Mention:
    """A post of somebody new."""
    name = f"benchmark-{number}"
    at = utc_now() - timedelta(minutes=number)
    return Mention("sample", "benchmark", name, Author(name, name, name), f"Where is parcel {number}?", at, name)


def work(folder: Path) -> None:
    """What the worker process does until it is killed, or nothing is left to do."""
    ctx = open_backend(settings_of(folder)).ctx
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and set(states(ctx)) != {str(ReplyState.SENT)}:
        outbox.reconcile(ctx, worker=f"worker-{os.getpid()}")
        outbox.deliver_due(ctx, worker=f"worker-{os.getpid()}", limit=1)
        time.sleep(0.01)


def states(ctx: Context) -> Counter[str]:
    """How many replies are in which state."""
    return Counter(str(reply.status) for reply in outbox.page(ctx, limit=1000))


def one_run(folder: Path, *, replies: int, kills: int, dice: random.Random) -> Outcome:
    """Fill a desk, kill its worker ``kills`` times, let one finish, and count."""
    ctx = backend_of(folder).ctx
    fill(ctx, replies)
    after_kills: Counter[str] = Counter()
    for _ in range(kills):
        worker = start(folder)
        time.sleep(dice.uniform(0.0, LONGEST_KILL_S))
        worker.kill()
        worker.wait()
        after_kills += states(ctx)
    start(folder).wait(timeout=PATIENCE_S + 30)
    log = folder / "sample" / "published.jsonl"
    lines = Counter(json.loads(line)["reply_id"] for line in log.read_text(encoding="utf-8").splitlines())
    return Outcome(replies, after_kills, states(ctx), sum(n > 1 for n in lines.values()), replies - len(lines))


def start(folder: Path) -> subprocess.Popen[str]:
    """A worker process that is about to begin."""
    command = [sys.executable, "-m", "benchmarks.killed_sender", "--work", str(folder)]
    worker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    worker.stdout.readline()
    return worker


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--replies", type=int, default=10)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work is not None:
        work(given.work)
        return 0
    dice, good, seen = random.Random(given.seed), 0, Counter[str]()
    for number in range(1, given.runs + 1):
        with tempfile.TemporaryDirectory() as folder:
            outcome = one_run(Path(folder), replies=given.replies, kills=given.kills, dice=dice)
        good += outcome.holds
        seen += outcome.after_kills
        print(f"run {number}: {'each once' if outcome.holds else outcome}, after the kills {dict(outcome.after_kills)}")
    print(f"{good} of {given.runs} runs with each of {given.replies} replies exactly once")
    print(f"found after a kill: {dict(seen)}")
    return 0 if good == given.runs else 1


if __name__ == "__main__":
    sys.exit(main())
