"""Does a network's library connect where it may, and end? A typed address is looked up anew each time, and checked.

An address is checked when it is typed, but a name may lead elsewhere by the next poll. So the libraries get connections
to the very number that was looked at, under the name that was typed, as everything in ``collectors.http`` does; and
each connection is one that the deadline of its request can cut.
"""

from __future__ import annotations

import socket
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, prepend_scheme_if_needed, select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from collectors.addresses import PORTS, Address, first_connected, numbers, read
from collectors.deadline import Deadline, running
from collectors.fitting import Overlong
from domain.errors import DeskError, Misconfigured

Held = TypeVar("Held", bound=socket.socket | None)

#: The most a request through ``GuardedTransport`` may cost: seconds to its last byte, and bytes unpacked.
TOTAL_S, MAX_BYTES = 60.0, 10_000_000
#: Headers that speak of a body as it was packed.
_OF_PACKED = (b"content-encoding", b"content-length")

_NONE_KEPT = httpx.Limits(max_keepalive_connections=0)


@dataclass(frozen=True, slots=True)
class Guard:
    """Which addresses may be connected to; ``loopback``: the one that was typed names this machine itself."""

    private: bool
    loopback: bool

    def numbers(self, host: str, port: int) -> tuple[str, ...]:
        """The numbers to connect to, the next where one cannot be reached.

        Raises Misconfigured when the host has none but forbidden ones, or Unavailable.
        """
        address = Address("", "", host.rstrip(".").strip("[]").lower(), port)
        return numbers(address, private=self.private, loopback=self.loopback and address.is_loopback)


def guard_of(url: str, *, private: bool) -> Guard:
    """The guard of an address that somebody typed. Raises Misconfigured where it cannot be read."""
    return Guard(private, read(url).is_loopback)


def connected(guard: Guard, host: str, port: int, *, timeout_s: float) -> socket.socket:
    """A connection to the number that was checked, for libraries that take one."""
    return first_connected(
        lambda ip: socket.create_connection((ip, port), timeout=timeout_s), guard.numbers(host, port), OSError
    )


class GuardedAdapter(HTTPAdapter):
    """For the library of requests. Through a proxy it is the proxy that looks names up, and nothing is checked here.

    Without a guard nothing is checked either; the deadline (``collectors.deadline.within``) holds everywhere.
    """

    def __init__(self, guard: Guard | None, **given: Any) -> None:
        self._guard = guard
        super().__init__(**given)

    def init_poolmanager(self, *given: Any, **more: Any) -> None:
        """As it is, but for how connections are made."""
        super().init_poolmanager(*given, **more)
        self.poolmanager.pool_classes_by_scheme = _pools(self._guard)

    def proxy_manager_for(self, proxy: str, **given: Any) -> Any:
        """The same for the connections to a proxy."""
        manager = super().proxy_manager_for(proxy, **given)
        manager.pool_classes_by_scheme = _pools(None)
        return manager


