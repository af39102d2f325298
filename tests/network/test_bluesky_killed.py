"""Is each reply on the real Bluesky exactly once, and not even written twice, when kills and losses come together?

One mishap at a time, on every engine and database, is in test_bluesky_matrix.py.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from services import brands, outbox
from tests.network.sending import Sending, work
from tests.peers.faulty_way import QUICK, Fault, FaultyWay
from tests.services.fragile_desk import Point, in_a_process

pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.timeout(400)]


@pytest.fixture
def way(sending: Sending, bluesky_network) -> Iterator[FaultyWay]:
    """Our account reaches the network through a bad line."""
    between = FaultyWay(bluesky_network.pds)
    [account] = brands.list_accounts(sending.ctx, sending.watch.brand_id)
    with sending.ctx.store.write() as tx:
        from db import brands as brands_db

        brands_db.change_account(tx, account.id, base_url=between.url)
    yield between
    between.close()


@pytest.mark.parametrize("fault", QUICK, ids=lambda fault: fault.name.lower())
def test_line_that_loses_a_write_or_its_answer_leaves_the_reply_exactly_once(sending: Sending, way, fault) -> None:
    replies = [sending.queue(1)]
    way.faults = [fault, fault]
    outcome = outbox.deliver_due(sending.ctx, worker="w1")
    assert (outcome.uncertain, outcome.requeued) == ((0, 1) if fault == Fault.LIMITED else (1, 0))
    sending.settle()
    assert sending.is_each_once(replies)
    # What had arrived was found by looking, not sent again.
    assert way.writes == (1 if fault in (Fault.LOST_AFTER, Fault.ERROR_AFTER) else 3)


def test_kills_and_losses_in_any_order_leave_each_reply_exactly_once(sending: Sending, way) -> None:
    fate, replies = random.Random(11), []
    for number in range(4):
        replies.append(sending.queue(number))
        way.faults = [fate.choice(QUICK) for _ in range(fate.randrange(3))]
        sending.clock.move(seconds=fate.choice([0, 1, 61, 125]))
        in_a_process(sending.ctx, fate.choice([*Point, None]), work, through=sending.ctx.channels)
    way.faults = []
    sending.settle()
    assert sending.is_each_once(replies)


def test_desk_restored_from_an_older_copy_finds_what_it_sent_and_sends_nothing_twice(sending: Sending) -> None:
    from db import replies as replies_db
    from services import restoring

    replies = [sending.queue(1)]
    with sending.ctx.store.read() as tx:
        before = replies_db.get(tx, replies[0])
    work(sending.ctx)
    with sending.ctx.store.write() as tx:
        sent = replies_db.get(tx, replies[0])
        older = {name: getattr(before, name) for name in ("status", "prepared", "attempts", "first_attempt_at")}
        replies_db.change(tx, sent, **older, remote_id=None, url=None, sent_at=None)
    assert restoring.doubt_replies(replace(sending.ctx)) == 1
    sending.settle()
    assert sending.is_each_once(replies)
