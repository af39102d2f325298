"""Who has a case and who is on it: the updates that only one of many at once can win."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, update

from db.tables import cases
from domain.clock import CLOCK_SKEW
from domain.states import CaseState

_CLAIM = (
    update(cases)
    .where(cases.c.id == bindparam("wanted"), cases.c.owner_id.is_(None), cases.c.state == CaseState.NEW)
    .values(
        owner_id=bindparam("user"),
        owned_since=bindparam("moment"),
        state=CaseState.OPEN,
        version=cases.c.version + 1,
    )
)


def claim(tx: Connection, case_id: int, user_id: int, *, at: datetime) -> bool:
    """Give an ownerless new case to this colleague; False when it is not (or no longer) there to take."""
    return tx.execute(_CLAIM, {"wanted": case_id, "user": user_id, "moment": at}).rowcount == 1


def hold_lock(tx: Connection, case_id: int, user_id: int, *, now: datetime, until: datetime) -> bool:
    """Take or renew the lock until ``until``; False while a colleague holds it.

    The case's version stays: typing must not make a colleague's act stale.
    """
    over = or_(cases.c.lock_until <= now, cases.c.lock_until > until + CLOCK_SKEW)
    free = or_(cases.c.lock_user_id.is_(None), cases.c.lock_user_id == user_id, over)
    statement = update(cases).where(cases.c.id == case_id, free).values(lock_user_id=user_id, lock_until=until)
    return tx.execute(statement).rowcount == 1


def drop_lock(tx: Connection, case_id: int, user_id: int) -> bool:
    """Let go of the lock; False when it is not this colleague's."""
    statement = update(cases).where(cases.c.id == case_id, cases.c.lock_user_id == user_id)
    return tx.execute(statement.values(lock_user_id=None, lock_until=None)).rowcount == 1
