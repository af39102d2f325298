"""Does a post of X mean the same on the desk, and is each found, read anew and paid for as X's own terms have it?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.protocol import Cursor
from collectors.rounds import Memory, Seen
from collectors.x import query, snowflake, words
from collectors.x.bookmark import DEEP_OVERLAP, Bookmark, Here, decode
from collectors.x.client import XNetwork
from collectors.x.collector import TO_US, XCollector
from collectors.x.normalize import Included, normalize
from collectors.x.publisher import XPublisher
from domain.brand import Account, Watch
from domain.errors import Malformed, Misconfigured
from domain.reply import RouteKind
from tests.contract.harness import SECRET
from tests.contract.test_listening import WATCH
from tests.contract.x_server import OUR_HANDLE, OUR_ID, Server

FIXTURE = json.loads((Path(__file__).parents[2] / "collectors/x/fixtures/posts.json").read_text(encoding="utf-8"))
SEARCH = Watch(id=2, brand_id=1, name="Words", terms=("pacco rotto",), is_competitor=True)


def included() -> Included:
    told = FIXTURE["includes"]
    return Included(
        {each["id"]: each for each in told["users"]},
        {each["id"]: each for each in told["tweets"]},
        {each["media_key"]: each for each in told["media"]},
    )


@pytest.fixture
def server(clock) -> Iterator[Server]:
    made = Server(clock, SECRET)
    yield made
    made.close()


@pytest.fixture
def collector(server, clock) -> XCollector:
    account = Account(1, 1, "x", OUR_HANDLE, base_url=server.url, secret_ref="X_KEYS")
    return XCollector(XNetwork(account, clock, secret=SECRET))


def rounds(collector: XCollector, cursor: Cursor | None = None, *, watch: Watch = WATCH) -> tuple[list, Cursor]:
    items = []
    while True:
        page = collector.fetch(watch, cursor)
        items += page.items
        cursor = page.next_cursor
        if not page.has_more:
            return items, cursor


def test_edited_reply_keeps_its_first_id_and_says_what_people_read() -> None:
    post = normalize(FIXTURE["data"][0], included=included(), own_id=OUR_ID)
    assert (post.native_id, post.version) == ("2028394377507766250", "2028394377507766300")
    # The address behind two shorteners, no address of its own picture, and plain signs.
    assert post.text.endswith("da 9 giorni & nessuno risponde https://aurora.example/ordini/77")
    assert post.edited_at == datetime(2026, 3, 2, 9, 0, 7, tzinfo=UTC) and post.published_at < post.edited_at
    assert (post.parent_id, post.conversation_id) == ("2028394377507766180", "2028394377507766100")
    assert [(m.type, m.url, m.alt) for m in post.media] == [
        ("image", "https://pbs.example/media/one.jpg", "Un pacco aperto")
    ]
    assert (post.author.handle, post.author.location, post.author.followers) == ("mara_v", "Padova", 412)
    assert post.to_us and json.loads(post.reply_ref or "") == {"id": "2028394377507766300", "summoned": True}


def test_long_post_is_whole_and_quoting_us_calls_us() -> None:
    post = normalize(FIXTURE["data"][1], included=included(), own_id=OUR_ID)
    assert post.text.endswith("e poi un modulo.") and post.language is None
    assert json.loads(post.reply_ref or "")["summoned"] is True
    assert json.loads(post.reply_ref or "")["closed"] == "replies_closed"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"id": 7},
        {"id": "1", "text": None},
        {"id": "1", "edit_history_tweet_ids": [3]},
        {**FIXTURE["data"][1], "created_at": "yesterday"},
        {**FIXTURE["data"][1], "author_id": None},
        {**FIXTURE["data"][1], "referenced_tweets": [{"type": "quoted", "id": "x' OR 1"}]},
        {**FIXTURE["data"][1], "entities": {"mentions": [1]}},
    ],
)
def test_any_other_shape_is_malformed(wrong) -> None:
    with pytest.raises(Malformed):
        normalize(wrong, included=Included())


def test_ids_tell_the_time_and_times_give_ids() -> None:
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    lowest = snowflake.id_at(at)
    assert snowflake.written_at(str(int(lowest) + 1)) == at and snowflake.written_at(lowest) < at
    for wrong in ("", "-1", "1e5", "9" * 30, "\u0663"):
        with pytest.raises(ValueError):
            snowflake.written_at(wrong)


def test_terms_become_few_queries_within_the_length_of_one() -> None:
    [one] = query.queries(replace(SEARCH, terms=("pacco rotto", "#aurora", "OR"), exclusions=("concorso",)))
    assert one == '("pacco rotto" OR "aurora" OR #aurora OR "OR") -is:retweet -"concorso"'
    many = query.queries(replace(SEARCH, terms=tuple(f"parola numero {n:03}" for n in range(60))))
    assert len(many) > 1 and all(len(each) <= query.MAX_QUERY_CHARS for each in many)
    assert sum(each.count("numero") for each in many) == 60
    assert query.queries(replace(SEARCH, terms=("@", '"'))) == ()


def test_watch_that_is_too_long_for_the_network_is_said_to_be() -> None:
    with pytest.raises(Misconfigured, match="too long for X"):
        query.queries(replace(SEARCH, terms=("x" * 600,)))
    with pytest.raises(Misconfigured, match="searches on X"):
        query.queries(replace(SEARCH, terms=tuple(f"{n} " + "y" * 100 for n in range(60))))


def test_search_finds_replies_and_leaves_reposts_out(server, collector) -> None:
    found = server.add("un Pacco Rotto", author="ugo", user_id="5", to_us=False).view["id"]
    ref = [{"type": "replied_to", "id": found}]
    answer = server.add("pacco rotto anche io", author="eva", user_id="6", to_us=False, referenced_tweets=ref).view[
        "id"
    ]
    server.add(
        "pacco rotto", author="bot", user_id="7", to_us=False, referenced_tweets=[{"type": "retweeted", "id": found}]
    )
    items, _ = rounds(collector, watch=SEARCH)
    assert [(post.native_id, post.parent_id) for post in items] == [(found, None), (answer, found)]


def test_post_that_becomes_visible_late_is_not_jumped(server, collector, clock) -> None:
    _, cursor = rounds(collector)
    clock.move(minutes=3)
    newer = server.add("newer", author="ugo", user_id="5").view["id"]
    _, cursor = rounds(collector, cursor)
    clock.now -= timedelta(minutes=2)
    late = server.add("written before, shown after", author="eva", user_id="6").view["id"]
    clock.now += timedelta(minutes=4)
    items, _ = rounds(collector, cursor)
    assert late in {post.native_id for post in items} and int(late) < int(newer)


def test_what_the_list_of_mentions_no_longer_shows_is_read_by_search(server, collector, clock) -> None:
    server.add("first", author="ugo", user_id="5")
    _, cursor = rounds(collector)
    clock.move(minutes=10)
    sent = {server.add(f"post {n}", author="ugo", user_id="5").view["id"] for n in range(850)}
    items, _ = rounds(collector, cursor)
    assert sent <= {post.native_id for post in items}
    rest = [given for call, given in server.asked if call == "GET /2/tweets/search/recent" and "until_id" in given]
    assert rest and rest[0]["query"] == f"(@{OUR_HANDLE} OR to:{OUR_HANDLE}) -is:retweet"


def test_who_quotes_us_without_our_name_is_heard_once_and_may_be_answered_there(server, collector, clock) -> None:
    ours = server.add("Consegne in ritardo", author=OUR_HANDLE, user_id=OUR_ID, to_us=False)
    theirs = server.add("Altro", author="borea", user_id="8", to_us=False)
    unnamed = server.quote("ma davvero?", ours, author="ugo", user_id="5").view["id"]
    named = server.quote("e noi?", ours, author="eva", user_id="6", to_us=True).view["id"]
    server.quote("altra cosa", theirs, author="ugo", user_id="5")
    server.quote("ripetiamo", ours, author=OUR_HANDLE, user_id=OUR_ID)
    items, cursor = rounds(collector)
    assert [(post.native_id, post.to_us) for post in items if not post.is_own] == [(named, True), (unnamed, True)]
    routes = [XPublisher(collector._network).route(post).kind for post in items if not post.is_own]
    assert routes == [RouteKind.API, RouteKind.API]
    clock.move(minutes=10)
    assert rounds(collector, cursor, watch=replace(WATCH, terms=("niente",), is_competitor=True))[0] == []
    later = server.quote("ancora niente", ours, author="ida", user_id="7").view["id"]
    assert later in {post.native_id for post in rounds(collector, cursor)[0]}


def test_who_quotes_somebody_else_does_not_address_us_though_the_search_finds_it(server, collector) -> None:
    """The search for quotes knows words of an address, not whose post it is."""
    theirs = server.add("Altro", author="borea", user_id="8", to_us=False)
    for address in (
        f"https://x.com/borea/status/1?via={OUR_HANDLE}",
        f"https://shop.example/{OUR_HANDLE}/status/{theirs.view['id']}",
        f"https://x.com/{OUR_HANDLE}/status/77",
        "https://[x.com",
    ):
        server.quote("altra cosa", theirs, author="ugo", user_id="5").view["entities"]["urls"].append(
            {"url": "https://t.co/z", "expanded_url": address}
        )
    items, cursor = rounds(collector)
    assert {post.to_us for post in items} == {False} and len(items) == 3
    # A post that X does not hand out beside its quote: the address in the text says whose it was.
    theirs.deleted = True
    server.quote("e questa?", theirs, author="eva", user_id="6").view["entities"]["urls"].append(
        {"url": "https://t.co/z", "expanded_url": f"https://shop.example/{OUR_HANDLE}/status/{theirs.view['id']}"}
    )
    ours = server.add("Consegne in ritardo", author=OUR_HANDLE, user_id=OUR_ID, to_us=False)
    quoted = server.quote("ma davvero?", ours, author="ida", user_id="7").view["id"]
    ours.deleted = True
    found = {post.author.handle: post for post in rounds(collector, cursor)[0]}
    assert {handle: post.to_us for handle, post in found.items()} == {"ugo": False, "eva": False, "ida": True}
    assert found["ida"].native_id == quoted
    assert XPublisher(collector._network).route(found["ida"]).kind is RouteKind.API


def test_talk_is_read_up_to_its_root(server, collector) -> None:
    ids: list[str] = []
    for number in range(4):
        refs = {"referenced_tweets": [{"type": "replied_to", "id": ids[-1]}]} if ids else {}
        more = {"conversation_id": ids[0], **refs} if ids else {}
        ids.append(server.add(f"talk {number}", author="ugo", user_id="5", to_us=number == 3, **more).view["id"])
    page = collector.fetch(WATCH, None)
    assert [post.native_id for post in page.items] == ids[3:]
    assert {post.native_id for post in page.around} == set(ids[:3])
    assert page.items[0].conversation_id == ids[0]


def test_deletion_is_told_only_when_the_network_says_so(server, collector) -> None:
    kept = server.add("kept from us", author="ugo", user_id="5").view["id"]
    gone = server.add("gone", author="eva", user_id="6").view["id"]
    _, cursor = rounds(collector)
    server.by_id[gone].deleted = True
    hidden = {"resource_id": kept, "type": "https://api.twitter.com/2/problems/not-authorized-for-resource"}
    after = server.after
    server.after = lambda call, answer: (
        (200, {"errors": [hidden, *answer[1].get("errors", ())]}) if call == "GET /2/tweets" else answer
    )
    items, _ = rounds(collector, cursor)
    server.after = after
    assert [post.native_id for post in items if post.deleted] == [gone]


def test_watches_that_ask_together_ask_and_pay_once(server, clock) -> None:
    server.add("BAD parcel", author="mara", user_id="77")
    account = Account(1, 1, "x", OUR_HANDLE, base_url=server.url, secret_ref="X_KEYS")
    shared = XCollector(XNetwork(account, clock, secret=SECRET, kept_answers=10))
    for watch in (WATCH, replace(WATCH, id=9)):
        rounds(shared, watch=watch)
    asked = [call for call, _ in server.asked]
    assert asked.count(f"GET /2/users/{OUR_ID}/mentions") == 1


def test_round_that_rested_for_longer_than_x_looks_back_begins_anew(server, collector, clock) -> None:
    watch = replace(WATCH, terms=("pacco rotto",))
    _, cursor = rounds(collector, watch=watch)
    clock.move(minutes=10)
    cursor = collector.fetch(watch, cursor).next_cursor  # The month's money ends here, in the middle of a round.
    clock.move(days=12)
    server.add("pacco rotto", author="ugo", user_id="5", to_us=False)
    items, _ = rounds(collector, cursor, watch=watch)
    assert [post.text for post in items] == ["pacco rotto"]


def test_bookmark_survives_its_cursor_and_a_spoilt_one_begins_anew(clock) -> None:
    mark = Bookmark(memory=Memory((Seen("1", "2", clock()),))).begin((TO_US,), clock()).asked(clock())
    mark = mark.turn("900", Here(3, "77")).below("77")
    assert decode(mark.encode()) == mark and decode(mark.done().encode()) == mark.done()
    for spoilt in ("", "[]", "{", '{"round":{"todo":[]}}', '{"recent":[[1]]}'):
        assert decode(Cursor(spoilt)) == Bookmark()
    later = mark.done().begin((TO_US,), clock() + timedelta(hours=2))
    assert later.boundary(TO_US) == clock() - DEEP_OVERLAP


@pytest.mark.parametrize(
    ("text", "length", "is_dear"),
    [
        ("vedi example.com", 28, True),
        ("https://aurora.example/" + "a" * 300, 23, True),
        ("(www.aurora.it).", 26, True),
        ("scrivi a mara@aurora.it", 23, False),
        ("fine.Poi altro", 14, False),
        ("cafe\u0301", 4, False),
        ("1\ufe0f\u20e3 🇮🇹 ❤\ufe0f", 8, False),
    ],
)
def test_length_and_addresses_are_as_the_network_sees_them(text, length, is_dear) -> None:
    assert (words.length(text), words.has_link(text)) == (length, is_dear)
