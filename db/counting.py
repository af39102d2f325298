"""How is every post and case counted, hour by hour, in the very transaction that changes it? By triggers.

Whatever writes a row (a poll, the model, a colleague, an erasure) is counted without having to think of it, and one
set of expressions makes both the triggers and the statement that counts everything anew, so that they cannot differ.
A row is taken away as it was and added as it is: no figure ever has to be searched for.
"""

# ruff: noqa: S608 - every part of these statements is written here; no word from outside gets into one

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from db.tables.counted import ANY_THEME, LABELLED, OURSELVES, labelled, waited
from domain.states import CaseState
from domain.waiting import BOUNDS_S, STRETCHES

#: Every trigger of ours, and on PostgreSQL its function, is called so; copies know them by it.
PREFIX = "counts_"


@dataclass(frozen=True, slots=True)
class Tally:
    """How rows of one table become counts. ``{r}`` in an expression stands for the row.

    ``keys`` and ``counts`` map columns of ``table`` to expressions and conditions; ``when`` says which rows count.
    """

    table: str
    keys: tuple[tuple[str, str], ...]
    counts: tuple[tuple[str, str], ...]
    when: str = "1 = 1"


@dataclass(frozen=True, slots=True)
class Sql:
    """What the two databases say differently."""

    is_sqlite: bool

    def seconds(self, moment: str) -> str:
        """Whole seconds since 1970."""
        if self.is_sqlite:  # Without its fraction, which SQLite would round up.
            return f"CAST(strftime('%s', substr({moment}, 1, 19)) AS INTEGER)"
        return f"CAST(trunc(extract(epoch FROM {moment})) AS BIGINT)"

    def hour(self, moment: str) -> str:
        """Whole hours since 1970."""
        return f"CAST({self.seconds(moment)} / {HOUR_S} AS INTEGER)"

    def day(self, hour: str, brand_id: str) -> str:
        """The brand's local day since 1970 of a whole hour, see ``db.turns``."""
        ahead = (
            f"SELECT bt.offset_h FROM brand_turns bt WHERE bt.brand_id = {brand_id} AND bt.from_hour <= {hour} "
            "ORDER BY bt.from_hour DESC LIMIT 1"
        )
        return f"CAST(({hour} + coalesce(({ahead}), 0)) / 24 AS INTEGER)"

    def themes(self, only: str = "1 = 1") -> str:
        """The codes of the contact reasons of judgements, each once, as a table of ``judgement_id`` and ``code``."""
        if self.is_sqlite:
            code, each = "json_extract(e.value, '$.code')", "json_each(j.reasons)"
        else:
            known = "CASE WHEN json_typeof(j.reasons) = 'array' THEN j.reasons ELSE '[]' END"
            code, each = "e.value ->> 'code'", f"json_array_elements({known})"
        return f"(SELECT DISTINCT j.id AS judgement_id, {code} AS code FROM judgements j, {each} e WHERE {only})"

    def language(self, code: str) -> str:
        """The language without its region, in small letters; ``und`` where nobody knows it."""
        known = f"lower(coalesce({code}, 'und'))"
        if self.is_sqlite:
            return f"substr({known}, 1, CASE instr({known}, '-') WHEN 0 THEN 12 ELSE instr({known}, '-') - 1 END)"
        return f"split_part({known}, '-', 1)"


HOUR_S = 3600
_HEARD = "NOT {r}.is_own AND NOT {r}.is_repost AND {r}.deleted_at IS NULL"
# A person's label counts before any model has read the post.
_JUDGED = "({r}.judged_by IS NOT NULL OR {r}.corrected) AND {r}.kind IS NOT NULL AND {r}.sentiment IS NOT NULL"
# Whoever corrects a post to "no action" takes its reasons away with that, in the queue as here.
_PRESSES = "coalesce({r}.urgency_level, 1) > 0"


def _what_it_is() -> tuple[tuple[str, str], ...]:
    counts = [
        ("unjudged", f"{_HEARD} AND NOT ({_JUDGED})"),
        ("own", "{r}.deleted_at IS NULL AND {r}.is_own"),
        ("reposts", "{r}.deleted_at IS NULL AND NOT {r}.is_own AND {r}.is_repost"),
        ("deleted", "{r}.deleted_at IS NOT NULL"),
    ]
    for kind, sentiment in LABELLED:
        labels = f"{{r}}.kind = '{kind}' AND {{r}}.sentiment = '{sentiment}'"
        counts.append((labelled(kind, sentiment), f"{_HEARD} AND {_JUDGED} AND {labels}"))
    return tuple(counts)


