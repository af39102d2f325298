"""Imports and what they did not use, and raw items put aside."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from db.tables import import_rejects, imports, quarantine
from domain.text import storable


@dataclass(frozen=True, slots=True)
class AsideRow:
    """A raw item that could not be read."""

    id: int
    channel: str
    reason: str
    raw: str
    at: datetime


def begin(tx: Connection, **values: Any) -> int:
    """Open the record of an import; returns its id."""
    zero = {"read": 0, "stored": 0, "duplicates": 0, "rejected": 0}
    return int(tx.execute(insert(imports).values(**zero, **values).returning(imports.c.id)).scalar_one())


def count(tx: Connection, import_id: int, *, read: int, stored: int, duplicates: int, rejected: int) -> None:
    """Bring the sums of an import up to date."""
    sums = {"read": read, "stored": stored, "duplicates": duplicates, "rejected": rejected}
    tx.execute(update(imports).where(imports.c.id == import_id).values(**sums))


def reject(tx: Connection, import_id: int, rows: Sequence[tuple[int, str]]) -> None:
    """Keep the line and the reason of rows that were not used."""
    if rows:
        values = [{"import_id": import_id, "line": line, "reason": reason[:300]} for line, reason in rows]
        tx.execute(insert(import_rejects), values)


def put_aside(tx: Connection, channel: str, items: Sequence[tuple[str, str]], *, at: datetime) -> None:
    """Keep raw items that could not be read, with the reason."""
    if items:
        values = [
            {"channel": channel, "raw": storable(raw)[:50_000], "reason": storable(why)[:500], "at": at}
            for raw, why in items
        ]
        tx.execute(insert(quarantine), values)


def aside(tx: Connection, channels: Collection[str], *, since: datetime, rows: int) -> list[AsideRow]:
    """What these channels brought and nobody could read, the newest first."""
    columns = [quarantine.c[name] for name in AsideRow.__slots__]
    query = select(*columns).where(quarantine.c.channel.in_(channels), quarantine.c.at >= since)
    return [AsideRow(*row) for row in tx.execute(query.order_by(quarantine.c.id.desc()).limit(rows))]
