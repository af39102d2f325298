"""What its author deleted on a network long after it was read: is it deleted here, and is what we said kept?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from collectors.protocol import Page
from db.tables import authors, mentions
from domain.errors import Malformed, Unavailable
from domain.mention import FROM_FILES
from services import brands, intake, rechecking
from tests.contract.harness_bluesky import BlueskyHarness
from tests.contract.harness_mastodon import MastodonHarness
from tests.contract.harness_reddit import RedditHarness
from tests.contract.harness_x import XHarness
from tests.contract.test_listening import WATCH

HARNESSES = (XHarness, MastodonHarness, BlueskyHarness, RedditHarness)


class Door:
    """The way to one network, played by its harness."""

    def __init__(self, harness) -> None:
        self.harness, self.asked = harness, 0
        self.fails = False

    def names(self) -> tuple[str, ...]:
        return (self.harness.name,)

    def manifest(self, name: str):
        return self.harness.manifest

    def collector(self, name: str, account=None, *, accounts=()):
        if self.fails:
            raise Unavailable()
        self.asked += 1
        return self.harness.collector()


@pytest.fixture(params=HARNESSES, ids=lambda harness: harness.name)
def harness(request, tmp_path, clock):
    return request.param(tmp_path, clock)


@pytest.fixture
def desk(ctx, harness):
    """A desk that listens on that network, with the posts of three people stored."""
    ctx = replace(ctx, channels=Door(harness))
    brand = brands.add_brand(ctx, "Aurora")
    watch = brands.add_watch(ctx, brand.id, name="all", terms=(), channels=(harness.name,))
    brands.add_account(ctx, brand.id, channel=harness.name, handle="aurora")
    ids = [harness.arrive(f"parcel of {who}", author=who) for who in ("mara", "luca", "zoe")]
    collector, cursor = harness.collector(), None
    while True:
        page = collector.fetch(WATCH, cursor)
        intake.store(ctx, watch, Page(page.items, None))
        cursor = page.next_cursor
        if not page.has_more:
            break
    return ctx, ids


def texts(ctx) -> dict[str, str]:
    with ctx.store.read() as tx:
        rows = tx.execute(select(mentions.c.native_id, mentions.c.text).where(~mentions.c.is_own))
        return {row.native_id: row.text for row in rows}


@pytest.mark.databases("sqlite")
def test_a_post_deleted_long_after_it_was_read_is_purged_with_its_author(desk, clock, harness) -> None:
    ctx, ids = desk
    kept = texts(ctx)
    assert len(kept) == 3 and all(kept.values())
    gone = list(kept)[0] if ids[0] not in kept else ids[0]
    assert rechecking.run(ctx) == 0 and ctx.channels.asked == 0, "a new post is not looked for at once"
    harness.delete(ids[0])
    clock.move(hours=25)
    assert rechecking.run(ctx) == 1
    after = texts(ctx)
    assert after.pop(gone) == "" and all(after.values())
    with ctx.store.read() as tx:
        names = {row.name for row in tx.execute(select(authors).where(authors.c.handle == ""))}
    assert names == {""}
    assert rechecking.run(ctx) == 0 and ctx.channels.asked == 1, "the others are not asked about again at once"


@pytest.mark.databases("sqlite")
def test_what_came_in_a_file_is_no_question_for_a_network(desk, clock, harness) -> None:
    ctx, _ = desk
    with ctx.store.write() as tx:
        tx.execute(update(mentions).values(origin=FROM_FILES))
    clock.move(hours=25)
    assert rechecking.run(ctx) == 0 and ctx.channels.asked == 0


@pytest.mark.databases("sqlite")
def test_an_answer_that_cannot_be_read_stops_no_round(desk, clock, harness, monkeypatch) -> None:
    ctx, _ = desk

    def unreadable(_self, _posts):
        raise Malformed("no list of posts")

    monkeypatch.setattr(type(harness.collector()), "recheck", unreadable)
    clock.move(hours=25)
    assert rechecking.run(ctx) == 0
    monkeypatch.undo()
    clock.move(hours=1)
    assert rechecking.run(ctx) == 0 and all(texts(ctx).values())


@pytest.mark.databases("sqlite")
def test_a_network_that_does_not_answer_is_asked_again_later_and_loses_nothing(desk, clock, harness) -> None:
    ctx, ids = desk
    harness.delete(ids[0])
    clock.move(hours=25)
    ctx.channels.fails = True
    assert rechecking.run(ctx) == 0 and all(texts(ctx).values())
    ctx.channels.fails = False
    assert rechecking.run(ctx) == 0, "it rests"
    clock.move(minutes=16)
    assert rechecking.run(ctx) == 1


@pytest.mark.databases("sqlite")
def test_a_day_has_its_number_of_looks(desk, clock, harness) -> None:
    ctx, _ = desk
    one = replace(ctx, settings=replace(ctx.settings, recheck_posts_day=1, recheck_paid_posts_day=1))
    clock.move(hours=25)
    for _ in range(3):
        rechecking.run(one)
    assert ctx.channels.asked == 1
    clock.move(hours=24)
    rechecking.run(one)
    assert ctx.channels.asked == 2


def test_what_is_young_is_looked_for_daily_and_all_of_reddit_within_two_days(clock) -> None:
    now = clock()
    spacing = {
        (channel, days): rechecking.next_look(channel, now - timedelta(days=days), now) - now
        for channel in ("x", "reddit")
        for days in (1, 10, 100)
    }
    assert [spacing["x", days].days for days in (1, 10, 100)] == [1, 7, 30]
    assert max(spacing["reddit", days].days for days in (1, 10, 100)) == 2
