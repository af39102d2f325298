"""Where does a channel's stream go on, and how does it stand? One row per channel, written by whoever listens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from db.conflicts import insert_new
from db.tables import streams


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
