"""Every attempt to send a reply and every look-up of one, with what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from db.tables import deliveries

PUBLISH, LOOKUP = "publish", "lookup"


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One attempt or look-up; ``finished_at`` None: nobody came back to say."""

    id: int
    reply_id: int
    act: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    detail: str | None


def start(tx: Connection, reply_id: int, act: str, *, at: datetime) -> int:
    """Note that an attempt begins; returns its id."""
    statement = insert(deliveries).values(reply_id=reply_id, act=act, started_at=at)
    return int(tx.execute(statement.returning(deliveries.c.id)).scalar_one())


def finish(tx: Connection, delivery_id: int, outcome: str, *, at: datetime, detail: str | None = None) -> None:
    """Note what came of it. ``detail`` is cut at 500 characters."""
    values = {"finished_at": at, "outcome": outcome, "detail": None if detail is None else detail[:500]}
    tx.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(**values))


def close_open(tx: Connection, reply_id: int, outcome: str, *, at: datetime) -> None:
    """Close what an ended process left open."""
    statement = update(deliveries).where(deliveries.c.reply_id == reply_id, deliveries.c.finished_at.is_(None))
    tx.execute(statement.values(finished_at=at, outcome=outcome))


def of_replies(tx: Connection, reply_ids: Sequence[int]) -> dict[int, list[DeliveryRow]]:
    """All attempts and look-ups of these replies, oldest first."""
    found: dict[int, list[DeliveryRow]] = {}
    if not reply_ids:
        return found
    query = select(deliveries).where(deliveries.c.reply_id.in_(list(reply_ids))).order_by(deliveries.c.id)
    for row in tx.execute(query):
        found.setdefault(row.reply_id, []).append(DeliveryRow(**dict(row._mapping)))
    return found
