"""What was counted in a window: posts by label, channel, language and hour; answers and endings of cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, func, literal, select, text

from db.counting import recount_statements
from db.counting_triggers import ANSWERED, ASKED, REOPENED
from db.tables import case_rollups, mention_rollups, model_rollups, watches
from db.tables.counted import LABELLED, labelled, waited
from domain.judgement import Kind, Sentiment
from domain.waiting import STRETCHES


@dataclass(frozen=True, slots=True)
class Scope:
    """Which hours (whole ones since 1970 UTC, the end exclusive) and, where not empty, channels and languages."""

    from_hour: int
    to_hour: int
    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


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
        pairs = zip(LABELLED, self.labels, strict=True)
        return sum(n for (k, s), n in pairs if kind in (None, k) and sentiment in (None, s))


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Cases of one group: of those asked, how long they waited (by stretch) or that nobody answered yet; endings."""

    waited: tuple[int, ...] = (0,) * STRETCHES
    unanswered: int = 0
    closed: int = 0
    solved: int = 0
    reopened: int = 0


_POSTS = [*(labelled(kind, sentiment) for kind, sentiment in LABELLED), "unjudged", "own", "reposts", "deleted"]
_CASES = [*(waited(n) for n in range(STRETCHES)), "unanswered", "closed", "solved", "reopened"]

#: Groups of a window: by hour, channel, language, voice (the watch, or 0), or all together.
HOUR, CHANNEL, LANGUAGE, VOICE, ALL = "hour", "channel", "language", "watch_id", ""


def posts(
    tx: Connection, brand_id: int, scope: Scope, *, by: str = ALL, voices: Sequence[int] = (0,)
) -> dict[Any, PostCounts]:
    """Posts heard for these voices in the window, by group; groups without a post are not there."""
    found = _summed(tx, mention_rollups, _POSTS, brand_id, scope, by=by, voices=voices)
    return {group: PostCounts(tuple(sums[: len(LABELLED)]), *sums[len(LABELLED) :]) for group, sums in found.items()}


def cases(tx: Connection, brand_id: int, scope: Scope, *, by: str = ALL) -> dict[Any, CaseCounts]:
    """Cases of the window by group: those asked in it, those closed in it, those reopened in it."""
    found = _summed(tx, case_rollups, _CASES, brand_id, scope, by=by)
    return {group: CaseCounts(tuple(sums[:STRETCHES]), *sums[STRETCHES:]) for group, sums in found.items()}


def models(tx: Connection, brand_id: int, scope: Scope) -> dict[str, int]:
    """How many of the brand's posts each model revision judged; channels and languages are not told apart."""
    table = model_rollups
    query = select(table.c.model, func.sum(table.c.posts)).where(
        table.c.brand_id == brand_id, table.c.watch_id == 0, *_hours(table, scope)
    )
    return {model: int(n) for model, n in tx.execute(query.group_by(table.c.model)) if n > 0}


def first_hour(tx: Connection, brand_id: int) -> int | None:
    """The hour of the oldest post counted for the brand itself; None without any."""
    mine = mention_rollups.c.brand_id == brand_id, mention_rollups.c.watch_id == 0
    hour: int | None = tx.execute(select(func.min(mention_rollups.c.hour)).where(*mine)).scalar_one()
    return hour


def spoken(tx: Connection, brand_id: int, scope: Scope) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every channel and every language with a post of the brand in the window, to choose from."""
    table = mention_rollups
    mine = (table.c.brand_id == brand_id, table.c.watch_id == 0, *_hours(table, scope))

    def names(column: Column[Any]) -> tuple[str, ...]:
        return tuple(sorted(tx.execute(select(column).where(*mine).distinct()).scalars()))

    return names(table.c.channel), names(table.c.language)


def competitors(tx: Connection, brand_id: int) -> dict[int, str]:
    """The watches that listen to competitors, by their names; those that rest too, they have counted."""
    query = select(watches.c.id, watches.c.name).where(watches.c.brand_id == brand_id, watches.c.is_competitor)
    return {row.id: row.name for row in tx.execute(query.order_by(watches.c.name, watches.c.id))}


def _summed(
    tx: Connection,
    table: Table,
    names: Sequence[str],
    brand_id: int,
    scope: Scope,
    *,
    by: str,
    voices: Sequence[int] | None = None,
) -> dict[Any, list[int]]:
    group = table.c[by] if by else literal(ALL)
    sums = [func.coalesce(func.sum(table.c[name]), 0) for name in names]
    query = select(group, *sums).where(table.c.brand_id == brand_id, *_hours(table, scope), *_only(table, scope))
    if voices is not None:
        query = query.where(table.c.watch_id.in_(list(voices)))
    if by:
        query = query.group_by(group)
    rows = ((row[0], [int(n) for n in row[1:]]) for row in tx.execute(query))
    # What was taken away again leaves a row of noughts behind.
    return {name: found for name, found in rows if any(found)}


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
    for table in (mention_rollups, model_rollups, case_rollups):
        tx.execute(delete(table) if brand_id is None else delete(table).where(table.c.brand_id == brand_id))
    for statement in recount_statements(tx, brand_id):
        told(statement.split()[2])
        tx.execute(text(statement))
