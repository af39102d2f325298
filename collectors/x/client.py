"""What does X say? The only module that speaks to it, and the only one that knows its library and its errors.

Answers are handed on as the network sent them, so that no field is lost on the way; `normalize.py` reads them item by
item. Every answer is paid for: `paying.py` sets its price aside first, and nothing is heard on an empty purse.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from collectors.protocol import Quota
from collectors.spending import Budget, Purse, Terms, Unlimited
from collectors.x import keys as keys_of
from collectors.x import transport
from collectors.x.meaning import http_error, unclear
from collectors.x.paying import Till, included
from domain.brand import Account
from domain.clock import Clock
from domain.errors import DeskError, Malformed, Misconfigured

if TYPE_CHECKING:
    from tweepy import Client

#: GET /2/tweets takes so many ids at once.
BATCH = 100
#: The smallest pages of mentions and of recent search (docs.x.com, API reference).
LEAST_NAMED, LEAST_FOUND = 5, 10
#: Everything a case needs of a post; what is not named does not come (docs.x.com, data dictionary).
FIELDS: Mapping[str, Sequence[str]] = {
    "tweet_fields": (
        *("author_id", "created_at", "conversation_id", "in_reply_to_user_id", "referenced_tweets", "lang"),
        *("entities", "attachments", "edit_history_tweet_ids", "reply_settings", "note_tweet"),
    ),
    "expansions": (*("author_id", "attachments.media_keys", "referenced_tweets.id", "referenced_tweets.id.author_id"),),
    "user_fields": ("name", "username", "description", "location", "profile_image_url", "public_metrics"),
    "media_fields": ("media_key", "type", "url", "preview_image_url", "alt_text"),
}
#: What is needed to find a reply of our own, and nothing that costs more.
OWN_FIELDS: Mapping[str, Sequence[str]] = {"tweet_fields": ("created_at", "referenced_tweets", "entities")}
#: The accounts behind keys, asked once a process: looking oneself up costs a cent.
_OWN_IDS: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the network: its JSON, what it says about our limits, and what time it is there."""

    body: Mapping[str, Any]
    quota: Quota | None
    at: datetime | None = None

    @property
    def posts(self) -> list[Mapping[str, Any]]:
        """The posts of the answer; none where it says that there are none. Raises Malformed for another shape."""
        found = self.body.get("data", [])
        if not isinstance(found, list):
            raise Malformed("X answered without a list of posts.")
        return [item if isinstance(item, dict) else {"unreadable": item} for item in found]

    @property
    def following(self) -> str | None:
        """The name of the next page."""
        meta = self.body.get("meta")
        token = meta.get("next_token") if isinstance(meta, dict) else None
        return token if isinstance(token, str) and token else None

    def included(self, kind: str, key: str) -> dict[str, Mapping[str, Any]]:
        """What came along with the posts, by its key."""
        return included(self.body, kind, key)


@dataclass(frozen=True, slots=True)
class _Price:
    """What one post of an answer costs, how many it may hold, and below how many it is not asked for."""

    usd: float
    posts: int
    least: int
    alone: bool = False


#: The library's own reading of an error breaks on bodies of another shape than it expects, or of a very deep one.
_ODD_BODIES = (ValueError, AttributeError, TypeError, KeyError, RecursionError)


