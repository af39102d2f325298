"""How does each channel's stream stand, as its listener last wrote it down?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from db.tables import streams


@dataclass(frozen=True, slots=True)
class StreamState:
    """The stream of one channel. ``failing_since`` None: it is connected, or was when last seen."""

    channel: str
    connected_at: datetime | None
    last_event_at: datetime | None
    failing_since: datetime | None
    last_error: str | None


def of(tx: Connection, channels: Collection[str]) -> dict[str, StreamState]:
    """The streams of these channels that have ever run, by channel."""
    columns = [streams.c[name] for name in StreamState.__slots__]
    rows = tx.execute(select(*columns).where(streams.c.channel.in_(channels)))
    return {row[0]: StreamState(*row) for row in rows}
