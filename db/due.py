"""Which cases need something because time has passed?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, or_, select, text, update

from db.tables import case_events, cases, presence, users
from domain.states import CaseState


def snoozes(tx: Connection, now: datetime, *, rows: int) -> list[int]:
    """Cases whose snooze is over."""
    query = select(cases.c.id).where(cases.c.snoozed_until <= now)
    return list(tx.execute(query.order_by(cases.c.snoozed_until).limit(rows)).scalars())


def check_backs(tx: Connection, now: datetime, *, rows: int) -> list[int]:
    """Waiting cases that somebody should look at again."""
    # Literal condition: SQLite uses a partial index only when it can prove it without parameters.
    query = select(cases.c.id).where(text("state = 'waiting'"), cases.c.check_back_at <= now)
    return list(tx.execute(query.order_by(cases.c.check_back_at).limit(rows)).scalars())


def locks(tx: Connection, now: datetime, *, rows: int) -> list[int]:
    """Cases somebody was last seen at whose lock ended without being let go.

    Found through the few people at the desk rather than the many cases. Everybody who reads a lock
    compares its end with the clock, so one that is left behind elsewhere says nothing wrong.
    """
    query = select(cases.c.id).where(cases.c.id.in_(select(presence.c.case_id)), cases.c.lock_until <= now)
    return list(tx.execute(query.limit(rows)).scalars())


def clear_lock(tx: Connection, case_id: int, *, now: datetime) -> None:
    """Forget a lock that has ended; one that was renewed meanwhile stays. The version stays too."""
    ended = update(cases).where(cases.c.id == case_id, cases.c.lock_until <= now)
    tx.execute(ended.values(lock_user_id=None, lock_until=None))


def promises_announced(tx: Connection, case_id: int) -> set[tuple[str, int]]:
    """Which promises of a case were announced already, and as what."""
    query = select(case_events.c.kind, case_events.c.details).where(
        case_events.c.case_id == case_id, case_events.c.kind.in_(("promise_due", "promise_overdue"))
    )
    return {(row.kind, int(row.details.get("promise", 0))) for row in tx.execute(query)}


def without_present_owner(tx: Connection, reminded_before: datetime, *, rows: int) -> list[int]:
    """Cases that are our turn while their owner is away or gone, and of which nobody was told lately."""
    told = select(case_events.c.id).where(
        case_events.c.case_id == cases.c.id,
        case_events.c.kind == "needs_owner",
        case_events.c.at > reminded_before,
        case_events.c.at >= cases.c.owned_since,
    )
    absent = select(users.c.id).where(or_(users.c.away, ~users.c.active))
    query = select(cases.c.id).where(cases.c.owner_id.in_(absent), cases.c.state == CaseState.OPEN, ~told.exists())
    return list(tx.execute(query.limit(rows)).scalars())
