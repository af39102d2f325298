"""Cases of many customers at once: the live ones, those closed lately, new ones in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text

from db.cases import CaseRow, from_row
from db.conflicts import insert_new
from db.tables import case_events, case_mentions, cases
from db.tables.desk import LIVE
from domain.states import CaseState

_COLUMNS = [cases.c[name] for name in CaseRow.__slots__]


def live_of_customers(tx: Connection, customer_ids: Sequence[int], *, brand_id: int) -> dict[int, CaseRow]:
    """The live case of each of these customers who has one."""
    query = select(*_COLUMNS).where(cases.c.brand_id == brand_id, cases.c.customer_id.in_(customer_ids), text(LIVE))
    return {row.customer_id: from_row(row) for row in tx.execute(query)}


def closed_since(tx: Connection, customer_ids: Sequence[int], *, brand_id: int, since: datetime) -> dict[int, CaseRow]:
    """The resolved case each of these customers closed last, if that was after ``since`` and somebody owned it."""
    query = select(*_COLUMNS).where(
        cases.c.brand_id == brand_id,
        cases.c.customer_id.in_(customer_ids),
        cases.c.state == CaseState.RESOLVED,
        cases.c.owner_id.is_not(None),
        cases.c.closed_at > since,
    )
    ordered = tx.execute(query.order_by(cases.c.closed_at, cases.c.id))
    return {row.customer_id: from_row(row) for row in ordered}


def attached(tx: Connection, mention_ids: Sequence[int], *, brand_id: int) -> dict[int, int]:
    """The case with this brand of each of these posts that has one."""
    query = select(case_mentions.c.mention_id, case_mentions.c.case_id).join(cases)
    rows = tx.execute(query.where(case_mentions.c.mention_id.in_(mention_ids), cases.c.brand_id == brand_id))
    return {row.mention_id: row.case_id for row in rows}


def attach_many(tx: Connection, pairs: Sequence[tuple[int, int]], *, at: datetime) -> None:
    """Make posts part of cases, by (case, mention)."""
    if pairs:
        rows = [{"case_id": case_id, "mention_id": mention_id, "added_at": at} for case_id, mention_id in pairs]
        tx.execute(insert_new(tx, case_mentions), rows)


def create_many(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert cases; returns their ids in the order given."""
    if not rows:
        return []
    made = insert(cases).returning(cases.c.id, sort_by_parameter_order=True)
    return list(tx.execute(made, list(rows)).scalars())


def record_many(tx: Connection, case_ids: Sequence[int], kind: str, *, at: datetime) -> None:
    """Append the same event, without details or actor, to many cases."""
    if case_ids:
        rows: list[dict[str, Any]] = [
            {"case_id": i, "at": at, "actor_id": None, "kind": kind, "details": {}} for i in case_ids
        ]
        tx.execute(insert(case_events), rows)


def live_of_all(tx: Connection, customer_ids: Sequence[int]) -> list[CaseRow]:
    """Every live case of these customers, with whatever brand, oldest first."""
    query = select(*_COLUMNS).where(cases.c.customer_id.in_(customer_ids), text(LIVE)).order_by(cases.c.id)
    return [from_row(row) for row in tx.execute(query)]
