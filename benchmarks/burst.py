"""Is every post of a burst stored once, on every channel, whatever goes wrong while it is polled?

    python -m benchmarks.burst [--network feeds ...] [--seeds 50] [--first 1] [--posts 2500]

Each run plays a network on this machine (tests/scenarios/bursting.py): posts that arrive while pages of 20 to
100 are read, late ones, edits, deletions, posts handed over twice and in any order, 429, 500, dropped
connections, answers that get lost and a worker killed between reading and storing. At the end the store is
compared with what was posted. Ends with 1 when a run does not hold.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from bootstrap import migrate, open_backend
from settings import Settings
from tests.fakes import FakeClassifier, MovableClock
from tests.peers.one_certificate import trust_one
from tests.scenarios.bursting import NETWORKS, Result, play


def run(network: str, seed: int, posts: int) -> Result:
    """One burst on a desk of its own."""
    with tempfile.TemporaryDirectory() as folder:
        settings, clock = Settings(data_dir=folder), MovableClock()
        migrate(settings)
        backend = open_backend(settings, clock=clock)
        try:
            desk = replace(backend.ctx, rules=FakeClassifier("fake-rules"))
            return play(desk, clock, Path(folder) / "network", network=network, seed=seed, posts=posts)
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


def measure(network: str, seeds: range, posts: int) -> bool:
    """Play all seeds on one network and print its row; Ctrl-C ends early with what was played."""
    started, results = time.monotonic(), list[Result]()
    try:
        for seed in seeds:
            results.append(run(network, seed, posts))
            if not results[-1].holds:
                print(results[-1], file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print(f"Ended after {len(results)} of {len(seeds)} seeds.", file=sys.stderr)
    if results:
        print(row(network, results, time.monotonic() - started), flush=True)
    return all(result.holds for result in results)


def main() -> int:
    """Run what was asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--posts", type=int, default=2500)
    args = parser.parse_args()
    logging.getLogger("services").setLevel(logging.ERROR)
    print("| network | held | posted | stored | lost | in gaps | gaps | invented | wrong words | unburied", end="")
    print(" | edits | deletions | faults | a run |")
    seeds = range(args.first, args.first + args.seeds)
    with tempfile.TemporaryDirectory() as folder:
        trust_one(Path(folder))
        held = [measure(network, seeds, args.posts) for network in args.network]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
