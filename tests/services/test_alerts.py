"""Who is told of what, once a cause, by their own choice and never of what is over?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, insert, text

from collectors.protocol import Page
from db import alert_causes, meta
from db import spikes as spikes_db
from db.tables import replies, spikes
from desk.alert_words import speak
from domain.alert import CHOOSABLE, AlertKind
from domain.errors import Invalid, NotAllowed, NotFound, NotPossible, OutcomeUnknown, Unauthorized
from services import (
    account_secrets,
    alert_addresses,
    alert_delivering,
    alert_looking,
    brands,
    cases,
    claims,
    drafts,
    intake,
    losing,
    outbox,
    promises,
    team,
    watches,
)
from services import spikes as spikes_service
from services.spending import spent_name
from tests.fakes import a_post
from tests.leaks import WORDS
from tests.services.alerted import listen, office, settings, states, told

__all__ = ["office", "settings", "told"]


def test_an_urgent_case_without_an_owner_is_told_once_and_again_after_an_hour(say, acting, told, clock) -> None:
    olga, mara = acting("olga"), acting("mara", roles=("marketing",))
    listen(olga)
    with pytest.raises(Invalid):
        listen(mara, AlertKind.UNOWNED)
    case_id = say("URGENT it smells of gas")
    say("BAD parcel", author="ugo")
    assert told() == []
    clock.move(minutes=16)
    assert [told(), told()] == [[("olga", "unowned")], []]
    clock.move(minutes=30)
    assert told() == []
    clock.move(minutes=31)
    assert told() == [("olga", "unowned")]
    claims.claim(olga, case_id)
    clock.move(hours=3)
    assert told() == []


def test_forty_cases_are_one_message(say, acting, ctx, office, clock) -> None:
    listen(acting("olga"))
    numbers = [say("URGENT it smells of gas", author=f"a{n}") for n in range(40)]
    clock.move(minutes=16)
    assert alert_looking.look(ctx) == 1
    alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
    ((_, message),) = office.letters
    assert message.body.startswith("40 cases that cannot wait have nobody")
    assert message.fields["about_cases"] == sorted(numbers)


def test_a_storm_of_cases_is_a_few_messages_and_one_an_hour_after_it(say, acting, ctx, office, clock) -> None:
    listen(acting("olga"))

    def hour() -> list[int]:
        """How many cases each message names."""
        for _ in range(30):
            alert_looking.look(ctx)
            alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
            clock.move(minutes=2)
        told = [len(message.fields["about_cases"]) for _, message in office.letters]
        office.letters.clear()
        return told

    first = clock()
    for n in range(30):
        say("URGENT it smells of gas", author=f"a{n}", at=first + timedelta(minutes=2 * n))
    clock.move(minutes=16)
    assert hour() == [1, 6, 11, 16, 21, 26], "each ten minutes, all that wait"
    assert [hour(), hour()] == [[30], [30]], "the last ones, then all again once an hour"


def test_it_takes_no_more_questions_to_look_at_many_cases(say, acting, ctx, clock) -> None:
    listen(acting("olga"))
    say("URGENT it smells of gas", author="first")
    clock.move(minutes=16)
    alert_looking.look(ctx)

    def asked() -> int:
        seen = []
        event.listen(ctx.store.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
        assert alert_looking.look(ctx) == 0
        return len(seen)

    few = asked()
    for n in range(20):
        say("URGENT it smells of gas", author=f"a{n}")
    clock.move(minutes=16)
    assert alert_looking.look(ctx) == 1
    assert asked() == few


def test_no_word_name_or_handle_of_a_customer_leaves_the_house(say, acting, told, office, ctx, clock) -> None:
    listen(acting("olga", language="it"))
    say(f"URGENT {WORDS} it smells of gas", author="marabianchi")
    clock.move(minutes=16)
    alert_looking.look(ctx)
    alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
    ((address, message),) = office.letters
    whole = json.dumps([message.subject, message.body, dict(message.fields)])
    assert WORDS not in whole and "marabianchi" not in whole.lower() and "gas" not in whole
    assert address == "olga@aurora.test" and "https://desk.test/?case=" in message.body
    assert message.subject == "Aurora: Un caso urgente che nessuno ha preso"


def test_a_promise_goes_to_its_owner_and_to_who_stands_in(say, acting, told, clock, ctx) -> None:
    giulia, paolo = acting("giulia"), acting("paolo", roles=("manager",))
    listen(giulia, AlertKind.PROMISE)
    listen(paolo, AlertKind.PROMISE)
    case_id = say("BAD parcel")
    claims.claim(giulia, case_id)
    promise = promises.add(giulia, case_id, text="call back", due_at=clock() + timedelta(hours=2))
    assert told() == []
    clock.move(minutes=65)
    assert [told(), told()] == [[("giulia", "promise")], []]
    other = promises.add(giulia, case_id, text="and again", due_at=clock() + timedelta(minutes=30))
    team.set_away(giulia, giulia.actor.user_id, away=True)
    assert told() == [("paolo", "promise")] * 2, "of what she heard of before she went, too"
    promises.keep(giulia, promise.promise_id)
    promises.keep(giulia, other.promise_id)


def test_whoever_stands_in_hears_of_a_promise_whose_owner_goes_before_it_is_told(say, acting, told, clock, ctx) -> None:
    giulia, paolo = acting("giulia"), acting("paolo", roles=("manager",))
    for person in (giulia, paolo):
        listen(person, AlertKind.PROMISE)
    case_id = say("BAD parcel")
    claims.claim(giulia, case_id)
    promise = promises.add(giulia, case_id, text="call back", due_at=clock() + timedelta(minutes=30))
    assert alert_looking.look(ctx) == 1
    team.set_away(giulia, giulia.actor.user_id, away=True)
    assert [told(), told()] == [[("paolo", "promise")], []]
    team.set_away(giulia, giulia.actor.user_id, away=False)
    assert [told(), told()] == [[("giulia", "promise")], []], "hers did not leave while she was away"
    promises.keep(giulia, promise.promise_id)


@pytest.mark.parametrize("kind", [AlertKind.PROMISE, AlertKind.REPLY])
def test_who_comes_and_goes_among_those_who_stand_in_makes_no_news_of_it(
    say, acting, account, network, told, clock, ctx, kind
) -> None:
    giulia, ada = acting("giulia"), acting("ada", roles=("manager",))
    leaders = [acting(name, roles=("manager",)) for name in ("paolo", "quinto")]
    for person in leaders:
        listen(person, kind)
    listen(ada, kind, team=True, name="room")
    case_id = say("BAD parcel")
    claims.claim(giulia, case_id)
    if kind is AlertKind.PROMISE:
        promises.add(giulia, case_id, text="call back", due_at=clock() + timedelta(minutes=40))
    else:
        post = cases.view(giulia, case_id).route.mention_id
        drafts.submit(giulia, drafts.save(giulia, case_id, mention_id=post, text="Done").reply_id, undo_s=0)
        network.failures = [OutcomeUnknown()]
        outbox.deliver_due(ctx, worker="w1")
        clock.move(minutes=16)
    team.set_away(giulia, giulia.actor.user_id, away=True)
    assert told() == [(name, str(kind)) for name in ("paolo", "quinto", "room")]
    for person, away in ((leaders[1], True), (leaders[1], False), (giulia, False), (giulia, True)):
        team.set_away(person, person.actor.user_id, away=away)
        assert told() == []


def test_a_promise_that_comes_back_before_its_owner_heard_of_it_is_told_to_them(say, acting, told, clock, ctx) -> None:
    giulia, ugo = acting("giulia"), acting("ugo")
    for person in (giulia, ugo):
        listen(person, AlertKind.PROMISE)
    case_id = say("BAD parcel")
    claims.claim(giulia, case_id)
    promises.add(giulia, case_id, text="call back", due_at=clock() + timedelta(minutes=30))
    assert alert_looking.look(ctx) == 1
    claims.take(ugo, case_id, reason="She goes home, I stay")
    assert told() == [("ugo", "promise")]
    claims.take(giulia, case_id, reason="I stay after all")
    assert [told(), told()] == [[("giulia", "promise")], []]
    claims.take(ugo, case_id, reason="Now she goes")
    assert told() == [], "he heard of it before"


def test_a_promise_that_passed_to_a_colleague_is_told_to_them_alone(say, acting, told, clock, ctx) -> None:
    giulia, ugo = acting("giulia"), acting("ugo")
    for person in (giulia, ugo):
        listen(person, AlertKind.PROMISE)
    case_id = say("BAD parcel")
    claims.claim(giulia, case_id)
    promises.add(giulia, case_id, text="call back", due_at=clock() + timedelta(minutes=30))
    assert alert_looking.look(ctx) == 1
    claims.take(ugo, case_id, reason="She goes home, I stay")
    assert [told(), told()] == [[("ugo", "promise")], []]


def test_a_promise_kept_meanwhile_is_not_told(say, acting, ctx, told, clock) -> None:
    giulia = acting("giulia")
    listen(giulia, AlertKind.PROMISE)
    case_id = say("BAD parcel")
    claims.claim(giulia, case_id)
    promise = promises.add(giulia, case_id, text="call back", due_at=clock() + timedelta(minutes=30))
    assert alert_looking.look(ctx) == 1
    promises.keep(giulia, promise.promise_id)
    assert told() == [] and states(ctx) == [("dropped", "over")]


def test_a_reply_in_doubt_for_long_is_told(say, acting, account, ctx, network, told, clock) -> None:
    giulia = acting("giulia")
    listen(giulia, AlertKind.REPLY)
    case_id = say("BAD parcel")
    claims.claim(giulia, case_id)
    post = cases.view(giulia, case_id).route.mention_id
    drafts.submit(giulia, drafts.save(giulia, case_id, mention_id=post, text="Done").reply_id, undo_s=0)
    network.failures = [OutcomeUnknown()]
    outbox.deliver_due(ctx, worker="w1")
    assert told() == []
    clock.move(minutes=16)
    assert [told(), told()] == [[("giulia", "reply")], []]


@pytest.mark.databases("sqlite")
def test_replies_in_doubt_are_found_without_reading_all_that_were_sent(say, acting, account, ctx, clock) -> None:
    giulia = acting("giulia")
    case_id = say("BAD parcel")
    claims.claim(giulia, case_id)
    post = cases.view(giulia, case_id).route.mention_id
    row = {"case_id": case_id, "mention_id": post, "channel": "fake", "author_id": giulia.actor.user_id, "text": "Done"}
    row |= {"status": "sent", "created_at": clock(), "updated_at": clock(), "sent_at": clock(), "send_after": clock()}
    seen = []
    with ctx.store.write() as tx:
        tx.execute(insert(replies), [{**row, "idempotency_key": f"k{n}"} for n in range(400)])
        tx.execute(text("ANALYZE"))
        event.listen(tx, "before_cursor_execute", lambda c, cur, said, given, *more: seen.append((said, given)))
        assert alert_causes.replies_in_doubt(tx, since=clock()) == []
        [(said, given)] = seen
        plan = [line[3] for line in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given)]
    assert any("SEARCH replies" in line for line in plan) and not any("SCAN replies" in line for line in plan), plan


def test_a_channel_is_told_as_lost_and_as_back_to_who_can_act(ctx, brand, watch, network, acting, told, clock) -> None:
    olga, paolo = acting("olga"), acting("paolo", roles=("manager",))
    listen(paolo, AlertKind.BLIND)
    with pytest.raises(Invalid):
        listen(olga, AlertKind.BLIND)
    network.fetch_failures = [Unauthorized("The token has expired.")]
    intake.poll(ctx, "fake", watch.id)
    losing.tell_changes(ctx)
    assert [told(), told()] == [[("paolo", "blind")], []]
    intake.poll(ctx, "fake", watch.id)
    losing.tell_changes(ctx)
    assert told() == [("paolo", "blind")]


@pytest.mark.parametrize(
    ("course", "last"),
    [
        ([("lost", 5), ("back", 5), ("lost", 5)], "lost"),
        ([("lost", 5), ("back", 50), ("lost", 15), ("back", 5)], "back"),
    ],
)
def test_of_a_channel_that_comes_and_goes_the_last_word_outside_is_true(
    ctx, watch, network, acting, told, clock, office, course, last
) -> None:
    listen(acting("paolo", roles=("manager",)), AlertKind.BLIND)

    def answers(state: str, minutes: int) -> None:
        clock.move(minutes=minutes)
        network.fetch_failures = [Unauthorized("The token has expired.")] if state == "lost" else []
        intake.poll(ctx, "fake", watch.id)

    def becomes(state: str, minutes: int) -> None:
        answers(state, minutes)
        assert losing.tell_changes(ctx) == 1

    heard = []
    for state, minutes in course:
        becomes(state, minutes)
        heard += told()
    assert heard == [("paolo", "blind")] * (len(course) - 1), "one of each an hour is enough"
    answers(last, minutes=52)
    alert_looking.look(ctx)
    alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
    assert [message.fields["about_state"] for _, message in office.letters] == [last]
    office.letters.clear()
    clock.move(hours=3)
    assert told() == [], "said once"
    becomes("lost" if last == "back" else "back", 5)
    assert told() == [("paolo", "blind")]


def test_a_night_of_comings_and_goings_is_one_message_in_the_morning(
    ctx, watch, network, acting, told, clock, office
) -> None:
    paolo = acting("paolo", roles=("manager",))
    listen(paolo, AlertKind.BLIND)
    alert_addresses.set_quiet(
        paolo, timezone="UTC", from_min=clock().hour * 60, until_min=(clock().hour + 8) % 24 * 60, urgent_anyway=False
    )
    for state in ("lost", "back", "lost", "back", "lost"):
        clock.move(minutes=65)
        network.fetch_failures = [Unauthorized("The token has expired.")] if state == "lost" else []
        intake.poll(ctx, "fake", watch.id)
        assert losing.tell_changes(ctx) == 1 and told() == []
    clock.move(hours=4)
    # Several leave at once, in any order: the newest first here.
    for number in reversed(alert_delivering.due(ctx)):
        alert_delivering.deliver_one(ctx, speak, number, worker="w1", post=office)
    assert [message.fields["about_state"] for _, message in office.letters] == ["lost"]


def test_of_a_watch_that_rests_nothing_is_said(ctx, watch, network, acting, told, clock) -> None:
    listen(acting("paolo", roles=("manager",)), AlertKind.BLIND)
    network.fetch_failures = [Unauthorized("The token has expired.")]
    intake.poll(ctx, "fake", watch.id)
    losing.tell_changes(ctx)
    assert told() == [("paolo", "blind")]
    watches.remove_watch(ctx, watch.id, version=watch.version)
    clock.move(hours=2)
    assert told() == []


def test_a_ceiling_is_told_once_a_month(ctx, brand, network, account, acting, told, clock) -> None:
    network.manifest = replace(network.manifest, charges=True)
    listen(acting("ada", roles=("admin",)), AlertKind.BUDGET)
    name = spent_name(account.id, "reads", clock)
    with ctx.store.write() as tx:
        meta.keep(tx, name, "49000000")
    assert told() == []
    with ctx.store.write() as tx:
        meta.keep(tx, name, "49999000")
    assert [told(), told()] == [[("ada", "budget")], []]
    clock.move(days=31)
    assert told() == []


@pytest.fixture
def a_spike(ctx, brand, clock):
    """Write down a spike as the worker does; returns its number."""

    def note(channel: str = "", **more: object) -> int:
        moments = dict.fromkeys(("to_at", "peak_at", "noticed_at", "updated_at"), clock())
        values = {"brand_id": brand.id, "channel": channel, "measure": "posts", "state": "open", "posts": 120}
        counts = {"usual": 8.5, "peak_posts": 90, "from_at": clock() - timedelta(hours=2)}
        with ctx.store.write() as tx:
            return tx.execute(insert(spikes).values({**values, **counts, **moments, **more})).inserted_primary_key[0]

    return note


def test_a_spike_is_told_once_and_not_when_it_was_set_aside(a_spike, acting, told, clock) -> None:
    listen(acting("paolo", roles=("manager",)), AlertKind.SPIKE)
    a_spike("fake", state="set_aside", set_aside_at=clock())
    assert told() == []
    a_spike()
    assert [told(), told()] == [[("paolo", "spike")], []]


@pytest.mark.parametrize("meanwhile", ["set_aside", "over", "grown"])
def test_a_spike_is_asked_again_when_it_leaves(ctx, a_spike, acting, told, office, clock, meanwhile) -> None:
    paolo = acting("paolo", roles=("manager",))
    listen(paolo, AlertKind.SPIKE)
    number = a_spike(usual=0.3)
    assert alert_looking.look(ctx) == 1
    if meanwhile == "set_aside":
        spikes_service.set_aside(paolo, number, reason="a match")
    else:
        change = {"over_at": clock()} if meanwhile == "over" else {"posts": 480}
        with ctx.store.write() as tx:
            spikes_db.change(tx, number, **change)
    alert_delivering.deliver_due(ctx, speak, worker="w1", post=office)
    said = [(m.fields["about_posts"], m.body.partition("\n")[0]) for _, m in office.letters]
    assert said == ([(480, "480 posts so far, where hardly any are usual.")] if meanwhile == "grown" else [])
    assert states(ctx) == [("sent", None) if meanwhile == "grown" else ("dropped", "over")]


@pytest.mark.parametrize("meanwhile", ["new month", "higher ceiling", "nothing"])
def test_a_ceiling_is_asked_again_when_it_leaves(ctx, network, account, acting, office, clock, meanwhile) -> None:
    network.manifest = replace(network.manifest, charges=True)
    listen(acting("ada", roles=("admin",)), AlertKind.BUDGET)
    month = clock().month
    while (clock() + timedelta(hours=12)).month == month:
        clock.move(hours=12)
    with ctx.store.write() as tx:
        meta.keep(tx, spent_name(account.id, "reads", clock), "49999000")
    assert alert_looking.look(ctx) == 1
    clock.move(hours=12 if meanwhile == "new month" else 0)
    higher = replace(ctx, settings=replace(ctx.settings, x_reads_eur_month=90.0))
    now = higher if meanwhile == "higher ceiling" else ctx
    alert_delivering.deliver_due(now, speak, worker="w1", post=office)
    assert states(ctx) == [("sent", None) if meanwhile == "nothing" else ("dropped", "over")]


def test_the_sample_alarms_nobody(ctx, acting, told, clock) -> None:
    listen(acting("olga"))
    demo = brands.add_brand(ctx, "Demo")
    with ctx.store.write() as tx:
        tx.execute(text("UPDATE brands SET is_sample = :yes WHERE id = :id"), {"yes": True, "id": demo.id})
    watch = brands.add_watch(ctx, demo.id, name="all", terms=(), channels=("fake",))
    intake.store(ctx, watch, Page((a_post("URGENT fire", at=clock()),), None))
    clock.move(hours=1)
    assert told() == []


def test_everybody_chooses_for_themselves_and_the_team_by_who_leads_it(acting, say, told, clock, ctx) -> None:
    olga, paolo = acting("olga"), acting("paolo", roles=("manager",))
    with pytest.raises(NotAllowed):
        listen(olga, team=True)
    shared = listen(paolo, AlertKind.UNOWNED, team=True, name="room")
    own = listen(olga, AlertKind.PROMISE)
    say("URGENT it smells of gas")
    clock.move(minutes=16)
    assert told() == [("room", "unowned")]
    assert {each.address_id for each in alert_addresses.of_team(paolo)} == {shared}
    for act in (alert_addresses.remove, alert_addresses.test):
        with pytest.raises(NotFound):
            act(paolo, own)
        with pytest.raises(NotAllowed):
            act(olga, shared)
    alert_addresses.set_kinds(olga, own, [AlertKind.UNOWNED])
    clock.move(minutes=61)
    assert told() == [("olga", "unowned"), ("room", "unowned")]


def test_an_address_is_sealed_and_stands_nowhere_in_clear(acting, ctx, settings) -> None:
    olga = acting("olga")
    view = alert_addresses.add(olga, "hush-olga@aurora.test", [AlertKind.UNOWNED])
    assert view.hint == "h…@aurora.test"
    with ctx.store.read() as tx:
        row = tx.execute(text("SELECT * FROM alert_addresses")).one()
        audit = tx.execute(text("SELECT action, details FROM audit ORDER BY id DESC LIMIT 1")).one()
        kept = alert_addresses.alert_addresses.get(tx, view.address_id)
    assert "hush-olga" not in str(tuple(row)) + str(audit) + repr(kept) + repr(view)
    assert audit.action == "alert.add"


def test_sealed_again_with_a_new_key_it_is_still_told(acting, ctx, say, told, clock) -> None:
    listen(acting("olga"))
    assert account_secrets.rotate_key(ctx, drop_old=True).sealed == 1
    say("URGENT it smells of gas")
    clock.move(minutes=16)
    assert told() == [("olga", "unowned")]


@pytest.mark.parametrize("typed", ["", "olga", "olga@", "a b@c.test", "olga@aurora.test\nBcc: x@y.test", "x" * 2000])
def test_what_is_no_address_is_refused(acting, typed) -> None:
    with pytest.raises(Invalid):
        alert_addresses.add(acting("olga"), typed, [AlertKind.UNOWNED])


def test_ten_addresses_are_the_most_and_one_test_a_minute(acting, clock, told) -> None:
    olga = acting("olga")
    numbers = [listen(olga, name=f"o{n}") for n in range(10)]
    with pytest.raises(NotPossible):
        listen(olga, name="o11")
    alert_addresses.test(olga, numbers[0])
    with pytest.raises(NotPossible):
        alert_addresses.test(olga, numbers[0])
    assert told() == [("o0", "test")]
    (first, *_) = alert_addresses.mine(olga)
    assert (first.last.kind, first.last.state) == (AlertKind.TEST, "sent")


def test_without_a_mail_server_mail_is_refused_with_the_reason(acting, ctx) -> None:
    olga = acting("olga")
    without = replace(olga, settings=replace(ctx.settings, mail_server=""))
    with pytest.raises(NotPossible) as refusal:
        alert_addresses.add(without, "olga@aurora.test", [AlertKind.UNOWNED])
    assert refusal.value.reason == "mail_off"


def test_no_kind_is_left_without_a_look_and_words(acting) -> None:
    assert set(alert_addresses.kinds_for(acting("all", roles=("operator", "manager", "admin", "marketing")))) == set(
        CHOOSABLE
    )
