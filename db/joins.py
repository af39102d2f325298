"""Who was joined with whom, and what moves with them: accounts, cases, promises and notes of customers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, select, update

from db.tables import authors, cases, customers, joins, mentions, notes, promises, users
from domain.errors import NotFound
from domain.same_person import Basis

#: What belongs to a customer and remembers whose it was.
_BELONGINGS = (authors, cases, notes)


@dataclass(frozen=True, slots=True)
class JoinRow:
    """Two customers that a colleague took for one person."""

    id: int
    kept_customer_id: int
    joined_customer_id: int
    basis: Basis
    mention_id: int | None
    evidence_start: int | None
    evidence_end: int | None
    note_id: int | None
    joined_by_name: str
    joined_at: datetime
    separated_at: datetime | None


_COLUMNS = [joins.c[name] for name in JoinRow.__slots__ if name != "joined_by_name"]
_QUERY = select(*_COLUMNS, users.c.name.label("joined_by_name")).select_from(
    joins.join(users, users.c.id == joins.c.joined_by_id)
)
_NOW = joins.c.separated_at.is_(None)
# Built once: it is asked each time a case is opened, and nearly always nobody is below.
_BELOW = _QUERY.where(joins.c.kept_customer_id == bindparam("wanted"), _NOW)


def _rows(tx: Connection, query: Select[Any], **asked: object) -> list[JoinRow]:
    return [JoinRow(**{**row._mapping, "basis": Basis(row.basis)}) for row in tx.execute(query, asked)]


def get(tx: Connection, join_id: int) -> JoinRow:
    """The join, also one that was taken back; NotFound when there is none."""
    found = _rows(tx, _QUERY.where(joins.c.id == join_id))
    if not found:
        raise NotFound(f"There is no join {join_id}.", entity="join", id=join_id)
    return found[0]


def into(tx: Connection, customer_id: int) -> JoinRow | None:
    """How this customer is part of another one now, if so."""
    found = _rows(tx, _QUERY.where(joins.c.joined_customer_id == customer_id, _NOW))
    return found[0] if found else None


def top(tx: Connection, customer_id: int) -> int:
    """The customer who stands for this one now; itself when nobody else does."""
    above = into(tx, customer_id)
    return customer_id if above is None else top(tx, above.kept_customer_id)


def below(tx: Connection, customer_id: int) -> list[JoinRow]:
    """Every join that made others part of this customer, directly or through one of them, oldest first."""
    found = _rows(tx, _BELOW, wanted=customer_id)
    wanted = [row.joined_customer_id for row in found]
    while wanted:
        rows = _rows(tx, _QUERY.where(joins.c.kept_customer_id.in_(wanted), _NOW))
        found += rows
        wanted = [row.joined_customer_id for row in rows]
    return sorted(found, key=lambda row: row.id)


def add(tx: Connection, values: dict[str, Any]) -> int:
    """Write a join down; returns its id."""
    return int(tx.execute(insert(joins).values(**values).returning(joins.c.id)).scalar_one())


def close(tx: Connection, join_id: int, *, by: int, at: datetime) -> bool:
    """Take a join back; False when it was already."""
    statement = update(joins).where(joins.c.id == join_id, _NOW)
    return tx.execute(statement.values(separated_by_id=by, separated_at=at)).rowcount == 1


def give(tx: Connection, *, joined: int, kept: int) -> None:
    """All that is ``joined``'s becomes ``kept``'s, and remembers whose it was."""
    for table in _BELONGINGS:
        home = func.coalesce(table.c.home_customer_id, joined)
        tx.execute(update(table).where(table.c.customer_id == joined).values(home_customer_id=home, customer_id=kept))
    tx.execute(update(promises).where(promises.c.customer_id == joined).values(customer_id=kept))


def take_back(tx: Connection, *, root: int, homes: Collection[int], to: int) -> None:
    """What belongs to ``homes`` and is ``root``'s now becomes ``to``'s, who is one of them."""
    for table in _BELONGINGS:
        theirs = (table.c.customer_id == root) & table.c.home_customer_id.in_(list(homes))
        tx.execute(update(table).where(theirs).values(customer_id=to))
        at_home = (table.c.customer_id == to) & (table.c.home_customer_id == to)
        tx.execute(update(table).where(at_home).values(home_customer_id=None))


def follow_cases(tx: Connection, customer_ids: Sequence[int]) -> None:
    """Promises and notes of these customers' cases go to whose case it is."""
    for table in (promises, notes):
        owner = select(cases.c.customer_id).where(cases.c.id == table.c.case_id).scalar_subquery()
        here = table.c.customer_id.in_(customer_ids) & table.c.case_id.is_not(None)
        tx.execute(update(table).where(here).values(customer_id=owner))
    at_home = notes.c.customer_id.in_(customer_ids) & (notes.c.home_customer_id == notes.c.customer_id)
    tx.execute(update(notes).where(at_home).values(home_customer_id=None))


def note_last_seen(tx: Connection, customer_ids: Iterable[int]) -> None:
    """When each of them last wrote, by the posts of their accounts; nobody without posts changes."""
    for customer_id in customer_ids:
        posts = mentions.join(authors, authors.c.id == mentions.c.author_id)
        query = select(func.max(mentions.c.published_at)).select_from(posts)
        last = tx.execute(query.where(authors.c.customer_id == customer_id)).scalar()
        if last is not None:
            tx.execute(update(customers).where(customers.c.id == customer_id).values(last_seen_at=last))


def joined_customers() -> Select[Any]:
    """The ids of all customers who are part of another one now, as a query."""
    return select(joins.c.joined_customer_id).where(_NOW)


def accounts_of(tx: Connection, customer_id: int) -> set[int]:
    """The accounts that are this customer's by themselves."""
    alone = (authors.c.customer_id == customer_id) & authors.c.home_customer_id.is_(None)
    return set(tx.execute(select(authors.c.id).where(alone | (authors.c.home_customer_id == customer_id))).scalars())
