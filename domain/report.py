"""What did care return in a month? Which days a month holds, and when a complaint has turned into thanks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from domain.errors import Invalid
from domain.judgement import Kind, Sentiment
from domain.solved import says_solved
from domain.window import FIRST_YEAR, LAST_YEAR, Stretch, Window, zone

_WRITTEN = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar. Raises Invalid for one that is in no calendar, or that nobody could ask about."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 12 and FIRST_YEAR < self.year < LAST_YEAR):
            said = f"{self.year}-{self.number:02} is no month of the calendar: write it as 2026-10."
            raise Invalid(said, field="month", what="month")

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return (self.first + timedelta(days=32)).replace(day=1) - timedelta(days=1)

    @property
    def before(self) -> Month:
        return month_of(self.first - timedelta(days=1))


def month_of(day: date) -> Month:
    """The month a day lies in."""
    return Month(day.year, day.month)


def month_from(written: str) -> Month:
    """The month that is written as 2026-10; Invalid for anything else."""
    found = _WRITTEN.fullmatch(written.strip())
    if found is None:
        raise Invalid(f"{written!r} is no month: write it as 2026-10.", field="month", what="month")
    return Month(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class MonthDays:
    """The days a report tells of and those it holds them against, by the brand's clock.

    ``is_running``: the month is not over, both end with the same day of the month. ``is_ahead``: it has not begun.
    ``earlier``: what is counted of the days ``before``; of the last one no more than has passed of today.
    """

    window: Window
    before: Window
    earlier: Stretch
    is_running: bool
    is_ahead: bool

    @property
    def is_cut(self) -> bool:
        """Whether the days before end at the time of day it is now."""
        return self.earlier != self.before.stretch


def days_of(month: Month, timezone: str, *, now: datetime) -> MonthDays:
    """The days of a month up to now, and the same days of the month before up to the same time of day.

    A month before that has fewer days is told whole. A month to come is told as it stands: nothing has happened.
    """
    local = now.astimezone(zone(timezone))
    is_running = month.first <= local.date() <= month.last
    last = local.date() if is_running else month.last
    earlier = month.before
    same_day = earlier.first + (last - month.first)
    is_cut = is_running and same_day <= earlier.last
    before = Window(earlier.first, same_day if is_cut else earlier.last, timezone)
    stretch = before.stretch
    if is_cut:
        until = datetime.combine(same_day, local.time(), local.tzinfo).astimezone(UTC)
        stretch = Stretch(stretch.from_at, max(stretch.from_at, until))
    return MonthDays(
        Window(month.first, last, timezone),
        before,
        stretch,
        is_running=is_running,
        is_ahead=month.first > local.date(),
    )


@dataclass(frozen=True, slots=True)
class Said:
    """One post of a customer in a case. ``kind`` None: nobody has judged it; ``corrected``: a person has."""

    mention_id: int
    at: datetime
    text: str
    kind: Kind | None
    sentiment: Sentiment | None
    corrected: bool = False

    @property
    def complains(self) -> bool:
        return self.kind is Kind.COMPLAINT and self.sentiment is Sentiment.NEGATIVE

    @property
    def is_negative(self) -> bool:
        return self.sentiment is Sentiment.NEGATIVE or self.kind is Kind.COMPLAINT

    @property
    def thanks(self) -> bool:
        """It says that the matter is settled, or is praise, and is neither negative nor a complaint.

        A colleague's labels win over what the words seem. A mere "thanks" is not believed by itself: many a one is
        bitter; and "at last, after three days, shame on you" settles the matter, yet thanks nobody.
        """
        if self.is_negative:
            return False
        return self.kind is Kind.PRAISE or (not self.corrected and says_solved(self.text))


@dataclass(frozen=True, slots=True)
class Turn:
    """A customer who complained, was answered, and wrote again in the days asked about.

    ``complaint``: what our reply answered. ``thanks``: what settled it, None while nothing has.
    """

    complaint: Said
    thanks: Said | None


def turn_of(
    posts: Iterable[Said], replied_at: Sequence[datetime], *, from_at: datetime, to_at: datetime
) -> Turn | None:
    """How a complaint went on in a stretch of time, its end exclusive; None where it did not go on then.

    A complaint is a post judged, or corrected, as a negative complaint. It has been answered when a reply of ours went
    out after it. What the same customer writes after that goes on with it: thanks are the first post that says the
    matter is settled or praises; a later post that is negative, or complains, takes them back. Thanks count in the
    month in which they were written, once; what is written from ``to_at`` on is not known yet.
    """
    story: list[tuple[datetime, int, Said | None]] = [(at, 0, None) for at in replied_at if at < to_at]
    story += [(post.at, 1, post) for post in posts if post.at < to_at]
    complaint = answered = thanks = None
    went_on = False
    for _at, _order, said in sorted(story, key=lambda each: each[:2]):
        if said is None:
            answered = complaint or answered
            continue
        if answered is not None:
            went_on = went_on or said.at >= from_at
            if said.thanks:
                thanks = thanks or said
                continue
            thanks = None if said.is_negative else thanks
        if said.complains:
            complaint = said
    if answered is None or not went_on or (thanks is not None and thanks.at < from_at):
        return None
    return Turn(answered, thanks)
