"""Does a request end though its answer trickles in, byte by byte and for ever? On every network with a library."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace

import httpx
import pytest

from collectors import deadline, guarded
from domain.errors import OutcomeUnknown, Unavailable
from domain.reply import IdempotencyKey
from tests.contract.harness_bluesky import BlueskyHarness
from tests.contract.harness_mastodon import MastodonHarness
from tests.contract.harness_reddit import RedditHarness
from tests.contract.harness_x import XHarness
from tests.contract.test_listening import WATCH

KEY = IdempotencyKey("6f1ed002ab")


@pytest.fixture(params=[BlueskyHarness, MastodonHarness, RedditHarness, XHarness], ids=lambda each: each.name)
def played(request, tmp_path, clock):
    return request.param(tmp_path / "network", clock)


@pytest.fixture
def soon_over(played, monkeypatch) -> None:
    """The minute of a request is over as soon as its answer trickles, however slow this machine is."""
    over_once_it_trickles(played, monkeypatch)


def over_once_it_trickles(played, monkeypatch) -> None:
    class Timer(threading.Timer):
        def run(self) -> None:
            while not self.finished.is_set():
                if played.server.trickles.wait(0.005):
                    self.function()
                    return

    monkeypatch.setattr(deadline, "threading", SimpleNamespace(Timer=Timer))


@pytest.mark.parametrize("part", ["headers", "body"])
def test_answer_that_trickles_in_holds_no_poll(played, soon_over, part) -> None:
    sent, called = played.arrive("BAD parcel"), []
    played.server.before = called.append
    assert [post.native_id for post in played.collector().fetch(WATCH, None).items] == [sent]
    for call in called:
        played.server.trickling[call] = part
    with pytest.raises(Unavailable):
        played.collector().fetch(WATCH, None)
    assert not played.server.held
    # The next one is whole again: what was cut was that connection alone.
    played.server.behave()
    assert [post.native_id for post in played.collector().fetch(WATCH, None).items] == [sent]


@pytest.mark.parametrize("part", ["headers", "body"])
def test_reply_whose_answer_trickles_in_is_unclear_and_there_once(played, soon_over, part) -> None:
    played.arrive("BAD parcel")
    publisher, reply = played.publisher(), played.reply("Buongiorno, verifichiamo subito.")
    reply = replace(reply, prepared=publisher.prepare(reply, key=KEY))
    played.server.trickling[played.writes] = part
    with pytest.raises(OutcomeUnknown):
        publisher.publish(reply, key=KEY)
    assert not played.server.held
    played.server.behave()
    found = publisher.lookup(reply, key=KEY, since=played.server.clock())
    assert found is not None and len(played.published()) == 1


@pytest.mark.parametrize("part", ["headers", "body"])
def test_answer_that_trickles_in_through_a_proxy_holds_no_poll(tmp_path, clock, monkeypatch, part) -> None:
    played = through_a_proxy(tmp_path, clock, monkeypatch)
    sent, called = played.arrive("BAD parcel"), []
    played.server.before = called.append
    assert [post.native_id for post in played.collector().fetch(WATCH, None).items] == [sent]
    for call in called:
        played.server.trickling[call] = part
    over_once_it_trickles(played, monkeypatch)
    with pytest.raises(Unavailable):
        played.collector().fetch(WATCH, None)
    assert not played.server.held
    played.server.behave()
    assert [post.native_id for post in played.collector().fetch(WATCH, None).items] == [sent]


def test_answer_through_a_proxy_is_bounded_in_size(tmp_path, clock, monkeypatch) -> None:
    played = through_a_proxy(tmp_path, clock, monkeypatch)
    url = played.setup().account.base_url
    with httpx.Client(transport=guarded.GuardedTransport(guarded.Guard(private=True, loopback=True))) as client:
        assert client.get(url).content
        monkeypatch.setattr(guarded, "MAX_BYTES", 1)
        with pytest.raises(httpx.ReadError):
            client.get(url)


def through_a_proxy(tmp_path, clock, monkeypatch) -> BlueskyHarness:
    """Asked for whole addresses, the server hands on their paths: as much of a proxy as plain HTTP needs."""
    played = BlueskyHarness(tmp_path / "network", clock)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", played.setup().account.base_url.removeprefix("http://"))
    return played
