"""Where does an account of ours speak to Bluesky? Its server and the stream beside it, from its base URL."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from collectors import addresses
from collectors.bluesky.stream import DEFAULT_STREAM, web_address
from domain.brand import Account

#: Where accounts without a server of their own sign in, and where anybody may read.
DEFAULT_SERVER, PUBLIC_VIEW = "https://bsky.social", "https://public.api.bsky.app"


def server_of(account: Account | None) -> str:
    """The server an account names, without what its base URL says of a stream; empty for the network's own."""
    return urlsplit((account and account.base_url) or "")._replace(query="", fragment="").geturl()


def stream_of(account: Account | None) -> str:
    """The stream beside an account's server: ``?stream=ws://…`` of its base URL, else the network's public one."""
    given = parse_qs(urlsplit((account and account.base_url) or "").query).get("stream")
    return given[0] if given else DEFAULT_STREAM


def require_stream(base_url: str, *, private: bool) -> None:
    """Raises Misconfigured where a base URL names a stream that cannot be read, or that may not be asked."""
    given = parse_qs(urlsplit(base_url).query).get("stream")
    if given:
        addresses.typed(web_address(given[0]), private=private)
