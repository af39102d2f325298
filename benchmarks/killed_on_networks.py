"""Is each reply exactly once on every network that answers, in every cell of the matrix of mishaps?

    python -m benchmarks.killed_on_networks [--seeds 20] [--minutes 60] [--lanes 4] [--only WORDS] [--kept FILE]
                                            [--write]

The networks are scripted servers, each a process of its own (tests/network/scripted.py). Every run has a desk of its
own, replies handed in, and one mishap (tests/network/matrix.py); the cells are gone through in turn, seed after seed,
until all seeds are played or the time is over. `--only` takes the cells whose names hold these words. `--kept` notes
every run in a file and goes on where the runs noted there end. `--write` puts the tables into
docs/reference/mishaps.md. Ends with 1 when one run fails.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from textwrap import fill

from benchmarks.killed_on_bluesky import BELOW, PAGE, THE_OTHERS
from domain.clock import utc_now
from tests.network.engines import DATABASES, Ground
from tests.network.lanes import Task, in_lanes, stage
from tests.network.matrix import ALL_MISHAPS, Mishap, Outcome, applies
from tests.network.peers import PEERS
from tests.peers import postgres

WORDS = f"""{THE_OTHERS}

`python -m benchmarks.killed_on_networks --write` wrote these tables. Each network is the scripted server of the
contract tests, a process of its own that nothing befalling the desk's workers touches. Besides what may happen on
Bluesky, it may say nothing until nobody waits any more, take no notice of the key it is given, show a new post late, or
refuse the same words twice; and a worker is killed from outside while the network has the reply in hand. After the
mishap, the process that looks on takes the turns of the undisturbed worker itself. Where the answer leaves doubt for
ever (the same words refused), the desk must ask a person, who looks at the network and says what is there. A dash: that
cannot happen there; *not played*: the clock ended the benchmark before. One run of every cell is part of the tests
(`tests/network/test_outbox_matrix.py`).

"""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run came to, as it is noted."""

    channel: str
    mishap: str
    ground: str
    seed: str
    replies: int
    by_person: int
    took_s: float
    wrong: tuple[str, ...]


def cells(only: str) -> list[tuple[str, Mishap, Ground]]:
    """Every cell that there is, by channel, mishap and database."""
    possible = product(PEERS, ALL_MISHAPS, DATABASES)
    return [(c, m, g) for c, m, g in possible if applies(m, PEERS[c]) and only in f"{c}, {m}, {g}"]


def tasks(seeds: int, only: str, known: list[Run]) -> list[Task]:
    """What is to be played, seed after seed, without what is noted already."""
    had = {(run.channel, run.mishap, run.ground, run.seed) for run in known}
    numbered = enumerate((str(seed), c, m, g) for seed in range(1, seeds + 1) for c, m, g in cells(only))
    return [Task(m, g, f"b{at}x", seed, c) for at, (seed, c, m, g) in numbered if (c, m, g, seed) not in had]


def noted(kept: Path | None) -> list[Run]:
    """The runs of earlier times."""
    if kept is None or not kept.exists():
        return []
    told = map(json.loads, kept.read_text("utf-8").splitlines())
    return [Run(**{**each, "wrong": tuple(each["wrong"])}) for each in told]


def table(runs: list[Run], ground: Ground) -> str:
    """Good runs of all runs on that database, by mishap and channel."""
    here = [run for run in runs if run.ground == ground]
    ran = Counter((run.mishap, run.channel) for run in here)
    good = Counter((run.mishap, run.channel) for run in here if not run.wrong)

    def said(mishap: Mishap, c: str) -> str:
        if not applies(mishap, PEERS[c]):
            return "–"
        return f"{good[mishap, c]} of {ran[mishap, c]}" if ran[mishap, c] else "not played"

    def row(mishap: Mishap) -> str:
        return " | ".join((str(mishap), *(said(mishap, c) for c in PEERS)))

    head = [" | ".join((f"mishap, on {ground}", *PEERS)), " | ".join(["---"] * (1 + len(PEERS)))]
    return "".join(f"| {line} |\n" for line in [*head, *map(row, ALL_MISHAPS)])


def summary(runs: list[Run]) -> str:
    good, asked = sum(not run.wrong for run in runs), sum(run.by_person for run in runs)
    played = Counter((run.channel, run.mishap, run.ground) for run in runs)
    each = [played[c, str(m), str(g)] for c, m, g in cells("")]
    few, many = min(each), max(each)
    return (
        f"{good} of {len(runs)} runs with every reply exactly once, {sum(run.replies for run in runs)} replies; "
        f"a person was asked about {asked} of them. Each of the {len(each)} cells was played with "
        f"{few if few == many else f'{few} to {many}'} seeds."
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--lanes", type=int, default=4)
    parser.add_argument("--only", default="", help="cells whose names hold these words")
    parser.add_argument("--kept", type=Path, help="a file in which the runs are noted")
    parser.add_argument("--write", action="store_true", help="write docs/reference/mishaps.md")
    given = parser.parse_args()
    ends_at, runs = time.monotonic() + given.minutes * 60, noted(given.kept)
    with ExitStack() as after:
        server = postgres.start()
        after.callback(server.stop)
        on = after.enter_context(stage(None, server))
        to_come = tasks(given.seeds, given.only, runs)
        for task, outcome in in_lanes(on, to_come, lanes=given.lanes, ends_at=ends_at):
            runs.append(run_of(task, outcome))
            tell(len(runs), runs[-1], given.kept)
    tables, words = "\n".join(table(runs, ground) for ground in DATABASES), summary(runs)
    print(f"{tables}\n{words}")
    if given.write:
        write(tables, words)
    return 0 if all(not run.wrong for run in runs) else 1


def run_of(task: Task, outcome: Outcome) -> Run:
    return Run(
        channel=task.channel or "",
        mishap=str(task.mishap),
        ground=str(task.ground),
        seed=task.seed,
        replies=outcome.replies,
        by_person=outcome.by_person,
        took_s=round(outcome.took_s, 1),
        wrong=outcome.wrong,
    )


def tell(number: int, run: Run, kept: Path | None) -> None:
    """One line as soon as a run is over, and more where it failed."""
    verdict = "each once" if not run.wrong else "NOT SO"
    print(f"{number}: {run.channel}, {run.ground}, {run.mishap}, {run.replies} replies: {verdict}", end=" ")
    print(f"({run.took_s} s, seed {run.seed})", flush=True)
    for why in run.wrong:
        print(f"    {why}", flush=True)
    if kept is not None:
        with kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(run)) + "\n")


def write(tables: str, words: str) -> None:
    """Put the tables into the page, in place of those of an earlier time."""
    day = utc_now().date()
    said = fill(f"{day.day} {day:%B %Y}, on cores shared with other work: {words}", 120) + "\n"
    page = PAGE.read_text("utf-8")
    above = page.partition(f"\n{THE_OTHERS}")[0].partition(f"\n{BELOW}")[0]
    below = "".join(page.partition(f"\n{BELOW}")[1:])
    PAGE.write_text(f"{above}\n{WORDS}{said}\n{tables}{below}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
