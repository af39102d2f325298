"""Which wordings of a post were followed by another? Their names alone: no name of these ever comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from db.conflicts import insert_new
from db.tables import past_wordings


def of(tx: Connection, mention_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """Those of these posts, by the id of the post."""
    columns = (past_wordings.c.mention_id, past_wordings.c.version)
    found: dict[int, set[str]] = {}
    for mention_id, version in tx.execute(select(*columns).where(past_wordings.c.mention_id.in_(mention_ids))):
        found.setdefault(mention_id, set()).add(version)
    return {mention_id: frozenset(versions) for mention_id, versions in found.items()}


def add(tx: Connection, mention_id: int, version: str, *, at: datetime) -> None:
    """Another one has taken the place of this one."""
    values = {"mention_id": mention_id, "version": version, "followed_at": at}
    tx.execute(insert_new(tx, past_wordings).values(**values))
