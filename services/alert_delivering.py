"""How does a message reach its address at least once? Marked, handed over, recorded: three steps, two transactions.

A worker that dies in between leaves a row under a lease; when that is over another worker sends it, so a message may
come twice and is never lost. Each carries its number, by which a program on the other side knows it again.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db import alert_addresses, alert_outbox, brands, notices, users
from db.alert_addresses import AddressRow
from db.alert_outbox import DeliveryRow
from domain.alert import (
    MOST_ATTEMPTS,
    SAID_AFTER_ATTEMPTS,
    URGENT,
    AlertKind,
    DeliveryState,
    Medium,
    Quiet,
    may_be_told,
    wait_s,
)
from domain.errors import Misconfigured
from domain.people import Right
from services import alert_post, alert_standing, keyring
from services.act import require
from services.alert_files import attached
from services.alert_post import Message, Outcome
from services.context import Context

log = logging.getLogger(__name__)
#: Longer than the courier may take.
LEASE = timedelta(seconds=alert_post.SEND_S + 30)
#: Messages that leave at the same time: a slow receiver keeps no other waiting.
AT_ONCE = 4
#: Trying again does not help: only a person can.
_FOR_GOOD = ("private", "unreadable", "service")
#: Of an address that nothing reaches, its owner is told once in this time.
TOLD_AGAIN = timedelta(hours=24)
UNDELIVERED = "alert_undelivered"


@dataclass(frozen=True, slots=True)
class Told:
    """What a message is about, for whoever finds the words. ``timezone``: the reader's own."""

    delivery_id: int
    kind: AlertKind
    brand: str
    details: Mapping[str, Any]
    language: str
    timezone: str
    desk_url: str
    now: datetime
    medium: Medium


#: Finds the words, in the reader's language.
Speaker = Callable[[Told], Message]
#: Hands one message over.
Post = Callable[[Context, str, Medium, Message], Outcome]


@dataclass(frozen=True, slots=True)
class _Ready:
    row: DeliveryRow
    address: AddressRow
    opened: str
    told: Told


def due(ctx: Context, *, limit: int = 100) -> list[int]:
    """The messages that may leave now."""
    with ctx.store.read() as tx:
        return alert_outbox.due(tx, ctx.clock(), rows=limit)


def newest(ctx: Context, *, rows: int) -> list[DeliveryRow]:
    """What was sent last to whichever address, the newest first. Needs Right.TEAM."""
    require(ctx, Right.TEAM, action="alert.read", entity="alert_address")
    with ctx.store.read() as tx:
        return alert_outbox.newest_of_all(tx, rows=rows)


def deliver_due(ctx: Context, speak: Speaker, *, worker: str, post: Post = alert_post.send) -> Counter[str]:
    """Send what is due, some at a time; returns how they ended, by state."""
    numbers = due(ctx)
    if not numbers:
        return Counter()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="alert") as pool:
        ended = pool.map(lambda number: deliver_one(ctx, speak, number, worker=worker, post=post), numbers)
        return Counter(str(state) for state in ended if state is not None)


def deliver_one(
    ctx: Context, speak: Speaker, delivery_id: int, *, worker: str, post: Post = alert_post.send
) -> DeliveryState | None:
    """Send this message if it is due; None when it is not, or another worker has it."""
    with ctx.store.write() as tx:
        row = alert_outbox.take(tx, delivery_id, worker, now=ctx.clock(), until=ctx.clock() + LEASE)
        if row is None:
            return None
        ready = _prepare(tx, ctx, row)
    if isinstance(ready, DeliveryState):
        return ready
    return _record(ctx, ready, _hand_over(ctx, speak, ready, post))


def _hand_over(ctx: Context, speak: Speaker, ready: _Ready, post: Post) -> Outcome:
    """One attempt. Whatever breaks on the way (its file is gone, say) is an attempt that failed, and is counted."""
    try:
        message = attached(ctx, ready.told.details, speak(ready.told))
        return post(ctx, ready.opened, ready.address.medium, message)
    except Exception as error:  # noqa: BLE001 - left unsaid it would be tried for days
        # No traceback: what is being sent, and where to, stands in it.
        log.warning("alert not handed over delivery=%s error=%s", ready.row.id, type(error).__name__)
        return Outcome(False, "broken")


