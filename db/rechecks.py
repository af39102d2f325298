"""Which kept posts are to be looked for on their network again?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from db.tables import accounts, mentions
from domain.mention import FROM_FILES

#: Others' posts that their network knows.
_KEPT = (mentions.c.deleted_at.is_(None), ~mentions.c.is_own, mentions.c.origin != FROM_FILES)


@dataclass(frozen=True, slots=True)
class DuePost:
    """A kept post whose turn it is."""

    id: int
    origin: str
    native_id: str
    published_at: datetime


def due(tx: Connection, channel: str, *, now: datetime, posts: int) -> list[DuePost]:
    """Posts of others on this channel that are due, those never looked for first, then the longest due."""
    query = select(mentions.c.id, mentions.c.origin, mentions.c.native_id, mentions.c.published_at)
    query = query.where(mentions.c.channel == channel, *_KEPT).order_by(mentions.c.recheck_at, mentions.c.id)
    found: list[DuePost] = []
    # Two questions, each bounded by the index; an OR of them would walk the whole channel.
    for its_time in (mentions.c.recheck_at.is_(None), mentions.c.recheck_at <= now):
        if len(found) < posts:
            found += [DuePost(*row) for row in tx.execute(query.where(its_time).limit(posts - len(found)))]
    return found


def count_due(tx: Connection, channel: str, *, before: datetime) -> int:
    """How many posts of others on this channel were due before a moment."""
    query = select(func.count()).select_from(mentions)
    late = query.where(mentions.c.channel == channel, mentions.c.recheck_at <= before)
    return int(tx.execute(late.where(*_KEPT)).scalar_one())


def put_off(tx: Connection, until: Mapping[int, datetime]) -> None:
    """When each of these posts is looked for next."""
    if until:
        statement = update(mentions).where(mentions.c.id == bindparam("b_id"))
        rows = [{"b_id": mention_id, "b_at": at} for mention_id, at in until.items()]
        tx.execute(statement.values(recheck_at=bindparam("b_at")), rows)


def voices(tx: Connection, channel: str) -> Sequence[int]:
    """The brands that have an active account on this channel."""
    query = select(accounts.c.brand_id).where(accounts.c.channel == channel, accounts.c.active).distinct()
    return list(tx.execute(query.order_by(accounts.c.brand_id)).scalars())
