"""Which posts did a first reading find too old to be queued? How many, which, and what is work after all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, text, update

from db.tables import authors, mention_matches, mentions, watches

#: Literal SQL, because a partial index is only used when its condition is not a parameter.
_IS_OLDER = {"sqlite": text("mention_matches.is_older = 1"), "postgresql": text("mention_matches.is_older")}


@dataclass(frozen=True, slots=True)
class OlderPost:
    """A post that was written before anybody listened."""

    id: int
    watch: str
    customer_id: int
    author: str
    text: str
    language: str | None
    url: str | None
    published_at: datetime


def counts(tx: Connection, brand_id: int) -> dict[str, int]:
    """How many such posts there are of the brand's active watches, by channel; each post once."""
    query = (
        select(mentions.c.channel, func.count(mentions.c.id.distinct()))
        .select_from(mention_matches)
        .join(mentions, mentions.c.id == mention_matches.c.mention_id)
        .where(_of_brand(tx, brand_id), mentions.c.deleted_at.is_(None))
        .group_by(mentions.c.channel)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def newest(tx: Connection, brand_id: int, channel: str, *, posts: int) -> list[OlderPost]:
    """The newest of them on one channel; one that two watches found stands there once."""
    query = (
        select(mentions.c.id, func.min(watches.c.name), authors.c.customer_id, authors.c.handle)
        .add_columns(mentions.c.text, mentions.c.language, mentions.c.url, mentions.c.published_at)
        .select_from(mention_matches)
        .join(mentions, mentions.c.id == mention_matches.c.mention_id)
        .join(authors, authors.c.id == mentions.c.author_id)
        .join(watches, watches.c.id == mention_matches.c.watch_id)
        .where(_of_brand(tx, brand_id), mentions.c.channel == channel, mentions.c.deleted_at.is_(None))
        .group_by(mentions.c.id, authors.c.id)
    )
    return [OlderPost(*row) for row in tx.execute(query.order_by(mentions.c.published_at.desc()).limit(posts))]


def among(tx: Connection, mention_ids: Sequence[int], *, written_since: datetime | None = None) -> dict[int, list[int]]:
    """Those of these posts that are such, by brand; what only a competitor's watch found is not."""
    query = (
        select(watches.c.brand_id, mention_matches.c.mention_id)
        .join(watches, watches.c.id == mention_matches.c.watch_id)
        .where(mention_matches.c.mention_id.in_(mention_ids), mention_matches.c.is_older, ~watches.c.is_competitor)
        .distinct()
    )
    if written_since is not None:
        query = query.join(mentions, mentions.c.id == mention_matches.c.mention_id)
        query = query.where(mentions.c.published_at >= written_since)
    found: dict[int, list[int]] = {}
    for brand_id, mention_id in tx.execute(query):
        found.setdefault(brand_id, []).append(mention_id)
    return found


def take_in(tx: Connection, mention_ids: Sequence[int], brand_id: int) -> None:
    """These posts are work for this brand like any other."""
    ours = select(watches.c.id).where(watches.c.brand_id == brand_id)
    matched = update(mention_matches).where(mention_matches.c.mention_id.in_(mention_ids))
    tx.execute(matched.where(mention_matches.c.watch_id.in_(ours)).values(is_older=False))
    tx.execute(update(mentions).where(mentions.c.id.in_(mention_ids)).values(is_history=False))


def _of_brand(tx: Connection, brand_id: int) -> ColumnElement[bool]:
    ours = select(watches.c.id).where(watches.c.brand_id == brand_id, watches.c.active, ~watches.c.is_competitor)
    return mention_matches.c.watch_id.in_(ours) & _IS_OLDER[tx.dialect.name]
