"""Is each feed and each search asked once for all watches of a brand, and again as soon as a person wants it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bootstrap import Channels
from db import polls
from db.tables import mentions
from domain.brand import Brand, Watch
from services import brands, coverage, first_reading, intake, queue, watches
from services.context import Context
from services.queue import QueueFilter
from tests.contract.bluesky_server import Server
from tests.contract.harness import SECRET
from tests.fakes import MovableClock
from tests.peers.web_server import Asked, Told, WebServer

SEARCH, NOTIFIED = "app.bsky.feed.searchPosts", "app.bsky.notification.listNotifications"


@dataclass
class Site:
    """Some feeds on one server; ``says`` may be changed at any time."""

    says: dict[str, Told]
    server: WebServer

    def asked(self) -> Counter[str]:
        found = Counter(asked.path for asked in self.server.asked)
        self.server.asked.clear()
        return found


@pytest.fixture
def site() -> Iterator[Site]:
    says: dict[str, Told] = {}

    def answer(asked: Asked) -> Told:
        told = says[asked.path]
        known = asked.headers.get("if-none-match") == told.headers.get("ETag") is not None
        return Told(304, headers=told.headers) if known else told

    made = Site(says, WebServer(answer))
    yield made
    made.server.close()


@pytest.fixture
def desk(ctx: Context, clock: MovableClock) -> Context:
    return replace(ctx, channels=Channels(ctx.settings.data_dir, clock))


@pytest.fixture
def brand(desk: Context) -> Brand:
    """A brand with one watch of its own name."""
    return brands.add_brand(desk, "Aurora")


def feed(*titles: str, hours_ago: int = 0, clock: MovableClock | None = None) -> bytes:
    at = "" if clock is None else f"<pubDate>{clock.now - timedelta(hours=hours_ago):%a, %d %b %Y %T} GMT</pubDate>"
    items = "".join(f"<item><guid>{each}</guid><title>{each}</title>{at}</item>" for each in titles)
    return f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()


def add_feed(desk: Context, brand: Brand, site: Site, path: str, said: Told) -> None:
    site.says[path] = said
    brands.add_account(desk, brand.id, channel="feeds", handle=path, base_url=f"{site.server.url}{path}")


def due(desk: Context) -> list[intake.PollOutcome]:
    return intake.poll_due(desk, worker="w", channel="feeds")


def texts_of(desk: Context, watch: Watch) -> set[str]:
    with desk.store.read() as tx:
        found = tx.execute(select(mentions.c.text, mentions.c.id)).all()
        from db.mentions import matched

        mine = matched(tx, [row.id for row in found], watch_id=watch.id)
    return {row.text for row in found if row.id in mine}


def test_two_watches_read_a_feed_once_and_each_keeps_what_is_its_own(desk, brand, site, clock):
    add_feed(desk, brand, site, "/a", Told(200, feed("Aurora one", "gas two"), {"ETag": '"1"'}))
    gas = watches.add_watch(desk, brand.id, name="gas", terms=("gas",), channels=("feeds",))
    [own] = [watch for watch in watches.list_watches(desk, brand.id) if watch.id != gas.id]
    assert [o.error for o in due(desk)] == [None, None] and site.asked() == {"/a": 1}
    assert (texts_of(desk, own), texts_of(desk, gas)) == ({"Aurora one"}, {"gas two"})
    clock.move(minutes=5)
    assert [o.stored for o in due(desk)] == [0, 0] and site.asked() == {"/a": 1}, "unchanged, and asked once"
    site.says["/a"] = Told(200, feed("Aurora one", "gas two", "Aurora gas"), {"ETag": '"2"'})
    clock.move(minutes=5)
    due(desk)
    assert site.asked() == {"/a": 1} and "Aurora gas" in texts_of(desk, own) & texts_of(desk, gas)


def test_a_watch_that_comes_later_soon_goes_with_the_others(desk, brand, site, clock):
    add_feed(desk, brand, site, "/a", Told(200, feed("Aurora one"), {"ETag": '"1"'}))
    due(desk)
    clock.move(minutes=2)
    watches.add_watch(desk, brand.id, name="gas", terms=("gas",), channels=("feeds",))
    due(desk)
    site.asked()
    for _ in range(8):
        clock.move(minutes=1)
        due(desk)
    site.asked()
    for _ in range(20):
        clock.move(minutes=1)
        due(desk)
    assert site.asked() == {"/a": 4}, "once in five minutes"


def test_a_feed_that_fails_is_not_tried_again_for_the_next_watch(desk, brand, site):
    add_feed(desk, brand, site, "/down", Told(503))
    add_feed(desk, brand, site, "/fine", Told(200, feed("Aurora fine")))
    watches.add_watch(desk, brand.id, name="gas", terms=("gas",), channels=("feeds",))
    assert ["/down" in (o.error or "") for o in due(desk)] == [True, True]
    assert site.asked() == {"/down": 1, "/fine": 1}


def test_each_question_of_a_person_is_asked_anew(desk, brand, site, clock):
    add_feed(desk, brand, site, "/a", Told(200, feed("Aurora one")))
    [watch] = watches.list_watches(desk, brand.id)
    for _ in range(2):
        assert intake.poll(desk, "feeds", watch.id).error is None
    assert site.asked() == {"/a": 2}
    second = watches.add_watch(desk, brand.id, name="gas", terms=("gas",), channels=("feeds",))
    intake.poll_all(desk, "feeds", [watch.id, second.id])
    assert site.asked() == {"/a": 1}


def test_a_person_ends_the_rest_of_a_feed_on_the_desk_and_by_command(desk, brand, site, clock):
    add_feed(desk, brand, site, "/was-fine", Told(200, feed("Aurora one")))
    add_feed(desk, brand, site, "/never-was", Told(404))
    add_feed(desk, brand, site, "/other", Told(200, feed("Aurora other")))
    [watch] = watches.list_watches(desk, brand.id)
    intake.poll(desk, "feeds", watch.id)
    site.says["/was-fine"] = Told(404)
    clock.move(minutes=5)
    due(desk)
    site.asked()
    clock.move(minutes=5)
    due(desk)
    assert site.asked() == {"/other": 1}, "the two that failed rest for hours"
    site.says |= {path: Told(200, feed(f"Aurora {path}")) for path in ("/was-fine", "/never-was")}
    clock.move(minutes=1)
    coverage.begin_again(desk, brand.id, "feeds")
    [outcome] = due(desk)
    assert (outcome.error, outcome.stored) == (None, 2) and set(site.asked()) == {"/was-fine", "/never-was", "/other"}
    site.says["/other"] = Told(404)
    intake.poll(desk, "feeds", watch.id)
    assert "/other" in (intake.poll(desk, "feeds", watch.id).error or "")
    assert site.asked()["/other"] == 2, "each command asks"


def test_a_feed_that_is_gone_is_asked_once_more_when_a_person_wants_it(desk, brand, site, clock):
    add_feed(desk, brand, site, "/gone", Told(410))
    add_feed(desk, brand, site, "/fine", Told(200, feed("Aurora fine")))
    due(desk)
    site.says["/gone"] = Told(200, feed("Aurora is back"))
    clock.move(minutes=10)
    due(desk)
    assert site.asked()["/gone"] == 1
    coverage.begin_again(desk, brand.id, "feeds")
    assert [o.error for o in due(desk)] == [None]


def test_the_patience_a_server_asks_for_is_not_ended_by_a_button(desk, brand, site, clock):
    add_feed(desk, brand, site, "/busy", Told(429, headers={"Retry-After": "3600"}))
    add_feed(desk, brand, site, "/fine", Told(200, feed("Aurora fine")))
    due(desk)
    site.asked()
    clock.move(minutes=5)
    coverage.begin_again(desk, brand.id, "feeds")
    due(desk)
    assert site.asked() == {"/fine": 1}


def test_who_asks_while_a_round_is_under_way_gets_another_one_after_it(desk, brand, site, clock):
    add_feed(desk, brand, site, "/a", Told(200, feed("Aurora one")))
    [watch] = watches.list_watches(desk, brand.id)
    answer = site.server.answer

    def asked_meanwhile(asked: Asked) -> Told:
        coverage.begin_again(desk, brand.id, "feeds")
        site.server.answer = answer
        return answer(asked)

    site.server.answer = asked_meanwhile
    clock.move(seconds=1)
    assert len(due(desk)) == 2 and site.asked() == {"/a": 2}
    with desk.store.read() as tx:
        assert polls.get(tx, "feeds", watch_id=watch.id).asked_at is None


def test_old_entries_of_a_new_feed_queue_nothing_though_the_brand_listened_before(desk, brand, site, clock):
    add_feed(desk, brand, site, "/a", Told(200, feed("Aurora one", clock=clock)))
    due(desk)
    add_feed(desk, brand, site, "/b", Told(200, feed(*(f"Aurora {n}" for n in range(30)), hours_ago=50, clock=clock)))
    clock.move(minutes=5)
    [outcome] = due(desk)
    assert (outcome.stored, outcome.older) == (30, 30)
    assert [entry.text for entry in queue.page(desk, QueueFilter(brand.id)).entries] == ["Aurora one"]
    assert len(first_reading.shown(desk, brand.id, "feeds")) == 30


def test_entries_of_a_new_feed_whose_age_nobody_knows_are_not_queued_and_later_ones_are(desk, brand, site, clock):
    add_feed(desk, brand, site, "/a", Told(200, feed(*(f"Aurora {n}" for n in range(30)))))
    assert [(o.stored, o.older) for o in due(desk)] == [(30, 30)]
    site.says["/a"] = Told(200, feed(*(f"Aurora {n}" for n in range(31))))
    clock.move(minutes=5)
    due(desk)
    assert [entry.text for entry in queue.page(desk, QueueFilter(brand.id)).entries] == ["Aurora 30"]


@pytest.fixture
def server(clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("AURORA_BLUESKY", SECRET)
    made = Server(clock, SECRET)
    yield made
    made.close()


def test_equal_searches_and_what_addresses_us_are_asked_once_for_two_watches(desk, brand, server, clock):
    brands.add_account(
        desk, brand.id, channel="bluesky", handle="aurora.test", base_url=server.url, secret_ref="AURORA_BLUESKY"
    )
    [own] = watches.list_watches(desk, brand.id)
    other = watches.add_watch(desk, brand.id, name="both", terms=("Aurora", "gas"), channels=("bluesky",))
    for number in range(20):
        server.add(f"Aurora {number}", author=f"a{number}", did=f"did:plc:a{number}", to_us=number % 2 == 0)
    outcomes = intake.poll_due(desk, worker="w", channel="bluesky")
    assert [o.error for o in outcomes] == [None, None]
    once = Counter(server.asked)
    assert len(texts_of(desk, own)) == len(texts_of(desk, other)) == 20
    server.asked.clear()
    with desk.store.write() as tx:
        for watch in (own, other):
            polls.change(tx, "bluesky", watch_id=watch.id, holder=None, cursor=None)
    for watch in (own, other):
        intake.poll(desk, "bluesky", watch.id)
    apart = Counter(server.asked)
    assert once[NOTIFIED] * 2 == apart[NOTIFIED], "one round for both"
    assert once[SEARCH] == 4 + 1 and apart[SEARCH] == 4 + 4 + 1, "four pages of the one search, one of the other"
