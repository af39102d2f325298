"""Does every message arrive at least once, in peace, for whoever may know of it, and is giving up said?"""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text

from db.tables import alert_deliveries
from desk.alert_words import outcome_words, speak
from desk.i18n import speaking
from domain.alert import MOST_ATTEMPTS, SAID_AFTER_ATTEMPTS, AlertKind, DeliveryState
from domain.errors import Invalid
from domain.people import Role
from services import alert_addresses, alert_delivering, alert_looking, claims, keyring, team
from services.alert_post import Outcome
from services.notices import unread
from tests.services.alerted import PostOffice, listen, office, settings, states, told

__all__ = ["office", "settings", "told"]

ROME = {"timezone": "Europe/Rome", "from_min": 22 * 60, "until_min": 7 * 60}


@pytest.fixture
def waiting(say, acting, ctx, clock):
    """A message about an urgent case is in the outbox, for Olga."""
    olga = acting("olga")
    listen(olga)
    say("URGENT it smells of gas")
    clock.move(minutes=16)
    alert_looking.look(ctx)
    return olga


def test_what_fails_is_tried_again_after_growing_waits_and_then_given_up_aloud(waiting, ctx, office, clock) -> None:
    office.outcomes = [Outcome(False, "refused", 500)] * MOST_ATTEMPTS
    waits, began = [], clock()
    for attempt in range(1, MOST_ATTEMPTS + 1):
        alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
        said = [(n.kind, n.details) for n in unread(waiting)]
        assert said == ([("alert_undelivered", {"address": 1})] if attempt >= SAID_AFTER_ATTEMPTS else [])
        with ctx.store.read() as tx:
            next_at = tx.execute(select(alert_deliveries.c.next_at)).scalar_one()
        waits.append((next_at - clock()).total_seconds())
        clock.now = max(clock(), next_at)
    assert waits[0] < 45 and max(waits[:-1]) <= 1800 * 1.2 and clock() - began > timedelta(hours=9)
    assert states(ctx) == [("given_up", "refused_500")] and office.letters == [] and not alert_delivering.due(ctx)


def test_a_receiver_that_was_down_for_hours_is_told_in_the_end(waiting, ctx, office, clock) -> None:
    began = clock()
    while states(ctx) != [("sent", None)]:
        is_down = clock() - began < timedelta(hours=6)
        office.outcomes = [Outcome(False, "slow")] if is_down else []
        alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
        clock.move(minutes=15)
    assert office.read() == [("olga", "unowned")] and clock() - began < timedelta(hours=7)


def test_a_receiver_that_was_down_for_a_night_hears_once_of_what_still_waits(waiting, ctx, office, clock) -> None:
    began = clock()
    while clock() - began < timedelta(hours=11):
        office.outcomes = [Outcome(False, "slow")] * 20 if clock() - began < timedelta(hours=10) else []
        if office.outcomes:
            alert_looking.look(ctx)
        alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
        clock.move(minutes=5)
    assert office.read() == [("olga", "unowned")]
    assert [n.kind for n in unread(waiting)] == ["alert_undelivered"]
    assert {state for state, _ in states(ctx)} == {"dropped", "sent"}


def test_an_address_to_which_each_message_is_followed_by_a_newer_one_is_said_to_be_unreached(
    waiting, ctx, office, clock, say
) -> None:
    for n in range(12):
        say("URGENT it smells of gas", author=f"a{n}", at=clock() - timedelta(minutes=16))
        alert_looking.look(ctx)
        for _ in range(5):
            office.outcomes = [Outcome(False, "slow")] * 20
            alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
            clock.move(minutes=2)
    assert [n.kind for n in unread(waiting)] == ["alert_undelivered"]


def test_a_worker_that_dies_when_it_should_be_said_leaves_it_to_be_said_next_time(waiting, ctx, office, clock) -> None:
    def dies(*given):
        raise KeyboardInterrupt

    office.outcomes = [Outcome(False, "slow")] * MOST_ATTEMPTS
    for _ in range(SAID_AFTER_ATTEMPTS - 1):
        alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
        clock.move(minutes=20)
    (number,) = alert_delivering.due(ctx)
    with pytest.raises(KeyboardInterrupt):
        alert_delivering.deliver_one(ctx, speak, number, worker="w1", post=dies)
    clock.move(minutes=20)
    assert unread(waiting) == []
    alert_delivering.deliver_due(ctx, speak, worker="w2", post=office)
    assert [n.kind for n in unread(waiting)] == ["alert_undelivered"]


