"""Is a post we keep still there? What its author deleted is deleted here, on each network within its limits.

A round over a channel looks again at what it handed over lately; this looks at everything that is kept. X wants a
deletion followed "as soon as reasonably possible", and within a day when asked; Reddit recommends a look at everything
within 48 hours (developer terms and Data API wiki, as of August 2026). Each post of X costs, so a day has its number.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from collectors.protocol import Kept, Rechecking
from db import brands as brands_db
from db import meta, rechecks
from db.rechecks import DuePost
from domain.errors import DeskError
from services import renewing
from services.context import Context
from services.storing import change_known

log = logging.getLogger(__name__)

#: How often a post of that age is looked for; people delete what is young.
EVERY = ((timedelta(days=7), timedelta(days=1)), (timedelta(days=30), timedelta(days=7)))
SELDOM = timedelta(days=30)
#: Networks that ask for more than that.
AT_LEAST = {"reddit": timedelta(days=2)}
#: Posts of a channel looked at in one run, and how long a channel rests that could not be asked.
RUN_POSTS, REST = 100, timedelta(minutes=15)


def next_look(channel: str, published_at: datetime, now: datetime) -> datetime:
    """When a post that was there just now is looked for again."""
    age = now - published_at
    every = next((spacing for youngest, spacing in EVERY if age < youngest), SELDOM)
    return now + min(every, AT_LEAST.get(channel, SELDOM))


def run(ctx: Context) -> int:
    """Look for what is due on every channel that can tell; returns how many posts were found deleted."""
    return sum(_channel(ctx, name) for name in ctx.channels.names() if ctx.channels.manifest(name).rechecks)


def _channel(ctx: Context, channel: str) -> int:
    now = ctx.clock()
    left = _left_today(ctx, channel, now)
    with ctx.store.read() as tx:
        brand_ids = rechecks.voices(tx, channel)
        posts = rechecks.due(tx, channel, now=now, posts=min(RUN_POSTS, left)) if brand_ids and left > 0 else []
    if not posts:
        return 0
    gone = 0
    asked: set[int] = set()
    for brand_id in brand_ids:
        waiting = [post for post in posts if post.id not in asked]
        collector = _collector(ctx, brand_id, channel) if waiting else None
        if collector is not None:
            asked_now, lost = _ask(ctx, channel, collector, waiting)
            asked |= asked_now
            gone += lost
    _put_off(ctx, channel, [post for post in posts if post.id not in asked], until=now + REST)
    return gone


def _collector(ctx: Context, brand_id: int, channel: str) -> Rechecking | None:
    with ctx.store.read() as tx:
        accounts = brands_db.accounts_on(tx, brand_id, channel=channel)
    try:
        renewing.fresh(ctx, accounts)
        found: object = ctx.channels.collector(channel, next(iter(accounts), None), accounts=accounts)
        return found if isinstance(found, Rechecking) else None
    except DeskError as error:
        log.warning("posts cannot be looked for channel=%s error=%s", channel, error.key)
        return None


def _ask(ctx: Context, channel: str, collector: Rechecking, posts: Sequence[DuePost]) -> tuple[set[int], int]:
    """The network is asked outside any transaction; what it says is stored with the next moment in one."""
    names = {Kept(post.origin, post.native_id): post for post in posts}
    try:
        found = collector.recheck(list(names))
    except DeskError as error:
        log.info("posts could not be looked for channel=%s error=%s", channel, error.key)
        return set(), 0
    asked = [names[each] for each in found.asked if each in names]
    with ctx.store.write() as tx:
        now = ctx.clock()
        change_known(tx, ctx, found.changed, now=now)
        rechecks.put_off(tx, {post.id: next_look(channel, post.published_at, now) for post in asked})
        name = _counted(channel, now)
        meta.keep(tx, name, str(int(meta.read(tx, name) or 0) + len(asked)))
    return {post.id for post in asked}, sum(post.deleted for post in found.changed)


def _put_off(ctx: Context, channel: str, posts: Sequence[DuePost], *, until: datetime) -> None:
    if posts:
        with ctx.store.write() as tx:
            rechecks.put_off(tx, {post.id: until for post in posts})


def _left_today(ctx: Context, channel: str, now: datetime) -> int:
    """How many more posts of this channel may be looked for on this day of UTC."""
    is_paid = ctx.channels.manifest(channel).charges
    most = ctx.settings.recheck_paid_posts_day if is_paid else ctx.settings.recheck_posts_day
    with ctx.store.read() as tx:
        return most - int(meta.read(tx, _counted(channel, now)) or 0)


def _counted(channel: str, now: datetime) -> str:
    return f"rechecked {channel} {now.astimezone(UTC):%Y-%m-%d}"
