"""How complete is what we heard? Per channel and watch: up to when, what is missing, and whether we hear it at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from collectors.protocol import Quota
from db import gaps, meta, polls
from db.gaps import GapRow
from db.polls import PolledRow, PollState
from domain.errors import NotFound
from domain.hearing import Blindness, blindness, patience
from domain.people import Right
from services.act import act, require
from services.context import Context

#: The worker gives a sign of life every five seconds; after this long it counts as gone.
WORKER_SILENT = timedelta(seconds=20)
WORKER = "worker"
#: A gap that nobody said they know of is told on every page for so long; then it counts as known.
GAP_IS_NEWS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ChannelCoverage:
    """How far one watch on one channel is complete, and what keeps it from being more so.

    ``blind`` says why the channel is not heard, None while it is; ``heard_until``: what is published later may be
    missing. ``expected_silence_s``: so long without a post is ordinary there; None while too little is known.
    """

    channel: str
    watch: str
    complete_up_to: datetime | None
    last_success_at: datetime | None
    failing_since: datetime | None
    error: str | None
    stopped: bool
    brand_id: int = 0
    watch_id: int = 0
    error_key: str | None = None
    last_poll_at: datetime | None = None
    next_poll_at: datetime | None = None
    last_post_at: datetime | None = None
    expected_silence_s: int | None = None
    quota: Quota | None = None
    gaps: tuple[GapRow, ...] = ()
    blind: Blindness | None = None
    heard_until: datetime | None = None
    told: bool = False
    poll_id: int = 0


@dataclass(frozen=True, slots=True)
class WorkerLife:
    """Whether a worker lives: it asks, judges and sends. ``seen_at`` None: none ever has."""

    lives: bool
    seen_at: datetime | None

    @property
    def gone_since(self) -> datetime | None:
        """Since when there is none any more; None while there is one, and before the first."""
        return None if self.lives else self.seen_at


def worker_life(ctx: Context) -> WorkerLife:
    """The sign of life of whichever worker gave one last. A beat to come is from before the clock was set back."""
    with ctx.store.read() as tx:
        seen = meta.last_beat(tx, WORKER)
    return WorkerLife(seen is not None and abs(ctx.clock() - seen) <= WORKER_SILENT, seen)


def news_of(covered: Iterable[ChannelCoverage], *, now: datetime) -> list[tuple[ChannelCoverage, GapRow]]:
    """The gaps that people do not know of yet, the newest first, with where they are."""
    found = [(each, gap) for each in covered for gap in each.gaps]
    fresh = [(each, gap) for each, gap in found if gap.known_at is None and now - gap.noted_at < GAP_IS_NEWS]
    return sorted(fresh, key=lambda one: one[1].to_at, reverse=True)


def know_gaps(ctx: Context, brand_id: int) -> int:
    """Somebody knows of the brand's gaps: they stay recorded and are told no more. Needs Right.CHANNELS."""
    with act(ctx, "gap.known", "brand", brand_id, needs=Right.CHANNELS) as running:
        mine = [each.poll.watch_id for each in polls.wanted(running.tx, brand_id)]
        known = gaps.know(running.tx, mine, at=running.now)
        running.details["gaps"] = known
    return known


def coverage(ctx: Context, brand_id: int) -> tuple[ChannelCoverage, ...]:
    """Every channel the brand listens on, by channel and watch. Needs Right.READ."""
    require(ctx, Right.READ, action="coverage.read", entity="brand")
    with ctx.store.read() as tx:
        return covered(tx, ctx, polls.wanted(tx, brand_id), gaps.of_brand(tx, brand_id))


def everywhere(ctx: Context) -> tuple[ChannelCoverage, ...]:
    """Every channel of every brand, without its gaps: for whoever watches over the house."""
    with ctx.store.read() as tx:
        return covered(tx, ctx, polls.wanted(tx), [])


def begin_again(ctx: Context, brand_id: int, channel: str) -> bool:
    """Ask a channel at once, and start it again if it had stopped: the worker does so within seconds.

    False when no worker lives now: then it happens once one does. Needs Right.CHANNELS. Raises NotFound
    when the brand does not listen there.
    """
    with act(ctx, "channel.poll", "brand", brand_id, needs=Right.CHANNELS) as running:
        running.details["channel"] = channel
        if not polls.begin_again(running.tx, channel, brand_id=brand_id, now=running.now):
            raise NotFound(f"The brand does not listen on {channel}.", entity="channel", channel=channel)
        return _awake_since(running.tx, running.now) is not None


def covered(
    tx: Connection, ctx: Context, rows: Iterable[PolledRow], holes: Iterable[GapRow]
) -> tuple[ChannelCoverage, ...]:
    """The coverage of these polls, inside another service's transaction; whoever asks has the right."""
    now = ctx.clock()
    awake_since = _awake_since(tx, now)
    missing: dict[tuple[str, int], list[GapRow]] = {}
    for hole in holes:
        missing.setdefault((hole.channel, hole.watch_id), []).append(hole)
    return tuple(
        _one(ctx, each, tuple(missing.get((each.poll.channel, each.poll.watch_id), ())), now, awake_since)
        for each in rows
    )


def _one(
    ctx: Context, each: PolledRow, missing: tuple[GapRow, ...], now: datetime, awake_since: datetime | None
) -> ChannelCoverage:
    row = each.poll
    manifest = ctx.channels.manifest(row.channel)
    expected_s = manifest.silence_s or row.silence_s
    blind = blindness(
        now=now,
        patience=patience(manifest.poll_interval_s),
        stopped=row.stopped,
        failing_since=row.failing_since,
        due_since=_due_since(row, awake_since),
        last_post_at=row.last_post_at,
        last_success_at=row.last_success_at,
        expected_silence=None if expected_s is None else timedelta(seconds=expected_s),
    )
    heard_until = row.last_post_at if blind is Blindness.SILENT else row.complete_up_to or row.last_success_at
    return ChannelCoverage(
        channel=row.channel,
        watch=each.watch,
        complete_up_to=row.complete_up_to,
        last_success_at=row.last_success_at,
        failing_since=row.failing_since,
        error=row.last_error,
        stopped=row.stopped,
        brand_id=each.brand_id,
        watch_id=row.watch_id,
        error_key=row.error_key,
        last_poll_at=row.last_poll_at,
        next_poll_at=row.next_poll_at,
        last_post_at=row.last_post_at,
        expected_silence_s=expected_s,
        quota=None if row.quota_left is None else Quota(row.quota_left, row.quota_limit, row.quota_resets_at),
        gaps=missing,
        blind=blind,
        heard_until=heard_until,
        told=row.told_blind_at is not None,
        poll_id=row.id,
    )


def _awake_since(tx: Connection, now: datetime) -> datetime | None:
    """From when on a worker could have asked; None while there is none."""
    seen = meta.last_beat(tx, WORKER)
    if seen is None or abs(now - seen) > WORKER_SILENT:
        return None
    return meta.living_since(tx, WORKER)


def _due_since(row: PollState, awake_since: datetime | None) -> datetime:
    """From when on this poll should have been made; a worker that has just come back gets its time to catch up."""
    return row.next_poll_at if awake_since is None else max(row.next_poll_at, awake_since)