def test_an_address_that_can_never_be_reached_is_given_up_at_once(waiting, ctx, office) -> None:
    office.outcomes = [Outcome(False, "private")]
    assert alert_delivering.deliver_due(ctx, speak, worker="w1", post=office) == {"given_up": 1}
    assert [n.kind for n in unread(waiting)] == ["alert_undelivered"]


def test_a_worker_killed_after_sending_sends_once_more(waiting, ctx, office, clock) -> None:
    class Killed(BaseException):
        pass

    def sends_and_dies(*given):
        office(*given)
        raise Killed

    (number,) = alert_delivering.due(ctx)
    with pytest.raises(Killed):
        alert_delivering.deliver_one(ctx, speak, number, worker="w1", post=sends_and_dies)
    assert alert_delivering.due(ctx) == [] and states(ctx) == [("sending", None)]
    clock.move(seconds=alert_delivering.LEASE.total_seconds() + 1)
    alert_delivering.deliver_due(ctx, speak, worker="w2", post=office)
    assert office.read() == [("olga", "unowned")] * 2 and states(ctx) == [("sent", None)]


@pytest.mark.parametrize("breaks", ["words", "post"])
def test_what_breaks_on_the_way_is_counted_and_given_up_in_the_end(waiting, ctx, clock, caplog, breaks) -> None:
    def broken(*given):
        raise RuntimeError("hush-address-1")

    tries = 0
    while states(ctx)[0][0] != "given_up":
        assert (tries := tries + 1) <= MOST_ATTEMPTS
        said = broken if breaks == "words" else speak
        alert_delivering.deliver_due(ctx, said, worker="w1", post=broken)
        assert states(ctx)[0][0] != "sending"
        clock.move(minutes=37)
    assert states(ctx) == [("given_up", "broken")] and tries == MOST_ATTEMPTS
    assert [n.kind for n in unread(waiting)] == ["alert_undelivered"]
    assert "error=RuntimeError" in caplog.text and "hush" not in caplog.text


def test_who_lost_a_lease_no_longer_settles_the_message(waiting, ctx, office, clock) -> None:
    (number,) = alert_delivering.due(ctx)

    def slow(*given):
        clock.move(seconds=alert_delivering.LEASE.total_seconds() + 1)
        assert alert_delivering.deliver_one(ctx, speak, number, worker="w2", post=office) == DeliveryState.SENT
        return Outcome(False, "slow")

    alert_delivering.deliver_one(ctx, speak, number, worker="w1", post=slow)
    assert states(ctx) == [("sent", None)]


@pytest.mark.databases("sqlite")
def test_what_is_due_is_found_through_its_own_index(waiting, ctx) -> None:
    seen = []

    def note(_connection, _cursor, statement, parameters, *_more):
        seen.append((statement, parameters))

    event.listen(ctx.store.engine, "before_cursor_execute", note)
    assert len(alert_delivering.due(ctx)) == 1
    event.remove(ctx.store.engine, "before_cursor_execute", note)
    ((statement, given),) = [(said, given) for said, given in seen if said.startswith("SELECT")]
    with ctx.store.read() as tx:
        plan = [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)]
    assert any("ix_alert_deliveries_due" in line for line in plan), plan


