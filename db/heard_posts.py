"""The posts behind a figure: those heard for a brand in a stretch of time, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, func, or_, select

from db.tables import authors, case_mentions, cases, judgements, mention_matches, mentions, watches
from domain.judgement import Kind, Sentiment


@dataclass(frozen=True, slots=True)
class HeardPost:
    """One post that counts in the volume. ``case_id`` None: it made no case. ``kind`` None: nobody has judged it."""

    mention_id: int
    published_at: datetime
    channel: str
    author_name: str
    handle: str
    text: str
    language: str | None
    url: str | None
    kind: Kind | None
    sentiment: Sentiment | None
    case_id: int | None


@dataclass(frozen=True, slots=True)
class Sought:
    """Which posts of a stretch (its end exclusive); what is empty or None does not choose."""

    brand_id: int
    from_at: datetime
    to_at: datetime
    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    kind: Kind | None = None
    sentiment: Sentiment | None = None
    theme: str = ""


#: Where the next page goes on: below this moment and id.
Place = tuple[datetime, int]

_JUDGED = and_(or_(mentions.c.judged_by.is_not(None), mentions.c.corrected), mentions.c.kind.is_not(None))


def page(tx: Connection, sought: Sought, *, below: Place | None, posts: int) -> list[HeardPost]:
    """Up to ``posts`` of them, the newest first, from ``below`` on; as counted in the volume of ``db.counting``."""
    case_id = (
        select(func.max(cases.c.id))
        .join(case_mentions, case_mentions.c.case_id == cases.c.id)
        .where(case_mentions.c.mention_id == mentions.c.id, cases.c.brand_id == sought.brand_id)
        .scalar_subquery()
    )
    columns = (mentions.c.id, mentions.c.published_at, mentions.c.channel, authors.c.name, authors.c.handle)
    query = (
        select(*columns, mentions.c.text, mentions.c.language, mentions.c.url, mentions.c.kind, mentions.c.sentiment)
        .add_columns(case_id, _JUDGED)
        .join(authors, authors.c.id == mentions.c.author_id)
        .where(*conditions(sought))
    )
    if below is not None:
        at, mention_id = below
        query = query.where(
            mentions.c.published_at <= at, or_(mentions.c.published_at < at, mentions.c.id < mention_id)
        )
    rows = tx.execute(query.order_by(mentions.c.published_at.desc(), mentions.c.id.desc()).limit(posts))
    return [_post(row) for row in rows]


@dataclass(frozen=True, slots=True)
class IdRange:
    """Between which ids, both inclusive, the posts of a stretch stand; ``low`` above ``high``: there are none."""

    low: int
    high: int


def ids_between(tx: Connection, from_at: datetime, to_at: datetime | None, *, most: int) -> IdRange | None:
    """Where the posts of this stretch stand, of whichever brand; None where there are more than ``most``.

    Costs the posts of the stretch alone, and never more than ``most`` of them.
    """
    query = select(mentions.c.id).where(mentions.c.published_at >= from_at)
    if to_at is not None:
        query = query.where(mentions.c.published_at < to_at)
    # In their order: PostgreSQL would else look for the first so many from the beginning of all posts.
    some = query.order_by(mentions.c.published_at).limit(most + 1).subquery()
    posts, low, high = tx.execute(select(func.count(), func.min(some.c.id), func.max(some.c.id))).one()
    if posts > most:
        return None
    return IdRange(int(low), int(high)) if posts else IdRange(1, 0)


def conditions(sought: Sought) -> Sequence[Any]:
    ours = (
        select(mention_matches.c.mention_id)
        .join(watches, watches.c.id == mention_matches.c.watch_id)
        .where(mention_matches.c.mention_id == mentions.c.id)
        .where(watches.c.brand_id == sought.brand_id, ~watches.c.is_competitor)
        .exists()
    )
    found: list[Any] = [
        mentions.c.published_at >= sought.from_at,
        mentions.c.published_at < sought.to_at,
        mentions.c.deleted_at.is_(None),
        ~mentions.c.is_own,
        ~mentions.c.is_repost,
        ours,
    ]
    if sought.channels:
        found.append(mentions.c.channel.in_(sought.channels))
    if sought.languages:
        found.append(spoken(sought.languages))
    if sought.theme:
        found.append(about(sought.theme))
    if sought.kind is None:
        found.append(or_(~_JUDGED, mentions.c.kind != Kind.SPAM))
    else:
        found += [_JUDGED, mentions.c.kind == sought.kind]
    if sought.sentiment is not None:
        found += [_JUDGED, mentions.c.sentiment == sought.sentiment]
    return found


def spoken(languages: Sequence[str]) -> ColumnElement[bool]:
    """Posts in one of these languages, whatever their region; ``und``: in one that nobody knows."""
    known = func.lower(func.coalesce(mentions.c.language, "und"))
    return or_(*(or_(known == code, known.like(f"{code}-%")) for code in languages))


def about(theme: str) -> ColumnElement[bool]:
    """Posts whose judgement gives this contact reason, but for those corrected to "no action"."""
    coded = cast(judgements.c.reasons, Text).contains(f'"{theme}"', autoescape=True)
    given = select(judgements.c.id).where(judgements.c.id == mentions.c.judgement_id, coded).exists()
    return and_(func.coalesce(mentions.c.urgency_level, 1) > 0, given)


def _post(row: Any) -> HeardPost:
    kind, sentiment, case_id, is_judged = row[8:]
    known = is_judged and sentiment
    labels = (Kind(kind), Sentiment(sentiment)) if known else (None, None)
    named = dict(zip(HeardPost.__slots__, row[:8], strict=False))
    return HeardPost(**named, kind=labels[0], sentiment=labels[1], case_id=case_id)
