"""How does a post get from a network into the store? Poll, store with its cursor, attach to its case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collectors.protocol import Gap
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
