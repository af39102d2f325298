"""Does listening on X go on past what the network breaks on or shows in another shape?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from collectors.protocol import GapReason
from collectors.x.client import XNetwork
from collectors.x.collector import XCollector
from domain.brand import Account
from domain.errors import Misconfigured, RateLimited
from tests.collectors.test_x_reading import SEARCH, rounds
from tests.contract.harness import SECRET
from tests.contract.test_listening import WATCH
from tests.contract.x_server import OUR_HANDLE, OUR_ID, Server

LOOK = "GET /2/tweets"
BROKEN = [
    (503, {"title": "Service Unavailable"}),
    (200, {"data": "nothing"}),
    (200, {"data": [{"id": "1", "edit_history_tweet_ids": [7]}, {"id": None}]}),
]


@pytest.fixture
def server(clock) -> Iterator[Server]:
    made = Server(clock, SECRET)
    yield made
    made.close()


@pytest.fixture
def collector(server, clock) -> XCollector:
    account = Account(1, 1, "x", OUR_HANDLE, base_url=server.url, secret_ref="X_KEYS")
    return XCollector(XNetwork(account, clock, secret=SECRET))


@pytest.mark.parametrize("answer", BROKEN)
def test_look_at_what_changed_or_was_said_before_never_stops_listening(server, collector, clock, answer) -> None:
    server.add("first", author="ugo", user_id="5")
    _, cursor = rounds(collector)
    server.before = lambda call: answer if call == LOOK else None
    for number in range(2):
        clock.move(minutes=10)
        above = [{"type": "replied_to", "id": "77000000000000"}]
        sent = server.add(f"next {number}", author="eva", user_id="6", referenced_tweets=above).view["id"]
        items, cursor = rounds(collector, cursor)
        assert sent in {post.native_id for post in items} and not any(post.deleted for post in items)


@pytest.mark.parametrize(
    "answer",
    [
        (400, {"title": "Invalid Request", "errors": [{"message": "Reference to invalid operator 'url'."}]}),
        (403, {"title": "Forbidden", "type": "https://api.twitter.com/2/problems/client-forbidden", "detail": "Plan"}),
        (403, {"title": "Forbidden", "type": "about:blank", "detail": "Not in your plan"}),
    ],
)
def test_search_for_quotes_that_x_refuses_stops_nothing_is_told_and_asked_again_a_day_later(
    server, collector, clock, monkeypatch, answer
) -> None:
    ours = server.add("Consegne in ritardo", author=OUR_HANDLE, user_id=OUR_ID, to_us=False)
    quoted = server.quote("ma davvero?", ours, author="ugo", user_id="5").view["id"]
    real = server.answered

    def refused(call, asked):
        return answer if "is:quote" in asked.given.get("query", "") else real(call, asked)

    monkeypatch.setattr(server, "answered", refused)

    def asked() -> int:
        return sum("is:quote" in given.get("query", "") for _, given in server.asked)

    began_at, cursor, gaps = clock(), None, []
    for number in range(4):
        sent, found, more = server.add(f"next {number}", author="eva", user_id="6").view["id"], set(), True
        while more:
            page = collector.fetch(WATCH, cursor)
            cursor, gaps, more = page.next_cursor, [*gaps, *page.gaps], page.has_more
            found |= {post.native_id for post in page.items}
        assert sent in found and quoted not in found
        clock.move(minutes=10)
    [gap] = gaps
    assert (gap.reason, gap.to_at, asked()) == (GapReason.QUOTES_REFUSED, began_at, 1) and gap.from_at < gap.to_at
    clock.move(days=1)
    monkeypatch.setattr(server, "answered", real)
    assert quoted in {post.native_id for post in rounds(collector, cursor)[0]} and asked() == 2


def test_other_searches_that_x_refuses_are_told_as_a_wrong_setting(server, collector, monkeypatch) -> None:
    no = (400, {"title": "Invalid Request", "detail": "no"})
    monkeypatch.setattr(server, "answered", lambda call, asked: no)
    with pytest.raises(Misconfigured):
        collector.fetch(SEARCH, None)


def test_word_that_is_added_while_the_desk_was_off_loses_nothing_of_the_others(server, collector, clock) -> None:
    """Words are packed into few queries, so one more makes another query of them all."""
    _, cursor = rounds(collector, watch=SEARCH)
    clock.move(hours=1)
    server.add("pacco rotto", author="ugo", user_id="5", to_us=False)
    clock.move(days=3)
    items, cursor = rounds(collector, cursor, watch=replace(SEARCH, terms=("pacco rotto", "reso")))
    assert [post.text for post in items] == ["pacco rotto"]
    items, _ = rounds(collector, cursor, watch=replace(SEARCH, terms=("reso",)))
    assert items == []


def test_date_far_ahead_of_us_hides_nothing_that_comes_until_then(server, collector, clock) -> None:
    """Something between us and X may be wrong about the time; X itself takes no signature that is minutes off."""
    server.headers = {"date": "Mon, 02 Mar 2037 09:00:00 GMT"}
    _, cursor = rounds(collector)
    server.headers = {}
    for number in range(2):
        clock.move(minutes=20)
        sent = server.add(f"next {number}", author="ugo", user_id="5").view["id"]
        items, cursor = rounds(collector, cursor)
        assert sent in {post.native_id for post in items}


@pytest.mark.parametrize("resets", ["99999999999999999", "1"])
def test_nobody_waits_longer_than_a_day(server, collector, resets) -> None:
    server.headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": resets}
    server.before = lambda call: (429, {"title": "Too Many Requests"})
    with pytest.raises(RateLimited) as limited:
        rounds(collector)
    assert 1.0 <= limited.value.retry_after_s <= 86_400
