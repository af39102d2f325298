"""Which web addresses may the desk fetch? Public ones; what lies inside our own network only when a person says so."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import zip_longest
from typing import TypeVar
from urllib.parse import urlsplit

from domain.errors import Misconfigured, Unavailable

Made = TypeVar("Made")
IpAddress = IPv4Address | IPv6Address
#: Gives the addresses of a host as text, like DNS.
Resolve = Callable[[str, int], Sequence[str]]

MAX_URL_CHARS = 2000
#: So many numbers of one host are tried, each for as long as a connection may take.
MOST_NUMBERS = 4
PORTS = {"http": 80, "https": 443}
#: Where an IPv6 address carries an IPv4 one that routers unpack (RFC 6052, RFC 8215).
_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
#: Where clouds hand a machine its own keys, as their manuals say: over IPv6 Amazon (a machine, a pod of Kubernetes),
#: Google and Scaleway; Alibaba, Azure, Oracle. The link-local one that most of them use needs no place here.
_OVER_IPV6 = ("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42")
_OF_THE_CLOUD = frozenset(map(ip_address, (*_OVER_IPV6, "100.100.100.200", "168.63.129.16", "192.0.0.192")))


@dataclass(frozen=True, slots=True)
class Address:
    """A web address taken apart. ``origin`` is what credentials belong to: scheme, host and port."""

    url: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> tuple[str, str, int]:
        """Same origin, same party."""
        return self.scheme, self.host, self.port

    @property
    def is_loopback(self) -> bool:
        """Whether it names this very machine in so many words."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        found = _literal(self.host)
        return found is not None and found.is_loopback


def read(url: str) -> Address:
    """The parts of an http or https address. Raises Misconfigured, in words for whoever typed it."""
    url = url.strip()
    if len(url) > MAX_URL_CHARS:
        raise Misconfigured(f"The address is longer than {MAX_URL_CHARS} characters.")
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
        host = (parts.hostname or "").rstrip(".")
        host.encode("idna" if _literal(host) is None and host else "ascii")
    except (ValueError, UnicodeError):
        raise Misconfigured("The address cannot be read; it should look like https://example.org/feed.xml.") from None
    if parts.scheme not in PORTS or not host:
        raise Misconfigured("The address has to begin with http:// or https:// and name a server.")
    if parts.username is not None or parts.password is not None:
        raise Misconfigured("The address holds a name or a password; keep those out of it.")
    if any(c.isspace() or ord(c) < 32 for c in url):
        raise Misconfigured("The address holds a space or a line break.")
    return Address(url, parts.scheme, host.lower(), port)


def typed(url: str, *, private: bool) -> Address:
    """An address as a person gave it, read and checked as far as that goes without asking anybody.

    Raises Misconfigured when it cannot be read, or names a number inside our own network.
    """
    address = read(url)
    if _literal(address.host) is not None:
        reachable(address, private=private, loopback=True)
    return address


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, best first; Unavailable when nobody knows it."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unavailable(f"The server {host} is not known, or names cannot be looked up now.", host=host) from None
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def reachable(address: Address, *, private: bool, loopback: bool, look_up: Resolve = resolve) -> str:
    """The best of the addresses that ``numbers`` gives."""
    return numbers(address, private=private, loopback=loopback, look_up=look_up)[0]


def numbers(address: Address, *, private: bool, loopback: bool, look_up: Resolve = resolve) -> tuple[str, ...]:
    """The IP addresses to connect to, best first: what is checked is what is called, so no second look-up changes it.

    A few at most, of IPv4 and IPv6 in turn, where a host has both: of many machines only one of the two leads out.
    ``private``: addresses inside our own network are fine; ``loopback``: those of this machine are. Raises
    Misconfigured when the host has no other.
    """
    literal = _literal(address.host)
    found = [str(literal)] if literal is not None else look_up(address.host, address.port)

    def is_allowed(number: str) -> bool:
        ip = _unpacked(ip_address(number.split("%")[0]))
        if ip in _OF_THE_CLOUD:
            return False
        return is_public(ip) or (loopback and ip.is_loopback) or (private and _may_be_private(ip))

    if allowed := [each for each in found if is_allowed(each)]:
        return tuple(_in_turn(allowed)[:MOST_NUMBERS])
    raise Misconfigured(
        f"The address leads to {address.host}, inside your own network, where the desk does not look"
        " unless the setting private_addresses allows it.",
        host=address.host,
    )


def first_connected(connect: Callable[[str], Made], ips: Sequence[str], *failures: type[Exception]) -> Made:
    """What connecting to the first of these makes that can be connected to; only such ``failures`` lead to the next."""
    for ip in ips[:-1]:
        try:
            return connect(ip)
        except failures:
            continue
    return connect(ips[-1])


def _in_turn(found: Sequence[str]) -> list[str]:
    """One of the first one's kind, one of the other kind, and so on, as RFC 8305 has it."""
    same = [each for each in found if (":" in each) == (":" in found[0])]
    other = [each for each in found if each not in same]
    return [each for pair in zip_longest(same, other) for each in pair if each is not None]


def is_public(ip: IpAddress) -> bool:
    """Whether anybody on the internet could mean this address."""
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _may_be_private(ip: IpAddress) -> bool:
    # Link-local is never a person's server; in a cloud it is the machine's own keys. ::1 counts as reserved.
    is_no_server = ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved
    return ip.is_loopback or not is_no_server


def _unpacked(ip: IpAddress) -> IpAddress:
    """The IPv4 address inside an IPv6 one, where there is one."""
    if isinstance(ip, IPv4Address):
        return ip
    if any(ip in each for each in _TRANSLATED):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or ip


def _literal(host: str) -> IpAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
