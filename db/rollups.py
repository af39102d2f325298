"""What was counted in a window: posts by label, channel, language and hour; answers and endings of cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, Select, Table, bindparam, delete, func, literal_column, select, text

from db import turns
from db.counting import recount_statements
from db.counting_triggers import ANSWERED, ASKED, REOPENED
from db.tables import case_rollups, day_rollups, mention_rollups, model_rollups, watches
from db.tables.counted import ANY_THEME, LABELLED, OURSELVES, labelled, waited
from domain.judgement import Kind, ReasonCode, Sentiment
from domain.waiting import STRETCHES


@dataclass(frozen=True, slots=True)
class Scope:
    """Which hours (whole ones since 1970 UTC, the end exclusive) and, where not empty, channels, languages, one theme.

    ``days``: the same stretch as local days since 1970 (the end exclusive), where the brand's posts are counted by
    the days of this very clock (``db.turns``): a twentieth of the rows. A theme is counted by days alone.
    """

    from_hour: int
    to_hour: int
    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    days: tuple[int, int] | None = None
    theme: str | None = ANY_THEME


_PLACES = {
    (kind, sentiment): [n for n, (k, s) in enumerate(LABELLED) if kind in (None, k) and sentiment in (None, s)]
    for kind in (None, *Kind)
    for sentiment in (None, *Sentiment)
}


@dataclass(frozen=True, slots=True)
class PostCounts:
    """Posts of one group. ``labels``: judged posts by kind and sentiment; the others are in no volume but ``unjudged``.

    ``own`` are ours, ``reposts`` plain ones of others, ``deleted`` those gone from their network.
    """

    labels: tuple[int, ...] = (0,) * len(LABELLED)
    unjudged: int = 0
    own: int = 0
    reposts: int = 0
    deleted: int = 0

    def of(self, *, kind: Kind | None = None, sentiment: Sentiment | None = None) -> int:
        """Judged posts with this kind and this sentiment, None for any."""
        return sum(self.labels[place] for place in _PLACES[kind, sentiment])


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Cases of one group: of those asked, how long they waited (by stretch) or that nobody answered yet; endings."""

    waited: tuple[int, ...] = (0,) * STRETCHES
    unanswered: int = 0
    closed: int = 0
    solved: int = 0
    reopened: int = 0


_POSTS = (*(labelled(kind, sentiment) for kind, sentiment in LABELLED), "unjudged", "own", "reposts", "deleted")
_CASES = (*(waited(n) for n in range(STRETCHES)), "unanswered", "closed", "solved", "reopened")


@dataclass(frozen=True, slots=True)
class Cell:
    """Posts of one step on one channel in one language. ``step``: a local day since 1970, or an hour.

    Of a week it is its first day in the window that was counted.
    """

    step: int
    channel: str
    language: str
    counts: PostCounts


@dataclass(frozen=True, slots=True)
class Days:
    """How hours become local days: with ``hour + offset_h`` from each ``from_hour`` on (``domain.window.turns_of``)."""

    turns: tuple[tuple[int, int], ...]


def cells(tx: Connection, brand_id: int, scope: Scope, *, days: Days | None, weekly: bool = False) -> list[Cell]:
    """The brand's posts in the window by local day (by hour without ``days``), channel and language: one reading.

    ``weekly``: whole weeks, from Monday on, are enough where that spares rows.
    """
    if days is not None and scope.days is not None:
        query = (_each_week() if weekly else _each_day()).where(*_mine(day_rollups, scope))
    else:
        step = mention_rollups.c.hour if days is None else _day(days)
        keys = (step, mention_rollups.c.channel, mention_rollups.c.language)
        query = _sums(mention_rollups).where(*_mine(mention_rollups, replace(scope, days=None)))
        query = query.add_columns(*keys).group_by(*keys)
    rows = tx.execute(query, {"brand": brand_id, "watch": OURSELVES})
    return [Cell(row[-3], row[-2], row[-1], _posts(row[:-3])) for row in rows if any(row[:-3])]


def posts(tx: Connection, brand_id: int, scope: Scope) -> PostCounts:
    """The brand's posts in the window together."""
    table = _counted(scope)
    query = _sums(table).where(*_mine(table, scope))
    return _posts(tx.execute(query, {"brand": brand_id, "watch": OURSELVES}).one())


def voices(tx: Connection, brand_id: int, scope: Scope, *, watch_ids: Sequence[int]) -> dict[int, PostCounts]:
    """The posts of each of these competitors' watches in the window."""
    table = _counted(scope)
    return {
        watch_id: _posts(
            tx.execute(_sums(table).where(*_mine(table, scope)), {"brand": brand_id, "watch": watch_id}).one()
        )
        for watch_id in watch_ids
    }


def themes(tx: Connection, brand_id: int, scope: Scope) -> dict[str, PostCounts]:
    """The brand's posts of each theme; of none where the window is not counted by days. A post may have several."""
    if scope.days is None:
        return {}
    theme = day_rollups.c.theme
    # Named one by one, so that each is a short stretch of the key.
    query = _sums(day_rollups).where(theme.in_([str(code) for code in ReasonCode]))
    query = query.where(*_mine(day_rollups, replace(scope, theme=None)))
    rows = tx.execute(query.add_columns(theme).group_by(theme), {"brand": brand_id, "watch": OURSELVES})
    return {row[-1]: _posts(row[:-1]) for row in rows if any(row[:-1])}


def cases(tx: Connection, brand_id: int, scope: Scope) -> CaseCounts:
    """Cases of the window: those asked in it, those closed in it, those reopened in it."""
    table = case_rollups
    mine = (table.c.brand_id == bindparam("brand"), *_hours(table, scope), *_only(table, scope))
    row = tx.execute(_sums(table).where(*mine), {"brand": brand_id}).one()
    return CaseCounts(tuple(row[:STRETCHES]), *row[STRETCHES:])


