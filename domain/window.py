"""Which stretch of time does a figure speak of? Whole days of the brand's clock, and what they are held against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from domain.errors import Invalid, Misconfigured

HOUR_S = 3600
#: So many days are drawn by the hour, by the day, by the week; more by the month.
HOURS_UP_TO_DAYS, DAYS_UP_TO_DAYS, WEEKS_UP_TO_DAYS = 2, 92, 740
#: Nobody listens longer, and a window of a million days would be drawn as such.
MOST_DAYS = 20 * 366
#: Before and after these years nobody has posted anything; the calendar itself ends not far beyond.
FIRST_YEAR, LAST_YEAR = 1900, 9000


class Step(StrEnum):
    """How long the points of a window are."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Comparison(StrEnum):
    """What a window is held against."""

    PREVIOUS = "previous"  # as many days, just before
    SAME_WEEKDAYS = "same_weekdays"  # the same days of the week: so many whole weeks before that it does not overlap


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one moment to another, aware, the end exclusive."""

    from_at: datetime
    to_at: datetime

    def overlaps(self, other: Stretch) -> bool:
        return self.from_at < other.to_at and other.from_at < self.to_at


@dataclass(frozen=True, slots=True)
class Window:
    """Whole days from ``first`` to ``last``, both included, as the clocks of ``timezone`` (IANA) count them.

    A day on which the clocks change has 23 or 25 hours. Raises Invalid for dates the wrong way round or too many of
    them, Misconfigured for a timezone that nobody knows.
    """

    first: date
    last: date
    timezone: str

    def __post_init__(self) -> None:
        zone(self.timezone)
        if self.last < self.first:
            said = f"The window ends ({self.last}) before it begins ({self.first})."
            raise Invalid(said, field="until", reason="window_reversed")
        if self.first.year < FIRST_YEAR or self.last.year > LAST_YEAR:
            raise Invalid(f"A window lies between {FIRST_YEAR} and {LAST_YEAR}.", field="since", reason="window_years")
        if self.days > MOST_DAYS:
            raise Invalid(f"A window holds {MOST_DAYS} days at most.", field="since", reason="window_long")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def stretch(self) -> Stretch:
        """From the first midnight to the one after the last day, in UTC."""
        return Stretch(_midnight(self.first, self.timezone), _midnight(self.last + timedelta(days=1), self.timezone))

    @property
    def step(self) -> Step:
        if self.days <= HOURS_UP_TO_DAYS:
            return Step.HOUR
        if self.days <= DAYS_UP_TO_DAYS:
            return Step.DAY
        return Step.WEEK if self.days <= WEEKS_UP_TO_DAYS else Step.MONTH

    def compared(self, how: Comparison) -> Window:
        """The window this one is held against."""
        back = self.days if how is Comparison.PREVIOUS else 7 * -(-self.days // 7)
        return Window(self.first - timedelta(days=back), self.last - timedelta(days=back), self.timezone)

    @property
    def day_numbers(self) -> tuple[int, int]:
        """Its days as numbers since 1970, the end exclusive."""
        return day_number(self.first), day_number(self.last) + 1

    def steps(self, step: Step | None = None) -> list[Stretch]:
        """Its points in order, without a hole between them; weeks begin on Monday, months on the first."""
        step = step or self.step
        if step is Step.HOUR:
            stretch = self.stretch
            hours = int((stretch.to_at - stretch.from_at) / timedelta(hours=1))
            marks = [stretch.from_at + timedelta(hours=n) for n in range(hours + 1)]
        else:
            days = [*_beginnings(self.first, self.last, step), self.last + timedelta(days=1)]
            marks = [_midnight(day, self.timezone) for day in days]
        return [Stretch(*pair) for pair in pairwise(marks)]


def zone(name: str) -> ZoneInfo:
    """The timezone of this IANA name; Misconfigured for one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Misconfigured(f"The timezone {name!r} is not known.", timezone=name) from None


def last_days(days: int, timezone: str, *, now: datetime) -> Window:
    """The last so many days, today included."""
    today = now.astimezone(zone(timezone)).date()
    return Window(today - timedelta(days=days - 1), today, timezone)


def hours_of(stretch: Stretch) -> tuple[int, int]:
    """The whole hours since 1970 that a stretch is counted by, the end exclusive.

    Where a timezone lies half an hour beside the others, each day is cut at the full hour before its midnight.
    """
    return int(stretch.from_at.timestamp() // HOUR_S), int(stretch.to_at.timestamp() // HOUR_S)


@dataclass(frozen=True, slots=True)
class Turn:
    """From this whole hour since 1970 on, local days are counted with ``hour + offset_h``."""

    from_hour: int
    offset_h: int


def turns_of(window: Window) -> list[Turn]:
    """How the hours of a window become local days: day number since 1970 = (hour + offset_h) // 24, by each turn.

    One turn for each stretch between two changes of the clocks. Agrees with ``hours_of`` in zones of half an hour.
    """
    first, last = hours_of(window.stretch)
    zone_ = ZoneInfo(window.timezone)
    offset_h = _offset_h(first, zone_)
    turns = [Turn(first, offset_h)]
    for day in range(first, last, 24):
        # Clocks that change at the midnight that ends the window turn in the next one.
        end = min(day + 24, last - 1)
        if _offset_h(end, zone_) == offset_h:
            continue
        for hour in range(day, end + 1):
            if (new := _offset_h(hour, zone_)) != offset_h:
                offset_h = new
                turns.append(Turn(hour, new))
    return turns


def _offset_h(hour: int, zone_: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(hour * HOUR_S, UTC).astimezone(zone_).utcoffset() or timedelta()
    return -int(-offset.total_seconds() // HOUR_S)


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - _EPOCH


_EPOCH = date(1970, 1, 1).toordinal()


def _midnight(day: date, timezone: str) -> datetime:
    """When this day begins; where its first hour is left out, the day begins with the second."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)


def _beginnings(first: date, last: date, step: Step) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        if step is Step.DAY:
            day += timedelta(days=1)
        elif step is Step.WEEK:
            day += timedelta(days=7 - day.weekday())
        else:
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
