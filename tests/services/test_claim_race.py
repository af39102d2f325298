"""Do 32 people who claim at once get 5,000 cases without a double, a loss or an error?"""

from __future__ import annotations

import json
import os
import random
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from db.engine import Store
from db.tables import audit, authors, case_events, case_mentions, cases, conversations, customers, mentions
from domain.errors import AlreadyClaimed
from services import claims
from services.context import Context, colleague

CASES = 5000
CLAIMERS = 32
PROCESSES = 4
# Every case is somebody's own aim; these are everybody's.
CONTESTED = 30


def many_cases(ctx: Context, brand_id: int) -> list[int]:
    """Cases straight into the tables: each with its customer and post."""
    now = ctx.clock()
    ids = range(1, CASES + 1)
    network = {"channel": "fake", "origin": "fake.invalid"}
    with ctx.store.write() as tx:
        seen = {"first_seen_at": now, "last_seen_at": now}
        tx.execute(
            insert(customers), [{"id": i, "name": f"C{i}", "about": "", "dont_ask_again": "", **seen} for i in ids]
        )
        author = {**network, "handle": "c", "name": "C", "bio": "", "location": "", "updated_at": now}
        tx.execute(insert(authors), [{"id": i, "native_id": str(i), "customer_id": i, **author} for i in ids])
        tx.execute(insert(conversations), [{"id": i, "native_id": str(i), **network} for i in ids])
        post = {**network, "text": "x", "media": [], "published_at": now, "received_at": now}
        rows = [{"id": i, "native_id": str(i), "conversation_id": i, "author_id": i, **post} for i in ids]
        tx.execute(insert(mentions), rows)
        tx.execute(insert(cases), [a_case(ctx, brand_id, i) for i in ids])
        tx.execute(insert(case_mentions), [{"case_id": i, "mention_id": i, "added_at": now} for i in ids])
    return list(ids)


def a_case(ctx: Context, brand_id: int, number: int) -> dict[str, object]:
    now = ctx.clock() - timedelta(minutes=number)
    labels = {"sentiment": "neutral", "kind": "question", "urgency": 1.0, "urgency_level": 1}
    times = {"opened_at": now, "waiting_since": now, "last_mention_at": now}
    fixed = {"brand_id": brand_id, "state": "new", "channel": "fake", "priority": float(number), "reasons": []}
    return {"id": number, "customer_id": number, "last_mention_id": number, **labels, **times, **fixed}


def claim_all(ctx: Context, wanted: list[int]) -> dict[str, object]:
    """What one person got, lost and ran into."""
    won, lost, errors = [], 0, []
    for case_id in wanted:
        try:
            won.append(claims.claim(ctx, case_id).id)
        except AlreadyClaimed as refusal:
            lost += refusal.by != "" and refusal.by_id != ctx.actor.user_id
        except Exception:
            errors.append(traceback.format_exc(limit=3))
    return {"won": won, "lost": lost, "errors": errors}


def in_a_process(ctx: Context, jobs: list[tuple[Context, list[int]]], answer: Path) -> int:
    child = os.fork()
    if child == 0:
        try:
            store = Store(ctx.settings.effective_database_url)
            with ThreadPoolExecutor(len(jobs)) as people:
                done = people.map(lambda job: claim_all(replace(job[0], store=store), job[1]), jobs)
                answer.write_text(json.dumps(list(done)))
        finally:
            os._exit(0)
    return child


@pytest.mark.timeout(300)
def test_32_claimers_on_5000_cases_without_a_double_a_loss_or_an_error(ctx, brand, member, tmp_path) -> None:
    ids = many_cases(ctx, brand.id)
    people = [ctx.acting_as(colleague(member(f"p{n}"))) for n in range(CLAIMERS)]
    dice = random.Random(7)
    dice.shuffle(ids)
    contested, rest = ids[:CONTESTED], ids[CONTESTED:]
    jobs = []
    for number, person in enumerate(people):
        wanted = [*contested, *rest[number::CLAIMERS]]
        dice.shuffle(wanted)
        jobs.append((person, wanted))
    ctx.store.close()
    answers = [tmp_path / f"{n}.json" for n in range(PROCESSES)]
    children = [in_a_process(ctx, jobs[n::PROCESSES], answers[n]) for n in range(PROCESSES)]
    for child in children:
        os.waitpid(child, 0)
    results = [one for path in answers for one in json.loads(path.read_text())]
    assert [e for one in results for e in one["errors"]] == []
    assert sorted(i for one in results for i in one["won"]) == sorted(ids)
    assert sum(one["lost"] for one in results) == CONTESTED * (CLAIMERS - 1)
    with ctx.store.read() as tx:
        assert tx.execute(select(func.count()).where(cases.c.state == "open")).scalar_one() == CASES
        assert tx.execute(select(func.count()).where(case_events.c.kind == "claimed")).scalar_one() == CASES
        lines = select(func.count()).where(audit.c.action == "case.claim", audit.c.outcome == "done")
        assert tx.execute(lines).scalar_one() == CASES
