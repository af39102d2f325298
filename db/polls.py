"""Polling: what is due, who polls it, where the next fetch goes on, how complete it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select, update

from db.conflicts import insert_new
from db.tables import polls, watches
from domain.clock import CLOCK_SKEW


@dataclass(frozen=True, slots=True)
class PollRow:
    """One channel under one watch."""

    id: int
    channel: str
    watch_id: int
    cursor: str | None
    next_poll_at: datetime
    lease_owner: str | None
    lease_until: datetime | None
    last_success_at: datetime | None
    complete_up_to: datetime | None
    failing_since: datetime | None
    last_error: str | None
    stopped: bool


_COLUMNS = [polls.c[name] for name in PollRow.__slots__]


def ensure(tx: Connection, channel: str, *, watch_id: int, now: datetime) -> None:
    """Make sure this channel is polled for this watch; due at once when new."""
    values = {"channel": channel, "watch_id": watch_id, "next_poll_at": now, "stopped": False}
    tx.execute(insert_new(tx, polls).values(**values))


def get(tx: Connection, channel: str, *, watch_id: int) -> PollRow | None:
    """The state of this channel under this watch."""
    query = select(*_COLUMNS).where(polls.c.channel == channel, polls.c.watch_id == watch_id)
    row = tx.execute(query).one_or_none()
    return None if row is None else PollRow(**row._mapping)


def of_brand(tx: Connection, brand_id: int) -> list[tuple[PollRow, str]]:
    """Every channel of the brand with the name of its watch."""
    query = select(*_COLUMNS, watches.c.name).join(watches).where(watches.c.brand_id == brand_id, watches.c.active)
    rows = tx.execute(query.order_by(polls.c.channel, watches.c.name))
    return [(PollRow(*row[:-1]), row[-1]) for row in rows]


def lease_next(tx: Connection, *, owner: str, now: datetime, until: datetime) -> PollRow | None:
    """Take the lease of whatever is due longest; None when nothing is.

    What was last polled in a time to come was polled before the clock was set back: it is due.
    """
    due = (
        select(polls.c.id)
        .join(watches)
        .where(or_(polls.c.next_poll_at <= now, polls.c.last_success_at > now + CLOCK_SKEW))
        .where(~polls.c.stopped, watches.c.active, _unleased(now, until))
        .order_by(polls.c.next_poll_at)
        .limit(1)
        .with_for_update(skip_locked=True, of=polls)
    )
    poll_id = tx.execute(due).scalar_one_or_none()
    if poll_id is None:
        return None
    mine = update(polls).where(polls.c.id == poll_id).values(lease_owner=owner, lease_until=until)
    return PollRow(**tx.execute(mine.returning(*_COLUMNS)).one()._mapping)


def _unleased(now: datetime, until: datetime) -> ColumnElement[bool]:
    over = or_(polls.c.lease_until < now, polls.c.lease_until > until + CLOCK_SKEW)
    return or_(polls.c.lease_until.is_(None), over)


def lease(tx: Connection, poll_id: int, *, owner: str, now: datetime, until: datetime) -> bool:
    """Take or renew the lease of one poll; False while another owner holds it."""
    free = or_(_unleased(now, until), polls.c.lease_owner == owner)
    mine = update(polls).where(polls.c.id == poll_id, free).values(lease_owner=owner, lease_until=until)
    return tx.execute(mine).rowcount == 1


def change(tx: Connection, channel: str, *, watch_id: int, holder: str | None, **values: Any) -> bool:
    """Write down how a poll went, or where the next one goes on; False when ``holder`` has lost the lease.

    A poller that was too slow must neither turn the cursor back nor end its successor's lease.
    """
    mine = update(polls).where(polls.c.channel == channel, polls.c.watch_id == watch_id)
    if holder is not None:
        mine = mine.where(polls.c.lease_owner == holder)
    return tx.execute(mine.values(**values)).rowcount == 1


def failing(tx: Connection) -> list[PollRow]:
    """Polls that did not succeed the last time."""
    query = select(*_COLUMNS).where(or_(polls.c.failing_since.is_not(None), polls.c.stopped)).order_by(polls.c.id)
    return [PollRow(*row) for row in tx.execute(query)]
