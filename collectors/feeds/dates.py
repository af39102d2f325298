"""When was that? Dates as feeds write them, in UTC, or nothing."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import struct_time

#: Zone names that are common in European feeds and unknown to e-mail's own rules (RFC 5322, 4.3), in hours.
_ZONES = {"CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "WET": 0, "WEST": 1, "EET": 2, "EEST": 3, "BST": 1, "MSK": 3}
_ZONE = re.compile(rf"\b({'|'.join(_ZONES)})\s*$")
#: Months as Italian servers write them where English was meant.
_MONTHS = {"gen": "Jan", "mag": "May", "giu": "Jun", "lug": "Jul"} | {
    "ago": "Aug",
    "set": "Sep",
    "ott": "Oct",
    "dic": "Dec",
}
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})[a-z]*\b", re.IGNORECASE)
_WEEKDAY = re.compile(r"^\s*[^\W\d]+\.?,\s*")
#: Before feeds existed a date is a default that nobody set.
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)


def moment(written: str, parsed: struct_time | None = None) -> datetime | None:
    """The moment in UTC; None when there is none or nobody can read it. Without a zone it is taken as UTC.

    ``parsed`` is what a library made of it; it is used where we know no better.
    """
    known_zone = _ZONE.search(written)
    if parsed is not None and known_zone is None:
        return _from_struct(parsed)
    return _iso(written) or _mail(written, known_zone)


def _from_struct(parsed: struct_time) -> datetime | None:
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _iso(written: str) -> datetime | None:
    try:
        return _utc(datetime.fromisoformat(written.strip()))
    except (ValueError, OverflowError):
        return None


def _mail(written: str, known_zone: re.Match[str] | None) -> datetime | None:
    if known_zone is not None:
        written = f"{written[: known_zone.start()]}+{_ZONES[known_zone.group(1)]:02}00"
    written = _MONTH.sub(lambda found: _MONTHS[found.group(1).lower()], _WEEKDAY.sub("", written))
    try:
        return _utc(parsedate_to_datetime(written))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
