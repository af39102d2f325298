"""Time as the desk knows it: aware, in UTC, and passed in so that tests can move it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

#: Gives the present moment as an aware datetime in UTC.
Clock = Callable[[], datetime]

#: What the clocks of two machines may differ by. A lease that reaches further than one taken now plus
#: this was written before the clock was set back, and holds nobody up.
CLOCK_SKEW = timedelta(minutes=5)


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def require_aware(moment: datetime) -> datetime:
    """Return ``moment`` in UTC; raise ValueError when it carries no timezone."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"naive datetime: {moment!r}")
    return moment.astimezone(UTC)


def localize(naive: datetime, timezone: str) -> datetime:
    """Read a wall-clock time of ``timezone`` (an IANA name) as a moment in UTC.

    An aware input keeps its own offset. A wall-clock time that occurs twice means its first occurrence.
    """
    if naive.tzinfo is None:
        naive = naive.replace(tzinfo=ZoneInfo(timezone))
    return naive.astimezone(UTC)
