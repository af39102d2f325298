"""Where does an account of ours speak to Reddit? Its two servers: one grants tokens, the other answers."""

from __future__ import annotations

from urllib.parse import urlsplit

from domain.brand import Account
from domain.errors import Misconfigured

#: Where people read it; links lead there. And where a program signs in and asks.
WEB = "https://www.reddit.com"
SERVERS = (WEB, "https://oauth.reddit.com")


def servers_of(account: Account | None) -> tuple[str, str]:
    """The address the account names stands for both. Raises Misconfigured for what is no address."""
    given = account.base_url if account is not None else None
    if not given:
        return SERVERS
    try:
        parts = urlsplit(given.strip())
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or parts.username is not None or parts.path.strip("/"):
        raise Misconfigured("The base URL of the Reddit account is not one.", field="base_url")
    server = f"{parts.scheme}://{parts.netloc.lower()}"
    return server, server
