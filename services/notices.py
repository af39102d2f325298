"""What has the desk to tell one colleague?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.context import Context


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A word to one person: ``kind`` is a stable word, ``details`` its ids and codes."""

    notice_id: int
    kind: str
    case_id: int | None
    customer_name: str | None
    at: datetime
    details: Mapping[str, object]


def unread(ctx: Context) -> list[NoticeView]:
    """What the acting colleague has not read yet, the newest first, 100 at most."""
    raise NotImplementedError


def mark_read(ctx: Context, ids: Sequence[int]) -> int:
    """Mark these of the actor's own notices as read; returns how many changed."""
    raise NotImplementedError
