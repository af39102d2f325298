"""Where people are told, sealed, and when they are left in peace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from db.conflicts import upsert
from db.tables import alert_addresses, alert_quiet
from domain.alert import AlertKind, Medium
from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class AddressRow:
    """One address. ``user_id`` None: the team's, or (with ``schedule_id``) where a scheduled export goes."""

    id: int
    user_id: int | None
    made_by_id: int | None
    medium: Medium
    service: str
    hint: str
    sealed: str = field(repr=False)
    language: str
    kinds: tuple[AlertKind, ...]
    schedule_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class QuietRow:
    """The hours in which one colleague is left in peace."""

    user_id: int
    timezone: str
    from_min: int
    until_min: int
    urgent_anyway: bool


_READ = select(*(alert_addresses.c[name] for name in AddressRow.__slots__))


def _row(found: Any) -> AddressRow:
    values = dict(found._mapping)
    kinds = tuple(AlertKind(each) for each in values["kinds"])
    return AddressRow(**(values | {"medium": Medium(values["medium"]), "kinds": kinds}))


def add(tx: Connection, **values: Any) -> int:
    """Store an address, not sealed yet: what it is sealed for names its number. Returns that."""
    statement = insert(alert_addresses).values(sealed="", **values)
    return int(tx.execute(statement.returning(alert_addresses.c.id)).scalar_one())


def seal(tx: Connection, address_id: int, sealed: str) -> None:
    """Store the sealed address itself."""
    tx.execute(update(alert_addresses).where(alert_addresses.c.id == address_id).values(sealed=sealed))


def get(tx: Connection, address_id: int) -> AddressRow:
    """One address; NotFound."""
    row = tx.execute(_READ.where(alert_addresses.c.id == address_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no address {address_id}.", entity="alert_address", id=address_id)
    return _row(row)


def of_user(tx: Connection, user_id: int) -> list[AddressRow]:
    """A colleague's own, the oldest first."""
    return [_row(each) for each in tx.execute(_READ.where(alert_addresses.c.user_id == user_id).order_by("id"))]


def of_team(tx: Connection) -> list[AddressRow]:
    """Those nobody has for themselves alone, the oldest first; not those of scheduled exports."""
    mine = _READ.where(alert_addresses.c.user_id.is_(None), alert_addresses.c.schedule_id.is_(None))
    return [_row(each) for each in tx.execute(mine.order_by(alert_addresses.c.id))]


def of_schedule(tx: Connection, schedule_id: int) -> list[AddressRow]:
    """Where the files of a scheduled export go."""
    return [_row(each) for each in tx.execute(_READ.where(alert_addresses.c.schedule_id == schedule_id))]


def reached_by(tx: Connection, kind: AlertKind) -> list[AddressRow]:
    """Every address that wants this kind."""
    rows = tx.execute(_READ.where(alert_addresses.c.schedule_id.is_(None)).order_by(alert_addresses.c.id))
    return [row for row in map(_row, rows) if kind in row.kinds]


def set_kinds(tx: Connection, address_id: int, kinds: Iterable[AlertKind]) -> None:
    """Which kinds reach it from now on."""
    values = {"kinds": [str(kind) for kind in kinds]}
    tx.execute(update(alert_addresses).where(alert_addresses.c.id == address_id).values(**values))


def remove(tx: Connection, address_id: int) -> None:
    """Forget an address, and what is still to go there."""
    tx.execute(delete(alert_addresses).where(alert_addresses.c.id == address_id))


def quiet_of(tx: Connection, user_id: int) -> QuietRow | None:
    """When a colleague is left in peace; None: at no time."""
    row = tx.execute(select(alert_quiet).where(alert_quiet.c.user_id == user_id)).one_or_none()
    return None if row is None else QuietRow(**row._mapping)


def set_quiet(tx: Connection, row: QuietRow) -> None:
    """Leave a colleague in peace from now on at these hours."""
    values = {name: getattr(row, name) for name in QuietRow.__slots__}
    upsert(tx, alert_quiet, keys=["user_id"], values=values)


def no_quiet(tx: Connection, user_id: int) -> None:
    """At no time any more."""
    tx.execute(delete(alert_quiet).where(alert_quiet.c.user_id == user_id))
