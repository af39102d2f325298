"""How does a reply get onto the sample? One line in its log, once for each key."""

from __future__ import annotations

import hashlib
from datetime import datetime

from collectors.sample.client import SampleNetwork
from collectors.sample.publish_log import LoggedReply
from domain.errors import Invalid, NotPossible, TooLong
from domain.mention import Mention
from domain.reply import IdempotencyKey, OutgoingReply, Receipt, ReplyLimits, ReplyRoute, RouteKind

MAX_CHARS = 500
LIMITS = ReplyLimits(max_chars=MAX_CHARS, count=len, unit="codepoints")


class SamplePublisher:
    """Answers into the log; nothing leaves the machine."""

    def __init__(self, network: SampleNetwork) -> None:
        self._network = network

    @property
    def limits(self) -> ReplyLimits:
        """500 code points, spaces and links counted as typed."""
        return LIMITS

    def route(self, mention: Mention) -> ReplyRoute:
        """Always straight to the log, at no cost."""
        return ReplyRoute(RouteKind.API, reason="The sample writes replies to a log; nobody outside sees them.")

    def prepare(self, reply: OutgoingReply, *, key: IdempotencyKey) -> str:
        """Nothing: the log knows keys."""
        return ""

    def publish(self, reply: OutgoingReply, *, key: IdempotencyKey) -> Receipt:
        """Write the reply once; the same key again returns the first receipt.

        Raises Invalid, TooLong or NotPossible for a definite no, Unavailable when nothing was written,
        OutcomeUnknown when the line may not have reached the disk.
        """
        known = self._network.log.find(key)
        if known is not None:
            return _receipt(known)
        self._check(reply, key)
        reply.require_time(self._network.now())
        return _receipt(self._network.log.append(_logged(reply, key, self._network.now())))

    def lookup(self, reply: OutgoingReply, *, key: IdempotencyKey, since: datetime) -> Receipt | None:
        """The receipt of that key, whenever it was written: the log knows keys, so ``since`` narrows nothing."""
        known = self._network.log.find(key)
        return None if known is None else _receipt(known)

    def _check(self, reply: OutgoingReply, key: IdempotencyKey) -> None:
        if not key:
            raise Invalid("A reply needs an idempotency key.")
        if not reply.text.strip():
            raise Invalid("The reply is empty.")
        length = LIMITS.count(reply.text)
        if length > MAX_CHARS:
            raise TooLong(length=length, limit=MAX_CHARS, channel="Sample")
        if self._network.is_deleted(reply.parent_id):
            raise NotPossible("The post was deleted by its author.", reason="parent_deleted")


def _logged(reply: OutgoingReply, key: IdempotencyKey, now: datetime) -> LoggedReply:
    return LoggedReply(
        key=key,
        remote_id=f"reply-{hashlib.sha256(key.encode('utf-8', 'backslashreplace')).hexdigest()[:20]}",
        reply_id=reply.reply_id,
        account_handle=reply.account_handle,
        parent_id=reply.parent_id,
        conversation_id=reply.conversation_id,
        text=reply.text,
        language=reply.language,
        published_at=now,
    )


def _receipt(logged: LoggedReply) -> Receipt:
    return Receipt(remote_id=logged.remote_id, url=None, published_at=logged.published_at)
