"""Who needs us next? The ranked queue of a brand, page by page, and what changed since the last look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.priority import RankReason
from domain.states import CaseState
from services.context import Context


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
    is_history: bool = False


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page; ``next_cursor`` is None at the end. ``snapshot_version`` belongs to the same moment."""

    entries: tuple[QueueEntry, ...]
    next_cursor: str | None
    snapshot_version: int


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many cases each tab holds."""

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
    """What changed since ``since_version``: enough for the desk to decide whether to draw again."""

    version: int
    counts: QueueCounts
    new_cases: int
    notices_unread: int
    approvals: int
    online: tuple[Online, ...]


def page(ctx: Context, filter: QueueFilter, *, cursor: str | None = None, limit: int = 50) -> QueuePage:
    """One page of the queue by keyset, most pressing first. Needs Right.READ."""
    raise NotImplementedError


def counts(ctx: Context, brand_id: int) -> QueueCounts:
    """How many cases each tab holds for the actor."""
    raise NotImplementedError


def pulse(ctx: Context, brand_id: int, *, since_version: int) -> Pulse:
    """The query of every five seconds."""
    raise NotImplementedError
