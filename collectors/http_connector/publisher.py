"""How does a reply get to its source exactly once? Its bytes fixed beforehand, looked for first, sent under a key.

A source need not keep keys to be safe: it lists our replies under an item, and one of them with our words and no key
that was not there before counts as this one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import regex

from collectors.http_connector import fields
from collectors.http_connector.about import DEFAULT_CHARS, UNITS, About
from collectors.http_connector.client import SourceClient
from collectors.http_connector.normalize import web_address
from domain.errors import Invalid, Malformed, NotPossible, OutcomeUnknown, TooLong
from domain.mention import Mention
from domain.reply import IdempotencyKey, OutgoingReply, Receipt, ReplyLimits, ReplyRoute, RouteKind

ALWAYS = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What was fixed before the first attempt: the bytes to send, and our replies that stood there already."""

    item_id: str
    words: str
    body: str
    before: tuple[str, ...]

    def encode(self) -> str:
        told = {"item_id": self.item_id, "words": self.words, "body": self.body, "before": self.before}
        return json.dumps(told, separators=(",", ":"))


class HttpPublisher:
    """Answers in one source. ``source`` None: there is no account, and so nothing to answer with."""

    def __init__(self, source: SourceClient | None) -> None:
        self._source = source

    @property
    def limits(self) -> ReplyLimits:
        """What the source said it takes; what most take until it was asked."""
        return _limits((self._source and self._source.known()) or About(""))

    def route(self, mention: Mention) -> ReplyRoute:
        """By the source, at no cost, unless it takes none, or the post came through another account of ours."""
        if self._source is not None and mention.origin != self._source.origin:
            return ReplyRoute(RouteKind.BY_HAND, reason="other_source")
        known = self._source and self._source.known()
        has_address = self._source is None or bool(self._source.account.base_url)
        if not mention.reply_ref or not has_address or (known and not known.takes_replies):
            return ReplyRoute(RouteKind.BY_HAND, reason="no_replies_here")
        return ReplyRoute(RouteKind.API)

    def prepare(self, reply: OutgoingReply, *, key: IdempotencyKey) -> str:
        """The request as it will be sent, and our replies that stand there already, as JSON.

        Raises Invalid, TooLong or NotPossible for a definite no.
        """
        if not key or not key.isascii() or not key.isprintable():
            raise Invalid("A reply needs an idempotency key.")
        if not reply.text.strip():
            raise Invalid("The reply is empty.", reason="empty")
        source, item_id = self._here(reply), _item_of(reply)
        about = source.about(fresh=True)
        if not about.takes_replies:
            raise NotPossible("The source takes no replies from the desk.", reason="no_replies_here")
        limits = _limits(about)
        if limits.count(reply.text) > limits.max_chars:
            raise TooLong(length=limits.count(reply.text), limit=limits.max_chars, channel=source.account.handle)
        there = source.replies(item_id, key=key)
        before = tuple(_name(each) for each in there if each.get("key") is None and _says(each, reply.text))
        return _Fixed(item_id, reply.text, _body(reply, item_id, key, source.account.handle), before).encode()

    def publish(self, reply: OutgoingReply, *, key: IdempotencyKey) -> Receipt:
        """Hand the reply in, unless it is there. See ``collectors.protocol.Publisher``."""
        source = self._here(reply)
        fixed = _read(reply.prepared or self.prepare(reply, key=key))
        there = self._find(source, fixed, key)
        if there is not None:
            return there
        reply.require_time(source.clock())
        return _receipt(source, source.reply(fixed.body.encode("utf-8", "replace"), key=key), fixed.item_id)

    def lookup(self, reply: OutgoingReply, *, key: IdempotencyKey, since: datetime) -> Receipt | None:
        """This reply among ours under that item. Raises OutcomeUnknown when what is there leaves doubt."""
        source = self._source
        if source is None or reply.origin != source.origin:
            raise OutcomeUnknown("The account it went out through is another one now; somebody has to look.")
        fixed = _read(reply.prepared) if reply.prepared else _Fixed(_item_of(reply), reply.text, "", ())
        return self._find(source, fixed, key, since=ALWAYS if reply.prepared else since)

    def _here(self, reply: OutgoingReply) -> SourceClient:
        """Raises NotPossible where this post came from another source: its id means another one here."""
        if self._source is None or reply.origin != self._source.origin:
            raise NotPossible("The post came through another source.", reason="other_source")
        return self._source

    def _find(
        self, source: SourceClient, fixed: _Fixed, key: IdempotencyKey, *, since: datetime = ALWAYS
    ) -> Receipt | None:
        there = source.replies(fixed.item_id, key=key)
        ours = [each for each in there if each.get("key") == key]
        if not ours:
            nameless = [each for each in there if each.get("key") is None and _says(each, fixed.words)]
            ours = [each for each in nameless if _name(each) not in fixed.before and _at(source, each) >= since]
        if not ours:
            return None
        return _receipt(source, min(ours, key=lambda each: _at(source, each)), fixed.item_id)


def _limits(about: About) -> ReplyLimits:
    if about.unit == "graphemes":
        return ReplyLimits(about.max_chars, lambda text: sum(1 for _ in regex.finditer(r"\X", text)), about.unit)
    return ReplyLimits(about.max_chars or DEFAULT_CHARS, len, UNITS[0])


def _item_of(reply: OutgoingReply) -> str:
    if not reply.parent_ref:
        raise NotPossible("The source takes no reply to this post.", reason="no_replies_here")
    return reply.parent_ref


def _body(reply: OutgoingReply, item_id: str, key: str, handle: str) -> str:
    """The key and the item stand inside, because only what is inside is signed."""
    told = {
        "key": key,
        "item_id": item_id,
        "text": reply.text,
        "language": reply.language,
        "account": handle,
        "written_at": reply.created_at.isoformat(),
    }
    return json.dumps(told, separators=(",", ":"))


def _read(prepared: str) -> _Fixed:
    try:
        told = json.loads(prepared)
        return _Fixed(str(told["item_id"]), str(told["words"]), str(told["body"]), tuple(map(str, told["before"])))
    except (ValueError, KeyError, TypeError) as error:
        raise OutcomeUnknown("What was fixed for this reply cannot be read.") from error


def _says(told: Mapping[str, Any], words: str) -> bool:
    said = told.get("text")
    return isinstance(said, str) and said.split() == words.split()


def _name(told: Mapping[str, Any]) -> str:
    try:
        return fields.name_of(told, "id")
    except Malformed:
        return ""


def _at(source: SourceClient, told: Mapping[str, Any]) -> datetime:
    """When it was published; now, where the source does not say: nothing tells that it is older."""
    try:
        return fields.moment(told, "published_at")
    except Malformed:
        return source.clock()


def _receipt(source: SourceClient, told: Mapping[str, Any], item_id: str) -> Receipt:
    """Raises OutcomeUnknown where the source names no reply, or one under another item."""
    try:
        name, parent = fields.name_of(told, "id"), fields.name_of(told, "item_id")
        url = web_address(fields.text(told, "url"))
    except Malformed as error:
        raise OutcomeUnknown(f"The source answered without naming the reply: {error}") from None
    if parent != item_id:
        raise OutcomeUnknown("The source put the reply under another item; somebody has to look.")
    # Ids of two sources may be alike; those of replies and of what people write there may be, too.
    return Receipt(f"{source.origin}/{name}", url, _at(source, told))
