"""Does a file that the calendar made go along with its letter? A small one without names does; else it says where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db import alert_addresses, alert_outbox, exports
from domain.alert import AlertKind
from domain.errors import NotFound
from domain.export import ExportState
from services.alert_post import Message
from services.context import Context
from services.exports import ready_file

_MB = 1_000_000


def announce(tx: Connection, schedule_id: int, export_id: int, *, brand_id: int, at: datetime) -> int:
    """A file is made: put a letter into the outbox for each address of its schedule; returns how many."""
    found = alert_addresses.of_schedule(tx, schedule_id)
    for row in found:
        details = {"export": export_id}
        alert_outbox.add(tx, address_id=row.id, kind=AlertKind.EXPORT, brand_id=brand_id, details=details, at=at)
    return len(found)


def as_made(tx: Connection, ctx: Context, told: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What the letter says of the file; None when it is not there any more."""
    try:
        row = exports.get(tx, int(told["export"]))
    except NotFound:
        return None
    if row.state != ExportState.DONE:
        return None
    fits = (row.bytes or 0) <= ctx.settings.mail_attach_mb * _MB
    # Names leave the house through the desk's own door alone, where who took them is written down.
    return {**told, "file": row.file_name, "rows": row.rows_done, "attached": fits and not row.identified}


def attached(ctx: Context, details: Mapping[str, Any], message: Message) -> Message:
    """The message with the file it speaks of, if that goes along."""
    if not details.get("attached"):
        return message
    with ctx.store.read() as tx:
        row = exports.get(tx, int(details["export"]))
    file = ready_file(ctx, row)
    return replace(message, attach=[(file.path, file.name)])
