"""What does Mastodon say? The only module that speaks to it, and the only one that knows its library and its errors.

Answers are handed on as the server sent them; `normalize.py` reads them item by item, so that one unreadable post
never hides the others. The library is loaded at the first question.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.mastodon import keys
from collectors.mastodon.about import QUOTES_SINCE, TOGETHER_SINCE, About, AboutFile, about
from collectors.mastodon.answers import Reply, answered, meaning, unclear
from collectors.mastodon.places import origin_of, server_of
from domain.brand import Account
from domain.clock import Clock
from domain.errors import Malformed, Misconfigured, NotFound, Unavailable

if TYPE_CHECKING:
    from mastodon import Mastodon

    from collectors.mastodon.transport import BoundedSession

#: GET /api/v1/statuses?id[]= takes so many at once.
BATCH = 20
USER_AGENT = "Sportello/0.1 (listening and answering desk)"
#: What the library takes the server for. It never finds out by itself: when it cannot, it asks itself without end.
TAKEN_FOR = "4.6.0"
#: docs.joinmastodon.org, methods/notifications; not among the arguments of the library (2.3.3).
FILTERED_TOO = {"include_filtered": "true"}
NOTHING: Mapping[str, str] = {}


class MastodonNetwork:
    """One account's way to its server. Nothing is asked before the first call.

    Every method that asks raises RateLimited, Unavailable, Unauthorized, NotFound, Misconfigured or Malformed.
    ``kept_answers``: so many are kept for as long as this object lives, and whoever asks the same again gets them.
    ``private``: the server may stand inside our own network.
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
        self.account, self.clock = account, clock
        self._data_dir = data_dir
        self._secret = _Hidden(keys.read(secret).token)
        self._kept: dict[str, Reply] = {}
        self._kept_answers, self._private = kept_answers, private
        self._about: About | None = None
        self._client: Mastodon | None = None
        self._session: BoundedSession | None = None

    @property
    def origin(self) -> str:
        """Our server's name, which says whose ids we speak of."""
        return origin_of(server_of(self.account))

    def known(self) -> About | None:
        """What is known of our server and account without asking anybody; None when nobody ever asked."""
        return None if self.account is None else self._file().read()

    def about(self, *, fresh: bool = False) -> About:
        """Our account and our server's rules; those of today unless ``fresh``."""
        now = self.clock()
        self._about = self._about or self._file().read()
        if self._about is not None and self._about.is_good(now) and not fresh:
            return self._about
        told = _object(self._ask("who", lambda there: there.account_verify_credentials()))
        own_id = told.get("id")
        if not isinstance(own_id, (str, int)):
            raise Malformed("The server does not say who we are.")
        found = about(str(own_id), self._instance(), now=now)
        self._file().write(found)
        self._about = found
        return found

    def to_us(self, *, older_than: str | None = None, newer_than: str | None = None, limit: int) -> Reply:
        """A page of what addresses us, newest first; right after ``newer_than``, or right before ``older_than``.

        With what the account's policy keeps out of sight (since 4.3; by default private mentions of strangers, and what
        limited accounts write): whoever answers customers wants to hear it.
        """
        types = ["mention", "quote"] if self.about().api_version >= QUOTES_SINCE else ["mention"]
        page = {"max_id": older_than, "min_id": newer_than, "limit": limit}
        question = f"to us {page}"
        return self._ask(question, lambda there: there.notifications(types=list(types), **page), also=FILTERED_TOO)

    def tagged(self, tag: str, *, older_than: str | None = None, newer_than: str | None = None, limit: int) -> Reply:
        """A page of the posts with that tag that our server knows."""
        page = {"max_id": older_than, "min_id": newer_than, "limit": limit}
        return self._ask(f"tag {tag} {page}", lambda there: there.timeline_hashtag(tag, **page))

    def found(self, query: str, *, older_than: str | None = None, limit: int) -> Reply:
        """A page of what our server finds, newest first; nothing where it does not search posts."""
        page = {"max_id": older_than, "limit": limit}
        return self._ask(
            f"search {query} {page}",
            lambda there: there.search_v2(query, resolve=False, result_type="statuses", **page),
        )

    def posts(self, ids: Sequence[str]) -> list[Mapping[str, Any]]:
        """These posts as they are now; those that are not shown to us are left out. At most ``per_look`` of them."""
        if self.about().api_version < TOGETHER_SINCE:
            return [view for view in map(self.post, ids) if view is not None]
        return listed(self._ask(f"posts {list(ids)}", lambda there: there.statuses(list(ids))))

    @property
    def per_look(self) -> int:
        """How many posts one look at ``posts`` may name: older servers are asked for each by itself."""
        return BATCH if self.about().api_version >= TOGETHER_SINCE else BATCH // 4

    def post(self, native_id: str) -> Mapping[str, Any] | None:
        """One post as it is now; None when the server says that it has none to show us."""
        try:
            return _object(self._ask(f"post {native_id}", lambda there: there.status(native_id)))
        except NotFound as error:
            if not error.values.get("said"):
                raise Unavailable("Something that is no Mastodon answers in place of our server.") from None
            return None

    def talk(self, native_id: str) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
        """What stands above a post, the root first, and what stands below it; nothing when it is gone."""
        try:
            told = _object(self._ask(f"talk {native_id}", lambda there: there.status_context(native_id)))
        except NotFound:
            return [], []
        return listed(told, "ancestors"), listed(told, "descendants")

    def own_posts(self, *, older_than: str | None = None, newer_than: str | None = None, limit: int) -> Reply:
        """A page of what we wrote ourselves, never an old answer."""
        own_id = self.about().own_id
        page = {"max_id": older_than, "min_id": newer_than, "limit": limit}
        return self._ask("", lambda there: there.account_statuses(own_id, exclude_reblogs=True, **page))

    def source(self, native_id: str) -> str | None:
        """The words of our own post as they were handed in; None where the server does not tell."""
        try:
            told = _object(self._ask("", lambda there: there.status_source(native_id))).get("text")
        except (NotFound, Misconfigured):
            return None
        return told if isinstance(told, str) else None

    def write(self, words: str, *, key: str, **given: object) -> Mapping[str, Any]:
        """Publish a post, in one attempt. ``given``: in_reply_to_id, visibility, spoiler_text, language.

        Raises RateLimited or Unavailable only when nothing was written, Refused or Fatal for a definite no,
        OutcomeUnknown for everything else.
        """
        told = self._asked(lambda there: there.status_post(words, idempotency_key=key, **given), is_writing=True)
        return told.body if isinstance(told.body, dict) else {}

    def _instance(self) -> Mapping[str, Any]:
        """The server's own description; nothing when it has none, as some that are no Mastodon do."""
        questions: tuple[Callable[[Mastodon], object], ...] = (lambda t: t.instance_v2(), lambda t: t.instance_v1())
        for question in questions:
            try:
                return _object(self._ask("", question))
            except (NotFound, Malformed):
                continue
        return {}

    def _ask(self, question: str, call: Callable[[Mastodon], object], *, also: Mapping[str, str] = NOTHING) -> Reply:
        """The answer, or the one that is kept. An empty ``question`` is asked every time.

        ``also``: parameters that the library does not know.
        """
        if question and question in self._kept:
            return self._kept[question]
        reply = self._asked(call, is_writing=False, also=also)
        if question and len(self._kept) < self._kept_answers:
            self._kept[question] = reply
        return reply

    def _asked(
        self, call: Callable[[Mastodon], object], *, is_writing: bool, also: Mapping[str, str] = NOTHING
    ) -> Reply:
        """What the server answered, whatever the library makes of it.

        Errors of the library are not handed on as a cause: they quote answers, and some hold the whole request.
        """
        client, session = self._connected()
        failure: Exception | None = None
        session.forget()
        session.params = dict(also)
        try:
            call(client)
        except Exception as error:  # noqa: BLE001 - the library raises anything; the answer says what happened
            failure = error
        answer = session.answer
        if answer is None:
            told: Exception = unclear(failure, is_writing=is_writing)
        elif 200 <= answer.status_code < 300:
            reply = answered(answer)
            if reply is not None:
                return reply
            told = unclear(None, is_writing=is_writing)
        else:
            told = meaning(answer, self.clock, is_writing=is_writing, secret=self._secret.value)
        raise told

    def _connected(self) -> tuple[Mastodon, BoundedSession]:
        from collectors.guarded import guard, guard_of
        from collectors.mastodon.transport import BoundedSession

        if self._client is None or self._session is None:
            session = BoundedSession()
            self._client = self._made(session)
            guard(session, guard_of(server_of(self.account), private=self._private))
            self._session = session
        return self._client, self._session

    def _made(self, session: BoundedSession) -> Mastodon:
        from mastodon import Mastodon

        server, token = server_of(self.account), self._secret.value
        if not token:
            raise Misconfigured("The account on Mastodon has no access token.", field="secret_ref")
        if not token.isascii() or not token.isprintable() or " " in token:
            # It would stand in the words of an error.
            raise Misconfigured("The access token for Mastodon is not one: it is a single word.", field="secret_ref")
        client = Mastodon(
            api_base_url=server,
            ratelimit_method="throw",
            mastodon_version=TAKEN_FOR,
            version_check_mode="created",
            session=session,
            user_agent=USER_AGENT,
        )
        # Not as an argument: the library would read the file of that name, if there is one.
        client.access_token = token
        return client

    def _file(self) -> AboutFile:
        return AboutFile(self._data_dir, server=server_of(self.account), secret=self._secret.value)


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A value that shows in no repr."""

    value: str = field(repr=False)


def listed(told: Reply | Mapping[str, Any], name: str = "") -> list[Mapping[str, Any]]:
    """The items of an answer, or of its list of that name. Raises Malformed when there is none."""
    body = told.body if isinstance(told, Reply) else told
    found = body.get(name) if name and isinstance(body, dict) else body
    if not isinstance(found, list):
        raise Malformed(f"Mastodon answered without {name or 'a list'}.")
    return [item if isinstance(item, dict) else {"unreadable": json.dumps(item)[:400]} for item in found]


def _object(told: Reply) -> Mapping[str, Any]:
    if not isinstance(told.body, dict):
        raise Malformed("Mastodon answered with something that is no object.")
    return told.body
