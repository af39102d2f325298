"""What does Reddit say? The only module that speaks to it, and the only one that knows its library and its errors.

The library is used for signing in and asking, and for nothing that it would do on its own: it repeats requests, sleeps
on limits, asks for what is read from its objects, and takes a reply of ours without an answer for none. Answers are
handed on as the network sent them; `normalize.py` reads them item by item.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.reddit import keys as keys_of
from collectors.reddit.listings import listed, listed_in
from collectors.reddit.meaning import Reply, not_signed_in, outcome, refusal
from collectors.reddit.places import WEB, servers_of
from domain.brand import Account
from domain.clock import Clock
from domain.errors import DeskError, Misconfigured, NotFound, OutcomeUnknown, Unauthorized

if TYPE_CHECKING:
    from praw import Reddit

    from collectors.bounded import BoundedSession

#: `api/info` takes so many names at once, and a listing hands out so many things at most (reddit.com/dev/api).
BATCH = 100
COMMENT = "api/comment/"
WRITES = "submit"
#: They write forms and parameters when somebody asks for debug output.
TALKATIVE = ("praw", "prawcore")
#: Access tokens by keys and server, with the moment (monotonic, in nanoseconds) at which they end: Reddit gives one for
#: a day. Beside it what the app may do, and whose account it is; each is asked once a process.
_TOKENS: dict[str, tuple[str, int]] = {}
_SCOPES: dict[str, frozenset[str]] = {}
_OWN_NAMES: dict[str, str] = {}
Form = Mapping[str, str]
Check = Callable[[], None]


def _anytime() -> None: ...


class RedditNetwork:
    """One account's way to Reddit. Nothing is asked before the first call; one thread at a time.

    Every method that asks raises RateLimited, Unavailable, Unauthorized, NotFound, Misconfigured or Malformed.
    ``kept_answers``: so many are kept for as long as this object lives, and whoever asks the same again gets them.
    """

    def __init__(
        self,
        account: Account | None,
        clock: Clock,
        *,
        secret: str | None,
        kept_answers: int = 0,
        private: bool = False,
    ) -> None:
        self.account, self.clock = account, clock
        self._secret = _Hidden((secret or "").strip())
        self._kept: dict[str, Reply] = {}
        self._kept_answers, self._private = kept_answers, private
        self._client: tuple[Reddit, BoundedSession, str] | None = None

    @property
    def has_keys(self) -> bool:
        """Whether there is anything to sign in with."""
        return bool(self._secret.value)

    def may_write(self) -> bool:
        """Whether Reddit let this app write when it last signed in, in this process; True until it was asked."""
        try:
            scopes = _SCOPES.get(self._name())
        except Misconfigured:
            return True
        return scopes is None or WRITES in scopes or "*" in scopes

    @property
    def own_name(self) -> str:
        """The name of our account, which never changes; asks the network whose keys these are."""
        name = self._name()
        if name not in _OWN_NAMES:
            told = self._ask("", "api/v1/me", {}).body
            own = told.get("name") if isinstance(told, dict) else None
            if not isinstance(own, str) or not own:
                raise Misconfigured(
                    "These keys are an app's alone; Reddit is heard through an account.", field="secret_ref"
                )
            _OWN_NAMES[name] = own
        return _OWN_NAMES[name]

    def listing(self, path: str, given: Mapping[str, str], *, after: str | None, most: int = BATCH) -> Reply:
        """A page of what stands there, newest first, back from ``after``."""
        page = {**given, "limit": str(min(most, BATCH)), **({"after": after} if after else {})}
        return self._ask(f"{path} {json.dumps(page, sort_keys=True)}", path, page)

    def things(self, names: Sequence[str]) -> list[Mapping[str, Any]]:
        """These posts and comments as they are now, at most ``BATCH``; what is not shown to us is left out."""
        if not names:
            return []
        joined = ",".join(names[:BATCH])
        return listed(self._ask(f"info {joined}", "api/info/", {"id": joined}))

    def profile(self, name: str) -> Mapping[str, Any]:
        """What an account shows of itself; nothing where it is suspended or gone."""
        if not re.fullmatch(r"[\w-]{1,40}", name, re.ASCII):
            return {}
        try:
            told = self._ask(f"about {name}", f"user/{name}/about/", {}).body
        except (NotFound, Misconfigured):
            return {}
        data = told.get("data") if isinstance(told, dict) else None
        return data if isinstance(data, dict) else {}

    def own_comments(self, *, after: str | None = None) -> Reply:
        """A page of what we wrote ourselves, newest first, never an old answer."""
        page = {"sort": "new", "limit": str(BATCH), **({"after": after} if after else {})}
        return self._ask("", f"user/{self.own_name}/comments/", page)

    def below(self, link: str, name: str) -> list[Mapping[str, Any]]:
        """The answers to a post or comment that its page shows; never an old answer. Nothing when it is gone."""
        is_comment = name != link
        page = {"sort": "new", "limit": str(BATCH), "depth": "2", "raw_json": "1"}
        page |= {"comment": name.partition("_")[2]} if is_comment else {}
        try:
            body = self._ask("", f"comments/{link.partition('_')[2]}/", page).body
        except NotFound:
            return []
        shown = listed(Reply(body[1])) if isinstance(body, list) and len(body) > 1 else []
        if not is_comment:
            return shown
        return [each for of in shown if of.get("name") == name and of.get("replies") for each in listed_in(of)]

    def write(self, text: str, *, parent: str, in_time: Check = _anytime) -> Mapping[str, Any]:
        """Publish a comment under ``parent``, in one attempt; what Reddit tells of it, nothing where it does not.

        ``in_time`` is called right before it leaves, signing in included, and raises when it is too late by then.
        Raises RateLimited or Unavailable only when nothing was written, Refused or Fatal for a definite no,
        OutcomeUnknown for everything else.
        """
        given = {"text": text, "thing_id": parent}
        body = self._asked("POST", COMMENT, {}, data=given, may=in_time).body
        refused = refusal(body, length=len(text))
        if refused is not None:
            raise refused
        try:
            return dict(body["json"]["data"]["things"][0]["data"])
        except (KeyError, IndexError, TypeError, ValueError):
            # In some subreddits a comment is written and nothing is told of it.
            raise OutcomeUnknown("Reddit answered without naming the comment.") from None

    def _ask(self, question: str, path: str, given: Mapping[str, str]) -> Reply:
        """The answer, or the one that is kept. An empty ``question`` is asked every time."""
        if question and question in self._kept:
            return self._kept[question]
        reply = self._asked("GET", path, given)
        if question and len(self._kept) < self._kept_answers:
            self._kept[question] = reply
        return reply

    def _asked(self, verb: str, path: str, given: Form, *, data: Form | None = None, may: Check = _anytime) -> Reply:
        """One request. A question whose token Reddit no longer takes is asked once more with a new one."""
        reddit, session, name = self._connected()
        had_token = self._sign_in(reddit, session, name)
        may()
        try:
            return self._one(reddit, session, verb, path, given, data)
        except Unauthorized:
            _TOKENS.pop(name, None)
            if verb != "GET" or not had_token:
                raise
        self._sign_in(reddit, session, name)
        return self._one(reddit, session, verb, path, given, data)

    def _one(
        self, reddit: Reddit, session: BoundedSession, verb: str, path: str, given: Form, data: Form | None
    ) -> Reply:
        """What the network answered, whatever the library makes of it, whose errors hold the whole request."""
        failure: Exception | None = None
        session.forget()
        try:
            reddit.request(method=verb, path=path, params=dict(given), data=None if data is None else dict(data))
        except Exception as error:  # noqa: BLE001 - the library raises anything; the answer says what happened
            failure = error
        raised = outcome(session.answer, failure, is_writing=data is not None)
        if isinstance(raised, DeskError):
            raise raised
        return raised

    def _sign_in(self, reddit: Reddit, session: BoundedSession, name: str) -> bool:
        """An access token for what follows, the kept one if there is; whether it was kept. Writes nothing."""
        authorizer = _core(reddit).authorizer
        if name in _TOKENS and _TOKENS[name][1] > time.monotonic_ns():
            authorizer.access_token, authorizer._expiration_timestamp_ns = _TOKENS[name]
            return True
        failure: Exception | None = None
        session.forget()
        try:
            authorizer.refresh()
        except Exception as error:  # noqa: BLE001 - as above
            failure = error
        if failure is not None:
            raise not_signed_in(session.answer, failure)
        _TOKENS[name] = (authorizer.access_token, authorizer._expiration_timestamp_ns)
        _SCOPES[name] = frozenset(authorizer.scopes or ())
        return False

    def _name(self) -> str:
        """Stands for these keys at this server."""
        return f"{servers_of(self.account)[1]} {keys_of.read(self._secret.value).fingerprint}"

    def _connected(self) -> tuple[Reddit, BoundedSession, str]:
        if self.account is None:
            raise Misconfigured("Reddit is heard through an account of ours; there is none.", field="account")
        if self._client is None:
            from collectors.bounded import BoundedSession, hush
            from collectors.guarded import guard, guard_of

            session = BoundedSession()
            # Else a line in somebody's .netrc takes the place of our token.
            session.auth = _as_it_is
            server = servers_of(self.account)[0]
            if server != WEB:
                guard(session, guard_of(server, private=self._private))
            hush(TALKATIVE)
            self._client = (_made(self.account, keys_of.read(self._secret.value), session), session, self._name())
        return self._client


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A value that shows in no repr."""

    value: str = field(repr=False)


