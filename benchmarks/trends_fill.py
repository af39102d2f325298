"""A desk with two years of posts, for measuring the trends: as many as are asked for, by statements over sets.

Ten million of them take PostgreSQL some minutes. What is counted is counted at the end by the desk's own rebuild, as
after a bulk copy. Each step is a transaction of its own, since a desk's server cuts one that idles.
"""

# ruff: noqa: S608 - every part of these statements is written here

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from bootstrap import migrate, open_backend
from db import counting_triggers, rollups
from domain.people import Role
from services import brands, team, watches
from services.context import Context
from settings import Settings

SQL = Path(__file__).with_name("trends.sql")
YEARS_S = 730 * 86_400
#: The newest post is some minutes old; of each day, most were written in the hours of the clock of now.
_AGO = f"((:posts - i) * {YEARS_S} / :posts)"
_BUSY = f"({_AGO} - {_AGO} % 86400 + ({_AGO} % 86400) * ({_AGO} % 86400) / 86400 + 600)"
_H = "i * 2654435761 / 65536 % 1000003"
_ANSWER_S = "(i * 7919 % 600000 + 60)"
_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :posts), "
    f"t(i, at, h) AS (SELECT i, strftime('%Y-%m-%d %H:%M:%S', 'now', -{_BUSY} || ' seconds') || '.000000', {_H} "
    "FROM n)",
    "postgresql": f"WITH t(i, at, h) AS (SELECT i, now() - make_interval(secs => {_BUSY}), {_H} "
    "FROM generate_series(cast(1 AS bigint), :posts) i)",
}
_WORDS = {
    "sqlite": {
        "no": "0",
        "yes": "1",
        "json": "",
        "later": f"strftime('%Y-%m-%d %H:%M:%S', at, {_ANSWER_S} || ' seconds') || '.000000'",
    },
    "postgresql": {"no": "false", "yes": "true", "json": "::json", "later": f"at + make_interval(secs => {_ANSWER_S})"},
}
_COPIED = (
    *("customers", "authors", "conversations", "mentions", "judgements", "mention_matches", "cases", "case_mentions"),
    "replies",
)
_NO_PARENTS = (
    "SELECT set_config('session_replication_role', 'replica', true) "
    "WHERE (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """A filled desk: of ``posts`` posts, for a brand and a second one."""

    ctx: Context
    posts: int
    brand_id: int
    watch_id: int
    second_id: int


def desk_of(settings: Settings, *, posts: int, told: Callable[[str], None]) -> Desk:
    """The desk of these settings; filled first where it is empty."""
    migrate(settings)
    ctx = open_backend(settings).ctx
    named = {brand.name: brand.id for brand in brands.list_brands(ctx)}
    if "Bench" not in named:
        fill(ctx, posts=posts, told=told)
        named = {brand.name: brand.id for brand in brands.list_brands(ctx)}
    with ctx.store.read() as tx:
        if not tx.execute(text("SELECT count(*) FROM case_rollups")).scalar_one():
            raise SystemExit(f"The desk of {posts} posts was left half filled: remove it and begin again.")
    watch = next(w for w in watches.list_watches(ctx, named["Bench"]) if w.name == "all")
    return Desk(ctx, posts, named["Bench"], watch.id, named["Second"])


def fill(ctx: Context, *, posts: int, told: Callable[[str], None]) -> None:
    """Posts, their people, judgements, cases and answers; then what is counted of them."""
    brand, second = brands.add_brand(ctx, "Bench"), brands.add_brand(ctx, "Second")
    watch = watches.add_watch(ctx, brand.id, name="all", terms=(), channels=("sample",))
    rival = watches.add_watch(ctx, brand.id, name="Rival", terms=("rival",), channels=("sample",), is_competitor=True)
    other = watches.add_watch(ctx, second.id, name="all", terms=(), channels=("sample",))
    owner = team.add_member(ctx, login="p", name="P", roles=[Role.OPERATOR], password="long enough words").member
    values = {"posts": posts, "brand": brand.id, "owner": owner.id}
    values |= {"watch": watch.id, "rival": rival.id, "second": other.id}
    with ctx.store.write(patient=True) as tx:
        counting_triggers.take_down(tx)
        again = [] if ctx.store.is_sqlite else _lay_bare(tx)
    for statement in [*_statements(ctx.store.is_sqlite), *again, "ANALYZE"]:
        told(" ".join(statement.split()[:4]))
        names = {name: value for name, value in values.items() if f":{name}" in statement}
        with ctx.store.write(patient=True) as tx:
            if not ctx.store.is_sqlite:  # Whoever may do so leaves out the look for each row's parents.
                tx.execute(text(_NO_PARENTS))
            tx.execute(text(statement), names)
    with ctx.store.write(patient=True) as tx:
        rollups.rebuild(tx, told=told)
        counting_triggers.put_up(tx)
    _settle(ctx)


def _statements(is_sqlite: bool) -> list[str]:
    dialect = "sqlite" if is_sqlite else "postgresql"
    found = []
    for statement in SQL.read_text(encoding="utf-8").split("-- next"):
        lines = "\n".join(line for line in statement.splitlines() if not line.startswith("--"))
        found.append(lines.replace("numbers SELECT", f"{_NUMBERS[dialect]} SELECT").format(**_WORDS[dialect]).strip())
    return found


def _lay_bare(tx: Connection) -> list[str]:
    """Drop every index and unique key of the large tables; returns what makes them again."""
    tables = ", ".join(f"'{name}'" for name in _COPIED)
    keys = tx.execute(
        text(
            "SELECT conname, cast(conrelid AS regclass)::text, pg_get_constraintdef(oid), contype FROM pg_constraint "
            f"WHERE contype = 'u' AND conrelid IN (SELECT cast(n AS regclass) FROM unnest(ARRAY[{tables}]) n)"
        )
    ).all()
    for name, table, _made, _kind in keys:
        tx.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
    indexes = tx.execute(
        text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() "
            f"AND indexname NOT LIKE 'pk_%' AND tablename IN ({tables})"
        )
    ).all()
    for name, _made in indexes:
        tx.execute(text(f'DROP INDEX "{name}"'))
    return [
        *(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {made}' for name, table, made, _kind in keys),
        *(made for _name, made in indexes),
    ]


def _settle(ctx: Context) -> None:
    """What a desk that ran for two years has long done: sequences beyond what was copied, and the tables swept."""
    with ctx.store.write(patient=True) as tx:
        tx.execute(text("ANALYZE"))
        if ctx.store.is_sqlite:
            return
        for table in _COPIED:
            if table not in ("mention_matches", "case_mentions"):
                tx.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"))
    with ctx.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE)"))
