"""What becomes of posts that were there before anybody listened? Kept, counted and shown; only dangers are work.

The first reading of a search, a feed or an account brings what the network has kept. What is older than a day is no
case of its own (docs/decisions/0011): nobody waits for an answer any more, except where silence still does harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from collectors.protocol import Page
from db import audit, changes, first_readings, judgements
from db import episodes as episodes_db
from db.first_readings import OlderPost
from domain.judgement import Judgement, UrgencyLevel
from domain.people import Right
from services import episodes
from services.act import act, require
from services.context import Context

#: More than a page of them is for a search, not for an eye.
SHOWN_POSTS = 50
#: In the story of a case: what made it was found when posts were judged anew.
FOUND_LATER = "danger_found_later"
#: One act of a person takes so many in at most, the newest first; the next one the next.
TAKEN_IN_POSTS = 500


def older_than(ctx: Context, page: Page) -> datetime | None:
    """What this page brings from before that moment is not queued; None when it is no first reading."""
    if page.first_read_at is None:
        return None
    return page.first_read_at - timedelta(hours=ctx.settings.first_reading_h)


def raise_dangers(
    tx: Connection, ctx: Context, opinions: Sequence[tuple[int, Judgement]], *, now: datetime, again: bool = False
) -> int:
    """Of the posts just judged: those that need an answer at once become cases though they are older; how many.

    Where they are judged ``again``, by another model or otherwise, their cases and the audit trail tell of it, and what
    was written before the last ``reopen_window_days`` stays no work (docs/decisions/0021). Where a person gave the
    level, it stays the person's.
    """
    urgent = [mention_id for mention_id, said in opinions if said.urgency_level is UrgencyLevel.ACT_NOW]
    people = judgements.corrections_of(tx, urgent) if urgent else {}
    calm = {mention_id for mention_id, said in people.items() if said.urgency_level is not None}
    urgent = [mention_id for mention_id in urgent if mention_id not in calm]
    since = now - timedelta(days=ctx.settings.reopen_window_days) if again else None
    found = first_readings.among(tx, urgent, written_since=since) if urgent else {}
    for brand_id, mention_ids in found.items():
        placed = _take_in(tx, ctx, mention_ids, brand_id, now)
        if again:
            _tell(tx, ctx, sorted(set(placed.values())), brand_id, posts=len(mention_ids), now=now)
    return sum(map(len, found.values()))


def _tell(tx: Connection, ctx: Context, case_ids: Sequence[int], brand_id: int, *, posts: int, now: datetime) -> None:
    episodes_db.record_many(tx, case_ids, FOUND_LATER, at=now)
    audit.append(
        tx,
        at=now,
        actor=ctx.actor.name,
        user_id=ctx.actor.user_id,
        action="older.danger",
        entity="brand",
        entity_id=brand_id,
        details={"posts": posts, "cases": list(case_ids)},
    )


def shown(ctx: Context, brand_id: int, channel: str) -> tuple[OlderPost, ...]:
    """The newest posts of this channel that were read and not queued. Needs Right.READ."""
    require(ctx, Right.READ, action="older.read", entity="brand")
    with ctx.store.read() as tx:
        return tuple(first_readings.newest(tx, brand_id, channel, posts=SHOWN_POSTS))


def queue_all(ctx: Context, brand_id: int, channel: str) -> int:
    """A person wants them in the queue after all; returns how many posts that was. Needs Right.CHANNELS."""
    with act(ctx, "older.queue", "brand", brand_id, needs=Right.CHANNELS) as running:
        found = [post.id for post in first_readings.newest(running.tx, brand_id, channel, posts=TAKEN_IN_POSTS)]
        running.details.update(channel=channel, posts=len(found))
        _take_in(running.tx, ctx, found, brand_id, running.now)
        changes.raise_version(running.tx, brand_id)
    return len(found)


def _take_in(tx: Connection, ctx: Context, mention_ids: Sequence[int], brand_id: int, now: datetime) -> dict[int, int]:
    first_readings.take_in(tx, mention_ids, brand_id)
    return episodes.attach_mentions(tx, ctx, mention_ids, brand_id, now)
