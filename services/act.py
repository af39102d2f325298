"""One act of somebody: the right is checked, the transaction opened, the audit line written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from db import audit
from domain.errors import NotAllowed, Refused
from domain.people import Member, Right
from services.context import Context
from services.refusals import EACH


@dataclass(slots=True)
class Act:
    """An act under way. ``details`` (ids and codes only) go into the audit line."""

    tx: Connection
    now: datetime
    user_id: int | None
    entity_id: int | None
    details: dict[str, object] = field(default_factory=dict)


@contextmanager
def act(
    ctx: Context,
    action: str,
    entity: str,
    entity_id: int | None = None,
    *,
    needs: Right,
    reason: str | None = None,
    durable: bool = False,
    beside: bool = False,
) -> Iterator[Act]:
    """A write transaction for one act, with its audit line inside; ``durable`` and ``beside`` as in ``Store.write``.

    Raises NotAllowed when the actor lacks ``needs``. A refusal (this one, or any Refused raised
    inside) rolls the act back and leaves a line with outcome ``refused``, unless a minute has many of them.
    """
    try:
        if needs not in ctx.actor.rights:
            raise NotAllowed(action=action, needs=str(needs))
        with ctx.store.write(durable=durable, beside=beside) as tx:
            running = Act(tx, ctx.clock(), ctx.actor.user_id, entity_id)
            yield running
            _write_line(ctx, tx, action, entity, running.entity_id, "done", reason, running.details)
    except Refused as refusal:
        write_refusal(ctx, action, entity, entity_id, error=refusal.key, reason=reason, why=_why(refusal))
        raise


def require(ctx: Context, needs: Right, *, action: str, entity: str = "page") -> None:
    """Refuse, and audit the refusal, when the actor lacks a right that reading needs."""
    if needs not in ctx.actor.rights:
        write_refusal(ctx, action, entity, None, error=NotAllowed.key)
        raise NotAllowed(action=action, needs=str(needs))


def write_refusal(
    ctx: Context,
    action: str,
    entity: str,
    entity_id: int | None,
    *,
    error: str,
    reason: str | None = None,
    why: str | None = None,
    address: str = "",
) -> None:
    """Leave a line about a refusal; of many within a minute only some, with their count (``services.refusals``).

    ``why`` is the stable word of the refusal, if it has one. ``address`` tells visitors apart who have no name; it
    is not written down.
    """
    now = ctx.clock()
    n = ctx.refusals.count(address or ctx.actor.name, action, now=now)
    if n is None:
        return
    told: dict[str, object] = (
        {"error": error} | ({"why": why} if why else {}) | ({"in_a_minute": n} if n > EACH else {})
    )
    with ctx.store.write() as tx:
        _write_line(ctx, tx, action, entity, entity_id, "refused", reason, told)


def _why(refusal: Refused) -> str | None:
    why = refusal.values.get("reason")
    return why if isinstance(why, str) and why.isidentifier() else None


def acting_member(ctx: Context) -> Member:
    """The colleague who acts; NotAllowed for the command line without ``--as`` and for the desk itself."""
    if ctx.actor.member is None:
        raise NotAllowed("This needs a person: name one with --as.", action="act")
    return ctx.actor.member


def _write_line(
    ctx: Context,
    tx: Connection,
    action: str,
    entity: str,
    entity_id: int | None,
    outcome: str,
    reason: str | None,
    details: dict[str, object],
) -> None:
    audit.append(
        tx,
        at=ctx.clock(),
        actor=ctx.actor.name,
        user_id=ctx.actor.user_id,
        action=action,
        entity=entity,
        entity_id=entity_id,
        outcome=outcome,
        reason=reason,
        details=details,
    )
