"""The people behind some cases: who they are, who carries their case, what they last wrote and what they were told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, insert, select

from db.tables import (
    case_events,
    case_mentions,
    cases,
    customers,
    joined_cases,
    mentions,
    problem_cases,
    problems,
    replies,
    users,
)
from domain.states import PENDING_REPLY_STATES, CaseState, ReplyState

#: So many cases are asked for at once; SQLite takes 32,766 parameters in a statement.
BATCH_CASES = 500


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person and their case. ``text``: what they wrote last, empty once deleted. ``problem_id``: of now, if any."""

    case_id: int
    customer_id: int
    name: str
    channel: str
    state: CaseState
    owner_id: int | None
    owner_name: str | None
    owner_active: bool
    text: str
    language: str | None
    waiting_since: datetime
    last_mention_at: datetime
    mention_id: int
    version: int
    problem_id: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a case's replies: sent or under way, by the moment it was handed in last; drafts by author.

    A reply says what was known when its author handed it in, not when an approver or the network let it out.
    """

    sent: datetime | None = None
    under_way: datetime | None = None
    drafts: Mapping[int, str] = field(default_factory=dict)


def _some(case_ids: Sequence[int]) -> Iterator[list[int]]:
    ordered = sorted(set(case_ids))
    for at in range(0, len(ordered), BATCH_CASES):
        yield ordered[at : at + BATCH_CASES]


def people(tx: Connection, case_ids: Sequence[int]) -> list[PersonRow]:
    """The people of these cases, by the number of the case."""
    parts = select(joined_cases.c.case_id).where(joined_cases.c.into_case_id == cases.c.id)
    theirs = (problem_cases.c.case_id == cases.c.id) | problem_cases.c.case_id.in_(parts)
    problem_id = (
        select(func.min(problem_cases.c.problem_id))
        .where(theirs, problem_cases.c.left_at.is_(None))
        .correlate(cases)
        .scalar_subquery()
    )
    query = (
        select(
            *(cases.c.id, cases.c.customer_id, customers.c.name, cases.c.channel, cases.c.state, cases.c.owner_id),
            *(users.c.name, func.coalesce(users.c.active, False), mentions.c.text, mentions.c.language),
            *(cases.c.waiting_since, cases.c.last_mention_at, cases.c.last_mention_id, cases.c.version, problem_id),
        )
        .join(customers, customers.c.id == cases.c.customer_id)
        .join(mentions, mentions.c.id == cases.c.last_mention_id)
        .outerjoin(users, users.c.id == cases.c.owner_id)
        .order_by(cases.c.id)
    )
    found = []
    for some in _some(case_ids):
        for row in tx.execute(query.where(cases.c.id.in_(some))):
            values: list[Any] = [*row[:4], CaseState(row[4]), *row[5:7], bool(row[7]), *row[8:]]
            found.append(PersonRow(*values))
    return found


def told(
    tx: Connection, case_ids: Sequence[int], *, untrue: Callable[[int, str], bool] | None = None
) -> dict[int, Told]:
    """What became of the replies of each of these cases that has any.

    A reply whose words are ``untrue`` for its case counts neither as sent nor as under way; without it no words of
    replies that were handed in are read.
    """
    sent: dict[int, datetime] = {}
    under_way: dict[int, datetime] = {}
    drafts: dict[int, dict[int, str]] = {}
    table = replies.c
    typed = table.text if untrue else case((table.status == ReplyState.DRAFT, table.text), else_="").label("text")
    for some in _some(case_ids):
        handed_in = _handed_in(tx, some)
        query = select(
            *(table.id, table.case_id, table.status, table.author_id, table.approver_id),
            *(table.queued_at, table.created_at, typed),
        ).where(table.case_id.in_(some))
        for row in tx.execute(query):
            waited = row.approver_id is not None or row.status == ReplyState.AWAITING_APPROVAL
            at = handed_in.get(row.id, row.created_at) if waited else row.queued_at or row.created_at
            if row.status == ReplyState.DRAFT:
                drafts.setdefault(row.case_id, {})[row.author_id] = row.text
            elif untrue is not None and untrue(row.case_id, row.text):
                continue
            elif row.status in PENDING_REPLY_STATES:
                under_way[row.case_id] = at
            elif row.status == ReplyState.SENT:
                sent[row.case_id] = max(at, sent.get(row.case_id, at))
    names = {*sent, *under_way, *drafts}
    return {n: Told(sent.get(n), under_way.get(n), drafts.get(n, {})) for n in names}


def _handed_in(tx: Connection, case_ids: Sequence[int]) -> dict[int, datetime]:
    """When each reply of these cases was last handed in to be approved. The histories of joined cases are read too."""
    table, home = case_events.c, select(replies.c.home_case_id).where(replies.c.case_id.in_(case_ids))
    query = select(table.details, table.at).where(
        table.case_id.in_(case_ids) | table.case_id.in_(home.where(replies.c.home_case_id.is_not(None))),
        table.kind == "reply_handed_in",
    )
    return {row.details["reply"]: row.at for row in tx.execute(query.order_by(table.id))}


def newest_posts(tx: Connection, case_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """The customer's newest post of each of these cases that is still there, with its channel."""
    found: dict[int, tuple[int, str]] = {}
    for some in _some(case_ids):
        query = (
            select(case_mentions.c.case_id, mentions.c.id, mentions.c.channel)
            .join(mentions, mentions.c.id == case_mentions.c.mention_id)
            .where(case_mentions.c.case_id.in_(some), mentions.c.deleted_at.is_(None), ~mentions.c.is_own)
            .order_by(mentions.c.published_at, mentions.c.id)
        )
        found |= {row[0]: (row[1], row[2]) for row in tx.execute(query)}
    return found


def add_drafts(tx: Connection, rows: Sequence[Mapping[str, Any]], *, at: datetime) -> None:
    """Keep prepared words as drafts; each row has case, post, channel, author, text and key."""
    fixed = {"status": ReplyState.DRAFT, "created_at": at, "updated_at": at, "version": 1}
    if rows:
        tx.execute(insert(replies), [{**fixed, **row} for row in rows])


def record(
    tx: Connection, case_ids: Sequence[int], kind: str, *, at: datetime, actor_id: int | None, problem_id: int
) -> None:
    """Append the same event to the history of many cases."""
    if case_ids:
        fixed = {"at": at, "actor_id": actor_id, "kind": kind, "details": {"problem": problem_id}}
        tx.execute(insert(case_events), [{**fixed, "case_id": case_id} for case_id in case_ids])


def open_problems(tx: Connection, case_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Number and title of the problem that each of these cases is part of now, where it is of one."""
    found: dict[int, tuple[int, str]] = {}
    for some in _some(case_ids):
        query = (
            select(problem_cases.c.case_id, problems.c.id, problems.c.title)
            .join(problems, problems.c.id == problem_cases.c.problem_id)
            .where(problem_cases.c.case_id.in_(some), problem_cases.c.left_at.is_(None))
        )
        found |= {row[0]: (row[1], row[2]) for row in tx.execute(query)}
    return found