def posts(sql: Sql) -> Tally:
    """Each post once for every voice it is heard for: what it is, or why it is left out of the volume."""
    keys = (
        ("brand_id", "v.brand_id"),
        ("watch_id", "v.watch_id"),
        ("hour", sql.hour("{r}.published_at")),
        ("channel", "{r}.channel"),
        ("language", sql.language("{r}.language")),
        ("theme", f"'{ANY_THEME}'"),
    )
    return Tally("mention_rollups", keys, _what_it_is())


def days(sql: Sql, *, theme: str = f"'{ANY_THEME}'") -> Tally:
    """The same by local days; with THEME once for each theme of a post that presses (see ``themes_of``)."""
    keys = (
        ("brand_id", "v.brand_id"),
        ("watch_id", "v.watch_id"),
        ("theme", theme),
        ("day", sql.day(sql.hour("{r}.published_at"), "v.brand_id")),
        ("channel", "{r}.channel"),
        ("language", sql.language("{r}.language")),
    )
    return Tally("day_rollups", keys, _what_it_is(), _PRESSES if theme == THEME else "1 = 1")


THEME = "th.code"


def models(sql: Sql) -> Tally:
    """Which revision judged each post that counts."""
    keys = (
        ("brand_id", "v.brand_id"),
        ("watch_id", "v.watch_id"),
        ("hour", sql.hour("{r}.published_at")),
        ("model", "{r}.judged_by"),
    )
    return Tally("model_rollups", keys, (("posts", "1 = 1"),), f"{_HEARD} AND {{r}}.judged_by IS NOT NULL")


def cases(sql: Sql) -> tuple[Tally, ...]:
    """Each case where its customer asked, where it was closed, where the customer reopened it."""

    def keys(moment: str) -> tuple[tuple[str, str], ...]:
        return (
            ("brand_id", "{r}.brand_id"),
            ("hour", sql.hour(f"{{r}}.{moment}")),
            ("channel", "{r}.channel"),
            ("language", sql.language("{r}.language")),
            ("theme", f"'{ANY_THEME}'"),
        )

    wait_s = f"({sql.seconds('{r}.answered_at')} - {sql.seconds('{r}.asked_at')})"
    stretches = [(waited(n), _between(wait_s, n)) for n in range(STRETCHES)]
    asks = (
        f"{{r}}.asked_at IS NOT NULL AND {{r}}.state <> '{CaseState.DISMISSED}' AND ({{r}}.answered_at IS NOT NULL "
        "OR ({r}.kind IN ('complaint', 'question') AND coalesce({r}.resolution, '') <> 'no_answer_needed'))"
    )
    closed = (
        f"{{r}}.closed_at IS NOT NULL AND {{r}}.state = '{CaseState.RESOLVED}' "
        "AND coalesce({r}.resolution, '') <> 'no_answer_needed'"
    )
    solved = (("closed", "1 = 1"), ("solved", "{r}.resolution = 'customer_confirmed'"))
    return (
        Tally("case_rollups", keys("asked_at"), (("unanswered", "{r}.answered_at IS NULL"), *stretches), asks),
        Tally("case_rollups", keys("closed_at"), solved, closed),
        Tally("case_rollups", keys("reopened_at"), (("reopened", "1 = 1"),), "{r}.reopened_at IS NOT NULL"),
    )


def _between(wait_s: str, stretch: int) -> str:
    above = [f"{wait_s} > {BOUNDS_S[stretch - 1]}"] if stretch else []
    below = [f"{wait_s} <= {BOUNDS_S[stretch]}"] if stretch < len(BOUNDS_S) else []
    return " AND ".join(["{r}.answered_at IS NOT NULL", *above, *below])


def _columns(tally: Tally) -> str:
    return ", ".join(name for name, _ in (*tally.keys, *tally.counts))


def one_more(tally: Tally, row: str, source: str, *, sign: int = 1) -> str:
    """The statement that adds ``row`` to its counts, or takes it away with ``sign`` -1. ``source``: FROM and WHERE."""
    keys = [expression for _, expression in tally.keys]
    counts = [f"CASE WHEN {condition} THEN {sign} ELSE 0 END" for _, condition in tally.counts]
    added = ", ".join(f"{name} = {tally.table}.{name} + excluded.{name}" for name, _ in tally.counts)
    return (
        f"INSERT INTO {tally.table} ({_columns(tally)}) SELECT {', '.join([*keys, *counts])} {source} "
        f"AND {tally.when} ON CONFLICT ({', '.join(name for name, _ in tally.keys)}) DO UPDATE SET {added}"
    ).replace("{r}", row)


