"""Who is at the desk, and which case they look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from db.conflicts import upsert
from db.tables import presence, users
from domain.text import name_order

#: Stored for "at the desk, at no case".
NO_CASE = 0


@dataclass(frozen=True, slots=True)
class Present:
    """A colleague who gave a sign of life."""

    user_id: int
    name: str
    case_id: int | None


def see(tx: Connection, user_id: int, case_id: int | None, *, at: datetime) -> None:
    """A sign of life; only the latest is kept."""
    upsert(tx, presence, keys=["user_id"], values={"user_id": user_id, "case_id": case_id or NO_CASE, "seen_at": at})


def online(tx: Connection, *, since: datetime) -> list[Present]:
    """Everybody who gave a sign of life after ``since``, by name."""
    query = (
        select(presence.c.user_id, users.c.name, presence.c.case_id)
        .select_from(presence.join(users, users.c.id == presence.c.user_id))
        .where(presence.c.seen_at > since, users.c.active)
    )
    found = [Present(row.user_id, row.name, row.case_id or None) for row in tx.execute(query)]
    return sorted(found, key=lambda each: (name_order(each.name), each.user_id))
