"""Which stretches of a window were not heard, and from when on does a brand listen on each channel?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, case, func, select

from db.gaps import GapRow
from db.tables import accounts, brands, gaps, polls, watches


def holes(tx: Connection, brand_id: int, *, from_at: datetime, to_at: datetime) -> list[GapRow]:
    """The known holes of the brand's own watches that lie in this stretch at least in part, the oldest first."""
    query = (
        select(*(gaps.c[name] for name in GapRow.__slots__))
        .join(watches)
        .where(watches.c.brand_id == brand_id, ~watches.c.is_competitor)
        .where(gaps.c.from_at < to_at, gaps.c.to_at > from_at)
        .order_by(gaps.c.from_at, gaps.c.id)
    )
    return [GapRow(*row) for row in tx.execute(query)]


def listens_since(tx: Connection, brand_id: int) -> tuple[datetime, dict[str, datetime]]:
    """When the brand was set up, and when each channel on which it has or had an account got its first."""
    began = tx.execute(select(brands.c.created_at).where(brands.c.id == brand_id)).scalar_one()
    first = select(accounts.c.channel, func.min(accounts.c.created_at)).where(accounts.c.brand_id == brand_id)
    return began, {row[0]: row[1] for row in tx.execute(first.group_by(accounts.c.channel))}


def left_off(tx: Connection, brand_id: int) -> dict[str, datetime]:
    """Until when each channel was heard on which the brand listened and listens no more."""
    mine = (watches.c.brand_id == brand_id, ~watches.c.is_competitor)
    until = func.max(func.coalesce(polls.c.complete_up_to, polls.c.last_success_at))
    on = func.max(case((polls.c.active, 1), else_=0))
    query = (
        select(polls.c.channel, until.label("until"), on).join(watches, watches.c.id == polls.c.watch_id).where(*mine)
    )
    rows = tx.execute(query.group_by(polls.c.channel)).all()
    return {channel: last for channel, last, is_on in rows if not is_on and last is not None}
