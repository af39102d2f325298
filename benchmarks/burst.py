"""Is every post of a burst stored once, on every channel, whatever goes wrong while it is polled?

    python -m benchmarks.burst [--network feeds ...] [--seeds 50] [--first 1] [--posts 2500] [--minutes 60]
                               [--kept FILE] [--write]

Each run plays a network on this machine (tests/scenarios/bursting.py): posts that arrive while pages of 20 to
100 are read, late ones, edits, deletions, posts handed over twice and in any order, 429, 500, dropped
connections, answers that get lost and a worker killed between reading and storing. At the end, and where the rounds
left something after the daily look at everything kept, the store is compared with what was posted. `bluesky` is a
server that speaks Bluesky's documented JSON; `bluesky-itself`, which is slower and must be asked for, is Bluesky's own
software (docs/howto/develop.md). `--kept` notes every run in a file and goes on where the runs noted there end;
`--write` puts the rows of all of them into docs/reference/bursts.md. Ends with 1 when a run does not hold.
"""

from __future__ import annotations

import argparse
import json
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
from math import inf
from pathlib import Path
from typing import Any

from bootstrap import migrate, open_backend
from domain.clock import utc_now
from settings import ROOT, Settings
from tests.fakes import FakeClassifier, MovableClock
from tests.network.harness_real import RealBlueskyHarness
from tests.peers import bluesky, bluesky_install
from tests.peers.bluesky import Bluesky
from tests.peers.one_certificate import trusting_one
from tests.scenarios.bursting import NETWORKS, Result, play

ITSELF = "bluesky-itself"
PAGE = ROOT / "docs" / "reference" / "bursts.md"
#: What the page calls them.
LABELS = {
    "memory": "memory",
    "sample": "sample",
    "feeds": "feeds",
    "bluesky": "Bluesky's documented JSON",
    "x": "X's documented JSON",
    "reddit": "Reddit's documented JSON",
    "http_connector": "a source of the firm's own",
    ITSELF: "Bluesky itself",
    "mastodon": "Mastodon",
}
COUNTED = ("posted", "stored", "lost", "in_gaps", "gaps", "invented", "wrong_words", "late", "unburied")
_COLUMNS = "network, held, posts a run, posted, stored, lost, in gaps, gaps, invented, wrong words, late, unburied"
HEAD = f"| {_COLUMNS.replace(', ', ' | ')} | edits | deletions | faults | processor a run |"


@dataclass(frozen=True, slots=True)
class Played:
    """What one run came to, and what it cost: of the network played on this machine as well."""

    result: Result
    processor_s: float


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


def row(network: str, played: list[Played]) -> str:
    """A line of the table in docs/reference/bursts.md."""
    results = [each.result for each in played]
    faults = sum((result.faults for result in results), Counter[str]())
    changes = ["–" if network == "sample" else faults["edit"], faults["deletion"]]
    others = faults.total() - faults["edit"] - faults["deletion"]
    posts = sorted({result.posted for result in results})
    total = [sum(getattr(result, name) for result in results) for name in COUNTED]
    held = f"{sum(result.holds for result in results)} of {len(results)}"
    a_run_s = sum(each.processor_s for each in played) / len(played)
    cells = [LABELS.get(network, network), held, " and ".join(f"{each:,}" for each in posts), *total, *changes, others]
    said = [f"{cell:,}" if isinstance(cell, int) else cell for cell in [*cells, f"{a_run_s:.0f} s"]]
    return "| " + " | ".join(said) + " |"


def noted(kept: Path | None) -> list[Played]:
    """The runs of earlier times."""
    if kept is None or not kept.exists():
        return []
    told = map(json.loads, kept.read_text("utf-8").splitlines())
    return [
        Played(Result(**{**each["result"], "faults": Counter(each["result"]["faults"])}), each["s"]) for each in told
    ]


def measure(bursts: list[Burst], seeds: range, *, kept: Path | None, ends_at: float) -> list[Played]:
    """Play one seed on every network after the other; Ctrl-C, a plain kill or the clock ends with what there is."""
    played = noted(kept)
    had = {(each.result.network, each.result.seed) for each in played}
    to_come = [(seed, burst) for seed in seeds for burst in bursts if (burst.network, seed) not in had]
    try:
        for seed, burst in to_come:
            if time.monotonic() > ends_at:
                break
            began_s = time.process_time()
            played.append(Played(burst.run(seed), round(time.process_time() - began_s, 1)))
            tell(played[-1], kept)
    except KeyboardInterrupt:
        print("Ended early.", file=sys.stderr)
    return played


def tell(played: Played, kept: Path | None) -> None:
    """One line as soon as a run is over, more where it does not hold, and a note of it."""
    result = played.result
    print(
        f"{result.network}, seed {result.seed}: {'holds' if result.holds else result} ({played.processor_s} s)",
        flush=True,
    )
    if kept is not None:
        with kept.open("a", encoding="utf-8") as file:
            told = {name: getattr(result, name) for name in Result.__slots__}
            file.write(json.dumps({"result": told, "s": played.processor_s}) + "\n")


def write(rows: dict[str, str]) -> None:
    """Put these rows in place of those of an earlier time; the others stay."""
    lines = PAGE.read_text("utf-8").splitlines()
    names = {f"| {LABELS.get(network, network)} ": network for network in rows}
    found = [next((names[name] for name in names if line.startswith(name)), None) for line in lines]
    PAGE.write_text("".join(f"{rows[n] if n else line}\n" for n, line in zip(found, lines, strict=True)), "utf-8")


def main() -> int:
    """Run what was asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", nargs="+", choices=[*NETWORKS, ITSELF], default=list(NETWORKS))
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--posts", type=int, default=2500)
    parser.add_argument("--minutes", type=float, default=inf)
    parser.add_argument("--kept", type=Path, help="a file in which the runs are noted")
    parser.add_argument("--write", action="store_true", help="write the rows into docs/reference/bursts.md")
    args = parser.parse_args()
    logging.getLogger("services").setLevel(logging.ERROR)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    seeds, ends_at = range(args.first, args.first + args.seeds), time.monotonic() + args.minutes * 60
    with tempfile.TemporaryDirectory() as folder, ExitStack() as after:
        after.enter_context(trusting_one(Path(folder)))
        itself = after.enter_context(running()) if ITSELF in args.network else None
        bursts = [Burst(name, args.posts, itself if name == ITSELF else None) for name in args.network]
        played = measure(bursts, seeds, kept=args.kept, ends_at=ends_at)
    names = dict.fromkeys(each.result.network for each in played)
    rows = {name: row(name, [each for each in played if each.result.network == name]) for name in names}
    print("\n".join([HEAD, *rows.values()]), flush=True)
    if args.write:
        write(rows)
    return 0 if all(each.result.holds for each in played) else 1


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
