"""Which posts did another model judge, or this one by another reading? All of them, or those that may still be work."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Select, select, text, union

from db.mentions import NOBODY, Waiting
from db.tables import case_mentions, cases, mention_matches, mentions, watches
from db.tables.desk import LIVE
from domain.states import CaseState


def judged_otherwise(
    tx: Connection, *, judges: Collection[str], work_since: datetime | None, below_id: int | None, posts: int
) -> list[Waiting]:
    """Posts last judged by another than these, the newest first.

    With ``work_since`` only those of live cases, and of what came in since then: those that a first reading found too
    old to be queued, and those of cases that were set aside as spam.
    """
    query = select(mentions.c.id, mentions.c.text, mentions.c.edited_at)
    query = query.where(mentions.c.judged_by.not_in([*judges, NOBODY]))
    if work_since is not None:
        query = query.where(mentions.c.id.in_(union(_live(), _older(work_since), _aside(work_since))))
    if below_id is not None:
        query = query.where(mentions.c.id < below_id)
    return [Waiting(*row) for row in tx.execute(query.order_by(mentions.c.id.desc()).limit(posts))]


def any_by_another(tx: Connection, judge: str) -> bool:
    """Whether another model, or this one by another reading, has judged any post that is there."""
    query = select(mentions.c.id).where(mentions.c.judged_by.not_in([judge, NOBODY]))
    return tx.execute(query.limit(1)).first() is not None


def _live() -> Select[tuple[int]]:
    return select(case_mentions.c.mention_id).join(cases, cases.c.id == case_mentions.c.case_id).where(text(LIVE))


def _older(since: datetime) -> Select[tuple[int]]:
    return (
        select(mention_matches.c.mention_id)
        .join(mentions, mentions.c.id == mention_matches.c.mention_id)
        .join(watches, watches.c.id == mention_matches.c.watch_id)
        .where(mention_matches.c.is_older, ~watches.c.is_competitor, mentions.c.published_at >= since)
    )


def _aside(since: datetime) -> Select[tuple[int]]:
    aside = (cases.c.state == CaseState.DISMISSED) & (cases.c.resolution == "spam") & (cases.c.closed_at >= since)
    return select(case_mentions.c.mention_id).join(cases, cases.c.id == case_mentions.c.case_id).where(aside)
