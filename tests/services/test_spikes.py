"""Is a burst noticed, told once, followed to its end and explained? By the worker's own look at what is counted."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from collectors.protocol import Page
from db import changes, gaps, notices, spike_posts
from db.tables import mention_rollups, mentions
from domain.errors import NotAllowed, NotPossible
from domain.spike import Measure, SpikeState
from domain.usual import HISTORY_H
from services import (
    brands,
    importing,
    intake,
    problem_ending,
    problems,
    spike_cause,
    spike_hours,
    spike_watch,
    spikes,
    triage,
    watches,
)
from services.spike_watch import NOTICED, Watcher
from tests.fakes import a_post
from tests.services.fragile_desk import in_a_process


@pytest.fixture
def usual(ctx, watch, clock, classifier) -> Callable[..., None]:
    """Four ordinary weeks: two posts in the morning, one in the evening, each of somebody else."""
    start = clock()
    clock.move(days=28, hours=3, minutes=30)
    hours = [start + timedelta(days=day, hours=at) for day in range(28) for at in (0, 1, 9)]
    posts = [a_post(f"where is my parcel {n}", native_id=f"u{n}", author=f"u{n}", at=at) for n, at in enumerate(hours)]
    intake.store(ctx, watch, Page(tuple(posts), None))
    triage.judge_pending(ctx, classifier, posts=1000)
    intake.poll(ctx, "fake", watch.id)


@pytest.fixture
def burst(ctx, watch, clock, classifier) -> Callable[..., None]:
    """People who write within the last minutes: ``burst(20, "BAD the portal is down")``."""
    count = iter(range(10_000))

    def write(people: int, text: str = "BAD the portal is down, no invoices", *, author: str = "") -> None:
        posts = []
        for _ in range(people):
            n = next(count)
            at = clock() - timedelta(seconds=people - len(posts))
            posts.append(a_post(text, native_id=f"b{n}", author=author or f"burst{n}", at=at))
        intake.store(ctx, watch, Page(tuple(posts), None))
        triage.judge_pending(ctx, classifier, posts=1000)
        intake.poll(ctx, "fake", watch.id)

    return write


def test_a_burst_is_noticed_within_its_hour_and_managers_are_told_once(ctx, brand, usual, burst, acting):
    lia, paolo = acting("lia", roles=("manager",)), acting("paolo")
    watcher = Watcher()
    assert watcher.look(ctx) == 0 and spikes.open_spikes(ctx) == ()
    burst(20)
    assert watcher.look(ctx) == 1
    [found] = spikes.open_spikes(ctx, brand.id)
    assert found.posts == 20 and found.usual < 2 and found.lasts and found.channel == ""
    assert found.from_at <= ctx.clock() < found.to_at
    watcher.look(ctx)
    with ctx.store.read() as tx:
        told = {who: notices.unread(tx, each.actor.user_id) for who, each in (("lia", lia), ("paolo", paolo))}
    assert [(each.kind, each.details["spike"]) for each in told["lia"]] == [(NOTICED, found.spike_id)]
    assert told["paolo"] == []


def test_an_ordinary_day_a_little_more_than_usual_and_one_who_floods_are_no_spike(ctx, usual, burst):
    burst(3)
    assert Watcher().look(ctx) == 0
    burst(30, author="flood")
    assert Watcher().look(ctx) == 0 and spikes.open_spikes(ctx) == ()


def test_what_is_no_spike_is_looked_at_once_and_not_while_others_wait_to_write(ctx, brand, usual, burst, monkeypatch):
    burst(40, author="flooder")
    asked, behind = [], spike_posts.behind

    def counted(tx, sought, **given):
        asked.append(sought)
        with ctx.store.write() as other:
            changes.raise_version(other, brand.id)
        return behind(tx, sought, **given)

    monkeypatch.setattr(spike_posts, "behind", counted)
    watcher = Watcher()
    assert watcher.look(ctx) == 0 and asked
    once = len(asked)
    assert watcher.look(ctx) == 0 and len(asked) == once
    burst(40)
    assert watcher.look(ctx) == 1 and len(asked) > once


def test_one_who_floods_hides_no_spike_of_many_some_hours_later(ctx, usual, burst, clock):
    watcher = Watcher()
    burst(30, author="flood")
    assert watcher.look(ctx) == 0
    clock.move(hours=8)
    burst(20)
    assert watcher.look(ctx) == 1
    [found] = spikes.open_spikes(ctx)
    assert found.posts == 20 and found.from_at > clock() - timedelta(hours=1)


@pytest.mark.parametrize("column", ["", ",date"])
def test_a_file_of_rows_without_a_time_of_day_is_no_spike(ctx, brand, usual, tmp_path, clock, column):
    day = f",{clock().date()}" if column else ""
    rows = [f"Person {n},BAD my bill is wrong {n}{day}" for n in range(40)]
    file = tmp_path / "letters.csv"
    file.write_text("\n".join([f"author_name,text{column}", *rows]), encoding="utf-8")
    stored = importing.run_import(ctx, file, file_name="letters.csv", brand_id=brand.id, channel="fake").stored
    assert stored == 40 and Watcher().look(ctx) == 0 and spikes.open_spikes(ctx) == ()


def test_a_file_with_the_minute_of_each_post_tells_of_a_spike_like_any_channel(ctx, brand, usual, tmp_path, clock):
    rows = [f"Person {n},BAD my bill is wrong {n},{clock() - timedelta(minutes=n):%Y-%m-%dT%H:%MZ}" for n in range(20)]
    file = tmp_path / "letters.csv"
    file.write_text("\n".join(["author_name,text,date", *rows]), encoding="utf-8")
    importing.run_import(ctx, file, file_name="letters.csv", brand_id=brand.id, channel="fake")
    assert Watcher().look(ctx) == 1


def test_what_a_new_watch_finds_at_once_is_no_spike_and_hides_none(ctx, brand, watch, usual, burst, clock):
    new = brands.add_watch(ctx, brand.id, name="new", terms=(), channels=("fake",))
    moments = [clock() - timedelta(minutes=3 * n) for n in range(200)]
    found = [a_post(f"the new one {n}", native_id=f"n{n}", author=f"n{n}", at=at) for n, at in enumerate(moments)]
    intake.store(ctx, new, Page(tuple(found), None))
    for each in (watch, new):
        intake.poll(ctx, "fake", each.id)
    assert Watcher().look(ctx) == 0 and spikes.open_spikes(ctx) == ()
    burst(60)
    assert Watcher().look(ctx) == 1


def test_what_a_new_word_in_a_known_watch_finds_at_once_is_no_spike_and_hides_none(ctx, watch, usual, burst, clock):
    moments = [clock() - timedelta(minutes=3 * n) for n in range(200)]
    known = watches.get(ctx, watch.id)
    watches.change_watch(ctx, replace(known, terms=(*known.terms, "wonder")))
    clock.move(minutes=1)
    found = [a_post(f"a wonder {n}", native_id=f"n{n}", author=f"n{n}", at=at) for n, at in enumerate(moments)]
    intake.store(ctx, watch, Page(tuple(found), None))
    intake.poll(ctx, "fake", watch.id)
    assert Watcher().look(ctx) == 0 and spikes.open_spikes(ctx) == ()
    clock.move(minutes=2)
    burst(60)
    assert Watcher().look(ctx) == 1


def test_a_watch_that_is_only_renamed_hides_no_spike(ctx, watch, usual, burst):
    known = watches.get(ctx, watch.id)
    watches.change_watch(ctx, replace(known, name="Another name"))
    burst(20)
    assert Watcher().look(ctx) == 1


def test_a_spike_whose_posts_are_gone_is_over(ctx, brand, usual, burst, clock):
    watcher = Watcher()
    burst(20)
    watcher.look(ctx)
    with ctx.store.write() as tx:
        tx.execute(update(mentions).where(mentions.c.native_id.like("b%")).values(deleted_at=clock()))
        changes.raise_version(tx, brand.id)
    assert watcher.look(ctx) == 1 and spikes.open_spikes(ctx) == ()


def test_a_brand_of_one_day_has_nothing_usual_and_no_spike(ctx, watch, burst):
    burst(40)
    assert Watcher().look(ctx) == 0


def test_it_grows_ends_when_it_is_quiet_and_flares_up_as_the_same_one(ctx, watch, usual, burst, clock):
    watcher = Watcher()
    burst(20)
    watcher.look(ctx)
    clock.move(hours=1)
    burst(25)
    watcher.look(ctx)
    [found] = spikes.open_spikes(ctx)
    assert found.posts == 45 and found.peak_posts == 25
    clock.move(hours=8)
    intake.poll(ctx, "fake", watch.id)
    watcher.look(ctx)
    assert spikes.open_spikes(ctx) == ()
    [over] = spikes.spikes_of(ctx, watch.brand_id)
    assert over.state is SpikeState.OVER and over.over_at == clock() and over.posts == 45
    burst(30)
    watcher.look(ctx)
    [again] = spikes.open_spikes(ctx)
    assert again.spike_id == over.spike_id and again.posts >= 75 and again.over_at is None


def test_a_watcher_that_starts_anew_says_the_same(ctx, usual, burst):
    burst(20)
    Watcher().look(ctx)
    assert Watcher().look(ctx) == 0 and len(spikes.open_spikes(ctx)) == 1


@pytest.mark.parametrize("days", [6, 20])
def test_a_spike_left_open_while_the_desk_was_off_ends_and_the_next_one_is_noticed(
    ctx, watch, usual, burst, clock, days
):
    burst(20)
    Watcher().look(ctx)
    [before] = spikes.open_spikes(ctx)
    clock.move(days=days)
    intake.poll(ctx, "fake", watch.id)
    watcher = Watcher()
    assert watcher.look(ctx) == 1 and spikes.open_spikes(ctx) == ()
    [over] = spikes.spikes_of(ctx, watch.brand_id)
    assert (over.spike_id, over.posts, over.over_at) == (before.spike_id, 20, clock())
    burst(25)
    assert watcher.look(ctx) == 1
    [after] = spikes.open_spikes(ctx)
    assert after.spike_id != before.spike_id and after.posts == 25


def test_a_brand_that_cannot_be_looked_at_holds_up_no_other(ctx, brand, monkeypatch):
    other, looked = brands.add_brand(ctx, "Borea"), []

    def broken(_watcher, _ctx, which):
        looked.append(which.id)
        raise ValueError(f"broken {len(looked)}")

    monkeypatch.setattr(Watcher, "look_at", broken)
    with pytest.raises(ValueError, match="broken 1"):
        Watcher().look(ctx)
    assert sorted(looked) == [brand.id, other.id]


def test_history_of_a_channel_that_nobody_polls_is_learned_from_once(ctx, watch, usual, burst, clock):
    long_ago = clock() - timedelta(days=40)
    with ctx.store.write() as tx:
        [row] = tx.execute(mention_rollups.select().limit(1)).mappings()
        hour = int(long_ago.timestamp() // 3600)
        tx.execute(mention_rollups.insert().values(**dict(row) | {"channel": "archive", "hour": hour}))
    watcher = Watcher()
    watcher.look(ctx)
    learned = watcher._learned[watch.brand_id]
    assert "archive" in {channel for channel, _ in learned.lookouts}
    burst(20)
    assert watcher.look(ctx) == 1 and watcher._learned[watch.brand_id] is learned


def test_hours_of_which_posts_may_be_missing_neither_accuse_nor_calm(ctx, watch, usual, burst, clock):
    with ctx.store.write() as tx:
        hole = {"from_at": clock() - timedelta(hours=30), "to_at": clock(), "reason": "window", "now": clock()}
        gaps.note(tx, "fake", watch_id=watch.id, **hole)
    burst(20)
    assert Watcher().look(ctx) == 0


def test_who_knows_what_it_is_sets_it_aside_with_words(ctx, usual, burst, acting):
    burst(20)
    watcher = Watcher()
    watcher.look(ctx)
    [found] = spikes.open_spikes(ctx)
    with pytest.raises(NotAllowed):
        spikes.set_aside(acting("paolo"), found.spike_id, reason="our promotion")
    lia = acting("lia", roles=("manager",))
    with pytest.raises(NotPossible, match="few words"):
        spikes.set_aside(lia, found.spike_id, reason="  ")
    told = spikes.set_aside(lia, found.spike_id, reason="our promotion")
    assert told.state is SpikeState.SET_ASIDE and spikes.open_spikes(ctx) == ()
    burst(10)
    watcher.look(ctx)
    [row] = spikes.spikes_of(ctx, found.brand_id)
    assert row.state is SpikeState.SET_ASIDE and row.posts == 30 and row.set_aside_reason == "our promotion"


def test_its_words_people_and_beginning_are_told_and_nobodys_name(ctx, brand, usual, burst, clock):
    burst(12, "BAD the portal rejects invoices, asks Roberta")
    burst(3, "BAD what is going on", author="roberta")
    Watcher().look(ctx)
    [found] = spikes.open_spikes(ctx)
    cause = spike_cause.cause(ctx, found.spike_id)
    words = {word.word: word for word in cause.words}
    assert words["portal"].people == 12 and {"invoices", "rejects"} <= words.keys()
    assert not {"roberta", "the", "burst"} & words.keys()
    assert cause.people == 13 and cause.posts_read == 15
    assert cause.first is not None and "portal" in cause.first.text
    [account] = cause.accounts
    assert (account.handle, account.posts) == ("roberta", 3)
    assert [each.channel for each in cause.spread] == ["fake"] and dict(cause.kinds) == {"complaint": 15}
    assert len(cause.waiting) == 13 and len(cause.cases) == 13


def test_a_word_of_few_people_is_not_told(ctx, usual, burst):
    burst(4, "BAD elevator stuck")
    burst(12, "BAD the portal is down")
    Watcher().look(ctx)
    [found] = spikes.open_spikes(ctx)
    assert "elevator" not in {word.word for word in spike_cause.cause(ctx, found.spike_id).words}


def test_one_problem_groups_those_who_tell_of_it_and_later_ones_are_suggested(ctx, brand, usual, burst, acting):
    burst(12)
    burst(2, "where is my parcel, please")
    watcher = Watcher()
    watcher.look(ctx)
    [found] = spikes.open_spikes(ctx)
    paolo = acting("paolo")
    view = problems.open_problem(paolo, brand.id, title="Portal", spike_id=found.spike_id)
    assert view.line.cases == 12 and view.line.spike_id == found.spike_id
    assert spikes.spike(ctx, found.spike_id).problem_id == view.line.problem_id
    burst(3)
    watcher.look(ctx)
    assert len(problems.suggested(paolo, view.line.problem_id)) == 3
    assert problems.problem(paolo, view.line.problem_id).line.cases == 12


def test_of_two_who_open_a_problem_from_the_same_spike_the_second_learns_of_the_first(ctx, brand, usual, burst, acting):
    burst(12)
    watcher = Watcher()
    watcher.look(ctx)
    [found] = spikes.open_spikes(ctx)
    people = [acting("lia", roles=("manager", "operator")), acting("ugo", roles=("manager", "operator"))]

    def open_it(who) -> str:
        try:
            view = problems.open_problem(who, brand.id, title="Portal", spike_id=found.spike_id)
            return f"{view.line.cases} cases"
        except NotPossible as refusal:
            return str(refusal.values["reason"])

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(open_it, people)) == ["12 cases", "spike_has_problem"]
    burst(3)  # Those who came since are no second problem either.
    watcher.look(ctx)
    assert open_it(people[1]) == "spike_has_problem"
    [line] = problems.problems_of(ctx, brand.id)
    seen = problems.problem(ctx, line.problem_id).version
    assert spikes.spike(ctx, found.spike_id).problem_lives
    problem_ending.close(people[0], line.problem_id, outcome=problems.Outcome.NO_PROBLEM, version=seen)
    assert not spikes.spike(ctx, found.spike_id).problem_lives
    assert open_it(people[1]) == "15 cases"


def test_of_two_who_set_a_spike_aside_at_once_one_does_and_the_other_learns_it(ctx, usual, burst, acting):
    burst(20)
    Watcher().look(ctx)
    [found] = spikes.open_spikes(ctx)

    def aside(login: str) -> str:
        try:
            return str(spikes.set_aside(people[login], found.spike_id, reason=login).set_aside_reason)
        except NotPossible as refusal:
            return str(refusal.values["reason"])

    people = {login: acting(login, roles=("manager",)) for login in ("lia", "ugo")}
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(aside, people))
    assert told.count("spike_set_aside") == 1
    kept = spikes.spike(ctx, found.spike_id).set_aside_reason
    assert kept in people and kept in told


@pytest.mark.parametrize("days", [3, 12, 30])
def test_a_channel_that_was_left_off_counts_no_noughts_in_any_window(ctx, brand, watch, usual, clock, days):
    own_name = next(each for each in watches.list_watches(ctx, brand.id) if each.id != watch.id)
    for each in (watch, own_name):
        watches.remove_watch(ctx, each.id, version=watches.get(ctx, each.id).version)
    clock.move(days=days)
    hour = spike_hours.hour_of(clock())
    for from_hour in (hour - HISTORY_H, hour - spike_watch.RECENT_H):
        read = spike_hours.read(ctx, brand, from_hour=from_hour, now=clock(), channels=("fake",))
        posts = read[Measure.POSTS]["fake"]
        assert {posts.count(each) for each in range(hour - 24, hour + 1)} == {None}


@pytest.mark.parametrize("role", ["operator", "marketing", "admin"])
def test_whoever_does_not_decide_sets_nothing_aside(ctx, usual, burst, acting, role):
    burst(20)
    Watcher().look(ctx)
    [found] = spikes.open_spikes(ctx)
    with pytest.raises(NotAllowed):
        spikes.set_aside(acting("somebody", roles=(role,)), found.spike_id, reason="our promotion")
    assert spikes.spike(ctx, found.spike_id).state is SpikeState.OPEN


def test_a_worker_killed_while_it_notices_a_spike_tells_of_it_once_all_the_same(ctx, brand, usual, burst, acting):
    lia = acting("lia", roles=("manager",))
    burst(20)

    def look_and_die(here) -> None:
        spike_watch.notices.add = lambda *_args, **_values: os.kill(os.getpid(), signal.SIGKILL)
        Watcher().look(replace(ctx, store=here.store))

    assert in_a_process(ctx, None, look_and_die) == signal.SIGKILL
    assert spikes.spikes_of(ctx, brand.id) == ()
    assert Watcher().look(ctx) == 1 and Watcher().look(ctx) == 0
    with ctx.store.read() as tx:
        assert [each.kind for each in notices.unread(tx, lia.actor.user_id)] == [NOTICED]
