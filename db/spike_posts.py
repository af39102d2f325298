"""The posts of a spike, with who wrote them, where, and the case each is part of; and who of these people waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, or_, select

from db.heard_posts import Sought, conditions
from db.tables import audit, authors, case_mentions, cases, conversations, mention_matches, mentions, watches
from domain.mention import FROM_FILES


@dataclass(frozen=True, slots=True)
class SpikePost:
    """One post as it counts in a spike. ``case_id`` None: it made no case."""

    mention_id: int
    published_at: datetime
    channel: str
    conversation_id: int
    author_id: int
    customer_id: int
    author_name: str
    handle: str
    followers: int | None
    text: str
    language: str | None
    url: str | None
    kind: str | None
    sentiment: str | None
    case_id: int | None


def posts(tx: Connection, sought: Sought, *, rows: int) -> list[SpikePost]:
    """The posts that count in this stretch, the oldest first; the newest ``rows`` of them."""
    case_id = (
        select(func.max(cases.c.id))
        .join(case_mentions, case_mentions.c.case_id == cases.c.id)
        .where(case_mentions.c.mention_id == mentions.c.id, cases.c.brand_id == sought.brand_id)
        .scalar_subquery()
    )
    columns: list[Any] = [
        *(mentions.c.id, mentions.c.published_at, mentions.c.channel, mentions.c.conversation_id),
        *(authors.c.id, authors.c.customer_id, authors.c.name, authors.c.handle, authors.c.followers),
        *(mentions.c.text, mentions.c.language, mentions.c.url, mentions.c.kind, mentions.c.sentiment, case_id),
    ]
    query = select(*columns).join(authors, authors.c.id == mentions.c.author_id).where(*conditions(sought))
    newest = query.order_by(mentions.c.published_at.desc(), mentions.c.id.desc()).limit(rows)
    return [SpikePost(*row) for row in tx.execute(newest)][::-1]


def behind(tx: Connection, sought: Sought, *, heard_since: datetime) -> tuple[int, int]:
    """How many posts of this stretch came as they were written, and how many different people wrote those.

    Left out is what only watches set up after ``heard_since`` found, or such as seek other words since it was written:
    they find what was there before too. Of posts that a file brought as many count as there are different moments:
    rows without a date, or with none but a day, stand at one.
    """
    from_file, moment = mentions.c.origin == FROM_FILES, mentions.c.published_at
    known = (
        select(mention_matches.c.mention_id)
        .join(watches, watches.c.id == mention_matches.c.watch_id)
        .where(mention_matches.c.mention_id == mentions.c.id, watches.c.brand_id == sought.brand_id)
        .where(~watches.c.is_competitor, watches.c.created_at <= heard_since)
        .where(*_in_its_time(tx, sought))
        .exists()
    )
    query = (
        select(
            func.count(case((~from_file, mentions.c.id))),
            func.count(case((~from_file, authors.c.customer_id)).distinct()),
            func.count(case((from_file, moment)).distinct()),
            func.count(case((from_file, authors.c.customer_id)).distinct()),
        )
        .select_from(mentions.join(authors, authors.c.id == mentions.c.author_id))
        .where(*conditions(sought), known)
    )
    posts, people, moments, people_in_files = tx.execute(query).one()
    return int(posts + moments), int(people + min(people_in_files, moments))


def _in_its_time(tx: Connection, sought: Sought) -> list[ColumnElement[bool]]:
    """For each change of what a watch seeks since the stretch began: not written before it and found after it."""
    changed = select(audit.c.entity_id, audit.c.at, audit.c.details).where(
        audit.c.entity == "watch",
        audit.c.entity_id.in_(select(watches.c.id).where(watches.c.brand_id == sought.brand_id)),
        audit.c.action == "watch.change",
        audit.c.outcome == "done",
        audit.c.at >= sought.from_at,
    )
    return [
        or_(
            mention_matches.c.watch_id != row.entity_id,
            mention_matches.c.matched_at < row.at,
            mentions.c.published_at >= row.at,
        )
        for row in tx.execute(changed)
        if row.details.get("seeks_anew")
    ]


def root_of(tx: Connection, conversation_id: int) -> tuple[int, str, str | None] | None:
    """The post a conversation began with, if it was heard: its id, its text, its address."""
    query = (
        select(mentions.c.id, mentions.c.text, mentions.c.url)
        .join(conversations, conversations.c.id == mentions.c.conversation_id)
        .where(conversations.c.id == conversation_id, mentions.c.native_id == conversations.c.native_id)
        .where(mentions.c.deleted_at.is_(None))
        .limit(1)
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else (row.id, row.text, row.url)


def reasons(tx: Connection, case_ids: Sequence[int]) -> list[list[dict[str, Any]]]:
    """The reasons for the rank of each of these cases, as codes."""
    query = select(cases.c.reasons).where(cases.c.id.in_(list(case_ids)))
    return [list(row[0]) for row in tx.execute(query)]


def terms(tx: Connection, brand_id: int) -> set[str]:
    """What the brand's watches look for: words that every post holds."""
    found = tx.execute(select(watches.c.terms).where(watches.c.brand_id == brand_id)).scalars()
    return {str(term) for each in found for term in each}
