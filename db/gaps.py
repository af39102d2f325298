"""Holes in what was heard: noted once, merged where they touch, known to people, closed when a page fills them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from db.tables import gaps, watches

#: A page of holes: what is older than so many newer ones is no longer read.
SHOWN = 500


@dataclass(frozen=True, slots=True)
class GapRow:
    """One hole of one watch on one channel. ``known_at``: since when people know of it."""

    id: int
    channel: str
    watch_id: int
    from_at: datetime
    to_at: datetime
    reason: str
    noted_at: datetime
    known_at: datetime | None


_COLUMNS = [gaps.c[name] for name in GapRow.__slots__]


def note(
    tx: Connection,
    channel: str,
    *,
    watch_id: int,
    from_at: datetime,
    to_at: datetime,
    reason: str,
    now: datetime,
    lasts: bool = False,
) -> None:
    """Note a hole; with those of the same reason that it touches it becomes one. The same hole twice is one.

    What grows is news again, unless it ``lasts``: then it grows by itself, and was told when it began.
    """
    from_at, to_at, noted_at, known_at = min(from_at, to_at), max(from_at, to_at), now, None
    touching = select(*_COLUMNS).where(
        gaps.c.channel == channel,
        gaps.c.watch_id == watch_id,
        gaps.c.reason == reason[:300],
        gaps.c.from_at <= to_at,
        gaps.c.to_at >= from_at,
    )
    for known in [GapRow(*row) for row in tx.execute(touching)]:
        if lasts or (known.from_at <= from_at and to_at <= known.to_at):
            noted_at, known_at = known.noted_at, known.known_at
        from_at, to_at = min(from_at, known.from_at), max(to_at, known.to_at)
        tx.execute(delete(gaps).where(gaps.c.id == known.id))
    _insert(tx, GapRow(0, channel, watch_id, from_at, to_at, reason, noted_at, known_at))


def know(tx: Connection, watch_ids: Collection[int], *, at: datetime) -> int:
    """People know of the holes of these watches; returns of how many they had not."""
    news = update(gaps).where(gaps.c.watch_id.in_(watch_ids), gaps.c.known_at.is_(None))
    return tx.execute(news.values(known_at=at)).rowcount


def close(tx: Connection, channel: str, *, watch_id: int, from_at: datetime, to_at: datetime) -> None:
    """Everything of this stretch has been heard after all: holes in it go, longer ones keep what is outside."""
    inside = select(*_COLUMNS).where(
        gaps.c.channel == channel, gaps.c.watch_id == watch_id, gaps.c.from_at < to_at, gaps.c.to_at > from_at
    )
    for hole in [GapRow(*row) for row in tx.execute(inside)]:
        tx.execute(delete(gaps).where(gaps.c.id == hole.id))
        if hole.from_at < from_at:
            _insert(tx, replace(hole, to_at=from_at))
        if hole.to_at > to_at:
            _insert(tx, replace(hole, from_at=to_at))


def _insert(tx: Connection, hole: GapRow) -> None:
    values = {name: getattr(hole, name) for name in GapRow.__slots__ if name != "id"}
    tx.execute(insert(gaps).values(**values | {"reason": hole.reason[:300]}))


def of_brand(tx: Connection, brand_id: int) -> list[GapRow]:
    """The holes of the brand's active watches, the newest first."""
    query = select(*_COLUMNS).join(watches).where(watches.c.brand_id == brand_id, watches.c.active)
    return [GapRow(*row) for row in tx.execute(query.order_by(gaps.c.to_at.desc(), gaps.c.id).limit(SHOWN))]


def of_poll(tx: Connection, channel: str, *, watch_id: int) -> list[GapRow]:
    """The holes of one watch on one channel, the oldest first."""
    query = select(*_COLUMNS).where(gaps.c.channel == channel, gaps.c.watch_id == watch_id)
    newest = tx.execute(query.order_by(gaps.c.to_at.desc(), gaps.c.id).limit(SHOWN))
    return sorted((GapRow(*row) for row in newest), key=lambda hole: (hole.from_at, hole.to_at))
