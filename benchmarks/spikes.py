"""Are planted events found among ordinary hours, how late, and how often is there a false alarm?

    python -m benchmarks.spikes [--seeds 5] [--real FILE …] [--markdown]

Replays series of hourly posts, hour by hour, through the very rules the worker uses (``domain.spiking``): nine weeks
to learn from, four to watch. Hours scatter around ordinary weeks (negative binomial), and whole days do too. Planted:
sharp bursts, slow burns, weekends, nights, small brands, and what must *not* alarm: feast days, changed clocks, a
channel that falls silent, steady growth. An event counts as found when a spike begins to be told between its first hour
and six hours after its last. Whatever is told beside that is a false alarm.

``--real FILE`` replays real counts beside them: CSV of ``timestamp,value`` (steps of at most an hour, UTC), nothing
planted; what is told is listed with its times, for a person to judge.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np

from domain.spiking import Course, Lookout
from domain.usual import WEEK_H, Clock, Series
from domain.window import HOUR_S

WARM_H, WATCH_H = 9 * WEEK_H, 4 * WEEK_H
LATE_H = 6
#: What is usual is learned anew every so many hours, as in the service.
LEARN_EVERY_H = 6


@dataclass(frozen=True, slots=True)
class Event:
    """So many posts more from an hour of the watched weeks on, by a shape over its hours."""

    at_h: int
    hours: int
    posts: float
    channel: str = "a"
    shape: str = "sharp"


@dataclass(frozen=True, slots=True)
class Story:
    """One series: posts a week on each channel, how unevenly days and hours scatter, and what happens in it."""

    name: str
    channels: dict[str, float]
    events: tuple[Event, ...] = ()
    begin: str = "2026-01-05"
    scatter: float = 0.1
    day_scatter: float = 0.15
    growth_a_week: float = 0.0
    quiet_days: tuple[int, ...] = ()
    silent: tuple[tuple[str, int, int], ...] = ()
    known_gap: bool = True
    promotions: tuple[int, ...] = ()


@dataclass(slots=True)
class Tally:
    """What came of replays of one story."""

    planted: int = 0
    found: int = 0
    false: int = 0
    weeks: float = 0.0
    delays_h: list[int] = field(default_factory=list)


def _on(day: int, hour: int) -> int:
    return day * 24 + hour


STORIES = (
    Story("sharp burst, large brand", {"a": 2500, "b": 800}, (Event(_on(2, 14), 5, 300), Event(_on(17, 10), 4, 250))),
    Story("sharp burst, one channel of three", {"a": 900, "b": 400, "c": 200}, (Event(_on(8, 11), 4, 90, "c"),)),
    Story("slow burn over a day", {"a": 1200}, (Event(_on(9, 7), 26, 330, shape="slow"),)),
    Story("slow burn, small brand", {"a": 120}, (Event(_on(9, 7), 26, 60, shape="slow"),)),
    Story("at the weekend", {"a": 1000}, (Event(_on(5, 16), 6, 120), Event(_on(20, 12), 6, 120))),
    Story("at night", {"a": 1000}, (Event(_on(3, 2), 4, 40), Event(_on(15, 1), 4, 40))),
    Story("small brand, three posts a day", {"a": 20}, (Event(_on(6, 15), 5, 14), Event(_on(18, 9), 5, 14))),
    Story("tiny brand, two posts a week", {"a": 2}, (Event(_on(11, 20), 4, 9),)),
    Story("small brand, nothing happens", {"a": 30}),
    Story("large brand, nothing happens", {"a": 4000, "b": 1000}),
    Story("restless brand, nothing happens", {"a": 700}, scatter=0.4, day_scatter=0.35),
    Story("the clocks go forward", {"a": 1500}, (Event(_on(20, 9), 4, 160),), begin="2026-01-05"),
    Story("the clocks go back", {"a": 1500}, (Event(_on(20, 9), 4, 160),), begin="2026-08-10"),
    Story("feast days", {"a": 1200}, (Event(_on(16, 15), 5, 130),), quiet_days=(3, 10, 11)),
    Story("a channel is deaf, and known to be", {"a": 900, "b": 900}, silent=(("b", _on(6, 0), _on(13, 0)),)),
    Story(
        "a channel falls silent and nobody knows",
        {"a": 900, "b": 900},
        silent=(("b", _on(6, 0), _on(13, 0)),),
        known_gap=False,
    ),
    Story("steady growth, 8 % a week", {"a": 800}, (Event(_on(23, 10), 5, 220),), growth_a_week=0.08),
    Story("three days' wave", {"a": 700}, (Event(_on(12, 9), 72, 600, shape="slow"),)),
    Story("after-shock within a day", {"a": 800}, (Event(_on(7, 10), 3, 120), Event(_on(7, 22), 3, 60))),
    Story("spam raid, taken for posts at first", {"a": 600}, (Event(_on(14, 4), 2, 200),)),
)


def _profile(local_hour: int, weekday: int) -> float:
    day = 0.08 + np.exp(-(((local_hour - 11) / 3.2) ** 2)) + 0.9 * np.exp(-(((local_hour - 19.5) / 3.0) ** 2))
    return float(day * (0.6 if weekday >= 5 else 1.0))


def replayed(story: Story, seed: int) -> tuple[dict[str, Series], int]:
    """The posts of a story by channel, and the first hour that is watched."""
    rng = np.random.default_rng(seed)
    clock = Clock("Europe/Rome")
    begin = int(datetime.fromisoformat(f"{story.begin}T00:00:00+01:00").timestamp() // HOUR_S)
    hours = range(begin, begin + WARM_H + WATCH_H)
    local = [(hour + clock._offset_h(hour)) for hour in hours]
    shape = np.array([_profile(at % 24, (at // 24 + 3) % 7) for at in local])
    shape /= shape[:WEEK_H].sum()
    moods = rng.lognormal(-(story.day_scatter**2) / 2, story.day_scatter, size=len(hours) // 24 + 2)
    mood = np.array([moods[(at - local[0]) // 24] for at in local])
    quiet = {WARM_H // 24 + day for day in story.quiet_days}
    calm = np.array([0.35 if (at - local[0]) // 24 in quiet else 1.0 for at in local])
    level = (1 + story.growth_a_week) ** (np.arange(len(hours)) / WEEK_H)
    found: dict[str, Series] = {}
    for name, weekly in story.channels.items():
        mean = weekly * shape * mood * calm * level
        noise = rng.gamma(1 / story.scatter, story.scatter, size=len(hours))
        counts = rng.poisson(mean * noise)
        for event in story.events:
            if event.channel == name:
                at = WARM_H + event.at_h
                counts[at : at + event.hours] += rng.poisson(event.posts * _course(event))
        unheard: set[int] = set()
        for channel, first, last in story.silent:
            if channel == name:
                counts[WARM_H + first : WARM_H + last] = 0
                unheard |= set(range(begin + WARM_H + first, begin + WARM_H + last)) if story.known_gap else set()
        told = {hour: int(n) for hour, n in zip(hours, counts, strict=True) if n}
        found[name] = Series(told, begin, frozenset(unheard))
    return found, begin + WARM_H


def _course(event: Event) -> np.ndarray:
    """How the posts of an event lie over its hours: at once and fading, or rising and falling slowly."""
    steps = np.arange(event.hours) + 0.5
    if event.shape == "sharp":
        course = np.exp(-steps / (event.hours / 2.5))
    else:
        course = np.sin(np.pi * steps / event.hours) ** 0.7
    return np.asarray(course / course.sum())


def watch(channels: dict[str, Series], clock: Clock, first: int, hours: int) -> list[tuple[int, Course]]:
    """Every spike told, with the hour at whose end it was: all channels together, then each by itself."""
    told: list[tuple[int, Course]] = []
    lasting: dict[str, Course] = {}
    places: dict[str, int] = {}
    scopes = {"": channels} | ({name: {name: channels[name]} for name in channels} if len(channels) > 1 else {})
    lookouts: dict[str, Lookout] = {}
    for hour in range(first, first + hours):
        for scope, names in scopes.items():
            before = lookouts.get(scope)
            until = hour // LEARN_EVERY_H * LEARN_EVERY_H
            lookout = before if before is not None and before.until_hour == until else Lookout(names, clock, until)
            lookouts[scope] = lookout
            known = lasting.get(scope)
            if known is not None:
                known = lasting[scope] = _gone_on(lookout, known, hour)
                told[places[scope]] = (told[places[scope]][0], known)
                if not known.is_over or known.covers(hour):
                    continue
            if any(scope == "" or other == "" for other, c in lasting.items() if c.covers(hour)):
                continue
            begun = lookout.begins(hour)
            if begun is not None:
                lasting[scope], places[scope] = begun, len(told)
                told.append((hour, begun))
    return told


def _gone_on(lookout: Lookout, known: Course, hour: int) -> Course:
    """A spike as it stands in this hour; one that is over may flare up again for a while."""
    if known.is_over and lookout.flares_up(known, hour):
        return lookout.goes_on(replace(known, to_hour=hour + 1), running_hour=hour)
    return known if known.is_over else lookout.goes_on(known, running_hour=hour)


def judged(story: Story, told: Sequence[tuple[int, Course]], first: int, into: Tally) -> None:
    """Put what was told beside what was planted."""
    into.weeks += WATCH_H / WEEK_H
    into.planted += len(story.events)
    left = list(told)
    for event in story.events:
        begin, end = first + event.at_h, first + event.at_h + event.hours + LATE_H
        hits = [each for each in told if begin <= each[0] < end or each[1].from_hour <= begin < each[1].to_hour]
        if hits:
            into.found += 1
            into.delays_h.append(max(0, hits[0][0] - begin + 1))
            left = [each for each in left if not (begin - 2 <= each[0] < end + 24)]
    into.false += len(left)


def real(path: Path) -> tuple[dict[str, Series], int, int]:
    """Real counts of a file, by the hour."""
    counts: Counter[int] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            at = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC)
            counts[int(at.timestamp() // HOUR_S)] += round(float(row["value"]))
    return {"a": Series(counts, min(counts))}, min(counts), max(counts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--real", type=Path, nargs="*", default=[])
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    clock, total, used = Clock("Europe/Rome"), Tally(), time.process_time()
    print("| series | events | found | false alarms a week | delay in hours, half / most |\n|---|---|---|---|---|")
    for story in (each for each in STORIES if chosen.only in each.name):
        tally = Tally()
        for seed in range(chosen.seeds):
            channels, first = replayed(story, seed)
            told = watch(channels, clock, first, WATCH_H)
            for into in (tally, total):
                judged(story, told, first, into)
        _line(story.name, tally)
    _line("**all**", total)
    print(f"\n{total.weeks:.0f} weeks, {time.process_time() - used:.0f} s of the processor")
    for path in chosen.real:
        channels, begin, end = real(path)
        print(f"\n{path.name}:")
        for hour, course in watch(channels, Clock("UTC"), begin, end - begin + 1):
            at, since = (f"{datetime.fromtimestamp(h * HOUR_S, UTC):%Y-%m-%d %H:%M}" for h in (hour, course.from_hour))
            print(f"- told {at}, since {since}: {course.posts} posts, {course.usual:.0f} usual")


def _line(name: str, tally: Tally) -> None:
    found = f"{tally.found} ({tally.found / tally.planted:.0%})" if tally.planted else "–"
    late = f"{median(tally.delays_h):.0f} / {sorted(tally.delays_h)[-1]}" if tally.delays_h else "–"
    print(f"| {name} | {tally.planted or '–'} | {found} | {tally.false / tally.weeks:.2f} | {late} |", flush=True)


if __name__ == "__main__":
    main()
