"""Where does a channel's stream go on, and how does it stand? One row per channel, written by whoever listens."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from db.conflicts import insert_new
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


def cursor(tx: Connection, channel: str) -> str | None:
    """Up to where the stream of this channel has been stored."""
    return tx.execute(select(streams.c.cursor).where(streams.c.channel == channel)).scalar_one_or_none()


def change(tx: Connection, channel: str, **values: Any) -> None:
    """Write down where the stream goes on, or how it stands."""
    tx.execute(insert_new(tx, streams).values(channel=channel))
    tx.execute(update(streams).where(streams.c.channel == channel).values(**values))


def failed(tx: Connection, channel: str, error: str, *, at: datetime) -> None:
    """The stream broke; since when is kept until it stands again."""
    tx.execute(insert_new(tx, streams).values(channel=channel))
    mine = update(streams).where(streams.c.channel == channel)
    tx.execute(mine.where(streams.c.failing_since.is_(None)).values(failing_since=at))
    tx.execute(mine.values(last_error=error[:500]))
