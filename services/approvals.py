"""Which replies wait for a second pair of eyes, and what did those decide?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.context import Context
from services.reply_view import ReplyView


@dataclass(frozen=True, slots=True)
class ApprovalItem:
    """A reply that waits, with the post it answers. ``may_approve`` is false for its author."""

    reply: ReplyView
    brand_id: int
    brand_name: str
    parent_text: str
    parent_author: str
    parent_at: datetime
    language: str | None
    urgency_level: int
    waiting_since: datetime
    may_approve: bool


def waiting(ctx: Context) -> list[ApprovalItem]:
    """Everything that waits for approval, the longest waiting first."""
    raise NotImplementedError


def approve(ctx: Context, reply_id: int, *, text: str | None = None) -> ReplyView:
    """Let it go out, as written or with ``text`` instead. Never its author; a manager or a mentor of the channel."""
    raise NotImplementedError


def reject(ctx: Context, reply_id: int, *, note: str) -> ReplyView:
    """Send it back to its author as a draft, with a note."""
    raise NotImplementedError
