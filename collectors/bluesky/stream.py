"""What does the network's stream say, second by second? Jetstream: every change of every public post, as JSON.

The wire is ``network.bsky.jetstream.subscribeEvents`` with the subprotocol ``xrpc.v1.json`` (atproto.com, lexicons):
one frame, one event. Going on is by the moment at which the stream saw the last event, in microseconds, which holds
on every one of the network's servers; what is sent twice is stored once.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from collectors import addresses
from collectors.bluesky.normalize import repository
from domain.errors import Misconfigured, RateLimited, Unavailable

DEFAULT_STREAM = "wss://jetstream.us-east.bsky.network/xrpc"
METHOD = "network.bsky.jetstream.subscribeEvents"
POSTS = "app.bsky.feed.post"
#: Going on begins so much earlier: servers see events at slightly different moments.
REWIND_US = 2_000_000
OPEN_S, SILENT_S = 10.0, 60.0
#: What is handed over at once, at most, and how often at least while something comes.
LOT_EVENTS, LOT_S = 2000, 0.3
MAX_FRAME_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Event:
    """One change of a post. ``record`` is None when it was deleted."""

    uri: str
    operation: str
    cid: str
    record: Mapping[str, Any] | None
    seen_us: int


@dataclass(frozen=True, slots=True)
class Lot:
    """Some events in the order of the stream, which goes on after ``up_to_us``.

    A stream that no longer has everything that was asked for begins later: the polls bring the rest.
    """

    events: tuple[Event, ...]
    up_to_us: int | None
    unreadable: tuple[str, ...] = ()


def lots(url: str, *, after_us: int | None, stopped: Callable[[], bool], private: bool = False) -> Iterator[Lot]:
    """Connect and hand over what comes until ``stopped``; an empty lot now and then, so that the caller can act.

    ``private``: a stream that somebody typed may stand inside our own network.
    Raises Unavailable, RateLimited or Misconfigured when the connection cannot be made or breaks.
    """
    from websockets.exceptions import InvalidStatus, WebSocketException
    from websockets.sync.client import connect
    from websockets.typing import Subprotocol

    try:
        with connect(
            _address(url, after_us),
            subprotocols=[Subprotocol("xrpc.v1.json")],
            open_timeout=OPEN_S,
            max_size=MAX_FRAME_BYTES,
            sock=_checked(url, private=private),
        ) as stream:
            yield from _read(stream.recv, stopped)
    except InvalidStatus as error:
        status = error.response.status_code
        if status == 429:
            raise RateLimited(retry_after_s=60.0) from error
        if 400 <= status < 500:
            raise Misconfigured(f"The stream of Bluesky refuses us ({status}).", field="stream") from error
        raise Unavailable(f"The stream of Bluesky does not answer ({status}).") from error
    except (WebSocketException, OSError, EOFError) as error:
        raise Unavailable(f"The stream of Bluesky broke: {type(error).__name__}.") from error


def web_address(url: str) -> str:
    """The address of a stream as that of a page, which the rules for typed addresses are about."""
    scheme, mark, rest = url.strip().partition("://")
    return {"ws": "http", "wss": "https"}.get(scheme.lower(), "") + mark + rest


def _checked(url: str, *, private: bool) -> socket.socket | None:
    """A connection to where a typed stream stands now, looked at first; None for the network's own."""
    if url == DEFAULT_STREAM:
        return None
    from collectors.guarded import connected, guard_of

    address = addresses.read(web_address(url))
    guard = guard_of(address.url, private=private)
    return connected(guard, address.host, address.port, timeout_s=OPEN_S)


def _address(url: str, after_us: int | None) -> str:
    given: list[tuple[str, object]] = [("collections", POSTS), ("kinds", "commit")]
    if after_us is not None:
        given.append(("cursor", after_us - REWIND_US))
    return f"{url.rstrip('/')}/{METHOD}?{urlencode(given)}"


def _read(receive: Callable[[float], str | bytes], stopped: Callable[[], bool]) -> Iterator[Lot]:
    heard_at = time.monotonic()
    while not stopped():
        frames: list[str | bytes] = []
        end = time.monotonic() + LOT_S
        while len(frames) < LOT_EVENTS and (left_s := end - time.monotonic()) > 0:
            try:
                frames.append(receive(left_s))
            except TimeoutError:
                break
        if frames:
            heard_at = time.monotonic()
        elif time.monotonic() - heard_at > SILENT_S:
            raise Unavailable("The stream of Bluesky has gone silent.")
        yield _lot(frames)


def _lot(frames: list[str | bytes]) -> Lot:
    events: list[Event] = []
    unreadable: list[str] = []
    up_to_us = None
    for frame in frames:
        try:
            told = _payload(frame)
            if "seq" in told:  # not so a remark about the stream itself
                up_to_us = max(up_to_us or 0, seen_us(told))
                if told.get("$type") == f"{METHOD}#commit" and told.get("collection") == POSTS:
                    events.append(_event(told))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            unreadable.append(frame[:2000] if isinstance(frame, str) else repr(frame[:200]))
    return Lot(tuple(events), up_to_us, tuple(unreadable))


def _payload(frame: str | bytes) -> Mapping[str, Any]:
    told = json.loads(frame)
    if told["$type"] == "error":
        raise Unavailable(f"The stream of Bluesky ended: {str(told.get('error'))[:80]}.")
    payload = told["payload"]
    if not isinstance(payload, dict):
        raise TypeError("a message without content")
    return payload


def _event(told: Mapping[str, Any]) -> Event:
    did, rkey, operation = told["did"], told["rkey"], told["operation"]
    if not all(isinstance(value, str) and value for value in (did, rkey, operation)):
        raise TypeError("an event without its post")
    record = told.get("record")
    if operation != "delete" and not isinstance(record, dict):
        raise TypeError("a post without its record")
    uri = f"at://{did}/{POSTS}/{rkey}"
    repository(uri)  # ValueError for what is no address
    return Event(uri, operation, str(told.get("cid")), None if operation == "delete" else record, seen_us(told))


def seen_us(told: Mapping[str, Any]) -> int:
    """When the stream saw this event, in microseconds since 1970."""
    at = datetime.fromisoformat(told.get("witnessedAt") or told["time"])
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return round(at.timestamp() * 1_000_000)
