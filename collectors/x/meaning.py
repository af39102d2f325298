"""What does an error of X mean for the desk? By the status and the words of its answer (docs.x.com, response codes)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.fitting import TooLarge, is_overlong
from collectors.x.transport import header
from domain.errors import (
    DeskError,
    Misconfigured,
    NotFound,
    NotPossible,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unauthorized,
    Unavailable,
)
from domain.text import clean, one_line

#: What to wait when the network asks for patience and gives no number, and the most it may ask for.
PATIENCE_S, MOST_PATIENCE_S = 60.0, 86_400.0
#: Words of a refused reply, and the desk's reason for each; the first that fits counts.
_NOES = (
    (("deleted", "not visible to you", "does not exist", "could not be found"), "parent_deleted"),
    (("mentioned", "summon", "engaged", "quoted"), "not_summoned"),
    (("reply settings", "allowed to reply", "can reply", "reply to this conversation"), "replies_closed"),
    (("blocked",), "blocked"),
)
#: Kinds of problem that a person has to settle at X itself.
_ACCESS = ("client-forbidden", "client-not-enrolled", "oauth1-permissions", "unsupported-authentication")


def http_error(error: Any, now: datetime, *, is_writing: bool) -> DeskError:
    """The meaning of an answer that was read in full. ``error``: the library's, with its response."""
    response = error.response
    status, told = int(response.status_code), _told(response)
    said, kind = _said(told, status), str(told.get("type") or told.get("reason") or "")
    if status == 429 and "UsageCap" in str(told.get("title")):
        return Misconfigured(f"The month's posts of this X app are used up: {said}.", field="secret_ref")
    if status == 429:
        return RateLimited(retry_after_s=_patience_s(response.headers, now))
    if status == 401:
        return Unauthorized(f"X refuses our sign-in: {said}.")
    if status == 402:
        return Misconfigured(f"The credits of this X app are used up: {said}.", field="secret_ref")
    if status == 403 and any(word in kind for word in _ACCESS):
        return Misconfigured(f"X does not let this app do that: {said}.", field="secret_ref", status=status)
    if status >= 500 or status in (408, 409, 425) or status < 400:
        return unclear(error, is_writing=is_writing)
    if is_writing:
        return _no(said)
    if status == 404:
        return NotFound(f"Not on X: {said}.")
    return Misconfigured(f"X refuses the question: {said}.", status=status)


def unclear(error: Exception, *, is_writing: bool) -> DeskError:
    """No clear answer. Only a connection that never stood proves that nothing was written."""
    from collectors.bounded import never_stood

    if is_writing and not never_stood(error):
        return OutcomeUnknown(f"X gave no clear answer: {type(error).__name__}.")
    if is_overlong(error):
        return TooLarge("X sends more at once than anybody reads.")
    return Unavailable(f"X does not answer: {type(error).__name__}.")


def _no(said: str) -> DeskError:
    """Why a reply was refused for good."""
    words = said.lower()
    if "duplicate" in words:
        # Our own lost attempt, or the same words to somebody else: only looking tells.
        return OutcomeUnknown(f"X has such a post already: {said}.")
    for signs, reason in _NOES:
        if any(sign in words for sign in signs):
            return NotPossible(f"X refuses the reply: {said}.", reason=reason)
    return Refused(f"X refuses the reply: {said}.")


def _told(response: Any) -> Mapping[str, Any]:
    try:
        told = response.json()
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _said(told: Mapping[str, Any], status: int) -> str:
    """The network's sentence on one line."""
    errors = told.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    words = told.get("detail") or first.get("message") or first.get("detail") or told.get("title") or status
    return one_line(clean(str(words)), max_chars=200).rstrip(".")


def _patience_s(headers: Mapping[str, str], now: datetime) -> float:
    """Until the limit that is used up begins anew: that of a quarter of an hour, or that of a day."""
    waits = []
    for name in ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour"):
        left, resets = header(headers, f"{name}-remaining"), header(headers, f"{name}-reset")
        if resets is not None and not left:
            waits.append(resets - now.astimezone(UTC).timestamp())
    return min(max(1.0, *waits), MOST_PATIENCE_S) if waits else PATIENCE_S
