"""What does one answer of a source mean? Its limits and its clock, or the desk's error for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from collectors.exchange import Said
from collectors.http import PATIENCE_S, retry_after
from collectors.http_connector import fields
from collectors.protocol import Quota
from domain.clock import Clock
from domain.errors import (
    DeskError,
    Malformed,
    Misconfigured,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Refused,
    TooLong,
    Unauthorized,
    Unavailable,
)
from domain.text import clean, one_line, redact

#: A number beyond this is a moment (seconds since 1970), not a time to wait.
_A_MOMENT_S = 1_000_000_000
ITEM_GONE, DUPLICATE, TOO_LONG, UNKNOWN_CURSOR = "item_gone", "duplicate", "too_long", "unknown_cursor"


def object_of(said: Said, *, is_writing: bool = False) -> Mapping[str, Any]:
    """The JSON object of an answer with 2xx. One that cannot be read proves nothing."""
    try:
        told = fields.parsed(said.body)
    except Malformed:
        told = None
    if isinstance(told, dict):
        return told
    words = "The source answers in a way that cannot be read."
    raise OutcomeUnknown(words) if is_writing else Unavailable(words)


def meaning(said: Said, clock: Clock, *, secret: str, is_writing: bool = False) -> DeskError:
    """The error for an answer that is no 2xx. ``error.code`` and ``error.message`` of its body are heeded."""
    code, message = _told(said, secret)
    status, words = said.status, f"The source says: {message or said.status}."
    if status == 429:
        wait_s = retry_after(httpx.Headers(dict(said.headers)), clock) or PATIENCE_S
        return RateLimited("The source asks us to slow down.", retry_after_s=wait_s)
    if status == 401:
        return Unauthorized(f"The source does not accept our signature. {words}")
    if 300 <= status < 400:
        return Misconfigured("The source sends us elsewhere: give that as its address.", field="base_url")
    if status >= 500 or status in (408, 409, 425) or code == DUPLICATE:
        return OutcomeUnknown(words) if is_writing else Unavailable(words)
    if not is_writing:
        return Misconfigured(words, field="base_url", code=code)
    if code == ITEM_GONE:
        return NotPossible("The post was deleted by its author.", reason="parent_deleted")
    return _too_long(said) if code == TOO_LONG else Refused(words)


def quota_of(said: Said, now: datetime) -> Quota | None:
    """What may still be asked, from ``ratelimit-*`` or ``x-ratelimit-*``; None where it is not told."""
    for start in ("ratelimit-", "x-ratelimit-"):
        left, limit, reset = (_number(said.headers.get(f"{start}{end}")) for end in ("remaining", "limit", "reset"))
        if left is not None:
            return Quota(left, limit, None if reset is None else _moment(reset, now))
    return None


def date_of(said: Said, now: datetime) -> datetime | None:
    """What time it is there, never later than here; None where the answer does not say."""
    try:
        at = parsedate_to_datetime(said.headers["date"])
        return min(at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC), now)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _told(said: Said, secret: str) -> tuple[str, str]:
    """The code and the words of an error body, on one line and without our secret."""
    try:
        error = fields.inside(object_of(said), "error")
        message = one_line(redact(clean(fields.text(error, "message")), tuple(secret.split()))).rstrip(".")
        return fields.text(error, "code"), message
    except (Malformed, Unavailable):
        return "", ""


def _too_long(said: Said) -> DeskError:
    try:
        error = fields.inside(object_of(said), "error")
        length, limit = fields.count(error, "length"), fields.count(error, "limit")
    except (Malformed, Unavailable):
        length = limit = None
    if length is None or limit is None:
        return Refused("The reply is longer than the source accepts.")
    return TooLong(length=length, limit=limit, channel="the source")


def _number(value: str | None) -> int | None:
    said = (value or "").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 12 else None


def _moment(reset: int, now: datetime) -> datetime | None:
    try:
        return datetime.fromtimestamp(reset, UTC) if reset > _A_MOMENT_S else now + timedelta(seconds=reset)
    except (OverflowError, ValueError, OSError):
        return None
