"""What does Bluesky say? The only module that speaks to it, and the only one that knows its library and its errors.

Answers are handed on as the network sent them; `normalize.py` reads them item by item, so that one unreadable post
never hides the others. The library is loaded at the first question: it takes seconds and memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from collectors.bluesky import headers
from collectors.bluesky.meaning import SignInOver, meaning, unclear
from collectors.bluesky.places import DEFAULT_SERVER, PUBLIC_VIEW, server_of
from collectors.bluesky.session import SessionFile
from collectors.protocol import Quota
from domain.brand import Account
from domain.clock import Clock
from domain.errors import DeskError, Malformed, Misconfigured, NotFound, Unauthorized, Unavailable

if TYPE_CHECKING:
    from atproto import Client

T = TypeVar("T")

POSTS = "app.bsky.feed.post"
CONNECT_S, ANSWER_S = 5.0, 20.0
#: app.bsky.feed.getPosts and app.bsky.actor.getProfiles take so many at once.
BATCH = 25


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the network: its JSON, what it says about our limits, and what time it is there."""

    body: Mapping[str, Any]
    quota: Quota | None
    at: datetime | None = None


class BlueskyNetwork:
    """One account's way to its server, or a stranger's to the public view. Nothing is asked before the first call.

    ``kept_answers``: so many are kept for as long as this object lives, and whoever asks the same again gets them.
    ``private``: servers may stand inside our own network.
    """

    def __init__(
        self,
        account: Account | None,
        data_dir: str,
        clock: Clock,
        *,
        secret: str | None,
        kept_answers: int = 0,
        private: bool = False,
    ) -> None:
        self.account = account
        self._kept: dict[str, Reply] = {}
        self._kept_answers, self._private = kept_answers, private
        self.clock = clock
        self._server = server_of(account)
        self._secret = _Hidden(secret or "")
        self._session = SessionFile(
            data_dir, server=self._server, handle=account.handle if account else "", secret=secret or ""
        )
        self._client: Client | None = None

    @property
    def own_id(self) -> str:
        """Our own account's id (DID); signs in first. Empty for a stranger."""
        session = self._connected()._session
        return "" if session is None else str(session.did)

    def ask(self, method: str, /, **params: object) -> Reply:
        """Read something. Raises RateLimited, Unavailable, Unauthorized, NotFound, Misconfigured or Malformed."""
        question = f"{method} {json.dumps(params, sort_keys=True)}"
        if question in self._kept:
            return self._kept[question]
        reply = self._twice(lambda: self._query(method, params), is_writing=False)
        if len(self._kept) < self._kept_answers:
            self._kept[question] = reply
        return reply

    def posts(self, uris: Sequence[str]) -> list[Mapping[str, Any]]:
        """These posts as they are now; deleted ones are left out."""
        found: list[Mapping[str, Any]] = []
        for start in range(0, len(uris), BATCH):
            body = self.ask("app.bsky.feed.getPosts", uris=list(uris[start : start + BATCH])).body
            found += listed(body, "posts")
        return found

    def profiles(self, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """These accounts as they show themselves, by id; those that are gone are left out."""
        found: dict[str, Mapping[str, Any]] = {}
        for start in range(0, len(ids), BATCH):
            body = self.ask("app.bsky.actor.getProfiles", actors=list(ids[start : start + BATCH])).body
            found |= {str(profile.get("did")): profile for profile in listed(body, "profiles")}
        return found

    def record(self, rkey: str) -> Mapping[str, Any] | None:
        """Our own post under that key as our server has it (``uri``, ``cid``, ``value``); None when there is none."""
        try:
            return self.ask("com.atproto.repo.getRecord", repo=self.own_id, collection=POSTS, rkey=rkey).body
        except NotFound as error:
            if error.values.get("word") != "RecordNotFound":
                raise Unavailable("Our own posts cannot be looked up on Bluesky now.") from error
            return None

    def put(self, rkey: str, record: str) -> Mapping[str, Any]:
        """Write our own post: exactly these bytes of JSON, only if nothing stands under that key.

        Raises RateLimited or Unavailable only when nothing was written, Refused or Fatal for a definite no,
        OutcomeUnknown for everything else.
        """
        head = json.dumps({"repo": self.own_id, "collection": POSTS, "rkey": rkey, "swapRecord": None})
        content = f'{head[:-1]}, "record": {record}}}'.encode()
        return self._twice(lambda: self._procedure("com.atproto.repo.putRecord", content), is_writing=True).body

    def _twice(self, call: Callable[[], Reply], *, is_writing: bool) -> Reply:
        """The call, and once more under a new sign-in when the network says that ours has ended."""
        try:
            return _translated(call, self.clock, is_writing=is_writing)
        except SignInOver:
            self._session.forget()
            self._client = None
        try:
            return _translated(call, self.clock, is_writing=is_writing)
        except SignInOver as error:
            raise Unauthorized("Bluesky does not take our sign-in, though it is new.") from error

    def _query(self, method: str, params: Mapping[str, object]) -> Reply:
        from atproto_client.models.dot_dict import DotDict

        given = DotDict({name: value for name, value in params.items() if value is not None})
        return _reply(self._connected().invoke_query(method, params=given))

    def _procedure(self, method: str, content: bytes) -> Reply:
        headers = {"Content-Type": "application/json"}
        return _reply(self._connected().invoke_procedure(method, content=content, headers=headers))

    def _connected(self) -> Client:
        if self._client is None:
            self._client = _translated(self._sign_in, self.clock, is_writing=False)
        return self._client

    def _sign_in(self) -> Client:
        from atproto import Client, Request
        from httpx import Timeout

        from collectors.guarded import GuardedTransport, guard_of

        server = self._server or (DEFAULT_SERVER if self.account else PUBLIC_VIEW)
        # Also where the library goes on to: the account's own document names the server it moved to.
        guarded = GuardedTransport(guard_of(server, private=self._private))
        request = Request(timeout=Timeout(ANSWER_S, connect=CONNECT_S), transport=guarded)
        # The library follows redirects: our app password, or a reply, would go wherever somebody sends us.
        request._client.follow_redirects = False
        client = Client(server, request=request)
        if self.account is None:
            return client
        if not self._secret.value:
            raise Misconfigured(
                f"The account {self.account.handle} on Bluesky has no app password.", field="secret_ref"
            )
        client.on_session_change(lambda _event, session: self._keep(client, session.export()))
        with self._session.alone():
            if not self._resumed(client):
                client.login(self.account.handle, self._secret.value, fetch_bsky_profile=False)
        return client

    def _resumed(self, client: Client) -> bool:
        kept = self._session.read()
        if kept is None:
            return False
        try:
            client.login(session_string=kept, fetch_bsky_profile=False)
            # The library reads the token's end from the token itself; a damaged file shows here and not later.
            return not client._session or client._session.access_jwt_payload.exp is not None
        except Exception:  # noqa: BLE001 - whatever is wrong with the file, the password is there
            self._session.forget()
            return False

    def _keep(self, client: Client, session: str) -> None:
        self._session.write(session)
        if self._server:
            # Whoever names a server means it: the library would go on to the one in the account's own document.
            client.update_base_url(self._server)


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A value that shows in no repr."""

    value: str = field(repr=False)


def listed(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The list of that name in an answer. Raises Malformed when the answer has none."""
    found = body.get(name)
    if not isinstance(found, list):
        raise Malformed(f"Bluesky answered without {name}.")
    return [item if isinstance(item, dict) else {"unreadable": item} for item in found]


def _reply(response: Any) -> Reply:
    if not isinstance(response.content, dict):
        raise ValueError("no JSON object")
    return Reply(response.content, headers.quota(response.headers), headers.date(response.headers))


def _translated(call: Callable[[], T], clock: Clock, *, is_writing: bool) -> T:
    """The call, with the errors of library and transport as the desk knows them."""
    import httpx
    from atproto.exceptions import AtProtocolError, LoginRequiredError

    try:
        return call()
    except (DeskError, SignInOver):
        raise
    except LoginRequiredError as error:
        raise SignInOver from error
    except AtProtocolError as error:
        raise meaning(error, clock(), is_writing=is_writing) from error
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise Misconfigured("The base URL of the Bluesky account is not one.", field="base_url") from error
    except (httpx.HTTPError, ValueError, RecursionError) as error:
        raise unclear(error, is_writing=is_writing) from error
