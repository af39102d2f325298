"""What do the trends cost, and what does counting add to a post that comes in, at a million posts and more?

    python -m benchmarks.trends [--url postgresql+psycopg://…] [--posts 1000000] [--small 100000]

Without --url: a SQLite file in a temporary folder. The database named by --url must be empty. The same is measured in a
small database first: what a new post costs must not grow with how many there are. Prints milliseconds on the clock and
of this process's processor; on a busy machine trust the second, and the ratio.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, text

from benchmarks.million import _NO_PARENTS, _NUMBERS, _WORDS, Took, a_page, explained, repeated, timed
from bootstrap import migrate, open_backend
from db import counting, counting_triggers, rollups, turns
from db.engine import Store
from db.tables import case_rollups, day_rollups, mention_rollups, model_rollups
from domain.people import Role
from domain.window import hours_of, last_days
from services import brands, intake, posts_behind, team, trends, watches
from services.context import Context
from settings import Settings

SQL = Path(__file__).with_name("trends.sql")
PAGES = 10
_SERIES = "WITH t(i, at) AS (SELECT i, {at} FROM generate_series(cast(1 AS bigint), :posts) i)"
#: Four cases in five were answered, after between a minute and a week.
_MORE_WORDS = {
    "sqlite": {
        "json": "",
        "later": "strftime('%Y-%m-%d %H:%M:%S', at, (i * 7919 % 600000 + 60) || ' seconds') || '.000000'",
    },
    "postgresql": {"json": "::json", "later": "at + make_interval(secs => i * 7919 % 600000 + 60)"},
}


@dataclass(frozen=True, slots=True)
class Desk:
    """A filled desk."""

    ctx: Context
    brand_id: int
    watch_id: int


def fill(ctx: Context, *, posts: int) -> Desk:
    """Posts by statements over sets; what is counted is counted at the end, as after a bulk copy."""
    brand = brands.add_brand(ctx, "Bench")
    watch = watches.add_watch(ctx, brand.id, name="all", terms=(), channels=("sample",))
    rival = watches.add_watch(ctx, brand.id, name="Rival", terms=("rival",), channels=("sample",), is_competitor=True)
    owner = team.add_member(ctx, login="p", name="P", roles=[Role.OPERATOR], password="long enough words").member
    dialect = "sqlite" if ctx.store.is_sqlite else "postgresql"
    values = {"posts": posts, "brand": brand.id, "watch": watch.id, "rival": rival.id, "owner": owner.id}
    with ctx.store.write(patient=True) as tx:
        if dialect == "postgresql":
            tx.execute(text(_NO_PARENTS))
        counting_triggers.take_down(tx)
        indexes = _without_indexes(tx) if dialect == "postgresql" else []
        words = _WORDS[dialect] | _MORE_WORDS[dialect]
        numbers = _NUMBERS if dialect == "sqlite" else _SERIES
        for statement in SQL.read_text(encoding="utf-8").split("-- next"):
            lines = [line for line in statement.splitlines() if not line.startswith("--")]
            numbered = "\n".join(lines).replace("numbers SELECT", f"{numbers} SELECT").format(**words)
            names = {name: value for name, value in values.items() if f":{name}" in numbered}
            tx.execute(text(numbered), names)
        if dialect == "postgresql":
            for table in ("customers", "authors", "conversations", "mentions", "judgements", "cases"):
                tx.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"))  # noqa: S608
        for statement in indexes:
            tx.execute(text(statement))
        tx.execute(text("ANALYZE"))
        turns.put_all(tx)
        for table in (mention_rollups, day_rollups, model_rollups, case_rollups):
            tx.execute(delete(table))
        for statement in counting.recount_statements(tx, None):
            tx.execute(text(statement))
        counting_triggers.put_up(tx)
        tx.execute(text("ANALYZE"))
    return Desk(ctx, brand.id, watch.id)


def _without_indexes(tx: Any) -> list[str]:
    """Drop what is only there to find rows; returns the statements that make it again."""
    query = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND indexname LIKE 'ix_%' AND "
        "tablename IN ('mentions', 'mention_matches', 'authors', 'customers', 'judgements', 'cases', 'case_mentions')"
    )
    found = tx.execute(text(query)).all()
    for name, _made in found:
        tx.execute(text(f'DROP INDEX "{name}"'))
    unique = "ALTER TABLE mentions {} CONSTRAINT uq_mentions_channel_origin_native_id"
    tx.execute(text(unique.format("DROP")))
    return [made for _name, made in found] + [f"{unique.format('ADD')} UNIQUE (channel, origin, native_id)"]


def read(desk: Desk) -> dict[str, list[Took]]:
    """What the page asks for, and filters."""
    ctx, brand_id = desk.ctx, desk.brand_id
    days = {n: last_days(n, "Europe/Rome", now=ctx.clock()) for n in (7, 31, 90, 180)}

    def page(n: int, **only: object) -> Callable[[], object]:
        return lambda: trends.trends(ctx, brand_id, days[n], **only)  # type: ignore[arg-type]

    stretch = days[7].steps()[2]
    sought = posts_behind.Sought(brand_id, stretch.from_at, stretch.to_at)
    return {
        "page, 31 days": repeated(page(31)),
        "page, 7 days": repeated(page(7)),
        "page, 90 days": repeated(page(90)),
        "page, half a year": repeated(page(180)),
        "one channel, 31 days": repeated(page(31, channels=("mastodon",))),
        "two channels, one language, 90 days": repeated(page(90, channels=("x", "reddit"), languages=("it",))),
        "posts behind a day": repeated(lambda: posts_behind.posts_behind(ctx, sought)),
    }


def add(desk: Desk, first: int) -> list[Took]:
    """New pages of a hundred posts, stored with their cases, first opinions and counts."""
    watch = watches.get(desk.ctx, desk.watch_id)
    return [timed(lambda n=n: intake.store(desk.ctx, watch, a_page(n))) for n in range(first, first + PAGES)]


def plan(desk: Desk) -> str:
    """How the page's largest question is answered."""
    scope = rollups.Scope(*hours_of(last_days(31, "Europe/Rome", now=desk.ctx.clock()).stretch))
    statement = (
        "SELECT hour, sum(complaint_negative) FROM mention_rollups "  # noqa: S608
        f"WHERE brand_id = {desk.brand_id} AND watch_id = 0 AND hour >= {scope.from_hour} AND hour < {scope.to_hour} "
        "GROUP BY hour"
    )
    return explained(desk.ctx, statement, ())


