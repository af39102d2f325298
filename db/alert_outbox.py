"""Messages to addresses outside the desk: who is sending which, and how each one ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, delete, func, insert, or_, select, text, update

from db.tables import alert_causes, alert_deliveries, brands
from db.tables.alerts import PENDING
from domain.alert import AlertKind, DeliveryState
from domain.clock import CLOCK_SKEW


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One message to one address; ``details`` as ``services.alert_raising`` wrote them."""

    id: int
    address_id: int
    kind: AlertKind
    brand_id: int | None
    details: Mapping[str, Any]
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_at: datetime
    lease_owner: str | None
    lease_until: datetime | None
    ended_at: datetime | None
    error: str | None
    brand: str | None


_OWN = [name for name in DeliveryRow.__slots__ if name != "brand"]
_READ = select(*(alert_deliveries.c[name] for name in _OWN), brands.c.name.label("brand")).outerjoin(
    brands, brands.c.id == alert_deliveries.c.brand_id
)

# Literal: the partial index of what is to be settled is used only where that can be proved.
_PENDING = text(f"alert_deliveries.{PENDING}")


def _row(found: Any) -> DeliveryRow:
    values = dict(found._mapping)
    return DeliveryRow(**(values | {"kind": AlertKind(values["kind"]), "state": DeliveryState(values["state"])}))


def told_at(tx: Connection, kind: AlertKind, *, since: datetime | None = None) -> dict[str, datetime]:
    """When each cause of this kind was last told; with ``since`` those told after it."""
    query = select(alert_causes.c.cause, alert_causes.c.told_at).where(alert_causes.c.kind == kind)
    if since is not None:
        query = query.where(alert_causes.c.told_at > since)
    return {row.cause: row.told_at for row in tx.execute(query)}


def claim(tx: Connection, kind: AlertKind, cause: str, *, now: datetime, told_before: datetime | None) -> bool:
    """Whether this cause is to be told now; whoever gets True tells it, and nobody else does.

    ``told_before``: one that was told before this moment, or is said to be told in times to come (the clock was set
    back), may be told again; None: once is enough.
    """
    mine = and_(alert_causes.c.kind == kind, alert_causes.c.cause == cause)
    known = tx.execute(select(alert_causes.c.told_at).where(mine)).scalar_one_or_none()
    if known is None:
        tx.execute(insert(alert_causes).values(kind=kind, cause=cause, told_at=now))
        return True
    if told_before is None or told_before < known <= now + CLOCK_SKEW:
        return False
    tx.execute(update(alert_causes).where(mine).values(told_at=now))
    return True


def forget_told(tx: Connection, kind: AlertKind, about: int, user_id: int) -> None:
    """What this colleague was to be told of this promise or reply may be told to them anew."""
    mine = alert_causes.c.cause.like(f"{about}:%to {user_id}")
    tx.execute(delete(alert_causes).where(alert_causes.c.kind == kind, mine))


def keep_told(tx: Connection, kind: AlertKind, causes: Collection[str], *, now: datetime) -> None:
    """Remember that these causes were told now, along with one that was claimed."""
    if not causes:
        return
    mine = and_(alert_causes.c.kind == kind, alert_causes.c.cause == bindparam("told"))
    tx.execute(delete(alert_causes).where(mine), [{"told": cause} for cause in causes])
    tx.execute(insert(alert_causes), [{"kind": kind, "cause": cause, "told_at": now} for cause in causes])


def add(
    tx: Connection,
    *,
    address_id: int,
    kind: AlertKind,
    brand_id: int | None,
    details: Mapping[str, object],
    at: datetime,
    attempts: int = 0,
) -> int:
    """Put a message into the outbox; returns its number. ``attempts``: of another one whose place it takes."""
    values = {"address_id": address_id, "kind": kind, "brand_id": brand_id, "details": dict(details)}
    start = {"state": DeliveryState.WAITING, "attempts": attempts, "created_at": at, "next_at": at}
    statement = insert(alert_deliveries).values(**values, **start)
    return int(tx.execute(statement.returning(alert_deliveries.c.id)).scalar_one())


def _free(now: datetime) -> Any:
    """Waiting and due, or left by a worker that died; a lease from before the clock was set back is over.

    So is the wait of a message from times to come.
    """
    lost = or_(alert_deliveries.c.lease_until < now, alert_deliveries.c.lease_until > now + 2 * CLOCK_SKEW)
    return or_(
        and_(
            alert_deliveries.c.state == DeliveryState.WAITING,
            or_(alert_deliveries.c.next_at <= now, alert_deliveries.c.created_at > now + CLOCK_SKEW),
        ),
        and_(alert_deliveries.c.state == DeliveryState.SENDING, lost),
    )


