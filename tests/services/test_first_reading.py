"""Does a new watch, account or feed bring what is worth an answer, and keep the rest as history for all to see?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from collectors.protocol import Page
from db.tables import audit, case_events, cases, mentions
from domain.errors import NotAllowed
from domain.judgement import Correction, UrgencyLevel
from services import brands, first_reading, intake, queue, triage, watch_yield, watches
from services.queue import QueueFilter
from tests.fakes import FakeClassifier, a_post


def first_look(ctx, watch, *posts, **more):
    page = Page(tuple(posts), None, first_read_at=ctx.clock(), **more)
    return intake.store(ctx, watch, page, channel="fake")


def queued(ctx, brand) -> list[str]:
    return sorted(entry.text for entry in queue.page(ctx, QueueFilter(brand.id)).entries)


def number_of(ctx, table) -> int:
    with ctx.store.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.fixture
def ago(clock):
    """``ago(30)``: thirty hours before now."""
    return lambda hours: clock.now - timedelta(hours=hours)


def test_what_is_older_than_a_day_is_stored_counted_and_shown_and_no_case(ctx, brand, watch, ago):
    older = [a_post(f"BAD week {n}", author=f"a{n}", at=ago(25 + n)) for n in range(30)]
    outcome = first_look(ctx, watch, *older, a_post("BAD day", author="ugo", at=ago(23)))
    assert (outcome.stored, outcome.older) == (31, 30)
    assert queued(ctx, brand) == ["BAD day"] and number_of(ctx, cases) == 1
    shown = first_reading.shown(ctx, brand.id, "fake")
    assert len(shown) == 30 and (shown[0].text, shown[0].watch) == ("BAD week 0", "all")
    seen = watch_yield.yields(ctx, brand.id)[watch.id]
    assert (seen.matched, seen.queued, seen.older) == (31, 1, 30)


def test_danger_is_work_however_old_it_is(ctx, brand, watch, ago):
    first_look(ctx, watch, a_post("URGENT smell of gas", author="ugo", at=ago(60)), a_post("late", at=ago(60)))
    assert queued(ctx, brand) == ["URGENT smell of gas"]


def test_danger_that_only_the_model_sees_becomes_work_when_it_has_read_it(ctx, brand, watch, ago):
    class Careful(FakeClassifier):
        def _one(self, text):
            return super()._one(text.replace("odd", "URGENT"))

    first_look(ctx, watch, a_post("an odd smell", author="ugo", at=ago(60)), a_post("late", at=ago(60)))
    assert queued(ctx, brand) == []
    triage.judge_pending(ctx, Careful(), posts=10)
    assert queued(ctx, brand) == ["an odd smell"]
    assert [post.text for post in first_reading.shown(ctx, brand.id, "fake")] == ["late"]


class Careful(FakeClassifier):
    """Finds a danger where others hear a calm word."""

    def _one(self, text):
        return super()._one(text.replace("odd", "URGENT"))


def test_a_danger_found_when_posts_are_judged_anew_is_work_unless_a_person_said_otherwise(
    ctx, brand, watch, ago, acting
):
    posts = [a_post(f"an odd smell {n}", author=f"a{n}", at=ago(60 + n)) for n in range(2)]
    first_look(ctx, watch, *posts, a_post("late", at=ago(60)))
    triage.judge_pending(ctx, FakeClassifier(), posts=10)
    assert queued(ctx, brand) == []
    told = {post.text: post.id for post in first_reading.shown(ctx, brand.id, "fake")}
    triage.correct(acting("paolo"), told["an odd smell 1"], Correction(urgency_level=UrgencyLevel.NORMAL))
    triage.rejudge(ctx, Careful("fake-2"), posts=10)
    assert queued(ctx, brand) == ["an odd smell 0"]
    assert sorted(post.text for post in first_reading.shown(ctx, brand.id, "fake")) == ["an odd smell 1", "late"]


def test_judging_anew_makes_no_case_of_what_was_written_long_ago_and_gives_it_its_labels(ctx, brand, watch, ago):
    days = ctx.settings.reopen_window_days
    posts = [a_post(f"an odd smell {n}", author=f"a{n}", at=ago(24 * n)) for n in (days - 1, days + 1, 900)]
    first_look(ctx, watch, *posts)
    triage.judge_pending(ctx, FakeClassifier(), posts=10)
    assert triage.rejudge(ctx, Careful("fake-2"), posts=10).posts == 3
    assert queued(ctx, brand) == [f"an odd smell {days - 1}"]
    with ctx.store.read() as tx:
        assert tx.execute(select(mentions.c.urgency_level)).scalars().all() == [3, 3, 3]


def test_a_new_model_looks_back_a_fortnight_by_itself_and_says_what_it_found(ctx, brand, watch, ago, say, acting):
    rival = watches.add_watch(ctx, brand.id, name="rival", terms=(), channels=("fake",), is_competitor=True)
    first_look(ctx, rival, a_post("an odd smell elsewhere", author="r", at=ago(60)))
    posts = [a_post(f"an odd smell {n}", author=f"a{n}", at=ago(hours)) for n, hours in enumerate((60, 70, 24 * 15))]
    first_look(ctx, watch, *posts, a_post("late", at=ago(60)))
    triage.judge_pending(ctx, FakeClassifier(), posts=10)
    told = {post.text: post.id for post in first_reading.shown(ctx, brand.id, "fake")}
    triage.correct(acting("paolo"), told["an odd smell 1"], Correction(urgency_level=UrgencyLevel.NORMAL))
    say("hello", author="new")
    triage.judge_pending(ctx, Careful("fake-2"), posts=10)
    assert triage.rejudge_open(ctx, FakeClassifier, posts=1) == 0, "a process of the older version leaves it"
    assert triage.rejudge_open(ctx, lambda: Careful("fake-2"), posts=1) == 3, "two odd smells and what came late"
    assert queued(ctx, brand) == ["an odd smell 0", "hello"]
    with ctx.store.read() as tx:
        [line] = tx.execute(select(audit).where(audit.c.action == "older.danger")).all()
        [event] = tx.execute(select(case_events).where(case_events.c.kind == first_reading.FOUND_LATER)).all()
    assert (line.entity_id, line.details) == (brand.id, {"posts": 1, "cases": [event.case_id]})


def test_two_versions_side_by_side_do_not_turn_each_others_judgements_round(ctx, brand, watch, ago, say):
    first_look(ctx, watch, a_post("an odd smell", author="ugo", at=ago(60)))
    for number, judge in enumerate((FakeClassifier(), Careful("fake-2"), FakeClassifier(), Careful("fake-2"))):
        say(f"hello {number}", author=f"n{number}")
        triage.judge_pending(ctx, judge, posts=10)
    assert triage.rejudge_open(ctx, lambda: Careful("fake-2"), posts=10) == 3
    say("hello again", author="last")
    triage.judge_pending(ctx, FakeClassifier(), posts=10)
    assert triage.rejudge_open(ctx, lambda: pytest.fail("both were met"), posts=10) == 0


def test_a_danger_that_was_answered_meanwhile_opens_nothing(ctx, watch, ago, say, acting):
    first_look(ctx, watch, a_post("an odd smell", author="ugo", at=ago(60)))
    case_id = say("hello", author="ugo")
    triage.judge_pending(ctx, FakeClassifier(), posts=10)
    owner_id = acting("paolo").actor.user_id
    with ctx.store.write() as tx:
        tx.execute(update(cases).values(state="waiting", last_reply_at=ctx.clock(), owner_id=owner_id))
    say("bye", author="other")
    triage.judge_pending(ctx, Careful("fake-2"), posts=10)
    triage.rejudge_open(ctx, lambda: Careful("fake-2"), posts=10)
    with ctx.store.read() as tx:
        assert tx.execute(select(cases.c.state).where(cases.c.id == case_id)).scalar_one() == "waiting"
    assert number_of(ctx, cases) == 2


def test_judging_an_imported_past_anew_queues_nothing(ctx, brand, watch, ago):
    from services.storing import look_first, store_posts

    with ctx.store.write() as tx:
        batch = look_first(ctx, [a_post("URGENT once", at=ago(900))], is_history=True)
        store_posts(tx, ctx, watch, batch, now=ctx.clock())
    triage.judge_pending(ctx, FakeClassifier(), posts=10)
    assert queued(ctx, brand) == []
    triage.rejudge(ctx, FakeClassifier("fake-2"), posts=10)
    assert queued(ctx, brand) == []


def test_a_late_post_of_a_source_that_was_read_before_is_work_whatever_its_date(ctx, brand, watch, ago):
    intake.store(ctx, watch, Page((a_post("late", at=ago(100)),), None), channel="fake")
    assert queued(ctx, brand) == ["late"]


def test_a_setting_says_how_far_a_first_reading_queues(ctx, brand, watch, ago):
    patient = replace(ctx, settings=replace(ctx.settings, first_reading_h=72))
    first_look(patient, watch, a_post("two days", author="a", at=ago(48)), a_post("four days", author="b", at=ago(96)))
    assert queued(ctx, brand) == ["two days"]


def test_a_second_watch_queues_nothing_old_that_a_competitors_watch_had_stored(ctx, brand, ago):
    rival = watches.add_watch(ctx, brand.id, name="rival", terms=(), channels=("fake",), is_competitor=True)
    post = a_post("BAD both", at=ago(50))
    intake.store(ctx, rival, Page((post,), None), channel="fake")
    own = watches.add_watch(ctx, brand.id, name="own", terms=(), channels=("fake",))
    assert first_look(ctx, own, post).older == 0, "it was stored before"
    assert queued(ctx, brand) == []
    assert [each.text for each in first_reading.shown(ctx, brand.id, "fake")] == ["BAD both"]


def test_whoever_writes_again_is_a_case_and_the_old_post_stands_beside_it(ctx, brand, watch, ago):
    first_look(ctx, watch, a_post("BAD old", author="ugo", native_id="o", at=ago(50)))
    answer = a_post("still nothing", author="ugo", native_id="n", at=ago(0), conversation_id="o", parent_id="o")
    intake.store(ctx, watch, Page((answer,), None), channel="fake")
    assert queued(ctx, brand) == ["still nothing"]
    from services import cases as cases_service

    [entry] = queue.page(ctx, QueueFilter(brand.id)).entries
    assert "BAD old" in str(cases_service.view(ctx, entry.case_id))


def test_a_person_may_queue_them_after_all_and_it_is_written_down(ctx, brand, watch, ago, acting):
    first_look(ctx, watch, *(a_post(f"old {n}", author=f"a{n}", at=ago(50 + n)) for n in range(3)))
    operator, manager = acting("sara"), acting("paolo", roles=("manager",))
    assert len(first_reading.shown(operator, brand.id, "fake")) == 3
    with pytest.raises(NotAllowed):
        first_reading.queue_all(operator, brand.id, "fake")
    assert first_reading.queue_all(manager, brand.id, "fake") == 3
    assert queued(ctx, brand) == ["old 0", "old 1", "old 2"]
    assert first_reading.shown(ctx, brand.id, "fake") == ()
    assert first_reading.queue_all(manager, brand.id, "fake") == 0


def test_own_posts_and_reposts_of_a_first_reading_keep_their_own_count(ctx, brand, watch, ago):
    first_look(ctx, watch, a_post("ours", is_own=True, at=ago(50)), a_post("passed on", is_repost=True, at=ago(50)))
    seen = watch_yield.yields(ctx, brand.id)[watch.id]
    assert (seen.own, seen.reposts, seen.older) == (1, 1, 0)
    assert brands.list_brands(ctx)


def test_one_old_post_that_cannot_be_stored_leaves_the_others_unqueued(ctx, brand, watch, ago, monkeypatch):
    from db import mentions as mentions_db

    add_new = mentions_db.add_new

    def picky(tx, rows):
        if any("poison" in row["text"] for row in rows):
            raise ValueError("no")
        return add_new(tx, rows)

    monkeypatch.setattr(mentions_db, "add_new", picky)
    outcome = first_look(ctx, watch, a_post("poison", author="a", at=ago(50)), a_post("old", author="b", at=ago(50)))
    assert (outcome.stored, outcome.older, outcome.quarantined) == (1, 1, 1)
    assert queued(ctx, brand) == [] and number_of(ctx, mentions) == 1
