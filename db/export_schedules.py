"""Exports by the calendar: what is made again and again, and when it is due next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from db.tables import brands, export_schedules
from domain.errors import NotFound

_FIELDS = (
    *("id", "brand_id", "user_id", "name", "subject", "format", "filter", "style", "words", "identified", "purpose"),
    *("actor", "every", "folder", "active", "created_at", "next_at", "last_at"),
)


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One order that comes back by the calendar."""

    id: int
    brand_id: int
    user_id: int | None
    name: str
    subject: str
    format: str
    filter: dict[str, Any]
    style: dict[str, Any]
    words: list[list[str]]
    identified: bool
    purpose: str | None
    actor: str
    every: str
    folder: str
    active: bool
    created_at: datetime
    next_at: datetime
    last_at: datetime | None
    timezone: str
    brand: str
    slug: str


_READ = select(
    *(export_schedules.c[name] for name in _FIELDS),
    brands.c.timezone,
    brands.c.name.label("brand"),
    brands.c.slug,
).join(brands, brands.c.id == export_schedules.c.brand_id)


def add(tx: Connection, **values: Any) -> int:
    """Store an order by the calendar; returns its id."""
    statement = insert(export_schedules).values(active=True, **values)
    return int(tx.execute(statement.returning(export_schedules.c.id)).scalar_one())


def get(tx: Connection, schedule_id: int) -> ScheduleRow:
    """One order; NotFound."""
    row = tx.execute(_READ.where(export_schedules.c.id == schedule_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no scheduled export {schedule_id}.", entity="export_schedule", id=schedule_id)
    return ScheduleRow(**row._mapping)


def of_brand(tx: Connection, brand_id: int | None = None) -> list[ScheduleRow]:
    """The active orders of a brand (None: of all), the oldest first."""
    query = _READ.where(export_schedules.c.active)
    if brand_id is not None:
        query = query.where(export_schedules.c.brand_id == brand_id)
    return [ScheduleRow(**row._mapping) for row in tx.execute(query.order_by(export_schedules.c.id))]


def due(tx: Connection, *, now: datetime) -> list[ScheduleRow]:
    """The active orders whose moment has come."""
    query = _READ.where(export_schedules.c.active, export_schedules.c.next_at <= now)
    return [ScheduleRow(**row._mapping) for row in tx.execute(query.order_by(export_schedules.c.id))]


def change(tx: Connection, schedule_id: int, **values: Any) -> None:
    """Store new values of an order."""
    tx.execute(update(export_schedules).where(export_schedules.c.id == schedule_id).values(**values))
