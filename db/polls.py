"""Polling: what is due, who polls it, where the next fetch goes on, how complete it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from db.conflicts import insert_new
from db.tables import mention_matches, mentions, polls, watches
from domain.clock import CLOCK_SKEW
from domain.text import name_order


@dataclass(frozen=True, slots=True)
class PollState:
    """One channel under one watch: all that pages ask for each few seconds."""

    id: int
    channel: str
    watch_id: int
    next_poll_at: datetime
    lease_owner: str | None
    lease_until: datetime | None
    last_success_at: datetime | None
    complete_up_to: datetime | None
    failing_since: datetime | None
    last_error: str | None
    stopped: bool
    error_key: str | None
    last_poll_at: datetime | None
    last_post_at: datetime | None
    silence_s: int | None
    silence_learned_at: datetime | None
    quota_left: int | None
    quota_limit: int | None
    quota_resets_at: datetime | None
    told_blind_at: datetime | None
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class PollRow(PollState):
    """The same with where the next fetch goes on, which may be of any length: for whoever fetches."""

    cursor: str | None


@dataclass(frozen=True, slots=True)
class PolledRow:
    """A poll that is wanted, with the watch and the brand it is for."""

    poll: PollState
    watch: str
    brand_id: int


_STATE = [polls.c[each.name] for each in fields(PollState)]
_COLUMNS = [polls.c[each.name] for each in fields(PollRow)]


def ensure(tx: Connection, channel: str, *, watch_id: int, now: datetime) -> None:
    """Make sure this channel is polled for this watch; due at once when new or wanted again."""
    values = {"channel": channel, "watch_id": watch_id, "next_poll_at": now, "stopped": False, "active": True}
    tx.execute(insert_new(tx, polls).values(**values))
    again = update(polls).where(polls.c.channel == channel, polls.c.watch_id == watch_id, ~polls.c.active)
    tx.execute(again.values(active=True, next_poll_at=now))


def leave_out(tx: Connection, watch_id: int, *, but: Collection[str]) -> None:
    """Poll nothing for this watch except these channels; the others keep their cursor for another day."""
    others = update(polls).where(polls.c.watch_id == watch_id, polls.c.channel.not_in(but), polls.c.active)
    tx.execute(others.values(active=False, told_blind_at=None))


def begin_again(tx: Connection, channel: str, *, brand_id: int, now: datetime) -> int:
    """A person asks for this channel now: due at once, no longer stopped, resting nowhere. Returns how many polls."""
    ours = select(watches.c.id).where(watches.c.brand_id == brand_id, watches.c.active)
    mine = update(polls).where(polls.c.channel == channel, polls.c.watch_id.in_(ours), polls.c.active)
    return tx.execute(mine.values(stopped=False, next_poll_at=now, asked_at=now)).rowcount


def get(tx: Connection, channel: str, *, watch_id: int) -> PollRow | None:
    """The state of this channel under this watch."""
    query = select(*_COLUMNS).where(polls.c.channel == channel, polls.c.watch_id == watch_id)
    row = tx.execute(query).one_or_none()
    return None if row is None else PollRow(**row._mapping)


def wanted(tx: Connection, brand_id: int | None = None) -> list[PolledRow]:
    """Every poll of the active watches, of one brand or of all, by channel and watch."""
    query = select(*_STATE, watches.c.name, watches.c.brand_id).join(watches)
    query = query.where(watches.c.active, polls.c.active)
    if brand_id is not None:
        query = query.where(watches.c.brand_id == brand_id)
    found = [PolledRow(PollState(*row[:-2]), row[-2], row[-1]) for row in tx.execute(query)]
    return sorted(found, key=lambda each: (each.brand_id, each.poll.channel, name_order(each.watch)))


def lease_next(
    tx: Connection, *, owner: str, now: datetime, until: datetime, channel: str | None = None
) -> PollRow | None:
    """Take the lease of whatever is due longest (on ``channel``, or anywhere); None when nothing is.

    What was last polled in a time to come was polled before the clock was set back: it is due. A channel
    that another owner polls for another watch is left to them: its limits are counted in one place.
    """
    due = select(polls.c.id).join(watches).where(*_due(now, until), _free_of_others(owner, now, until))
    if channel is not None:
        due = due.where(polls.c.channel == channel)
    first = due.order_by(polls.c.next_poll_at, polls.c.id).limit(1).with_for_update(skip_locked=True, of=polls)
    poll_id = tx.execute(first).scalar_one_or_none()
    if poll_id is None:
        return None
    mine = update(polls).where(polls.c.id == poll_id).values(lease_owner=owner, lease_until=until)
    return PollRow(**tx.execute(mine.returning(*_COLUMNS)).one()._mapping)


def due_channels(tx: Connection, *, now: datetime, until: datetime) -> list[str]:
    """The channels on which something is due that nobody polls."""
    query = select(polls.c.channel).join(watches).where(*_due(now, until)).distinct()
    return sorted(tx.execute(query).scalars())


def _due(now: datetime, until: datetime) -> list[ColumnElement[bool]]:
    last_at = func.coalesce(polls.c.last_poll_at, polls.c.last_success_at)
    time_has_come = or_(polls.c.next_poll_at <= now, last_at > now + CLOCK_SKEW)
    return [time_has_come, ~polls.c.stopped, polls.c.active, watches.c.active, _unleased(now, until)]


def _free_of_others(owner: str, now: datetime, until: datetime) -> ColumnElement[bool]:
    other = polls.alias("other")
    theirs = and_(other.c.channel == polls.c.channel, other.c.lease_owner != owner)
    held = and_(other.c.lease_until >= now, other.c.lease_until <= until + CLOCK_SKEW)
    return ~select(other.c.id).where(theirs, held).exists()


def _unleased(now: datetime, until: datetime) -> ColumnElement[bool]:
    over = or_(polls.c.lease_until < now, polls.c.lease_until > until + CLOCK_SKEW)
    return or_(polls.c.lease_until.is_(None), over)


def lease(tx: Connection, poll_id: int, *, owner: str, now: datetime, until: datetime) -> bool:
    """Take or renew the lease of one poll; False while another owner holds it."""
    free = or_(_unleased(now, until), polls.c.lease_owner == owner)
    mine = update(polls).where(polls.c.id == poll_id, free).values(lease_owner=owner, lease_until=until)
    return tx.execute(mine).rowcount == 1


def change(tx: Connection, channel: str, *, watch_id: int, holder: str | None, **values: Any) -> bool:
    """Write down how a poll went, or where the next one goes on; False when ``holder`` has lost the lease.

    A poller that was too slow must neither turn the cursor back nor end its successor's lease.
    """
    mine = update(polls).where(polls.c.channel == channel, polls.c.watch_id == watch_id)
    if holder is not None:
        mine = mine.where(polls.c.lease_owner == holder)
    return tx.execute(mine.values(**values)).rowcount == 1


def next_of_others(tx: Connection, channel: str, *, watch_id: int, since: datetime, until: datetime) -> datetime | None:
    """When the brand's next other watch is due on this channel, if that is within this time."""
    brand = select(watches.c.brand_id).where(watches.c.id == watch_id).scalar_subquery()
    query = select(func.min(polls.c.next_poll_at)).join(watches).where(watches.c.brand_id == brand, watches.c.active)
    theirs = query.where(polls.c.channel == channel, polls.c.watch_id != watch_id, polls.c.active, ~polls.c.stopped)
    found: datetime | None = tx.execute(theirs.where(polls.c.next_poll_at.between(since, until))).scalar_one()
    return found