class XNetwork:
    """One account's way to X. Nothing is asked before the first call.

    ``kept_answers``: so many are kept for as long as this object lives, and whoever asks the same again gets them.
    ``private``: an address of its own may lead inside our own network.
    """

    def __init__(
        self,
        account: Account | None,
        clock: Clock,
        *,
        secret: str | None,
        terms: Terms | None = None,
        purse: Purse | None = None,
        kept_answers: int = 0,
        private: bool = False,
    ) -> None:
        self.account = account
        self.clock = clock
        self.terms = terms or Terms()
        self.purse: Purse = purse or Unlimited()
        self._till = Till(self.purse, self.terms)
        self._keys = keys_of.read(secret)
        self._server = transport.server_of(account.base_url if account else None)
        self._kept: dict[str, Reply] = {}
        self._kept_answers, self._private = kept_answers, private
        self._client: Client | None = None

    @property
    def has_keys(self) -> bool:
        """Whether there is anything to sign in with."""
        return self._keys is not None

    @property
    def own_id(self) -> str:
        """Our own account's id; asks the network where the keys do not tell."""
        known = self._signed().own_id
        name = f"{self._server} {self._signed().fingerprint}"
        if not known and name not in _OWN_IDS:
            _OWN_IDS[name] = self._looked_up()
        return known or _OWN_IDS[name]

    def _looked_up(self) -> str:
        price_eur = self.terms.eur(self.terms.user_read_usd)
        with self._till.anyway(Budget.READS, eur=price_eur) as paid:
            told = self._called("get_me", (), {}, is_writing=False).body.get("data")
            own_id = told.get("id") if isinstance(told, dict) else None
            if not isinstance(own_id, str):
                raise Misconfigured("These keys are an app's alone; X is heard through an account.", field="secret_ref")
            paid.charges[f"user {own_id}"] = price_eur
        return own_id

    def mentions(self, *, since_id: str, token: str | None, most: int) -> Reply:
        """A page of what names us, newest first; X goes back 800 posts and no further."""
        page = {"since_id": since_id, "max_results": most, "pagination_token": token, **FIELDS}
        price = _Price(self.terms.own_read_usd, most, LEAST_NAMED)
        return self._ask("get_users_mentions", (self.own_id,), page, price)

    def found(self, query: str, *, since_id: str, until_id: str | None, token: str | None, most: int) -> Reply:
        """A page of what the last seven days hold for a query, newest first."""
        page = {"since_id": since_id, "until_id": until_id, "max_results": most, "next_token": token, **FIELDS}
        price = _Price(self.terms.post_read_usd, most, LEAST_FOUND)
        return self._ask("search_recent_tweets", (query,), page, price)

    def posts(self, ids: Sequence[str]) -> Reply:
        """These posts, at most ``BATCH`` and the first of them that the month's money is enough for.

        ``errors`` says what became of those that are missing.
        """
        if not ids:
            return Reply({}, None)
        price = _Price(self.terms.post_read_usd, len(ids[:BATCH]), 1)
        return self._ask("get_tweets", (list(ids[:BATCH]),), dict(FIELDS), price)

    def there(self, ids: Sequence[str]) -> Reply:
        """Which of these posts, at most ``BATCH``, are there: their ids alone, so that no author is paid for."""
        if not ids:
            return Reply({}, None)
        price = _Price(self.terms.post_read_usd, len(ids[:BATCH]), len(ids[:BATCH]), alone=True)
        return self._ask("get_tweets", (list(ids[:BATCH]),), {}, price)

    def own_posts(self, *, since_id: str | None, token: str | None = None, most: int = 100) -> Reply:
        """A page of what we wrote, newest first, never an old answer; paid with the replies that it is read for.

        It is asked on an empty purse too: not to know whether a reply is out costs more than a tenth of a cent.
        """
        page = {"since_id": since_id, "max_results": most, "pagination_token": token, **OWN_FIELDS}
        own_id, price_usd = self.own_id, self.terms.own_read_usd
        with self._till.anyway(Budget.REPLIES, eur=most * self._till.at_most(price_usd, alone=True)) as paid:
            reply = self._called("get_users_tweets", (own_id,), _given(page), is_writing=False)
            paid.charges |= self._till.charges(reply.body, price_usd)
        return reply

    def post(self, text: str, *, parent_id: str, price_usd: float, name: str) -> Mapping[str, Any]:
        """Write a reply: one attempt, counted in the purse as ``name`` before it leaves.

        Raises RateLimited or Unavailable only when nothing was written, Refused or Fatal for a definite no,
        OutcomeUnknown for everything else.
        """
        self.purse.pay(Budget.REPLIES, {name: self.terms.eur(price_usd)})
        given = {"text": text, "in_reply_to_tweet_id": parent_id}
        told = self._called("create_tweet", (), given, is_writing=True).body.get("data")
        return told if isinstance(told, dict) else {}

    def _ask(self, call: str, given: tuple[object, ...], page: Mapping[str, object], price: _Price) -> Reply:
        """Read something. Raises RateLimited, Unavailable, Unauthorized, NotFound, Misconfigured or Malformed.

        With the last of the month's money a page of fewer posts is asked for.
        """
        question = json.dumps([call, given, page], sort_keys=True, default=str)
        if question in self._kept:
            return self._kept[question]
        each_eur = self._till.at_most(price.usd, alone=price.alone)
        with self._till.asking(price.posts, price.least, each_eur=each_eur, now=self.clock()) as paid:
            fewer = {"max_results": paid.posts} if "max_results" in page else {}
            some = tuple(each[: paid.posts] if isinstance(each, list) else each for each in given)
            reply = self._called(call, some, _given({**page, **fewer}), is_writing=False)
            paid.charges |= self._till.charges(reply.body, price.usd)
        if len(self._kept) < self._kept_answers:
            self._kept[question] = reply
        return reply

    def _called(self, call: str, given: tuple[object, ...], params: Mapping[str, object], *, is_writing: bool) -> Reply:
        import requests
        from tweepy import HTTPException, TweepyException

        try:
            keys, method = self._signed(), getattr(self._connected(), call)
            return _reply(method(*given, user_auth=bool(keys.four), **params))
        except DeskError:
            raise
        except HTTPException as error:
            raise http_error(error, self.clock(), is_writing=is_writing) from error
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
            raise Misconfigured("The base URL of the X account is not one.", field="base_url") from error
        except (requests.RequestException, TweepyException, *_ODD_BODIES) as error:
            raise unclear(error, is_writing=is_writing) from error

    def _signed(self) -> keys_of.Keys:
        if self._keys is None:
            whose = self.account.handle if self.account else "of this brand"
            raise Misconfigured(f"The account {whose} on X has no keys.", field="secret_ref")
        return self._keys

    def _connected(self) -> Client:
        if self._client is None:
            import requests
            from tweepy import Client

            keys = self._signed()
            four = dict(zip(keys_of.NAMES, keys.four, strict=False))
            # Never wait_on_rate_limit: the library sleeps up to a quarter of an hour, and asks again for ever.
            self._client = Client(keys.token or None, return_type=requests.Response, **four)
            transport.prepare(self._client.session, self._server, private=self._private)
        return self._client


def _given(page: Mapping[str, object]) -> dict[str, object]:
    """The parameters of a question, without those that are not given."""
    return {name: list(v) if isinstance(v, tuple) else v for name, v in page.items() if v is not None}


def _reply(response: Any) -> Reply:
    body = response.json()
    if not isinstance(body, dict):
        raise ValueError("no JSON object")
    return Reply(body, _quota(response.headers), date_of(response.headers))


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """What time it is there; None where the answer does not say."""
    try:
        at = parsedate_to_datetime(headers["date"])
        # Without a zone (``-0000``) it is UTC (RFC 5322, 3.3), and not our own time.
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _quota(headers: Mapping[str, str]) -> Quota | None:
    """What is left of the quarter of an hour (docs.x.com, rate limits)."""
    left, limit = transport.header(headers, "x-rate-limit-remaining"), transport.header(headers, "x-rate-limit-limit")
    if left is None:
        return None
    resets = transport.header(headers, "x-rate-limit-reset")
    try:
        return Quota(left, limit, None if resets is None else datetime.fromtimestamp(resets, UTC))
    except (ValueError, OverflowError, OSError):
        return Quota(left, limit)
