"""How do requests of the library reach the network? With time-outs, to the account's own address, and silently.

The library names its server in its code, waits for ever, follows redirects and writes tokens and texts into its debug
log (tweepy 4.17.0, client.py); so does the one that signs (requests-oauthlib). All of that ends here, and no answer is
longer, or trickles for longer, than `collectors/bounded.py` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from domain.errors import Misconfigured

if TYPE_CHECKING:
    from requests import Session

    from collectors.deadline import Deadline

#: The server in the library's code. Signatures are made for it, so nothing else takes its place unasked.
SERVER = "https://api.twitter.com"
CONNECT_S, ANSWER_S = 5.0, 20.0
#: They write headers and bodies when somebody asks for debug output.
TALKATIVE = (
    "tweepy.client",
    "tweepy.api",
    "requests_oauthlib.oauth1_auth",
    "requests_oauthlib.oauth2_session",
    "oauthlib.oauth1.rfc5849",
    "oauthlib.oauth1.rfc5849.utils",
)


def server_of(base_url: str | None) -> str:
    """The address an account names, else the network's own. Raises Misconfigured for what is no address."""
    if not base_url:
        return SERVER
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misconfigured("The base URL of the X account is not one.", field="base_url")
    return base_url.rstrip("/")


def prepare(session: Session, server: str, *, private: bool = False) -> None:
    """Bound what this session of the library does."""
    from collectors import bounded
    from collectors.deadline import within
    from collectors.guarded import GuardedAdapter, guard_of

    class Bounded(GuardedAdapter):
        def send(self, request: Any, **options: Any) -> Any:  # type: ignore[override]
            """One attempt, in bounded time, at the account's own address."""
            if server != SERVER and request.url.startswith(SERVER):
                request.url = server + request.url.removeprefix(SERVER)
            options |= {"timeout": (CONNECT_S, ANSWER_S), "stream": True}
            with within(bounded.TOTAL_S) as limit:
                return _whole(super().send(request, **options), limit)

    guard = guard_of(server, private=private) if server != SERVER else None
    session.mount(SERVER, Bounded(guard, max_retries=0))
    # A redirect would carry a reply somewhere else, as a question.
    session.max_redirects = 0
    # Else a line in somebody's .netrc takes the place of our keys.
    session.auth = _as_it_is
    bounded.hush(TALKATIVE)


def _whole(response: Any, limit: Deadline) -> Any:
    """With its body, as the library of requests keeps it; a trickle or a flood ends like a connection that breaks."""
    from requests import ConnectionError as Broken
    from urllib3.exceptions import HTTPError

    from collectors.bounded import read_whole

    try:
        response._content = read_whole(response, limit)
    except (HTTPError, OSError) as error:
        raise Broken(f"{type(error).__name__} while reading the answer") from error
    finally:
        response.close()
    response._content_consumed = True
    return response


def _as_it_is(request: Any) -> Any:
    return request


def header(headers: Mapping[str, str], name: str) -> int | None:
    """A number among the headers, None when it is not there or none."""
    try:
        return int(headers[name])
    except (KeyError, ValueError):
        return None