def _as_it_is(request: Any) -> Any:
    return request


def _made(account: Account, keys: keys_of.Keys, session: BoundedSession) -> Reddit:
    """The library, with everything given, so that nothing is read from the environment or a file in this folder."""
    import praw

    www, oauth = servers_of(account)
    by = re.sub(r"[^\w-]", "", account.handle, flags=re.ASCII)
    return _once_and_unhurried(
        praw.Reddit(
            "DEFAULT",
            requestor_kwargs={"session": session},
            client_id=keys.client_id,
            client_secret=keys.client_secret or None,
            refresh_token=keys.refresh_token or None,
            username=keys.username or None,
            password=keys.password or None,
            redirect_uri=None,
            user_agent=f"server:sportello:0.1 (by /u/{by})",
            reddit_url=www,
            oauth_url=oauth,
            ratelimit_seconds="0",
            timeout="20",
            check_for_updates=False,
            check_for_async=False,
        )
    )


def _once_and_unhurried(reddit: Reddit) -> Reddit:
    """The library as it is here: it asks once and never sleeps."""
    from prawcore.rate_limit import RateLimiter
    from prawcore.sessions import FiniteRetryStrategy

    class Once(FiniteRetryStrategy):
        """Every request is made once, also one whose answer was lost: it may have been a reply."""

        def should_retry_on_failure(self) -> bool:
            return False

    class Unhurried(RateLimiter):
        """Limits are told to whoever asks; nobody sleeps here."""

        def delay(self) -> None: ...

        def update(self, *, response_headers: Mapping[str, str]) -> None: ...

    # Neither is an argument of the library (praw 8.0.3, prawcore 4.0.0); a test counts requests and seconds.
    _core(reddit)._retry_strategy_class = Once
    _core(reddit)._rate_limiter = Unhurried(window_size=600)
    return reddit


def _core(reddit: Reddit) -> Any:
    return reddit._core
