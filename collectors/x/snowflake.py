"""When was a post of X written, by its id alone, and which id would one of a given moment have?

An id holds the milliseconds since November 2010 above 22 other bits (docs.x.com, X IDs).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)
_OTHER_BITS = 22
#: What is smaller was given out one by one, before ids told the time.
_FIRST = 1 << 35
_LONGEST_DIGITS = 19


def written_at(native_id: str) -> datetime:
    """When the post of that id was written. Raises ValueError for an id that does not tell."""
    number = parsed(native_id)
    if number < _FIRST:
        raise ValueError("an id from before ids told the time")
    return _EPOCH + timedelta(milliseconds=number >> _OTHER_BITS)


def id_at(at: datetime) -> str:
    """The lowest id a post of that moment can have, less one: posts after it are of that moment or later."""
    moment_ms = max(0, (at - _EPOCH) // timedelta(milliseconds=1))
    return str(max(1, (moment_ms << _OTHER_BITS) - 1))


def parsed(native_id: str) -> int:
    """The number of an id. Raises ValueError for what is none."""
    if not (native_id.isascii() and native_id.isdigit() and len(native_id) <= _LONGEST_DIGITS):
        raise ValueError(f"{native_id[:40]!r} is no id")
    return int(native_id)