def _prepare(tx: Connection, ctx: Context, row: DeliveryRow) -> _Ready | DeliveryState:
    """Whether it may leave now, and everything it needs; else how it ended or that it waits."""
    address, now = alert_addresses.get(tx, row.address_id), ctx.clock()
    if not _may_hear(tx, address, row.kind):
        if address.user_id is not None:
            alert_standing.not_told(tx, row, address.user_id)
        return _end(tx, row, DeliveryState.DROPPED, now, "not_allowed")
    if (until := _quiet_until(tx, address, row.kind, now)) is not None:
        alert_outbox.put_off(tx, row, until=until, error=row.error, counts=False)
        return DeliveryState.WAITING
    details = alert_standing.standing(tx, ctx, row)
    if details is None:
        return _end(tx, row, DeliveryState.DROPPED, now, "over")
    try:
        opened = keyring.of(ctx.settings).open(address.sealed, purpose=f"alert {address.id}")
    except Misconfigured as error:
        return _failed(tx, row, address, now, str(error.values.get("what", "key_wrong")))
    told = Told(
        delivery_id=row.id,
        kind=row.kind,
        brand=row.brand or "",
        details=details,
        language=address.language if address.user_id is None else users.get(tx, address.user_id).language,
        timezone=_timezone(tx, ctx, row, address),
        desk_url=desk_url(ctx),
        now=now,
        medium=address.medium,
    )
    return _Ready(row, address, opened, told)


def desk_url(ctx: Context) -> str:
    """Where the desk is, for links in what is sent."""
    settings = ctx.settings
    return settings.desk_url.rstrip("/") or f"http://{settings.host}:{settings.port}"


def _may_hear(tx: Connection, address: AddressRow, kind: AlertKind) -> bool:
    """Rights are asked when it is sent: who left meanwhile, or is away, hears nothing."""
    if address.user_id is None:
        return True
    member = users.get(tx, address.user_id)
    return member.active if kind is AlertKind.TEST else may_be_told(member, kind)


def _quiet_until(tx: Connection, address: AddressRow, kind: AlertKind, now: datetime) -> datetime | None:
    """When it may be told, where a person is left in peace now. What they asked for themselves comes at once."""
    if address.user_id is None or kind in (AlertKind.TEST, AlertKind.EXPORT):
        return None
    row = alert_addresses.quiet_of(tx, address.user_id)
    if row is None or (kind in URGENT and row.urgent_anyway):
        return None
    return Quiet(row.from_min, row.until_min, row.timezone).ends(now)


def _timezone(tx: Connection, ctx: Context, row: DeliveryRow, address: AddressRow) -> str:
    quiet = None if address.user_id is None else alert_addresses.quiet_of(tx, address.user_id)
    if quiet is not None:
        return quiet.timezone
    return ctx.settings.timezone if row.brand_id is None else brands.get(tx, row.brand_id).timezone


def _record(ctx: Context, ready: _Ready, outcome: Outcome) -> DeliveryState:
    with ctx.store.write() as tx:
        now = ctx.clock()
        if outcome.ok:
            return _end(tx, ready.row, DeliveryState.SENT, now, None)
        return _failed(tx, ready.row, ready.address, now, outcome.code or "refused")


def _end(tx: Connection, row: DeliveryRow, state: DeliveryState, now: datetime, error: str | None) -> DeliveryState:
    alert_outbox.end(tx, row, state, at=now, error=error)
    return state


def _failed(tx: Connection, row: DeliveryRow, address: AddressRow, now: datetime, code: str) -> DeliveryState:
    """Later again; after some times it is said on the desk. After many, or where only a person can help, given up."""
    wait = timedelta(seconds=wait_s(row.attempts, chance=random.random()))
    if row.attempts < MOST_ATTEMPTS and code.partition("_")[0] not in _FOR_GOOD:
        if alert_outbox.put_off(tx, row, until=now + wait, error=code) and row.attempts >= SAID_AFTER_ATTEMPTS:
            _say_so(tx, row, address, now)
        return DeliveryState.WAITING
    if alert_outbox.end(tx, row, DeliveryState.GIVEN_UP, at=now, error=code):
        _say_so(tx, row, address, now)
    return DeliveryState.GIVEN_UP


def _say_so(tx: Connection, row: DeliveryRow, address: AddressRow, now: datetime) -> None:
    """A notice on the desk for whose address it is, else for whoever set it up, else for who leads the team."""
    if not alert_outbox.claim(tx, AlertKind.TEST, f"undelivered:{address.id}", now=now, told_before=now - TOLD_AGAIN):
        return
    leaders = [each.id for each in users.everybody(tx) if each.active and Right.TEAM in each.rights]
    mine = address.user_id or address.made_by_id
    for user_id in [mine] if mine is not None else leaders:
        details = {"address": address.id}
        notices.add(tx, user_id=user_id, kind=UNDELIVERED, case_id=None, at=now, details=details)
