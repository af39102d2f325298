"""Is each reply on the real Bluesky network exactly once, in every cell of the matrix of mishaps?

    python -m benchmarks.killed_on_bluesky [--runs 204] [--seed 1] [--lanes 4] [--only WORDS] [--write]

Each run has a desk of its own, replies handed in, and one mishap (tests/network/matrix.py): the sender
is killed at one of its points, the way to the network loses a write or its answer or answers 500 after success, two
workers send at once, or the clock jumps. It is played on both databases and under both engines. The cells are gone
through in turn, the details drawn; a run mostly waits, so several lanes run beside each other. `--only` takes the cells
whose names hold these words. Needs the network of the tests (docs/howto/develop.md). `--write` puts the table into
docs/reference/mishaps.md. Ends with 1 when one run fails.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from contextlib import ExitStack
from itertools import cycle, islice, product
from textwrap import fill

from domain.clock import utc_now
from settings import ROOT
from tests.network.engines import ENGINES
from tests.network.lanes import Task, in_lanes, stage
from tests.network.matrix import MISHAPS, Mishap, Outcome
from tests.peers import bluesky, bluesky_install, postgres

#: What follows from here on in the page is about other benchmarks, and stays.
THE_OTHERS = "## On every network that answers"
BELOW = "## When one of three workers is killed"
PAGE = ROOT / "docs" / "reference" / "mishaps.md"
CELLS = tuple(product(MISHAPS, ENGINES))
WORDS = """# Mishaps while sending: is each reply out exactly once?

`python -m benchmarks.killed_on_bluesky --write` wrote this page. Bluesky's own software runs beside the desk
([develop](../howto/develop.md)); every run has a desk of its own and one to three replies to customers who wait. The
worker is killed with `kill -9` at a point before, during or after sending, the line loses a write or its answer,
several workers send at once, or the clock is set. What the desk says of a reply right then is compared with what the
network has. Then a worker goes on undisturbed. A run is good when the network has each reply exactly once, under the
post it answers, its customer reads it there, and the desk shows it as sent with its link.

Two to three workers at once: in half of the runs one of them is killed as well. The clock is set while the network has
the reply in hand, or after the sender died with it. One run of every cell is part of the tests
(`tests/network/test_bluesky_matrix.py`).

"""


def tasks(runs: int, seed: int, only: str) -> list[Task]:
    """The cells in turn; each run has a word of its own on the network."""
    mark = format(time.time_ns() // 10**6 % 36**5, "x")
    cells = [(mishap, ground) for mishap, ground in CELLS if only in f"{mishap}, {ground}"]
    numbered = enumerate(islice(cycle(cells), runs), start=1)
    return [Task(mishap, ground, f"b{mark}x{number}", f"{seed}-{number}") for number, (mishap, ground) in numbered]


def table(outcomes: list[Outcome]) -> str:
    """Good runs of all runs, by mishap and ground."""
    ran = Counter((outcome.mishap, outcome.ground) for outcome in outcomes)
    good = Counter((outcome.mishap, outcome.ground) for outcome in outcomes if not outcome.wrong)

    def row(mishap: Mishap) -> str:
        return " | ".join((str(mishap), *(f"{good[mishap, ground]} of {ran[mishap, ground]}" for ground in ENGINES)))

    head = [" | ".join(("mishap", *ENGINES)), " | ".join(["---"] * (1 + len(ENGINES)))]
    return "".join(f"| {line} |\n" for line in [*head, *map(row, MISHAPS)])


def summary(outcomes: list[Outcome], wall_s: float) -> str:
    good = [outcome for outcome in outcomes if not outcome.wrong]
    replies = sum(outcome.replies for outcome in outcomes)
    took = sorted(outcome.took_s for outcome in outcomes)
    return (
        f"{len(good)} of {len(outcomes)} runs with every reply exactly once, {replies} replies; a run took "
        f"{took[len(took) // 2]:.0f} s (median), at most {took[-1]:.0f} s; all together {wall_s / 60:.0f} min."
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=4 * len(CELLS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lanes", type=int, default=4)
    parser.add_argument("--only", default="", help="cells whose names hold these words")
    parser.add_argument("--write", action="store_true", help="write docs/reference/mishaps.md")
    given = parser.parse_args()
    bluesky_install.install()
    started = time.monotonic()
    with ExitStack() as after:
        network = bluesky.start()
        after.callback(network.stop)
        server = postgres.start()
        after.callback(server.stop)
        on = after.enter_context(stage(network, server))
        outcomes: list[Outcome] = []
        for task, outcome in in_lanes(on, tasks(given.runs, given.seed, given.only), lanes=given.lanes):
            outcomes.append(outcome)
            tell(len(outcomes), task, outcome)
    words = summary(outcomes, time.monotonic() - started)
    print(f"{table(outcomes)}\n{words}")
    if given.write:
        day = utc_now().date()
        said = fill(f"Seed {given.seed}, {day.day} {day:%B %Y}, on cores shared with other work: {words}", 120) + "\n"
        before = PAGE.read_text("utf-8") if PAGE.exists() else ""
        first = THE_OTHERS if f"\n{THE_OTHERS}" in before else BELOW
        below = "".join(before.partition(f"\n{first}")[1:])
        PAGE.write_text(f"{WORDS}{said}\n{table(outcomes)}{below}", encoding="utf-8")
    return 0 if all(not outcome.wrong for outcome in outcomes) else 1


def tell(number: int, task: Task, outcome: Outcome) -> None:
    """One line as soon as a run is over, and more where it failed."""
    verdict = "each once" if not outcome.wrong else "NOT SO"
    print(f"{number}: {outcome.ground}, {outcome.mishap}, {outcome.replies} replies: {verdict}", end=" ")
    print(f"({outcome.took_s:.1f} s, seed {task.seed})", flush=True)
    for why in outcome.wrong:
        print(f"    {why}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
