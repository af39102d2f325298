"""What has the desk to tell one colleague?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from db import notices
from services.act import acting_member
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
    with ctx.store.read() as tx:
        rows = notices.unread(tx, acting_member(ctx).id)
    return [NoticeView(r.id, r.kind, r.case_id, r.customer_name, r.at, r.details) for r in rows]


def mark_read(ctx: Context, ids: Sequence[int]) -> int:
    """Mark these of the actor's own notices as read; returns how many changed."""
    if not ids:
        return 0
    with ctx.store.write() as tx:
        return notices.mark_read(tx, acting_member(ctx).id, ids, at=ctx.clock())
