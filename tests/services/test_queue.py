"""Does the queue show who needs us next, page by page, and cheaply say what changed?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, text, update

from db import queue as queue_db
from db import queue_pulse
from db.tables import cases, mentions, presence, promises
from domain.errors import Invalid, NotAllowed
from domain.people import Right
from services import queue
from services.context import Actor
from services.queue import Order, QueueFilter, Tab
from tests.fakes import a_post


def ids(ctx, brand, **wanted):
    return [entry.case_id for entry in queue.page(ctx, QueueFilter(brand.id, **wanted)).entries]


def give(ctx, case_id, user_id, clock, state="open", **values):
    with ctx.store.write() as tx:
        owned = {"state": state, "owner_id": user_id, "owned_since": clock()}
        tx.execute(update(cases).where(cases.c.id == case_id).values(**owned, **values))


def promise(ctx, case_id, user_id, due_at, clock):
    with ctx.store.write() as tx:
        values = {"case_id": case_id, "customer_id": 1, "owner_id": user_id, "text": "call", "created_at": clock()}
        tx.execute(insert(promises).values(**values, due_at=due_at, status="open"))


def plan(tx, chosen):
    """How SQLite would go about it, a line a step."""
    compiled = chosen.compile(tx, compile_kwargs={"render_postcompile": True})
    values = tuple(compiled.params[name] for name in compiled.positiontup)
    values = tuple(str(v.replace(tzinfo=None)) if hasattr(v, "tzinfo") else v for v in values)
    return [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values)]


def test_the_most_urgent_case_stands_first_with_points_that_add_up(ctx, brand, say, clock):
    calm, bad, urgent = say("when?", author="a"), say("BAD", author="b"), say("URGENT", author="c")
    clock.move(hours=1)
    entries = queue.page(ctx, QueueFilter(brand.id)).entries
    assert [e.case_id for e in entries] == [urgent, bad, calm]
    for entry in entries:
        assert sum(r.points for r in entry.reasons) == pytest.approx(entry.priority, abs=0.1)
        assert entry.waiting_s == 3600


def test_among_equals_who_waits_longer_stands_higher(ctx, brand, say, clock):
    late = say("BAD", author="late")
    early = say("BAD", author="early", at=clock() - timedelta(days=2))
    assert ids(ctx, brand) == [early, late]


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("tab", [Tab.FREE, Tab.ALL])
def test_pages_together_show_every_case_once_in_order(ctx, brand, say, clock, order, tab):
    for n in range(23):
        say(("BAD", "URGENT", "when?")[n % 3], author=f"a{n}", at=clock() - timedelta(minutes=n % 5))
    whole = ids(ctx, brand, order=order, tab=tab)
    pieces, cursor = [], None
    for _ in range(10):
        part = queue.page(ctx, QueueFilter(brand.id, order=order, tab=tab), cursor=cursor, limit=5)
        pieces += [e.case_id for e in part.entries]
        if (cursor := part.next_cursor) is None:
            break
    assert pieces == whole and len(set(whole)) == 23


def test_orders_by_waiting_and_by_age(ctx, brand, say, clock):
    old = say("when?", author="old", at=clock() - timedelta(days=1))
    new = say("URGENT", author="new")
    assert ids(ctx, brand, order=Order.WAITING) == [old, new]
    assert ids(ctx, brand, order=Order.NEWEST) == [new, old]


def test_tabs_hold_what_their_names_say(ctx, brand, say, clock, member):
    paolo = member("paolo")
    free, mine, waiting, other = (say("BAD", author=a) for a in "abcd")
    give(ctx, mine, paolo.id, clock)
    give(ctx, waiting, paolo.id, clock, state="waiting")
    give(ctx, other, member("sara").id, clock)
    as_paolo = ctx.acting_as(Actor("user:1", paolo.rights, paolo))
    assert ids(as_paolo, brand, tab=Tab.FREE) == [free]
    assert ids(as_paolo, brand, tab=Tab.MINE) == [mine, waiting]
    assert set(ids(as_paolo, brand)) == {free, mine, other}
    assert queue.counts(as_paolo, brand.id) == queue.QueueCounts(free=1, mine=2, promises=0, all=3)


def test_promises_stand_by_due_date_even_while_the_customer_has_the_turn(ctx, brand, say, clock, member):
    paolo = member("paolo")
    later, sooner = say("URGENT", author="a"), say("when?", author="b")
    for case_id, days in ((later, 3), (sooner, 1)):
        give(ctx, case_id, paolo.id, clock, state="waiting")
        promise(ctx, case_id, paolo.id, clock() + timedelta(days=days), clock)
    as_paolo = ctx.acting_as(Actor("user:1", paolo.rights, paolo))
    page = queue.page(as_paolo, QueueFilter(brand.id, tab=Tab.PROMISES), limit=1)
    assert [e.case_id for e in page.entries] == [sooner]
    assert page.entries[0].promise_due_at == clock() + timedelta(days=1)
    rest = queue.page(as_paolo, QueueFilter(brand.id, tab=Tab.PROMISES), limit=1, cursor=page.next_cursor)
    assert [e.case_id for e in rest.entries] == [later] and rest.next_cursor is None
    assert queue.counts(as_paolo, brand.id).promises == 2


def test_snoozed_cases_step_aside_until_their_time(ctx, brand, say, clock, member):
    paolo = member("paolo")
    case_id = say("BAD")
    give(ctx, case_id, paolo.id, clock, snoozed_until=clock() + timedelta(hours=1))
    assert ids(ctx, brand) == [] and ids(ctx, brand, include_snoozed=True) == [case_id]
    assert queue.counts(ctx, brand.id).all == 0
    clock.move(hours=1)
    assert ids(ctx, brand) == [case_id] and queue.counts(ctx, brand.id).all == 1


def test_filters_narrow_the_list(ctx, brand, say):
    urgent, thanks = say("URGENT", author="a"), say("THANKS", author="b")
    assert ids(ctx, brand, levels=(3,)) == [urgent]
    assert ids(ctx, brand, kinds=("praise",)) == [thanks]
    assert ids(ctx, brand, channels=("fake",)) == [urgent, thanks]
    assert ids(ctx, brand, channels=("import",)) == []
    assert ids(ctx, brand, language="en") == [urgent, thanks] and ids(ctx, brand, language="it") == []


@pytest.mark.parametrize("words", ["pacco", "PACCO", "Mara", "mara", "100%", "città", "CITTÀ"])
def test_search_finds_names_handles_and_words(ctx, brand, say, words):
    found = say("il mio pacco al 100% in Città", author="mara")
    say("other", author="luca")
    assert ids(ctx, brand, search=words) == [found]


@pytest.mark.parametrize("words", ["%", "_", "' OR 1=1 --", "\\"])
def test_search_takes_signs_literally(ctx, brand, say, words):
    say("nothing special", author="mara")
    assert ids(ctx, brand, search=words) == []


def test_other_brands_cases_never_show(ctx, brand, say):
    from services import brands

    say("BAD")
    other = brands.add_brand(ctx, "Borea")
    assert ids(ctx, other) == [] and queue.counts(ctx, other.id).all == 0


@pytest.mark.parametrize("cursor", ["", "x", "[]", '["all","waiting",1,2]', '["all","priority"]'])
def test_a_cursor_of_another_list_is_refused(ctx, brand, cursor):
    with pytest.raises(Invalid):
        queue.page(ctx, QueueFilter(brand.id), cursor=cursor)


def test_reading_needs_the_right(ctx, brand):
    nobody = ctx.acting_as(Actor("user:9", frozenset()))
    for read in (
        lambda: queue.page(nobody, QueueFilter(brand.id)),
        lambda: queue.counts(nobody, brand.id),
        lambda: queue.pulse(nobody, brand.id, since_version=0),
    ):
        with pytest.raises(NotAllowed):
            read()


def test_a_lock_shows_only_while_it_lasts(ctx, brand, say, clock, member):
    paolo = member("paolo")
    case_id = say("BAD")
    with ctx.store.write() as tx:
        until = clock() + timedelta(seconds=90)
        tx.execute(update(cases).where(cases.c.id == case_id).values(lock_user_id=paolo.id, lock_until=until))
    assert queue.page(ctx, QueueFilter(brand.id)).entries[0].lock_name == "Paolo"
    clock.move(seconds=91)
    assert queue.page(ctx, QueueFilter(brand.id)).entries[0].lock_name is None


def test_the_pulse_tells_what_is_new_since_the_last_look(ctx, brand, say, clock, member):
    paolo = member("paolo")
    as_paolo = ctx.acting_as(Actor("user:1", frozenset(Right), paolo))
    say("BAD", author="a")
    first = queue.pulse(as_paolo, brand.id, since_version=0)
    assert (first.new_cases, first.counts.free, first.online) == (1, 1, ())
    assert queue.pulse(as_paolo, brand.id, since_version=first.version).new_cases == 0
    say("BAD again", author="a")
    second = queue.pulse(as_paolo, brand.id, since_version=first.version)
    assert second.version > first.version and second.new_cases == 0, "a known case is no new one"
    say("BAD", author="b")
    with ctx.store.write() as tx:
        tx.execute(insert(presence).values(user_id=paolo.id, case_id=2, seen_at=clock()))
    third = queue.pulse(as_paolo, brand.id, since_version=second.version)
    assert third.new_cases == 1 and third.online == (queue.Online(paolo.id, "Paolo", 2),)


@pytest.mark.parametrize(
    ("tab", "order", "index"),
    [
        ("free", "priority", "ix_cases_free"),
        ("all", "priority", "ix_cases_queue"),
        ("free", "waiting", "ix_cases_waiting"),
        ("all", "newest", "ix_cases_newest"),
    ],
)
@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("further", [False, True])
def test_a_page_walks_its_index_and_sorts_nothing(ctx, brand, say, clock, monkeypatch, tab, order, index, further):
    say("BAD")
    want = queue_db.Want(brand.id, None, tab, order, (), (), (), None, "", False)
    key = clock() if order != "priority" else 1e9
    with ctx.store.read() as tx:
        chosen = queue_db.chosen_cases(want, now=clock(), after=[key, 0] if further else None, rows=50)
        seen = plan(tx, chosen)
    assert any(f"USING INDEX {index}" in line or f"USING COVERING INDEX {index}" in line for line in seen), seen
    assert not any("TEMP B-TREE" in line for line in seen), seen


@pytest.mark.databases("sqlite")
def test_ones_own_cases_are_chosen_and_counted_from_their_index_alone(ctx, brand, say, clock, acting):
    paolo = acting("paolo")
    give(ctx, say("BAD"), paolo.actor.user_id, clock)
    want = queue_db.Want(brand.id, paolo.actor.user_id, "mine", "priority", (), (), (), None, "", False)
    with ctx.store.read() as tx:
        chosen = queue_db.chosen_cases(want, now=clock(), after=None, rows=50)
        steps = plan(tx, chosen)
    assert any("COVERING INDEX ix_cases_mine" in line for line in steps), steps


def test_history_never_stands_in_the_queue(ctx, brand, watch, clock):
    from services.storing import look_first, store_posts

    batch = look_first(ctx, [a_post("URGENT")], is_history=True)
    with ctx.store.write() as tx:
        store_posts(tx, ctx, watch, batch, now=clock())
        assert tx.execute(text("SELECT count(*) FROM mentions WHERE is_history")).scalar() == 1
        assert tx.execute(mentions.select()).one().is_history
    assert ids(ctx, brand) == []


def test_a_case_that_sank_below_the_page_still_belongs_to_the_list(ctx, brand, say, clock):
    low = say("hello there", author="low")
    for n in range(3):
        say("URGENT smoke", author=f"high{n}")
    asked = queue.QueueFilter(brand.id)
    assert low not in [entry.case_id for entry in queue.page(ctx, asked, limit=2).entries]
    assert [entry.case_id for entry in queue.among(ctx, asked, [low, 10_000]).entries] == [low]


def test_nothing_is_counted_again_while_nobody_changes_anything(ctx, brand, say, monkeypatch):
    say("BAD", author="a")
    first = queue.pulse(ctx, brand.id, since_version=0)
    with monkeypatch.context() as patched:
        patched.setattr(queue_pulse, "counts", None)
        assert queue.pulse(ctx, brand.id, since_version=0, known=first) == first
    say("BAD", author="b")
    second = queue.pulse(ctx, brand.id, since_version=0, known=first)
    assert (second.counts.free, second.new_cases) == (2, 2)


def test_what_sleeps_is_counted_again_when_its_time_has_come_though_nobody_did_anything(ctx, brand, say, clock):
    case_id = say("BAD", author="a")
    with ctx.store.write() as tx:
        tx.execute(update(cases).where(cases.c.id == case_id).values(snoozed_until=clock() + timedelta(seconds=20)))
    first = queue.pulse(ctx, brand.id, since_version=0)
    clock.move(seconds=40)
    later = queue.pulse(ctx, brand.id, since_version=0, known=first)
    assert (first.counts.free, later.counts.free) == (0, 1)


def test_what_the_desk_lists_already_is_never_announced_as_new(ctx, brand, say):
    say("URGENT", author="a")
    before = queue.pulse(ctx, brand.id, since_version=0)
    listed, other = say("BAD", author="b"), say("when?", author="c")
    told = [
        queue.pulse(ctx, brand.id, since_version=before.version, listed=shown).new_cases
        for shown in ((), (listed,), (listed, other))
    ]
    assert told == [2, 1, 0]


def test_a_row_that_left_the_list_can_still_say_where_its_case_stands(ctx, brand, say, clock, acting):
    case_id = say("BAD", author="a")
    paolo = acting("paolo")
    give(ctx, case_id, paolo.actor.user_id, clock, state="waiting")
    assert ids(ctx, brand) == []
    (where,) = queue.whereabouts(ctx, [case_id]).values()
    assert (where.state, where.owner_id) == ("waiting", paolo.actor.user_id)
    assert queue.whereabouts(ctx, [999]) == {}


def test_a_row_says_that_its_customer_wrote_after_our_answer(ctx, brand, say, clock, acting):
    case_id = say("BAD", author="a")
    assert [entry.wrote_again for entry in queue.page(ctx, QueueFilter(brand.id)).entries] == [False]
    clock.move(minutes=1)
    give(ctx, case_id, acting("paolo").actor.user_id, clock, state="waiting", last_reply_at=clock())
    clock.move(minutes=1)
    assert say("BAD as before", author="a", at=clock()) == case_id
    assert [entry.wrote_again for entry in queue.page(ctx, QueueFilter(brand.id)).entries] == [True]
