"""Does listening on Bluesky lose nothing, and are its library's errors what the desk takes them for?"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from collectors.bluesky.client import BlueskyNetwork
from collectors.bluesky.collector import CONFIRMED_POSTS, LATE
from collectors.protocol import Cursor
from collectors.rounds import RECENT_POSTS
from domain.brand import Watch
from domain.errors import Misconfigured, NotPossible, OutcomeUnknown, RateLimited, Refused, Unauthorized, Unavailable
from domain.reply import IdempotencyKey
from services import intake
from tests.contract.bluesky_server import OUR_DID
from tests.contract.harness import SECRET
from tests.contract.harness_bluesky import PUT, BlueskyHarness
from tests.contract.scripted import Drop
from tests.fakes import MovableClock

WATCH = Watch(1, 1, "Aurora", terms=("aurora",))
#: How many ways things go wrong are tried; more of them with SPORTELLO_TEST_SEEDS=50.
SEEDS = int(os.environ.get("SPORTELLO_TEST_SEEDS", "3"))
KEY = IdempotencyKey("6f1ed002ab559585")


@pytest.fixture
def played(tmp_path, clock) -> BlueskyHarness:
    return BlueskyHarness(tmp_path / "network", clock)


def network(played: BlueskyHarness) -> BlueskyNetwork:
    setup = played.setup()
    return BlueskyNetwork(setup.account, setup.data_dir, setup.clock, secret=setup.secret)


def rounds(played: BlueskyHarness, cursor: Cursor | None, watch: Watch = WATCH) -> tuple[list, Cursor | None]:
    pages = []
    while True:
        page = played.collector().fetch(watch, cursor)
        pages.append(page)
        cursor = page.next_cursor
        if not page.has_more:
            return pages, cursor


def texts(pages) -> set[str]:
    return {post.text for page in pages for post in page.items}


STATUSES = [
    (401, "AuthenticationRequired", Unauthorized, Unauthorized),
    (403, "AccountTakedown", Unauthorized, Unauthorized),
    (403, "", Unavailable, Unavailable),
    (400, "InvalidRequest", Misconfigured, Refused),
    (400, "InvalidSwap", Unavailable, OutcomeUnknown),
    (404, "XRPCNotSupported", Misconfigured, Misconfigured),
    (409, "", Unavailable, OutcomeUnknown),
    (413, "PayloadTooLarge", Misconfigured, Refused),
    (429, "RateLimitExceeded", RateLimited, RateLimited),
    (500, "InternalServerError", Unavailable, OutcomeUnknown),
    (501, "MethodNotImplemented", Misconfigured, Misconfigured),
    (502, "UpstreamFailure", Unavailable, OutcomeUnknown),
    (503, "", Unavailable, OutcomeUnknown),
]


@pytest.mark.parametrize(("status", "name", "reading", "writing"), STATUSES, ids=lambda v: str(v)[:20])
def test_answers_of_the_network_are_the_desks_errors(played, status, name, reading, writing) -> None:
    there = network(played)
    assert there.own_id == OUR_DID
    played.server.before = lambda method: (status, {"error": name, "message": "no"} if name else {})
    with pytest.raises(reading) as read:
        there.ask("app.bsky.feed.getPosts", uris=["at://a/b/c"])
    with pytest.raises(writing) as written:
        there.put("3m", "{}")
    assert (type(read.value), type(written.value)) == (reading, writing)


TRANSPORT = [
    (httpx.ConnectError, Unavailable),
    (httpx.ConnectTimeout, Unavailable),
    (httpx.ReadTimeout, OutcomeUnknown),
    (httpx.WriteError, OutcomeUnknown),
    (httpx.ReadError, OutcomeUnknown),
    (httpx.RemoteProtocolError, OutcomeUnknown),
    (httpx.ProxyError, OutcomeUnknown),
]


@pytest.mark.parametrize(("error", "writing"), TRANSPORT, ids=lambda v: v.__name__)
def test_only_a_connection_that_never_stood_proves_that_nothing_was_written(
    played, monkeypatch, error, writing
) -> None:
    there = network(played)
    assert there.own_id == OUR_DID

    def fail(*_: object, **__: object) -> None:
        raise error("boom")

    monkeypatch.setattr(httpx.Client, "request", fail)
    with pytest.raises(Unavailable):
        there.ask("app.bsky.feed.getPosts", uris=["at://a/b/c"])
    with pytest.raises(writing):
        there.put("3m", "{}")


def test_answer_that_is_no_json_is_no_answer(played) -> None:
    there = network(played)
    assert there.own_id == OUR_DID
    played.server.headers = {"content-type": "text/html"}
    with pytest.raises(Unavailable):
        there.ask("app.bsky.feed.getPosts", uris=["at://a/b/c"])
    with pytest.raises(OutcomeUnknown):
        there.put("3m", "{}")


def test_sign_in_is_kept_and_made_anew_when_it_has_ended(played) -> None:
    for _ in range(3):
        assert network(played).ask("app.bsky.feed.getPosts", uris=["at://a/b/c"]).body == {"posts": []}
    assert played.server.asked.count("com.atproto.server.createSession") == 1
    over = iter([(400, {"error": "ExpiredToken", "message": "Token has expired"})])
    played.server.before = lambda method: None if method.startswith("com.atproto.server") else next(over, None)
    assert network(played).ask("app.bsky.feed.getPosts", uris=["at://a/b/c"]).body == {"posts": []}
    assert played.server.asked.count("com.atproto.server.createSession") == 2


def test_account_without_its_password_and_address_that_is_none_are_said(played, clock, tmp_path) -> None:
    account = played.setup().account
    with pytest.raises(Misconfigured):
        BlueskyNetwork(account, str(tmp_path), clock, secret=None).ask("app.bsky.feed.getPosts")
    wrong = replace(account, base_url="ftp://aurora.example")
    with pytest.raises(Misconfigured):
        BlueskyNetwork(wrong, str(tmp_path), clock, secret=SECRET).ask("app.bsky.feed.getPosts")


def test_limits_of_the_network_come_with_the_page(played) -> None:
    played.server.headers = {"ratelimit-limit": "3000", "ratelimit-remaining": "2990", "ratelimit-reset": "1772442300"}
    quota = played.collector().fetch(WATCH, None).quota
    assert quota is not None and (quota.left, quota.limit) == (2990, 3000)


def test_own_posts_found_by_a_search_are_marked(played) -> None:
    played.server.add("Aurora informa", author="aurora", did=OUR_DID, to_us=False)
    played.arrive("Ciao Aurora")
    pages, _ = rounds(played, None)
    marks = {post.text: (post.is_own, post.to_us) for page in pages for post in page.items}
    assert marks["Aurora informa"] == (True, False)
    assert {(p.text, p.to_us) for page in pages for p in page.items if p.text == "Ciao Aurora"} == {
        ("Ciao Aurora", True),
        ("Ciao Aurora", False),
    }


def test_competitors_watch_searches_and_hears_nothing_that_addresses_us(played) -> None:
    played.arrive("una domanda per voi")
    played.server.add("Borea è lenta", author="ugo", did="did:plc:ugo", to_us=False)
    watch = Watch(2, 1, "Borea", terms=("borea",), is_competitor=True)
    assert texts(rounds(played, None, watch)[0]) == {"Borea è lenta"}
    with pytest.raises(Misconfigured):
        played.collector().fetch(replace(watch, terms=()), None)


def test_what_a_post_answers_is_read_up_to_the_root_and_kept_beside_it(played, ctx, brand, clock) -> None:
    above = None
    for number in range(4):
        ends = None if above is None else {"uri": above["uri"], "cid": above["cid"]}
        first = played.server.posts[0].view if played.server.posts else None
        answer = {} if ends is None else {"reply": {"root": {"uri": first["uri"], "cid": first["cid"]}, "parent": ends}}
        text = "Aurora, aiuto" if number == 3 else f"prima {number}"
        above = played.server.add(text, author=f"a{number}", did=f"did:plc:a{number}", to_us=number == 3, **answer).view
    pages, _ = rounds(played, None)
    assert {p.text for page in pages for p in page.around} == {"prima 0", "prima 1", "prima 2"}
    assert texts(pages) == {"Aurora, aiuto"}


def test_deletion_is_told_only_when_the_network_says_so(played, clock) -> None:
    kept, hidden = played.arrive("resta"), played.arrive("ci ha bloccati")
    _, cursor = rounds(played, None)
    played.server.find(kept)
    # Left out of lists, though the thread says it is there: its author has blocked us.
    some = played.server._some
    played.server._some = lambda uris: [v for v in some(uris) if v["uri"] != hidden or len(uris) == 1]
    pages, cursor = rounds(played, cursor)
    assert [p for page in pages for p in page.items if p.deleted] == []
    played.delete(hidden)
    pages, _ = rounds(played, cursor)
    assert [p.native_id for page in pages for p in page.items if p.deleted] == [hidden]


def test_many_who_blocked_us_do_not_keep_others_from_being_looked_at_again(played, clock) -> None:
    hidden = {played.arrive(f"ci ha bloccati {n}", author="ugo") for n in range(CONFIRMED_POSTS + 5)}
    deleted = played.arrive("resta un poco")
    _, cursor = rounds(played, None)
    some = played.server._some
    played.server._some = lambda uris: [v for v in some(uris) if v["uri"] not in hidden or len(uris) == 1]
    clock.move(hours=2)
    _, cursor = rounds(played, cursor)
    played.delete(deleted)
    found = []
    for _ in range(4):
        clock.move(seconds=30)
        pages, cursor = rounds(played, cursor)
        found += [p.native_id for page in pages for p in page.items if p.deleted]
    assert found == [deleted]


def test_posts_looked_at_again_are_bounded_and_each_has_its_turn(played, clock) -> None:
    for number in range(RECENT_POSTS + 40):
        played.arrive(f"post {number}")
    _, cursor = rounds(played, None)
    clock.move(hours=2)  # out of the overlap
    _, cursor = rounds(played, cursor)  # now and then one looks back for hours
    played.edit(played.server.posts[60].view["uri"], "edited")
    found = []
    for _ in range(5):
        clock.move(seconds=30)
        before = len(played.server.asked)
        pages, cursor = rounds(played, cursor)
        found += [p.text for page in pages for p in page.items if p.text == "edited"]
        assert len(played.server.asked) - before < 9
    assert found


@pytest.mark.parametrize("seed", range(SEEDS))
def test_everything_posted_is_stored_whatever_fails_meanwhile(played, desk_on, clock, seed) -> None:
    """Bursts larger than a page, late posts, edits, deletions, 429, 500 and drops, while somebody polls."""
    ctx, watch = desk_on
    dice, deleted = random.Random(seed), set()
    server = played.server

    def trouble(method: str):
        kind = dice.random()
        if kind < 0.04:
            return 429, {"error": "RateLimitExceeded", "message": "slow"}
        if kind < 0.08:
            return 500, {"error": "InternalServerError", "message": "oops"}
        if kind < 0.12:
            raise Drop
        return None

    for _ in range(8):
        for _ in range(dice.randrange(20)):
            played.arrive(f"Aurora {len(server.posts)}", author=f"author{dice.randrange(9)}")
            if dice.random() < 0.1:
                late = server.posts[-1].view
                late["record"] = late["record"] | {"createdAt": "2026-02-27T00:00:00Z"}
        if server.posts and dice.random() < 0.6:
            gone = dice.choice(server.posts)
            gone.deleted = True
            deleted.add(gone.view["uri"])
        if server.posts and dice.random() < 0.6:
            edited = dice.choice(server.posts).view["uri"]
            played.edit(edited, f"Aurora edited {edited[-5:]}")
        server.before = trouble
        intake.poll(ctx, "bluesky", watch.id)
        server.before = lambda method: None
        clock.move(seconds=dice.choice([5, 30, 90]))
    for _ in range(8):
        assert intake.poll(ctx, "bluesky", watch.id).error is None
        clock.move(seconds=30)
    assert stored(ctx) == {p.view["uri"]: p.view["record"]["text"] for p in server.posts if not p.deleted}


def test_round_that_rested_for_a_night_before_its_last_page_loses_nothing_of_the_night(played, clock) -> None:
    _, cursor = rounds(played, None)
    clock.move(minutes=1)
    for number in range(played.page_items + 2):
        played.arrive(f"Aurora {number}")
    page = played.collector().fetch(WATCH, cursor)
    assert page.has_more
    clock.move(minutes=20)
    night = played.arrive("Aurora, di notte")
    clock.move(hours=12)
    last, cursor = rounds(played, page.next_cursor)
    clock.move(seconds=30)
    after, _ = rounds(played, cursor)
    assert night in {post.native_id for found in (*last, *after) for post in found.items if post.to_us}


def test_deleted_parent_and_closed_talk_are_definite_noes_before_anything_is_written(played) -> None:
    parent = played.arrive("BAD parcel")
    view = played.server.find(parent).view
    view["viewer"] = {"replyDisabled": True}
    with pytest.raises(NotPossible) as closed:
        played.publisher().publish(played.reply("Ciao"), key=KEY)
    view["viewer"], view["author"] = {}, view["author"] | {"viewer": {"blockedBy": True}}
    with pytest.raises(NotPossible) as blocked:
        played.publisher().publish(played.reply("Ciao"), key=KEY)
    played.delete(parent)
    with pytest.raises(NotPossible) as gone:
        played.publisher().publish(played.reply("Ciao"), key=KEY)
    assert [e.value.reason for e in (closed, blocked, gone)] == ["replies_closed", "blocked", "parent_deleted"]
    assert PUT not in played.server.asked


def test_other_record_under_the_key_of_a_reply_is_never_replaced_and_asks_for_a_person(played) -> None:
    reply = played.reply("Ciao")
    publisher = played.publisher()
    reply = replace(reply, prepared=publisher.prepare(reply, key=KEY))
    publisher.publish(reply, key=KEY)
    [rkey] = played.server.records
    played.server.records[rkey] = played.server.records[rkey] | {"text": "somebody else's words"}
    with pytest.raises(OutcomeUnknown):
        publisher.lookup(reply, key=KEY, since=reply.created_at)
    with pytest.raises(OutcomeUnknown):
        publisher.publish(reply, key=KEY)
    assert played.published() == ["somebody else's words"]


def test_same_bytes_are_written_at_every_attempt_though_the_public_changes(played) -> None:
    played.arrive("BAD parcel", author="mara")
    publisher, reply = played.publisher(), played.reply("Ciao @mara.test")
    reply = replace(reply, prepared=publisher.prepare(reply, key=KEY))
    played.server.find(reply.parent_id).view["author"]["handle"] = "another.test"
    publisher.publish(reply, key=KEY)
    [record] = played.server.records.values()
    assert record["facets"][0]["features"][0]["did"].startswith("did:plc:author")


@pytest.fixture
def desk_on(played, ctx, brand):
    """A desk that hears that network, and its watch."""
    from services import brands
    from tests.contract.harness import OneChannel

    ctx = replace(ctx, channels=OneChannel(played))
    return ctx, brands.add_watch(ctx, brand.id, name="aurora", terms=("aurora",), channels=("bluesky",))


def stored(ctx) -> dict[str, str]:
    from sqlalchemy import select

    from db.tables import mentions

    with ctx.store.read() as tx:
        rows = tx.execute(select(mentions.c.native_id, mentions.c.text).where(mentions.c.deleted_at.is_(None)))
        return {row.native_id: row.text for row in rows}


@pytest.mark.parametrize("wrong_by", [timedelta(days=2), timedelta(hours=-3)])
def test_a_wrong_clock_of_ours_claims_nothing_that_was_not_heard(played, clock, wrong_by) -> None:
    true_time = MovableClock(clock.now)
    played.server.clock = true_time
    clock.now += wrong_by
    uri = played.arrive("Aurora prima")
    pages, cursor = rounds(played, None)
    assert uri in {post.native_id for page in pages for post in page.items}
    claimed = pages[-1].complete_up_to
    assert claimed is not None and true_time.now - timedelta(minutes=1) <= claimed <= true_time.now
    true_time.move(minutes=10)
    clock.move(minutes=10)
    late = played.arrive("Aurora dopo")
    pages, _ = rounds(played, cursor)
    assert late in {post.native_id for page in pages for post in page.items}


def test_a_network_that_tells_no_time_is_complete_up_to_its_newest_item_and_no_further(played, clock) -> None:
    played.server.headers = {"date": ""}
    pages, cursor = rounds(played, None)
    assert pages[-1].complete_up_to is None, "it showed nothing and said nothing"
    played.arrive("Aurora")
    at = clock.now
    clock.move(hours=1)
    pages, cursor = rounds(played, cursor)
    assert texts(pages) == {"Aurora"} and pages[-1].complete_up_to == at - LATE
    clock.move(hours=1)
    later = played.arrive("Aurora ancora")
    assert later in {post.native_id for page in rounds(played, cursor)[0] for post in page.items}


def test_a_source_is_new_until_it_was_read_to_its_end_and_a_new_word_is_new_alone(played, clock) -> None:
    for number in range(played.page_items + 2):
        played.arrive(f"Aurora e gas {number}")
    pages, cursor = rounds(played, None)
    assert {page.first_read_at for page in pages} == {clock.now}, "the first reading began with the first page"
    clock.move(minutes=1)
    again, cursor = rounds(played, cursor)
    assert {page.first_read_at for page in again} == {None}
    pages, _ = rounds(played, cursor, replace(WATCH, terms=("aurora", "gas")))
    assert [page.first_read_at is not None for page in pages if page.items].count(True) == 2
    assert pages[0].first_read_at is None


def test_a_round_that_leaves_out_a_new_word_does_not_claim_to_be_complete(played, clock) -> None:
    for number in range(played.page_items + 2):
        played.arrive(f"Aurora {number}")
    page = played.collector().fetch(WATCH, None)
    assert page.has_more
    played.server.add("gas", author="ugo", did="did:plc:ugo", to_us=False)
    pages, _ = rounds(played, page.next_cursor, replace(WATCH, terms=("aurora", "gas")))
    assert "gas" in texts(pages)


def test_two_hundred_words_are_a_round_of_two_hundred_questions_that_comes_to_its_end(played, desk_on, clock) -> None:
    from services import watches

    ctx, _ = desk_on
    terms = tuple(f"parola{number}" for number in range(199)) + ("⚡",)
    many = watches.add_watch(ctx, desk_on[1].brand_id, name="many", terms=terms, channels=("bluesky",))
    played.server.add("la parola198 è lunga ⚡", author="ugo", did="did:plc:ugo", to_us=False)
    outcome = intake.poll(ctx, "bluesky", many.id)
    assert outcome.error is None
    if outcome.complete_up_to is None:
        outcome = intake.poll(ctx, "bluesky", many.id)
    assert outcome.complete_up_to is not None and "la parola198 è lunga ⚡" in stored(ctx).values()
