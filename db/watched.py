"""What watches brought: the newest stored posts to try one on, and what became of a week's matches."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, not_, or_, select

from db.tables import authors, case_mentions, cases, mention_matches, mentions, watches
from domain.judgement import Kind
from domain.states import CaseState

#: Resolutions of a case that say that its posts were no work.
NOT_WORK = ("noise", "not_ours")
SPAM = "spam"


@dataclass(frozen=True, slots=True)
class TriedPost:
    """A stored post, as much of it as trying a watch needs."""

    id: int
    channel: str
    author: str
    text: str
    language: str | None
    published_at: datetime


@dataclass(frozen=True, slots=True)
class YieldRow:
    """What one watch matched in a stretch of time; the other numbers are parts of ``matched``, none counted twice."""

    watch_id: int
    matched: int
    own: int
    reposts: int
    spam: int
    noise: int
    queued: int


def newest(tx: Connection, *, rows: int, channels: Collection[str] = (), but: Collection[str] = ()) -> list[TriedPost]:
    """The newest stored posts that other people wrote, the newest first; ``channels`` empty: of all except ``but``."""
    query = (
        select(mentions.c.id, mentions.c.channel, authors.c.handle, mentions.c.text, mentions.c.language)
        .add_columns(mentions.c.published_at)
        .join(authors, authors.c.id == mentions.c.author_id)
        .where(mentions.c.deleted_at.is_(None), ~mentions.c.is_own, mentions.c.channel.not_in(but))
    )
    if channels:
        query = query.where(mentions.c.channel.in_(channels))
    return [TriedPost(*row) for row in tx.execute(query.order_by(mentions.c.published_at.desc()).limit(rows))]


def yields(tx: Connection, watch_ids: Collection[int], *, since: datetime) -> dict[int, YieldRow]:
    """What each of these watches has matched since then, and what became of it; without a match it is left out."""
    in_case = (
        select(case_mentions.c.mention_id, cases.c.brand_id, cases.c.state, cases.c.resolution)
        .join(cases, cases.c.id == case_mentions.c.case_id)
        .subquery()
    )
    dismissed = in_case.c.state == CaseState.DISMISSED
    own, repost = mentions.c.is_own, and_(~mentions.c.is_own, mentions.c.is_repost)
    work = and_(~mentions.c.is_own, ~mentions.c.is_repost)
    counted_spam = and_(in_case.c.mention_id.is_(None), mentions.c.kind == Kind.SPAM)
    spam = and_(work, or_(and_(dismissed, in_case.c.resolution == SPAM), counted_spam))
    noise = and_(work, dismissed, in_case.c.resolution.in_(NOT_WORK))
    set_aside = and_(dismissed, in_case.c.resolution.in_((SPAM, *NOT_WORK)))
    queued = and_(work, in_case.c.mention_id.is_not(None), not_(set_aside))
    parts = [func.sum(case((part, 1), else_=0)) for part in (own, repost, spam, noise, queued)]
    query = (
        select(mention_matches.c.watch_id, func.count(), *parts)
        .join(mentions, mentions.c.id == mention_matches.c.mention_id)
        .join(watches, watches.c.id == mention_matches.c.watch_id)
        .outerjoin(in_case, and_(in_case.c.mention_id == mentions.c.id, in_case.c.brand_id == watches.c.brand_id))
        .where(mention_matches.c.watch_id.in_(watch_ids), mention_matches.c.matched_at >= since)
        .group_by(mention_matches.c.watch_id)
    )
    return {row[0]: YieldRow(*(int(each or 0) for each in row)) for row in tx.execute(query)}
