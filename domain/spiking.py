"""Is a brand spoken of far more than usual, since when, and is it quiet again? Pure arithmetic over counted hours.

An hour that still runs may accuse, since its count only grows; it never says that it is quiet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.usual import DAY_H, SCATTER_DAYS, WEEKS, Clock, Series, Usual, chance_of, scatter

#: Stretches of so many hours, up to the one looked at, are held against what is usual: from sharp to slow.
STRETCHES_H = (1, 3, 6, 24)
#: Far above what is usual: this improbable, so many times as many (a whole day: fewer), and so many posts at least.
#: Four stretches of 168 hours are some 700 looks a week; even ten times as many false ones as reckoned are few.
CHANCE, TIMES, DAY_TIMES, LEAST_POSTS = 1e-5, 2.0, 1.7, 6
#: Where only days are known, not weeks, weekday and weekend are one: more is asked.
YOUNG_CHANCE, YOUNG_TIMES = 1e-7, 3.0
#: Confirmed against the same hours of the day before and of the week before: so many times as many as then.
CONFIRM_TIMES = 1.5
#: It goes on while an hour is this far above, or together with the two before it.
ON_CHANCE, ON_TIMES = 0.01, 1.5
#: Quiet for so many whole hours: it is over. Above again within so many hours after: the same one goes on.
CALM_H, COOLDOWN_H = 6, 24
#: What lasts longer is no spike but how things are now.
MOST_H = 72
#: So many hours back a look begins: posts come late, and a worker may have rested.
LOOK_BACK_H = 12
#: Of an hour in which nearly nothing is usual this much is taken for usual.
LEAST_USUAL = 0.1


@dataclass(frozen=True, slots=True)
class Stretch:
    """So many posts in hours in which so many are usual, on the channels of which enough of these hours is known."""

    posts: int
    usual: float
    rests_on: int
    by_weekday: bool
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """A spike: from the beginning of its first hour to the end of its last one above (hours since 1970, exclusive)."""

    from_hour: int
    to_hour: int
    posts: int
    usual: float
    peak_hour: int
    peak_posts: int
    is_over: bool = False

    def covers(self, hour: int) -> bool:
        """Whether this hour belongs to it or to its COOLDOWN_H: nothing there is told anew."""
        return self.from_hour <= hour < self.to_hour + COOLDOWN_H


@dataclass(frozen=True, slots=True)
class Lookout:
    """Watches the hours of one brand, of some channels together. Knows what is usual until ``until_hour``."""

    channels: Mapping[str, Series]
    clock: Clock
    until_hour: int
    _usual: dict[str, Usual] = field(default_factory=dict)
    _scatter: dict[int, float] = field(default_factory=dict)

    def over(self, channels: Mapping[str, Series]) -> Lookout:
        """The same knowledge of what is usual, over newer counts of the same channels."""
        return replace(self, channels=channels)

    def stretch(self, last_hour: int, hours: int) -> Stretch | None:
        """The hours up to and with ``last_hour``; None where too little of them is known on every channel.

        Of each channel only the hours count that were heard and of which it is known what is usual; half of them
        at least, and the last one.
        """
        told = [found for name in self.channels if (found := self._of_channel(name, last_hour, hours)) is not None]
        if not told:
            return None
        return Stretch(
            posts=sum(each.posts for each in told),
            usual=sum(each.usual for each in told),
            rests_on=min(each.rests_on for each in told),
            by_weekday=all(each.by_weekday for each in told),
            channels=tuple(name for each in told for name in each.channels),
        )

    def _of_channel(self, name: str, last_hour: int, hours: int) -> Stretch | None:
        series = self.channels[name]
        learned = self._usual.setdefault(name, Usual(series, self.clock, self.until_hour))
        posts, usual, known, rests_on, by_weekday = 0, 0.0, 0, WEEKS, True
        for hour in range(last_hour, last_hour - hours, -1):
            count, expected = series.count(hour), learned.at(hour)
            if count is None or expected is None:
                if hour == last_hour:
                    return None
                continue
            posts, usual, known = posts + count, usual + expected.posts, known + 1
            rests_on, by_weekday = min(rests_on, expected.rests_on), by_weekday and expected.by_weekday
        return Stretch(posts, usual, rests_on, by_weekday, (name,)) if 2 * known >= hours else None

    def begins(self, hour: int) -> Course | None:
        """The spike that shows in this hour, if one does that did not show by the day and the week before."""
        for hours in STRETCHES_H:
            found = self.stretch(hour, hours)
            if found is not None and self._is_far_above(found, hours) and self._is_confirmed(found, hour, hours):
                first = next(h for h in range(hour - hours + 1, hour + 1) if h == hour or self._is_above(h, 1))
                return self._measured(first, hour + 1)
        return None

    def goes_on(self, course: Course, *, running_hour: int) -> Course:
        """The spike as it stands now; ``running_hour`` has begun and is not over."""
        to_hour, end = course.to_hour, min(running_hour + 1, course.from_hour + MOST_H)
        for hour in range(course.to_hour, end):
            if hour - to_hour >= CALM_H:
                break
            if self._is_on(hour):
                to_hour = hour + 1
        is_over = running_hour - to_hour >= CALM_H or running_hour >= course.from_hour + MOST_H
        measured = self._measured(course.from_hour, to_hour)
        return replace(measured, is_over=is_over or (course.posts >= LEAST_POSTS and self._is_gone(measured)))

    def _is_gone(self, course: Course) -> bool:
        """Whether fewer are left than make a spike: deleted, or found to be spam. Hours nobody heard say nothing."""
        hours = range(course.from_hour, course.to_hour)
        return course.posts < LEAST_POSTS and all(self.stretch(hour, 1) is not None for hour in hours)

    def flares_up(self, course: Course, hour: int) -> bool:
        """Whether this spike, which was over, goes on in this hour."""
        is_near = course.to_hour <= hour < min(course.to_hour + COOLDOWN_H, course.from_hour + MOST_H)
        return is_near and self._is_on(hour) and self.begins(hour) is not None

    def _is_far_above(self, found: Stretch, hours: int) -> bool:
        times = DAY_TIMES if hours >= DAY_H else TIMES
        chance, times = (CHANCE, times) if found.by_weekday else (YOUNG_CHANCE, YOUNG_TIMES)
        if found.posts < max(LEAST_POSTS, times * found.usual):
            return False
        return self._chance(found, hours) < chance

    def _is_above(self, hour: int, hours: int) -> bool:
        found = self.stretch(hour, hours)
        if found is None or found.posts < max(2, ON_TIMES * found.usual):
            return False
        return self._chance(found, hours) < ON_CHANCE

    def _is_on(self, hour: int) -> bool:
        """An hour far above, or one a little above at the end of three that are; no quiet hour after a loud one."""
        found = self.stretch(hour, 1)
        is_more = found is not None and found.posts > found.usual
        return is_more and (self._is_above(hour, 1) or self._is_above(hour, 3))

    def _is_confirmed(self, found: Stretch, hour: int, hours: int) -> bool:
        for days in (1, 7):
            then = [self._together(self.clock.before(h, days), found) for h in range(hour - hours + 1, hour + 1)]
            told = [n for n in then if n is not None]
            if len(told) == hours and found.posts < CONFIRM_TIMES * sum(told):
                return False
        return True

    def _together(self, hour: int, found: Stretch) -> int | None:
        counts = [self.channels[name].count(hour) for name in found.channels]
        return None if None in counts else sum(n for n in counts if n is not None)

    def _chance(self, found: Stretch, hours: int) -> float:
        mean = max(found.usual, LEAST_USUAL)
        # What is usual is itself only known from so many weeks.
        variance = mean * (1 + 1 / found.rests_on) + self._scatter_of(hours) * mean * mean
        return chance_of(found.posts, mean, variance)

    def _scatter_of(self, hours: int) -> float:
        if hours not in self._scatter:
            ends = range(self.until_hour - 1, self.until_hour - SCATTER_DAYS * DAY_H, -hours)
            told = (found for end in ends if (found := self.stretch(end, hours)) is not None and found.by_weekday)
            self._scatter[hours] = scatter((found.posts, found.usual) for found in told)
        return self._scatter[hours]

    def _measured(self, from_hour: int, to_hour: int) -> Course:
        """What lies between, hour by hour: on the channels that are known in each."""
        hours = {hour: self.stretch(hour, 1) for hour in range(from_hour, to_hour)}
        told = {hour: found for hour, found in hours.items() if found is not None}
        peak = max(told, key=lambda hour: (told[hour].posts, -hour), default=from_hour)
        posts, usual = sum(f.posts for f in told.values()), sum(f.usual for f in told.values())
        return Course(from_hour, to_hour, posts, usual, peak, told[peak].posts if told else 0)
