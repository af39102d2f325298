"""How does a reply get onto Bluesky exactly once? As a record fixed beforehand, under a key that only it has.

The record and its key are stored before the first byte leaves. Writing the same record under the same key again
changes nothing, and our own server says at any time what stands under the key. What stands there is never replaced.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import regex

from collectors.bluesky.client import POSTS, BlueskyNetwork
from collectors.bluesky.normalize import CLOSED, link
from collectors.bluesky.richtext import facets
from collectors.bluesky.tid import tid
from domain.errors import Invalid, Misconfigured, NotFound, NotPossible, OutcomeUnknown, TooLong
from domain.mention import Mention
from domain.reply import IdempotencyKey, OutgoingReply, Receipt, ReplyLimits, ReplyRoute, RouteKind

#: Both limits of app.bsky.feed.post: 300 grapheme clusters and 3000 bytes of UTF-8.
MAX_GRAPHEMES, MAX_BYTES = 300, 3000


def length(text: str) -> int:
    """The text as the network counts it: its graphemes, or a tenth of its bytes where that limit is nearer.

    Grapheme clusters as Unicode has them (`\\X`); families of emoji are one, and cost 25 bytes.
    """
    graphemes = sum(1 for _ in regex.finditer(r"\X", text))
    return max(graphemes, math.ceil(len(text.encode("utf-8", "surrogatepass")) * MAX_GRAPHEMES / MAX_BYTES))


LIMITS = ReplyLimits(max_chars=MAX_GRAPHEMES, count=length, unit="graphemes")


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What was fixed before the first attempt."""

    rkey: str
    record: dict[str, Any]

    def encode(self) -> str:
        return json.dumps({"rkey": self.rkey, "record": self.record}, ensure_ascii=False, separators=(",", ":"))


class BlueskyPublisher:
    """Answers with one account."""

    def __init__(self, network: BlueskyNetwork) -> None:
        self._network = network

    @property
    def limits(self) -> ReplyLimits:
        """300 as the network counts, see ``length``."""
        return LIMITS

    def route(self, mention: Mention) -> ReplyRoute:
        """By the network, at no cost, unless its author let nobody or not us answer when it was last read."""
        try:
            closed = json.loads(mention.reply_ref or "null")[CLOSED]
        except KeyError:
            return ReplyRoute(RouteKind.API)
        except (ValueError, TypeError):
            return ReplyRoute(RouteKind.BY_HAND, reason="no_reference")
        return ReplyRoute(RouteKind.BY_HAND, reason=str(closed))

    def prepare(self, reply: OutgoingReply, *, key: IdempotencyKey) -> str:
        """The record to write and its key, as JSON. Asks the network who is behind each handle in the text.

        Raises Invalid, TooLong or NotPossible for a definite no.
        """
        if not key:
            raise Invalid("A reply needs an idempotency key.")
        if not reply.text.strip():
            raise Invalid("The reply is empty.", reason="empty")
        if (count := length(reply.text)) > MAX_GRAPHEMES:
            raise TooLong(length=count, limit=MAX_GRAPHEMES, channel="Bluesky")
        record: dict[str, Any] = {
            "$type": POSTS,
            "text": reply.text,
            "createdAt": _written(reply.created_at),
            "reply": _reference(reply),
        }
        if reply.language and reply.language != "und":
            record["langs"] = [reply.language]
        if found := facets(reply.text, self._who):
            record["facets"] = found
        return _Fixed(tid(reply.created_at, key), record).encode()

    def publish(self, reply: OutgoingReply, *, key: IdempotencyKey) -> Receipt:
        """Write the reply, unless it is there. See ``collectors.protocol.Publisher``."""
        fixed = _read(reply.prepared or self.prepare(reply, key=key))
        there = self._network.record(fixed.rkey)
        if there is not None:
            return self._receipt(there, fixed, reply)
        self._require_open(fixed)
        # Else a reply that was sent and deleted meanwhile would be there again, under the same key.
        reply.require_time(self._network.clock())
        done = self._network.put(fixed.rkey, json.dumps(fixed.record, ensure_ascii=False, separators=(",", ":")))
        if not str(done.get("uri", "")).endswith(f"/{fixed.rkey}"):
            raise OutcomeUnknown("Bluesky answered without naming the post.")
        return self._named(str(done["uri"]), fixed.record, reply)

    def lookup(self, reply: OutgoingReply, *, key: IdempotencyKey, since: datetime) -> Receipt | None:
        """What our server has under the reply's key; ``since`` narrows nothing.

        Raises OutcomeUnknown when another record stands there: a person has to look.
        """
        fixed = _read(reply.prepared) if reply.prepared else None
        there = self._network.record(fixed.rkey if fixed else tid(reply.created_at, key))
        return None if there is None else self._receipt(there, fixed, reply)

    def _receipt(self, there: Any, fixed: _Fixed | None, reply: OutgoingReply) -> Receipt:
        value, uri = there.get("value"), there.get("uri")
        if not isinstance(value, dict) or not isinstance(uri, str):
            raise OutcomeUnknown("Bluesky shows something unreadable in place of the reply.")
        if reply.prepared and fixed is not None and value != fixed.record:
            raise OutcomeUnknown("Another post stands under the key of this reply; somebody has to look.")
        return self._named(uri, value, reply)

    def _named(self, uri: str, record: dict[str, Any], reply: OutgoingReply) -> Receipt:
        try:
            at = datetime.fromisoformat(record["createdAt"]).astimezone(UTC)
        except (KeyError, ValueError, TypeError) as error:
            raise OutcomeUnknown("Bluesky shows a post without its time in place of the reply.") from error
        return Receipt(remote_id=uri, url=link(uri, reply.account_handle), published_at=at)

    def _require_open(self, fixed: _Fixed) -> None:
        """A reply under a deleted post or a closed talk would be accepted by the network and shown to nobody."""
        views = self._network.posts([fixed.record["reply"]["parent"]["uri"]])
        if not views:
            raise NotPossible("The post was deleted by its author.", reason="parent_deleted")
        author = views[0].get("author") or {}
        shown = author.get("viewer") or {} if isinstance(author, dict) else {}
        if (views[0].get("viewer") or {}).get("replyDisabled"):
            raise NotPossible("Its author lets nobody, or not us, answer this post.", reason="replies_closed")
        if shown.get("blockedBy") or shown.get("blocking"):
            raise NotPossible("Its author and we have blocked each other.", reason="blocked")

    def _who(self, handle: str) -> str | None:
        try:
            did = self._network.ask("com.atproto.identity.resolveHandle", handle=handle).body.get("did")
        except (NotFound, Misconfigured):  # The network answers both for a handle nobody has.
            return None
        return did if isinstance(did, str) else None


def _reference(reply: OutgoingReply) -> dict[str, Any]:
    try:
        told = json.loads(reply.parent_ref or "null")
        return {end: {"uri": str(told[end]["uri"]), "cid": str(told[end]["cid"])} for end in ("root", "parent")}
    except (ValueError, KeyError, TypeError) as error:
        raise NotPossible("The post came in without what an answer needs.", reason="no_reference") from error


def _read(prepared: str) -> _Fixed:
    try:
        told = json.loads(prepared)
        return _Fixed(str(told["rkey"]), dict(told["record"]))
    except (ValueError, KeyError, TypeError) as error:
        raise OutcomeUnknown("What was fixed for this reply cannot be read.") from error


def _written(at: datetime) -> str:
    """A time as the network's own clients write it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
