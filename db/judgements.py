"""What models and people said about posts: append, read back for ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from db.tables import corrections, judgements, mentions
from domain.judgement import Correction, Judgement, Kind, Sentiment, UrgencyLevel


def append(tx: Connection, opinions: Sequence[tuple[int, Judgement]], *, at: datetime) -> dict[int, int]:
    """Record what a model said about each mention; returns the judgement's id by mention."""
    if not opinions:
        return {}
    rows = [_row(mention_id, opinion, at) for mention_id, opinion in opinions]
    done = tx.execute(insert(judgements).returning(judgements.c.mention_id, judgements.c.id), rows)
    return {row.mention_id: row.id for row in done}


def _row(mention_id: int, opinion: Judgement, at: datetime) -> dict[str, Any]:
    return {
        "mention_id": mention_id,
        "model": opinion.model[:80],
        "language": opinion.language[:12],
        "sentiment": opinion.sentiment.value,
        "sentiment_scores": {k.value: round(v, 4) for k, v in opinion.sentiment_scores.items()},
        "kind": opinion.kind.value,
        "kind_scores": {k.value: round(v, 4) for k, v in opinion.kind_scores.items()},
        "urgency": opinion.urgency,
        "urgency_level": int(opinion.urgency_level),
        "reasons": [{"code": r.code.value, "evidence": r.evidence} for r in opinion.reasons],
        "unsure": opinion.unsure,
        "created_at": at,
    }


def add_correction(tx: Connection, mention_id: int, correction: Correction, *, user_id: int, at: datetime) -> None:
    """Record a person's labels."""
    level = correction.urgency_level
    tx.execute(
        insert(corrections).values(
            mention_id=mention_id,
            user_id=user_id,
            sentiment=correction.sentiment,
            kind=correction.kind,
            urgency_level=None if level is None else int(level),
            created_at=at,
        )
    )


def corrections_of(tx: Connection, mention_ids: Sequence[int]) -> dict[int, Correction]:
    """What people said of these posts; the latest word on each label wins."""
    if not mention_ids:
        return {}
    query = select(corrections).where(corrections.c.mention_id.in_(mention_ids)).order_by(corrections.c.id)
    merged: dict[int, dict[str, Any]] = {}
    for row in tx.execute(query):
        labels = merged.setdefault(row.mention_id, {"sentiment": None, "kind": None, "urgency_level": None})
        labels |= {name: getattr(row, name) for name in labels if getattr(row, name) is not None}
    return {mention_id: _correction(labels) for mention_id, labels in merged.items()}


def _correction(labels: Mapping[str, Any]) -> Correction:
    level = labels["urgency_level"]
    return Correction(
        sentiment=labels["sentiment"] and Sentiment(labels["sentiment"]),
        kind=labels["kind"] and Kind(labels["kind"]),
        urgency_level=None if level is None else UrgencyLevel(level),
    )


@dataclass(frozen=True, slots=True)
class Latest:
    """The labels now copied on a post, as the latest judgement gave them."""

    judgement_id: int
    sentiment: str
    kind: str
    urgency: float
    urgency_level: int
    unsure: bool


def latest_of(tx: Connection, mention_id: int) -> Latest | None:
    """The judgement a post stands under, without corrections."""
    query = select(
        judgements.c.id,
        judgements.c.sentiment,
        judgements.c.kind,
        judgements.c.urgency,
        judgements.c.urgency_level,
        judgements.c.unsure,
    ).join(mentions, mentions.c.judgement_id == judgements.c.id)
    row = tx.execute(query.where(mentions.c.id == mention_id)).one_or_none()
    return None if row is None else Latest(*row)


def last_id(tx: Connection) -> int:
    """The number of the latest judgement there is; 0 for none."""
    return int(tx.execute(select(func.max(judgements.c.id))).scalar_one() or 0)
