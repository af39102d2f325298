"""Exports that were asked for: who wants what, who is making it, how far it is, and until when the file lies here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from db.tables import brands, exports
from domain.errors import NotFound
from domain.export import ExportState

_FIELDS = (
    *("id", "brand_id", "user_id", "schedule_id", "subject", "format", "filter", "style", "words", "identified"),
    *("purpose", "actor", "state", "rows_done", "rows_total", "bytes", "file_name", "stored_name", "attempts"),
    *("lease_owner", "cancel_asked_at", "created_at", "finished_at", "expires_at", "error_key"),
)
_UNDER_WAY = (ExportState.WAITING, ExportState.RUNNING)


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One export as it is stored; ``filter``, ``style`` and ``words`` as ``services.export_orders`` wrote them."""

    id: int
    brand_id: int
    user_id: int | None
    schedule_id: int | None
    subject: str
    format: str
    filter: dict[str, Any]
    style: dict[str, Any]
    words: list[list[str]]
    identified: bool
    purpose: str | None
    actor: str
    state: str
    rows_done: int
    rows_total: int | None
    bytes: int | None
    file_name: str
    stored_name: str | None
    attempts: int
    lease_owner: str | None
    cancel_asked_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    error_key: str | None
    brand: str


_READ = select(*(exports.c[name] for name in _FIELDS), brands.c.name.label("brand")).join(
    brands, brands.c.id == exports.c.brand_id
)


def add(tx: Connection, **values: Any) -> int:
    """Store an export that waits to be made; returns its id."""
    start = {"state": ExportState.WAITING, "rows_done": 0, "attempts": 0}
    return int(tx.execute(insert(exports).values(**start, **values).returning(exports.c.id)).scalar_one())


def get(tx: Connection, export_id: int) -> ExportRow:
    """One export; NotFound."""
    row = tx.execute(_READ.where(exports.c.id == export_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no export {export_id}.", entity="export", id=export_id)
    return ExportRow(**row._mapping)


def page(
    tx: Connection, user_id: int | None, *, brand_id: int | None = None, before_id: int | None = None, rows: int
) -> list[ExportRow]:
    """The exports somebody asked for (None: everybody's), the newest first, below ``before_id``."""
    query = _READ.order_by(exports.c.id.desc()).limit(rows)
    if user_id is not None:
        query = query.where(exports.c.user_id == user_id)
    if brand_id is not None:
        query = query.where(exports.c.brand_id == brand_id)
    if before_id is not None:
        query = query.where(exports.c.id < before_id)
    return [ExportRow(**row._mapping) for row in tx.execute(query)]


def by_calendar(
    tx: Connection, *, brand_id: int | None, identified: bool, before_id: int | None, rows: int
) -> list[ExportRow]:
    """What the calendar ordered (of one brand; with names only where asked), the newest first, below ``before_id``."""
    query = _READ.where(exports.c.schedule_id.is_not(None)).order_by(exports.c.id.desc()).limit(rows)
    if brand_id is not None:
        query = query.where(exports.c.brand_id == brand_id)
    if not identified:
        query = query.where(~exports.c.identified)
    if before_id is not None:
        query = query.where(exports.c.id < before_id)
    return [ExportRow(**row._mapping) for row in tx.execute(query)]


def under_way(tx: Connection, user_id: int) -> int:
    """How many exports of a colleague wait or are being made."""
    query = select(exports.c.id).where(exports.c.user_id == user_id, exports.c.state.in_(_UNDER_WAY))
    return len(tx.execute(query).all())


def take(tx: Connection, worker: str, *, now: datetime, until: datetime) -> ExportRow | None:
    """The next export to make, under a lease for this worker: one that waits, or whose worker is gone."""
    free = or_(
        exports.c.state == ExportState.WAITING,
        and_(exports.c.state == ExportState.RUNNING, exports.c.lease_until < now),
    )
    query = select(exports.c.id).where(exports.c.state.in_(_UNDER_WAY), free).order_by(exports.c.id).limit(1)
    export_id = tx.execute(query).scalar_one_or_none()
    if export_id is None:
        return None
    values = {
        "state": ExportState.RUNNING,
        "lease_owner": worker,
        "lease_until": until,
        "started_at": now,
        "rows_done": 0,
        "attempts": exports.c.attempts + 1,
    }
    tx.execute(update(exports).where(exports.c.id == export_id).values(values))
    return get(tx, export_id)


def advance(tx: Connection, export_id: int, worker: str, *, done: int, total: int, until: datetime) -> bool:
    """Note how far it is and keep the lease; False when it is called off, or somebody else makes it by now."""
    mine = update(exports).where(
        exports.c.id == export_id,
        exports.c.lease_owner == worker,
        exports.c.state == ExportState.RUNNING,
        exports.c.cancel_asked_at.is_(None),
    )
    return tx.execute(mine.values(rows_done=done, rows_total=total, lease_until=until)).rowcount == 1


def finish(tx: Connection, export_id: int, worker: str, state: ExportState, **values: Any) -> bool:
    """Note how it ended; False when somebody else makes it by now."""
    mine = update(exports).where(
        exports.c.id == export_id, exports.c.lease_owner == worker, exports.c.state == ExportState.RUNNING
    )
    return tx.execute(mine.values(state=state, lease_owner=None, lease_until=None, **values)).rowcount == 1


def call_off(tx: Connection, export_id: int, *, at: datetime) -> None:
    """One that waits is cancelled at once, one that is being made is asked to stop."""
    waits = exports.c.state == ExportState.WAITING
    tx.execute(update(exports).where(exports.c.id == export_id).values(cancel_asked_at=at))
    ended = update(exports).where(exports.c.id == export_id, waits)
    tx.execute(ended.values(state=ExportState.CANCELLED, finished_at=at))


def expire(tx: Connection, *, now: datetime, export_id: int | None = None) -> list[str]:
    """Let go of files whose time is over (or of this one's); returns the names under which they lie."""
    over = exports.c.expires_at <= now if export_id is None else exports.c.id == export_id
    query = update(exports).where(exports.c.state == ExportState.DONE, over).values(state=ExportState.EXPIRED)
    return [str(name) for name in tx.execute(query.returning(exports.c.stored_name)).scalars()]


def stored_names(tx: Connection, names: Collection[str]) -> set[str]:
    """Those of these names under which an export's file lies."""
    query = select(exports.c.stored_name).where(exports.c.stored_name.in_(names), exports.c.state == ExportState.DONE)
    return {str(name) for name in tx.execute(query).scalars()}


def forget(tx: Connection, *, before: datetime) -> int:
    """Delete what ended before this moment and has no file any more; the audit keeps who took what."""
    over: Sequence[ExportState] = (ExportState.CANCELLED, ExportState.FAILED, ExportState.EXPIRED)
    return tx.execute(delete(exports).where(exports.c.state.in_(over), exports.c.created_at < before)).rowcount
