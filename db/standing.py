"""Everything the rank of a case may look at, read for many cases in a handful of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, or_, select, text, update

from db.tables import authors, case_events, case_mentions, cases, joined_cases, judgements, mentions, promises
from domain.states import CaseState


@dataclass(frozen=True, slots=True)
class CaseStand:
    """Where a case stands."""

    id: int
    brand_id: int
    state: CaseState
    owner_id: int | None
    last_reply_at: datetime | None
    waiting_since: datetime
    hand_overs: int
    last_mention_id: int
    last_mention_at: datetime
    channel: str


@dataclass(frozen=True, slots=True)
class PostStand:
    """One post of the customer in a case, with its latest labels (corrections applied)."""

    case_id: int
    mention_id: int
    at: datetime
    channel: str
    text: str
    sentiment: str | None
    kind: str | None
    urgency: float | None
    urgency_level: int | None
    unsure: bool | None
    judged_by: str | None
    corrected: bool
    reasons: Sequence[Mapping[str, Any]] | None
    followers: int | None
    deleted: bool
    home_case_id: int | None


@dataclass(frozen=True, slots=True)
class PromiseStand:
    """The promises of a case: when the next open one falls due, how many were not kept."""

    due_at: datetime | None
    broken: int


def of_cases(tx: Connection, case_ids: Sequence[int]) -> list[CaseStand]:
    """These cases."""
    columns = [cases.c[name] for name in CaseStand.__slots__]
    query = select(*columns).where(cases.c.id.in_(case_ids)).order_by(cases.c.id)
    return [CaseStand(**{**row._mapping, "state": CaseState(row.state)}) for row in tx.execute(query)]


def posts_of(tx: Connection, case_ids: Sequence[int]) -> dict[int, list[PostStand]]:
    """The posts of each case, oldest first; tombstones are marked."""
    query = (
        select(
            case_mentions.c.case_id,
            mentions.c.id,
            mentions.c.published_at,
            mentions.c.channel,
            mentions.c.text,
            mentions.c.sentiment,
            mentions.c.kind,
            mentions.c.urgency,
            mentions.c.urgency_level,
            mentions.c.unsure,
            mentions.c.judged_by,
            mentions.c.corrected,
            judgements.c.reasons,
            authors.c.followers,
            mentions.c.deleted_at.is_not(None),
            case_mentions.c.home_case_id,
        )
        .join(mentions, mentions.c.id == case_mentions.c.mention_id)
        .join(authors, authors.c.id == mentions.c.author_id)
        .outerjoin(judgements, judgements.c.id == mentions.c.judgement_id)
        .where(case_mentions.c.case_id.in_(case_ids))
        .order_by(mentions.c.published_at, mentions.c.id)
    )
    found: dict[int, list[PostStand]] = {}
    for row in tx.execute(query):
        found.setdefault(row.case_id, []).append(PostStand(*tuple(row)))
    return found


def answered_elsewhere(tx: Connection, case_ids: Sequence[int]) -> dict[int, datetime]:
    """When our own account last answered a post of each case, as heard on the network."""
    ours = mentions.alias("ours")
    query = (
        select(case_mentions.c.case_id, func.max(ours.c.published_at))
        .join(mentions, mentions.c.id == case_mentions.c.mention_id)
        .join(ours, and_(ours.c.parent_native_id == mentions.c.native_id, ours.c.is_own, ~ours.c.is_repost))
        # "+ 0" keeps the planner off the index of conversations: a talk may have thousands of posts.
        .where(case_mentions.c.case_id.in_(case_ids), ours.c.conversation_id + 0 == mentions.c.conversation_id)
        .group_by(case_mentions.c.case_id)
    )
    return {case_id: at for case_id, at in tx.execute(query)}  # noqa: C416 - dict() of rows is untyped


@dataclass(frozen=True, slots=True)
class JoinedStand:
    """A case that stands for several: since when, and when each of them had its last reply before."""

    at: datetime
    last_reply_at: Mapping[int, datetime | None]


def joined(tx: Connection, case_ids: Sequence[int]) -> dict[int, JoinedStand]:
    """Those of these cases that stand for several."""
    here = or_(joined_cases.c.case_id.in_(case_ids), joined_cases.c.into_case_id.in_(case_ids))
    found: dict[int, dict[int, datetime | None]] = {}
    since: dict[int, datetime] = {}
    for row in tx.execute(select(joined_cases).where(here)):
        head = row.into_case_id or row.case_id
        found.setdefault(head, {})[row.case_id] = row.last_reply_at
        since[head] = max(row.joined_at, since.get(head, row.joined_at))
    return {head: JoinedStand(since[head], replied) for head, replied in found.items()}


def settled_at(tx: Connection, case_ids: Sequence[int]) -> dict[int, datetime]:
    """When somebody last resolved each case or set it aside, of those where it ever happened."""
    closing = and_(case_events.c.case_id.in_(case_ids), case_events.c.kind.in_(("resolved", "dismissed")))
    query = select(case_events.c.case_id, func.max(case_events.c.at)).where(closing).group_by(case_events.c.case_id)
    return {case_id: at for case_id, at in tx.execute(query)}  # noqa: C416 - dict() of rows is untyped


def promises_of(tx: Connection, case_ids: Sequence[int], *, now: datetime) -> dict[int, PromiseStand]:
    """The promises of each case; an open one past its time counts as not kept."""
    broken = or_(promises.c.status == "broken", and_(promises.c.status == "open", promises.c.due_at < now))
    due = case((and_(promises.c.status == "open", promises.c.due_at >= now), promises.c.due_at))
    query = select(promises.c.case_id, func.min(due), func.sum(case((broken, 1), else_=0)))
    grouped = query.where(promises.c.case_id.in_(case_ids)).group_by(promises.c.case_id)
    return {case_id: PromiseStand(due_at, int(count)) for case_id, due_at, count in tx.execute(grouped)}


def write_ranks(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rank of cases; every row has ``b_id`` and the same columns. ``version`` stays."""
    if rows:
        names = [name for name in rows[0] if name != "b_id"]
        statement = update(cases).where(cases.c.id == bindparam("b_id"))
        renamed = [{"b_id": row["b_id"], **{f"v_{n}": row[n] for n in names}} for row in rows]
        tx.execute(statement.values({n: bindparam(f"v_{n}") for n in names}), renamed)


