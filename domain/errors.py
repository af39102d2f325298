"""The error tree: each branch says what the caller does next.

DeskError
├── Retriable            wait ``retry_after_s`` and try again
│   ├── RateLimited
│   └── Unavailable
├── Fatal                stop and tell a person once
│   ├── Unauthorized
│   └── Misconfigured
├── Skippable            put this item aside, count it, go on
│   └── Malformed
├── Refused              the rules say no; show the sentence, keep what was typed
│   ├── AlreadyClaimed · NotAllowed · TooLong · ApprovalNeeded
│   ├── NotPossible      the state does not allow the move
│   ├── PublishingOff · NotFound · Invalid · StaleVersion
│   └── SignInRefused
└── OutcomeUnknown       a reply may or may not be out: never resend, look it up

Errors for people carry a ``key`` and ``values``; the desk writes the sentence in the reader's
language. ``str(error)`` is the English sentence for logs and the command line.
"""

from __future__ import annotations

from datetime import datetime


class DeskError(Exception):
    """Something went wrong."""

    key = "error"

    def __init__(self, message: str | None = None, **values: object) -> None:
        self.values: dict[str, object] = values
        super().__init__(message or (self.__doc__ or self.key).strip().splitlines()[0])


class Retriable(DeskError):
    """The other side cannot answer now; try again later."""

    key = "retriable"

    def __init__(self, message: str | None = None, *, retry_after_s: float = 30.0, **values: object) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message, **values)


class RateLimited(Retriable):
    """The network asks us to slow down."""

    key = "rate_limited"


class Unavailable(Retriable):
    """The other side did not answer, or nothing was sent."""

    key = "unavailable"


class Fatal(DeskError):
    """This will not work until a person changes something, or until ``again_after_s`` where time alone settles it."""

    key = "fatal"

    def __init__(self, message: str | None = None, *, again_after_s: float | None = None, **values: object) -> None:
        self.again_after_s = again_after_s
        super().__init__(message, **values)


class Unauthorized(Fatal):
    """The network no longer accepts our sign-in."""

    key = "unauthorized"


class Misconfigured(Fatal):
    """A setting is missing or wrong."""

    key = "misconfigured"


class Skippable(DeskError):
    """This one item cannot be used; the rest can."""

    key = "skippable"


class Malformed(Skippable):
    """The item does not have the documented shape."""

    key = "malformed"


class Refused(DeskError):
    """The rules of the desk do not allow this."""

    key = "refused"


class AlreadyClaimed(Refused):
    """A colleague has this case."""

    key = "already_claimed"

    def __init__(self, *, by: str, since: datetime, by_id: int) -> None:
        self.by, self.since, self.by_id = by, since, by_id
        super().__init__(f"{by} has had this case since {since:%H:%M}.", by=by, since=since)


class NotAllowed(Refused):
    """Your role does not allow this."""

    key = "not_allowed"


class TooLong(Refused):
    """The reply is longer than the channel accepts."""

    key = "too_long"

    def __init__(self, *, length: int, limit: int, channel: str) -> None:
        self.length, self.limit = length, limit
        super().__init__(
            f"The reply has {length} characters; {channel} accepts {limit}.",
            length=length,
            limit=limit,
            channel=channel,
        )


class ApprovalNeeded(Refused):
    """A trained colleague has to approve this reply first."""

    key = "approval_needed"


class NotPossible(Refused):
    """The state of this case or reply does not allow that now.

    ``reason`` is a stable word, such as ``promise_open`` or ``reply_pending``.
    """

    key = "not_possible"

    def __init__(self, message: str | None = None, *, reason: str, **values: object) -> None:
        self.reason = reason
        super().__init__(message or f"Not possible now: {reason.replace('_', ' ')}.", reason=reason, **values)


class PublishingOff(Refused):
    """Publishing is switched off; the draft is kept and nothing goes out."""

    key = "publishing_off"


class NotFound(Refused):
    """There is nothing here under that name or number."""

    key = "not_found"


class Invalid(Refused):
    """What was entered cannot be used."""

    key = "invalid"


class StaleVersion(Refused):
    """Somebody changed this in the meantime; look again."""

    key = "stale_version"


class SignInRefused(Refused):
    """Name or password is wrong, or there were too many attempts."""

    key = "sign_in_refused"


class OutcomeUnknown(DeskError):
    """The reply may or may not be published; it has to be looked up, never sent again blindly."""

    key = "outcome_unknown"
