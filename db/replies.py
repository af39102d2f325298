"""Replies from the first letter to the network's receipt: one row each, changed under its version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, delete, insert, or_, select, update

from db.tables import case_mentions, mentions, replies
from domain.clock import CLOCK_SKEW
from domain.errors import NotFound, StaleVersion
from domain.states import PENDING_REPLY_STATES, ReplyState


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """One reply as stored."""

    id: int
    case_id: int
    mention_id: int
    account_id: int | None
    channel: str
    author_id: int
    text: str
    status: ReplyState
    version: int
    idempotency_key: str
    prepared: str
    author_text: str | None
    promise_text: str | None
    promise_due_at: datetime | None
    return_note: str | None
    return_reason: str | None
    approver_id: int | None
    created_at: datetime
    updated_at: datetime
    queued_at: datetime | None
    send_after: datetime | None
    attempts: int
    lease_owner: str | None
    lease_until: datetime | None
    first_attempt_at: datetime | None
    absent_probes: int
    next_probe_at: datetime | None
    denied_once: bool
    remote_id: str | None
    url: str | None
    sent_at: datetime | None
    error: str | None


_COLUMNS = [replies.c[name] for name in ReplyRow.__slots__]
# Statements are built once: putting one together costs more than running it.
_GET = select(*_COLUMNS).where(replies.c.id == bindparam("wanted"))
_DRAFT = select(*_COLUMNS).where(
    replies.c.case_id == bindparam("wanted"),
    replies.c.author_id == bindparam("author"),
    replies.c.status == ReplyState.DRAFT,
)
_UNDER_WAY = select(*_COLUMNS).where(
    replies.c.case_id == bindparam("wanted"), replies.c.status.in_(PENDING_REPLY_STATES)
)
_OF_CASES = (
    select(*_COLUMNS)
    .where(replies.c.case_id.in_(bindparam("wanted", expanding=True)), replies.c.status != ReplyState.DRAFT)
    .order_by(replies.c.id.desc())
    .limit(bindparam("rows"))
)
_BELONGS = select(case_mentions.c.case_id).where(
    case_mentions.c.mention_id == bindparam("post"), case_mentions.c.case_id == bindparam("wanted")
)


def _row(row: Row[Any]) -> ReplyRow:
    values = dict(row._mapping)
    values["status"] = ReplyState(values["status"])
    return ReplyRow(**values)


def _rows(tx: Connection, query: Select[Any]) -> list[ReplyRow]:
    return [_row(row) for row in tx.execute(query)]


def get(tx: Connection, reply_id: int) -> ReplyRow:
    """The reply; NotFound when there is none."""
    row = tx.execute(_GET, {"wanted": reply_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no reply {reply_id}.", entity="reply", id=reply_id)
    return _row(row)


def create_draft(
    tx: Connection, *, case_id: int, mention_id: int, channel: str, author_id: int, key: str, at: datetime
) -> ReplyRow:
    """An empty draft. One per case and author, by constraint."""
    values = {"case_id": case_id, "mention_id": mention_id, "channel": channel, "author_id": author_id}
    statement = insert(replies).values(
        **values, text="", status=ReplyState.DRAFT, idempotency_key=key, created_at=at, updated_at=at
    )
    return get(tx, int(tx.execute(statement.returning(replies.c.id)).scalar_one()))


def change(tx: Connection, reply: ReplyRow, **values: Any) -> ReplyRow:
    """Change a reply that is still as ``reply`` was read. Raises StaleVersion when it is not."""
    statement = (
        update(replies)
        .where(replies.c.id == reply.id, replies.c.version == reply.version, replies.c.status == reply.status)
        .values(version=reply.version + 1, **values)
    )
    if tx.execute(statement).rowcount != 1:
        raise StaleVersion("This reply changed in the meantime.", reply=reply.id)
    return get(tx, reply.id)


def remove(tx: Connection, reply_id: int) -> None:
    """Delete a draft; anything else stays."""
    tx.execute(delete(replies).where(replies.c.id == reply_id, replies.c.status == ReplyState.DRAFT))


def draft_of(tx: Connection, case_id: int, author_id: int) -> ReplyRow | None:
    """What this colleague is writing in this case, if anything."""
    row = tx.execute(_DRAFT, {"wanted": case_id, "author": author_id}).one_or_none()
    return None if row is None else _row(row)


def under_way(tx: Connection, case_id: int) -> ReplyRow | None:
    """The one reply of this case that may still reach the public, if any."""
    row = tx.execute(_UNDER_WAY, {"wanted": case_id}).one_or_none()
    return None if row is None else _row(row)


def lock_under_way(tx: Connection, case_ids: Sequence[int]) -> dict[int, ReplyRow]:
    """What may still reach the public of each of these cases, as nobody else changes it until the end of ``tx``.

    All at once and in their order: who then changes one after the other waits for nobody.
    """
    ours = select(*_COLUMNS).where(replies.c.case_id.in_(list(case_ids)), replies.c.status.in_(PENDING_REPLY_STATES))
    return {row.case_id: row for row in _rows(tx, ours.order_by(replies.c.id).with_for_update())}


def is_from_ahead(reply: ReplyRow, now: datetime) -> bool:
    """Whether it was last moved before the clock was set back: no time it waits for means anything."""
    return reply.updated_at > now + CLOCK_SKEW


def _from_ahead(now: datetime) -> ColumnElement[bool]:
    return replies.c.updated_at > now + CLOCK_SKEW


def due(tx: Connection, now: datetime, *, rows: int, skip: Sequence[int] = ()) -> list[ReplyRow]:
    """Queued replies that may go out now, the longest waiting first."""
    its_time = or_(replies.c.send_after <= now, _from_ahead(now))
    query = select(*_COLUMNS).where(replies.c.status == ReplyState.QUEUED, its_time)
    if skip:
        query = query.where(replies.c.id.not_in(list(skip)))
    return _rows(tx, query.order_by(replies.c.send_after, replies.c.id).limit(rows))


def abandoned(tx: Connection, now: datetime) -> list[ReplyRow]:
    """Replies being sent by somebody who gave no sign of life until their lease ended."""
    query = select(*_COLUMNS).where(replies.c.status == ReplyState.SENDING)
    over = or_(replies.c.lease_until <= now, replies.c.lease_until.is_(None), _from_ahead(now))
    return _rows(tx, query.where(over).limit(200))


def to_probe(tx: Connection, now: datetime, *, rows: int) -> list[ReplyRow]:
    """Uncertain replies whose next look-up is due."""
    query = select(*_COLUMNS).where(
        replies.c.status == ReplyState.UNCERTAIN,
        or_(replies.c.next_probe_at.is_(None), replies.c.next_probe_at <= now, _from_ahead(now)),
    )
    return _rows(tx, query.order_by(replies.c.next_probe_at.nulls_first(), replies.c.id).limit(rows))


def perhaps_out(tx: Connection) -> list[ReplyRow]:
    """Replies the outbox has in hand: what it was about to send, sends, or looks up."""
    in_hand = (ReplyState.QUEUED, ReplyState.SENDING, ReplyState.UNCERTAIN)
    return _rows(tx, select(*_COLUMNS).where(replies.c.status.in_(in_hand)).order_by(replies.c.id))


def of_customer(tx: Connection, case_ids: Sequence[int], *, rows: int = 200) -> list[ReplyRow]:
    """The latest replies of these cases that left the draft state, oldest first."""
    found = tx.execute(_OF_CASES, {"wanted": list(case_ids), "rows": rows})
    return [_row(row) for row in found][::-1]


def belongs_to_case(tx: Connection, mention_id: int, case_id: int) -> bool:
    """Whether this post is part of this case."""
    return tx.execute(_BELONGS, {"post": mention_id, "wanted": case_id}).first() is not None


def answered_elsewhere(tx: Connection, reply: ReplyRow) -> bool:
    """Whether somebody of ours answered the same post after this reply was handed in, here or on the network."""
    since = reply.queued_at or reply.created_at
    other = select(replies.c.id).where(
        replies.c.case_id == reply.case_id,
        replies.c.mention_id == reply.mention_id,
        replies.c.id != reply.id,
        replies.c.sent_at > since,
    )
    if tx.execute(other.limit(1)).first() is not None:
        return True
    post = tx.execute(
        select(mentions.c.native_id, mentions.c.conversation_id).where(mentions.c.id == reply.mention_id)
    ).one()
    own = (
        select(mentions.c.id)
        .where(
            mentions.c.conversation_id == post.conversation_id,
            mentions.c.parent_native_id == post.native_id,
            mentions.c.is_own,
            mentions.c.published_at > since,
        )
        .limit(1)
    )
    return tx.execute(own).first() is not None


def posts_since(tx: Connection, case_id: int, moment: datetime) -> bool:
    """Whether a post joined this case after ``moment``."""
    query = select(case_mentions.c.mention_id).where(
        case_mentions.c.case_id == case_id, case_mentions.c.added_at > moment
    )
    return tx.execute(query.limit(1)).first() is not None


def remote_taken(tx: Connection, channel: str, remote_id: str, *, reply_id: int) -> bool:
    """Whether this post of the network is already known as another reply of ours."""
    query = select(replies.c.id).where(
        replies.c.channel == channel, replies.c.remote_id == remote_id, replies.c.id != reply_id
    )
    return tx.execute(query.limit(1)).first() is not None
