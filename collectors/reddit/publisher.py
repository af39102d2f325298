"""How does a reply get onto Reddit exactly once? One attempt, and a look at our own comments whenever it is unclear.

The network has no keys. What was fixed before the first attempt (the words, the thing answered, our newest comment then
and those of ours that already said the same there) says which comment is the reply: under that thing, with those words,
and none of those. Reddit may also write a comment and tell nothing of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.reddit.client import RedditNetwork
from collectors.reddit.listings import following, listed
from collectors.reddit.normalize import CLOSED, COMMENT, GONE, ID, LINK, POST, closed, is_gone, link, written_at
from domain.errors import Invalid, Malformed, Misconfigured, NotPossible, OutcomeUnknown, TooLong, Unavailable
from domain.mention import Mention
from domain.reply import IdempotencyKey, OutgoingReply, Receipt, ReplyLimits, ReplyRoute, RouteKind

#: Characters of Markdown in a comment.
MAX_CHARS = 10_000
LIMITS = ReplyLimits(max_chars=MAX_CHARS, count=len, unit="codepoints")
#: A listing of our own comments ends after a thousand.
MAX_PAGES = 10
#: Clocks of the network differ by so much between its servers.
SKEW = timedelta(seconds=60)
View = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What was fixed before the first attempt. ``said``: comments of ours under that thing then."""

    text: str
    parent: str
    link: str
    since: str
    said: tuple[str, ...]

    def encode(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


class RedditPublisher:
    """Answers with one account."""

    def __init__(self, network: RedditNetwork) -> None:
        self._network = network

    @property
    def limits(self) -> ReplyLimits:
        """10,000 characters of Markdown, counted as code points."""
        return LIMITS

    def route(self, mention: Mention) -> ReplyRoute:
        """By the network, at no cost, if we have its keys, they may write and the thread is open; else by hand."""
        try:
            told = json.loads(mention.reply_ref or "null")
            is_named, shut = bool(told[ID]) and bool(told[LINK]), str(told.get(CLOSED, ""))
        except (ValueError, TypeError, KeyError, AttributeError):
            is_named, shut = False, ""
        if not is_named:
            reason = "no_reference"
        elif not self._network.has_keys:
            reason = "not_connected"
        elif shut:
            reason = shut
        elif not self._network.may_write():
            reason = "not_granted"
        else:
            return ReplyRoute(RouteKind.API)
        return ReplyRoute(RouteKind.BY_HAND, reason=reason)

    def prepare(self, reply: OutgoingReply, *, key: IdempotencyKey) -> str:
        """Words, parent, and what we said there before, as JSON. Raises Invalid, TooLong or NotPossible for a no."""
        if not key:
            raise Invalid("A reply needs an idempotency key.")
        if not reply.text.strip():
            raise Invalid("The reply is empty.", reason="empty")
        if len(reply.text) > MAX_CHARS:
            raise TooLong(length=len(reply.text), limit=MAX_CHARS, channel="Reddit")
        parent, root = _ends(reply)
        self._require_open(parent, root)
        if not self._network.may_write():
            raise NotPossible("Reddit did not grant this app writing.", reason="not_granted")
        newest = listed(self._network.own_comments())
        there = [*newest, *self._network.below(root, parent)]
        said = tuple(
            dict.fromkeys(str(v.get("name")) for v in there if self._is_ours(v) and v.get("parent_id") == parent)
        )
        since = max((at for view in newest if (at := _at(view)) is not None), default=datetime.fromtimestamp(0, UTC))
        return _Fixed(reply.text, parent, root, since.isoformat(), said).encode()

    def publish(self, reply: OutgoingReply, *, key: IdempotencyKey) -> Receipt:
        """Write the reply, unless it is there. See ``collectors.protocol.Publisher``."""
        fixed = _read(reply.prepared or self.prepare(reply, key=key))
        there = self._find(fixed)
        if there is not None:
            return self._receipt(there)

        def in_time() -> None:
            reply.require_time(self._network.clock())

        return self._receipt(self._network.write(fixed.text, parent=fixed.parent, in_time=in_time))

    def lookup(self, reply: OutgoingReply, *, key: IdempotencyKey, since: datetime) -> Receipt | None:
        """The reply among our own comments and below the thing it answers; since ``since`` where nothing was fixed.

        Raises OutcomeUnknown when what is there leaves doubt: a person has to look.
        """
        if reply.prepared:
            fixed = _read(reply.prepared)
        else:
            parent, root = _ends(reply)
            fixed = _Fixed(reply.text, parent, root, since.isoformat(), ())
        there = self._find(fixed)
        return None if there is None else self._receipt(there)

    def _require_open(self, parent: str, root: str) -> None:
        """Raises NotPossible where nobody can answer any more. The thread may be closed above an open comment."""
        views = {str(view.get("name")): view for view in self._network.things(list(dict.fromkeys((parent, root))))}
        answered = views.get(parent)
        if answered is None or is_gone(answered):
            raise NotPossible("The post was deleted by its author.", reason="parent_deleted")
        for view in views.values():
            if closed(view):
                raise NotPossible("The thread is locked or archived.", reason=closed(view))

    def _find(self, fixed: _Fixed) -> View | None:
        """Our comment that is this reply. Raises OutcomeUnknown when two are, or one stands there in other words."""
        begins_at = datetime.fromisoformat(fixed.since) - SKEW
        shown = {str(v.get("name")): v for v in (*self._own_since(begins_at), *self._below(fixed)) if self._is_ours(v)}
        ours = [
            view
            for name, view in shown.items()
            if view.get("parent_id") == fixed.parent
            and name not in fixed.said
            and (_at(view) or begins_at) >= begins_at
        ]
        same = [view for view in ours if _same(view.get("body"), fixed.text)]
        if len(same) > 1:
            raise OutcomeUnknown("More than one comment of ours on Reddit is this reply; somebody has to look.")
        if not same and any(view.get("edited") or view.get("body") in GONE for view in ours):
            raise OutcomeUnknown("Another answer of ours stands there, edited or removed; somebody has to look.")
        return same[0] if same else None

    def _own_since(self, begins_at: datetime) -> Iterator[View]:
        """Our comments back to that moment. Raises OutcomeUnknown when they do not end before."""
        after: str | None = None
        for _ in range(MAX_PAGES):
            page = self._network.own_comments(after=after)
            views, there = listed(page), following(page)
            yield from views
            oldest_at = min((at for view in views if (at := _at(view)) is not None), default=None)
            if there is None or there == after or (oldest_at is not None and oldest_at < begins_at):
                return
            after = there
        raise OutcomeUnknown("We have written more since than Reddit lists; somebody has to look.")

    def _below(self, fixed: _Fixed) -> list[View]:
        """What the page of that thing shows below it, often before our own list does; it may be closed to us."""
        try:
            return self._network.below(fixed.link, fixed.parent)
        except (Unavailable, Malformed, Misconfigured):
            return []

    def _is_ours(self, view: View) -> bool:
        author = view.get("author")
        return isinstance(author, str) and author.lower() == self._network.own_name.lower()

    def _receipt(self, view: View) -> Receipt:
        name = view.get("name") or view.get("id")
        if not isinstance(name, str) or not name.startswith(COMMENT):
            raise OutcomeUnknown("Reddit answered without naming the comment.")
        return Receipt(name, link(view), _at(view) or self._network.clock().astimezone(UTC))


def _ends(reply: OutgoingReply) -> tuple[str, str]:
    """The thing to answer, and no other one, ever; and the post it stands under."""
    try:
        told = json.loads(reply.parent_ref or "null")
        parent, root = str(told[ID]), str(told[LINK])
    except (ValueError, KeyError, TypeError) as error:
        raise NotPossible("The post came in without what an answer needs.", reason="no_reference") from error
    if parent != reply.parent_id or not parent.startswith((COMMENT, POST)) or not root.startswith(POST):
        raise NotPossible("The post came in without what an answer needs.", reason="no_reference")
    return parent, root


def _same(body: object, text: str) -> bool:
    """Reddit takes spaces off the ends and keeps its own kind of breaks."""
    return isinstance(body, str) and body.split() == text.split()


def _at(view: View) -> datetime | None:
    try:
        return written_at(view)
    except Malformed:
        return None


def _read(prepared: str) -> _Fixed:
    try:
        told = json.loads(prepared)
        datetime.fromisoformat(told["since"])
        return _Fixed(
            str(told["text"]), str(told["parent"]), str(told["link"]), str(told["since"]), tuple(map(str, told["said"]))
        )
    except (ValueError, KeyError, TypeError) as error:
        raise OutcomeUnknown("What was fixed for this reply cannot be read.") from error