def was_asked_since(tx: Connection, row: PollRow) -> bool:
    """Whether a person has asked for this poll after its row was read."""
    now = tx.execute(select(polls.c.asked_at).where(polls.c.id == row.id)).scalar_one_or_none()
    return now is not None and now != row.asked_at


def heard(tx: Connection, channel: str, *, watch_id: int, at: datetime) -> None:
    """A post of that moment has come, by a poll or by a stream; an older one changes nothing."""
    mine = update(polls).where(polls.c.channel == channel, polls.c.watch_id == watch_id)
    newer = or_(polls.c.last_post_at.is_(None), polls.c.last_post_at < at)
    tx.execute(mine.where(newer).values(last_post_at=at))


def tell(tx: Connection, poll_ids: Collection[int], *, at: datetime | None) -> int:
    """Remember that people know these polls hear nothing; ``at`` None: that they hear again.

    Returns how many that was news for: of two who tell at once, one gets 0.
    """
    news = polls.c.told_blind_at.is_(None) if at is not None else polls.c.told_blind_at.is_not(None)
    return tx.execute(update(polls).where(polls.c.id.in_(poll_ids), news).values(told_blind_at=at)).rowcount


def newest_posts(tx: Connection, channel: str, *, watch_id: int, since: datetime, rows: int) -> list[datetime]:
    """When the newest posts of this watch on this channel were published, the newest first."""
    query = (
        select(mentions.c.published_at)
        .join(mention_matches, mention_matches.c.mention_id == mentions.c.id)
        .where(mention_matches.c.watch_id == watch_id, mentions.c.channel == channel)
        .where(mentions.c.published_at >= since, ~mentions.c.is_history)
        .order_by(mentions.c.published_at.desc())
        .limit(rows)
    )
    return list(tx.execute(query).scalars())
