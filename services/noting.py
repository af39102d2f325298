"""What do a page and a round say about how complete we are? Gaps, the network's quota, the newest post, errors."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from collectors.protocol import Gap, GapReason, Page
from db import gaps, polls
from db.polls import PollRow
from domain.brand import Watch
from domain.errors import DeskError, Fatal, Misconfigured, Retriable, Unauthorized
from domain.hearing import LEARN_FROM, ordinary_silence
from services.context import Context

#: What a channel usually says is learned anew this often.
LEARN_EVERY = timedelta(hours=1)
#: Of a busy channel the newest posts are enough: its pauses are far below the floor of the rule.
LEARN_ROWS = 5_000
#: A hole of this kind grows day by day until the network gives way, and nobody can do anything about it meanwhile.
_LASTS = (GapReason.QUOTES_REFUSED,)
_REFUSALS = {Fatal.key, Unauthorized.key, Misconfigured.key}


def note_page(
    tx: Connection,
    channel: str,
    *,
    watch: Watch,
    page: Page,
    holder: str | None,
    now: datetime,
    polled: bool = True,
) -> None:
    """Write down, with the rows of a page, where the next one goes on and how complete this leaves us.

    ``holder``: move the cursor only while this poller holds the lease. ``polled`` False: the page came by
    a stream, which keeps a cursor of its own and completes nothing.
    """
    for gap in page.gaps:
        gaps.note(
            tx,
            channel,
            watch_id=watch.id,
            from_at=gap.from_at,
            to_at=gap.to_at,
            reason=str(gap.reason),
            now=now,
            lasts=gap.reason in _LASTS,
        )
    values: dict[str, object] = {}
    if polled and page.next_cursor is not None:
        values["cursor"] = page.next_cursor
    if polled and page.complete_up_to is not None and not page.has_more:
        values["complete_up_to"] = page.complete_up_to
        if page.complete_from is not None:
            gaps.close(tx, channel, watch_id=watch.id, from_at=page.complete_from, to_at=page.complete_up_to)
    if page.quota is not None:
        quota = page.quota
        values |= {"quota_left": quota.left, "quota_limit": quota.limit, "quota_resets_at": quota.resets_at}
    if values:
        polls.change(tx, channel, watch_id=watch.id, holder=holder, **values)
    # A post of the future is a wrong clock: it must not hide a silence.
    newest = max((min(post.published_at, now) for post in page.items if not post.deleted), default=None)
    if newest is not None:
        polls.heard(tx, channel, watch_id=watch.id, at=newest)


def missed(ctx: Context, row: PollRow, *, now: datetime) -> tuple[Gap, ...]:
    """What no poll can bring back: the time not asked for that is further away than the network lets us look."""
    looks_back_s = ctx.channels.manifest(row.channel).looks_back_s
    heard_until = row.complete_up_to or row.last_success_at
    if not looks_back_s or heard_until is None:
        return ()
    reach = now - timedelta(seconds=looks_back_s)
    return (Gap(heard_until, reach, _why(row)),) if heard_until < reach else ()


def with_missed(page: Page, missed: tuple[Gap, ...]) -> Page:
    """The page, which also tells of what was missed before it."""
    return replace(page, gaps=(*missed, *page.gaps)) if missed else page


def _why(row: PollRow) -> GapReason:
    if row.stopped or row.error_key in _REFUSALS:
        return GapReason.REFUSED
    return GapReason.NOT_POLLED if row.failing_since is None else GapReason.NO_ANSWER


def note_round(
    tx: Connection, ctx: Context, row: PollRow, error: DeskError | None, *, owner: str, learned: dict[str, object]
) -> None:
    """When to poll again, and what a person should know about the last time."""
    now = ctx.clock()
    pause = timedelta(seconds=ctx.channels.manifest(row.channel).poll_interval_s)
    due_at = now + pause
    values: dict[str, object] = {"lease_owner": None, "lease_until": None, "last_poll_at": now, **learned}
    if error is None:
        # Watches that come within half a turn of each other go together from now on, and ask together.
        others_at = polls.next_of_others(tx, row.channel, watch_id=row.watch_id, since=now + pause / 2, until=due_at)
        due_at = others_at or due_at
        values |= {"last_success_at": now, "failing_since": None, "stopped": False}
        values |= {"last_error": None, "error_key": None}
    else:
        values |= {"failing_since": row.failing_since or now}
        values |= {"last_error": str(error)[:500], "error_key": error.key}
        again_after_s = error.again_after_s if isinstance(error, Fatal) else None
        values["stopped"] = isinstance(error, Fatal) and again_after_s is None
        if isinstance(error, Retriable):
            again_after_s = error.retry_after_s
        if again_after_s is not None:
            due_at = now + max(pause, timedelta(seconds=again_after_s))
    if polls.was_asked_since(tx, row):
        due_at = now
    else:
        values["asked_at"] = None
    polls.change(tx, row.channel, watch_id=row.watch_id, holder=owner, next_poll_at=due_at, **values)


def learn_silence(ctx: Context, row: PollRow, *, now: datetime) -> dict[str, object]:
    """What this poll's last days say about ordinary silence, as columns to write; nothing while that is fresh."""
    if row.silence_learned_at is not None and timedelta(0) <= now - row.silence_learned_at < LEARN_EVERY:
        return {}
    with ctx.store.read() as tx:
        published = polls.newest_posts(tx, row.channel, watch_id=row.watch_id, since=now - LEARN_FROM, rows=LEARN_ROWS)
    ordinary = ordinary_silence(published)
    return {"silence_s": ordinary and int(ordinary.total_seconds()), "silence_learned_at": now}
