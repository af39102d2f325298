"""Does the stream bring what concerns us, whole and at once, whatever it sends and wherever it breaks?"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from collectors.bluesky.listener import BlueskyListener, Sieve
from collectors.bluesky.stream import METHOD, POSTS, Event, _lot
from collectors.protocol import ChannelSetup, Page
from collectors.registry import channel
from db import leases, mentions, streams
from db.tables import cases, quarantine
from db.tables import mentions as mentions_table
from domain.brand import Account, Watch
from domain.errors import Misconfigured, Unavailable
from services import brands, listening
from tests.contract.bluesky_server import OUR_DID
from tests.contract.harness import OneChannel
from tests.contract.harness_bluesky import BlueskyHarness
from tests.peers.jetstream import Jetstream

WATCH = Watch(1, 1, "Aurora", terms=("aurora luce", "#borea"))
PATIENCE_S = 60.0


@pytest.fixture
def stream() -> Iterator[Jetstream]:
    with closing(Jetstream()) as running:
        yield running


@pytest.fixture
def played(tmp_path, clock) -> BlueskyHarness:
    return BlueskyHarness(tmp_path / "network", clock)


def setup(played: BlueskyHarness, stream: Jetstream) -> ChannelSetup:
    given = played.setup()
    account = replace(given.account, base_url=f"{given.account.base_url}?stream={stream.url}")
    return replace(given, account=account, accounts=(account,))


def listener(played: BlueskyHarness, stream: Jetstream) -> BlueskyListener:
    built = channel("bluesky").listener(setup(played, stream))
    assert isinstance(built, BlueskyListener)
    return built


def tell(played: BlueskyHarness, stream: Jetstream, text: str, *, shown: bool = True, **record) -> str:
    """Somebody posts; the network shows it at once or not yet."""
    post = played.server.add(text, author="mara", did="did:plc:mara", to_us=False, **record)
    post.deleted = not shown
    stream.tell("did:plc:mara", post.view["uri"].rpartition("/")[2], post.view["record"], cid=post.view["cid"])
    return post.view["uri"]


def hear(played, stream, act: Callable[[], None], enough: Callable[[list[Page]], bool], *, cursor=None) -> list[Page]:
    """The pages of one connection, from before ``act`` until there is enough."""
    pages: list[Page] = []
    end = time.monotonic() + PATIENCE_S

    def later() -> None:
        while not stream.asked:
            time.sleep(0.02)
        time.sleep(0.1)
        act()

    threading.Thread(target=later, daemon=True).start()
    for page in listener(played, stream).batches([WATCH], cursor, stopped=lambda: time.monotonic() > end):
        pages.append(page)
        if enough(pages):
            return pages
    raise AssertionError("too little was heard")


def items(pages: list[Page]) -> list:
    return [post for page in pages for post in page.items]


def test_sieve_lets_through_words_names_answers_to_us_edits_and_deletions() -> None:
    sieve = Sieve([WATCH], [Account(1, 1, "bluesky", "aurora.test")], [OUR_DID])

    def passes(text: str, *, operation: str = "create", **record: object) -> bool:
        return sieve.lets_through(Event("at://a/b/c", operation, "x", {"text": text, **record}, 1))

    assert passes("ＡＵＲＯＲＡ luce") and passes("grazie #Borea!") and passes("ciao @aurora.test")
    assert not passes("niente") and not passes("bore") and passes("niente", operation="update")
    parent = {"parent": {"uri": f"at://{OUR_DID}/app.bsky.feed.post/1"}}
    assert passes("e quindi?", reply=parent) and not passes("e?", reply={"parent": 5})
    assert sieve.lets_through(Event("at://a/b/c", "delete", "", None, 1))


def test_a_watch_without_terms_hears_what_is_addressed_to_us_and_not_the_whole_network() -> None:
    sieve = Sieve([replace(WATCH, terms=())], [Account(1, 1, "bluesky", "aurora.test")], [OUR_DID])
    said = [Event("at://a/b/c", "create", "x", {"text": text}, 1) for text in ("anything", "ciao @aurora.test")]
    assert [sieve.lets_through(event) for event in said] == [False, True]


def test_post_arrives_whole_with_its_author_and_everything_else_stays_out(played, stream) -> None:
    def act() -> None:
        tell(played, stream, "niente per noi")
        tell(played, stream, "Aurora luce spenta")

    pages = hear(played, stream, act, lambda pages: bool(items(pages)))
    [post] = items(pages)
    assert (post.text, post.author.handle, post.author.followers) == ("Aurora luce spenta", "mara.test", 10)
    assert pages[-1].next_cursor is not None and pages[-1].complete_up_to is not None


def test_post_the_network_does_not_show_yet_is_waited_for_and_then_taken_as_told(played, stream) -> None:
    seen: list[str] = []

    def act() -> None:
        seen.append(tell(played, stream, "Aurora luce invisibile", shown=False))
        time.sleep(0.8)
        tell(played, stream, "Borea subito")

    pages = hear(played, stream, act, lambda pages: len(items(pages)) == 2)
    first, second = items(pages)
    assert (first.text, second.text) == ("Borea subito", "Aurora luce invisibile") and second.native_id == seen[0]
    # While one is waited for, the cursor stays before it.
    at_us = stream.frames[0][0]
    told = [page for page in pages if page.items == (first,)]
    assert json.loads(told[0].next_cursor)["us"] < at_us <= json.loads(pages[-1].next_cursor)["us"]


def test_broken_frames_are_set_aside_and_a_stream_that_forgot_goes_on_with_what_it_has(played, stream) -> None:
    early = stream.tell("did:plc:x", "1", {"text": "first"})
    stream.floor = 1
    after = json.dumps({"us": early + 2_000_001 - 1_000_000_000})

    def act() -> None:
        stream.tell_raw("{")
        stream.tell_raw(
            '{"$type":"message","payload":{"$type":"network.bsky.jetstream.subscribeEvents#commit","seq":"x"}}'
        )
        tell(played, stream, "Aurora luce")

    pages = hear(played, stream, act, lambda pages: bool(items(pages)), cursor=after)
    assert len([bad for page in pages for bad in page.bad]) == 2
    assert [post.text for post in items(pages)] == ["Aurora luce"]


def test_an_event_whose_address_is_none_is_set_aside_and_breaks_nothing() -> None:
    told = {"$type": f"{METHOD}#commit", "seq": 1, "collection": POSTS, "time": "2026-03-02T09:00:00Z"}
    told |= {"did": "did:plc:x/y", "rkey": "1", "operation": "delete"}
    lot = _lot([json.dumps({"$type": "message", "payload": told})])
    assert lot.events == () and len(lot.unreadable) == 1


@pytest.mark.parametrize("frame", ['{"$type":"error","error":"ConsumerTooSlow"}', None], ids=["error", "break"])
def test_end_of_the_stream_is_said(played, stream, frame) -> None:
    def act() -> None:
        stream.tell_raw(frame) if frame else stream.break_connections()

    with pytest.raises(Unavailable):
        hear(played, stream, act, lambda pages: False)


def test_stream_that_is_not_there_is_said(played, stream) -> None:
    stream.close()
    with pytest.raises(Unavailable):
        next(listener(played, stream).batches([WATCH], None, stopped=lambda: False))
    wrong = replace(stream_address(played), base_url="http://127.0.0.1:9?stream=nonsense")
    with pytest.raises((Unavailable, Misconfigured)):
        built = channel("bluesky").listener(replace(played.setup(), account=wrong))
        next(built.batches([WATCH], None, stopped=lambda: False))


def stream_address(played: BlueskyHarness) -> Account:
    account = played.setup().account
    assert account is not None
    return account


class OneStream(OneChannel):
    """The door to a played network with its stream."""

    stream: Jetstream

    def listener(self, name: str, account: Account | None = None, *, accounts: tuple[Account, ...] = ()):
        return listener(self.harness, self.stream)


@pytest.fixture
def desk(played, stream, ctx, brand):
    door = OneStream(played)
    object.__setattr__(door, "stream", stream)
    ctx = replace(ctx, channels=door)
    brands.add_watch(ctx, brand.id, name="ours", terms=("aurora luce",), channels=("bluesky",))
    brands.add_watch(ctx, brand.id, name="theirs", terms=("borea",), channels=("bluesky",), is_competitor=True)
    return ctx


@pytest.mark.databases("sqlite", "postgresql")
def test_desk_stores_what_it_hears_with_the_cursor_and_goes_on_there(desk, played, stream) -> None:
    over = threading.Event()
    names = {"worker": "w1", "stopped": over.is_set}
    thread = threading.Thread(target=listening.listen, args=(desk, "bluesky"), kwargs=names)
    thread.start()
    wait_until(lambda: bool(stream.asked))
    time.sleep(0.1)
    uri = tell(played, stream, "Aurora luce spenta da ieri")
    tell(played, stream, "Borea luce spenta")
    stream.tell_raw("{")
    wait_until(lambda: rows(desk, cases) == 1 and rows(desk, mentions_table) == 2 and rows(desk, quarantine) == 1)
    stream.break_connections()
    played.delete(uri)
    stream.tell("did:plc:mara", uri.rpartition("/")[2], None)
    wait_until(lambda: gone(desk, uri))
    over.set()
    thread.join(10)
    assert "cursor=" in stream.asked[-1] and len(stream.asked) >= 2
    with desk.store.read() as tx:
        assert streams.cursor(tx, "bluesky") is not None


def test_listener_that_lost_its_lease_stores_nothing_more(desk, played) -> None:
    audience = listening._audience(desk, "bluesky")
    with desk.store.write() as tx:
        now = desk.clock()
        leases.acquire(tx, "listen:bluesky", owner="w2", now=now, until=now + listening.LEASE)
    with pytest.raises(listening._Taken):
        listening.store_batch(desk, "bluesky", audience, Page((), None), worker="w1")


def rows(desk, table) -> int:
    with desk.store.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def gone(desk, uri: str) -> bool:
    with desk.store.read() as tx:
        [stored] = mentions.find(tx, [("bluesky", "atproto", uri)]).values()
    return stored.deleted_at is not None


def wait_until(look: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not look():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
