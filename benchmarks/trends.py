"""What do the trends cost with ten million posts, are they what the posts say, and does a new post cost more there?

    python -m benchmarks.trends [--url postgresql+psycopg://…] [--posts 100000,1000000] [--folder DIR] [--windows 20]

One desk for each number of posts: a SQLite file in --folder, or with --url, which names somebody who may create
databases, a database of its own beside the one named. A desk that is filled already is measured again as it is. New
posts are stored in all of them in turn, so that whatever else the machine does weighs on all alike. Prints
milliseconds: of the clock (median, least, 95 %), of this process's processor, and of the server's.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import event, make_url, text

from benchmarks import trends_raw
from benchmarks.million import a_page, explained
from benchmarks.trends_fill import Desk, desk_of
from collectors.protocol import Page
from db.engine import Store
from domain.brand import Watch
from domain.judgement import ReasonCode
from domain.mention import Author
from domain.window import Comparison, Window, last_days
from services import intake, posts_behind, report, trends, watches
from services.report import Month
from settings import Settings

RUNS = 15
#: Rounds of new posts: the first ones warm up.
WARM, ROUNDS = 4, 16
ZONE = "Europe/Rome"
#: The processes that help the server's with one statement are gone before anybody could ask what they used.
ALONE = "-c max_parallel_workers_per_gather=0"
#: A statement that takes so long is explained.
SLOW_MS = 20.0


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of one call: on the clock, of this process's processor, of the server's."""

    clock: float
    desk: float
    server: float


def timed(desk: Desk, call: Callable[[], object]) -> Took:
    before = _server_ms(desk)
    clock, used = perf_counter(), process_time()
    call()
    used, clock = process_time() - used, perf_counter() - clock
    return Took(clock * 1000, used * 1000, _server_ms(desk) - before)


