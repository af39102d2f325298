"""What do the newest open cases of a brand say? Only what comparing them needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from db.queue import IS_RANKED
from db.tables import cases, mentions


@dataclass(frozen=True, slots=True)
class OpenPost:
    """The latest post of an open case. ``text`` is empty once it is deleted; ``kind`` is the case's."""

    case_id: int
    text: str
    language: str | None
    kind: str


def newest(tx: Connection, brand_id: int, *, since: datetime, rows: int) -> list[OpenPost]:
    """The latest posts of the brand's open cases in which somebody wrote since then, the newest ``rows`` of them."""
    chosen = (
        select(cases.c.id)
        .where(cases.c.brand_id == brand_id, IS_RANKED, cases.c.last_mention_at >= since)
        .order_by(cases.c.last_mention_at.desc(), cases.c.id)
        .limit(rows)
    )
    query = (
        select(cases.c.id, mentions.c.text, mentions.c.language, cases.c.kind)
        .join(mentions, mentions.c.id == cases.c.last_mention_id)
        .where(cases.c.id.in_(chosen))
        .order_by(cases.c.last_mention_at.desc(), cases.c.id)
    )
    return [OpenPost(*row) for row in tx.execute(query)]
