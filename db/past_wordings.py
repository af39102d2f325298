"""Which wordings of a post were followed by another? Their names alone, the last of each post."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select

from db.conflicts import upsert
from db.tables import past_wordings

#: So many of a post are kept, those that were followed last: nobody tries a call for longer than that.
MOST_NAMES = 20
#: What begins so names a wording with its time, which lay ahead. As many of these are kept, beside the others: a source
#: that tells another time ahead at each delivery makes no name forgotten.
AHEAD = "ahead "


def of(tx: Connection, mention_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """Those of these posts, by the id of the post."""
    columns = (past_wordings.c.mention_id, past_wordings.c.version)
    found: dict[int, set[str]] = {}
    for mention_id, version in tx.execute(select(*columns).where(past_wordings.c.mention_id.in_(mention_ids))):
        found.setdefault(mention_id, set()).add(version)
    return {mention_id: frozenset(versions) for mention_id, versions in found.items()}


def add(tx: Connection, mention_id: int, versions: Sequence[str], *, at: datetime) -> None:
    """Others have taken the place of these, in this order; the names that were followed longest ago are forgotten."""
    is_ahead = past_wordings.c.version.startswith(AHEAD, autoescape=True)
    _add(tx, mention_id, [name for name in versions if not name.startswith(AHEAD)], at=at, alike=~is_ahead)
    _add(tx, mention_id, [name for name in versions if name.startswith(AHEAD)], at=at, alike=is_ahead)


def _add(tx: Connection, mention_id: int, versions: Sequence[str], *, at: datetime, alike: ColumnElement[bool]) -> None:
    if not versions:
        return
    newest = versions[-MOST_NAMES:]
    theirs = (past_wordings.c.mention_id == mention_id) & alike
    others = select(past_wordings.c.version).where(theirs, past_wordings.c.version.not_in(newest))
    by_age = others.order_by(past_wordings.c.followed_at.desc(), past_wordings.c.version)
    kept = list(tx.execute(by_age.limit(MOST_NAMES - len(newest))).scalars())
    tx.execute(delete(past_wordings).where(theirs, past_wordings.c.version.not_in([*newest, *kept])))
    for version in newest:
        values = {"mention_id": mention_id, "version": version, "followed_at": at}
        upsert(tx, past_wordings, keys=["mention_id", "version"], values=values)


def forget(tx: Connection, mention_id: int) -> None:
    """Nothing of this post is kept any more."""
    tx.execute(delete(past_wordings).where(past_wordings.c.mention_id == mention_id))
