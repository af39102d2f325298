"""The ledger of promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from db.tables import cases, customers, promises, users
from domain.errors import NotFound

OPEN, KEPT, BROKEN = "open", "kept", "broken"


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """One promise with the names around it."""

    id: int
    case_id: int
    customer_id: int
    customer_name: str
    brand_id: int
    channel: str
    reply_id: int | None
    owner_id: int
    owner_name: str
    text: str
    due_at: datetime
    status: str
    created_at: datetime
    closed_at: datetime | None


_OWN = [promises.c[n] for n in ("id", "case_id", "customer_id", "reply_id", "owner_id", "text", "due_at", "status")]
_QUERY = select(
    *_OWN,
    promises.c.created_at,
    promises.c.closed_at,
    customers.c.name.label("customer_name"),
    users.c.name.label("owner_name"),
    cases.c.brand_id,
    cases.c.channel,
).select_from(
    promises.join(cases, cases.c.id == promises.c.case_id)
    .join(customers, customers.c.id == promises.c.customer_id)
    .join(users, users.c.id == promises.c.owner_id)
)


_OF_CASE = _QUERY.where(promises.c.case_id == bindparam("wanted")).order_by(promises.c.due_at, promises.c.id)


def _rows(tx: Connection, query: Select[Any]) -> list[PromiseRow]:
    return [PromiseRow(**dict(row._mapping)) for row in tx.execute(query)]


def get(tx: Connection, promise_id: int) -> PromiseRow:
    """The promise; NotFound when there is none."""
    found = _rows(tx, _QUERY.where(promises.c.id == promise_id))
    if not found:
        raise NotFound(f"There is no promise {promise_id}.", entity="promise", id=promise_id)
    return found[0]


def add(
    tx: Connection,
    *,
    case_id: int,
    customer_id: int,
    owner_id: int,
    text: str,
    due_at: datetime,
    at: datetime,
    reply_id: int | None = None,
) -> int:
    """Write down an open promise; returns its id."""
    values = {"case_id": case_id, "customer_id": customer_id, "owner_id": owner_id, "text": text, "due_at": due_at}
    statement = insert(promises).values(**values, reply_id=reply_id, status=OPEN, created_at=at)
    return int(tx.execute(statement.returning(promises.c.id)).scalar_one())


def close(tx: Connection, promise_id: int, status: str, *, at: datetime) -> bool:
    """Close an open promise as kept or broken; False when it was closed already."""
    statement = update(promises).where(promises.c.id == promise_id, promises.c.status == OPEN)
    return tx.execute(statement.values(status=status, closed_at=at)).rowcount == 1


def open_again(tx: Connection, promise_id: int, *, owner_id: int) -> bool:
    """A closed promise is open again, with this owner; False when it is open already."""
    statement = update(promises).where(promises.c.id == promise_id, promises.c.status != OPEN)
    return tx.execute(statement.values(status=OPEN, closed_at=None, owner_id=owner_id)).rowcount == 1


def move(tx: Connection, case_id: int, *, to_user_id: int) -> int:
    """Open promises of a case go to its new owner; returns how many."""
    statement = update(promises).where(promises.c.case_id == case_id, promises.c.status == OPEN)
    return tx.execute(statement.values(owner_id=to_user_id)).rowcount


def is_open_in(tx: Connection, case_id: int) -> bool:
    """Whether the ledger holds an open promise of this case."""
    query = select(promises.c.id).where(promises.c.case_id == case_id, promises.c.status == OPEN).limit(1)
    return tx.execute(query).first() is not None


def of_case(tx: Connection, case_id: int) -> list[PromiseRow]:
    """All promises of a case, by due date."""
    return [PromiseRow(**dict(row._mapping)) for row in tx.execute(_OF_CASE, {"wanted": case_id})]


def of_customer(tx: Connection, customer_id: int) -> list[PromiseRow]:
    """All promises to a customer, the latest first, 200 at most."""
    query = _QUERY.where(promises.c.customer_id == customer_id)
    return _rows(tx, query.order_by(promises.c.id.desc()).limit(200))


def open_of_brand(tx: Connection, brand_id: int, *, owner_id: int | None = None) -> list[PromiseRow]:
    """Open promises of a brand (or of one owner there), by due date, 500 at most."""
    query = _QUERY.where(cases.c.brand_id == brand_id, promises.c.status == OPEN)
    if owner_id is not None:
        query = query.where(promises.c.owner_id == owner_id)
    return _rows(tx, query.order_by(promises.c.due_at, promises.c.id).limit(500))


def closed_since(tx: Connection, brand_id: int, moment: datetime, *, owner_id: int | None = None) -> list[PromiseRow]:
    """Promises of a brand (or of one owner there) closed since then, the latest first, 50 at most."""
    query = _QUERY.where(cases.c.brand_id == brand_id, promises.c.status != OPEN, promises.c.closed_at >= moment)
    if owner_id is not None:
        query = query.where(promises.c.owner_id == owner_id)
    return _rows(tx, query.order_by(promises.c.closed_at.desc(), promises.c.id.desc()).limit(50))


def open_due_before(tx: Connection, moment: datetime, *, rows: int = 500) -> list[PromiseRow]:
    """Open promises that fall due before ``moment``, the earliest first."""
    query = _QUERY.where(promises.c.status == OPEN, promises.c.due_at <= moment)
    return _rows(tx, query.order_by(promises.c.due_at, promises.c.id).limit(rows))
