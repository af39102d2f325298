"""Who needs us next? The ranked queue of a brand, page by page, and what changed since the last look."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from db import changes
from db import queue as queue_db
from domain.clock import require_aware
from domain.errors import Invalid
from domain.people import Right
from domain.priority import WAITING_CAP, WAITING_PER_S, RankCode, RankReason, score_at
from domain.states import CaseState
from domain.text import clean
from services.act import require
from services.context import Context
from services.pulse import COUNT_CAP, Online, Pulse, QueueCounts, counts, pulse

__all__ = [
    "COUNT_CAP",
    "Online",
    "Order",
    "Pulse",
    "QueueCounts",
    "QueueEntry",
    "QueueFilter",
    "QueuePage",
    "Tab",
    "Whereabouts",
    "among",
    "counts",
    "page",
    "pulse",
    "reasons_at",
    "whereabouts",
]

#: What an integer of a database can hold.
LARGEST_NUMBER = 2**63
_WAITING = str(RankCode.WAITING)


class Tab(StrEnum):
    """What the desk lists: ownerless cases, mine, mine with a promise, everybody's."""

    FREE = "free"
    MINE = "mine"
    PROMISES = "promises"
    ALL = "all"


class Order(StrEnum):
    """How the list is sorted."""

    PRIORITY = "priority"
    WAITING = "waiting"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What to list. Empty tuples mean all; ``search`` looks in names, handles and the latest text."""

    brand_id: int
    tab: Tab = Tab.ALL
    order: Order = Order.PRIORITY
    channels: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    language: str | None = None
    search: str = ""
    include_snoozed: bool = False
    #: Of these cases alone (at most 200); empty: of all.
    cases: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One row of the queue: the case, its latest post, its rank at the moment of reading with its reasons."""

    case_id: int
    version: int
    brand: str
    channel: str
    author_name: str
    author_handle: str
    customer_id: int
    text: str
    language: str | None
    published_at: datetime
    kind: str
    sentiment: str
    urgency: float
    level: int
    unsure: bool
    judged: bool
    priority: float
    reasons: tuple[RankReason, ...]
    waiting_since: datetime
    waiting_s: int
    owner_id: int | None
    owner_name: str | None
    lock_name: str | None
    lock_user_id: int | None
    state: CaseState
    snoozed_until: datetime | None
    promise_due_at: datetime | None
    #: The customer wrote after our latest answer.
    wrote_again: bool = False
    #: Who may read that post (domain.mention.Audience).
    audience: str = "public"
    is_history: bool = False
    #: When the lock ends unless that colleague renews it; of that nobody is told.
    lock_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page; ``next_cursor`` is None at the end. ``snapshot_version`` belongs to the same moment."""

    entries: tuple[QueueEntry, ...]
    next_cursor: str | None
    snapshot_version: int


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a case stands that is no longer in a list: its state, its owner, and until when it sleeps."""

    state: CaseState
    owner_id: int | None
    owner_name: str | None
    snoozed_until: datetime | None


def page(ctx: Context, filter: QueueFilter, *, cursor: str | None = None, limit: int = 50) -> QueuePage:
    """One page of the queue by keyset, most pressing first; at most 200 rows. Needs Right.READ.

    The promises tab is sorted by due date, whatever ``order`` says; in "mine", cases that wait for the
    customer come last. A search looks through the first 20,000 cases of the list. Raises Invalid for a
    cursor of another list.
    """
    require(ctx, Right.READ, action="queue.read", entity="brand")
    now = ctx.clock()
    after = None if cursor is None else _read_cursor(cursor, filter)
    rows = max(1, min(limit, 200))
    with ctx.store.read() as tx:
        among = filter.cases[:200] or None
        found = queue_db.page(tx, _want(ctx, filter), now=now, after=after, rows=rows + 1, among=among)
        version = changes.version(tx, filter.brand_id)
    more = len(found) > rows
    entries = tuple(_entry(row, now) for row, _ in found[:rows])
    return QueuePage(entries, _cursor(found[rows - 1][1], filter) if more else None, version)


def among(ctx: Context, filter: QueueFilter, case_ids: Sequence[int]) -> QueuePage:
    """Those of these cases (at most 200) that still belong to the list, however far down. Needs Right.READ."""
    require(ctx, Right.READ, action="queue.read", entity="brand")
    now = ctx.clock()
    with ctx.store.read() as tx:
        chosen = tuple(case_ids)[:200]
        found = queue_db.page(tx, _want(ctx, filter), now=now, after=None, rows=200, among=chosen)
        version = changes.version(tx, filter.brand_id)
    return QueuePage(tuple(_entry(row, now) for row, _ in found), None, version)


