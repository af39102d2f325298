"""Insert what is new and leave what is there: one statement on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(tx: Connection, table: Table) -> Any:
    """An INSERT that skips rows which meet a unique constraint."""
    if tx.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def upsert(tx: Connection, table: Table, *, keys: list[str], values: dict[str, Any]) -> None:
    """Insert one row, or change its other columns when the keys are there already."""
    make: Any = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    changed = {name: value for name, value in values.items() if name not in keys}
    tx.execute(make(table).values(**values).on_conflict_do_update(index_elements=keys, set_=changed))