@lru_cache(maxsize=4)
def _sums(table: Table) -> Select[Any]:
    # Built once: putting a statement of two dozen sums together costs more than running it.
    names = _CASES if table is case_rollups else _POSTS
    return select(*(func.coalesce(func.sum(table.c[name]), 0) for name in names))


@lru_cache(maxsize=1)
def _each_day() -> Select[Any]:
    table = day_rollups
    return select(*(table.c[name] for name in _POSTS), table.c.day, table.c.channel, table.c.language)


@lru_cache(maxsize=1)
def _each_week() -> Select[Any]:
    table = day_rollups
    # 1970 began on a Thursday; the weeks before it are counted on from far enough back to be none below nought.
    week = literal_column(f"((day_rollups.day + {7 * 5000 + 3}) / 7)", Integer)
    query = _sums(table).add_columns(func.min(table.c.day), table.c.channel, table.c.language)
    return query.group_by(week, table.c.channel, table.c.language)


def _posts(sums: Sequence[int]) -> PostCounts:
    return PostCounts(tuple(sums[: len(LABELLED)]), *sums[len(LABELLED) :])


def _day(days: Days) -> Any:
    """The local day of an hour, as SQL; both databases cut whole numbers when they divide them.

    Written out, since PostgreSQL takes an expression with parameters for another one where it is grouped by.
    """
    (_first, offset_h), *later = days.turns
    turned = "".join(f"WHEN mention_rollups.hour >= {int(at)} THEN {int(new)} " for at, new in reversed(later))
    offset = f"CASE {turned}ELSE {int(offset_h)} END" if later else str(int(offset_h))
    return literal_column(f"((mention_rollups.hour + {offset}) / 24)", Integer)


def _counted(scope: Scope) -> Table:
    """Where the posts of a scope are counted with the fewest rows."""
    return mention_rollups if scope.days is None else day_rollups


def _mine(table: Table, scope: Scope) -> list[Any]:
    """One voice's posts of the scope. Only days are told apart by theme."""
    if scope.days is None:
        stretch = _hours(table, scope)
        scope = replace(scope, theme=None)
    else:
        stretch = (table.c.day >= scope.days[0], table.c.day < scope.days[1])
    voice = (table.c.brand_id == bindparam("brand"), table.c.watch_id == bindparam("watch"))
    themed = () if scope.theme is None else (table.c.theme == scope.theme,)
    return [*voice, *themed, *stretch, *_only(table, scope)]


def models(tx: Connection, brand_id: int, scope: Scope) -> dict[str, int]:
    """How many of the brand's posts each model revision judged; channels and languages are not told apart."""
    table = model_rollups
    query = select(table.c.model, func.sum(table.c.posts)).where(
        table.c.brand_id == brand_id, table.c.watch_id == OURSELVES, *_hours(table, scope)
    )
    return {model: int(n) for model, n in tx.execute(query.group_by(table.c.model)) if n > 0}


def first_hour(tx: Connection, brand_id: int) -> int | None:
    """The hour of the oldest post counted for the brand itself; None without any."""
    mine = mention_rollups.c.brand_id == brand_id, mention_rollups.c.watch_id == OURSELVES
    hour: int | None = tx.execute(select(func.min(mention_rollups.c.hour)).where(*mine)).scalar_one()
    return hour


def spoken(tx: Connection, brand_id: int, scope: Scope) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every channel and every language with a post of others in the window, to choose from."""
    table = _counted(scope)
    heard = "unjudged + " + " + ".join(labelled(kind, sentiment) for kind, sentiment in LABELLED)
    query = select(table.c.channel, table.c.language).where(*_mine(table, scope)).distinct()
    rows = tx.execute(query.where(literal_column(f"({heard})", Integer) > 0), {"brand": brand_id, "watch": OURSELVES})
    pairs = rows.all()
    return tuple(sorted({row.channel for row in pairs})), tuple(sorted({row.language for row in pairs}))


def competitors(tx: Connection, brand_id: int) -> dict[int, str]:
    """The watches that listen to competitors, by their names; those that rest too, they have counted."""
    query = select(watches.c.id, watches.c.name).where(watches.c.brand_id == brand_id, watches.c.is_competitor)
    return {row.id: row.name for row in tx.execute(query.order_by(watches.c.name, watches.c.id))}


def _hours(table: Table, scope: Scope) -> tuple[Any, Any]:
    return table.c.hour >= scope.from_hour, table.c.hour < scope.to_hour


def _only(table: Table, scope: Scope) -> list[Any]:
    channels = [table.c.channel.in_(scope.channels)] if scope.channels else []
    return channels + ([table.c.language.in_(scope.languages)] if scope.languages else [])


def rebuild(tx: Connection, brand_id: int | None = None, *, told: Callable[[str], None] = lambda _name: None) -> None:
    """Count everything anew from the rows themselves, of one brand or of all; ``told`` hears of each step."""
    only = "" if brand_id is None else f" AND brand_id = {int(brand_id)}"
    for fact in (ASKED, ANSWERED, REOPENED):
        told(fact.partition(" ")[0])
        tx.execute(text(f"UPDATE cases SET {fact} WHERE 1 = 1{only}"))  # noqa: S608 - words of this house alone
    turns.put_all(tx, brand_id)
    for table in (mention_rollups, day_rollups, model_rollups, case_rollups):
        tx.execute(delete(table) if brand_id is None else delete(table).where(table.c.brand_id == brand_id))
    for statement in recount_statements(tx, brand_id):
        told(statement.split()[2])
        tx.execute(text(statement))
