"""Does a request to an address that somebody typed stay within its bounds, and reach nobody it should not?"""

from __future__ import annotations

import contextlib
import gzip
import logging
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors import addresses
from collectors.http import Bounds, Web, translated
from domain.errors import DeskError, Misconfigured, RateLimited, Retriable, Unauthorized, Unavailable
from tests.peers.web_server import Told, WebServer

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[WebServer]:
    made = WebServer(lambda asked: Told(200, b"hello", {"ETag": '"1"'}))
    yield made
    made.close()


@pytest.fixture
def other() -> Iterator[WebServer]:
    made = WebServer(lambda asked: Told(200, b"there"))
    yield made
    made.close()


def web(**bounds: float) -> Web:
    return Web(lambda: NOW, bounds=Bounds(**bounds))  # type: ignore[arg-type]


def told(server: WebServer, answer: Told) -> None:
    server.answer = lambda asked: answer


def test_an_answer_comes_with_what_is_needed_to_ask_for_changes_only(server) -> None:
    answer = web().get(f"{server.url}/x?a=1")
    assert (answer.status, answer.body, answer.etag, answer.moved_to) == (200, b"hello", '"1"', None)
    assert server.asked[0].path == "/x?a=1" and "Sportello" in server.asked[0].headers["user-agent"]


@pytest.mark.parametrize(
    ("answer", "error", "wait_s"),
    [
        (Told(429, headers={"Retry-After": "90"}), RateLimited, 90),
        (Told(429, headers={"Retry-After": "Mon, 02 Mar 2026 09:02:00 GMT"}), RateLimited, 120),
        (Told(429, headers={"Retry-After": "Mon, 02 Mar 2020 09:02:00 GMT"}), RateLimited, 1),
        (Told(429, headers={"Retry-After": "soon"}), RateLimited, 60),
        (Told(429, headers={"Retry-After": "9" * 400}), RateLimited, 60),
        (Told(503, headers={"Retry-After": "10000000"}), Unavailable, 86_400),
        (Told(500), Unavailable, 30),
        (Told(drop_after=0), Unavailable, 30),
        (Told(200, b"abcdef", drop_after=3), Unavailable, 30),
        (Told(200, b"no gzip", {"Content-Encoding": "gzip"}), Unavailable, 30),
        (Told(200, gzip.compress(b"x" * 5000)[:-20], {"Content-Encoding": "gzip"}), Unavailable, 30),
        (Told(200, b"?", {"Content-Encoding": "br"}), Unavailable, 30),
        (Told(401), Unauthorized, None),
        (Told(403), Misconfigured, None),
        (Told(404), Misconfigured, None),
        (Told(410), Misconfigured, None),
        (Told(418), Misconfigured, None),
    ],
)
def test_every_failure_becomes_an_error_of_the_desk(server, answer: Told, error: type[DeskError], wait_s) -> None:
    told(server, answer)
    with pytest.raises(error) as raised:
        web().get(server.url)
    assert "127.0.0.1" in str(raised.value)
    if isinstance(raised.value, Retriable):
        assert raised.value.retry_after_s == wait_s


def test_gone_is_told_from_not_found() -> None:
    assert translated(410, "x").values["gone"] is True and "gone" not in translated(404, "x").values


def test_a_server_that_is_not_there_is_unavailable(server) -> None:
    server.close()
    with pytest.raises(Unavailable):
        web().get(server.url)


@pytest.mark.parametrize("packed", [False, True])
def test_no_more_is_read_than_the_bound_however_small_it_was_packed(server, packed: bool) -> None:
    body = b"0" * 3_000_000
    told(server, Told(200, gzip.compress(body), {"Content-Encoding": "gzip"}) if packed else Told(200, body))
    with pytest.raises(Misconfigured, match="more than 1 MB"):
        web(max_bytes=1_000_000).get(server.url)
    assert web(max_bytes=3_000_000).get(server.url).body == body


def test_zlib_is_unpacked_too(server) -> None:
    told(server, Told(200, zlib.compress(b"words"), {"Content-Encoding": "deflate"}))
    assert web().get(server.url).body == b"words"


def test_an_answer_that_drips_ends_with_the_time_for_all_of_it(server) -> None:
    told(server, Told(200, b"x" * 200_000))
    with pytest.raises(Unavailable, match="too slowly"):
        web(total_s=-1.0).get(server.url)


@pytest.mark.parametrize(
    ("status", "is_for_good"), [(301, True), (308, True), (302, False), (303, False), (307, False)]
)
def test_redirects_are_followed_and_those_for_good_are_told(server, status: int, is_for_good: bool) -> None:
    server.answer = lambda asked: (
        Told(status, headers={"Location": "/new"}) if asked.path == "/old" else Told(200, b"moved")
    )
    answer = web().get(f"{server.url}/old")
    assert (answer.body, answer.url) == (b"moved", f"{server.url}/new")
    assert answer.moved_to == (f"{server.url}/new" if is_for_good else None)


def test_a_move_for_good_behind_one_for_now_is_not_remembered(server) -> None:
    steps = {"/a": Told(302, headers={"Location": "/b"}), "/b": Told(301, headers={"Location": "/c"})}
    server.answer = lambda asked: steps.get(asked.path, Told(200, b"x"))
    assert web().get(f"{server.url}/a").moved_to is None


@pytest.mark.parametrize(
    "target",
    ["/again", "file:///etc/passwd", "ftp://x.example/", "gopher://127.0.0.1/", "http://10.0.0.1/", "//[", "http://"],
)
def test_redirects_without_end_or_to_where_nobody_may_go_are_refused(server, target: str) -> None:
    told(server, Told(302, headers={"Location": target}))
    with pytest.raises(Misconfigured):
        web().get(f"{server.url}/again")
    assert len(server.asked) <= 6


