"""What is said when feeds cannot be read? One sentence for all of them; the channel stops only when none is left."""

from __future__ import annotations

from domain.errors import DeskError, Fatal, Malformed, Misconfigured, Retriable, Unavailable

#: A feed that could be read before and now gives something else is asked again after so long.
AGAIN_S = 3600.0
MAX_NAMED = 5


def softened(error: DeskError, *, was_read: bool) -> DeskError:
    """The error with what we know of the feed: one that was fine before comes back more often than not.

    An address that never gave a feed is a mistake for a person to mend. 410 means what it says.
    """
    if error.values.get("gone") or not isinstance(error, Malformed | Misconfigured):
        return error
    if was_read:
        return Unavailable(str(error), retry_after_s=AGAIN_S)
    return Misconfigured(str(error), again_after_s=None, **error.values)


def about(error: DeskError, title: str) -> DeskError:
    """The same error, said of the feed called ``title``."""
    message = f"{title}: {error}"
    if isinstance(error, Retriable):
        return type(error)(message, retry_after_s=error.retry_after_s, **error.values)
    return type(error)(message, **error.values)


def together(errors: list[DeskError], *, of: int) -> DeskError:
    """One error for all feeds that failed in a round over ``of`` feeds.

    A single feed's error is raised as it is. While any feed works, or may work again by itself, the
    channel goes on: what a person has to mend is said, and asked again at the usual pace.
    """
    if len(errors) == of == 1:
        return errors[0]
    words = " ".join(str(error) for error in errors[:MAX_NAMED])
    more = f" And {len(errors) - MAX_NAMED} more." if len(errors) > MAX_NAMED else ""
    message = f"{len(errors)} of {of} feeds cannot be read. {words}{more}"
    if len(errors) == of and all(isinstance(error, Fatal) for error in errors):
        return Misconfigured(message)
    waits = [error.retry_after_s for error in errors if isinstance(error, Retriable)]
    return Unavailable(message, retry_after_s=min(waits) if len(errors) == of and waits else 0.0)