def guard(session: requests.Session, by: Guard | None) -> None:
    """From now on every connection of this session is checked, and ends with its request's deadline."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, GuardedAdapter(by, max_retries=0))


def _pools(by: Guard | None) -> dict[str, Any]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _held(_under_its_name(self, super()._new_conn, by))

        def request(self, *given: Any, **more: Any) -> None:
            _held(self.sock)
            super().request(*given, **more)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _held(_under_its_name(self, super()._new_conn, by))

        def request(self, *given: Any, **more: Any) -> None:
            _held(self.sock)
            super().request(*given, **more)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _held(connection: Held) -> Held:
    """This connection, in the hand of the deadline: a new one, or one that was kept from the question before."""
    limit = running()
    if limit is not None and connection is not None:
        limit.hold(connection)
    return connection


def _under_its_name(
    connection: HTTPConnection, connect: Callable[[], socket.socket], by: Guard | None
) -> socket.socket:
    """Connect to a checked number; certificates are still checked for the name (urllib3 2: ``_dns_host``)."""
    if by is None:
        return connect()
    name, limit = connection._dns_host, running()

    def to(ip: str) -> socket.socket:
        if limit is not None and limit.has_passed():
            raise ConnectTimeoutError(connection, "no time left")
        connection._dns_host = ip
        return connect()

    try:
        return first_connected(to, by.numbers(name, connection.port), NewConnectionError, ConnectTimeoutError)
    except DeskError as error:
        # Nothing was sent, and whoever asks reads that from this error of the library alone.
        raise NewConnectionError(connection, str(error)) from None
    finally:
        connection._dns_host = name


class GuardedTransport(httpx.HTTPTransport):
    """For the library of httpx, which looks for no proxy once it is given a transport: so this one does.

    Through a proxy of the environment (HTTPS_PROXY and its like) it is as with ``GuardedAdapter``: nothing is checked.
    Each request has a connection of its own, so that none goes onto one that has just ended, and ``TOTAL_S`` for all,
    whichever way it goes and however many numbers are tried.
    """

    def __init__(self, guard: Guard) -> None:
        super().__init__(limits=_NONE_KEPT)
        self._guard = guard
        self._proxies: dict[str, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The request as it is, to a number that was checked; these errors say that nothing of it was sent."""
        url, limit = str(request.url), Deadline(time.monotonic() + TOTAL_S)
        if proxy := select_proxy(url, get_environ_proxies(url)):
            return _bounded(self._through(proxy).handle_request, _as(request, request.url), limit)
        ips = self._guard.numbers(request.url.host, request.url.port or PORTS.get(request.url.scheme, 0))
        ask = super().handle_request

        def to(ip: str) -> httpx.Response:
            if ip != ips[0] and limit.has_passed():
                raise httpx.ConnectTimeout("no time left", request=request)
            named = {"sni_hostname": request.url.raw_host.decode("ascii")} if request.url.scheme == "https" else {}
            return _bounded(ask, _as(request, request.url.copy_with(host=ip), **named), limit)

        return first_connected(to, ips, httpx.ConnectError, httpx.ConnectTimeout)

    def close(self) -> None:
        """With the ways through proxies."""
        for each in self._proxies.values():
            each.close()
        super().close()

    def _through(self, proxy: str) -> httpx.HTTPTransport:
        if proxy not in self._proxies:
            try:
                whole = prepend_scheme_if_needed(proxy, "http")
                self._proxies[proxy] = httpx.HTTPTransport(proxy=whole, limits=_NONE_KEPT)
            except (ValueError, ImportError, httpx.InvalidURL):
                raise Misconfigured("The proxy that the environment names is none that can be used.") from None
        return self._proxies[proxy]


def _as(request: httpx.Request, url: httpx.URL, **more: Any) -> httpx.Request:
    """The same request to this address, and nothing of the one that was given is changed by it."""
    extensions = {**request.extensions, **more}
    return httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)


def _bounded(ask: Callable[[httpx.Request], httpx.Response], sent: httpx.Request, limit: Deadline) -> httpx.Response:
    """What comes back, by the deadline and no longer than anybody reads."""
    sent.headers["accept-encoding"] = "gzip"
    sent.extensions["trace"] = limit.trace
    try:
        answer = ask(sent)
    except BaseException as error:
        limit.let_go()
        if limit.is_over and isinstance(error, httpx.TransportError) and not isinstance(error, httpx.ConnectError):
            raise httpx.ReadTimeout("too slow", request=sent) from None
        raise
    # Unpacked here, where it is bounded; whoever reads it finds it as it is.
    stream = _Limited(answer.stream, limit, packing=answer.headers.get("content-encoding", ""))
    told = [(name, value) for name, value in answer.headers.raw if name.lower() not in _OF_PACKED]
    return httpx.Response(answer.status_code, headers=told, stream=stream, extensions=answer.extensions)


class TooLong(httpx.ReadError, Overlong):
    """The answer was longer than anybody reads."""


class _Limited(httpx.SyncByteStream):
    """A body, unpacked, that ends with its deadline and at ``MAX_BYTES``."""

    def __init__(self, body: Any, limit: Deadline, *, packing: str) -> None:
        self._body, self._limit = body, limit
        self._packing = packing.strip().lower()

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._unpacked()
        except httpx.ReadError:
            if not self._limit.is_over:
                raise
        if self._limit.is_over:  # What was cut off may look like an end.
            raise httpx.ReadTimeout("too slow")

    def _unpacked(self) -> Iterator[bytes]:
        if self._packing not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise httpx.ReadError("the answer is packed in a way nobody asked for")
        unpack = None if self._packing in ("", "identity") else zlib.decompressobj(wbits=47)
        left = MAX_BYTES
        for raw in self._body:
            try:
                piece = raw if unpack is None else unpack.decompress(raw, left + 1)
            except zlib.error:
                raise httpx.ReadError("the answer cannot be unpacked") from None
            left -= len(piece)
            if left < 0:
                raise TooLong("the answer is too long")
            yield piece
        if unpack is not None and not unpack.eof:
            raise httpx.ReadError("the answer breaks off")

    def close(self) -> None:
        self._body.close()
        self._limit.let_go()
