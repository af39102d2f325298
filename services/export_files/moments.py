"""How is a moment of the store written on the clock of a brand, a million times over?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_HOUR_CHARS, _MOST_HOURS = 13, 200_000
#: Day 0 of spreadsheets, which count a leap day in 1900 that never was (ECMA-376, 18.17.4).
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet knows no zones


@dataclass(slots=True)
class LocalMoments:
    """Turns ``2026-03-02T09:00:00Z`` into a wall-clock time of one zone; the offset is looked up once an hour."""

    timezone: ZoneInfo
    _hours: dict[str, datetime] = field(default_factory=dict)

    def words(self, moment: str | None) -> str | None:
        """``2026-03-02 10:00:00``, as spreadsheets of every language read it."""
        if not moment:
            return None
        hour = self._local_hour(moment[:_HOUR_CHARS])
        if hour.minute:  # zones half an hour off: minutes carry over
            return self._plain(moment).isoformat(sep=" ")
        return f"{hour:%Y-%m-%d %H}{moment[_HOUR_CHARS:19]}"

    def day_number(self, moment: str | None) -> float | None:
        """The same as a spreadsheet counts days."""
        if not moment:
            return None
        since = self._plain(moment) - _DAY_ZERO
        return since.days + since.seconds / 86_400

    def _plain(self, moment: str) -> datetime:
        hour = self._local_hour(moment[:_HOUR_CHARS])
        return hour + timedelta(minutes=int(moment[14:16]), seconds=int(moment[17:19]))

    def _local_hour(self, hour: str) -> datetime:
        known = self._hours.get(hour)
        if known is None:
            if len(self._hours) > _MOST_HOURS:
                self._hours.clear()
            start = datetime.fromisoformat(f"{hour}:00:00").replace(tzinfo=UTC)
            known = self._hours[hour] = start.astimezone(self.timezone).replace(tzinfo=None)
        return known
