"""What do the queue, the claims and the intake cost at a million posts, on either database?

    python -m benchmarks.million [--url postgresql+psycopg://…] [--posts 1000000] [--plans FILE]

Without --url: a SQLite file in a temporary folder. The database named by --url must be empty. Prints milliseconds;
--plans adds this database's plans and figures to a page. Run once for each database.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from bootstrap import migrate, open_backend
from collectors.protocol import Page
from db import counting_triggers, rollups
from domain.clock import utc_now
from domain.mention import Author, Mention
from domain.people import Role
from services import brands, claims, intake, queue, team, triage
from services.context import Context, colleague
from services.queue import Order, QueueFilter, Tab
from settings import Settings

RUNS = 20
CLAIMERS, CLAIMS_EACH = 8, 40
PAGE_POSTS, PAGES = 100, 20

SQL = Path(__file__).with_name("million.sql")
_NUMBERS = (
    "WITH RECURSIVE n(i) AS (SELECT cast(1 AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < :posts), "
    "t(i, at) AS (SELECT i, {at} FROM n)"
)
_NO_PARENTS = (
    "SELECT set_config('session_replication_role', 'replica', true) "
    "WHERE (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
)
_AGO = "i * 7919 % 15000000"
_WORDS = {
    "sqlite": {
        "no": "0",
        "yes": "1",
        "at": f"strftime('%Y-%m-%d %H:%M:%S', 'now', -({_AGO}) || ' seconds') || '.000000'",
    },
    "postgresql": {"no": "false", "yes": "true", "at": f"now() - make_interval(secs => {_AGO})"},
}


@dataclass(frozen=True, slots=True)
class Took:
    """One call: on the clock, and of this process's processor (on a server without the server's share)."""

    clock_ms: float
    processor_ms: float


@dataclass
class Report:
    """Figures and plans, in the order they were taken."""

    title: str
    lines: list[str] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)

    def say(self, name: str, times: list[Took]) -> None:
        clock, processor = sorted(t.clock_ms for t in times), [t.processor_ms for t in times]
        late = clock[int(len(clock) * 0.95) - 1]
        words = f"{statistics.median(clock):.1f} ms, 95 % {late:.1f} ms"
        self.note(name, f"{words} | {statistics.mean(processor):.1f} ms" if any(processor) else f"{words} |")

    def note(self, name: str, words: str) -> None:
        self.lines.append(f"| {name} | {words} |")
        print(f"{name:48} {words}", flush=True)


def fill(ctx: Context, *, posts: int, brand_id: int, watch_id: int) -> None:
    """A million posts by statements over sets, and the planner's statistics."""
    dialect = "sqlite" if ctx.store.is_sqlite else "postgresql"
    words, values = _WORDS[dialect], {"posts": posts, "brand": brand_id, "watch": watch_id}
    with ctx.store.write(patient=True) as tx:
        if dialect == "postgresql":  # Whoever may do so leaves out the look for each row's parents.
            tx.execute(text(_NO_PARENTS))
        counting_triggers.take_down(tx)  # As for a bulk copy: counted once, at the end.
        for statement in SQL.read_text(encoding="utf-8").split("-- next"):
            numbered = statement.partition("INSERT")[2].replace("numbers SELECT", f"{_NUMBERS} SELECT").format(**words)
            names = {name: value for name, value in values.items() if f":{name}" in numbered}
            tx.execute(text(f"INSERT{numbered}"), names)
        if dialect == "postgresql":
            for table in ("customers", "authors", "conversations", "mentions", "cases"):
                tx.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"))  # noqa: S608
        rollups.rebuild(tx)
        counting_triggers.put_up(tx)
        tx.execute(text("ANALYZE"))


def timed(call: Callable[[], object], *, alone: bool = True) -> Took:
    """How long a call takes; the processor's share only where nothing else runs in this process."""
    start, began = time.perf_counter(), time.process_time()
    call()
    used = time.process_time() - began if alone else 0.0
    return Took((time.perf_counter() - start) * 1000, used * 1000)


def repeated(call: Callable[[], object]) -> list[Took]:
    call()
    return [timed(call) for _ in range(RUNS)]


