"""The queue of a brand as SQL: filters, order, keyset, counts. Measured by ``benchmarks/queue_page.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    func,
    or_,
    select,
    text,
)

from db.tables import authors, brands, cases, mentions, notices, presence, promises, replies, users
from db.tables.desk import RANKED
from domain.text import name_order

#: Counting stops here, so that a huge queue costs no more than a large one.
COUNT_CAP = 20_000
#: A search looks through this many cases of the list, from its top.
SEARCH_CASES = 20_000

_owner, _locker = users.alias("owner"), users.alias("locker")
_NEW = text("state = 'new'")
_RANKED = text(RANKED)


@dataclass(frozen=True, slots=True)
class Want:
    """What to list, in the words of the tables. ``tab`` and ``order`` are values of the service's enums."""

    brand_id: int
    user_id: int | None
    tab: str
    order: str
    channels: Sequence[str]
    levels: Sequence[int]
    kinds: Sequence[str]
    language: str | None
    search: str
    include_snoozed: bool


def _due() -> ColumnElement[Any]:
    return (
        select(func.min(promises.c.due_at))
        .where(promises.c.case_id == cases.c.id, promises.c.status == "open")
        .scalar_subquery()
    )


def _keys(want: Want) -> list[tuple[ColumnElement[Any], bool]]:
    """The columns that order the list, each with True for descending; the id makes the order total."""
    if want.tab == "promises":
        return [(_due(), False), (cases.c.id, False)]
    order: tuple[ColumnElement[Any], bool] = {
        "priority": (cases.c.priority, True),
        "waiting": (cases.c.waiting_since, False),
        "newest": (cases.c.last_mention_at, True),
    }[want.order]
    keys: list[tuple[ColumnElement[Any], bool]] = [order, (cases.c.id, False)]
    if want.tab == "mine":  # What is the customer's turn comes after what is mine.
        keys.insert(0, (case((cases.c.state == "waiting", 1), else_=0), False))
    return keys


def _after(keys: Sequence[tuple[ColumnElement[Any], bool]], at: Sequence[Any]) -> ColumnElement[bool]:
    """Rows beyond the one whose keys are ``at``."""
    steps = []
    for n, (column, descending) in enumerate(keys):
        beyond = column < at[n] if descending else column > at[n]
        steps.append(and_(*(c == at[i] for i, (c, _) in enumerate(keys[:n])), beyond))
    first, descending = keys[0]
    # Said again for the planner: a range on the first key lets it enter the index in the middle.
    return and_(first <= at[0] if descending else first >= at[0], or_(*steps))


def _belongs(want: Want) -> list[ColumnElement[bool]]:
    """The conditions of the tab. Literal states, because partial indexes need them so."""
    here: list[Any] = [cases.c.brand_id == want.brand_id]
    if want.tab == "free":
        here += [_NEW] if want.order == "priority" else [_RANKED, _NEW]
    elif want.tab == "all":
        here.append(_RANKED)
    else:
        here += [cases.c.owner_id == want.user_id, cases.c.state.in_(("open", "waiting"))]
        if want.tab == "promises":
            here.append(select(promises.c.id).where(_open_promise()).exists())
    return here


def _open_promise() -> ColumnElement[bool]:
    return and_(promises.c.case_id == cases.c.id, promises.c.status == "open")


def _filters(want: Want, now: datetime) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if not want.include_snoozed and want.tab != "promises":
        chosen.append(or_(cases.c.snoozed_until.is_(None), cases.c.snoozed_until <= now))
    if want.channels:
        chosen.append(cases.c.channel.in_(want.channels))
    if want.levels:
        chosen.append(cases.c.urgency_level.in_(want.levels))
    if want.kinds:
        chosen.append(cases.c.kind.in_(want.kinds))
    if want.language:
        chosen.append(mentions.c.language == want.language)
    return chosen


def _found(search: str) -> ColumnElement[bool]:
    """The words in a name, a handle or the latest text. SQLite folds only ASCII, hence the variants."""
    variants = {search, search.lower(), search.upper(), search.capitalize()}
    columns = (authors.c.name, authors.c.handle, mentions.c.text)
    return or_(*(c.icontains(v, autoescape=True) for v in sorted(variants) for c in columns))


_SHOWN = [
    cases.c.id,
    cases.c.version,
    brands.c.name.label("brand"),
    cases.c.channel,
    authors.c.name.label("author_name"),
    authors.c.handle.label("author_handle"),
    cases.c.customer_id,
    mentions.c.text,
    mentions.c.language,
    mentions.c.published_at,
    cases.c.kind,
    cases.c.sentiment,
    cases.c.urgency,
    cases.c.urgency_level,
    cases.c.unsure,
    cases.c.judged,
    cases.c.priority,
    cases.c.reasons,
    cases.c.waiting_since,
    cases.c.owner_id,
    _owner.c.name.label("owner_name"),
    _locker.c.name.label("lock_name"),
    cases.c.lock_user_id,
    cases.c.lock_until,
    cases.c.state,
    cases.c.snoozed_until,
    _due().label("promise_due_at"),
]


