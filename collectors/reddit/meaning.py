"""What does an answer of Reddit mean for the desk? By its status, its headers and the words of its errors.

Limits are told in `x-ratelimit-*` (Data API Wiki), in seconds from now. A refused reply comes with status 200 and a
list of errors, each a stable word, a sentence and a field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from collectors.fitting import TooLarge, is_overlong
from collectors.protocol import Quota
from domain.errors import (
    DeskError,
    Misconfigured,
    NotFound,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Refused,
    TooLong,
    Unauthorized,
    Unavailable,
)
from domain.text import clean, one_line

#: What to wait when the network asks for patience and gives no time, and the most it may ask for.
PATIENCE_S, MOST_PATIENCE_S = 60.0, 86_400.0
#: Reddit's words for a refused reply (json.errors), and the desk's reason for each.
_NOES = {
    "DELETED_COMMENT": "parent_deleted",
    "DELETED_LINK": "parent_deleted",
    "DELETED_THING": "parent_deleted",
    "NO_THING_ID": "parent_deleted",
    "THREAD_LOCKED": "thread_locked",
    "COMMENT_LOCKED": "thread_locked",
    "TOO_OLD": "thread_locked",
    "SUBREDDIT_NOTALLOWED": "not_welcome",
    "SUBREDDIT_OUTBOUND_LINKING_DISALLOWED": "not_welcome",
    "COMMENT_GUIDANCE_VALIDATION_FAILED": "not_welcome",
    "USER_MUTED": "not_welcome",
    "USER_BLOCKED": "blocked",
    "USER_BLOCKED_MESSAGE": "blocked",
}
#: Words that say that something broke in the middle, not that nothing was written.
_BROKEN = ("SOMETHING_IS_BROKEN", "SERVER_ERROR", "TRY_AGAIN_LATER")
_BREAK = re.compile(r"(\d+)\s*(millisecond|second|minute|hour)")
_UNITS_S = {"millisecond": 0.001, "second": 1.0, "minute": 60.0, "hour": 3600.0}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the network: its JSON, what it says about our limits, and what time it is there."""

    body: Any = field(repr=False)
    quota: Quota | None = None
    at: datetime | None = None


def outcome(response: Any, failure: Exception | None, *, is_writing: bool) -> Reply | DeskError:
    """What became of a request: by the answer if there is one, else by what went wrong."""
    if response is None:
        return unclear(failure, is_writing=is_writing)
    if not 200 <= response.status_code < 300:
        return meaning(response, is_writing=is_writing)
    return answered(response) or unclear(None, is_writing=is_writing)


def not_signed_in(response: Any, failure: Exception) -> DeskError:
    """Reddit says with 200 or 400 that it does not take a password or a refresh token (RFC 6749, 5.2)."""
    told = outcome(response, failure, is_writing=False)
    body = told.body if isinstance(told, Reply) else None
    status = 0 if response is None else response.status_code
    if status == 400 or (isinstance(body, dict) and "error" in body):
        return Unauthorized("Reddit does not take these keys.")
    return told if isinstance(told, DeskError) else unclear(failure, is_writing=False)


