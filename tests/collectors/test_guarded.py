"""Can a name that was harmless when it was typed lead a library into our own network later?"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import httpx
import pytest
import requests

from collectors import guarded
from collectors.addresses import numbers, read
from collectors.bluesky.sign_in import BlueskySignIn
from collectors.bluesky.stream import lots
from collectors.exchange import Exchange
from collectors.guarded import Guard, GuardedTransport, connected, guard
from collectors.http import Web
from collectors.protocol import ChannelSetup
from collectors.registry import channel
from domain.clock import utc_now
from domain.errors import DeskError, Misconfigured, OutcomeUnknown, Unavailable
from domain.reply import IdempotencyKey
from tests.contract.harness import SECRET
from tests.contract.harness_bluesky import BlueskyHarness
from tests.contract.harness_mastodon import MastodonHarness
from tests.contract.harness_reddit import RedditHarness
from tests.contract.harness_x import XHarness
from tests.contract.test_listening import WATCH
from tests.peers.jetstream import Jetstream
from tests.peers.web_server import Told, WebServer

NAME, KEY = "gateway.example", IdempotencyKey("6f1ed002ab")
INSIDE = Guard(private=True, loopback=False)


@pytest.fixture(params=[BlueskyHarness, MastodonHarness, RedditHarness, XHarness], ids=lambda each: each.name)
def played(request, tmp_path, clock):
    return request.param(tmp_path / "network", clock)


@pytest.fixture(autouse=True)
def leads_inside(monkeypatch) -> list[str]:
    """The name was somebody's gateway once; now it leads to this machine."""
    ours, asked = socket.getaddrinfo, []

    def look_up(host, port, *given, **more):
        asked.append(host)
        return ours("127.0.0.1" if host == NAME else host, port, *given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def setup(played, *, private: bool) -> ChannelSetup:
    given = played.setup()
    url = given.account.base_url.replace("127.0.0.1", NAME)
    account = replace(given.account, base_url=url)
    return replace(given, account=account, accounts=(account,), secret=given.secret, private_addresses=private)


def test_library_never_reaches_what_stands_inside_our_network(played) -> None:
    played.arrive("BAD parcel")
    closed, asked = setup(played, private=False), len(played.server.asked)
    with pytest.raises((Unavailable, Misconfigured)):
        channel(played.name).collector(closed).fetch(WATCH, None)
    with pytest.raises(DeskError) as refused:
        channel(played.name).publisher(closed).publish(played.reply("Buongiorno."), key=KEY)
    # Nothing was sent, and that is known: nobody has to look the reply up.
    assert not isinstance(refused.value, OutcomeUnknown)
    assert len(played.server.asked) == asked and played.published() == []


def test_it_does_where_the_settings_allow_it(played, leads_inside) -> None:
    sent = played.arrive("BAD parcel")
    page = channel(played.name).collector(setup(played, private=True)).fetch(WATCH, None)
    assert [post.native_id for post in page.items] == [sent] and NAME in leads_inside


def by_httpx(url: str) -> int:
    with httpx.Client(transport=GuardedTransport(INSIDE)) as client:
        return client.get(url).status_code


def by_web(url: str) -> int:
    return Web(utc_now, private=True).get(url).status


def by_exchange(url: str) -> int:
    return Exchange(private=True).ask("GET", url, headers={}).status


def by_requests(url: str) -> int:
    with requests.Session() as session:
        guard(session, INSIDE)
        return session.get(url, timeout=5).status_code


@pytest.fixture
def leads_to(monkeypatch) -> Callable[..., list[str]]:
    """The name leads to all of these; the list grows by each one that is connected to."""
    connect, tried = socket.socket.connect, []

    def connecting(self, where):
        tried.append(where[0])
        if where[0] == "2001:db8::1":
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        return connect(self, where)

    def lead(*ips: str) -> list[str]:
        ours = socket.getaddrinfo

        def look_up(host, port, *given, **more):
            return (
                [each for ip in ips for each in ours(ip, port, *given, **more)]
                if host == NAME
                else ours(host, port, *given, **more)
            )

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        monkeypatch.setattr(socket.socket, "connect", connecting)
        return tried

    return lead


@pytest.mark.parametrize("asking", [by_httpx, by_requests, by_web, by_exchange])
def test_where_one_number_cannot_be_reached_the_next_one_is(leads_to, asking) -> None:
    tried = leads_to("2001:db8::1", "127.0.0.1")
    with closing(WebServer(lambda asked: Told(200))) as server:
        url = server.url.replace("127.0.0.1", NAME)
        assert asking(url) == 200
        assert tried == ["2001:db8::1", "127.0.0.1"] and server.asked[0].headers["host"] == url.removeprefix("http://")
        connected(INSIDE, NAME, int(url.rpartition(":")[2]), timeout_s=5).close()


@pytest.mark.parametrize("asking", [by_httpx, by_requests, by_web, by_exchange])
def test_nothing_goes_to_another_number_once_it_was_sent(leads_to, asking) -> None:
    tried = leads_to("127.0.0.1", "127.0.0.2")
    with closing(WebServer(lambda asked: Told(drop_after=0))) as server:
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError, requests.ConnectionError, Unavailable)):
            asking(server.url.replace("127.0.0.1", NAME))
        assert tried == ["127.0.0.1"] and len(server.asked) == 1