def due_for_rank(tx: Connection, *, now: datetime, limit: int) -> list[int]:
    """Cases in the queue whose rank has to be computed anew because time passed."""
    # Literal condition: SQLite uses a partial index only when it can prove it without parameters.
    query = select(cases.c.id).where(text("state IN ('new', 'open')"), cases.c.rerank_at <= now)
    return list(tx.execute(query.order_by(cases.c.rerank_at).limit(limit)).scalars())


def cases_of_mentions(tx: Connection, mention_ids: Sequence[int]) -> dict[int, int]:
    """The cases these posts belong to, with their brands."""
    query = select(cases.c.id, cases.c.brand_id).join(case_mentions, case_mentions.c.case_id == cases.c.id)
    rows = tx.execute(query.where(case_mentions.c.mention_id.in_(mention_ids)).distinct())
    return {case_id: brand_id for case_id, brand_id in rows}  # noqa: C416 - dict() of rows is untyped


def aside_as_spam(tx: Connection, case_ids: Sequence[int]) -> list[int]:
    """Those of these cases that the desk itself set aside as spam, the newest first; what a person did is not among."""
    aside = and_(case_events.c.case_id.in_(case_ids), case_events.c.kind == "dismissed")
    last = select(func.max(case_events.c.id)).where(aside).group_by(case_events.c.case_id)
    query = (
        select(cases.c.id)
        .join(case_events, case_events.c.case_id == cases.c.id)
        .where(case_events.c.id.in_(last), case_events.c.actor_id.is_(None))
        .where(cases.c.state == CaseState.DISMISSED, cases.c.resolution == "spam")
    )
    return list(tx.execute(query.order_by(cases.c.id.desc())).scalars())


def reopened(tx: Connection, case_ids: Sequence[int]) -> set[int]:
    """Those of these cases that a person has brought back."""
    query = select(case_events.c.case_id).where(case_events.c.case_id.in_(case_ids), case_events.c.kind == "reopened")
    return set(tx.execute(query).scalars())
