"""The audit trail: who did what, when, why. Append-only, by trigger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from db.tables import audit


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the trail. ``details`` holds ids and codes, never text or names."""

    id: int
    at: datetime
    actor: str
    user_id: int | None
    action: str
    entity: str
    entity_id: int | None
    outcome: str
    reason: str | None
    details: Mapping[str, Any]


_APPEND = insert(audit)


def append(
    tx: Connection,
    *,
    at: datetime,
    actor: str,
    user_id: int | None,
    action: str,
    entity: str,
    entity_id: int | None,
    outcome: str = "done",
    reason: str | None = None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Add one line. ``outcome`` is ``done`` or ``refused``."""
    values = {
        "at": at,
        "actor": actor,
        "user_id": user_id,
        "action": action,
        "entity": entity,
        "entity_id": entity_id,
        "outcome": outcome,
        "reason": None if reason is None else reason[:500],
        "details": dict(details or {}),
    }
    tx.execute(_APPEND, values)


def is_there(tx: Connection, *, action: str, entity: str, entity_id: int, user_id: int | None, since: datetime) -> bool:
    """Whether this colleague has done this since then."""
    here = (audit.c.entity == entity, audit.c.entity_id == entity_id, audit.c.outcome == "done", audit.c.at >= since)
    query = select(audit.c.id).where(*here, audit.c.action == action, audit.c.user_id == user_id).limit(1)
    return tx.execute(query).first() is not None


def page(
    tx: Connection, *, before_id: int | None = None, actor: str | None = None, action: str | None = None, rows: int = 50
) -> list[AuditRow]:
    """The newest lines first, below ``before_id``."""
    query = select(audit).order_by(audit.c.id.desc()).limit(rows)
    if before_id is not None:
        query = query.where(audit.c.id < before_id)
    if actor:
        query = query.where(audit.c.actor == actor)
    if action:
        query = query.where(audit.c.action == action)
    return [AuditRow(**dict(row._mapping)) for row in tx.execute(query)]
