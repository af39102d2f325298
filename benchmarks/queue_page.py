"""How long does one page of the queue take at a million cases? `python -m benchmarks.queue_page [CASES]`

Goal: 5 ms a page, first or deep, on every order; the five-second pulse beside it, far below that while nothing
happens. Times are the best and the median of 30 runs of the whole service call, the store on disk and warm. On a busy
machine only the processor's time can be trusted.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from bootstrap import open_backend
from domain.people import Member, Role
from services import brands, queue
from services.context import Context, colleague
from services.queue import Order, QueueFilter, Tab
from settings import Settings

RUNS = 30
POSTS = 1000
SQL = Path(__file__).with_name("queue_cases.sql")


def fill(path: Path, brand_id: int, *, cases: int) -> None:
    """Put the cases of ``queue_cases.sql`` into the database."""
    values = {"brand": brand_id, "cases": cases, "posts": POSTS}
    statements = SQL.read_text(encoding="utf-8").split("-- next")
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement, values)
        connection.commit()


def measure(name: str, call: Callable[[], object]) -> None:
    """Print what a call takes: the best and the median time on the clock, and the processor's share of it."""
    call()
    times_ms, cpu_start = [], time.process_time()
    for _ in range(RUNS):
        start = time.perf_counter()
        call()
        times_ms.append((time.perf_counter() - start) * 1000)
    cpu_ms = (time.process_time() - cpu_start) * 1000 / RUNS
    best, middle = min(times_ms), statistics.median(times_ms)
    print(f"{name:40} best {best:7.2f} ms   median {middle:7.2f} ms   processor {cpu_ms:7.2f} ms")


def deep(ctx: Context, filter: QueueFilter, *, pages: int = 40) -> str:
    """The cursor that many pages down."""
    cursor = None
    for _ in range(pages):
        cursor = queue.page(ctx, filter, cursor=cursor, limit=200).next_cursor
    assert cursor is not None
    return cursor


def main(cases: int) -> None:
    with tempfile.TemporaryDirectory(prefix="sportello-bench-") as folder:
        ctx = open_backend(Settings(data_dir=str(Path(folder) / "data"))).ctx
        brand = brands.add_brand(ctx, "Bench")
        start = time.perf_counter()
        fill(Path(folder, "data", "sportello.db"), brand.id, cases=cases)
        print(f"{cases} cases made in {time.perf_counter() - start:.0f} s")
        paolo = ctx.acting_as(colleague(Member(1, "paolo", "Paolo", frozenset({Role.OPERATOR}))))
        for tab in (Tab.FREE, Tab.ALL):
            for order in Order:
                wanted = QueueFilter(brand.id, tab=tab, order=order)
                measure(f"{tab}, by {order}, first page", partial(queue.page, paolo, wanted))
                at = deep(paolo, wanted)
                measure(f"{tab}, by {order}, 8000 deep", partial(queue.page, paolo, wanted, cursor=at))
        urgent = QueueFilter(brand.id, levels=(3,), kinds=("complaint",))
        measure("all, level 3 complaints", lambda: queue.page(paolo, urgent))
        for name, search in (("found on every row", "parcel"), ("found nowhere", "giraffe")):
            wanted = QueueFilter(brand.id, search=search)
            measure(f"all, search {name}", partial(queue.page, paolo, wanted))
        for tab in (Tab.MINE, Tab.PROMISES):
            wanted = QueueFilter(brand.id, tab=tab)
            measure(f"{tab}, 500 cases are mine", partial(queue.page, paolo, wanted))
        measure("counts", lambda: queue.counts(paolo, brand.id))
        measure("pulse, something changed", lambda: queue.pulse(paolo, brand.id, since_version=0))
        last = queue.pulse(paolo, brand.id, since_version=0)
        measure("pulse, nothing changed", lambda: queue.pulse(paolo, brand.id, since_version=0, known=last))
        ctx.store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