@contextmanager
def noted(ctx: Context, report: Report, name: str) -> Iterator[None]:
    """Keep the plan of the slowest SELECT that runs inside."""
    seen: list[tuple[float, str, Any]] = []
    began: dict[int, float] = {}

    def before(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        began[id(cursor)] = time.perf_counter()

    def after(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement.startswith(("SELECT cases", "SELECT mentions")):
            seen.append((time.perf_counter() - began[id(cursor)], statement, parameters))

    event.listen(ctx.store.engine, "before_cursor_execute", before)
    event.listen(ctx.store.engine, "after_cursor_execute", after)
    yield
    event.remove(ctx.store.engine, "before_cursor_execute", before)
    event.remove(ctx.store.engine, "after_cursor_execute", after)
    if seen:
        report.plans.append(f"### {name}\n\n```text\n{explained(ctx, *max(seen)[1:])}\n```")


def explained(ctx: Context, statement: str, parameters: Any) -> str:
    with ctx.store.read() as tx:
        if ctx.store.is_sqlite:
            rows = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            return "\n".join(row[3] for row in rows)
        rows = tx.exec_driver_sql(
            f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS) {statement}", parameters
        )
        return "\n".join(row[0] for row in rows)


def read_queue(ctx: Context, report: Report, brand_id: int) -> None:
    for tab in (Tab.FREE, Tab.ALL):
        for order in Order:
            wanted = QueueFilter(brand_id, tab=tab, order=order)
            with noted(ctx, report, f"queue, {tab}, by {order}"):
                queue.page(ctx, wanted)
            report.say(f"queue page, {tab}, by {order}", repeated(lambda wanted=wanted: queue.page(ctx, wanted)))
    cursor = None
    for _ in range(40):
        cursor = queue.page(ctx, QueueFilter(brand_id), cursor=cursor, limit=200).next_cursor
    deep = QueueFilter(brand_id)
    report.say("queue page, 8000 cases down", repeated(lambda: queue.page(ctx, deep, cursor=cursor)))
    report.say("counts", repeated(lambda: queue.counts(ctx, brand_id)))
    report.say("pulse", repeated(lambda: queue.pulse(ctx, brand_id, since_version=0)))
    with noted(ctx, report, "posts that wait for the model"):
        triage.waiting_ids(ctx, posts=64)
    report.say("posts that wait for the model, 64", repeated(lambda: triage.waiting_ids(ctx, posts=64)))


def claim(people: list[Context], report: Report, *, name: str) -> None:
    """Several people claim at once, each a case of their own."""
    entries = queue.page(people[0], QueueFilter(1, tab=Tab.FREE), limit=CLAIMERS * CLAIMS_EACH).entries
    times: list[Took] = []

    def work(person: Context, ids: list[int]) -> None:
        for case_id in ids:
            times.append(timed(lambda case_id=case_id: claims.claim(person, case_id), alone=False))

    shares = [[e.case_id for e in entries[n::CLAIMERS]] for n in range(CLAIMERS)]
    threads = [threading.Thread(target=work, args=pair) for pair in zip(people, shares, strict=True)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report.say(name, times)
    report.note(f"{name}, a second", f"{len(times) / (time.perf_counter() - start):.0f} |")


def a_page(number: int) -> Page:
    now = utc_now()
    posts = []
    for n in range(PAGE_POSTS):
        key = f"new-{number}-{n}"
        posts.append(
            Mention(
                "sample",
                "file",
                key,
                Author(key, key, key),
                f"The parcel {key} is late",
                now - timedelta(seconds=n),
                key,
            )
        )
    return Page(tuple(posts), None)


def take_in(ctx: Context, watch: Any, report: Report, *, name: str, first: int) -> None:
    times = [
        timed(lambda number=number: intake.store(ctx, watch, a_page(number))) for number in range(first, first + PAGES)
    ]
    report.say(f"{name}, a page of {PAGE_POSTS}", times)
    report.note(f"{name}, posts a second", f"{PAGE_POSTS * PAGES / (sum(t.clock_ms for t in times) / 1000):.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--url", default="")
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--plans", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sportello-bench-") as folder:
        settings = Settings(data_dir=str(Path(folder, "data")), database_url=given.url)
        migrate(settings)
        ctx = open_backend(settings).ctx
        measure(ctx, given.posts, given.plans)
        ctx.store.close()


def measure(ctx: Context, posts: int, plans: Path | None) -> None:
    report = Report("SQLite" if ctx.store.is_sqlite else "PostgreSQL")
    brand = brands.add_brand(ctx, "Bench")
    watch = make_watch(ctx, brand.id)
    people = []
    for n in range(CLAIMERS):
        made = team.add_member(
            ctx, login=f"p{n}", name=f"P{n}", roles=[Role.OPERATOR], password=f"long enough {n} words"
        )
        people.append(ctx.acting_as(colleague(made.member)))
    filled_s = timed(lambda: fill(ctx, posts=posts, brand_id=brand.id, watch_id=watch.id)).clock_ms / 1000
    report.note(f"filling with {posts} posts", f"{filled_s:.0f} s |")
    read_queue(people[0], report, brand.id)
    claim(people, report, name=f"claim, {CLAIMERS} people at once")
    take_in(ctx, watch, report, name="intake", first=0)
    busy = threading.Thread(
        target=take_in, args=(ctx, watch, report), kwargs={"name": "intake beside claims", "first": PAGES}
    )
    busy.start()
    claim(people, report, name="claim beside an intake")
    busy.join()
    if plans is not None:
        with plans.open("a", encoding="utf-8") as page:
            page.write(
                f"\n## {report.title}\n\n| what | median on the clock | processor of the desk |\n|---|---|---|\n"
                + "\n".join(report.lines)
                + "\n\n"
            )
            page.write("\n\n".join(report.plans) + "\n")


def make_watch(ctx: Context, brand_id: int) -> Any:
    from services import watches

    return watches.add_watch(ctx, brand_id, name="all", terms=(), channels=("sample",))


if __name__ == "__main__":
    main()
