"""What does one answer of a Mastodon server mean? Its JSON, its pages and limits, or the desk's error for it.

Headers are those of docs.joinmastodon.org (api/rate-limits, api/guidelines#pagination); servers that only speak the
same language write some of them otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from collectors.fitting import TooLarge, is_overlong
from collectors.protocol import Quota
from domain.clock import Clock
from domain.errors import (
    DeskError,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unauthorized,
    Unavailable,
)
from domain.text import clean, one_line, redact

#: What to wait when the server asks for patience and gives no time, and the most it may ask for.
PATIENCE_S, MOST_PATIENCE_S = 60.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: its JSON, what it says about our limits, what time it is there, and the pages beside this one."""

    body: Any = field(repr=False)
    quota: Quota | None = None
    at: datetime | None = None
    older_than: str | None = None
    newer_than: str | None = None


def answered(response: Any) -> Reply | None:
    """What came back with a 2xx; None when it is no JSON."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    headers = response.headers
    return Reply(
        body,
        _quota(headers),
        date_of(headers),
        _linked(response, "next", "max_id"),
        _linked(response, "prev", "min_id"),
    )


def meaning(response: Any, clock: Clock, *, is_writing: bool, secret: str) -> DeskError:
    """The error of the desk for an answer that is no 2xx."""
    status, said = int(response.status_code), _said(response, secret)
    if status == 429:
        return RateLimited("Mastodon asks us to slow down.", retry_after_s=_wait_s(response.headers, clock))
    if 300 <= status < 400:
        there = urlsplit(str(response.headers.get("location", ""))).netloc[:100]
        return Misconfigured(f"The server sends us elsewhere ({there}): give that as its address.", field="base_url")
    if status == 401 or (status == 403 and said):
        return Unauthorized(f"Mastodon refuses our sign-in: {said or status}.")
    if status in (404, 410):
        return NotFound(f"Not on this server: {said or status}.", said=bool(said))
    if status == 501:
        return Misconfigured(f"This server cannot do that: {said or status}.", field="base_url")
    if status >= 500 or status in (408, 409, 425):
        return _no_clear_answer(f"{status}", is_writing=is_writing)
    if status == 403:
        return Unavailable("Somebody between us and Mastodon refuses the question.")
    words = f"Mastodon refuses: {said or status}."
    return Refused(words) if is_writing else Misconfigured(words)


def unclear(failure: Exception | None, *, is_writing: bool) -> DeskError:
    """No answer, or one that cannot be read. Only a connection that never stood proves that nothing was written."""
    cause = failure.__context__ if failure is not None and failure.__context__ is not None else failure
    what = "no JSON" if cause is None else type(cause).__name__
    from collectors.bounded import never_stood

    if is_overlong(failure) and not is_writing:
        return TooLarge("Mastodon sends more at once than anybody reads.")
    if never_stood(cause):
        return Unavailable(f"Mastodon cannot be reached: {what}.")
    return _no_clear_answer(what, is_writing=is_writing)


def _no_clear_answer(what: str, *, is_writing: bool) -> DeskError:
    if is_writing:
        return OutcomeUnknown(f"Mastodon gave no clear answer: {what}.")
    return Unavailable(f"Mastodon does not answer: {what}.")


def _said(response: Any, secret: str) -> str:
    """The server's own words for an error, on one line; empty when it is no server of this kind that speaks."""
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return one_line(redact(clean(error), (secret,))).rstrip(".") if isinstance(error, str) else "error"


def _linked(response: Any, rel: str, name: str) -> str | None:
    try:
        found = parse_qs(urlsplit(response.links[rel]["url"]).query).get(name)
    except (KeyError, ValueError, TypeError):
        return None
    return found[0] if found else None


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """What time it is there; None where the answer does not say."""
    try:
        at = parsedate_to_datetime(headers["date"])
        # Without a zone (``-0000``) it is UTC (RFC 5322, 3.3), and not our own time.
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _quota(headers: Mapping[str, str]) -> Quota | None:
    try:
        left, limit = int(headers["x-ratelimit-remaining"]), int(headers["x-ratelimit-limit"])
    except (KeyError, ValueError):
        return None
    return Quota(left, limit, _resets_at(headers))


def _resets_at(headers: Mapping[str, str]) -> datetime | None:
    """A date as Mastodon writes it, or seconds since 1970 as others do."""
    said = headers.get("x-ratelimit-reset", "").strip()
    try:
        if said.isascii() and said.isdigit():
            return datetime.fromtimestamp(int(said), UTC)
        at = datetime.fromisoformat(said)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _wait_s(headers: Mapping[str, str], clock: Clock) -> float:
    """How long we are asked to wait, by the server's own clock where it tells the time."""
    said, resets_at = headers.get("retry-after", "").strip(), _resets_at(headers)
    if said.isascii() and said.isdigit():
        wait_s = float(said)
    elif resets_at is not None:
        wait_s = (resets_at - (date_of(headers) or clock())).total_seconds()
    else:
        wait_s = PATIENCE_S
    return min(max(wait_s, 1.0), MOST_PATIENCE_S)
