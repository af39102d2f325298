"""The queue of a brand as SQL: filters, order, keyset, counts. Measured by ``benchmarks/queue_page.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
)

from db.tables import authors, brands, cases, mentions, promises, users
from db.tables.desk import CARRIED, RANKED

#: A search looks through this many cases of the list, from its top.
SEARCH_CASES = 20_000

_owner, _locker = users.alias("owner"), users.alias("locker")
IS_NEW = text("state = 'new'")
IS_RANKED = text(RANKED)
IS_CARRIED = text(CARRIED)
BRAND_ID = bindparam("brand_id", type_=cases.c.brand_id.type)
USER_ID = bindparam("user_id", type_=cases.c.owner_id.type)
NOW = bindparam("now", type_=cases.c.snoozed_until.type)
_ROWS, _MOST = bindparam("rows", type_=Integer), bindparam("most", type_=Integer)
_AMONG: BindParameter[Any] = bindparam("among", expanding=True)
_CHANNELS: BindParameter[Any] = bindparam("channels", expanding=True)
_LEVELS: BindParameter[Any] = bindparam("levels", expanding=True)
_KINDS: BindParameter[Any] = bindparam("kinds", expanding=True)
_LANGUAGE = bindparam("language", type_=mentions.c.language.type)
#: Nobody has this number: who is no colleague owns nothing and wrote nothing.
NOBODY = 0


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


#: Put so that no index on the status is taken for it: a desk has thousands of open promises, a case has one.
_IS_OPEN = promises.c.status.concat("") == "open"


def open_promise() -> ColumnElement[bool]:
    """That a promise is an open one of the case of the row."""
    return and_(promises.c.case_id == cases.c.id, _IS_OPEN)


#: When the next promise of a case falls due.
_DUE = select(func.min(promises.c.due_at)).where(open_promise()).scalar_subquery().label("promise_due_at")


def _keys(want: Want) -> list[tuple[ColumnElement[Any], bool]]:
    """The columns that order the list, each with True for descending; the id makes the order total."""
    if want.tab == "promises":
        return [(_DUE, False), (cases.c.id, False)]
    order: tuple[ColumnElement[Any], bool] = {
        "priority": (cases.c.priority, True),
        "waiting": (cases.c.waiting_since, False),
        "newest": (cases.c.last_mention_at, True),
    }[want.order]
    keys: list[tuple[ColumnElement[Any], bool]] = [order, (cases.c.id, False)]
    if want.tab == "mine":  # What is the customer's turn comes after what is mine.
        keys.insert(0, (case((cases.c.state == "waiting", 1), else_=0), False))
    return keys


def _after(keys: Sequence[tuple[ColumnElement[Any], bool]]) -> ColumnElement[bool]:
    """Rows beyond the one whose keys are the parameters ``at_0`` and on."""
    at = [bindparam(f"at_{n}", type_=column.type) for n, (column, _) in enumerate(keys)]
    steps = []
    for n, (column, descending) in enumerate(keys):
        beyond = column < at[n] if descending else column > at[n]
        steps.append(and_(*(c == at[i] for i, (c, _) in enumerate(keys[:n])), beyond))
    first, descending = keys[0]
    # Said again for the planner: a range on the first key lets it enter the index in the middle.
    return and_(first <= at[0] if descending else first >= at[0], or_(*steps))


def _belongs(want: Want) -> list[ColumnElement[bool]]:
    """The conditions of the tab. Literal states, because partial indexes need them so."""
    here: list[Any] = [cases.c.brand_id == BRAND_ID]
    if want.tab == "free":
        here += [IS_NEW] if want.order == "priority" else [IS_RANKED, IS_NEW]
    elif want.tab == "all":
        here.append(IS_RANKED)
    else:
        here += [cases.c.owner_id == USER_ID, IS_CARRIED]
        if want.tab == "promises":
            here.append(select(promises.c.id).where(open_promise()).exists())
    return here


def _filters(want: Want) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if not want.include_snoozed and want.tab != "promises":
        chosen.append(or_(cases.c.snoozed_until.is_(None), cases.c.snoozed_until <= NOW))
    if want.channels:
        chosen.append(cases.c.channel.in_(_CHANNELS))
    if want.levels:
        chosen.append(cases.c.urgency_level.in_(_LEVELS))
    if want.kinds:
        chosen.append(cases.c.kind.in_(_KINDS))
    if want.language:
        chosen.append(mentions.c.language == _LANGUAGE)
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
    mentions.c.audience,
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
    _DUE,
    and_(cases.c.last_reply_at.is_not(None), cases.c.last_mention_at > cases.c.last_reply_at).label("wrote_again"),
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
    query = _page(_shape(want), goes_on=after is not None, is_among=among is not None)
    values = _values(want, now=now, rows=rows, after=after) | ({} if among is None else {"among": list(among)})
    keys = 3 if want.tab == "mine" else 2  # the last columns
    return [(row, list(row[-keys:])) for row in tx.execute(query, values)]


def _shape(want: Want) -> Want:
    """What of a wish decides how its statement reads; the values are its parameters. Only a search stands in it."""
    return replace(
        want,
        brand_id=0,
        user_id=None,
        channels=("",) if want.channels else (),
        levels=(0,) if want.levels else (),
        kinds=("",) if want.kinds else (),
        language="?" if want.language else None,
    )


@lru_cache(maxsize=256)
def _page(want: Want, *, goes_on: bool, is_among: bool) -> Select[Any]:
    """The statement of a list, kept by its shape: putting it together costs more than running it."""
    # The page is chosen on the narrow table alone and joined afterwards: the planner then never
    # starts from another table, whatever its statistics say.
    keys, chosen = _keys(want), _chosen(want, goes_on=goes_on)
    if is_among:
        chosen = chosen.where(cases.c.id.in_(_AMONG))
    query = _joined(keys).where(cases.c.id.in_(chosen)).order_by(*_order(keys))
    return query.where(_found(want.search)).limit(_MOST) if want.search else query


def _values(want: Want, *, now: datetime, rows: int, after: Sequence[Any] | None) -> dict[str, Any]:
    looked_through = SEARCH_CASES if want.search else rows
    mine = {"brand_id": want.brand_id, "user_id": want.user_id or NOBODY}
    asked = {"channels": want.channels, "levels": want.levels, "kinds": want.kinds, "language": want.language}
    place = {f"at_{n}": key for n, key in enumerate(after or ())}
    return mine | {"now": now, "rows": looked_through, "most": rows} | {k: v for k, v in asked.items() if v} | place


def chosen_cases(want: Want, *, now: datetime, after: Sequence[Any] | None, rows: int) -> Select[Any]:
    """The ids of one page, in order."""
    chosen = _chosen(_shape(want), goes_on=after is not None)
    return chosen.params(_values(want, now=now, rows=rows, after=after))


def _chosen(want: Want, *, goes_on: bool) -> Select[Any]:
    keys = _keys(want)
    chosen = select(cases.c.id).where(*_belongs(want), *_filters(want))
    if want.language:
        chosen = chosen.join(mentions, mentions.c.id == cases.c.last_mention_id)
    if goes_on:
        chosen = chosen.where(_after(keys))
    return chosen.order_by(*_order(keys)).limit(_ROWS)


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


_WHEREABOUTS = (
    select(cases.c.id, cases.c.state, cases.c.owner_id, _owner.c.name.label("owner_name"), cases.c.snoozed_until)
    .outerjoin(_owner, _owner.c.id == cases.c.owner_id)
    .where(cases.c.id.in_(_AMONG))
)


def whereabouts(tx: Connection, case_ids: Sequence[int]) -> list[Row[Any]]:
    """Where cases stand, whatever list they belong to."""
    return list(tx.execute(_WHEREABOUTS, {"among": list(case_ids)}))
