"""What does a failed question to Bluesky mean? The desk's error for it, by the network's status and word."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from collectors.fitting import TooLarge, is_overlong
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
from domain.text import clean, one_line

#: What to wait when the network asks for patience and gives no number, and the most that is believed.
PATIENCE_S, LONGEST_S = 60.0, 86_400.0
#: Words of the network for a sign-in that has ended (com.atproto.server.*, in 400 and 401 alike).
_SIGN_IN_OVER = ("ExpiredToken", "InvalidToken")
_NOT_THERE = ("NotFound", "RecordNotFound", "RepoNotFound", "ActorNotFound")
_NO_SIGN_IN = (
    "AuthenticationRequired",
    "AuthMissing",
    "AuthFactorTokenRequired",
    "AccountTakedown",
    "AccountDeactivated",
)


class SignInOver(Exception):
    """The network wants a new sign-in; nothing was done."""


def meaning(error: Any, now: datetime, *, is_writing: bool) -> Exception:
    """What an error of the library means (atproto_client/exceptions.py)."""
    response = getattr(error, "response", None)
    if response is None:
        return unclear(error, is_writing=is_writing)
    name, said = _words(response)
    status = int(response.status_code)
    if status == 429:
        left_s = (error.reset_at - now).total_seconds() if error.reset_at else PATIENCE_S
        return RateLimited(retry_after_s=min(max(1.0, error.retry_after or left_s), LONGEST_S))
    if name in _SIGN_IN_OVER:
        return SignInOver()
    if status == 401 or name in _NO_SIGN_IN or (status == 403 and name):
        return Unauthorized(f"Bluesky refuses our sign-in: {said}.")
    if name in _NOT_THERE:
        return NotFound(f"Not on Bluesky: {said}.", word=name)
    if status == 501 or name in ("MethodNotImplemented", "XRPCNotSupported"):
        return Misconfigured(f"This server does not speak for Bluesky: {said}.", field="base_url")
    if status >= 500 or status in (408, 409, 425) or name == "InvalidSwap":
        return unclear(error, is_writing=is_writing)
    if status < 400 and is_writing:
        return unclear(error, is_writing=is_writing)
    if status < 400:
        return Misconfigured("The server sends us elsewhere: give that as its address.", field="base_url")
    if status == 403:
        return Unavailable("Somebody between us and Bluesky refuses the question.")
    return Refused(f"Bluesky refuses the reply: {said}.") if is_writing else Misconfigured(f"Bluesky refuses: {said}.")


def unclear(error: Exception, *, is_writing: bool) -> DeskError:
    """No clear answer. Only a connection that never stood proves that nothing was written."""
    import httpx

    cause = error if isinstance(error, httpx.HTTPError) else error.__cause__
    never_connected = isinstance(cause, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
    if is_writing and not never_connected:
        return OutcomeUnknown(f"Bluesky gave no clear answer: {type(cause or error).__name__}.")
    unread = TooLarge if is_overlong(error) else Unavailable
    return unread(f"Bluesky does not answer: {type(cause or error).__name__}.")


def _words(response: Any) -> tuple[str, str]:
    """The network's stable word for an error, and its sentence on one line."""
    name, message = (str(getattr(response.content, word, "") or "") for word in ("error", "message"))
    return name, one_line(clean(f"{name} {message}".strip() or str(response.status_code))).rstrip(".")
