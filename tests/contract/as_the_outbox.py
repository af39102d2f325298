"""How does the outbox call a publisher? It prepares a reply once, and hands back what was stored at every attempt."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from collectors.protocol import Publisher
from domain.mention import Mention
from domain.reply import IdempotencyKey, OutgoingReply, Receipt, ReplyLimits, ReplyRoute


@dataclass
class AsTheOutbox:
    """The publisher as the outbox calls it: prepared once before the first attempt, and then as stored."""

    publisher: Publisher
    stored: dict[str, str] = field(default_factory=dict)

    @property
    def limits(self) -> ReplyLimits:
        return self.publisher.limits

    def route(self, mention: Mention) -> ReplyRoute:
        return self.publisher.route(mention)

    def prepare(self, reply: OutgoingReply, *, key: IdempotencyKey) -> str:
        return self.publisher.prepare(reply, key=key)

    def publish(self, reply: OutgoingReply, *, key: IdempotencyKey) -> Receipt:
        if key not in self.stored:
            self.stored[key] = self.publisher.prepare(reply, key=key)
        return self.publisher.publish(replace(reply, prepared=self.stored[key]), key=key)

    def lookup(self, reply: OutgoingReply, *, key: IdempotencyKey, since: datetime) -> Receipt | None:
        reply = replace(reply, prepared=self.stored.get(key, ""))
        return self.publisher.lookup(reply, key=key, since=since)
