"""Does a theme count what presses, on the days of the brand's own clock, and nothing a colleague took out of it?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from collectors.protocol import Page
from db import heard_posts, report
from domain.judgement import Correction, ReasonCode, UrgencyLevel
from domain.window import Window
from services import brands, intake, recounting, trends, triage
from tests.fakes import a_post
from tests.services.raw_counts import counted


@pytest.mark.parametrize(
    ("zone", "last"),
    [
        ("Africa/Cairo", "2026-04-23"),
        ("America/Santiago", "2026-09-05"),
        ("Asia/Beirut", "2026-03-28"),
        ("Europe/Rome", "2026-03-28"),
        ("Asia/Kolkata", "2026-03-28"),
        ("America/St_Johns", "2026-03-07"),
    ],
)
def test_a_brand_keeps_its_themes_whenever_its_clocks_change(ctx, network, classifier, clock, zone, last):
    brand = brands.add_brand(ctx, "Nilo", timezone=zone)
    watch = brands.add_watch(ctx, brand.id, name="all", terms=(), channels=("fake",))
    day = datetime.fromisoformat(last).replace(hour=12, tzinfo=ZoneInfo(zone))
    clock.now = (day + timedelta(days=9)).astimezone(UTC)
    for ahead in (0, 1):  # The last post of the day before the change, the first of the day after it.
        at = (day + timedelta(hours=(11, 13)[ahead], minutes=20)).astimezone(UTC)
        intake.store(ctx, watch, Page((a_post("BAD parcel", native_id=f"n{ahead}", at=at),), None))
    triage.judge_pending(ctx, classifier, posts=9)
    for ends in range(-1, 3):
        for days in (1, 2, 4):
            end = day.date() + timedelta(days=ends)
            window = Window(end - timedelta(days=days - 1), end, zone)
            inside = sum(window.first <= day.date() + timedelta(days=ahead) <= end for ahead in (0, 1))
            assert trends.trends(ctx, brand.id, window, theme=ReasonCode.MONEY).now.posts == inside


def test_a_post_corrected_to_no_action_presses_nowhere_any_more(ctx, watch, say, classifier, acting):
    for author in ("mara", "luca"):
        say("BAD parcel", author=author, native_id=author)
    triage.judge_pending(ctx, classifier, posts=9)
    giulia = acting("giulia")
    window = trends.window_of(ctx, watch.brand_id)
    sought = heard_posts.Sought(watch.brand_id, window.stretch.from_at, window.stretch.to_at, theme=ReasonCode.MONEY)

    def pressing():
        with ctx.store.read() as tx:
            listed = [post.mention_id for post in heard_posts.page(tx, sought, below=None, posts=9)]
            told = report.reasons_of_complaints(tx, watch.brand_id, window.stretch)
        return trends.trends(ctx, watch.brand_id, window, theme=ReasonCode.MONEY).now.posts, sorted(listed), len(told)

    assert pressing() == (2, [1, 2], 2)
    triage.correct(giulia, 1, Correction(urgency_level=UrgencyLevel.NO_ACTION))
    assert pressing() == (1, [2], 1)
    assert trends.trends(ctx, watch.brand_id, window).now.posts == 2
    before = counted(ctx)
    recounting.rebuild(ctx)
    assert counted(ctx) == before
    triage.correct(giulia, 1, Correction(urgency_level=UrgencyLevel.SAME_DAY))
    assert pressing() == (2, [1, 2], 2)
