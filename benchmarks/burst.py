"""Is every post of a burst stored once, on every channel, whatever goes wrong while it is polled?

    python -m benchmarks.burst [--network feeds ...] [--seeds 50] [--first 1] [--posts 2500]

Each run plays a network on this machine (tests/scenarios/bursting.py): posts that arrive while pages of 20 to
100 are read, late ones, edits, deletions, posts handed over twice and in any order, 429, 500, dropped
connections, answers that get lost and a worker killed between reading and storing. At the end the store is
compared with what was posted. `bluesky` is a server that speaks Bluesky's documented JSON; `bluesky-itself`, which is
slower and must be asked for, is Bluesky's own software (docs/howto/develop.md). Ends with 1 when a run does not hold.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from bootstrap import migrate, open_backend
from domain.clock import utc_now
from settings import Settings
from tests.fakes import FakeClassifier, MovableClock
from tests.network.harness_real import RealBlueskyHarness
from tests.peers import bluesky, bluesky_install
from tests.peers.bluesky import Bluesky
from tests.peers.one_certificate import trusting_one
from tests.scenarios.bursting import NETWORKS, Result, play

ITSELF = "bluesky-itself"


@dataclass(frozen=True, slots=True)
class Burst:
    """What is played. ``itself``: the real network, where the word of a run is one that nobody has written yet."""

    network: str
    posts: int
    itself: Bluesky | None = None

    def run(self, seed: int) -> Result:
        """One burst on a desk of its own."""
        with tempfile.TemporaryDirectory() as folder:
            settings, clock = Settings(data_dir=folder), MovableClock(utc_now()) if self.itself else MovableClock()
            migrate(settings)
            backend = open_backend(settings, clock=clock)
            desk = replace(backend.ctx, rules=FakeClassifier("fake-rules"))
            word = f"burst{time.time_ns() // 10**6 % 10**10}" if self.itself else ""
            kind = partial(RealBlueskyHarness, network=self.itself, word=word) if self.itself else None
            given: dict[str, Any] = {"network": self.network, "seed": seed, "posts": self.posts}
            try:
                return play(desk, clock, Path(folder) / "network", kind=kind, word=word, **given)
            finally:
                backend.ctx.store.close()


def row(network: str, results: list[Result], wall_s: float) -> str:
    """A line of the table in docs/reference/bursts.md."""
    faults = sum((result.faults for result in results), Counter[str]())
    changes = faults["edit"], faults["deletion"]
    others = faults.total() - sum(changes)
    total = {
        name: sum(getattr(result, name) for result in results)
        for name in ("posted", "stored", "lost", "in_gaps", "gaps", "invented", "wrong_words", "unburied")
    }
    held = sum(result.holds for result in results)
    cells = (network, f"{held} of {len(results)}", *total.values(), *changes, others, f"{wall_s / len(results):.0f} s")
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def measure(burst: Burst, seeds: range) -> bool:
    """Play all seeds and print a row; Ctrl-C, or a plain kill, ends early with what was played."""
    started, results = time.monotonic(), list[Result]()
    try:
        for seed in seeds:
            results.append(burst.run(seed))
            if not results[-1].holds:
                print(results[-1], file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print(f"Ended after {len(results)} of {len(seeds)} seeds.", file=sys.stderr)
    if results:
        print(row(burst.network, results, time.monotonic() - started), flush=True)
    return all(result.holds for result in results)


def main() -> int:
    """Run what was asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", nargs="+", choices=[*NETWORKS, ITSELF], default=list(NETWORKS))
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--posts", type=int, default=2500)
    args = parser.parse_args()
    logging.getLogger("services").setLevel(logging.ERROR)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    print("| network | held | posted | stored | lost | in gaps | gaps | invented | wrong words | unburied", end="")
    print(" | edits | deletions | faults | a run |", flush=True)
    seeds = range(args.first, args.first + args.seeds)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as after:
        after.enter_context(trusting_one(Path(folder)))
        itself = after.enter_context(running()) if ITSELF in args.network else None
        bursts = [Burst(name, args.posts, itself if name == ITSELF else None) for name in args.network]
        held = [measure(burst, seeds) for burst in bursts]
    return 0 if all(held) else 1


@contextmanager
def running() -> Iterator[Bluesky]:
    """The real Bluesky network."""
    bluesky_install.install()
    network = bluesky.start()
    try:
        yield network
    finally:
        network.stop()


if __name__ == "__main__":
    sys.exit(main())
