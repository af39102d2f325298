"""What do similar cases cost at many open cases? `python -m benchmarks.similar_cost [--cases 20000] [--url URL]`

A brand with so many open cases of as many people, their posts of the last days, and vectors by chance, which cost
nothing: the encoder's time is told by ``benchmarks.similar``. Processor time of this process alone, of the worker's
round that compares everything, of one that finds nothing new, of what the desk asks for a case, beside opening the
case, and of what ``./sportello topics`` asks; on PostgreSQL (``--url``, an empty database) the server's own time is not
in it. Below: the plan of each question.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, event, insert

from bootstrap import open_backend
from classifiers.topics.encoder import Floats
from db import open_posts
from db.engine import Store
from db.tables import authors, cases, conversations, customers, mentions
from services import brands, case_view, similar
from services.topics import Finder
from settings import Settings

RUNS = 50
DIRECTIONS = 400


class ByChance:
    """A vector a text, near one of some hundred directions, so that each has neighbours."""

    def __init__(self) -> None:
        self._directions = np.random.default_rng(1).normal(size=(DIRECTIONS, 384)).astype(np.float32)

    def vectors(self, texts: Sequence[str]) -> Floats:
        numbers = [zlib.crc32(text.encode()) for text in texts]
        away = [np.random.default_rng(n).normal(scale=0.8, size=384) for n in numbers]
        return np.stack([self._directions[n % DIRECTIONS] + a for n, a in zip(numbers, away, strict=True)])


def fill(tx: Connection, brand_id: int, *, n: int, now: datetime) -> None:
    """So many open cases, one a person, spread over the last thirteen days."""
    at = [now - timedelta(seconds=(i * 7919) % 1_100_000) for i in range(n)]
    on = {"channel": "import", "origin": "file"}
    people = [{"id": i + 1, "name": f"Author {i}", "first_seen_at": at[i], "last_seen_at": at[i]} for i in range(n)]
    who = [{"id": i + 1, "native_id": str(i), "customer_id": i + 1, "handle": f"author{i}"} for i in range(n)]
    said = "The parcel number {} is late and nobody answers the telephone, what am I to do now?"
    posts = [{"id": i + 1, "native_id": str(i), "author_id": i + 1, "text": said.format(i)} for i in range(n)]
    rank = {"sentiment": "negative", "kind": "complaint", "urgency": 1.0, "urgency_level": 1, "judged": True}
    tx.execute(insert(customers), people)
    tx.execute(insert(authors), [row | on | {"name": "Author", "updated_at": now} for row in who])
    tx.execute(insert(conversations), [{"id": i + 1, "native_id": str(i)} | on for i in range(n)])
    fixed = {"media": [], "received_at": now, "language": "en"}
    tx.execute(
        insert(mentions),
        [row | on | fixed | {"conversation_id": i + 1, "published_at": at[i]} for i, row in enumerate(posts)],
    )
    tx.execute(
        insert(cases),
        [
            {"brand_id": brand_id, "customer_id": i + 1, "state": "new", "channel": "import", "last_mention_id": i + 1}
            | rank
            | {"priority": float(i * 7 % n), "reasons": []}
            | {"opened_at": at[i], "waiting_since": at[i], "last_mention_at": at[i]}
            for i in range(n)
        ],
    )


def used_ms(call: Callable[[], object], *, runs: int) -> float:
    """Processor time of one call, after one that is not counted."""
    call()
    start = time.process_time()
    for _ in range(runs):
        call()
    return 1000 * (time.process_time() - start) / runs


@contextmanager
def asked(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """The statements of this while, with their values."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append((statement, values))

    event.listen(store.engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.engine, "before_cursor_execute", note)


def show_plans(store: Store, statements: Sequence[tuple[str, Any]]) -> None:
    """How the database answers each of them."""
    how = "EXPLAIN QUERY PLAN" if store.engine.dialect.name == "sqlite" else "EXPLAIN (ANALYZE, COSTS OFF)"
    with store.read() as tx:
        for statement, values in {said: (said, given) for said, given in statements}.values():
            print(f"\n{' '.join(statement.split())[:100]} …")
            for row in tx.exec_driver_sql(f"{how} {statement}", values):
                print(f"    {row[-1]}")


def main(n: int, url: str) -> None:
    with tempfile.TemporaryDirectory(prefix="sportello-bench-") as folder:
        ctx = open_backend(Settings(data_dir=str(Path(folder) / "data"), database_url=url)).ctx
        brand = brands.add_brand(ctx, "Bench")
        with ctx.store.write() as tx:
            fill(tx, brand.id, n=n, now=ctx.clock())
        with ctx.store.write() as tx:
            tx.exec_driver_sql("ANALYZE")
        finder, rounds, start = Finder(ByChance), [], time.process_time()
        while finder.keep(ctx):
            rounds.append(time.process_time() - start)
            start = time.process_time()
        print(
            f"{n} open cases, {len(rounds)} rounds: the dearest {1000 * max(rounds):.0f} ms, "
            f"the middle one {1000 * sorted(rounds)[len(rounds) // 2]:.0f} ms"
        )
        newest = max(range(1, 65), key=lambda i: -((i - 1) * 7919 % 1_100_000))
        found = similar.around(ctx, brand.id, newest)
        print(f"of case {newest}: {len(found.cases)} shown")
        print(
            f"asking for them {used_ms(lambda: similar.around(ctx, brand.id, newest), runs=RUNS):.2f} ms, "
            f"opening the case {used_ms(lambda: case_view.view(ctx, newest), runs=RUNS):.2f} ms, "
            f"the problems of the brand {used_ms(lambda: finder.find(ctx, brand), runs=5):.0f} ms"
        )
        with asked(ctx.store) as seen:
            similar.around(ctx, brand.id, newest)
        with asked(ctx.store) as worker, ctx.store.read() as tx:
            since = ctx.clock() - timedelta(days=ctx.settings.topics_days)
            open_posts.newest(tx, brand.id, since=since, rows=similar.MOST_COMPARED)
        show_plans(ctx.store, [*seen, *worker])
        ctx.store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--url", default="")
    given = parser.parse_args()
    main(given.cases, given.url)
