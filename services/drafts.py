"""What becomes of the words somebody types: kept, submitted, taken back?"""

from __future__ import annotations

from datetime import datetime

from services.context import Context
from services.reply_view import DraftView, ReplyView

__all__ = ["DraftView", "ReplyView", "discard", "save", "submit", "undo", "withdraw"]


def save(
    ctx: Context,
    case_id: int,
    *,
    mention_id: int,
    text: str,
    promise_text: str | None = None,
    promise_due_at: datetime | None = None,
    version: int | None = None,
) -> DraftView:
    """Keep what is typed; also while a colleague owns the case.

    ``version`` is the one last seen (0: none seen; None: overwrite whatever is there). Raises
    StaleVersion(text, version) when another tab saved in between: the stored text stays.
    """
    raise NotImplementedError


def submit(ctx: Context, reply_id: int, *, undo_s: int | None = None) -> ReplyView:
    """Hand a draft in: queued, awaiting approval, or to be posted by hand. Owner of the case only.

    Raises AlreadyClaimed, NotPossible, Invalid (empty), TooLong, PublishingOff; the draft is kept each time.
    """
    raise NotImplementedError


def undo(ctx: Context, reply_id: int) -> DraftView:
    """Take a queued reply back before it goes out. Its author only; NotPossible once it is being sent."""
    raise NotImplementedError


def withdraw(ctx: Context, reply_id: int) -> DraftView:
    """Take a reply back from the approvers. Its author only."""
    raise NotImplementedError


def discard(ctx: Context, reply_id: int) -> None:
    """Throw a draft away. Its author only."""
    raise NotImplementedError
