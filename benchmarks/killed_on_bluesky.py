"""Is each reply on the real Bluesky network exactly once, in every cell of the matrix of mishaps?

    python -m benchmarks.killed_on_bluesky [--runs 200] [--seed 1] [--databases sqlite,postgresql]

Each run has a desk and an account of its own, replies handed in, and one mishap: the sender is killed at one of its
points, the way to the network loses a write or its answer or answers 500 after success, two workers send at once, or
the clock jumps. Then undisturbed workers go on. The network must show every reply once, and the desk say so. The cells
are gone through in turn, the details drawn. Needs the network of the tests (docs/howto/develop.md). Ends with 1 when
one run fails.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import cycle, islice, product

from bootstrap import Channels, migrate, open_backend
from collectors.bluesky.client import BlueskyNetwork
from domain.brand import Account
from domain.clock import utc_now
from services import brands, team, watches
from services.context import Context, colleague
from settings import Settings
from tests.fakes import MovableClock
from tests.network.people import Somebody
from tests.network.sending import Sending, work
from tests.peers import bluesky, bluesky_install, postgres
from tests.peers.bluesky import Bluesky
from tests.peers.faulty_way import Fault, FaultyWay
from tests.services.fragile_desk import Point, in_a_process

PASSWORD_NAME = "SPORTELLO_BENCHMARK_BLUESKY"
OTHERS = ("two workers at once", "clock an hour back", "clock an hour on", "killed again and again")
MISHAPS: tuple[Point | Fault | str, ...] = (*Point, *Fault, *OTHERS)


@contextmanager
def desk(network: Bluesky, url: str, name: str) -> Iterator[tuple[Sending, FaultyWay]]:
    """A desk of its own that is about to answer through a line that can be made bad."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as after:
        way = FaultyWay(network.pds)
        after.callback(way.close)
        settings = Settings(data_dir=folder, database_url=url, publish="live", undo_s=0)
        migrate(settings)
        clock = MovableClock(utc_now())
        ctx = replace(open_backend(settings).ctx, clock=clock, channels=Channels(folder, clock))
        after.callback(ctx.store.close)
        yield sending(ctx, network, way, clock, name), way


def sending(ctx: Context, network: Bluesky, way: FaultyWay, clock: MovableClock, name: str) -> Sending:
    """Brand, watch, account and somebody who answers."""
    team.ensure_first_admin(ctx)
    admin = ctx.acting_as(colleague(team.find(ctx, "admin")))
    brand = brands.add_brand(ctx, name.title())
    handle = network.account(name)
    account = brands.add_account(
        ctx, brand.id, channel="bluesky", handle=handle, base_url=way.url, secret_ref=PASSWORD_NAME
    )
    brands.set_publishing(ctx, account.id, on=True)
    watch = watches.add_watch(ctx, brand.id, name="posts", terms=(name,), channels=("bluesky",))
    readers = [somebody(network, ctx, who) for who in ("mara", name)]
    return Sending(ctx, watch, admin, clock, *readers)


def somebody(network: Bluesky, ctx: Context, name: str) -> Somebody:
    account = Account(0, 0, "bluesky", network.account(name), base_url=network.pds)
    folder = str(ctx.settings.data_path / "public")
    return Somebody(BlueskyNetwork(account, folder, utc_now, secret=bluesky.PASSWORD), account.handle)


def disturb(desk_: Sending, way: FaultyWay, mishap: Point | Fault | str, dice: random.Random) -> None:
    """One mishap while a worker sends or looks up."""
    through = desk_.ctx.channels
    if isinstance(mishap, Fault):
        way.faults = [mishap] * dice.randint(1, 3)
        work(desk_.ctx)
    elif isinstance(mishap, Point):
        if mishap in (Point.LOOKING, Point.FOUND):
            in_a_process(desk_.ctx, Point.PUBLISHED, work, through=through)
            desk_.clock.move(seconds=61)
        in_a_process(desk_.ctx, mishap, work, through=through)
    elif mishap == OTHERS[0]:
        at_once(desk_, dice.randint(2, 3))
    elif mishap == OTHERS[3]:
        for _ in range(3):
            in_a_process(desk_.ctx, dice.choice([*Point]), work, through=through)
            desk_.clock.move(seconds=dice.choice([1, 61, 125]))
    else:
        in_a_process(desk_.ctx, Point.PUBLISHED, work, through=through)
        desk_.clock.move(seconds=-3600 if mishap == OTHERS[1] else 3600)
        work(desk_.ctx)
        desk_.clock.move(seconds=7200 if mishap == OTHERS[1] else 0)


def at_once(desk_: Sending, workers: int) -> None:
    """Several worker processes on the same queue."""
    desk_.ctx.store.close()
    children = []
    for _ in range(workers):
        child = os.fork()
        if child == 0:
            try:
                in_a_process(desk_.ctx, None, work, through=desk_.ctx.channels)
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def one_run(network: Bluesky, url: str, name: str, mishap: Point | Fault | str, dice: random.Random) -> bool:
    """Whether every reply is out exactly once after this mishap."""
    with desk(network, url, name) as (desk_, way):
        replies = [desk_.queue(number) for number in range(dice.randint(1, 3))]
        disturb(desk_, way, mishap, dice)
        way.faults = []
        desk_.settle()
        return desk_.is_each_once(replies)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=2 * len(MISHAPS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--databases", default="sqlite,postgresql")
    given = parser.parse_args()
    bluesky_install.install()
    os.environ[PASSWORD_NAME] = bluesky.PASSWORD
    with ExitStack() as after:
        network = bluesky.start()
        after.callback(network.stop)
        server = postgres.start() if "postgresql" in given.databases else None
        if server is not None:
            after.callback(server.stop)
        return run_all(network, server, given)


def run_all(network: Bluesky, server: postgres.Server | None, given: argparse.Namespace) -> int:
    """Every cell in turn until the runs are done."""
    good: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    cells = islice(cycle(product(MISHAPS, given.databases.split(","))), given.runs)
    for number, (mishap, database) in enumerate(cells, start=1):
        dice, started = random.Random(f"{given.seed}-{number}"), time.monotonic()
        url = server.fresh() if server is not None and database == "postgresql" else ""
        name = f"b{given.seed}x{number}x{time.time_ns() % 10**7}"
        holds = one_run(network, url, name, mishap, dice)
        (good if holds else bad)[database] += 1
        print(f"run {number}: {database}, {mishap}: {'each once' if holds else 'NOT ONCE'}", end=" ")
        print(f"({time.monotonic() - started:.1f} s)", flush=True)
        if url and server is not None:
            server.drop(url)
    print(f"{sum(good.values())} of {given.runs} runs with every reply exactly once: {dict(good)}; failed: {dict(bad)}")
    return 0 if not bad else 1


if __name__ == "__main__":
    sys.exit(main())