def due(tx: Connection, now: datetime, *, rows: int) -> list[int]:
    """The messages that may go out now, the longest due first."""
    query = select(alert_deliveries.c.id).where(_PENDING, _free(now))
    return list(tx.execute(query.order_by(alert_deliveries.c.next_at, alert_deliveries.c.id).limit(rows)).scalars())


def get(tx: Connection, delivery_id: int) -> DeliveryRow | None:
    """One message; None when it is not there (any more)."""
    row = tx.execute(_READ.where(alert_deliveries.c.id == delivery_id)).one_or_none()
    return None if row is None else _row(row)


def take(tx: Connection, delivery_id: int, worker: str, *, now: datetime, until: datetime) -> DeliveryRow | None:
    """Mark it as being sent by this worker; None when it is not due, or another has it."""
    mine = update(alert_deliveries).where(alert_deliveries.c.id == delivery_id, _free(now))
    values = {
        "state": DeliveryState.SENDING,
        "attempts": alert_deliveries.c.attempts + 1,
        # Of today from here on, or it would be due at every look.
        "created_at": case((alert_deliveries.c.created_at > now, now), else_=alert_deliveries.c.created_at),
        "lease_owner": worker,
        "lease_until": until,
    }
    return get(tx, delivery_id) if tx.execute(mine.values(values)).rowcount == 1 else None


def put_off(tx: Connection, row: DeliveryRow, *, until: datetime, error: str | None, counts: bool = True) -> bool:
    """Later, then; False when somebody else has it by now. Not ``counts``: it was no attempt."""
    attempts = row.attempts if counts else row.attempts - 1
    return _settle(tx, row, state=DeliveryState.WAITING, next_at=until, error=error, attempts=attempts)


def end(tx: Connection, row: DeliveryRow, state: DeliveryState, *, at: datetime, error: str | None = None) -> bool:
    """It ended like this; False when somebody else has it by now."""
    return _settle(tx, row, state=state, ended_at=at, error=error)


def _settle(tx: Connection, row: DeliveryRow, **values: Any) -> bool:
    mine = update(alert_deliveries).where(
        alert_deliveries.c.id == row.id,
        alert_deliveries.c.state == DeliveryState.SENDING,
        alert_deliveries.c.lease_owner == row.lease_owner,
        alert_deliveries.c.attempts == row.attempts,
    )
    return tx.execute(mine.values(**values, lease_owner=None, lease_until=None)).rowcount == 1


def follow(tx: Connection, row: DeliveryRow) -> list[Mapping[str, Any]]:
    """The details of later messages of this kind, to this address about this brand, that are sent or still may be.

    Sent ones too: of two that are due together the later one may have left first.
    """
    query = select(alert_deliveries.c.details).where(
        alert_deliveries.c.state.not_in((DeliveryState.DROPPED, DeliveryState.GIVEN_UP)),
        alert_deliveries.c.id > row.id,
        alert_deliveries.c.address_id == row.address_id,
        alert_deliveries.c.kind == row.kind,
        alert_deliveries.c.brand_id == row.brand_id,
    )
    return list(tx.execute(query).scalars())


def tried(tx: Connection, address_id: int, kind: AlertKind, brand_id: int | None) -> int:
    """How often that message of this kind about this brand was tried which fails most: those not settled yet."""
    query = select(func.max(alert_deliveries.c.attempts)).where(
        _PENDING,
        alert_deliveries.c.address_id == address_id,
        alert_deliveries.c.kind == kind,
        alert_deliveries.c.brand_id == brand_id,
    )
    return tx.execute(query).scalar() or 0


def newest(tx: Connection, address_id: int, *, kind: AlertKind | None = None) -> DeliveryRow | None:
    """The last message to an address, of this kind if one is named."""
    query = _READ.where(alert_deliveries.c.address_id == address_id)
    if kind is not None:
        query = query.where(alert_deliveries.c.kind == kind)
    row = tx.execute(query.order_by(alert_deliveries.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _row(row)


def newest_of_all(tx: Connection, *, rows: int) -> list[DeliveryRow]:
    """The last messages, the newest first."""
    return [_row(each) for each in tx.execute(_READ.order_by(alert_deliveries.c.id.desc()).limit(rows))]


def forget(tx: Connection, *, before: datetime) -> int:
    """Delete what ended, and which causes were told, before this moment."""
    tx.execute(delete(alert_causes).where(alert_causes.c.told_at < before))
    return tx.execute(delete(alert_deliveries).where(alert_deliveries.c.ended_at < before)).rowcount
