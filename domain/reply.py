"""Our answer in public: what goes out, how long it may be, and what came back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from domain.errors import Unavailable

#: Stable for one reply over every attempt to send it.
IdempotencyKey = NewType("IdempotencyKey", str)


class RouteKind(StrEnum):
    """How a reply can reach the network."""

    API = "api"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class ReplyRoute:
    """How this mention can be answered, why so, and what it costs, without an address in it and with one."""

    kind: RouteKind
    reason: str = ""
    cost_eur: float = 0.0
    cost_with_link_eur: float = 0.0


@dataclass(frozen=True, slots=True)
class ReplyLimits:
    """How long a reply may be, counted the way the network counts.

    ``unit`` tells the browser how to count while typing: ``codepoints`` or ``graphemes``.
    """

    max_chars: int
    count: Callable[[str], int]
    unit: str = "codepoints"


@dataclass(frozen=True, slots=True)
class OutgoingReply:
    """A reply ready to leave: immutable once queued, tied to exactly one parent post.

    ``parent_ref`` is the ``reply_ref`` of the post it answers. ``prepared`` is what the channel's
    ``prepare`` returned before the first attempt; empty until then. ``not_after``: from then on nobody may write it
    in this attempt, because others may look for it, find nothing, and send it; None where nobody else can.
    """

    reply_id: int
    channel: str
    origin: str
    account_handle: str
    parent_id: str
    conversation_id: str
    text: str
    language: str | None
    created_at: datetime
    parent_ref: str | None = None
    prepared: str = ""
    not_after: datetime | None = None

    def require_time(self, now: datetime) -> None:
        """Asked right before a write leaves. Raises Unavailable when it is too late for this attempt."""
        if self.not_after is not None and now >= self.not_after:
            raise Unavailable("Asking first took too long; nothing was sent, and somebody may be at it by now.")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network's word that a reply is out: its id there, its link, and when."""

    remote_id: str
    url: str | None
    published_at: datetime
