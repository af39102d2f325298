"""Does a channel go on, and its token stay at home, whatever a network or something in between answers?"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from domain.errors import DeskError, Malformed, Misconfigured, RateLimited, Retriable, Unavailable
from domain.reply import IdempotencyKey
from tests.contract.harness_bluesky import BlueskyHarness
from tests.contract.harness_http_connector import HttpConnectorHarness
from tests.contract.harness_mastodon import MastodonHarness
from tests.contract.harness_reddit import RedditHarness
from tests.contract.harness_x import XHarness
from tests.contract.scripted import Answer, Asked, Scripted
from tests.contract.test_listening import WATCH

NETWORKS = [BlueskyHarness, MastodonHarness, RedditHarness, XHarness, HttpConnectorHarness]
KEY = IdempotencyKey("6f1ed002ab")
PAGE = b"<!doctype html><title>hush-inside</title><p>Please sign in to the hotel's network."

NO_ANSWERS: list[Answer] = [
    (200, PAGE),
    (200, b""),
    (204, b""),
    (200, b"{"),
    (200, b"\xff\xfe\x00"),
    *((200, body) for body in (None, [], "words", 7, {})),
    (200, b"[" * 200_000),
    (200, b'{"a":' * 100_000),
    (502, PAGE),
]
PAST, FAR = "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2099 07:28:00 GMT"
WAITS = (None, "-5", "0", PAST, FAR, "315360000", "1e999", "nan", "soon")


@pytest.fixture(params=NETWORKS, ids=lambda each: each.name)
def played(request, tmp_path, clock) -> Any:
    return request.param(tmp_path / "network", clock)


@pytest.fixture
def elsewhere(clock) -> Iterator[Stranger]:
    server = Stranger(clock)
    yield server
    server.close()


class Stranger(Scripted):
    """A server that nobody gave a token to. ``told``: everything that came."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.told: list[Asked] = []

    def noted(self, call: str, asked: Asked) -> None:
        self.told.append(asked)

    def answered(self, call: str, asked: Asked) -> Answer:
        return 200, {}


def heard(played: Any) -> list[str]:
    return [post.native_id for post in played.collector().fetch(WATCH, None).items]


@pytest.mark.parametrize("is_signed_in", [True, False], ids=["signed-in", "new"])
def test_answer_that_is_none_is_asked_for_again_and_stops_nothing(played, is_signed_in) -> None:
    sent = played.arrive("BAD parcel")
    if is_signed_in:
        assert heard(played) == [sent]
    for status, body in NO_ANSWERS:
        played.server.before = lambda call, status=status, body=body: (status, body)
        try:
            assert heard(played) == []
        except DeskError as error:
            # What cannot be read as a whole is asked for again as well.
            assert isinstance(error, (Retriable, Malformed)) or (body == {} and not is_signed_in), (body, error)
            assert "hush" not in str(error)
    played.server.behave()
    assert heard(played) == [sent]


@pytest.mark.parametrize("status", [429, 503])
def test_time_to_wait_that_makes_no_sense_is_a_sensible_one(played, status) -> None:
    sent = played.arrive("BAD parcel")
    assert heard(played) == [sent]
    played.server.before = lambda call: (status, {"error": "slowly"})
    for wait in WAITS:
        played.server.headers = {} if wait is None else {"retry-after": wait}
        with pytest.raises(RateLimited if status == 429 else Unavailable) as raised:
            heard(played)
        assert (status == 429) <= raised.value.retry_after_s <= 86_400, wait
    played.server.behave()
    assert heard(played) == [sent]


@pytest.mark.parametrize("is_signed_in", [True, False], ids=["signed-in", "new"])
def test_redirect_to_another_server_takes_no_token_and_no_word_there(played, elsewhere, is_signed_in) -> None:
    sent = played.arrive("BAD parcel")
    publisher, reply = played.publisher(), played.reply("Buongiorno, verifichiamo subito.")
    if is_signed_in:
        assert heard(played) == [sent]
        reply = replace(reply, prepared=publisher.prepare(reply, key=KEY))
    played.server.headers = {"location": f"{elsewhere.url}/somewhere"}
    for status in (301, 302, 303, 307, 308):
        played.server.before = lambda call, status=status: (status, b"")
        with pytest.raises((Retriable, Misconfigured)):
            heard(played)
        with pytest.raises(DeskError):
            publisher.publish(reply, key=KEY)
    assert [asked.path for asked in elsewhere.told] == []
    played.server.behave()
    assert played.published() == []


def test_redirect_in_a_circle_ends(played) -> None:
    sent = played.arrive("BAD parcel")
    assert heard(played) == [sent]
    calls: list[str] = []
    played.server.headers = {"location": f"{played.server.url}/round/and/round"}
    played.server.before = lambda call: calls.append(call) or (302, b"")
    with pytest.raises((Retriable, Misconfigured)):
        heard(played)
    assert len(calls) < 30


def test_small_answer_that_unpacks_to_more_than_anybody_reads_is_cut(played, clock) -> None:
    sent = played.arrive("BAD parcel")
    assert heard(played) == [sent]
    bomb = gzip.compress(b'{"a": "' + b"x" * 60_000_000 + b'"}')
    assert len(bomb) < 100_000
    played.server.headers = {"content-encoding": "gzip"}
    played.server.before = lambda call: (200, bomb)
    try:
        page = played.collector().fetch(WATCH, None)
        assert page.items == () and [gap.reason for gap in page.gaps] == ["too_large"]
    except Retriable:
        pass
    played.server.behave()
    clock.move(minutes=10)
    assert heard(played) == [sent]