def test_two_workers_at_once_send_each_message_once(acting, say, ctx, clock) -> None:
    for name in ("olga", "ugo", "pia"):
        listen(acting(name))
    for n in range(3):
        say("URGENT it smells of gas", author=f"a{n}")
    clock.move(minutes=16)
    office, start = PostOffice(), threading.Barrier(2)

    def work(name: str) -> None:
        start.wait()
        alert_looking.look(ctx)
        alert_delivering.deliver_due(ctx, speak, worker=name, post=office)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("w1", "w2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
    assert office.read() == [("olga", "unowned"), ("pia", "unowned"), ("ugo", "unowned")]


def test_who_left_or_lost_the_role_or_is_away_hears_nothing(waiting, acting, ctx, told, say, clock) -> None:
    ada = acting("ada", roles=("admin",))
    ugo, pia = acting("ugo"), acting("pia")
    for person in (ugo, pia):
        listen(person)
    say("URGENT again", author="b")
    clock.move(minutes=16)
    alert_looking.look(ctx)
    team.disable(ada, waiting.actor.user_id)
    team.set_roles(ada, ugo.actor.user_id, [Role.MARKETING])
    team.set_away(pia, pia.actor.user_id, away=True)
    assert told() == []
    assert set(states(ctx)) == {("dropped", "not_allowed")}


def test_quiet_hours_wait_until_morning_and_drop_what_is_over(acting, say, ctx, told, clock) -> None:

    olga, ugo = acting("olga"), acting("ugo")
    for person in (olga, ugo):
        listen(person)
        alert_addresses.set_quiet(person, urgent_anyway=person is ugo, **ROME)
    clock.move(hours=12, minutes=30)  # 22:30 in Rome
    case_id = say("URGENT it smells of gas")
    clock.move(minutes=16)
    assert told() == [("ugo", "unowned")], "they wanted to be woken"
    clock.move(hours=5)
    assert told() == [("ugo", "unowned")]
    clock.move(hours=3, minutes=30)
    assert told() == [("olga", "unowned"), ("ugo", "unowned")], "at seven by her clock, once for the whole night"
    clock.move(hours=15)  # the next night
    alert_looking.look(ctx)
    claims.claim(ugo, case_id)
    clock.move(hours=9)
    assert told() == []


def test_a_test_comes_at_any_hour(acting, told, clock) -> None:
    olga = acting("olga")
    number = listen(olga)
    alert_addresses.set_quiet(olga, urgent_anyway=False, **ROME)
    clock.move(hours=14)
    alert_addresses.test(olga, number)
    assert told() == [("olga", "test")]


def test_hours_and_zones_that_do_not_exist_are_refused(acting) -> None:
    olga = acting("olga")
    for wrong in ({"timezone": "Europe/Atlantis"}, {"from_min": 1500}, {"from_min": 60, "until_min": 60}):
        with pytest.raises(Invalid):
            alert_addresses.set_quiet(olga, urgent_anyway=False, **{**ROME, **wrong})
    alert_addresses.set_quiet(olga, urgent_anyway=False, **ROME)
    assert alert_addresses.quiet(olga).from_min == 22 * 60
    alert_addresses.no_quiet(olga)
    assert alert_addresses.quiet(olga) is None


def test_a_lost_key_is_waited_for_and_named(waiting, ctx, office, clock) -> None:
    ring = keyring.of(ctx.settings)
    hidden = ring.file.rename(ring.file.with_suffix(".away"))
    alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
    assert states(ctx) == [("waiting", "key_missing")]
    hidden.rename(ring.file)
    clock.move(minutes=1)
    alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
    assert office.read() == [("olga", "unowned")]


def test_what_is_a_day_old_wakes_nobody(waiting, ctx, told, clock) -> None:
    clock.move(hours=25)
    with ctx.store.write() as tx:  # Nothing new meanwhile.
        tx.execute(text("DELETE FROM alert_causes"))
        tx.execute(text("UPDATE cases SET urgency_level = 1"))
    assert told() == [] and states(ctx) == [("dropped", "over")]


def test_what_ended_long_ago_is_forgotten(waiting, ctx, told, clock) -> None:
    assert told() == [("olga", "unowned")]
    clock.move(days=33)
    alert_looking.clear_up(ctx)
    with ctx.store.read() as tx:
        left = [tx.execute(text(f"SELECT count(*) FROM {t}")).scalar() for t in ("alert_deliveries", "alert_causes")]
    assert left == [0, 0]


def test_an_address_taken_away_takes_its_messages_along(waiting, told) -> None:
    (view,) = alert_addresses.mine(waiting)
    alert_addresses.remove(waiting, view.address_id)
    assert told() == []


def test_the_end_of_a_message_is_said_in_words() -> None:
    with speaking("en"):
        assert outcome_words(DeliveryState.GIVEN_UP, "refused_404") == (
            "not delivered: the other side did not take it (404)"
        )
        assert outcome_words(DeliveryState.SENT, None) == "delivered"
        assert outcome_words(DeliveryState.DROPPED, "over") == "not needed any more"


def test_a_hostile_brand_name_is_no_markup_and_no_second_line(ctx, waiting, office) -> None:
    with ctx.store.write() as tx:
        tx.execute(text("UPDATE brands SET name = :name"), {"name": "Au<!channel>ro*ra* [x](http://evil)\r\nBcc: y"})
    alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
    ((_, message),) = office.letters
    assert message.subject.startswith("Au!channelrora xhttp://evil Bcc: y: ") and "\n" not in message.subject
    assert "evil" not in message.body
    assert replace(message, body="").fields["kind"] == AlertKind.UNOWNED
