"""What has lasted too long for nobody to hear of it: cases without an owner, promises near, replies in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select, text

from db.tables import accounts, brands, cases, promises, replies, spikes
from db.tables.desk import UNDER_WAY
from domain.judgement import UrgencyLevel
from domain.states import ReplyState


@dataclass(frozen=True, slots=True)
class CaseWaits:
    """A case that nobody has, with its brand and channel."""

    case_id: int
    brand_id: int
    channel: str
    waiting_since: datetime


@dataclass(frozen=True, slots=True)
class PromiseNear:
    """An open promise that falls due soon."""

    promise_id: int
    case_id: int
    brand_id: int
    owner_id: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ReplyInDoubt:
    """A reply of which nobody knows whether it is public."""

    reply_id: int
    case_id: int
    brand_id: int
    channel: str
    author_id: int
    owner_id: int | None


def unowned(tx: Connection, *, since: datetime, now: datetime, among: Sequence[int] = ()) -> list[CaseWaits]:
    """Cases of the highest urgency that nobody took since before this moment (of these, if any are named)."""
    query = (
        select(cases.c.id.label("case_id"), cases.c.brand_id, cases.c.channel, cases.c.waiting_since)
        .join(brands, brands.c.id == cases.c.brand_id)
        .where(
            # Literal: the partial index of cases that nobody has is used only where that can be proved.
            text("cases.state = 'new'"),
            cases.c.urgency_level == int(UrgencyLevel.ACT_NOW),
            cases.c.waiting_since <= since,
            or_(cases.c.snoozed_until.is_(None), cases.c.snoozed_until <= now),
            ~brands.c.is_sample,
        )
        .order_by(cases.c.brand_id, cases.c.waiting_since, cases.c.id)
    )
    if among:
        query = query.where(cases.c.id.in_(among))
    return [CaseWaits(**row._mapping) for row in tx.execute(query)]


def promises_near(
    tx: Connection, *, before: datetime, now: datetime, promise_id: int | None = None
) -> list[PromiseNear]:
    """Open promises that fall due before this moment and have not yet (or this one, however late)."""
    query = (
        select(
            promises.c.id.label("promise_id"),
            promises.c.case_id,
            cases.c.brand_id,
            promises.c.owner_id,
            promises.c.due_at,
        )
        .join(cases, cases.c.id == promises.c.case_id)
        .join(brands, brands.c.id == cases.c.brand_id)
        .where(promises.c.status == "open", ~brands.c.is_sample)
        .order_by(promises.c.due_at, promises.c.id)
    )
    if promise_id is None:
        query = query.where(promises.c.due_at <= before, promises.c.due_at > now)
    else:
        query = query.where(promises.c.id == promise_id)
    return [PromiseNear(**row._mapping) for row in tx.execute(query)]


def replies_in_doubt(tx: Connection, *, since: datetime, reply_id: int | None = None) -> list[ReplyInDoubt]:
    """Replies that a person must look for, or that are uncertain since before this moment (or this one)."""
    doubtful = or_(
        replies.c.status == ReplyState.NEEDS_HUMAN,
        (replies.c.status == ReplyState.UNCERTAIN) & (replies.c.first_attempt_at <= since),
    )
    query = (
        select(
            replies.c.id.label("reply_id"),
            replies.c.case_id,
            cases.c.brand_id,
            replies.c.channel,
            replies.c.author_id,
            cases.c.owner_id,
        )
        .join(cases, cases.c.id == replies.c.case_id)
        .join(brands, brands.c.id == cases.c.brand_id)
        # Literal: the index of the few replies under way is used only where that can be proved. In no order: for one by
        # number every reply there ever was would be read.
        .where(doubtful, text(f"replies.{UNDER_WAY}"), ~brands.c.is_sample)
    )
    if reply_id is not None:
        query = query.where(replies.c.id == reply_id)
    found = [ReplyInDoubt(**row._mapping) for row in tx.execute(query)]
    return sorted(found, key=lambda each: each.reply_id)


def accounts_on(tx: Connection, channels: Sequence[str]) -> list[tuple[int, int, str]]:
    """The active accounts on these channels: number, brand, channel."""
    query = select(accounts.c.id, accounts.c.brand_id, accounts.c.channel).where(
        accounts.c.active, accounts.c.channel.in_(channels)
    )
    return [(row.id, row.brand_id, row.channel) for row in tx.execute(query.order_by(accounts.c.id))]


@dataclass(frozen=True, slots=True)
class SpikeSeen:
    """A brand that is spoken of far more than usual, on one channel or ('') on all together."""

    spike_id: int
    brand_id: int
    channel: str
    measure: str
    posts: int
    usual: float


def spikes_open(tx: Connection, *, since: datetime, spike_id: int | None = None) -> list[SpikeSeen]:
    """Spikes noticed since this moment (or this one) that are not over and that nobody set aside."""
    query = (
        select(
            spikes.c.id.label("spike_id"),
            spikes.c.brand_id,
            spikes.c.channel,
            spikes.c.measure,
            spikes.c.posts,
            spikes.c.usual,
        )
        .join(brands, brands.c.id == spikes.c.brand_id)
        .where(
            spikes.c.over_at.is_(None),
            spikes.c.set_aside_at.is_(None),
            spikes.c.noticed_at >= since if spike_id is None else spikes.c.id == spike_id,
            ~brands.c.is_sample,
        )
        .order_by(spikes.c.id)
    )
    return [SpikeSeen(**row._mapping) for row in tx.execute(query)]