@pytest.mark.parametrize("packing", ["gzip", "br", "zstd", "nonsense"])
def test_answer_packed_in_a_way_that_cannot_be_read_is_none(played, packing) -> None:
    sent = played.arrive("BAD parcel")
    assert heard(played) == [sent]
    played.server.headers = {"content-encoding": packing}
    played.server.before = lambda call: (200, b"not packed at all")
    with pytest.raises(Retriable):
        heard(played)
    played.server.behave()
    assert heard(played) == [sent]


def test_server_without_encryption_where_it_should_be_gets_no_word(played) -> None:
    calls: list[str] = []
    played.server.before = calls.append
    played.url = played.url.replace("http://", "https://")
    with pytest.raises((Retriable, Misconfigured)):
        heard(played)
    assert calls == []


NEXT = {
    "bluesky": lambda body, token: body | {"cursor": token},
    "x": lambda body, token: body | {"meta": {**body["meta"], "next_token": token}},
    "reddit": lambda body, token: body | {"data": {**body["data"], "after": token}},
    "mastodon": lambda body, token: body,
}
PLACES = {"x": "mentions", "bluesky": "listNotifications", "reddit": "inbox", "mastodon": "notifications"}


def turn_in_circles(played: Any, listed: Any, pages: int, asked: list[str]) -> None:
    """Each page of what addresses us is ``listed`` now, and names the next one of ``pages``, the last the first."""
    place = PLACES[played.name]

    def token() -> str:
        number = len(asked) % pages
        return f"t1_{number}" if played.name == "reddit" else str((1 << 60) + number)

    def turned(call: str) -> Answer | None:
        if not call.endswith(place):
            return None
        asked.append(call)
        return listed[0], NEXT[played.name](listed[1], token())

    def beside(told: Asked) -> dict[str, str]:
        page = f"{played.server.url}{told.path}?limit=40"
        is_ours = told.path.endswith(place)
        return (
            {"link": f'<{page}&max_id={token()}>; rel="next", <{page}&min_id={token()}>; rel="prev"'} if is_ours else {}
        )

    played.server.before = turned
    if played.name == "mastodon":
        played.server.beside = beside


@pytest.mark.parametrize("pages", [1, 2])
@pytest.mark.parametrize("kind", [BlueskyHarness, MastodonHarness, RedditHarness, XHarness], ids=lambda each: each.name)
def test_pages_that_go_in_a_circle_end_the_round(kind, pages, tmp_path, clock) -> None:
    """What they hold is handed over, what stands behind them is told, and the next round hears what is new."""
    played, asked = kind(tmp_path / "network", clock), []
    sent = {played.arrive(f"BAD parcel {number}") for number in range(2)}
    lists = {}
    played.server.after = lambda call, answer: lists.setdefault(call, answer)
    played.collector().fetch(WATCH, None)
    [listed] = [answer for call, answer in lists.items() if call.endswith(PLACES[kind.name])]
    turn_in_circles(played, listed, pages, asked)
    found, gaps, cursor = a_round(played, None)
    assert found == sent and gaps == ["circle"] and len(asked) < 12
    clock.move(minutes=30)
    played.server.behave()
    played.server.__dict__.pop("beside", None)
    new = played.arrive("BAD parcel again")
    found, gaps, _ = a_round(played, cursor)
    assert new in found and gaps == []


def test_pages_towards_now_that_go_in_a_circle_are_read_from_now_instead(tmp_path, clock) -> None:
    """Mastodon is read on from the last place known; where that leads nowhere, the newest page is still there."""
    played, asked = MastodonHarness(tmp_path / "network", clock), []
    cursor = None
    for number in range(3):
        played.arrive(f"BAD parcel {number}")
        _, _, cursor = a_round(played, cursor)
        clock.move(hours=3)
    server, sent = played.server, {played.arrive(f"BAD parcel {number}") for number in range(3, 6)}
    answered, linked, since = server.answered, server.beside, {}

    def again(call: str, told: Asked) -> Answer:
        """What follows a place is the same for ever; nothing is wrong with what stands before one."""
        if "min_id" not in told.query:
            return answered(call, told)
        asked.append(call)
        return since.setdefault(call, answered(call, told))

    def beside(told: Asked) -> dict[str, str]:
        if "min_id" not in told.query:
            return linked(told)
        return {"link": f'<{server.url}{told.path}?min_id={(1 << 60) + len(asked) % 2}>; rel="prev"'}

    server.answered, server.beside = again, beside
    found, gaps, _ = a_round(played, cursor)
    assert sent <= found and gaps == [] and 1 < len(asked) < 12


def a_round(played: Any, cursor: Any) -> tuple[set[str], list[str], Any]:
    """What one round brings, and the gaps it tells of; the desk restarts between any two pages."""
    found, gaps = set(), []
    for _ in range(40):
        page = played.collector().fetch(WATCH, cursor)
        found |= {post.native_id for post in page.items}
        gaps += [str(gap.reason) for gap in page.gaps]
        cursor = page.next_cursor
        if not page.has_more:
            return found, gaps, cursor
    raise AssertionError("the round does not end")