def test_credentials_stay_with_the_server_they_are_for(server, other) -> None:
    server.answer = lambda asked: Told(302, headers={"Location": "/in" if asked.path == "/" else f"{other.url}/out"})
    web().get(f"{server.url}/", credentials={"authorization": "Bearer hush"})
    assert [asked.headers.get("authorization") for asked in server.asked] == ["Bearer hush"] * 2
    assert "authorization" not in other.asked[0].headers


def test_the_address_that_was_checked_is_the_one_that_is_called(server) -> None:
    """A name that points elsewhere at the second look (DNS rebinding) gains nothing: there is none."""
    port = int(server.url.rpartition(":")[2])
    looks: list[str] = []

    def look_up(host: str, port: int) -> list[str]:
        looks.append(host)
        return ["127.0.0.1"]

    with pytest.raises(Misconfigured, match="inside your own network"):
        Web(lambda: NOW, look_up=look_up).get(f"http://feeds.example:{port}/")
    assert server.asked == [] and looks == ["feeds.example"]
    answer = Web(lambda: NOW, private=True, look_up=look_up).get(f"http://feeds.example:{port}/")
    assert answer.body == b"hello" and server.asked[0].headers["host"] == f"feeds.example:{port}"
    assert looks == ["feeds.example"] * 2


def test_a_public_address_cannot_send_us_to_this_machine(server, monkeypatch) -> None:
    monkeypatch.setattr(addresses, "is_public", lambda ip: str(ip) == "127.0.0.1" and not server.asked)
    port = int(server.url.rpartition(":")[2])
    told(server, Told(302, headers={"Location": f"http://127.0.0.1:{port}/secret"}))
    with pytest.raises(Misconfigured, match="inside your own network"):
        Web(lambda: NOW, look_up=lambda host, port: ["127.0.0.1"]).get(f"http://feeds.example:{port}/")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "ip",
    [
        *(
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "127.0.0.1",
            "224.0.0.1",
        ),
        *("255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"),
        *("2002:a00:1::", "192.0.2.1", "198.18.0.1", "240.0.0.1"),
    ],
)
def test_addresses_that_are_not_public_are_refused(ip: str) -> None:
    address = addresses.read("https://feeds.example/")
    with pytest.raises(Misconfigured):
        addresses.reachable(address, private=False, loopback=False, look_up=lambda host, port: [ip])


@pytest.mark.parametrize("ip", ["93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_reached(ip: str) -> None:
    address = addresses.read("https://feeds.example/")
    assert (
        addresses.reachable(address, private=False, loopback=False, look_up=lambda host, port: ["10.0.0.1", ip]) == ip
    )


@pytest.mark.parametrize(
    "ip",
    [
        *("169.254.169.254", "::ffff:169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
        *("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42"),
    ],
)
def test_even_an_open_desk_never_asks_the_machines_own_keys(ip: str) -> None:
    address = addresses.read("http://feeds.example/latest")
    with pytest.raises(Misconfigured):
        addresses.reachable(address, private=True, loopback=True, look_up=lambda host, port: [ip])


@pytest.mark.parametrize("ip", ["192.168.1.20", "127.0.0.1", "::1"])
def test_an_open_desk_asks_servers_of_the_house(ip: str) -> None:
    address = addresses.read("http://feeds.example/")
    assert addresses.reachable(address, private=True, loopback=False, look_up=lambda host, port: [ip]) == ip


@pytest.mark.parametrize(
    "url",
    [
        *("", "feed.xml", "ftp://x.example/", "file:///etc/passwd", "http://", "http:///x", "https://a b.example/"),
        *("https://user:pass@x.example/", "https://x.example:99999/", "http://[::1", "https://x.example/a\nb"),
        *(
            "https://" + "a" * 300 + ".example/",
            "https://x.example/" + "a" * 3000,
            "javascript:alert(1)",
            "http://..//",
        ),
    ],
)
def test_what_is_no_web_address_is_refused_in_words(url: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        addresses.read(url)
    assert str(refused.value).startswith("The address")


def test_libraries_that_would_log_addresses_are_silenced_before_the_first_request() -> None:
    asked = "import logging, collectors.http; print(*(logging.getLogger(n).level for n in ('httpx', 'httpcore')))"
    told = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True
    )
    assert told.stdout.split() == [str(logging.WARNING)] * 2


def test_no_address_and_no_secret_comes_into_the_log(server, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):  # As the product leaves them; in tests they speak in full detail.
        caplog.set_level(logging.WARNING, logger=name)
    web().get(f"{server.url}/feed?key=hush", credentials={"authorization": "Bearer hush"})
    told(server, Told(403))
    with pytest.raises(Misconfigured) as refused:
        web().get(f"{server.url}/feed?key=hush")
    assert "hush" not in caplog.text + str(refused.value) + repr(refused.value.values)


def test_a_server_that_trickles_its_headers_holds_nobody_past_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def trickle() -> None:
            there, _ = listening.accept()
            with there, contextlib.suppress(OSError):
                there.sendall(b"HTTP/1.1 200 OK\r\nx: ")
                for _ in range(100):
                    there.sendall(b"a")
                    time.sleep(0.1)

        threading.Thread(target=trickle, daemon=True).start()
        began_s = time.monotonic()
        with pytest.raises(Unavailable, match="too slowly"):
            web(read_s=2.0, total_s=0.5).get(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        assert time.monotonic() - began_s < 5
