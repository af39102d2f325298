"""Is what was to be told still so? Asked right before it leaves: nobody is woken for what a colleague did meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from db import alert_addresses, alert_causes, alert_outbox
from db.alert_outbox import DeliveryRow
from domain.alert import LASTING, AlertKind
from services import alert_channels, alert_raising
from services.alert_files import as_made
from services.alert_looking import budgets_reached, doubtful_since, spike_details, unowned_since
from services.context import Context

#: Later than this nobody needs to hear of it; a file that was made can still be fetched.
OLD, OLD_FILE = timedelta(hours=24), timedelta(days=6)
#: What concerns some alone, and where its number stands.
_ABOUT = {AlertKind.PROMISE: "promise", AlertKind.REPLY: "reply"}


def standing(tx: Connection, ctx: Context, row: DeliveryRow) -> Mapping[str, Any] | None:
    """The details as they are now, with the moments that its sentence names; None when there is nothing to tell."""
    if ctx.clock() - row.created_at > (OLD_FILE if row.kind is AlertKind.EXPORT else OLD):
        return None
    looks = {
        AlertKind.UNOWNED: _unowned,
        AlertKind.PROMISE: _promise,
        AlertKind.REPLY: _reply,
        AlertKind.BLIND: _blind,
        AlertKind.BUDGET: _budget,
        AlertKind.SPIKE: _spike,
        AlertKind.EXPORT: _export,
    }
    if any(_says_it_too(row, later) for later in alert_outbox.follow(tx, row)):
        return None
    look = looks.get(row.kind)
    return row.details if look is None else look(tx, ctx, row)


def _says_it_too(row: DeliveryRow, later: Mapping[str, Any]) -> bool:
    """Of what gathered in a night the last message about the same says it all."""
    if row.kind is AlertKind.BLIND:
        return all(later[name] == row.details[name] for name in ("channel", "state"))
    return row.kind in LASTING


def _unowned(tx: Connection, ctx: Context, row: DeliveryRow) -> Mapping[str, Any] | None:
    left = alert_causes.unowned(tx, since=unowned_since(ctx), now=ctx.clock(), among=row.details["cases"])
    if not left:
        return None
    channels = list(dict.fromkeys(each.channel for each in left))
    since = min(each.waiting_since for each in left).isoformat()
    return {"cases": [each.case_id for each in left], "channels": channels, "since": since}


def _promise(tx: Connection, ctx: Context, row: DeliveryRow) -> Mapping[str, Any] | None:
    now = ctx.clock()
    left = alert_causes.promises_near(tx, before=now, now=now, promise_id=int(row.details["promise"]))
    if not left or not _concerns(tx, row, left[0].owner_id):
        return None
    return {**row.details, "due": left[0].due_at.isoformat()}


def _reply(tx: Connection, ctx: Context, row: DeliveryRow) -> Mapping[str, Any] | None:
    left = alert_causes.replies_in_doubt(tx, since=doubtful_since(ctx), reply_id=int(row.details["reply"]))
    return row.details if left and _concerns(tx, row, left[0].author_id, left[0].owner_id) else None


def _concerns(tx: Connection, row: DeliveryRow, *ids: int | None) -> bool:
    """Whether it is still theirs whose address this is: it may have passed to a colleague in a quiet night."""
    user_id = alert_addresses.get(tx, row.address_id).user_id
    if user_id is None or user_id in alert_raising.concerned(tx, ids):
        return True
    not_told(tx, row, user_id)
    return False


def not_told(tx: Connection, row: DeliveryRow, user_id: int) -> None:
    """A message to this colleague did not leave, for it was not theirs: if it becomes theirs again it is news."""
    if (about := _ABOUT.get(row.kind)) is not None:
        alert_outbox.forget_told(tx, row.kind, int(row.details[about]), user_id)


def _blind(tx: Connection, ctx: Context, row: DeliveryRow) -> Mapping[str, Any] | None:
    told = row.details
    state = alert_channels.state_of(tx, int(told["brand"]), str(told["channel"]))
    return told if state == told["state"] else None


def _budget(tx: Connection, ctx: Context, row: DeliveryRow) -> Mapping[str, Any] | None:
    """Still this month, and its ceiling was not raised meanwhile."""
    return row.details if any(details == row.details for _, details in budgets_reached(ctx, tx)) else None


def _spike(tx: Connection, ctx: Context, row: DeliveryRow) -> Mapping[str, Any] | None:
    told = row.details
    left = alert_causes.spikes_open(tx, since=ctx.clock(), spike_id=int(told["spike"]))
    return {**told, **spike_details(left[0])} if left else None


def _export(tx: Connection, ctx: Context, row: DeliveryRow) -> Mapping[str, Any] | None:
    return as_made(tx, ctx, row.details)
