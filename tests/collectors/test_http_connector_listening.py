"""Is every source of a brand read whole, whatever it sends, and does none of them stop another?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from collectors.http_connector import client
from collectors.http_connector.signing import require_signed
from collectors.protocol import Cursor, Page
from collectors.registry import channel
from domain.brand import Account, Watch
from domain.errors import Misconfigured, Unauthorized, Unavailable
from tests.contract.harness import SECRET, Trouble
from tests.contract.harness_http_connector import HttpConnectorHarness
from tests.contract.http_connector_server import ROOT, Source
from tests.contract.scripted import CLOSED

WATCH = Watch(id=1, brand_id=1, name="Aurora")


@pytest.fixture
def played(tmp_path, clock) -> HttpConnectorHarness:
    return HttpConnectorHarness(tmp_path / "network", clock)


@pytest.fixture
def other(clock) -> Iterator[Source]:
    """A second source of the same brand, with a secret of its own."""
    source = Source(clock, secret="another-secret-of-theirs", page_items=2)
    yield source
    source.close()


def rounds(collector, cursor: Cursor | None = None, *, watch: Watch = WATCH) -> list[Page]:
    """One round of the desk; raises what ends it."""
    pages = [collector.fetch(watch, cursor)]
    while pages[-1].has_more:
        assert pages[-1].next_cursor != cursor and len(pages) < 50
        cursor = pages[-1].next_cursor
        pages.append(collector.fetch(watch, cursor))
    return pages


def ids(pages: list[Page]) -> list[str]:
    return [f"{post.origin} {post.native_id}" for page in pages for post in page.items]


def both(played: HttpConnectorHarness, other: Source):
    """The collector of a brand with two sources."""
    setup = played.setup()
    second = Account(2, 1, "http_connector", "comments", base_url=other.url + ROOT)
    secrets = {1: SECRET, 2: other.secret}
    return channel("http_connector").collector(replace(setup, accounts=(setup.account, second), secrets=secrets))


def test_every_request_is_signed_so_that_no_other_question_can_be_made_of_it(played, clock) -> None:
    for number in range(7):
        played.arrive(f"post {number}")
    rounds(played.collector())
    keys = (SECRET.encode(),)
    for asked in played.server.asked:
        headers = {name.lower(): value for name, value in asked.headers.items()}
        target = asked.path + ("?" + "&".join(f"{k}={v}" for k, v in asked.given.items()) if asked.query else "")
        require_signed(keys, headers, target.encode(), now=clock())
        with pytest.raises(Unauthorized):
            require_signed(keys, headers, target.encode() + b"0", now=clock())
        assert SECRET not in str(headers)


def test_two_sources_are_read_one_after_the_other_each_under_its_own_name(played, other) -> None:
    for number in range(5):
        played.arrive(f"review {number}")
        other.add(f"comment {number}")
    collector = both(played, other)
    pages = rounds(collector)
    # Both number their posts alike.
    assert sorted(ids(pages)) == [f"account-{account} r00{number}" for account in (1, 2) for number in range(1, 6)]
    assert pages[-1].complete_up_to is not None and all(page.complete_up_to is None for page in pages[:-1])
    other.add("later")
    assert ids(rounds(collector, pages[-1].next_cursor)) == ["account-2 r006"]


@pytest.mark.parametrize("broken", [1, 2])
def test_source_that_fails_lets_the_other_be_read_and_is_told_at_the_end(played, other, broken) -> None:
    played.arrive("review")
    other.add("comment")
    source = played.server if broken == 1 else other
    source.before = lambda call: (500, b"oh")
    collector = both(played, other)
    page = collector.fetch(WATCH, None)
    assert ids([page]) == [f"account-{3 - broken} r001"] and page.has_more and page.complete_up_to is None
    with pytest.raises(Unavailable, match="1 of 2 sources"):
        collector.fetch(WATCH, page.next_cursor)
    source.behave()
    # The next round brings what was missed, also after a restart of the desk in between.
    assert f"account-{broken} r001" in ids(rounds(both(played, other), page.next_cursor))


def test_source_that_is_gone_and_one_that_refuses_us_stop_the_channel_only_together(played, other) -> None:
    other.before = lambda call: (401, {"error": {"code": "wrong_signature"}})
    with played.trouble(Trouble.SIGN_IN), pytest.raises(Misconfigured, match="2 of 2 sources"):
        both(played, other).fetch(WATCH, None)


def test_limits_of_the_source_come_with_the_page(played, clock) -> None:
    played.server.headers = {"RateLimit-Limit": "100", "RateLimit-Remaining": "40", "RateLimit-Reset": "30"}
    quota = played.collector().fetch(WATCH, None).quota
    assert (quota.left, quota.limit, quota.resets_at) == (40, 100, clock() + timedelta(seconds=30))
    resets_at = str(int((clock() + timedelta(hours=1)).timestamp()))
    played.server.headers = {"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": resets_at}
    quota = played.collector().fetch(WATCH, None).quota
    assert (quota.left, quota.limit, quota.resets_at) == (7, None, clock() + timedelta(hours=1))
    played.server.headers = {"RateLimit-Remaining": "many"}
    assert played.collector().fetch(WATCH, None).quota is None


def test_gaps_that_the_source_tells_of_are_handed_on_and_unreadable_ones_put_aside(played) -> None:
    told = {"from": "2026-03-01T22:00:00Z", "to": "2026-03-01T23:30:00Z"}
    reasons = [told | {"reason": "too_many"}, told | {"reason": "the printer was out of paper"}]
    played.server.more = {"gaps": [*reasons, {"from": "yesterday"}, told | {"to": told["from"]}]}
    page = played.collector().fetch(WATCH, None)
    assert [str(gap.reason) for gap in page.gaps] == ["too_many: reviews", "forgotten: reviews"]
    assert [bad.reason for bad in page.bad] == ["gap: from: a time such as 2026-03-02T09:00:00Z is needed."]


def test_completeness_is_the_sources_word_and_never_goes_beyond_its_clock_or_ours(played, clock) -> None:
    played.server.more = {"complete_up_to": "2026-03-02T08:00:00Z"}
    assert played.collector().fetch(WATCH, None).complete_up_to == clock() - timedelta(hours=1)
    played.server.more = {"complete_up_to": "2027-01-01T00:00:00Z"}
    assert played.collector().fetch(WATCH, None).complete_up_to == clock()
    played.server.more, played.server.headers = {}, {"date": "Tue, 03 Mar 2026 09:00:00 GMT"}
    assert played.collector().fetch(WATCH, None).complete_up_to <= clock()
    played.server.headers = {"date": "not a date"}
    assert played.collector().fetch(WATCH, None).complete_up_to is None


def test_source_that_has_forgotten_the_cursor_is_read_from_its_beginning(played) -> None:
    played.arrive("one")
    [page] = rounds(played.collector())
    played.server.log = [{"id": "r1", "deleted": True}]
    forgotten = {"error": {"code": "unknown_cursor", "message": "Begin again"}}
    played.server.before = lambda call: (410, forgotten) if "cursor" in played.server.asked[-1].given else None
    assert ids(rounds(played.collector(), page.next_cursor)) == ["account-1 r1"]


def test_source_without_a_cursor_hands_everything_over_each_time(played) -> None:
    played.arrive("one")
    played.server.more = {"next_cursor": None}
    [page] = rounds(played.collector())
    [again] = rounds(played.collector(), page.next_cursor)
    assert ids([page]) == ids([again]) and page.first_read_at is not None
    # What is read again is no first reading: what is late in it is work.
    assert again.first_read_at is None


def test_pages_that_go_in_a_circle_end_the_round(played) -> None:
    turn = iter(range(100))
    told = lambda: {"items": [], "next_cursor": f"c{next(turn) % 3}", "has_more": True}  # noqa: E731
    played.server.before = lambda call: (200, told()) if call == "GET /items" else None
    with pytest.raises(Misconfigured, match="same page"):
        rounds(played.collector())
    assert next(turn) == 4


def test_first_reading_is_one_until_its_last_page(played, clock) -> None:
    for number in range(2 * played.page_items + 1):
        played.arrive(f"post {number}")
    began_at, cursor, first = clock(), None, []
    for _ in range(3):
        page = played.collector().fetch(WATCH, cursor)
        cursor = page.next_cursor
        first.append(page.first_read_at)
        clock.move(minutes=1)
    assert first == [began_at] * 3
    assert played.collector().fetch(WATCH, cursor).first_read_at is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"items": {}}',
        b'{"items": [], "has_more": true}',
        b'{"items": [], "next_cursor": {}}',
        b'{"items": [], "gaps": 7}',
        b'{"items": [], "complete_up_to": "soon"}',
        b"[" * 200_000,
    ],
    ids=lambda body: repr(body[:30]),
)
def test_page_that_cannot_be_read_is_asked_for_again_and_stops_nothing(played, body) -> None:
    played.arrive("one")
    played.server.before = lambda call: (200, body) if call == "GET /items" else None
    with pytest.raises(Unavailable):
        played.collector().fetch(WATCH, None)
    played.server.behave()
    assert ids(rounds(played.collector())) == ["account-1 r001"]


def test_page_that_is_too_large_is_asked_for_in_smaller_pieces(played, monkeypatch) -> None:
    monkeypatch.setattr(client, "BOUNDS", replace(client.BOUNDS, max_bytes=20_000))
    for number in range(5):
        played.server.add("x" * 5_000, id=number)
    assert len(ids(rounds(played.collector()))) == 5
    limits = [asked.given["limit"] for asked in played.server.asked if asked.path.endswith("/items")]
    assert "1" in limits


def test_item_that_is_too_large_by_itself_is_asked_for_rarely_and_alone(played, clock, monkeypatch) -> None:
    monkeypatch.setattr(client, "BOUNDS", replace(client.BOUNDS, max_bytes=20_000))
    played.server.add("x" * 30_000, id="huge")

    def asked_again() -> tuple[list[str], float]:
        before = len(played.server.asked)
        with pytest.raises(Unavailable, match="make it shorter") as raised:
            played.collector().fetch(WATCH, None)
        limits = [asked.given["limit"] for asked in played.server.asked[before:] if asked.path.endswith("/items")]
        return limits, raised.value.retry_after_s

    assert asked_again() == (["100", "10", "1"], 600.0)
    clock.move(minutes=4)
    assert asked_again() == ([], 360.0)
    clock.move(minutes=6)
    assert asked_again() == (["1"], 1200.0)
    clock.move(minutes=20)
    assert asked_again() == (["1"], 2400.0)
    for _ in range(2):
        clock.move(hours=1)
        assert asked_again() == (["1"], 3600.0)
    clock.move(days=-1)
    assert asked_again() == ([], 3600.0), "a clock that was set back keeps it for no longer"
    # Somebody made it shorter.
    clock.move(days=2)
    played.server.items["huge"] |= {"text": "x"}
    played.server.add("and the next", id="next")
    pages = rounds(played.collector())
    assert [post.native_id for page in pages for post in page.items] == ["huge", "next"]
    before = len(played.server.asked)
    rounds(played.collector(), pages[-1].next_cursor)
    assert played.server.asked[-1].given["limit"] == "100" and len(played.server.asked) == before + 1


def test_source_that_only_calls_us_is_asked_nothing(played) -> None:
    setup = played.setup()
    silent = replace(setup, account=replace(setup.account, base_url=None))
    assert channel("http_connector").collector(silent).fetch(WATCH, None).items == ()
    played.server.about = {"contract": 1, "items": False}
    assert played.collector().fetch(WATCH, None).items == ()
    assert played.server.calls() == ["GET "]


@pytest.mark.parametrize(
    "told", [{}, {"contract": 2}, {"contract": 1, "replies": {"unit": "bytes"}}, {"contract": "1"}]
)
def test_address_that_is_no_source_is_a_mistake_for_a_person(played, told) -> None:
    played.server.about = told
    with pytest.raises(Misconfigured, match="does not say what it is"):
        played.collector().fetch(WATCH, None)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.7/desk", "http://169.254.169.254/", "ftp://x.example", "https://x.example/?a=1"]
)
def test_address_inside_our_own_network_or_none_at_all_is_refused(played, url) -> None:
    setup = played.setup()
    with pytest.raises(Misconfigured):
        channel("http_connector").collector(replace(setup, account=replace(setup.account, base_url=url))).fetch(
            WATCH, None
        )


def test_cursor_that_cannot_be_read_begins_anew(played) -> None:
    played.arrive("one")
    for odd in ("", "{", "[]", json.dumps({"sources": {"1": 7}}), json.dumps({"sources": {"1": ["1", "noon"]}})):
        assert ids(rounds(played.collector(), Cursor(odd))) == ["account-1 r001"]
    assert CLOSED not in played.url
