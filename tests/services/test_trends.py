"""Are the figures of a window true in every corner: nothing, one post, deaf channels, other zones, few people?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, text

from collectors.protocol import Page
from db import gaps
from domain.errors import Invalid, Misconfigured, NotAllowed, NotFound, Unauthorized
from domain.judgement import Kind, ReasonCode
from domain.metrics import Figure
from domain.window import Comparison, Window
from services import brands, intake, posts_behind, trends, triage, watches
from services.hearing_record import Missed
from services.trends import Choices
from tests.fakes import a_post


@pytest.fixture
def hear(ctx, watch, classifier, clock):
    """Posts of the last days, stored and judged: ``hear("BAD", "THANKS", hours_ago=5)``."""
    count = [0]

    def post(*texts, hours_ago=1.0, on=watch, author="", **fields):
        for words in texts:
            count[0] += 1
            at = clock() - timedelta(hours=hours_ago)
            who = author or f"p{count[0]}"
            intake.store(ctx, on, Page((a_post(words, native_id=f"h{count[0]}", author=who, at=at, **fields),), None))
        triage.judge_pending(ctx, classifier, posts=500)

    return post


def seen(ctx, watch, days=7, **options):
    window = trends.window_of(ctx, watch.brand_id, since=ctx.clock().date() - timedelta(days=days - 1))
    return trends.trends(ctx, watch.brand_id, window, **options)


def test_a_brand_without_posts_has_no_figure_and_no_invented_nought(ctx, watch):
    found = seen(ctx, watch)
    assert found.now.posts == 0 and found.now.net == Figure(0) and found.now.complaints.value is None
    assert found.answers.half_s is None and not found.answers.is_enough and found.answers.solved.value is None
    assert found.voices == () and found.models == () and len(found.points) == 7


def test_a_window_of_one_post_counts_it_and_tells_no_share(ctx, watch, hear):
    hear("BAD parcel")
    found = seen(ctx, watch)
    assert (found.now.posts, found.now.judged, found.now.complaints.hits) == (1, 1, 1)
    assert found.now.complaints.value is None and found.now.net.value is None


def test_figures_rest_on_what_was_judged_and_leave_out_what_is_noise(ctx, watch, hear, clock):
    hear("BAD a", "BAD b", "THANKS", "where?", "how?", "SPAM buy")
    hear("BAD repost", is_repost=True)
    intake.store(ctx, watch, Page((a_post("new", native_id="x", at=clock()),), None))
    now = seen(ctx, watch).now
    assert (now.posts, now.judged, now.unjudged, now.spam, now.reposts) == (6, 5, 1, 1, 1)
    assert now.net.value == pytest.approx((1 - 2) / 5) and now.complaints.value == pytest.approx(2 / 5)


def test_reversed_dates_and_unknown_brands_and_zones_are_refused_in_words(ctx, watch, clock):
    today = clock().date()
    with pytest.raises(Invalid, match="before it begins"):
        trends.window_of(ctx, watch.brand_id, since=today, until=today - timedelta(days=1))
    with pytest.raises(NotFound):
        trends.window_of(ctx, 999)
    with ctx.store.write() as tx:
        tx.execute(text("UPDATE brands SET timezone = 'Mars/Olympus'"))
    with pytest.raises(Misconfigured, match="Mars/Olympus"):
        trends.window_of(ctx, watch.brand_id)


def test_days_are_those_of_the_brands_clock(ctx, watch, hear, clock):
    clock.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    hear("BAD late", hours_ago=10)  # 23:00 UTC on the first is the second of March in Rome.
    found = seen(ctx, watch, days=3)
    assert [point.figures.posts for point in found.points] == [0, 0, 1]


def test_a_point_that_has_not_begun_is_not_nought(ctx, watch, clock):
    tomorrow = clock().date() + timedelta(days=1)
    window = Window(clock().date(), tomorrow + timedelta(days=2), "Europe/Rome")
    points = trends.trends(ctx, watch.brand_id, window).points
    assert points[0].figures is not None and not points[0].is_over and points[1].figures is points[3].figures is None


def test_a_hole_is_told_where_it_was_and_nothing_is_put_in_its_place(ctx, watch, clock):
    with ctx.store.write() as tx:
        hole = {"from_at": clock() - timedelta(days=3, hours=5), "to_at": clock() - timedelta(days=3)}
        gaps.note(tx, "fake", watch_id=watch.id, **hole, reason="too_many", now=clock())
        tx.execute(text("UPDATE brands SET created_at = '2020-01-01 00:00:00.000000'"))
    found = seen(ctx, watch)
    [missed] = found.heard.unheard
    assert (missed.why, missed.reason, missed.channel) == (Missed.GAP, "too_many", "fake")
    assert [bool(point.unheard) for point in found.points] == [False] * 3 + [True] + [False] * 3
    assert found.points[3].figures.net.value is None


def test_a_channel_blind_for_a_week_is_missed_since_then(ctx, watch, clock):
    intake.poll(ctx, "fake", watch.id)
    with ctx.store.write() as tx:
        tx.execute(text("UPDATE brands SET created_at = '2020-01-01 00:00:00.000000'"))
    heard_until = clock()
    clock.move(days=7)
    found = seen(ctx, watch, days=10)
    [missed] = found.heard.unheard
    assert (missed.why, missed.stretch.from_at, missed.stretch.to_at) == (Missed.BLIND, heard_until, clock())
    assert sum(bool(point.unheard) for point in found.points) == 8


def test_a_channel_that_was_left_off_has_no_noughts_since_then(ctx, watch, account, clock):
    own_name = next(each for each in watches.list_watches(ctx, watch.brand_id) if each.id != watch.id)
    for each in (watch, own_name):
        intake.poll(ctx, "fake", each.id)
    clock.move(days=4)
    for each in (watch, own_name):
        intake.poll(ctx, "fake", each.id)
        watches.remove_watch(ctx, each.id, version=watches.get(ctx, each.id).version)
    left_at = clock()
    clock.move(days=3)
    with ctx.store.write() as tx:
        tx.execute(text("UPDATE brands SET created_at = '2020-01-01 00:00:00.000000'"))
        tx.execute(text("UPDATE accounts SET created_at = '2020-01-01 00:00:00.000000'"))
    [missed] = seen(ctx, watch).heard.unheard
    assert (missed.channel, missed.why, missed.stretch.from_at) == ("fake", Missed.BLIND, left_at)
    assert seen(ctx, watch).heard.left == (("fake", left_at),)
    clock.move(days=9)
    assert seen(ctx, watch).heard.unheard == seen(ctx, watch).heard.left == ()
    # It was read in the days before it was left, whoever looks at them later.
    before = Window(left_at.date() - timedelta(days=3), left_at.date() - timedelta(days=1), "Europe/Rome")
    then = trends.trends(ctx, watch.brand_id, before).heard
    assert (then.channels, then.left) == ((), (("fake", left_at),))
    with ctx.store.write() as tx:
        tx.execute(text("UPDATE brands SET created_at = '2026-03-02 09:00:00.000000'"))
    long_before = Window(left_at.date() - timedelta(days=90), left_at.date() - timedelta(days=80), "Europe/Rome")
    then = trends.trends(ctx, watch.brand_id, long_before).heard
    assert then.left == () and [each.why for each in then.unheard] == [Missed.BEFORE]
    assert all(point.unheard for point in seen(ctx, watch, channels=["fake"]).points)


def test_a_pause_between_two_who_listened_is_missed_though_somebody_else_listens_again(ctx, watch, account, clock):
    def rest_all() -> None:
        for each in watches.list_watches(ctx, watch.brand_id):
            intake.poll(ctx, "fake", each.id)
            watches.remove_watch(ctx, each.id, version=watches.get(ctx, each.id).version)

    def holes() -> list[tuple[Missed, str, datetime, datetime]]:
        missed = [each for each in seen(ctx, watch, days=30).heard.unheard if each.why is Missed.GAP]
        return [(each.why, each.reason, each.stretch.from_at, each.stretch.to_at) for each in missed]

    rest_all()
    left_at = clock()
    clock.move(days=6)
    new = brands.add_watch(ctx, watch.brand_id, name="new", terms=(), channels=("fake",))
    again_at = clock()
    pause = (Missed.GAP, "not_polled", left_at, again_at)
    assert holes() == [pause]
    intake.poll(ctx, "fake", new.id)
    clock.move(days=4)
    rest_all()
    clock.move(days=1)
    # The one from before goes on where it stopped: nothing is missing but what was.
    watches.restore_watch(ctx, watch.id, version=watches.get(ctx, watch.id).version)
    assert holes() == [pause]


def test_who_takes_over_from_a_watch_at_once_misses_nothing(ctx, watch, account, clock):
    for each in watches.list_watches(ctx, watch.brand_id):
        intake.poll(ctx, "fake", each.id)
        watches.remove_watch(ctx, each.id, version=watches.get(ctx, each.id).version)
    clock.move(seconds=30)
    brands.add_watch(ctx, watch.brand_id, name="new", terms=(), channels=("fake",))
    assert {each.why for each in seen(ctx, watch).heard.unheard} == {Missed.BEFORE}


def test_a_channel_that_was_never_heard_is_missed_all_the_time(ctx, watch, network, clock):
    with ctx.store.write() as tx:
        tx.execute(text("UPDATE brands SET created_at = '2020-01-01 00:00:00.000000'"))
    network.fetch_failures = [Unauthorized("no")]
    intake.poll(ctx, "fake", watch.id)
    clock.move(days=2)
    found = seen(ctx, watch, days=5)
    assert Missed.BLIND in {each.why for each in found.heard.unheard}
    assert all(point.unheard for point in found.points)


def test_the_time_before_anybody_listened_is_not_known(ctx, watch, clock):
    intake.poll(ctx, "fake", watch.id)
    found = seen(ctx, watch)
    assert [each.why for each in found.heard.unheard] == [Missed.BEFORE] and found.points[0].unheard


def test_competitors_are_counted_beside_us_and_small_ones_left_out(ctx, watch, hear):
    rival = watches.add_watch(ctx, watch.brand_id, name="Enerviva", terms=(), is_competitor=True)
    small = watches.add_watch(ctx, watch.brand_id, name="Tiny", terms=(), is_competitor=True)
    hear(*["BAD"] * 20)
    hear(*["THANKS"] * 30, on=rival)
    hear("THANKS", on=small)
    found = seen(ctx, watch)
    assert [(v.name, v.share.hits, v.share.n) for v in found.voices] == [("Aurora", 20, 50), ("Enerviva", 30, 50)]
    assert found.few_voices == 1 and found.now.posts == 20 and found.voices[1].net.value == 1.0


def test_filters_choose_channels_and_languages_by_their_root(ctx, watch, hear):
    hear("BAD", "BAD", language="it-CH")
    hear("BAD", language="en")
    assert seen(ctx, watch, languages=["it"]).now.posts == 2
    assert seen(ctx, watch, channels=["nowhere"]).now.posts == 0
    assert [g.name for g in seen(ctx, watch).by_language] == ["it", "en"]


def test_only_languages_and_channels_with_posts_are_offered(ctx, watch, hear):
    hear("BAD", language="it")
    hear("BAD", language="en")
    window = trends.window_of(ctx, watch.brand_id)
    assert trends.to_choose(ctx, watch.brand_id, window) == Choices(("fake",), ("en", "it"), (ReasonCode.MONEY,))
    with ctx.store.write() as tx:
        tx.execute(text("UPDATE mentions SET language = 'it'"))
    assert trends.to_choose(ctx, watch.brand_id, window).languages == ("it",)
    with ctx.store.write() as tx:
        tx.execute(text("UPDATE mentions SET deleted_at = published_at"))
    assert trends.to_choose(ctx, watch.brand_id, window) == Choices((), (), ())


def test_the_window_before_is_counted_the_same_way(ctx, watch, hear):
    hear("BAD", hours_ago=24 * 8)
    hear("BAD", "BAD")
    assert seen(ctx, watch).before.posts == 1
    assert seen(ctx, watch, comparison=Comparison.SAME_WEEKDAYS).compared.last.weekday() == ctx.clock().weekday()


def test_the_posts_behind_a_point_are_those_that_were_counted(ctx, watch, hear, clock):
    hear(*["BAD"] * 12, "THANKS", "SPAM no", hours_ago=3)
    hear("BAD", is_repost=True)
    point = next(p for p in seen(ctx, watch).points if p.figures and p.figures.posts)
    sought = posts_behind.Sought(watch.brand_id, point.stretch.from_at, point.stretch.to_at)
    first = posts_behind.posts_behind(ctx, sought, posts=10)
    rest = posts_behind.posts_behind(ctx, sought, below=first.next_place, posts=10)
    told = [post.mention_id for post in (*first.posts, *rest.posts)]
    assert len(told) == len(set(told)) == point.figures.posts == 13 and rest.next_place is None
    praise = posts_behind.Sought(watch.brand_id, point.stretch.from_at, point.stretch.to_at, kind=Kind.PRAISE)
    [post] = posts_behind.posts_behind(ctx, praise).posts
    assert post.case_id and post.text == "THANKS"


def test_only_managers_and_marketing_see_them(ctx, watch, acting):
    window = trends.window_of(ctx, watch.brand_id)
    for role in ("manager", "marketing"):
        assert trends.trends(acting(role, roles=(role,)), watch.brand_id, window).now.posts == 0
    with pytest.raises(NotAllowed):
        trends.trends(acting("giulia"), watch.brand_id, window)


def test_a_page_reads_what_was_counted_and_never_the_posts(ctx, watch, hear):
    hear("BAD", "THANKS")
    asked = []
    event.listen(ctx.store.engine, "before_cursor_execute", lambda c, cur, statement, *rest: asked.append(statement))
    seen(ctx, watch, days=90)
    assert asked and not [s for s in asked if "FROM mentions" in s or "JOIN mentions" in s or "FROM cases" in s]


def test_another_brand_is_never_among_them(ctx, watch, hear):
    other = brands.add_brand(ctx, "Other")
    hear("BAD")
    window = trends.window_of(ctx, other.id)
    assert trends.trends(ctx, other.id, window).now.posts == 0
