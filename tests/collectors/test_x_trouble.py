"""Does listening on X go on past what the network breaks on or shows in another shape?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from collectors.x.client import XNetwork
from collectors.x.collector import XCollector
from domain.brand import Account
from domain.errors import RateLimited
from tests.collectors.test_x_reading import SEARCH, rounds
from tests.contract.harness import SECRET
from tests.contract.x_server import OUR_HANDLE, Server

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
