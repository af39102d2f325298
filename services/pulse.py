"""What has changed on the desk since a window last looked? Asked every few seconds by every window there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from db import queue_pulse
from domain.people import Right
from services.act import require
from services.context import Context

#: Counting stops here.
COUNT_CAP = queue_pulse.COUNT_CAP
#: Time alone wakes what was put off: so long are counts believed while nobody changes anything.
COUNTS_HOLD = timedelta(seconds=30)
#: Who gave no sign of life for longer is no longer at the desk.
ONLINE_WITHIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many cases each tab holds; one more than ``COUNT_CAP`` stands for any number beyond it."""

    free: int
    mine: int
    promises: int
    all: int


@dataclass(frozen=True, slots=True)
class Online:
    """A colleague who is at the desk, and the case they look at."""

    user_id: int
    name: str
    case_id: int | None


@dataclass(frozen=True, slots=True)
class Pulse:
    """What changed since ``since_version``: enough for the desk to decide whether to draw again.

    ``counted_at``: when the cases were counted; they are counted anew once the version is another one.
    """

    version: int
    counts: QueueCounts
    new_cases: int
    notices_unread: int
    approvals: int
    online: tuple[Online, ...]
    brand_id: int
    since_version: int
    counted_at: datetime


def counts(ctx: Context, brand_id: int) -> QueueCounts:
    """How many cases each tab holds for the actor; counting stops beyond ``COUNT_CAP``. Needs Right.READ."""
    require(ctx, Right.READ, action="queue.read", entity="brand")
    with ctx.store.read() as tx:
        return QueueCounts(*queue_pulse.counts(tx, brand_id, user_id=ctx.actor.user_id, now=ctx.clock()))


def pulse(
    ctx: Context, brand_id: int, *, since_version: int, listed: Sequence[int] = (), known: Pulse | None = None
) -> Pulse:
    """The query of every five seconds: what changed since ``since_version``. Needs Right.READ.

    ``new_cases`` counts what came since and is not among ``listed``, the cases the desk shows already. With
    ``known``, this actor's last pulse, nothing is counted again while the desk's counter stands still.
    """
    require(ctx, Right.READ, action="queue.read", entity="brand")
    now, user_id = ctx.clock(), ctx.actor.user_id
    with ctx.store.read() as tx:
        version, unread, approvals = queue_pulse.state(tx, brand_id, user_id=user_id)
        online = tuple(Online(*row) for row in queue_pulse.online(tx, since=now - ONLINE_WITHIN))
        if known is not None and _still_holds(known, brand_id, version, since_version, now):
            return replace(known, notices_unread=unread, approvals=approvals, online=online)
        came = version > since_version
        return Pulse(
            version=version,
            counts=QueueCounts(*queue_pulse.counts(tx, brand_id, user_id=user_id, now=now)),
            new_cases=queue_pulse.arrived_since(tx, brand_id, version=since_version, listed=listed) if came else 0,
            notices_unread=unread,
            approvals=approvals,
            online=online,
            brand_id=brand_id,
            since_version=since_version,
            counted_at=now,
        )


def _still_holds(known: Pulse, brand_id: int, version: int, since_version: int, now: datetime) -> bool:
    asked, answered = (brand_id, version, since_version), (known.brand_id, known.version, known.since_version)
    return asked == answered and timedelta() <= now - known.counted_at < COUNTS_HOLD
