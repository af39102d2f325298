"""What is usual for a brand in an hour of the week? Learned from its own past hours, robust against earlier spikes.

Days and hours are those of the brand's own clock, so that a change of the clocks moves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median

from domain.window import HOUR_S, zone

DAY_H, WEEK_H = 24, 168
#: The same hour of so many weeks before is looked at, with its two neighbours; so far back hours are needed.
WEEKS = 8
HISTORY_H = (WEEKS + 1) * WEEK_H + 2 * DAY_H
#: With fewer weeks, the same hour of the last days, whatever the day of the week; with fewer days nothing is usual yet.
LEAST_WEEKS, DAYS, LEAST_DAYS = 2, 14, 3
#: A past hour counts for at most this many standard deviations above the rest: past spikes are not usual.
CAP_DEVIATIONS, CAP_POSTS = 3.0, 2.0
#: The last days say how the level has moved; by so much at most, and only where so many posts are usual in a week.
LEVEL_DAYS, LEVEL_RANGE, LEVEL_LEAST_POSTS = 7, (0.5, 4.0), 35.0
#: Counts of the last three weeks say how far hours scatter around what is usual.
SCATTER_DAYS, SCATTER_RANGE, SCATTER_TRIM_SHARE, SCATTER_CAP_DEVIATIONS = 21, (0.03, 1.0), 0.05, 3.0


@dataclass(frozen=True, slots=True)
class Series:
    """Posts of one channel by whole hours since 1970 UTC; an hour that is left out had none.

    ``since_hour``: before it nobody counted. ``unheard``: hours of which posts may be missing.
    """

    counts: Mapping[int, int]
    since_hour: int
    unheard: frozenset[int] = frozenset()

    def count(self, hour: int) -> int | None:
        """The posts of an hour; None where nobody knows."""
        return None if hour < self.since_hour or hour in self.unheard else self.counts.get(hour, 0)


@dataclass(frozen=True, slots=True)
class Expected:
    """What is usual in an hour: the mean, and over how many weeks or days it was taken."""

    posts: float
    rests_on: int
    by_weekday: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """The hours of a timezone: which hour was it a week ago, by the clock on the wall?"""

    timezone: str
    _offsets: dict[int, int] = field(default_factory=dict)

    def before(self, hour: int, days: int) -> int:
        """The hour with the same time of day so many days before.

        >>> Clock("Europe/Rome").before(494_664, 7)  # Monday, 7 June 2026, 0:00 UTC
        494496
        """
        there = hour - days * DAY_H
        return there + self._offset_h(hour) - self._offset_h(there)

    def _offset_h(self, hour: int) -> int:
        if hour not in self._offsets:
            local = datetime.fromtimestamp(hour * HOUR_S, UTC).astimezone(zone(self.timezone))
            offset = local.utcoffset()
            self._offsets[hour] = 0 if offset is None else math.floor(offset.total_seconds() / HOUR_S)
        return self._offsets[hour]


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual in the hours of one channel, as far as its past until ``until_hour`` (exclusive) tells."""

    series: Series
    clock: Clock
    until_hour: int
    _levels: dict[int, float] = field(default_factory=dict)
    _known: dict[int, Expected | None] = field(default_factory=dict)

    def at(self, hour: int) -> Expected | None:
        """What is usual in this hour, at the level of the last days; None where too little is known."""
        found = self._shape(hour)
        if found is None or not found.by_weekday:
            return found
        if self.until_hour not in self._levels:
            self._levels[self.until_hour] = self._level_now()
        return Expected(found.posts * self._levels[self.until_hour], found.rests_on, True)

    def _shape(self, hour: int) -> Expected | None:
        if hour not in self._known:
            self._known[hour] = self._by_week(hour) or self._by_day(hour)
        return self._known[hour]

    def _by_week(self, hour: int) -> Expected | None:
        values, weeks = self._past(hour, range(7, 7 * WEEKS + 1, 7))
        return Expected(_robust_mean(values), weeks, True) if weeks >= LEAST_WEEKS else None

    def _by_day(self, hour: int) -> Expected | None:
        values, days = self._past(hour, range(1, DAYS + 1))
        return Expected(_robust_mean(values), days, False) if days >= LEAST_DAYS else None

    def _past(self, hour: int, days: range) -> tuple[list[int], int]:
        """The posts around this time of day so many days before; on how many of these days any hour is known."""
        values, told = [], 0
        for back in days:
            there = self.clock.before(hour, back)
            if there + 1 >= self.until_hour:
                continue
            near = [n for n in map(self.series.count, (there - 1, there, there + 1)) if n is not None]
            values += near
            told += bool(near)
        return values, told

    def _level_now(self) -> float:
        ratios, usual_posts = [], 0.0
        for back in range(LEVEL_DAYS):
            end = self.until_hour - back * DAY_H
            told = [
                (n, e.posts)
                for h in range(end - DAY_H, end)
                if (n := self.series.count(h)) is not None and (e := self._shape(h)) is not None and e.by_weekday
            ]
            usual = sum(posts for _, posts in told)
            if len(told) >= DAY_H // 2 and usual > 0:
                ratios.append(sum(n for n, _ in told) / usual)
                usual_posts += usual
        if len(ratios) < LEVEL_DAYS // 2 or usual_posts < LEVEL_LEAST_POSTS:
            return 1.0
        low, high = LEVEL_RANGE
        return min(high, max(low, median(ratios)))