def whereabouts(ctx: Context, case_ids: Sequence[int]) -> dict[int, Whereabouts]:
    """Where these cases (at most 200) stand now; those that no longer exist are missing. Needs Right.READ."""
    require(ctx, Right.READ, action="queue.read", entity="brand")
    with ctx.store.read() as tx:
        rows = queue_db.whereabouts(tx, tuple(case_ids)[:200])
    return {row.id: Whereabouts(CaseState(row.state), row.owner_id, row.owner_name, row.snoozed_until) for row in rows}


def _want(ctx: Context, filter: QueueFilter) -> queue_db.Want:
    return queue_db.Want(
        brand_id=filter.brand_id,
        user_id=ctx.actor.user_id,
        tab=filter.tab,
        order=filter.order,
        channels=filter.channels,
        levels=filter.levels,
        kinds=filter.kinds,
        language=filter.language,
        search=clean(filter.search, max_chars=100),
        include_snoozed=filter.include_snoozed,
    )


def _cursor(keys: list[Any], filter: QueueFilter) -> str:
    plain = [k.isoformat() if isinstance(k, datetime) else k for k in keys]
    return json.dumps([filter.tab, filter.order, *plain], separators=(",", ":"))


def _read_cursor(cursor: str, filter: QueueFilter) -> list[Any]:
    """The keys of a place in exactly this list; Invalid for anything else, whoever wrote it."""
    moment_or_rank = float if filter.order == Order.PRIORITY else datetime
    kinds = [datetime, int] if filter.tab == Tab.PROMISES else [moment_or_rank, int]
    if filter.tab == Tab.MINE:
        kinds.insert(0, int)
    try:
        tab, order, *keys = json.loads(cursor)
        if (tab, order) != (filter.tab, filter.order):
            raise ValueError("another list")
        return [_key(key, kind) for key, kind in zip(keys, kinds, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise Invalid("This page of the queue is no longer there; start from the top.", field="cursor") from None


def _key(key: object, kind: type) -> Any:
    if kind is datetime and isinstance(key, str):
        return require_aware(datetime.fromisoformat(key))
    if kind is not datetime and isinstance(key, int | float) and abs(key) < LARGEST_NUMBER:
        return kind(key)
    raise ValueError("not a key of this list")


def _entry(row: Any, now: datetime) -> QueueEntry:
    locked = row.lock_until is not None and row.lock_until > now
    return QueueEntry(
        case_id=row.id,
        version=row.version,
        brand=row.brand,
        channel=row.channel,
        author_name=row.author_name,
        author_handle=row.author_handle,
        customer_id=row.customer_id,
        text=row.text,
        language=row.language,
        published_at=row.published_at,
        kind=row.kind,
        sentiment=row.sentiment,
        urgency=row.urgency,
        level=row.urgency_level,
        unsure=row.unsure,
        judged=row.judged,
        priority=round(score_at(row.priority, now), 2),
        reasons=reasons_at(row.reasons, row.waiting_since, now),
        waiting_since=row.waiting_since,
        waiting_s=max(0, int((now - row.waiting_since).total_seconds())),
        owner_id=row.owner_id,
        owner_name=row.owner_name,
        lock_name=row.lock_name if locked else None,
        lock_user_id=row.lock_user_id if locked else None,
        state=CaseState(row.state),
        snoozed_until=row.snoozed_until,
        promise_due_at=row.promise_due_at,
        wrote_again=bool(row.wrote_again),
        audience=row.audience,
        lock_until=row.lock_until if locked else None,
    )


def reasons_at(stored: Sequence[Mapping[str, Any]], waiting_since: datetime, now: datetime) -> tuple[RankReason, ...]:
    """The reasons of a rank as stored on a case, with the waiting as it is now; the largest first."""
    waited = max(timedelta(), now - waiting_since)
    points = round(min(waited, WAITING_CAP).total_seconds() * WAITING_PER_S, 2)
    kept = [RankReason(r["code"], r["points"], r["n"]) for r in stored if r["code"] != _WAITING]
    kept.append(RankReason(RankCode.WAITING, points, int(waited.total_seconds())))
    return tuple(sorted(kept, key=lambda reason: -reason.points))
