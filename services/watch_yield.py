"""What does a watch bring, and how much of it is noise? The last seven days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from db import brands as brands_db
from db import watched
from domain.people import Right
from services.act import require
from services.context import Context

WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WatchYield:
    """What one watch matched in the last seven days, by when it was stored.

    ``queued`` became work. ``own`` (what we wrote), ``reposts``, ``spam`` and ``noise`` (cases set aside as noise
    or as not about us) are counted and kept out of the queue, as are ``older`` posts, from before anybody listened;
    ``matched`` is all of these and what is only counted: a competitor's posts, history.
    """

    watch_id: int
    matched: int = 0
    queued: int = 0
    own: int = 0
    reposts: int = 0
    spam: int = 0
    noise: int = 0
    older: int = 0


def yields(ctx: Context, brand_id: int) -> dict[int, WatchYield]:
    """The yield of every watch of a brand, resting ones too. Needs Right.READ."""
    require(ctx, Right.READ, action="watch.read", entity="watch")
    with ctx.store.read() as tx:
        ids = [watch.id for watch in brands_db.watches_of(tx, brand_id, inactive=True)]
        found = watched.yields(tx, ids, since=ctx.clock() - WINDOW)
    return {
        watch_id: WatchYield(watch_id, row.matched, row.queued, row.own, row.reposts, row.spam, row.noise, row.older)
        if (row := found.get(watch_id))
        else WatchYield(watch_id)
        for watch_id in ids
    }
