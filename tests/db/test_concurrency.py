"""Do desk, worker and import get along on one database?"""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import func, select

from db.tables import cases, mentions

#: Each process does its kind of work for a while on the same file and prints what went wrong.
WORK = """
import sys, time
from datetime import UTC, datetime
from collectors.protocol import Page
from db.engine import Store
from domain.brand import Watch
from services import health, intake, queue, triage
from services.context import Context
from settings import Settings
from tests.fakes import FakeClassifier, a_post

kind, data_dir, url, brand_id, watch_id = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
settings = Settings(data_dir=data_dir, database_url=url)
ctx = Context(store=Store(settings.effective_database_url), settings=settings, rules=FakeClassifier("rules"))
watch = Watch(watch_id, brand_id, "all")
end, rounds = time.monotonic() + 3.0, 0
while time.monotonic() < end:
    rounds += 1
    if kind.startswith("import"):
        posts = tuple(a_post("BAD", author=f"{kind}{rounds}-{n}", native_id=f"{kind}{rounds}-{n}") for n in range(100))
        intake.store(ctx, watch, Page(posts, None))
    elif kind == "judge":
        triage.judge_pending(ctx, FakeClassifier(), posts=64)
    else:
        queue.page(ctx, queue.QueueFilter(brand_id))
        queue.pulse(ctx, brand_id, since_version=0)
        health.beat(ctx, kind)
print(rounds)
"""


def test_desk_worker_and_imports_at_once_never_find_the_database_locked(ctx, watch, settings):
    kinds = ("import-a", "import-b", "judge", "desk-a", "desk-b")
    arguments = (str(settings.data_path), settings.database_url, str(watch.brand_id), str(watch.id))
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WORK, kind, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for kind in kinds
    ]
    answers = {kind: process.communicate(timeout=90) for kind, process in zip(kinds, running, strict=True)}
    assert [process.returncode for process in running] == [0] * len(kinds), answers
    rounds = {kind: int(out) for kind, (out, _) in answers.items()}
    assert all(rounds.values())
    with ctx.store.read() as tx:
        posts = tx.execute(select(func.count()).select_from(mentions)).scalar_one()
        assert posts == 100 * (rounds["import-a"] + rounds["import-b"])
        assert tx.execute(select(func.count()).select_from(cases)).scalar_one() == posts


def test_a_statement_that_fails_never_shows_the_words_of_a_customer(store):
    import pytest
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError) as caught, store.write() as tx:
        tx.execute(mentions.insert().values(text="my secret address", channel="x", origin="y"))
    assert "secret" not in str(caught.value)
