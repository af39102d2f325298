"""What does a web address answer? One bounded request: time, size, redirects and errors as the desk knows them."""

from __future__ import annotations

import logging
import ssl
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from functools import cache
from urllib.parse import urljoin

import httpx

from collectors.addresses import Address, Resolve, first_connected, numbers, read, resolve
from collectors.deadline import Deadline
from domain.clock import Clock, require_aware
from domain.errors import DeskError, Misconfigured, RateLimited, Unauthorized, Unavailable

USER_AGENT = "Sportello/0.1 (listening desk; reads at most once a minute)"
# Both would write whole addresses into the log, with whatever key they hold.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

REDIRECTS = (301, 302, 303, 307, 308)
PERMANENT = (301, 308)
#: What to wait when a server asks for patience and gives no number, and the most it may ask for.
PATIENCE_S, MOST_PATIENCE_S = 60.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most one request may cost. ``max_bytes`` counts what arrives unpacked."""

    connect_s: float = 10.0
    read_s: float = 20.0
    total_s: float = 60.0
    max_bytes: int = 10_000_000
    max_redirects: int = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: 2xx with a body, or 304 without.

    ``moved_to``: where the server says the address has gone for good; None while it stands.
    """

    url: str
    status: int
    content_type: str
    etag: str | None
    last_modified: str | None
    body: bytes = field(repr=False, default=b"")
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class Web:
    """Asks addresses that people typed.

    ``private``: the settings allow addresses inside our own network. An address that names this machine
    in so many words may be fetched, and may redirect to itself; nothing else may lead here. Never sleeps
    and never repeats a request.
    """

    clock: Clock
    private: bool = False
    bounds: Bounds = Bounds()
    look_up: Resolve = resolve

    def get(
        self, url: str, *, headers: Mapping[str, str] | None = None, credentials: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to a GET, after redirects.

        ``credentials`` are headers for the first origin alone: a redirect elsewhere goes without them.
        Raises RateLimited, Unavailable, Unauthorized or Misconfigured (with ``gone`` for 410); words name
        the host, never the rest of the address, which may hold a key.
        """
        first = address = read(url)
        moved_to: str | None = None
        for_good = True
        deadline = time.monotonic() + self.bounds.total_s
        for _ in range(self.bounds.max_redirects + 1):
            sent = {**(headers or {}), **((credentials or {}) if address.origin == first.origin else {})}
            step = self._ask(address, sent, loopback=first.is_loopback and address.is_loopback, deadline=deadline)
            if isinstance(step, Answer):
                return replace(step, moved_to=moved_to)
            for_good = for_good and step.permanent
            address = read(step.url)
            moved_to = address.url if for_good else moved_to
        raise Misconfigured(f"{first.host} sends us from one address to the next without end.", host=first.host)

    def _ask(self, address: Address, headers: Mapping[str, str], *, loopback: bool, deadline: float) -> Answer | _Step:
        ips = numbers(address, private=self.private, loopback=loopback, look_up=self.look_up)
        bounds = self.bounds
        times = httpx.Timeout(bounds.read_s, connect=bounds.connect_s)
        limit = Deadline(deadline)
        try:
            with limit, httpx.Client(timeout=times, verify=trusted(), trust_env=False) as client:
                with closing(answer_of(client, address, ips, headers, limit=limit)) as response:
                    answer = self._read(address, response, deadline)
            if limit.is_over:  # What was cut off may look like an end.
                raise Unavailable(f"{address.host} answers too slowly.", host=address.host)
            return answer
        except httpx.TimeoutException:
            raise Unavailable(f"{address.host} did not answer in time.", host=address.host) from None
        except httpx.TransportError as error:
            if limit.is_over:
                raise Unavailable(f"{address.host} answers too slowly.", host=address.host) from None
            why = type(error).__name__
            raise Unavailable(f"{address.host} cannot be reached ({why}).", host=address.host) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
            raise Unavailable(f"{address.host} answers in a way that cannot be read.", host=address.host) from None

    def _read(self, address: Address, response: httpx.Response, deadline: float) -> Answer | _Step:
        status = response.status_code
        target = response.headers.get("location")
        if status in REDIRECTS and target:
            return _Step(_joined(address, target), status in PERMANENT)
        if status != 304 and not 200 <= status < 300:
            raise translated(status, address.host, retry_after_s=retry_after(response.headers, self.clock))
        body = b"" if status == 304 else b"".join(pieces(response, address.host, self.bounds, deadline))
        return Answer(
            url=address.url,
            status=status,
            content_type=response.headers.get("content-type", ""),
            etag=response.headers.get("etag"),
            last_modified=response.headers.get("last-modified"),
            body=body,
        )


@dataclass(frozen=True, slots=True)
class _Step:
    """Go on there."""

    url: str
    permanent: bool


def _joined(address: Address, target: str) -> str:
    try:
        return urljoin(address.url, target)
    except ValueError:
        raise Misconfigured(f"{address.host} sends us to an address that cannot be read.", host=address.host) from None


@cache
def trusted() -> ssl.SSLContext:
    """The authorities whose certificates count; read once."""
    return httpx.create_ssl_context()


def answer_of(
    client: httpx.Client,
    address: Address,
    ips: Sequence[str],
    headers: Mapping[str, str],
    *,
    limit: Deadline,
    method: str = "GET",
    body: bytes | None = None,
) -> httpx.Response:
    """The answer, still to be read, of the first of these numbers that can be connected to, asked once and for all."""

    def ask(ip: str) -> httpx.Response:
        request = _request_to(client, address, ip, headers, method=method, body=body)
        if ip != ips[0] and limit.has_passed():
            raise httpx.ConnectTimeout("no time left", request=request)
        request.extensions["trace"] = limit.trace
        return client.send(request, stream=True, follow_redirects=False)

    return first_connected(ask, ips, httpx.ConnectError, httpx.ConnectTimeout)


def _request_to(
    client: httpx.Client, address: Address, ip: str, headers: Mapping[str, str], *, method: str, body: bytes | None
) -> httpx.Request:
    """A request to the address that was checked, under the name that was typed."""
    url = httpx.URL(address.url)
    sent = {
        "host": url.netloc.decode("ascii"),
        "user-agent": USER_AGENT,
        "accept-encoding": "gzip",
        "connection": "close",
        **headers,
    }
    named = {"sni_hostname": url.raw_host.decode("ascii")} if address.scheme == "https" else {}
    return client.build_request(method, url.copy_with(host=ip), headers=sent, extensions=named, content=body)


def pieces(response: httpx.Response, host: str, bounds: Bounds, deadline: float) -> Iterator[bytes]:
    """The body, unpacked piece by piece, so that nothing grows past its bound in memory."""
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise Unavailable(f"{host} packs its answer in a way nobody asked for.", host=host)
    unpack = None if packing in ("", "identity") else zlib.decompressobj(wbits=47)
    left = bounds.max_bytes
    for raw in response.iter_raw(65_536):
        if time.monotonic() > deadline:
            raise Unavailable(f"{host} answers too slowly.", host=host)
        try:
            piece = raw if unpack is None else unpack.decompress(raw, left + 1)
        except zlib.error:
            raise Unavailable(f"{host} sends an answer that cannot be unpacked.", host=host) from None
        left -= len(piece)
        if left < 0:
            raise Misconfigured(
                f"{host} sends more than {bounds.max_bytes // 1_000_000} MB.", host=host, too_large=True
            )
        yield piece
    if unpack is not None and not unpack.eof:
        raise Unavailable(f"{host} broke off in the middle of its answer.", host=host)


def translated(status: int, host: str, *, retry_after_s: float | None = None) -> DeskError:
    """The error of the desk for an answer that is neither 2xx, 304 nor a redirect (RFC 9110, RFC 6585)."""
    if status == 429:
        return RateLimited(f"{host} asks us to slow down.", retry_after_s=retry_after_s or PATIENCE_S, host=host)
    if status in (401, 407):
        return Unauthorized(f"{host} wants a sign-in, or does not accept ours.", host=host)
    if status == 410:
        return Misconfigured(f"{host} says that this address is gone for good.", host=host, gone=True)
    if status == 404:
        return Misconfigured(f"{host} has nothing at this address.", host=host)
    if status == 403:
        return Misconfigured(f"{host} refuses to show us this address.", host=host)
    if status in (408, 425) or status >= 500 or status < 400:
        return Unavailable(f"{host} cannot answer now ({status}).", retry_after_s=retry_after_s or 30.0, host=host)
    return Misconfigured(f"{host} does not accept what we ask ({status}).", host=host)


def retry_after(headers: httpx.Headers, clock: Clock) -> float | None:
    """How long to wait, given as seconds or as a date (RFC 9110, 10.2.3); None when neither can be read."""
    said = headers.get("retry-after", "").strip()
    if not said:
        return None
    try:
        wait_s = float(int(said)) if said.isdigit() else _until(said, clock)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait_s, 1.0), MOST_PATIENCE_S)


def _until(date: str, clock: Clock) -> float:
    return (require_aware(parsedate_to_datetime(date)) - clock()).total_seconds()
