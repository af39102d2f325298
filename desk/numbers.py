"""How are numbers, times and stretches of time written for the reader?"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, format_percent

from desk.i18n import _, language, ngettext

_LOCALES = {"it": "it_IT", "en": "en_GB"}
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


def locale() -> str:
    """The locale of numbers and dates for the reader; English times are written as 24 hours too."""
    return _LOCALES[language()]


def number(value: float) -> str:
    """A number with the reader's separators: 1.140 or 1,140."""
    return _written_number(value, locale())


def usual_words(usual: float) -> str:
    """So many posts are usual; less than one is said in words."""
    return number(round(usual)) if usual >= 1 else _("hardly any")


@lru_cache(maxsize=2048)
def _written_number(value: float, locale_name: str) -> str:
    # The counts of the tabs are written a dozen times at each drawing of the list.
    return str(format_decimal(value, locale=locale_name))


def percent(share: float) -> str:
    """A share in [0, 1] in whole percent: 78%."""
    return str(format_percent(share, locale=locale()))


def local(moment: datetime, timezone: str) -> datetime:
    """The moment on the clock of ``timezone`` (IANA name)."""
    return moment.astimezone(ZoneInfo(timezone))


def clock_time(moment: datetime, timezone: str) -> str:
    """Hour and minute, 24 hours: 10:41."""
    here = local(moment, timezone)
    return f"{here.hour:02}:{here.minute:02}"


def clock_second(moment: datetime, timezone: str) -> str:
    """Hour, minute and second, for what has to be told exactly: 10:41:07."""
    return f"{local(moment, timezone):%H:%M:%S}"


def day_name(day: date, *, today: date) -> str:
    """A day as people say it: "today, Friday 20 November", "Thursday 19 November", "18 November 2025"."""
    if day == today:
        return _("today, {day}").format(day=_long_day(day))
    if day.year != today.year:
        return str(format_date(day, "long", locale=locale()))
    return _long_day(day)


def _long_day(day: date) -> str:
    # Patterns rather than skeletons: those of the Italian locale shorten the names.
    return str(format_date(day, "EEEE d MMMM", locale=locale()))


def short_day(day: date, *, today: date) -> str:
    """A day in a few letters: "today", "tomorrow", "yesterday", "19 Nov", "Feb 2025"."""
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}.get((day - today).days)
    if near is not None:
        return near
    return _written_day(day, "dMMM" if day.year == today.year else "yMMM", locale())


def _exact_day(day: date, *, today: date) -> str:
    """The same beside a time, where a year without its day would say nothing: "22 Nov 2027"."""
    far = day.year != today.year and abs((day - today).days) > 1
    return _written_day(day, "yMMMd", locale()) if far else short_day(day, today=today)


@lru_cache(maxsize=2048)
def _written_day(day: date, skeleton: str, locale_name: str) -> str:
    # The same few days stand on every row of every list; finding the pattern costs a millisecond each.
    return str(format_skeleton(skeleton, day, locale=locale_name))


def moment_words(moment: datetime, timezone: str, *, now: datetime) -> str:
    """Day and time, exact and short: "10:41" today, "19 Nov, 18:02" else."""
    day, today = local(moment, timezone).date(), local(now, timezone).date()
    if day == today:
        return clock_time(moment, timezone)
    return f"{_exact_day(day, today=today)}, {clock_time(moment, timezone)}"


def due_words(moment: datetime, timezone: str, *, now: datetime) -> str:
    """A date in front of us: "today, 15:00", "tomorrow, 09:30", "24 Nov, 18:00"."""
    day, today = local(moment, timezone).date(), local(now, timezone).date()
    return f"{_exact_day(day, today=today)}, {clock_time(moment, timezone)}"


def since_words(moment: datetime, timezone: str, *, now: datetime) -> str:
    """From when on: "since 10:18", "since yesterday, 18:02", "since 19 Nov, 18:02"."""
    return _since(moment, timezone, local(now, timezone).date(), language())


@lru_cache(maxsize=4096)
def _since(moment: datetime, timezone: str, today: date, _language: str) -> str:
    # Every row says it, and the same rows are drawn again and again.
    return _placed(
        moment,
        timezone,
        today=today,
        at_time=_("since {time}"),
        near=_("since {near}, {time}"),
        far=_("since {day}, {time}"),
    )


def until_words(moment: datetime, timezone: str, *, now: datetime) -> str:
    """Up to when: "until 14:00", "until tomorrow, 09:00", "until 24 Nov, 09:00"."""
    return _placed(
        moment,
        timezone,
        today=local(now, timezone).date(),
        at_time=_("until {time}"),
        near=_("until {near}, {time}"),
        far=_("until {day}, {time}"),
    )


def up_to_words(moment: datetime, timezone: str, *, now: datetime) -> str:
    """How far something is complete: "up to 10:40", "up to yesterday, 18:02", "up to 19 Nov, 18:02"."""
    return _placed(
        moment,
        timezone,
        today=local(now, timezone).date(),
        at_time=_("up to {time}"),
        near=_("up to {near}, {time}"),
        far=_("up to {day}, {time}"),
    )


def _placed(moment: datetime, timezone: str, *, today: date, at_time: str, near: str, far: str) -> str:
    # Three templates, since Italian joins a time, a word and a date each in another way: dalle, da ieri, dal 19.
    day, time = local(moment, timezone).date(), clock_time(moment, timezone)
    if day == today:
        return at_time.format(time=time)
    name = _exact_day(day, today=today)
    return near.format(near=name, time=time) if abs((day - today).days) == 1 else far.format(day=name, time=time)


def waiting_words(waited_s: float) -> str:
    """How long somebody waits, in the one unit that matters: "now", "6 min", "2 h", "3 d"."""
    waited = int(max(0.0, waited_s))
    if waited < MINUTE_S:
        return _("now")
    if waited < HOUR_S:
        return _("{n} min").format(n=waited // MINUTE_S)
    if waited < DAY_S:
        return _("{n} h").format(n=waited // HOUR_S)
    return ngettext("{n} d", "{n} d", waited // DAY_S)


def stretch_words(stretch: timedelta) -> str:
    """A stretch of time in full words, two units at most: "4 seconds", "2 hours", "1 hour and 40 minutes".

    What is smaller than the second unit is left out: after days no minutes, after hours no seconds.
    """
    seconds = max(0, int(stretch.total_seconds()))
    days, hours, minutes = seconds // DAY_S, seconds % DAY_S // HOUR_S, seconds % HOUR_S // MINUTE_S
    if days:
        return _both(_days(days), _hours(hours) if hours else "")
    if hours:
        return _both(_hours(hours), _minutes(minutes) if minutes else "")
    return _minutes(minutes) if minutes else ngettext("{n} second", "{n} seconds", seconds)


def _both(large: str, small: str) -> str:
    return _("{large} and {small}").format(large=large, small=small) if small else large


def _days(days: int) -> str:
    return ngettext("{n} day", "{n} days", days)


def _hours(hours: int) -> str:
    return ngettext("{n} hour", "{n} hours", hours)


def _minutes(minutes: int) -> str:
    return ngettext("{n} minute", "{n} minutes", minutes)