def _server_ms(desk: Desk) -> float:
    """What the server's processes for this database have used so far; 0.0 where it is not on this machine."""
    if desk.ctx.store.is_sqlite:
        return 0.0
    with desk.ctx.store.read() as tx:
        pids = tx.execute(text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")).scalars().all()
    files = [Path(f"/proc/{pid}/schedstat") for pid in pids]
    return sum(int(file.read_text().split()[0]) for file in files if file.exists()) / 1e6


def say(name: str, times: list[Took]) -> None:
    figures = [[getattr(each, part) for each in times] for part in ("clock", "desk", "server")]
    clock, processor, server = (statistics.median(each) for each in figures)
    least, late = min(figures[0]), sorted(figures[0])[int(len(times) * 0.95) - 1]
    print(f"| {name} | {clock:.1f}, {least:.1f} to 95 % {late:.1f} | {processor:.1f} | {server:.1f} |", flush=True)


@contextmanager
def slow_ones(desk: Desk, name: str) -> Iterator[None]:
    """Explain the slowest statement that runs inside, where it takes long."""
    seen: list[tuple[float, str, Any]] = []

    def before(connection: Any, *rest: Any) -> None:
        connection.info["began"] = perf_counter()

    def after(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append(((perf_counter() - connection.info["began"]) * 1000, statement, parameters))

    event.listen(desk.ctx.store.engine, "before_cursor_execute", before)
    event.listen(desk.ctx.store.engine, "after_cursor_execute", after)
    yield
    event.remove(desk.ctx.store.engine, "before_cursor_execute", before)
    event.remove(desk.ctx.store.engine, "after_cursor_execute", after)
    took, statement, parameters = max(seen, key=lambda each: each[0])
    if took > SLOW_MS:
        plan = explained(desk.ctx, statement, parameters)
        print(f"\n{name}, {took:.0f} ms: {' '.join(statement.split())[:100]}\n{plan}\n")


def questions(desk: Desk) -> dict[str, Callable[[], object]]:
    """What the page asks for: every window and every filter."""
    ctx, now = desk.ctx, desk.ctx.clock()
    days = {n: last_days(n, ZONE, now=now) for n in (1, 7, 31, 90, 365, 730)}

    def page(n: int, brand_id: int = desk.brand_id, **only: object) -> Callable[[], object]:
        return lambda: trends.trends(ctx, brand_id, days[n], **only)  # type: ignore[arg-type]

    day = days[31].steps()[-3]
    sought = posts_behind.Sought(desk.brand_id, day.from_at, day.to_at)
    return {
        "31 days, as the page opens": page(31),
        "one day, by the hour": page(1),
        "7 days": page(7),
        "90 days": page(90),
        "a year": page(365),
        "two years": page(730),
        "31 days, second brand": page(31, desk.second_id),
        "31 days, one channel": page(31, channels=("mastodon",)),
        "31 days, one language": page(31, languages=("it",)),
        "31 days, one theme": page(31, theme=ReasonCode.MONEY),
        "31 days, the same weekdays before": page(31, comparison=Comparison.SAME_WEEKDAYS),
        "a year, one channel": page(365, channels=("mastodon",)),
        "two years, two channels, one language": page(730, channels=("x", "reddit"), languages=("it",)),
        "two years, one theme": page(730, theme=ReasonCode.MONEY),
        "what can be chosen in 31 days": lambda: trends.to_choose(ctx, desk.brand_id, days[31]),
        "posts behind a day": lambda: posts_behind.posts_behind(ctx, sought),
        "posts behind a day, one theme": lambda: posts_behind.posts_behind(ctx, replace(sought, theme="money")),
    }


def read(desk: Desk) -> None:
    for name, ask in questions(desk).items():
        ask()
        with slow_ones(desk, name):
            ask()
        say(name, [timed(desk, ask) for _ in range(RUNS)])
    month = Month(desk.ctx.clock().year, desk.ctx.clock().month).before
    with slow_ones(desk, "report"):
        report.report(desk.ctx, desk.brand_id, month)
    say("the report of a month", [timed(desk, lambda: report.report(desk.ctx, desk.brand_id, month))])


def check(desk: Desk, windows: int) -> None:
    """Windows drawn by lot and long ones, counted from the posts themselves."""
    lot, today = random.Random(6), desk.ctx.clock().date()
    for _ in range(windows):
        last = today - timedelta(days=lot.randrange(700))
        window = Window(last - timedelta(days=lot.randrange(30)), last, ZONE)
        only = lot.choice(["", "mastodon", "reddit"]), lot.choice(["", "it"])
        theme = lot.choice([None, None, ReasonCode.MONEY, ReasonCode.PRIVACY])
        trends_raw.compare(desk, window, only=only, theme=theme)
    for n in (2, 365, 730):
        trends_raw.compare(desk, last_days(n, ZONE, now=desk.ctx.clock()), only=("", ""), theme=None)
    print(f"| {windows} random windows, 2 days, a year, two years | as counted from the posts | | |", flush=True)


def strangers(desk: Desk, number: int) -> Page:
    """A hundred posts of as many people nobody knows."""
    return a_page(number)


def regulars(desk: Desk, number: int) -> Page:
    """A hundred posts of people who have written before, drawn by lot from all."""
    lot, known = random.Random(number), max(1, desk.posts // 20)
    found = []
    for post in a_page(number).items:
        native_id = f"a{lot.randrange(known) + 1}"
        author = Author(native_id, f"author{native_id[1:]}", f"Author {native_id[1:]}")
        native = f"r{post.native_id}"
        found.append(replace(post, author=author, channel="mastodon", origin="net", native_id=native, to_us=True))
    return Page(tuple(found), None)


def add(desks: list[Desk]) -> None:
    """New posts, in every desk in turn; and what a page costs against the first desk."""
    start = int(perf_counter() * 1000)
    for name, pages in (("unknown people", strangers), ("known people", regulars)):
        times: dict[int, list[Took]] = {desk.posts: [] for desk in desks}
        for n in range(WARM + ROUNDS):
            for desk in desks:
                watch, page = watches.get(desk.ctx, desk.watch_id), pages(desk, start + n)
                took = timed(desk, _storing(desk, watch, page))
                times[desk.posts] += [took] if n >= WARM else []
        for posts, found in times.items():
            say(f"a page of 100 posts of {name}, with {posts} stored", found)
        first, *others = times
        for posts in others:
            pairs = zip(times[posts], times[first], strict=True)
            ratio = statistics.median((a.desk + a.server) / (b.desk + b.server) for a, b in pairs)
            print(f"| ratio of processor, {posts} to {first} | {ratio:.2f} | | |", flush=True)


def _storing(desk: Desk, watch: Watch, page: Page) -> Callable[[], None]:
    def store() -> None:
        assert intake.store(desk.ctx, watch, page).stored == len(page.items)

    return store


def _settings(given: argparse.Namespace, folder: Path, posts: int) -> Settings:
    data = str(folder / f"desk-{posts}")
    if not given.url:
        return Settings(data_dir=data)
    url = make_url(given.url)
    name = f"{url.database}_{posts}"
    store = Store(given.url)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).first():
            connection.execute(text(f'CREATE DATABASE "{name}"'))
    store.close()
    url = url.set(database=name).update_query_dict({"options": f"{url.query.get('options', '')} {ALONE}".strip()})
    return Settings(data_dir=data, database_url=url.render_as_string(hide_password=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--url", default="")
    parser.add_argument("--posts", default="100000,1000000")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--windows", type=int, default=20)
    parser.add_argument("--only", choices=("read", "check", "add"), action="append")
    given = parser.parse_args()
    only = given.only or ["read", "check", "add"]
    with tempfile.TemporaryDirectory(prefix="sportello-bench-") as scratch:
        desks = []
        for posts in map(int, given.posts.split(",")):
            began = perf_counter()
            desk = desk_of(_settings(given, given.folder or Path(scratch), posts), posts=posts, told=lambda _step: None)
            print(
                f"\n| {posts} posts, there after {perf_counter() - began:.0f} s | clock | desk | server |", flush=True
            )
            desks.append(desk)
            if "read" in only:
                read(desk)
            if "check" in only:
                check(desk, given.windows)
        if "add" in only:
            add(desks)
        for desk in desks:
            desk.ctx.store.close()


if __name__ == "__main__":
    main()