def all_anew(tally: Tally, source: str) -> str:
    """The statement that counts every row of ``source``, which calls it ``r``, into an empty table or beside others.

    In the order of the key: so a window's rows lie side by side, however the database groups them.
    """
    keys = [expression for _, expression in tally.keys]
    counts = [f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END)" for _, condition in tally.counts]
    places = ", ".join(str(n + 1) for n in range(len(keys)))
    added = ", ".join(f"{name} = {tally.table}.{name} + excluded.{name}" for name, _ in tally.counts)
    return (
        f"INSERT INTO {tally.table} ({_columns(tally)}) SELECT {', '.join([*keys, *counts])} {source} "
        f"AND {tally.when} GROUP BY {places} ORDER BY {places} "
        f"ON CONFLICT ({', '.join(name for name, _ in tally.keys)}) DO UPDATE SET {added}"
    ).replace("{r}", "r")


_VOICE = f"w.brand_id AS brand_id, CASE WHEN w.is_competitor THEN w.id ELSE {OURSELVES} END AS watch_id"


def themes_of(sql: Sql, judgement_id: str) -> str:
    """``beside`` of what follows: each theme of this judgement as ``th.code``."""
    return f"CROSS JOIN {sql.themes(f'j.id = {judgement_id}')} th "


def voices_of(mention_id: str, *, beside: str = "") -> str:
    """FROM and WHERE: whom a post is heard for, each once: the brand itself, and every competitor's watch."""
    return (
        f"FROM (SELECT DISTINCT {_VOICE} FROM mention_matches mm JOIN watches w ON w.id = mm.watch_id "
        f"WHERE mm.mention_id = {mention_id}) v {beside}WHERE 1 = 1"
    )


def voice_of_match(row: str, *, beside: str = "") -> str:
    """FROM and WHERE: the voice of one match, if no other match of the post speaks for the same."""
    return (
        f"FROM (SELECT {_VOICE} FROM watches w WHERE w.id = {row}.watch_id) v "
        f"JOIN mentions r ON r.id = {row}.mention_id {beside}"
        f"WHERE NOT EXISTS (SELECT 1 FROM mention_matches o JOIN watches ow ON ow.id = o.watch_id "
        f"WHERE o.mention_id = {row}.mention_id AND o.watch_id <> {row}.watch_id AND ow.brand_id = v.brand_id "
        f"AND v.watch_id = {OURSELVES} AND NOT ow.is_competitor)"
    )


def every_post(brand_id: int | None, *, beside: str = "") -> str:
    """FROM and WHERE: every post with every voice, of one brand or of all."""
    only = "" if brand_id is None else f" WHERE w.brand_id = {int(brand_id)}"
    return (
        f"FROM (SELECT DISTINCT mm.mention_id AS mention_id, {_VOICE} FROM mention_matches mm "
        f"JOIN watches w ON w.id = mm.watch_id{only}) v JOIN mentions r ON r.id = v.mention_id {beside}WHERE 1 = 1"
    )


def every_case(brand_id: int | None) -> str:
    """FROM and WHERE: every case, of one brand or of all."""
    return "FROM cases r WHERE 1 = 1" if brand_id is None else f"FROM cases r WHERE r.brand_id = {int(brand_id)}"


def recount_statements(connection: Connection, brand_id: int | None) -> Iterator[str]:
    """Everything counted anew, in order, into tables from which the old counts are gone."""
    sql = Sql(connection.dialect.name == "sqlite")
    yield all_anew(posts(sql), every_post(brand_id))
    yield _days_of_hours(sql, brand_id)
    with_themes = f"JOIN {sql.themes()} th ON th.judgement_id = r.judgement_id "
    yield all_anew(days(sql, theme=THEME), every_post(brand_id, beside=with_themes))
    yield all_anew(models(sql), every_post(brand_id))
    for tally in cases(sql):
        yield all_anew(tally, every_case(brand_id))


def _days_of_hours(sql: Sql, brand_id: int | None) -> str:
    """Days without themes are the sums of their hours, of which there are fewer than of posts."""
    names = [name for name, _ in _what_it_is()]
    only = "1 = 1" if brand_id is None else f"r.brand_id = {int(brand_id)}"
    return (
        f"INSERT INTO day_rollups (brand_id, watch_id, theme, day, channel, language, {', '.join(names)}) "
        f"SELECT r.brand_id, r.watch_id, r.theme, {sql.day('r.hour', 'r.brand_id')}, r.channel, r.language, "
        f"{', '.join(f'sum(r.{name})' for name in names)} FROM mention_rollups r WHERE {only} "
        "GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6"
    )
