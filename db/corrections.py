"""What did people say of posts, and what had the model said of them when they read it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, cast, func, select

from db.tables import case_mentions, cases, corrections, judgements, mentions
from domain.judgement import Kind, Sentiment, UrgencyLevel

#: So many ids stand in one statement.
CHUNK_POSTS = 400


@dataclass(frozen=True, slots=True)
class ModelSaid:
    """The labels a model had given a post."""

    model: str
    sentiment: Sentiment
    kind: Kind
    level: UrgencyLevel
    unsure: bool


@dataclass(frozen=True, slots=True)
class CorrectedPost:
    """A post that people read and labelled; of each label the latest word stands, None where nobody gave one.

    ``said`` is what the model had said when the last of them read it; None while only the rules had looked.
    ``is_disputed``: two people gave the same label differently.
    """

    mention_id: int
    case_id: int
    customer_id: int
    text: str
    language: str
    at: datetime
    sentiment: Sentiment | None
    kind: Kind | None
    level: UrgencyLevel | None
    is_disputed: bool
    said: ModelSaid | None
    channel: str = ""


def still_there(tx: Connection, mention_ids: Sequence[int]) -> set[int]:
    """Those of these posts that have a row, deleted on their network or not."""
    found: set[int] = set()
    for start in range(0, len(mention_ids), CHUNK_POSTS):
        some = mentions.c.id.in_(mention_ids[start : start + CHUNK_POSTS])
        found |= set(tx.execute(select(mentions.c.id).where(some)).scalars())
    return found


@dataclass(slots=True)
class _Words:
    """What people said of one post so far."""

    labels: dict[str, Any]
    by: dict[str, set[tuple[int, Any]]]
    at: datetime

    def add(self, row: Any) -> None:
        for name in ("sentiment", "kind", "urgency_level"):
            if (value := getattr(row, name)) is not None:
                self.labels[name] = value
                # Who changes their own mind disputes nothing: their last word counts.
                kept = {each for each in self.by.setdefault(name, set()) if each[0] != row.user_id}
                self.by[name] = kept | {(row.user_id, value)}
        self.at = row.created_at

    @property
    def is_disputed(self) -> bool:
        return any(len({value for _, value in said}) > 1 for said in self.by.values())


def corrected(tx: Connection, brand_ids: Sequence[int], *, besides: Iterable[str] = ()) -> list[CorrectedPost]:
    """Every post of these brands that people labelled, the latest first; tombstones say nothing any more.

    Judgements by the models named in ``besides`` do not count.
    """
    posts = _posts(tx, brand_ids)
    words = _words(tx, list(posts))
    said = _said(tx, {mention_id: each.at for mention_id, each in words.items()}, frozenset(besides))
    found = [_post(posts[mention_id], each, said.get(mention_id)) for mention_id, each in words.items()]
    return sorted(found, key=lambda post: (post.at, post.mention_id), reverse=True)


def _posts(tx: Connection, brand_ids: Sequence[int]) -> dict[int, Any]:
    """Each corrected post once, with its earliest case at one of these brands."""
    query = (
        select(
            *(mentions.c[name] for name in ("id", "text", "language", "channel")),
            cases.c.customer_id,
            cases.c.id.label("case_id"),
        )
        .join(case_mentions, case_mentions.c.mention_id == mentions.c.id)
        .join(cases, cases.c.id == case_mentions.c.case_id)
        # From the few corrections to their posts, never through all posts.
        .where(mentions.c.id.in_(select(corrections.c.mention_id)), mentions.c.deleted_at.is_(None))
        .where(cases.c.brand_id.in_(brand_ids))
        .order_by(cases.c.id.desc())
    )
    return {row.id: row for row in tx.execute(query)}


def _words(tx: Connection, mention_ids: Sequence[int]) -> dict[int, _Words]:
    found: dict[int, _Words] = {}
    for some in _chunks(mention_ids):
        query = select(corrections).where(corrections.c.mention_id.in_(some)).order_by(corrections.c.id)
        for row in tx.execute(query):
            found.setdefault(row.mention_id, _Words({}, {}, row.created_at)).add(row)
    return found


def _said(tx: Connection, read_at: Mapping[int, datetime], besides: frozenset[str]) -> dict[int, ModelSaid]:
    found: dict[int, ModelSaid] = {}
    names = ("mention_id", "model", "sentiment", "kind", "urgency_level", "unsure", "created_at")
    for some in _chunks(list(read_at)):
        query = select(*(judgements.c[name] for name in names)).where(judgements.c.mention_id.in_(some))
        for row in tx.execute(query.order_by(judgements.c.id)):
            if row.model not in besides and row.created_at <= read_at[row.mention_id]:
                level = UrgencyLevel(row.urgency_level)
                labels = Sentiment(row.sentiment), Kind(row.kind), level
                found[row.mention_id] = ModelSaid(row.model, *labels, bool(row.unsure))
    return found


def _post(row: Any, words: _Words, said: ModelSaid | None) -> CorrectedPost:
    labels = words.labels
    return CorrectedPost(
        mention_id=row.id,
        case_id=row.case_id,
        customer_id=row.customer_id,
        text=row.text,
        language=row.language or "und",
        at=words.at,
        sentiment=Sentiment(labels["sentiment"]) if "sentiment" in labels else None,
        kind=Kind(labels["kind"]) if "kind" in labels else None,
        level=UrgencyLevel(labels["urgency_level"]) if "urgency_level" in labels else None,
        is_disputed=words.is_disputed,
        said=said,
        channel=row.channel,
    )


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + CHUNK_POSTS] for start in range(0, len(ids), CHUNK_POSTS))


def unsure_of(tx: Connection, brand_id: int, *, since: datetime, besides: Iterable[str] = ()) -> tuple[int, int]:
    """Of the brand's posts since then: how many a model has judged, and of how many it was unsure."""
    asked = func.coalesce(func.sum(cast(judgements.c.unsure, Integer)), 0)
    query = (
        select(func.count(), asked)
        .select_from(case_mentions)
        .join(cases, cases.c.id == case_mentions.c.case_id)
        .join(mentions, mentions.c.id == case_mentions.c.mention_id)
        .join(judgements, judgements.c.id == mentions.c.judgement_id)
        .where(cases.c.brand_id == brand_id, mentions.c.published_at >= since, mentions.c.deleted_at.is_(None))
        .where(judgements.c.model.not_in(list(besides)))
    )
    judged, unsure = tx.execute(query).one()
    return int(judged), int(unsure)