def test_all_numbers_of_a_name_share_the_time_of_one_question(leads_to, monkeypatch) -> None:
    tried = leads_to("2001:db8::1", "127.0.0.1")
    monkeypatch.setattr(guarded, "TOTAL_S", 0.0)
    with closing(WebServer(lambda asked: Told(200))) as server:
        with pytest.raises(httpx.ConnectTimeout):
            by_httpx(server.url.replace("127.0.0.1", NAME))
        assert tried == ["2001:db8::1"] and not server.asked


def test_bluesky_goes_through_the_proxy_that_the_environment_names(tmp_path, clock, monkeypatch) -> None:
    """It alone may reach the internet from within some firms, and it alone knows the names out there."""
    played = BlueskyHarness(tmp_path / "network", clock)
    sent = played.arrive("BAD parcel")
    there = setup(played, private=False)
    # Asked for whole addresses, it hands on their paths: as much of a proxy as plain HTTP needs.
    monkeypatch.setenv("http_proxy", played.setup().account.base_url.removeprefix("http://"))
    page = channel("bluesky").collector(there).fetch(WATCH, None)
    assert [post.native_id for post in page.items] == [sent]
    monkeypatch.setenv("no_proxy", NAME)
    with pytest.raises(Misconfigured):
        channel("bluesky").collector(setup(played, private=False)).fetch(WATCH, None)
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", "gopher://127.0.0.1:1")
    with pytest.raises(Misconfigured, match="proxy"):
        channel("bluesky").collector(setup(played, private=False)).fetch(WATCH, None)


def test_numbers_of_both_kinds_are_tried_in_turn_and_no_forbidden_one_is() -> None:
    found = ["2606:4700::1", "2606:4700::2", "10.0.0.7", "2606:4700::3", "2606:4700::4", "8.8.8.8", "::1"]
    tried = numbers(read(f"https://{NAME}"), private=False, loopback=False, look_up=lambda host, port: found)
    assert tried == ("2606:4700::1", "8.8.8.8", "2606:4700::2", "2606:4700::3")


def test_stream_somebody_typed_is_looked_up_too() -> None:
    with closing(Jetstream()) as stream:
        url = stream.url.replace("127.0.0.1", NAME).replace("localhost", NAME)
        with pytest.raises(Misconfigured):
            next(lots(url, after_us=None, stopped=lambda: False))
        assert next(lots(url, after_us=None, stopped=lambda: False, private=True)).events == ()
        assert next(lots(stream.url, after_us=None, stopped=lambda: False)).events == ()


@pytest.mark.parametrize(
    "stream", ["ws://10.0.0.7:6379", "ftp://jetstream.example", "ws://user:pass@jetstream.example"]
)
def test_stream_is_looked_at_when_its_address_is_typed(clock, stream) -> None:
    with pytest.raises(Misconfigured) as refused:
        BlueskySignIn(clock).checked("aurora.test", SECRET, base_url=f"https://pds.example?stream={stream}")
    assert SECRET not in str(refused.value)
