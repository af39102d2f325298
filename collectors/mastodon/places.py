"""Where does an account of ours speak to Mastodon? Its server, from its base URL or from its handle."""

from __future__ import annotations

from urllib.parse import urlsplit

from domain.brand import Account
from domain.errors import Misconfigured


def server_of(account: Account | None) -> str:
    """The server's address without a slash at its end. Raises Misconfigured, in words for whoever typed it."""
    if account is None:
        raise Misconfigured("Mastodon is heard through an account of ours; there is none.", field="account")
    given = account.base_url or _from_handle(account.handle)
    try:
        parts = urlsplit(given.strip())
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or parts.username is not None:
        raise Misconfigured(
            "The base URL of the Mastodon account is not one; it should look like https://mastodon.example.",
            field="base_url",
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def origin_of(server: str) -> str:
    """What names the server in the store: ids of posts mean something there and nowhere else."""
    return urlsplit(server).netloc


def _from_handle(handle: str) -> str:
    name, _, domain = handle.lstrip("@").partition("@")
    if not name or not domain:
        raise Misconfigured(
            "Which server is the Mastodon account on? Write its handle as name@server.example.", field="base_url"
        )
    return f"https://{domain}"
