"""How does a reply look to whoever works with it: draft, on its way, delivered or returned?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db import deliveries, reply_pages
from db.deliveries import DeliveryRow
from db.replies import ReplyRow
from db.reply_pages import ListedReply
from domain.states import ReplyState


@dataclass(frozen=True, slots=True)
class DraftView:
    """What somebody is writing. ``version`` goes back with the next save."""

    reply_id: int
    case_id: int
    mention_id: int
    version: int
    text: str
    promise_text: str | None
    promise_due_at: datetime | None
    saved_at: datetime
    return_reason: str | None = None
    return_note: str | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """One look at the network for a reply whose fate was not known."""

    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class ReplyView:
    """A reply from submission on. ``error`` and ``return_reason`` are stable words, never sentences for people."""

    reply_id: int
    case_id: int
    mention_id: int
    channel: str
    status: ReplyState
    text: str
    author_id: int
    author_name: str
    approver_name: str | None
    attempts: int
    send_after: datetime | None
    sent_at: datetime | None
    url: str | None
    remote_id: str | None
    error: str | None
    return_reason: str | None
    return_note: str | None
    customer_name: str
    account_handle: str | None
    parent_url: str | None
    updated_at: datetime
    probes: tuple[Probe, ...] = ()
    promise_text: str | None = None
    promise_due_at: datetime | None = None
    first_attempt_at: datetime | None = None
    next_probe_at: datetime | None = None
    #: What its author handed in, where an approver changed it.
    author_text: str | None = None


def draft_view(reply: ReplyRow) -> DraftView:
    """A draft as its author sees it."""
    return DraftView(
        reply_id=reply.id,
        case_id=reply.case_id,
        mention_id=reply.mention_id,
        version=reply.version,
        text=reply.text,
        promise_text=reply.promise_text,
        promise_due_at=reply.promise_due_at,
        saved_at=reply.updated_at,
        return_reason=reply.return_reason,
        return_note=reply.return_note,
    )


def reply_view(tx: Connection, reply_id: int) -> ReplyView:
    """One reply that is known to exist."""
    return reply_views(tx, [reply_pages.listed(tx, reply_id)])[0]


def reply_views(tx: Connection, listed: Sequence[ListedReply]) -> list[ReplyView]:
    """The same for many, in one more query."""
    attempts = deliveries.of_replies(tx, [each.reply.id for each in listed])
    return [_view(each, attempts.get(each.reply.id, [])) for each in listed]


def _view(listed: ListedReply, attempts: Sequence[DeliveryRow]) -> ReplyView:
    reply = listed.reply
    return ReplyView(
        reply_id=reply.id,
        case_id=reply.case_id,
        mention_id=reply.mention_id,
        channel=reply.channel,
        status=reply.status,
        text=reply.text,
        author_id=reply.author_id,
        author_name=listed.author_name,
        approver_name=listed.approver_name,
        attempts=reply.attempts,
        send_after=reply.send_after,
        sent_at=reply.sent_at,
        url=reply.url,
        remote_id=reply.remote_id,
        error=reply.error,
        return_reason=reply.return_reason,
        return_note=reply.return_note,
        customer_name=listed.customer_name,
        account_handle=listed.account_handle,
        parent_url=listed.parent_url,
        updated_at=reply.updated_at,
        probes=tuple(Probe(a.started_at, a.outcome or "open") for a in attempts if a.act == deliveries.LOOKUP),
        promise_text=reply.promise_text,
        promise_due_at=reply.promise_due_at,
        first_attempt_at=reply.first_attempt_at,
        next_probe_at=reply.next_probe_at,
        author_text=reply.author_text,
    )
