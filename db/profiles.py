"""What is known of a customer over all their cases, and the list of customers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select, update

from db import joins
from db.tables import authors, brands, case_events, cases, customers, replies, users
from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer as stored."""

    id: int
    name: str
    about: str
    dont_ask_again: str
    preferred_operator_id: int | None
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """One account of a customer on one network."""

    id: int
    customer_id: int
    channel: str
    handle: str
    name: str
    bio: str
    location: str
    followers: int | None
    avatar_url: str | None
    profile_url: str | None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of a customer in short."""

    id: int
    customer_id: int
    brand_id: int
    brand_name: str
    state: str
    kind: str
    urgency_level: int
    owner_name: str | None
    opened_at: datetime
    closed_at: datetime | None
    resolution: str | None


@dataclass(frozen=True, slots=True)
class Answerer:
    """A colleague who has answered a customer."""

    user_id: int
    name: str
    away: bool
    replies: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of a case's history."""

    id: int
    at: datetime
    actor_id: int | None
    actor_name: str | None
    kind: str
    details: dict[str, Any]


_CUSTOMER = [customers.c[name] for name in CustomerRow.__slots__]
# Statements are built once: putting one together costs more than running it.
_GET = select(*_CUSTOMER).where(customers.c.id == bindparam("wanted"))
# Nearly always one customer is asked about: a list would be written into the statement anew each time.
_ACCOUNTS = select(*[authors.c[name] for name in IdentityRow.__slots__]).order_by(authors.c.id)
_IDENTITIES = _ACCOUNTS.where(authors.c.customer_id.in_(bindparam("wanted", expanding=True)))
_IDENTITIES_OF_ONE = _ACCOUNTS.where(authors.c.customer_id == bindparam("wanted"))
_owned = cases.join(brands, brands.c.id == cases.c.brand_id).outerjoin(users, users.c.id == cases.c.owner_id)
_CASE_LINES = (
    select(
        cases.c.id,
        cases.c.customer_id,
        cases.c.brand_id,
        brands.c.name.label("brand_name"),
        cases.c.state,
        cases.c.kind,
        cases.c.urgency_level,
        users.c.name.label("owner_name"),
        cases.c.opened_at,
        cases.c.closed_at,
        cases.c.resolution,
    )
    .select_from(_owned)
    .order_by(cases.c.id.desc())
)
_CASES = _CASE_LINES.where(cases.c.customer_id.in_(bindparam("wanted", expanding=True)))
_CASES_OF_ONE = _CASE_LINES.where(cases.c.customer_id == bindparam("wanted"))
_EVENTS = (
    select(
        case_events.c.id,
        case_events.c.at,
        case_events.c.actor_id,
        users.c.name,
        case_events.c.kind,
        case_events.c.details,
    )
    .select_from(case_events.outerjoin(users, users.c.id == case_events.c.actor_id))
    .where(case_events.c.case_id == bindparam("wanted"))
    .order_by(case_events.c.id.desc())
    .limit(bindparam("rows"))
)


def get(tx: Connection, customer_id: int) -> CustomerRow:
    """The customer; NotFound when there is none."""
    row = tx.execute(_GET, {"wanted": customer_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no customer {customer_id}.", entity="customer", id=customer_id)
    return CustomerRow(*row)


def change(tx: Connection, customer_id: int, **values: Any) -> None:
    """Change what the team has written about a customer; NotFound when there is none."""
    if tx.execute(update(customers).where(customers.c.id == customer_id).values(**values)).rowcount != 1:
        raise NotFound(f"There is no customer {customer_id}.", entity="customer", id=customer_id)


def joined_with(tx: Connection, customer_id: int) -> list[CustomerRow]:
    """Those who are part of this customer now, as they were by themselves."""
    ids = [row.joined_customer_id for row in joins.below(tx, customer_id)]
    if not ids:
        return []
    query = select(*_CUSTOMER).where(customers.c.id.in_(ids)).order_by(customers.c.id)
    return [CustomerRow(*row) for row in tx.execute(query)]


def as_one(row: CustomerRow, others: Sequence[CustomerRow]) -> CustomerRow:
    """What is known of a customer together with those who are part of them."""
    everybody = (row, *others)
    return replace(
        row,
        about="\n".join(dict.fromkeys(each.about for each in everybody if each.about)),
        dont_ask_again="\n".join(dict.fromkeys(each.dont_ask_again for each in everybody if each.dont_ask_again)),
        first_seen_at=min(each.first_seen_at for each in everybody),
    )


def identities(tx: Connection, customer_ids: Sequence[int]) -> list[IdentityRow]:
    """The accounts of these customers."""
    rows = _of(tx, customer_ids, one=_IDENTITIES_OF_ONE, many=_IDENTITIES)
    return [IdentityRow(*row) for row in rows]


def cases_of(tx: Connection, customer_ids: Sequence[int]) -> list[CaseLine]:
    """The cases of these customers, the newest first."""
    return [CaseLine(*row) for row in _of(tx, customer_ids, one=_CASES_OF_ONE, many=_CASES)]


def _of(tx: Connection, ids: Sequence[int], *, one: Select[Any], many: Select[Any]) -> Iterable[Any]:
    return tx.execute(one, {"wanted": ids[0]}) if len(ids) == 1 else tx.execute(many, {"wanted": list(ids)})


def answerers(tx: Connection, customer_id: int) -> list[Answerer]:
    """Who has answered this customer, the most often first."""
    query = (
        select(
            users.c.id.label("user_id"),
            users.c.name,
            users.c.away,
            func.count().label("replies"),
            func.max(replies.c.sent_at).label("last_at"),
        )
        .select_from(
            replies.join(cases, cases.c.id == replies.c.case_id).join(users, users.c.id == replies.c.author_id)
        )
        .where(cases.c.customer_id == customer_id, replies.c.sent_at.is_not(None))
        .group_by(users.c.id, users.c.name, users.c.away)
        .order_by(func.count().desc(), func.max(replies.c.sent_at).desc())
    )
    return [Answerer(**dict(row._mapping)) for row in tx.execute(query)]


def page(tx: Connection, *, search: str, after: tuple[datetime, int] | None, rows: int) -> list[CustomerRow]:
    """Customers by part of name or handle, the last seen first, after (last seen, id).

    Erased ones are left out, and so are those who are part of another one.
    """
    query = select(*_CUSTOMER).where(customers.c.name != "", customers.c.id.not_in(joins.joined_customers()))
    if search:
        pattern = f"%{search.translate({ord(c): chr(92) + c for c in '%_' + chr(92)})}%"
        by_handle = select(authors.c.customer_id).where(
            or_(authors.c.handle.ilike(pattern, escape="\\"), authors.c.name.ilike(pattern, escape="\\"))
        )
        query = query.where(or_(customers.c.name.ilike(pattern, escape="\\"), customers.c.id.in_(by_handle)))
    if after is not None:
        at, customer_id = after
        later = and_(customers.c.last_seen_at == at, customers.c.id < customer_id)
        query = query.where(or_(customers.c.last_seen_at < at, later))
    query = query.order_by(customers.c.last_seen_at.desc(), customers.c.id.desc()).limit(rows)
    return [CustomerRow(**dict(row._mapping)) for row in tx.execute(query)]


def events(tx: Connection, case_id: int, *, rows: int = 100) -> list[EventRow]:
    """The latest lines of a case's history, oldest first."""
    found = tx.execute(_EVENTS, {"wanted": case_id, "rows": rows}).all()
    return [EventRow(*row) for row in reversed(found)]
