"""What watches brought: the newest stored posts to try one on, and what became of a week's matches."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, select

from db.tables import authors, case_mentions, cases, mention_matches, mentions, watches
from domain.judgement import Kind
from domain.states import CaseState

#: Resolutions of a case that say that its posts were no work.
NOT_WORK = ("noise", "not_ours")
SPAM = "spam"
#: What can become of a match, as the fields of YieldRow after ``matched``.
_PARTS = ("own", "reposts", SPAM, "noise", "queued", "older")


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
    older: int


def newest(tx: Connection, *, rows: int, channels: Collection[str] = (), but: Collection[str] = ()) -> list[TriedPost]:
    """The newest stored posts that other people wrote, the newest first, plain reposts apart.

    ``channels`` empty: of all channels except ``but``.
    """
    query = (
        select(mentions.c.id, mentions.c.channel, authors.c.handle, mentions.c.text, mentions.c.language)
        .add_columns(mentions.c.published_at)
        .join(authors, authors.c.id == mentions.c.author_id)
        .where(mentions.c.deleted_at.is_(None), ~mentions.c.is_own, ~mentions.c.is_repost)
        .where(mentions.c.channel.not_in(but))
    )
    if channels:
        query = query.where(mentions.c.channel.in_(channels))
    return [TriedPost(*row) for row in tx.execute(query.order_by(mentions.c.published_at.desc()).limit(rows))]


def yields(tx: Connection, watch_ids: Collection[int], *, since: datetime) -> dict[int, YieldRow]:
    """What each of these watches has matched since then, and what became of it; without a match it is left out."""
    # One look-up a match rather than a join over all cases: a week is small beside years of them.
    dismissed = cases.c.state == CaseState.DISMISSED
    outcome = (
        select(
            case(
                (and_(dismissed, cases.c.resolution == SPAM), SPAM),
                (and_(dismissed, cases.c.resolution.in_(NOT_WORK)), "noise"),
                else_="queued",
            )
        )
        .join(case_mentions, case_mentions.c.case_id == cases.c.id)
        .where(case_mentions.c.mention_id == mentions.c.id, cases.c.brand_id == watches.c.brand_id)
        .limit(1)
        .correlate(mentions, watches)
        .scalar_subquery()
    )
    kinds = case(
        (mentions.c.is_own, "own"),
        (mentions.c.is_repost, "reposts"),
        (mention_matches.c.is_older, "older"),
        else_=func.coalesce(outcome, case((mentions.c.kind == Kind.SPAM, SPAM), else_="counted")),
    )
    matched = (
        select(mention_matches.c.watch_id, kinds.label("what"))
        .join(mentions, mentions.c.id == mention_matches.c.mention_id)
        .join(watches, watches.c.id == mention_matches.c.watch_id)
        .where(mention_matches.c.watch_id.in_(watch_ids), mention_matches.c.matched_at >= since)
        .subquery()
    )
    parts = [func.sum(case((matched.c.what == part, 1), else_=0)) for part in _PARTS]
    query = select(matched.c.watch_id, func.count(), *parts).group_by(matched.c.watch_id)
    return {row[0]: YieldRow(*(int(each or 0) for each in row)) for row in tx.execute(query)}
