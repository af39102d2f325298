"""Cases: read one, find the live one of a customer, change one under its version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from db.tables import case_events, case_mentions, cases
from domain.errors import NotFound, StaleVersion
from domain.states import CaseState

LIVE_STATES = (CaseState.NEW, CaseState.OPEN, CaseState.WAITING)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case as stored."""

    id: int
    brand_id: int
    customer_id: int
    state: CaseState
    owner_id: int | None
    owned_since: datetime | None
    version: int
    lock_user_id: int | None
    lock_until: datetime | None
    channel: str
    last_mention_id: int
    sentiment: str
    kind: str
    urgency: float
    urgency_level: int
    unsure: bool
    judged: bool
    priority: float
    reasons: tuple[Mapping[str, Any], ...]
    contacts: int
    hand_overs: int
    opened_at: datetime
    waiting_since: datetime
    last_mention_at: datetime
    last_reply_at: datetime | None
    snoozed_until: datetime | None
    check_back_at: datetime | None
    closed_at: datetime | None
    resolution: str | None


_COLUMNS = [cases.c[name] for name in CaseRow.__slots__]
# Built once: putting a statement of thirty columns together costs more than running it.
_GET = select(*_COLUMNS).where(cases.c.id == bindparam("wanted"))
_RECORD = insert(case_events).returning(case_events.c.id)


def from_row(row: Row[Any]) -> CaseRow:
    """A row of all columns of CaseRow as one."""
    values = dict(row._mapping)
    values["state"] = CaseState(values["state"])
    values["reasons"] = tuple(values["reasons"])
    return CaseRow(**values)


def get(tx: Connection, case_id: int) -> CaseRow:
    """The case; NotFound when there is none."""
    row = tx.execute(_GET, {"wanted": case_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no case {case_id}.", entity="case", id=case_id)
    return from_row(row)


def live_of_customer(tx: Connection, customer_id: int, *, brand_id: int) -> CaseRow | None:
    """The one new, open or waiting case of this customer with this brand, if any."""
    query = select(*_COLUMNS).where(
        cases.c.customer_id == customer_id, cases.c.brand_id == brand_id, cases.c.state.in_(LIVE_STATES)
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else from_row(row)


def last_closed_of_customer(tx: Connection, customer_id: int, *, brand_id: int) -> CaseRow | None:
    """The resolved case of this customer that was closed last, if any."""
    query = (
        select(*_COLUMNS)
        .where(cases.c.customer_id == customer_id, cases.c.brand_id == brand_id, cases.c.state == CaseState.RESOLVED)
        .order_by(cases.c.closed_at.desc(), cases.c.id.desc())
        .limit(1)
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else from_row(row)


def create(tx: Connection, values: Mapping[str, Any]) -> int:
    """Insert a case; returns its id."""
    return int(tx.execute(insert(cases).values(**values).returning(cases.c.id)).scalar_one())


def change(tx: Connection, case: CaseRow, **values: Any) -> int:
    """Change a case that is still as ``case`` was read; returns the new version.

    Raises StaleVersion when somebody changed it in between.
    """
    statement = (
        update(cases)
        .where(cases.c.id == case.id, cases.c.version == case.version)
        .values(version=case.version + 1, **values)
    )
    if tx.execute(statement).rowcount != 1:
        raise StaleVersion("Somebody changed this case in the meantime.", case=case.id)
    return case.version + 1


def attach(tx: Connection, case_id: int, mention_id: int, *, at: datetime) -> None:
    """Make a mention part of a case."""
    tx.execute(insert(case_mentions).values(case_id=case_id, mention_id=mention_id, added_at=at))


def record(
    tx: Connection, case_id: int, kind: str, *, at: datetime, actor_id: int | None = None, **details: object
) -> int:
    """Append an event to the case's history. ``details`` holds ids, codes and moments, never text or names."""
    values = {"case_id": case_id, "at": at, "actor_id": actor_id, "kind": kind, "details": details}
    return int(tx.execute(_RECORD, values).scalar_one())
