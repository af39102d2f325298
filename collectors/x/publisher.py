"""How does a reply get onto X exactly once? One attempt, and a look into our own posts whenever it is unclear.

The network has no keys. What was fixed before the first attempt (the words, the post answered, and the newest post of
ours before it) says which post of ours is the reply: newer than that one, under that post, with those words. A refusal
because of the same words proves nothing: they may be our own lost attempt, or an answer to somebody else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from collectors.spending import Budget
from collectors.x import snowflake
from collectors.x.client import XNetwork
from collectors.x.normalize import CLOSED, ID, SUMMONED, answered, link
from collectors.x.words import MAX_LENGTH, has_link, length, same
from domain.errors import Invalid, NotPossible, OutcomeUnknown, TooLong
from domain.mention import Mention
from domain.reply import IdempotencyKey, OutgoingReply, Receipt, ReplyLimits, ReplyRoute, RouteKind

LIMITS = ReplyLimits(max_chars=MAX_LENGTH, count=length, unit="graphemes")
#: Own posts looked through for a reply: 3,200 are what the network shows of an account.
MAX_PAGES = 32
ANCHOR_POSTS = 5


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What was fixed before the first attempt. ``anchor``: our newest post then, or the post answered.

    ``own_id``: who we were then; empty where that was not kept yet.
    """

    text: str
    parent: str
    anchor: str
    own_id: str = ""

    def encode(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


class XPublisher:
    """Answers with one account."""

    def __init__(self, network: XNetwork) -> None:
        self._network = network

    @property
    def limits(self) -> ReplyLimits:
        """280 as the network counts, see ``words.length``."""
        return LIMITS

    def route(self, mention: Mention) -> ReplyRoute:
        """By the network, at its price, if its author called us and the month's money is not spent; else by hand.

        Since February 2026 an app under the ordinary terms may answer only who named the account or quoted it
        (docs.x.com, manage posts).
        """
        terms = self._network.terms
        try:
            told = json.loads(mention.reply_ref or "null")
            summoned, closed = bool(told[SUMMONED]), str(told.get(CLOSED, ""))
        except (ValueError, TypeError, KeyError, AttributeError):
            return ReplyRoute(RouteKind.BY_HAND, reason="no_reference")
        price_eur = terms.eur(terms.reply_usd)
        if not self._network.has_keys:
            reason = "not_connected"
        elif closed:
            reason = closed
        elif not summoned and not terms.enterprise:
            reason = "not_summoned"
        elif self._network.purse.left_eur(Budget.REPLIES) < price_eur:
            reason = "ceiling_reached"
        else:
            dearest = terms.eur(terms.reply_with_link_usd)
            return ReplyRoute(RouteKind.API, cost_eur=price_eur, cost_with_link_eur=dearest)
        return ReplyRoute(RouteKind.BY_HAND, reason=reason)

    def prepare(self, reply: OutgoingReply, *, key: IdempotencyKey) -> str:
        """Words, post and anchor, as JSON. Raises Invalid, TooLong or NotPossible for a definite no."""
        if not key:
            raise Invalid("A reply needs an idempotency key.")
        if not reply.text.strip():
            raise Invalid("The reply is empty.", reason="empty")
        if (count := length(reply.text)) > MAX_LENGTH:
            raise TooLong(length=count, limit=MAX_LENGTH, channel="X")
        parent = self._parent(reply)
        # Our newest post of now; what we write is newer than it, and newer than what it answers.
        own = self._network.own_posts(since_id=None, most=ANCHOR_POSTS).posts
        ids = [each for post in own if (each := str(post.get("id"))).isdigit()]
        return _Fixed(reply.text, parent, max([parent, *ids], key=int), self._network.own_id).encode()

    def publish(self, reply: OutgoingReply, *, key: IdempotencyKey) -> Receipt:
        """Write the reply, unless it is there. See ``collectors.protocol.Publisher``."""
        fixed = _read(reply.prepared or self.prepare(reply, key=key))
        if self._is_anothers(fixed):
            raise NotPossible("Another account of ours on X began this reply.", reason="begun_elsewhere")
        there = self._look(fixed, reply, since_id=fixed.anchor)
        if there is not None:
            return there
        terms = self._network.terms
        price_usd = terms.reply_with_link_usd if has_link(fixed.text) else terms.reply_usd
        if self._network.purse.left_eur(Budget.REPLIES) < terms.eur(price_usd):
            raise NotPossible("The month's ceiling for replies on X is reached.", reason="ceiling_reached")
        reply.require_time(self._network.clock())
        name = f"reply {key} {self._network.clock().isoformat()}"
        done = self._network.post(fixed.text, parent_id=fixed.parent, price_usd=price_usd, name=name)
        native_id = done.get("id")
        if not isinstance(native_id, str) or not native_id:
            raise OutcomeUnknown("X answered without naming the post.")
        return self._receipt(native_id, done, reply)

    def lookup(self, reply: OutgoingReply, *, key: IdempotencyKey, since: datetime) -> Receipt | None:
        """The reply among what we wrote since its anchor; since ``since`` when it has none."""
        fixed = _read(reply.prepared) if reply.prepared else None
        if fixed is not None:
            if self._is_anothers(fixed):
                raise OutcomeUnknown("Another account of ours on X began this reply; look there.")
            return self._look(fixed, reply, since_id=fixed.anchor)
        parent = self._parent(reply)
        return self._look(_Fixed(reply.text, parent, parent), reply, since_id=snowflake.id_at(since))

    def _look(self, fixed: _Fixed, reply: OutgoingReply, *, since_id: str) -> Receipt | None:
        """Raises OutcomeUnknown when our posts do not end, or two of them are this reply: a person has to look."""
        found: list[Mapping[str, Any]] = []
        token: str | None = None
        for _ in range(MAX_PAGES):
            page = self._network.own_posts(since_id=since_id, token=token)
            found += [post for post in page.posts if _is_reply(post, fixed, {fixed.parent, reply.parent_id})]
            token = page.following
            if token is None:
                break
        else:
            raise OutcomeUnknown("There are too many posts of ours on X since this reply; somebody has to look.")
        if len(found) > 1:
            raise OutcomeUnknown("More than one post of ours on X is this reply; somebody has to look.")
        return self._receipt(str(found[0].get("id")), found[0], reply) if found else None

    def _is_anothers(self, fixed: _Fixed) -> bool:
        """Whether the keys are another account's by now: its posts say nothing about this reply."""
        return fixed.own_id not in ("", self._network.own_id)

    def _parent(self, reply: OutgoingReply) -> str:
        """The post to answer as it is now, and no other one, ever. An old wording cannot be answered."""
        try:
            parent = str(json.loads(reply.parent_ref or "null")[ID])
            snowflake.parsed(parent)
        except (ValueError, KeyError, TypeError) as error:
            raise NotPossible("The post came in without what an answer needs.", reason="no_reference") from error
        return parent

    def _receipt(self, native_id: str, post: Mapping[str, Any], reply: OutgoingReply) -> Receipt:
        try:
            at = snowflake.written_at(native_id)
        except ValueError:
            at = _moment(post) or self._network.clock().astimezone(UTC)
        return Receipt(remote_id=native_id, url=link(native_id, reply.account_handle), published_at=at)


def _is_reply(post: Mapping[str, Any], fixed: _Fixed, parents: set[str]) -> bool:
    try:
        return answered(post) in parents and same(fixed.text, post)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _moment(post: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(post.get("created_at"))).astimezone(UTC)
    except ValueError:
        return None


def _read(prepared: str) -> _Fixed:
    try:
        told = json.loads(prepared)
        return _Fixed(str(told["text"]), str(told["parent"]), str(told["anchor"]), str(told.get("own_id", "")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OutcomeUnknown("What was fixed for this reply cannot be read.") from error
