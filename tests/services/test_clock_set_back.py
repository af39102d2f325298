"""When the machine's clock is set back by a day, does work go on at once instead of a day later?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from db import leases
from desk.alert_words import speak
from domain.errors import OutcomeUnknown, RateLimited, SignInRefused
from domain.export import Scope
from services import (
    alert_delivering,
    alert_looking,
    cases,
    claims,
    delivering,
    drafts,
    health,
    intake,
    outbox,
    sign_in,
    tokens,
    trail,
)
from services.alert_post import Outcome
from tests.services.alerted import listen, office, settings, told

__all__ = ["office", "settings", "told"]

DAY = timedelta(days=1)


def test_listening_goes_on_though_the_last_poll_lies_ahead(ctx, watch, clock):
    assert intake.poll_due(ctx, worker="a")
    clock.now -= DAY
    assert [o.channel for o in intake.poll_due(ctx, worker="a")] == ["fake"]
    assert not intake.poll_due(ctx, worker="a"), "due once, not without end"


def test_a_network_that_asks_for_patience_gets_it_though_the_clock_was_set_back(ctx, watch, network, clock):
    intake.poll_due(ctx, worker="a")
    clock.now -= DAY
    network.fetch_failures = [RateLimited(retry_after_s=900), RateLimited(retry_after_s=900)]
    assert len(intake.poll_due(ctx, worker="a")) == 1 and not intake.poll_due(ctx, worker="a")


def test_a_lease_of_a_dead_holder_from_before_does_not_hold_for_a_day(ctx, clock):
    def take(owner):
        with ctx.store.write() as tx:
            return leases.acquire(tx, "x", owner=owner, now=clock(), until=clock() + timedelta(minutes=1))

    first = take("a")
    clock.now -= timedelta(minutes=4)
    assert take("b") is None, "two machines' clocks may differ a little"
    clock.now -= DAY
    assert take("b") == first + 1


def test_a_lock_from_before_lets_a_colleague_type(ctx, say, acting, clock):
    case_id = say("BAD parcel")
    giulia, paolo = acting("giulia"), acting("paolo")
    assert claims.lock(giulia, case_id).mine and not claims.lock(paolo, case_id).mine
    clock.now -= DAY
    assert claims.lock(paolo, case_id).mine


def test_wrong_passwords_of_a_day_to_come_lock_nobody_out(ctx, clock):
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

    def reason():
        with pytest.raises(SignInRefused) as refusal:
            sign_in.sign_in(ctx, "nobody", "x", address="10.0.0.1", hasher=cheap)
        return refusal.value.values["reason"]

    while reason() == "wrong":
        pass
    clock.now -= DAY
    assert [reason() for _ in range(ctx.settings.sign_in_attempts + 1)][-2:] == ["wrong", "too_many"]


def test_a_worker_last_seen_tomorrow_does_not_count_as_alive(ctx, clock):
    health.beat(ctx, "worker")
    clock.now -= DAY
    assert not health.ready(ctx)
    health.beat(ctx, "worker")
    assert health.ready(ctx)


def test_a_reply_goes_out_and_is_looked_up_though_its_times_lie_a_day_ahead(ctx, say, acting, account, clock, network):
    case_id, giulia = say("BAD parcel"), acting("giulia")
    claims.claim(giulia, case_id)
    post = cases.view(giulia, case_id).route.mention_id
    drafts.submit(giulia, drafts.save(giulia, case_id, mention_id=post, text="On its way").reply_id, undo_s=0)
    clock.now -= DAY
    network.failures, network.lose_receipts = [OutcomeUnknown()], True
    assert outbox.deliver_due(ctx, worker="a").uncertain == 1
    clock.now -= DAY
    assert outbox.reconcile(ctx, worker="a").sent == 1 and network.texts == ["On its way"]


def test_a_sender_that_died_before_the_clock_was_set_back_is_given_up(ctx, say, acting, account, clock, network):
    case_id, giulia = say("BAD parcel"), acting("giulia")
    claims.claim(giulia, case_id)
    post = cases.view(giulia, case_id).route.mention_id
    reply_id = drafts.submit(
        giulia, drafts.save(giulia, case_id, mention_id=post, text="Hi").reply_id, undo_s=0
    ).reply_id
    delivering.start(ctx, reply_id, worker="a")
    clock.now -= DAY
    assert outbox.reconcile(ctx, worker="b").uncertain == 1


def test_an_urgent_case_is_told_though_the_last_message_lies_a_day_ahead(ctx, say, acting, clock, told):
    listen(acting("olga"))
    clock.move(days=1, hours=1)
    say("URGENT it smells of gas")
    clock.move(minutes=16)
    assert told() == [("olga", "unowned")]
    clock.now -= DAY
    say("URGENT it smells of gas", author="zoe")
    clock.move(minutes=16)
    assert [told(), told()] == [[("olga", "unowned")], []]


def test_a_message_that_waits_for_tomorrow_goes_out_and_is_not_tried_at_every_look(ctx, say, acting, clock, office):
    listen(acting("olga"))
    say("URGENT it smells of gas")
    clock.move(minutes=16)
    alert_looking.look(ctx)
    clock.now -= DAY
    office.outcomes = [Outcome(False, "slow")]
    assert len(alert_delivering.due(ctx)) == 1
    alert_delivering.deliver_due(ctx, speak, worker="a", post=office)
    assert not alert_delivering.due(ctx)
    clock.move(minutes=1)
    alert_delivering.deliver_due(ctx, speak, worker="a", post=office)
    assert not alert_delivering.due(ctx)


def test_reading_names_is_written_down_though_the_last_line_lies_a_day_ahead(ctx, clock):
    scopes = [Scope.MENTIONS, Scope.IDENTIFIED]
    bearer = tokens.bearer_of(ctx, tokens.add(ctx, name="BI", scopes=scopes, purpose="Survey on the launch").secret)
    for lines in (1, 2, 2):
        tokens.note_names(ctx, bearer)
        assert sum(line.action == "api.read" for line in trail.page(ctx, rows=20)) == lines
        if lines == 1:
            clock.now -= DAY
