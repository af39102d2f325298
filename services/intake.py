"""How does a post get from a network into the store? Poll, store with its cursor, attach to its case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collectors.protocol import Gap, Page
from domain.brand import Watch
from services.context import Context


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What one round over one watch on one channel brought."""

    channel: str
    watch_id: int
    fetched: int
    stored: int
    duplicates: int
    quarantined: int
    complete_up_to: datetime | None
    gaps: tuple[Gap, ...] = ()
    error: str | None = None


def poll(ctx: Context, channel: str, watch_id: int) -> PollOutcome:
    """Fetch and store every page the channel has for this watch now."""
    raise NotImplementedError


def poll_due(ctx: Context, *, worker: str) -> list[PollOutcome]:
    """Poll whatever is due, one poller per channel and watch by lease."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class StoreOutcome:
    """What one page brought."""

    stored: int
    duplicates: int
    quarantined: int


def store(ctx: Context, watch: Watch, page: Page, *, received_at: datetime | None = None) -> StoreOutcome:
    """Store one page, its cases and its cursor in one transaction."""
    raise NotImplementedError
