"""Does the desk say how complete it is: up to when, with which holes, and whether it hears at all?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from collectors.protocol import Gap, GapReason, Page, Quota
from db.tables import gaps, mentions
from domain.errors import Misconfigured, NotAllowed, NotFound, Unauthorized, Unavailable
from domain.hearing import Blindness
from services import brands, coverage, health, intake, watches
from tests.fakes import a_post


def covered(ctx, brand):
    [row] = coverage.coverage(ctx, brand.id)
    return row


def holes(ctx, brand):
    return [(gap.from_at, gap.to_at, gap.reason) for gap in covered(ctx, brand).gaps]


@pytest.fixture
def at(clock):
    """Moments on the morning of the test: ``at(8, 30)``."""
    return lambda hour, minute=0: clock.now.replace(hour=hour, minute=minute)


def told(network, ctx, watch, *found, **more):
    network.pages = [Page((), None, gaps=found, **more)]
    with ctx.store.write() as tx:
        from db import polls

        polls.change(tx, "fake", watch_id=watch.id, holder=None, cursor=None)
    return intake.poll(ctx, "fake", watch.id)


def test_a_gap_a_channel_tells_of_stays_until_a_later_page_covers_it(ctx, brand, watch, network, at):
    told(network, ctx, watch, Gap(at(8), at(8, 30), GapReason.TOO_MANY))
    assert holes(ctx, brand) == [(at(8), at(8, 30), "too_many")]
    told(network, ctx, watch)
    assert len(holes(ctx, brand)) == 1, "an ordinary page closes nothing"
    told(network, ctx, watch, complete_from=at(7))
    assert holes(ctx, brand) == []


def test_gaps_that_touch_become_one_and_the_same_gap_twice_is_one(ctx, brand, watch, network, at):
    first, second = Gap(at(8), at(8, 30), "x"), Gap(at(8, 30), at(8, 50), "x")
    for found in ([first], [first, second], [second]):
        told(network, ctx, watch, *found)
    assert holes(ctx, brand) == [(at(8), at(8, 50), "x")]
    told(network, ctx, watch, Gap(at(8, 40), at(8, 55), "y"))
    assert {reason for _, _, reason in holes(ctx, brand)} == {"x", "y"}, "why is not mixed up"


def test_a_page_that_covers_the_middle_of_a_gap_leaves_both_ends(ctx, brand, watch, network, at):
    told(network, ctx, watch, Gap(at(6), at(9), "x"))
    told(network, ctx, watch, complete_from=at(7), complete_up_to=at(8))
    assert holes(ctx, brand) == [(at(8), at(9), "x"), (at(6), at(7), "x")]


def test_a_gap_is_stored_with_the_rows_and_the_cursor_or_not_at_all(ctx, brand, watch, network, at, monkeypatch):
    network.pages = [Page((a_post("one"),), None, gaps=(Gap(at(8), at(8, 30), "x"),))]
    monkeypatch.setattr("services.intake.note_page", _notes_and_dies(intake.note_page))
    assert "ZeroDivisionError" in (intake.poll(ctx, "fake", watch.id).error or "")
    with ctx.store.read() as tx:
        assert tx.execute(select(func.count()).select_from(gaps)).scalar_one() == 0
        assert tx.execute(select(func.count()).select_from(mentions)).scalar_one() == 0


def _notes_and_dies(note):
    def dies(*args, **options):
        note(*args, **options)
        raise ZeroDivisionError

    return dies


@pytest.mark.parametrize(
    ("error", "reason"),
    [(None, "not_polled"), (Unavailable(), "no_answer"), (Unauthorized(), "refused"), (Misconfigured(), "refused")],
)
def test_time_nobody_could_ask_for_is_a_gap_beyond_the_networks_reach(ctx, brand, watch, network, clock, error, reason):
    network.manifest = replace(network.manifest, looks_back_s=3600)
    intake.poll(ctx, "fake", watch.id)
    heard_until = clock.now
    clock.move(minutes=50)
    network.fetch_failures = [error] if error else []
    if error:
        assert intake.poll(ctx, "fake", watch.id).gaps == (), "an outage may still be made up for"
    clock.move(hours=3)
    outcome = intake.poll(ctx, "fake", watch.id)
    assert outcome.gaps == (Gap(heard_until, clock.now - timedelta(hours=1), reason),)
    assert intake.poll(ctx, "fake", watch.id).gaps == outcome.gaps


def test_an_outage_the_network_lets_us_make_up_for_leaves_no_gap(ctx, brand, watch, network, clock):
    intake.poll(ctx, "fake", watch.id)
    clock.move(days=30)
    assert intake.poll(ctx, "fake", watch.id).gaps == ()
    network.manifest = replace(network.manifest, looks_back_s=3600)
    clock.move(minutes=59)
    assert intake.poll(ctx, "fake", watch.id).gaps == ()


def test_quota_and_the_newest_post_are_told(ctx, brand, watch, network, clock, at):
    future = a_post("from a wrong clock", at=clock.now + timedelta(days=400))
    network.pages = [Page((a_post("one", at=at(8, 12)),), None, quota=Quota(17, 300, at(9, 15)))]
    intake.poll(ctx, "fake", watch.id)
    assert (covered(ctx, brand).quota, covered(ctx, brand).last_post_at) == (Quota(17, 300, at(9, 15)), at(8, 12))
    network.pages.append(Page((a_post("late", at=at(7)), future), None))
    clock.move(minutes=1)
    intake.poll(ctx, "fake", watch.id)
    assert covered(ctx, brand).last_post_at == clock.now, "no post is of the future"
    assert covered(ctx, brand).quota is not None, "an answer without a quota forgets nothing"


def test_failing_is_blind_only_after_five_minutes_and_three_polls(ctx, brand, watch, network, clock):
    health.beat(ctx, "worker")
    intake.poll(ctx, "fake", watch.id)
    heard_until = clock.now
    for minutes, expected in ((1, None), (4, None), (2, Blindness.FAILING)):
        clock.move(minutes=minutes)
        network.fetch_failures = [Unavailable("The network does not answer.")]
        intake.poll(ctx, "fake", watch.id)
        assert covered(ctx, brand).blind is expected
    row = covered(ctx, brand)
    assert (row.heard_until, row.error_key) == (heard_until, "unavailable")
    intake.poll(ctx, "fake", watch.id)
    assert (covered(ctx, brand).blind, covered(ctx, brand).error) == (None, None)


def test_a_channel_that_refuses_us_is_blind_at_once_until_somebody_starts_it_again(
    ctx, brand, watch, network, acting, clock
):
    network.fetch_failures = [Unauthorized()]
    intake.poll_due(ctx, worker="w1")
    assert covered(ctx, brand).blind is Blindness.STOPPED
    clock.move(minutes=3)
    assert intake.poll_due(ctx, worker="w1") == []
    coverage.begin_again(acting("paolo", roles=("manager",)), brand.id, "fake")
    assert [outcome.error for outcome in intake.poll_due(ctx, worker="w1")] == [None]
    assert covered(ctx, brand).blind is None


def test_asking_at_once_needs_the_right_and_a_channel(ctx, brand, watch, acting):
    with pytest.raises(NotAllowed):
        coverage.begin_again(acting("olga"), brand.id, "fake")
    with pytest.raises(NotFound):
        coverage.begin_again(ctx, brand.id, "elsewhere")


def test_asking_at_once_does_not_wait_for_the_next_round(ctx, brand, watch, network, clock):
    intake.poll_due(ctx, worker="w1")
    clock.move(seconds=1)
    assert intake.poll_due(ctx, worker="w1") == []
    assert not coverage.begin_again(ctx, brand.id, "fake"), "there is no worker to do it"
    health.beat(ctx, "worker")
    assert coverage.begin_again(ctx, brand.id, "fake")
    assert len(intake.poll_due(ctx, worker="w1")) == 1


def test_without_a_worker_nothing_is_heard_and_a_new_one_gets_its_time(ctx, brand, watch, clock):
    health.beat(ctx, "worker")
    intake.poll(ctx, "fake", watch.id)
    clock.move(minutes=5)
    assert covered(ctx, brand).blind is None
    clock.move(minutes=2)
    assert covered(ctx, brand).blind is Blindness.NOT_POLLED
    health.beat(ctx, "worker")
    assert covered(ctx, brand).blind is None, "it has just come back"
    for _ in range(20):
        clock.move(seconds=20)
        health.beat(ctx, "worker")
    assert covered(ctx, brand).blind is Blindness.NOT_POLLED, "it lives and yet asks nobody"


def test_a_channel_that_falls_silent_is_noticed_by_its_own_past(ctx, brand, watch, network, clock):
    posts = [a_post(str(n), at=clock.now - timedelta(hours=3 * n), native_id=str(n)) for n in range(40)]
    network.pages = [Page(tuple(posts), None)]
    intake.poll(ctx, "fake", watch.id)
    for _ in range(9):
        clock.move(hours=1)
        intake.poll(ctx, "fake", watch.id)
        assert covered(ctx, brand).blind is None, "three times its longest pause is nine hours"
    clock.move(minutes=2)
    intake.poll(ctx, "fake", watch.id)
    row = covered(ctx, brand)
    assert (row.blind, row.expected_silence_s, row.heard_until) == (Blindness.SILENT, 9 * 3600, posts[0].published_at)
    network.pages.append(Page((a_post("again", at=clock.now),), None))
    intake.poll(ctx, "fake", watch.id)
    assert covered(ctx, brand).blind is None


def test_a_manifest_that_names_its_silence_needs_no_past(ctx, brand, watch, network, clock):
    network.manifest = replace(network.manifest, silence_s=600)
    network.pages = [Page((a_post("one", at=clock.now),), None)]
    intake.poll(ctx, "fake", watch.id)
    clock.move(minutes=11)
    intake.poll(ctx, "fake", watch.id)
    assert covered(ctx, brand).blind is Blindness.SILENT


def test_what_was_imported_is_no_channel_to_lose(ctx, brand, clock):
    watches.add_watch(ctx, brand.id, name="files", terms=(), channels=("import",))
    clock.move(days=1)
    assert coverage.coverage(ctx, brand.id) == ()


def test_coverage_needs_the_right_to_read(ctx, brand, acting):
    from services.context import Actor

    with pytest.raises(NotAllowed):
        coverage.coverage(ctx.acting_as(Actor("visitor", frozenset())), brand.id)


def test_the_doctor_tells_the_same_truth(ctx, brand, watch, network, clock):
    health.beat(ctx, "worker")
    intake.poll(ctx, "fake", watch.id)
    clock.move(minutes=7)
    words = {check.name: check.words for check in health.doctor(ctx).checks}
    assert words["channels"] == "fake: nobody asks it since 2026-03-02 09:00 UTC"


def test_brands_do_not_see_each_others_channels(ctx, brand, watch):
    other = brands.add_brand(ctx, "Borea")
    watches.add_watch(ctx, other.id, name="b", terms=(), channels=("fake",))
    assert [row.watch for row in coverage.coverage(ctx, other.id)] == ["b"]


def test_a_night_in_which_nobody_asked_is_no_silence(ctx, brand, watch, network, clock):
    posts = [a_post(str(n), at=clock.now - timedelta(hours=2 * n), native_id=str(n)) for n in range(60)]
    network.pages = [Page(tuple(posts), None)]
    intake.poll(ctx, "fake", watch.id)
    clock.move(hours=12)
    health.beat(ctx, "worker")
    assert (covered(ctx, brand).expected_silence_s, covered(ctx, brand).blind) == (6 * 3600, None)
    intake.poll(ctx, "fake", watch.id)
    assert covered(ctx, brand).blind is Blindness.SILENT, "now somebody has asked"


def test_a_gap_is_news_until_somebody_knows_of_it_and_stays_on_record(ctx, brand, watch, network, at, clock, acting):
    told(network, ctx, watch, Gap(at(8), at(8, 30), "forgotten: Forum"))

    def news():
        return [gap.reason for _, gap in coverage.news_of(coverage.coverage(ctx, brand.id), now=ctx.clock())]

    assert news() == ["forgotten: Forum"]
    with pytest.raises(NotAllowed):
        coverage.know_gaps(acting("olga"), brand.id)
    manager = acting("paolo", roles=("manager",))
    assert (coverage.know_gaps(manager, brand.id), coverage.know_gaps(manager, brand.id)) == (1, 0)
    assert news() == [] and covered(ctx, brand).gaps[0].known_at == clock.now
    assert covered(ctx, brand).blind is None, "what is over is no blindness"
    told(network, ctx, watch, Gap(at(8), at(8, 20), "forgotten: Forum"))
    assert news() == [], "the same is no news"
    told(network, ctx, watch, Gap(at(8, 20), at(8, 50), "forgotten: Forum"))
    assert news() == ["forgotten: Forum"], "what grows is"


def test_a_gap_that_lasts_is_news_once_and_again_only_when_it_was_over(ctx, brand, watch, network, at, clock):
    """X refuses the search for quotes anew each day, from where it was left to now."""

    def news():
        return [gap.reason for _, gap in coverage.news_of(coverage.coverage(ctx, brand.id), now=ctx.clock())]

    began_at = at(8)
    told(network, ctx, watch, Gap(began_at, clock.now, GapReason.QUOTES_REFUSED))
    assert news() == ["quotes_refused"]
    for known in (False, True):
        if known:
            coverage.know_gaps(ctx, brand.id)
        clock.move(days=1, minutes=1)
        told(network, ctx, watch, Gap(began_at, clock.now, GapReason.QUOTES_REFUSED))
        assert news() == []
        assert holes(ctx, brand) == [(began_at, clock.now, "quotes_refused")]
    clock.move(days=2)
    told(network, ctx, watch, Gap(clock.now - timedelta(hours=1), clock.now, GapReason.QUOTES_REFUSED))
    assert news() == ["quotes_refused"]


def test_a_gap_nobody_acknowledges_counts_as_known_after_a_day(ctx, brand, watch, network, at, clock):
    told(network, ctx, watch, Gap(at(8), at(8, 30), "forgotten: Forum"))
    clock.move(hours=25)
    assert coverage.news_of(coverage.coverage(ctx, brand.id), now=ctx.clock()) == []
    assert len(covered(ctx, brand).gaps) == 1


def test_a_part_of_a_known_gap_that_is_filled_leaves_the_rest_known(ctx, brand, watch, network, at):
    told(network, ctx, watch, Gap(at(6), at(9), "x"))
    coverage.know_gaps(ctx, brand.id)
    told(network, ctx, watch, complete_from=at(7), complete_up_to=at(8))
    assert [gap.known_at is not None for gap in covered(ctx, brand).gaps] == [True, True]


def test_a_worker_that_is_gone_is_known_within_twenty_seconds(ctx, clock):
    assert coverage.worker_life(ctx) == coverage.WorkerLife(False, None)
    assert coverage.worker_life(ctx).gone_since is None, "there never was one"
    health.beat(ctx, "worker")
    seen_at = clock.now
    clock.move(seconds=20)
    assert coverage.worker_life(ctx).lives
    clock.move(seconds=1)
    assert coverage.worker_life(ctx).gone_since == seen_at
    assert not health.ready(ctx)
    health.beat(ctx, "worker")
    assert coverage.worker_life(ctx).lives


def test_where_the_next_fetch_goes_on_is_read_by_whoever_fetches_and_by_no_page(ctx, brand, watch, network):
    """It holds what was handed over lately, by the tens of thousands of characters, and pages ask each few seconds."""
    asked: list[str] = []
    intake.poll(ctx, "fake", watch.id)
    event.listen(ctx.store.engine, "before_cursor_execute", lambda c, cur, statement, *rest: asked.append(statement))
    coverage.coverage(ctx, brand.id)
    coverage.everywhere(ctx)
    assert any("FROM polls" in each for each in asked) and not any("polls.cursor" in each for each in asked)
    intake.poll(ctx, "fake", watch.id)
    assert any("polls.cursor" in each for each in asked)
