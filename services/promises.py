"""What did we promise to whom, and did we keep it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.context import Context


@dataclass(frozen=True, slots=True)
class PromiseView:
    """One promise. ``status`` is open, kept or broken; ``overdue`` holds for open ones past their date."""

    promise_id: int
    case_id: int
    customer_id: int
    customer_name: str
    channel: str
    text: str
    due_at: datetime
    status: str
    overdue: bool
    owner_id: int
    owner_name: str
    reply_id: int | None
    created_at: datetime
    closed_at: datetime | None


def open_promises(ctx: Context, brand_id: int, *, mine: bool) -> list[PromiseView]:
    """Open promises of this brand (or only the actor's), by due date."""
    raise NotImplementedError


def add(ctx: Context, case_id: int, *, text: str, due_at: datetime) -> PromiseView:
    """Write down a promise made in this case. Owner only."""
    raise NotImplementedError


def keep(ctx: Context, promise_id: int) -> PromiseView:
    """The promise was kept. Its owner, the case's owner, or Right.REASSIGN."""
    raise NotImplementedError


def break_(ctx: Context, promise_id: int) -> PromiseView:
    """The promise was not kept. Its owner, the case's owner, or Right.REASSIGN."""
    raise NotImplementedError
