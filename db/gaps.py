"""Known holes in what was heard: noted once, merged where they touch, closed when a later page fills them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from db.tables import gaps, watches

#: A page of holes: what is older than so many newer ones is no longer read.
SHOWN = 500


@dataclass(frozen=True, slots=True)
class GapRow:
    """One hole of one watch on one channel."""

    id: int
    channel: str
    watch_id: int
    from_at: datetime
    to_at: datetime
    reason: str
    noted_at: datetime


_COLUMNS = [gaps.c[name] for name in GapRow.__slots__]


def note(
    tx: Connection, channel: str, *, watch_id: int, from_at: datetime, to_at: datetime, reason: str, now: datetime
) -> None:
    """Note a hole; with those of the same reason that it touches it becomes one. The same hole twice is one."""
    from_at, to_at, noted_at = min(from_at, to_at), max(from_at, to_at), now
    touching = select(*_COLUMNS).where(
        gaps.c.channel == channel,
        gaps.c.watch_id == watch_id,
        gaps.c.reason == reason[:300],
        gaps.c.from_at <= to_at,
        gaps.c.to_at >= from_at,
    )
    for known in [GapRow(*row) for row in tx.execute(touching)]:
        from_at, to_at = min(from_at, known.from_at), max(to_at, known.to_at)
        noted_at = min(noted_at, known.noted_at)
        tx.execute(delete(gaps).where(gaps.c.id == known.id))
    _insert(tx, channel, watch_id, from_at, to_at, reason, noted_at)


def close(tx: Connection, channel: str, *, watch_id: int, from_at: datetime, to_at: datetime) -> None:
    """Everything of this stretch has been heard after all: holes in it go, longer ones keep what is outside."""
    inside = select(*_COLUMNS).where(
        gaps.c.channel == channel, gaps.c.watch_id == watch_id, gaps.c.from_at < to_at, gaps.c.to_at > from_at
    )
    for hole in [GapRow(*row) for row in tx.execute(inside)]:
        tx.execute(delete(gaps).where(gaps.c.id == hole.id))
        if hole.from_at < from_at:
            _insert(tx, channel, watch_id, hole.from_at, from_at, hole.reason, hole.noted_at)
        if hole.to_at > to_at:
            _insert(tx, channel, watch_id, to_at, hole.to_at, hole.reason, hole.noted_at)


def _insert(
    tx: Connection, channel: str, watch_id: int, from_at: datetime, to_at: datetime, reason: str, noted_at: datetime
) -> None:
    values = {"channel": channel, "watch_id": watch_id, "from_at": from_at, "to_at": to_at}
    tx.execute(insert(gaps).values(**values, reason=reason[:300], noted_at=noted_at))


def of_brand(tx: Connection, brand_id: int) -> list[GapRow]:
    """The holes of the brand's active watches, the newest first."""
    query = select(*_COLUMNS).join(watches).where(watches.c.brand_id == brand_id, watches.c.active)
    return [GapRow(*row) for row in tx.execute(query.order_by(gaps.c.to_at.desc(), gaps.c.id).limit(SHOWN))]


def of_poll(tx: Connection, channel: str, *, watch_id: int) -> list[GapRow]:
    """The holes of one watch on one channel, the oldest first."""
    query = select(*_COLUMNS).where(gaps.c.channel == channel, gaps.c.watch_id == watch_id)
    newest = tx.execute(query.order_by(gaps.c.to_at.desc(), gaps.c.id).limit(SHOWN))
    return sorted((GapRow(*row) for row in newest), key=lambda hole: (hole.from_at, hole.to_at))