def say(name: str, times: list[Took]) -> None:
    clock, processor = statistics.median(t.clock_ms for t in times), statistics.median(t.processor_ms for t in times)
    late = sorted(t.clock_ms for t in times)[int(len(times) * 0.95) - 1]
    print(f"| {name} | {clock:.1f} ms, 95 % {late:.1f} ms | {processor:.1f} ms |", flush=True)


def measure(settings: Settings, posts: int) -> list[Took]:
    migrate(settings)
    ctx = open_backend(settings).ctx
    filled: list[Desk] = []
    took = timed(lambda: filled.append(fill(ctx, posts=posts)))
    print(f"| filled and counted {posts} posts | {took.clock_ms / 1000:.0f} s | |", flush=True)
    desk = filled[0]
    for name, times in read(desk).items():
        say(name, times)
    add(desk, 0)
    times = add(desk, PAGES)
    say("a page of 100 new posts", times)
    with ctx.store.read() as tx:
        rows = tx.execute(text("SELECT count(*) FROM mention_rollups")).scalar_one()
    print(f"| rows of counts | {rows} | |\n{plan(desk)}", flush=True)
    ctx.store.close()
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--url", default="")
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--small", type=int, default=100_000)
    given = parser.parse_args()
    found = []
    for posts in (given.small, given.posts):
        with tempfile.TemporaryDirectory(prefix="sportello-bench-") as folder:
            if given.url and found:
                _empty(given.url)
            settings = Settings(data_dir=str(Path(folder, "data")), database_url=given.url)
            found.append(statistics.median(t.processor_ms for t in measure(settings, posts)))
    print(f"| a new page at {given.posts} against {given.small}: {found[1] / found[0]:.2f} times the processor | | |")


def _empty(url: str) -> None:
    store = Store(url)
    with store.write() as tx:
        tx.execute(text("DROP SCHEMA public CASCADE"))
        tx.execute(text("CREATE SCHEMA public"))
    store.close()


if __name__ == "__main__":
    main()