def _robust_mean(values: Sequence[int]) -> float:
    """The mean, with whatever towers above the lower seven eighths cut to CAP_DEVIATIONS of them.

    Cut, not left out: of few posts an hour, leaving the highest out would leave nothing.
    """
    ordered = sorted(values)
    lower = ordered[: max(1, len(ordered) * 7 // 8)]
    middle = sum(lower) / len(lower)
    cap = middle + CAP_DEVIATIONS * math.sqrt(middle) + CAP_POSTS
    return sum(min(value, cap) for value in ordered) / len(ordered)


def scatter(pairs: Iterator[tuple[int, float]]) -> float:
    """How much more than by chance counts scatter around what is usual: φ of the variance m + φ m².

    By the method of moments over (count, usual), twice: first without the few that lie farthest off, then with those
    cut to SCATTER_CAP_DEVIATIONS by what the first look says, so that a past spike does not make the next one ordinary.
    Source of the variance: J. M. Hilbe, Negative Binomial Regression, 2nd ed. 2011, chapter 8 (NB2).

    >>> scatter(iter([(10, 10.0)] * 40))
    0.03
    """
    found = sorted((((n - m) ** 2, m) for n, m in pairs if m > 0), key=lambda each: each[0] - each[1])
    kept = found[: len(found) - math.ceil(len(found) * SCATTER_TRIM_SHARE)]
    first = 2 * _moments(kept)
    cap = SCATTER_CAP_DEVIATIONS**2
    return _moments([(min(off, cap * (m + first * m * m)), m) for off, m in found])


def _moments(found: Sequence[tuple[float, float]]) -> float:
    low, high = SCATTER_RANGE
    weight = sum(m * m for _, m in found)
    return low if weight <= 0 else min(high, max(low, sum(off - m for off, m in found) / weight))


def chance_of(count: int, mean: float, variance: float) -> float:
    """The probability of this many or more, where counts are negative binomial with this mean and variance.

    Where the variance is no greater than the mean they are Poisson.

    >>> f"{chance_of(5, 1.0, 1.0):.5f} {chance_of(5, 1.0, 2.0):.5f}"
    '0.00366 0.03125'
    """
    if count <= 0:
        return 1.0
    mean = max(mean, 1e-9)
    if variance <= mean * (1 + 1e-9):
        term = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
        return _tail(term, (mean / k for k in _from(count + 1)))
    size = mean * mean / (variance - mean)
    p = mean / variance
    log = math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
    term = math.exp(log + size * math.log(p) + count * math.log1p(-p))
    return _tail(term, ((1 - p) * (k - 1 + size) / k for k in _from(count + 1)))


def _from(first: int) -> Iterator[int]:
    while True:
        yield first
        first += 1


def _tail(term: float, ratios: Iterator[float]) -> float:
    total = 0.0
    for ratio in ratios:
        total += term
        term *= ratio
        if total >= 1 or (ratio < 1 and term <= total * 1e-9):
            break
    return min(1.0, total)