def page(
    tx: Connection,
    want: Want,
    *,
    now: datetime,
    after: Sequence[Any] | None,
    rows: int,
    among: Sequence[int] | None = None,
) -> list[tuple[Row[Any], list[Any]]]:
    """Up to ``rows`` cases in order, each with the keys that name its place; with ``among``, of these alone."""
    keys = _keys(want)
    # The page is chosen on the narrow table alone and joined afterwards: the planner then never
    # starts from another table, whatever its statistics say.
    chosen = chosen_cases(want, now=now, after=after, rows=SEARCH_CASES if want.search else rows)
    if among is not None:
        chosen = chosen.where(cases.c.id.in_(among))
    query = _joined(keys).where(cases.c.id.in_(chosen)).order_by(*_order(keys))
    if want.search:
        query = query.where(_found(want.search)).limit(rows)
    return [(row, [getattr(row, f"key_{n}") for n in range(len(keys))]) for row in tx.execute(query)]


def chosen_cases(want: Want, *, now: datetime, after: Sequence[Any] | None, rows: int) -> Select[Any]:
    """The ids of one page, in order."""
    keys = _keys(want)
    chosen = select(cases.c.id).where(*_belongs(want), *_filters(want, now))
    if want.language:
        chosen = chosen.join(mentions, mentions.c.id == cases.c.last_mention_id)
    if after is not None:
        chosen = chosen.where(_after(keys, after))
    return chosen.order_by(*_order(keys)).limit(rows)


def _order(keys: Sequence[tuple[ColumnElement[Any], bool]]) -> list[ColumnElement[Any]]:
    return [column.desc() if descending else column.asc() for column, descending in keys]


def _joined(keys: Sequence[tuple[ColumnElement[Any], bool]]) -> Select[Any]:
    return (
        select(*_SHOWN, *(column.label(f"key_{n}") for n, (column, _) in enumerate(keys)))
        .select_from(cases)
        .join(brands, brands.c.id == cases.c.brand_id)
        .join(mentions, mentions.c.id == cases.c.last_mention_id)
        .join(authors, authors.c.id == mentions.c.author_id)
        .outerjoin(_owner, _owner.c.id == cases.c.owner_id)
        .outerjoin(_locker, _locker.c.id == cases.c.lock_user_id)
    )


def _count(tx: Connection, *conditions: Any) -> int:
    some = select(cases.c.id).where(*conditions).limit(COUNT_CAP).subquery()
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())


def counts(tx: Connection, brand_id: int, *, user_id: int | None, now: datetime) -> tuple[int, int, int, int]:
    """Cases that are free, mine, mine with a promise, everybody's; each at most ``COUNT_CAP``."""
    here = cases.c.brand_id == brand_id
    asleep = cases.c.snoozed_until > now
    mine = [here, cases.c.owner_id == user_id, cases.c.state.in_(("open", "waiting"))]
    awake = or_(cases.c.snoozed_until.is_(None), cases.c.snoozed_until <= now)
    promised = select(promises.c.id).where(_open_promise()).exists()
    # Counting the index and taking away the few that sleep never touches the table.
    free = _count(tx, here, _NEW) - _count(tx, here, asleep, _NEW)
    everybody = _count(tx, here, _RANKED) - _count(tx, here, asleep, _RANKED)
    if user_id is None:
        return max(0, free), 0, 0, max(0, everybody)
    return max(0, free), _count(tx, *mine, awake), _count(tx, *mine, promised), max(0, everybody)


def arrived_since(tx: Connection, brand_id: int, *, version: int) -> int:
    """Cases that came to the queue after the desk's counter stood at ``version``."""
    return _count(tx, cases.c.brand_id == brand_id, cases.c.arrived_version > version, _RANKED)


def words_for(tx: Connection, brand_id: int, *, user_id: int | None) -> tuple[int, int]:
    """Unread notices, and replies of this brand that wait for somebody else's approval than this person's own."""
    unread = select(func.count()).where(notices.c.user_id == user_id, notices.c.read_at.is_(None))
    waiting = (
        select(func.count())
        .select_from(replies.join(cases, cases.c.id == replies.c.case_id))
        .where(replies.c.status == "awaiting_approval", cases.c.brand_id == brand_id)
    )
    if user_id is not None:
        waiting = waiting.where(replies.c.author_id != user_id)
    return int(tx.execute(unread).scalar_one()), int(tx.execute(waiting).scalar_one())


def online(tx: Connection, *, since: datetime) -> list[tuple[int, str, int]]:
    """Colleagues who gave a sign of life since then: id, name, the case they look at."""
    query = select(users.c.id, users.c.name, presence.c.case_id).join(presence, presence.c.user_id == users.c.id)
    rows = tx.execute(query.where(presence.c.seen_at >= since, users.c.active))
    return sorted(((row.id, row.name, row.case_id) for row in rows), key=lambda each: (name_order(each[1]), each[0]))
