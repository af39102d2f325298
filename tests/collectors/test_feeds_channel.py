"""Does the channel read each feed of a brand politely, remember what it must, and let none stop another?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from collectors.feeds.client import FeedClient
from collectors.feeds.collector import PAGE_ITEMS, FeedsCollector
from collectors.http import Web
from collectors.protocol import Cursor, Page
from collectors.registry import channel
from db.tables import quarantine
from domain.brand import Account, Watch
from domain.errors import DeskError, Fatal, Invalid, Misconfigured, RateLimited, Unauthorized, Unavailable
from services import brands, intake
from services.context import Context
from tests.contract.harness import OneChannel
from tests.contract.harness_feeds import FeedsHarness
from tests.fakes import MovableClock
from tests.peers.web_server import Asked, Told, WebServer

WATCH = Watch(1, 1, "Aurora")


def rss(*entries: tuple[str, str], title: str = "F") -> bytes:
    items = "".join(f"<item><guid>{name}</guid><title>{words}</title></item>" for name, words in entries)
    return f"<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>".encode()


def dated(*entries: tuple[str, str]) -> bytes:
    items = "".join(f"<item><guid>{n}</guid><title>{n}</title><pubDate>{at}</pubDate></item>" for n, at in entries)
    return f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()


class Feeds:
    """Some feeds on one server, and a collector that is built anew for every round."""

    def __init__(self, clock: MovableClock) -> None:
        self.clock = clock
        self.says: dict[str, Told | Callable[[Asked], Told]] = {}
        self.server = WebServer(self._answer)
        self.accounts: tuple[Account, ...] = ()

    def _answer(self, asked: Asked) -> Told:
        said = self.says[asked.path]
        return said if isinstance(said, Told) else said(asked)

    def add(self, path: str, said: Told | bytes) -> None:
        self.says[path] = said if isinstance(said, Told) else Told(200, said)
        number = len(self.accounts) + 1
        self.accounts += (Account(number, 1, "feeds", f"Feed {number}", base_url=f"{self.server.url}{path}"),)

    def collector(self, *, page_items: int = PAGE_ITEMS) -> FeedsCollector:
        return FeedsCollector(FeedClient(Web(self.clock)), self.accounts, self.clock, page_items=page_items)

    def round(self, cursor: Cursor | None = None) -> tuple[list[Page], Cursor | None, DeskError | None]:
        """One round as the desk makes it."""
        collector, pages = self.collector(), list[Page]()
        while True:
            try:
                page = collector.fetch(WATCH, cursor)
            except DeskError as error:
                return pages, cursor, error
            pages.append(page)
            cursor = page.next_cursor
            assert len(pages) < 50
            if not page.has_more:
                return pages, cursor, None

    def paths(self) -> list[str]:
        asked = [asked.path for asked in self.server.asked]
        self.server.asked.clear()
        return asked


@pytest.fixture
def feeds(clock: MovableClock) -> Iterator[Feeds]:
    made = Feeds(clock)
    yield made
    made.server.close()


def texts(pages: list[Page]) -> list[str]:
    return [post.text for page in pages for post in page.items]


def test_every_feed_of_a_brand_is_read_once_a_round(feeds: Feeds) -> None:
    for number in range(3):
        feeds.add(f"/{number}", rss((f"g{number}", f"words {number}")))
    pages, cursor, error = feeds.round()
    assert error is None and sorted(texts(pages)) == ["words 0", "words 1", "words 2"]
    assert feeds.paths() == ["/0", "/1", "/2"]
    assert pages[-1].complete_up_to == feeds.clock() and pages[0].complete_up_to is None
    assert len({post.origin for page in pages for post in page.items}) == 3
    assert texts(feeds.round(cursor)[0]) == []


def test_what_did_not_change_is_neither_sent_nor_stored_again(feeds: Feeds) -> None:
    def answer(asked: Asked) -> Told:
        known = asked.headers.get("if-none-match") == '"v1"' and asked.headers.get("if-modified-since") == "then"
        return Told(304) if known else Told(200, rss(("1", "one")), {"ETag": '"v1"', "Last-Modified": "then"})

    feeds.add("/f", b"")
    feeds.says["/f"] = answer
    _, cursor, _ = feeds.round()
    feeds.clock.move(minutes=5)
    [page], cursor, error = feeds.round(cursor)
    assert (page.items, error, page.complete_up_to) == ((), None, feeds.clock())
    assert feeds.server.asked[-1].headers["if-none-match"] == '"v1"'


def test_other_words_under_the_same_id_are_an_edit_with_another_version(feeds: Feeds) -> None:
    feeds.add("/f", rss(("1", "first"), ("2", "same")))
    pages, cursor, _ = feeds.round()
    feeds.says["/f"] = Told(200, rss(("1", "second"), ("2", "same")))
    changed, _, _ = feeds.round(cursor)
    [post] = changed[0].items
    [before] = [p for p in pages[0].items if p.native_id == "1"]
    assert post.text == "second" and post.version != before.version and post.native_id == before.native_id


def test_an_older_copy_of_a_feed_undoes_no_edit(feeds: Feeds) -> None:
    entry = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title><entry><id>1</id><title>{}</title>"
        "<published>2026-03-02T07:00:00Z</published><updated>2026-03-02T0{}:00:00Z</updated></entry></feed>"
    )
    cursor: Cursor | None = None
    found: list[str] = []
    feeds.add("/f", b"")
    for words, hour in (("one", 7), ("two", 8), ("one", 7), ("two", 8)):
        feeds.says["/f"] = Told(200, entry.format(words, hour).encode())
        pages, cursor, _ = feeds.round(cursor)
        found += texts(pages)
    assert found == ["one", "two"]


def test_an_entry_without_a_date_keeps_the_time_it_was_first_seen(feeds: Feeds) -> None:
    feeds.add("/f", rss(("1", "undated")))
    pages, cursor, _ = feeds.round()
    assert pages[0].items[0].published_at == feeds.clock()
    feeds.clock.move(hours=1)
    assert texts(feeds.round(cursor)[0]) == []


def test_one_id_for_many_links_does_not_hide_posts(feeds: Feeds) -> None:
    same = "".join(
        f"<item><guid>0</guid><link>https://x.example/{n}</link><title>t{n}</title></item>" for n in range(4)
    )
    feeds.add("/f", f"<rss version='2.0'><channel><title>F</title>{same}</channel></rss>".encode())
    assert len({post.native_id for post in feeds.round()[0][0].items}) == 4


def test_a_feed_that_has_moved_for_good_is_asked_at_its_new_address(feeds: Feeds) -> None:
    feeds.add("/old", Told(301, headers={"Location": "/new"}))
    feeds.says["/new"] = Told(200, rss(("1", "one")))
    pages, cursor, _ = feeds.round()
    assert feeds.paths() == ["/old", "/new"]
    feeds.says["/new"] = Told(200, rss(("1", "one"), ("2", "two")))
    more, cursor, _ = feeds.round(cursor)
    assert feeds.paths() == ["/new"] and texts(more) == ["two"]
    assert more[0].items[0].origin == pages[0].items[0].origin
    feeds.says["/new"] = Told(404)
    feeds.says["/old"] = Told(200, rss(("3", "back")))
    assert texts(feeds.round(cursor)[0]) == ["back"]


def test_a_feed_that_is_gone_stops_the_channel_only_when_it_was_the_last(feeds: Feeds) -> None:
    feeds.add("/gone", Told(410))
    _, _, error = feeds.round()
    assert isinstance(error, Misconfigured) and "Feed 1" in str(error) and "gone for good" in str(error)
    feeds.add("/fine", rss(("1", "one")))
    pages, cursor, error = feeds.round()
    assert texts(pages) == ["one"] and isinstance(error, Unavailable) and "Feed 1" in str(error)
    feeds.paths()
    _, cursor, error = feeds.round(cursor)
    assert feeds.paths() == ["/fine"] and error is not None and "gone for good" in str(error)


def test_a_feed_that_asks_for_patience_gets_it_while_others_are_read(feeds: Feeds) -> None:
    feeds.add("/busy", Told(429, headers={"Retry-After": "600"}))
    feeds.add("/fine", rss(("1", "one")))
    pages, cursor, error = feeds.round()
    assert texts(pages) == ["one"] and isinstance(error, Unavailable)
    feeds.paths()
    feeds.clock.move(minutes=5)
    _, cursor, error = feeds.round(cursor)
    assert feeds.paths() == ["/fine"] and "slow down" in str(error)
    feeds.says["/busy"] = Told(200, rss(("2", "two")))
    feeds.clock.move(minutes=6)
    pages, _, error = feeds.round(cursor)
    assert texts(pages) == ["two"] and error is None


def test_all_feeds_out_of_reach_wait_as_long_as_the_shortest_says(feeds: Feeds) -> None:
    feeds.add("/a", Told(429, headers={"Retry-After": "600"}))
    feeds.add("/b", Told(429, headers={"Retry-After": "120"}))
    error = feeds.round()[2]
    assert isinstance(error, Unavailable) and error.retry_after_s == 120


def test_one_feed_alone_says_exactly_what_is_wrong(feeds: Feeds) -> None:
    feeds.add("/f", Told(429, headers={"Retry-After": "600"}))
    error = feeds.round()[2]
    assert isinstance(error, RateLimited) and error.retry_after_s == 600
    for said, kind in ((Told(401), Unauthorized), (Told(404), Misconfigured), (Told(200, b"<html>"), Misconfigured)):
        feeds.says["/f"] = said
        assert type(feeds.round()[2]) is kind


def test_a_feed_that_was_fine_and_breaks_is_asked_again_by_itself(feeds: Feeds) -> None:
    feeds.add("/f", rss(("1", "one")))
    _, cursor, _ = feeds.round()
    for said in (Told(404), Told(200, b"<html>Maintenance</html>"), Told(200, b"{")):
        feeds.says["/f"] = said
        error = feeds.round(cursor)[2]
        assert isinstance(error, Unavailable) and not isinstance(error, Fatal)


def test_what_went_past_between_two_looks_is_a_gap_with_its_reason(feeds: Feeds) -> None:
    times = [(f"e{n}", f"Mon, 02 Mar 2026 08:{n:02}:00 GMT") for n in range(40)]
    feeds.add("/f", dated(*times[9::-1]))
    _, cursor, _ = feeds.round()
    feeds.says["/f"] = Told(200, dated(*times[15:5:-1]))
    [page], cursor, _ = feeds.round(cursor)
    assert page.gaps == ()
    feeds.says["/f"] = Told(200, dated(*times[39:29:-1]))
    [page], _, _ = feeds.round(cursor)
    [gap] = page.gaps
    assert gap.from_at.minute in (14, 15) and gap.to_at.minute in (30, 31, 32) and "Feed 1" in gap.reason


def test_what_left_the_feed_between_two_pages_of_one_reading_is_a_gap(feeds: Feeds) -> None:
    times = [(f"e{n}", f"Mon, 02 Mar 2026 08:{n:02}:00 GMT") for n in range(30)]
    late = [(f"late{n}", "Mon, 02 Mar 2026 08:09:30 GMT") for n in range(3)]
    feeds.add("/f", dated(*times[9::-1]))
    _, cursor, _ = feeds.round()
    feeds.says["/f"] = Told(200, dated(*late[::-1], *times[13:6:-1]))
    first = feeds.collector(page_items=3).fetch(WATCH, cursor)
    assert texts([first]) == ["e10", "e11", "e12"] and first.has_more
    feeds.says["/f"] = Told(200, dated(*times[26:19:-1], *late[::-1]))
    page = feeds.collector(page_items=100).fetch(WATCH, first.next_cursor)
    [gap] = page.gaps
    assert gap.from_at < datetime(2026, 3, 2, 8, 13, tzinfo=UTC) < gap.to_at


def test_one_late_entry_on_top_does_not_turn_a_feed_round(feeds: Feeds) -> None:
    times = [(f"e{n}", f"Mon, 02 Mar 2026 08:{n:02}:00 GMT") for n in range(30)]
    feeds.add("/f", dated(*times[9::-1]))
    _, cursor, _ = feeds.round()
    feeds.says["/f"] = Told(200, dated(("late", "Mon, 02 Mar 2026 08:09:30 GMT"), *times[18:9:-1]))
    assert texts([feeds.collector(page_items=3).fetch(WATCH, cursor)]) == ["e10", "e11", "e12"]


def test_a_feed_with_a_notice_that_stays_on_top_is_not_taken_for_whole(feeds: Feeds) -> None:
    pinned = ("rules", "Mon, 02 Mar 2026 01:00:00 GMT")
    times = [(f"e{n}", f"Mon, 02 Mar 2026 08:{n:02}:00 GMT") for n in range(40)]
    feeds.add("/f", dated(pinned, *times[9::-1]))
    _, cursor, _ = feeds.round()
    feeds.says["/f"] = Told(200, dated(pinned, *times[39:29:-1]))
    assert len(feeds.round(cursor)[0][0].gaps) == 1


def test_a_deleted_newest_entry_is_no_gap(feeds: Feeds) -> None:
    times = [(f"e{n}", f"Mon, 02 Mar 2026 08:{n:02}:00 GMT") for n in range(40)]
    feeds.add("/f", dated(*times[9::-1]))
    _, cursor, _ = feeds.round()
    feeds.says["/f"] = Told(200, dated(times[10], *times[8:0:-1]))
    assert feeds.round(cursor)[0][0].gaps == ()


@pytest.mark.parametrize("cursor", ["", "{", "[]", "null", '{"left":1}', '{"left":[],"feeds":{"x":1}}', '{"feeds":{}}'])
def test_a_cursor_that_cannot_be_read_starts_over(feeds: Feeds, cursor: str) -> None:
    feeds.add("/f", rss(("1", "one")))
    assert texts(feeds.round(Cursor(cursor))[0]) == ["one"]


def test_a_feed_that_was_removed_is_forgotten_and_a_new_one_is_read_whole(feeds: Feeds) -> None:
    feeds.add("/a", rss(("1", "one")))
    feeds.add("/b", rss(("2", "two")))
    _, cursor, _ = feeds.round()
    feeds.accounts = feeds.accounts[1:]
    _, cursor, _ = feeds.round(cursor)
    assert len(json.loads(str(cursor))["feeds"]) == 1
    feeds.add("/c", rss(("3", "three")))
    assert texts(feeds.round(cursor)[0]) == ["three"]


def test_without_a_feed_nothing_is_read_and_nothing_is_claimed(clock: MovableClock) -> None:
    page = FeedsCollector(FeedClient(Web(clock)), (), clock).fetch(WATCH, None)
    assert (page.items, page.has_more, page.complete_up_to) == ((), False, None)


def test_the_cursor_stays_small_however_long_a_feed_goes_on(feeds: Feeds) -> None:
    cursor: Cursor | None = None
    feeds.add("/f", b"")
    for start in range(0, 1800, 600):
        feeds.says["/f"] = Told(200, rss(*((f"g{n}", f"t{n}") for n in range(start, start + 600))))
        _, cursor, _ = feeds.round(cursor)
    assert len(json.loads(str(cursor))["feeds"].popitem()[1]["known"]) == 1000


def test_each_unreadable_entry_is_set_aside_once_with_its_reason(
    feeds: Feeds, ctx: Context, clock: MovableClock, tmp_path
) -> None:
    harness = FeedsHarness(tmp_path, clock)
    try:
        desk = Context(ctx.store, ctx.settings, channels=OneChannel(harness), clock=clock, rules=ctx.rules)
        brand = brands.add_brand(desk, "Aurora")
        watch = brands.add_watch(desk, brand.id, name="all", terms=(), channels=("feeds",))
        harness.arrive("fine")
        harness.arrive_unreadable()
        outcomes = []
        for number in range(3):
            outcomes.append(intake.poll(desk, "feeds", watch.id))
            harness.arrive(f"later {number}")
        assert [(o.stored, o.quarantined, o.error) for o in outcomes] == [(1, 1, None), (1, 0, None), (1, 0, None)]
        with desk.store.read() as tx:
            [aside] = tx.execute(quarantine.select()).all()
        assert aside.reason.startswith("Forum: ") and "p002" in aside.raw
    finally:
        harness.close()


def test_a_feed_with_a_secret_sends_it_to_its_own_server_only(feeds: Feeds, clock: MovableClock, tmp_path) -> None:
    from collectors.protocol import ChannelSetup

    feeds.add("/open", rss(("1", "one")))
    feeds.add("/closed", rss(("2", "two")))
    setup = ChannelSetup(feeds.accounts[0], str(tmp_path), clock, accounts=feeds.accounts, secrets={2: "ugo:hush"})
    collector = channel("feeds").collector(setup)
    page = collector.fetch(WATCH, None)
    collector.fetch(WATCH, page.next_cursor)
    sent = {asked.path: asked.headers.get("authorization") for asked in feeds.server.asked}
    assert sent == {"/open": None, "/closed": "Basic dWdvOmh1c2g="}


@pytest.mark.parametrize(
    "url", [None, "", "forum.example/feed", "ftp://x.example/f", "http://10.0.0.1/f", "http://u:p@x.example/"]
)
def test_a_feed_needs_an_address_that_can_be_one(ctx: Context, url: str | None, clock: MovableClock) -> None:
    from bootstrap import Channels

    desk = Context(ctx.store, ctx.settings, channels=Channels(ctx.settings.data_dir, clock), clock=clock)
    brand = brands.add_brand(desk, "Aurora")
    with pytest.raises(Invalid):
        brands.add_account(desk, brand.id, channel="feeds", handle="Forum", base_url=url)
    added = brands.add_account(desk, brand.id, channel="feeds", handle="Forum", base_url=" https://x.example/f ")
    assert added.base_url == "https://x.example/f"
    with pytest.raises(Invalid, match="Nothing can be published"):
        brands.set_publishing(desk, added.id, on=True)


def test_a_feed_that_was_refused_is_tried_again_after_some_hours(feeds: Feeds) -> None:
    feeds.add("/bad", Told(404))
    feeds.add("/fine", rss(("1", "one")))
    _, cursor, _ = feeds.round()
    feeds.paths()
    feeds.clock.now += timedelta(hours=7)
    feeds.round(cursor)
    assert feeds.paths() == ["/bad", "/fine"]
