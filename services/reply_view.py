"""How does a reply look to whoever works with it: draft, on its way, delivered or returned?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

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
