"""Does listening to the stream of Bluesky keep up? `python -m benchmarks.jetstream_rate [--seconds 60]`

A process of its own replays invented posts over the network's own wire, at the given rate, and answers as its app view;
a desk with 50 watches in SQLite hears them. Said every ten seconds: how far the desk is behind the stream, what it has
stored, and its memory. Ends with 1 when a post that matches is missing, when it is ever more than 3 s behind, or when
memory grew by more than 20 MB after the first quarter.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
import threading
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import func, select

from bootstrap import Channels, migrate, open_backend
from db import streams
from db.tables import mentions
from domain.clock import utc_now
from services import brands, listening, watches
from services.context import Context
from settings import Settings
from tests.contract.bluesky_server import COLLECTION, Server, name_of
from tests.peers.jetstream import Jetstream

WATCHES, MATCHING_SHARE, BEHIND_S, GROWTH_MB = 50, 0.02, 3.0, 20.0
WORDS = "oggi domani treno luce gas bolletta pacco grazie ciao sempre mai forse casa lavoro mare pioggia sole".split()
PASSWORD = "benchmark"


def replay(pipe: Connection, *, posts_a_minute: int, seconds: float, seed: int) -> None:
    """The network: tells posts at the rate, and shows those that a desk may ask for."""
    dice, stream = random.Random(seed), Jetstream()
    server = Server(utc_now, PASSWORD)
    pipe.send((server.url, stream.url))
    while not stream.asked:
        time.sleep(0.1)
    pipe.send("heard")
    time.sleep(2)  # the desk has loaded what it needs
    started, told, matching = time.monotonic(), 0, 0
    while (elapsed := time.monotonic() - started) < seconds:
        for _ in range(int(elapsed * posts_a_minute / 60) - told):
            told += 1
            matching += tell_one(dice, stream, server, told)
        time.sleep(0.02)
    pipe.send((told, matching))
    pipe.recv()  # the desk has read everything


def tell_one(dice: random.Random, stream: Jetstream, server: Server, number: int) -> int:
    """One post; 1 when a watch matches it."""
    text = " ".join(dice.choices(WORDS, k=dice.randint(3, 40)))
    did = f"did:plc:author{dice.randrange(5000)}"
    if dice.random() < MATCHING_SHARE:
        text = f"{text} marca{dice.randrange(WATCHES):02} {number}"
        view = server.add(text, author=f"a{number}", did=did, to_us=False).view
        stream.tell(did, view["uri"].rpartition("/")[2], view["record"], cid=view["cid"])
        return 1
    record = {"$type": COLLECTION, "text": text, "createdAt": utc_now().isoformat(), "langs": ["it"]}
    stream.tell(did, f"x{number:012}", None if dice.random() < 0.1 else record, cid=name_of(record))
    return 0


def desk(folder: str, server: str, stream: str) -> Context:
    """A desk with 50 watches."""
    settings = Settings(data_dir=folder, streams="on")
    migrate(settings)
    secret = Path(folder) / "secret"
    secret.write_text(PASSWORD)
    ctx = replace(open_backend(settings).ctx, channels=Channels(folder, utc_now))
    brand = brands.add_brand(ctx, "Benchmark")
    brands.add_account(
        ctx,
        brand.id,
        channel="bluesky",
        handle="aurora.test",
        base_url=f"{server}?stream={stream}",
        secret_ref=str(secret),
    )
    for number in range(WATCHES):
        watches.add_watch(ctx, brand.id, name=f"w{number}", terms=(f"marca{number:02}", f"#marca{number:02}"))
    return ctx


def memory_mb() -> float:
    """What this process holds now."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def behind_s(ctx: Context) -> float:
    """How far the stored cursor is behind the clock."""
    with ctx.store.read() as tx:
        cursor = streams.cursor(tx, "bluesky")
    return time.time() - int((cursor or '{"us":0}').rpartition(":")[2].strip(" }")) / 1_000_000 if cursor else 0.0


def stored(ctx: Context) -> int:
    with ctx.store.read() as tx:
        return int(tx.execute(select(func.count()).select_from(mentions)).scalar_one())


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--posts-a-minute", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    pipe, theirs = multiprocessing.Pipe()
    values = {"posts_a_minute": given.posts_a_minute, "seconds": given.seconds, "seed": given.seed}
    network = multiprocessing.get_context("spawn").Process(target=replay, args=(theirs,), kwargs=values, daemon=True)
    network.start()
    with tempfile.TemporaryDirectory() as folder:
        ctx = desk(folder, *pipe.recv())
        ctx.rules.judge(["ciao"])  # what is loaded once is not what is measured
        over = threading.Event()
        names = {"worker": "benchmark", "stopped": over.is_set}
        listener = threading.Thread(target=listening.listen, args=(ctx, "bluesky"), kwargs=names)
        listener.start()
        pipe.recv()
        code = watch(ctx, pipe, given.seconds)
        over.set()
        listener.join()
        pipe.send("done")
        network.join(5)
    return code


def watch(ctx: Context, pipe: Connection, seconds: float) -> int:
    """Look on while the network talks, and count at the end."""
    started, worst_s, first_mb, last_told = time.monotonic(), 0.0, 0.0, 0.0
    while not pipe.poll(0.5):
        elapsed = time.monotonic() - started
        late_s = behind_s(ctx)
        worst_s = max(worst_s, late_s if elapsed > 5 else 0.0)
        first_mb = memory_mb() if elapsed < seconds / 4 else first_mb
        if elapsed - last_told >= 10:
            last_told = elapsed
            print(f"{elapsed:5.0f} s: {late_s:.2f} s behind, {stored(ctx)} stored, {memory_mb():.0f} MB", flush=True)
    told, matching = pipe.recv()
    end = time.monotonic() + 15
    while stored(ctx) < matching and time.monotonic() < end:
        time.sleep(0.1)
    grown_mb = memory_mb() - first_mb
    print(f"{told} posts in {seconds:.0f} s, {matching} matched one of {WATCHES} watches, {stored(ctx)} stored;")
    print(f"at most {worst_s:.2f} s behind; memory {memory_mb():.0f} MB, {grown_mb:+.1f} MB since the first quarter")
    return 0 if stored(ctx) == matching and worst_s <= BEHIND_S and grown_mb <= GROWTH_MB else 1


if __name__ == "__main__":
    sys.exit(main())
