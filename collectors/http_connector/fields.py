"""What stands in one field of a JSON object? Read strictly by type, so that a mistake is told by the field's name."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from domain.errors import Malformed

#: RFC 3339 with its zone; a time without one says nothing.
TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
#: Control characters are stored nowhere; an id of nothing else would be none.
_SHOWN = re.compile("[^\x00-\x1f\x7f-\x9f]")
#: Nobody names a number of more digits, and other programs cannot read it (RFC 8259, 6).
MOST_DIGITS = 300


def parsed(body: bytes) -> Any:
    """The JSON of a body. Raises Malformed for everything else; NaN and its like are none (RFC 8259)."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON ({type(error).__name__})") from None


def wrong(name: str, wanted: str) -> Malformed:
    """The error for a field that holds something else."""
    return Malformed(f"{name}: {wanted} is needed.", field=name)


def text(told: Mapping[str, Any], name: str) -> str:
    """A string; empty where it is null or left out."""
    value = told.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong(name, "text")
    return value


def flag(told: Mapping[str, Any], name: str, default: bool) -> bool:
    """True or false, the default where it is null or left out."""
    value = told.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise wrong(name, "true or false")
    return value


def name_of(told: Mapping[str, Any], name: str) -> str:
    """An id as text: a string that shows something, or a whole number. Raises Malformed where there is none."""
    value = told.get(name)
    if isinstance(value, str) and _SHOWN.search(value):
        return value
    number = _whole(value)
    if number is None:
        raise wrong(name, "an id (text or a whole number)")
    return str(number)


def perhaps_name(told: Mapping[str, Any], name: str) -> str | None:
    """The same, or None where it is null or left out."""
    return None if told.get(name) is None else name_of(told, name)


def count(told: Mapping[str, Any], name: str) -> int | None:
    """A whole number, or None where it is null or left out."""
    value = told.get(name)
    if value is None:
        return None
    number = _whole(value)
    if number is None:
        raise wrong(name, "a whole number")
    return number


def number(told: Mapping[str, Any], name: str, default: float | None = None) -> float:
    """A number; Malformed where there is none and no default."""
    value = told.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong(name, "a number")
    try:
        found = float(value)
    except OverflowError:
        raise wrong(name, "a smaller number") from None
    if not math.isfinite(found):
        raise wrong(name, "a smaller number")
    return found


def moment(told: Mapping[str, Any], name: str) -> datetime:
    """A time with its zone, in UTC. Raises Malformed where there is none."""
    value = told.get(name)
    if not isinstance(value, str) or not TIME.fullmatch(value):
        raise wrong(name, "a time such as 2026-03-02T09:00:00Z")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong(name, "a time that there is") from None


def perhaps_moment(told: Mapping[str, Any], name: str) -> datetime | None:
    """The same, or None where it is null or left out."""
    return None if told.get(name) is None else moment(told, name)


def inside(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object. Raises Malformed where there is none."""
    value = told.get(name)
    if not isinstance(value, dict):
        raise wrong(name, "an object")
    return value


def listed(told: Mapping[str, Any], name: str) -> list[Any]:
    """A list; empty where it is null or left out."""
    value = told.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong(name, "a list")
    return value


def _whole(value: object) -> int | None:
    """What JSON Schema calls an integer: 5.0 is one, true is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and abs(value) < 10**MOST_DIGITS else None


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
