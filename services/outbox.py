"""How does a reply reach the network exactly once, and what do we know about each one?"""

from __future__ import annotations

from dataclasses import dataclass

from domain.states import ReplyState
from services.context import Context
from services.reply_view import DraftView, Probe, ReplyView

__all__ = [
    "DeliveryCounts",
    "Probe",
    "ReplyView",
    "confirm_by_person",
    "deliver_due",
    "deny_by_person",
    "edit_failed",
    "give_up_by_hand",
    "page",
    "reconcile",
]


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """What one round of the outbox brought."""

    sent: int = 0
    uncertain: int = 0
    failed: int = 0
    requeued: int = 0
    needs_human: int = 0
    returned: int = 0


def deliver_due(ctx: Context, *, worker: str, limit: int = 20) -> DeliveryCounts:
    """Send what is queued and due, each in three short transactions: mark, call, record."""
    raise NotImplementedError


def reconcile(ctx: Context, *, worker: str, limit: int = 20) -> DeliveryCounts:
    """Look up replies whose fate is unknown; expired sends become uncertain first."""
    raise NotImplementedError


def page(
    ctx: Context,
    brand_id: int | None = None,
    *,
    states: tuple[ReplyState, ...] = (),
    mine: bool = False,
    before_id: int | None = None,
    limit: int = 50,
) -> list[ReplyView]:
    """Replies from submission on, the newest first, below ``before_id``; drafts are not here unless asked for."""
    raise NotImplementedError


def confirm_by_person(ctx: Context, reply_id: int, *, url: str) -> ReplyView:
    """Somebody saw it on the network: ``url`` is its link. From needs_human and by_hand."""
    raise NotImplementedError


def deny_by_person(ctx: Context, reply_id: int) -> ReplyView:
    """Somebody looked and it is not there: queued once more, and only once."""
    raise NotImplementedError


def give_up_by_hand(ctx: Context, reply_id: int) -> DraftView:
    """It was not posted by hand after all: a draft again."""
    raise NotImplementedError


def edit_failed(ctx: Context, reply_id: int) -> DraftView:
    """A refused reply becomes a draft again. Its author only."""
    raise NotImplementedError
