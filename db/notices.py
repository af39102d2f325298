"""Words from the desk to one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from db.tables import cases, customers, notices


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice, with the customer its case is about."""

    id: int
    kind: str
    case_id: int | None
    customer_name: str | None
    at: datetime
    details: Mapping[str, Any]


def add(
    tx: Connection,
    *,
    user_id: int,
    kind: str,
    case_id: int | None,
    at: datetime,
    details: Mapping[str, object] | None = None,
) -> None:
    """Tell somebody something. ``details`` holds ids and codes, never text or names."""
    values = {"user_id": user_id, "kind": kind, "case_id": case_id, "details": dict(details or {}), "at": at}
    tx.execute(insert(notices).values(**values))


def unread(tx: Connection, user_id: int, *, rows: int = 100) -> list[NoticeRow]:
    """What this person has not read, the newest first."""
    query = (
        select(
            notices.c.id,
            notices.c.kind,
            notices.c.case_id,
            customers.c.name.label("customer_name"),
            notices.c.at,
            notices.c.details,
        )
        .select_from(
            notices.outerjoin(cases, cases.c.id == notices.c.case_id).outerjoin(
                customers, customers.c.id == cases.c.customer_id
            )
        )
        .where(notices.c.user_id == user_id, notices.c.read_at.is_(None))
        .order_by(notices.c.id.desc())
        .limit(rows)
    )
    return [NoticeRow(**dict(row._mapping)) for row in tx.execute(query)]


def unread_count(tx: Connection, user_id: int) -> int:
    """How many notices this person has not read."""
    query = select(func.count()).where(notices.c.user_id == user_id, notices.c.read_at.is_(None))
    return tx.execute(query).scalar_one()


def withdraw(tx: Connection, *, kind: str, details: Mapping[str, object]) -> int:
    """What was told is not so any more: whoever has not read it does not have to; returns how many had not."""
    query = select(notices.c.id, notices.c.details).where(notices.c.kind == kind, notices.c.read_at.is_(None))
    theirs = [row.id for row in tx.execute(query) if row.details == dict(details)]
    return tx.execute(delete(notices).where(notices.c.id.in_(theirs))).rowcount if theirs else 0


def mark_read(tx: Connection, user_id: int, ids: Sequence[int], *, at: datetime) -> int:
    """Mark this person's own notices as read; returns how many changed."""
    statement = update(notices).where(
        notices.c.user_id == user_id, notices.c.id.in_(list(ids)), notices.c.read_at.is_(None)
    )
    return tx.execute(statement.values(read_at=at)).rowcount