def answered(response: Any) -> Reply | None:
    """What came back with a 2xx; None when it is no JSON."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    at = date_of(response.headers)
    return Reply(body, _quota(response.headers, at), at)


def meaning(response: Any, *, is_writing: bool) -> DeskError:
    """The error of the desk for an answer that is no 2xx."""
    status, told = int(response.status_code), _told(response)
    said = one_line(clean(str(told.get("reason") or told.get("message") or status))).rstrip(".")
    if status == 429:
        return RateLimited("Reddit asks us to slow down.", retry_after_s=_wait_s(response.headers))
    if status == 401:
        return Unauthorized(f"Reddit refuses our sign-in: {said}.")
    if status >= 500 or status in (408, 409, 425):
        return _no_clear_answer(str(status), is_writing=is_writing)
    if "insufficient_scope" in str(response.headers.get("www-authenticate", "")):
        return Misconfigured("Reddit did not grant this app what that needs.", field="secret_ref")
    if status == 403 and not told:
        return Misconfigured("Reddit lets this app ask nothing: access has to be approved first.", field="secret_ref")
    if is_writing:
        reason = {403: "not_welcome", 404: "parent_deleted"}.get(status)
        return NotPossible(f"Reddit refuses the reply: {said}.", reason=reason) if reason else _no(status, said)
    if status == 404:
        return NotFound(f"Not on Reddit: {said}.")
    if status == 403 or 300 <= status < 400:
        # A subreddit that there is not sends one on to a search for it.
        return Misconfigured(f"Reddit shows us nothing there: {said}.", field="terms")
    return Misconfigured(f"Reddit refuses the question: {said}.", status=status)


def refusal(body: Any, *, length: int) -> DeskError | None:
    """Why a reply was refused with status 200; None when it was not. ``length``: characters of the reply."""
    told = body.get("json") if isinstance(body, dict) else None
    errors = told.get("errors") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(errors, list) or not errors:
        return None
    first = errors[0] if isinstance(errors[0], list) else [errors[0]]
    word, said = str(first[0]), one_line(clean(str(first[1] if len(first) > 1 else first[0]))).rstrip(".")
    if word == "RATELIMIT":
        return RateLimited("Reddit wants a pause between replies.", retry_after_s=_break_s(told, said))
    if word == "TOO_LONG":
        numbers = re.findall(r"\d+", said)
        return TooLong(length=length, limit=int(numbers[-1][:6]) if numbers else 0, channel="Reddit")
    if word in _BROKEN:
        return OutcomeUnknown(f"Reddit gave no clear answer: {word}.")
    if word in _NOES:
        return NotPossible(f"Reddit refuses the reply: {said}.", reason=_NOES[word])
    return Refused(f"Reddit refuses the reply: {said}.")


def unclear(failure: BaseException | None, *, is_writing: bool) -> DeskError:
    """No answer, or one that cannot be read. Only a connection that never stood proves that nothing was written."""
    from collectors.bounded import never_stood

    if is_overlong(failure) and not is_writing:
        return TooLarge("Reddit sends more at once than anybody reads.")
    cause = getattr(failure, "original_exception", failure)
    what = "no JSON" if cause is None else type(cause).__name__
    if cause is not None and never_stood(cause):
        return Unavailable(f"Reddit cannot be reached: {what}.")
    return _no_clear_answer(what, is_writing=is_writing)


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """What time it is there; None where the answer does not say."""
    try:
        at = parsedate_to_datetime(headers["date"])
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _no_clear_answer(what: str, *, is_writing: bool) -> DeskError:
    if is_writing:
        return OutcomeUnknown(f"Reddit gave no clear answer: {what}.")
    return Unavailable(f"Reddit does not answer: {what}.")


def _no(status: int, said: str) -> DeskError:
    if 300 <= status < 400:
        return OutcomeUnknown(f"Reddit sent the reply elsewhere: {said}.")
    return Refused(f"Reddit refuses the reply: {said}.")


def _told(response: Any) -> Mapping[str, Any]:
    try:
        told = response.json()
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _quota(headers: Mapping[str, str], at: datetime | None) -> Quota | None:
    left, used, resets_s = (_number(headers, f"x-ratelimit-{name}") for name in ("remaining", "used", "reset"))
    if left is None:
        return None
    resets_at = at + timedelta(seconds=resets_s) if at is not None and resets_s is not None else None
    return Quota(int(left), None if used is None else int(left + used), resets_at)


def _wait_s(headers: Mapping[str, str]) -> float:
    wait_s = _number(headers, "retry-after")
    if wait_s is None:
        wait_s = _number(headers, "x-ratelimit-reset")
    return min(max(PATIENCE_S if wait_s is None else wait_s, 1.0), MOST_PATIENCE_S)


def _break_s(told: Mapping[str, Any], said: str) -> float:
    """How long a break is wanted: as a number beside the errors, or in their sentence."""
    given, found = told.get("ratelimit"), _BREAK.search(said.lower())
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        wait_s = float(given)
    else:
        wait_s = float(found.group(1)[:6]) * _UNITS_S[found.group(2)] if found else PATIENCE_S
    return min(max(wait_s, 1.0), MOST_PATIENCE_S)


def _number(headers: Mapping[str, str], name: str) -> float | None:
    """A plausible number among the headers; seconds and counts alike stay below a million."""
    try:
        found = float(headers[name])
    except (KeyError, ValueError):
        return None
    return found if 0 <= found < 1_000_000 else None
