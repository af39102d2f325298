"""What of a month do the rows themselves say? Who was answered, what was promised, what pressed, who wrote again.

Each query reads a stretch of an index: its cost grows with what happened in the month, not with what is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Select, and_, case, func, or_, select

from db.promises import BROKEN, KEPT, OPEN
from db.tables import (
    authors,
    case_mentions,
    cases,
    judgements,
    mentions,
    problem_cases,
    problems,
    promises,
    replies,
)
from domain.judgement import Kind, Sentiment
from domain.mention import Audience
from domain.problem import Left, Outcome
from domain.states import CaseState, ReplyState
from domain.window import Stretch

#: What went out: a reply that we deleted later was an answer all the same.
WENT_OUT = (ReplyState.SENT, ReplyState.DELETED)
#: So many complaints of a month are read for what pressed, the newest first.
MOST_COMPLAINTS = 5_000
#: Cases whose posts are read at one time.
CASES_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class PromiseCounts:
    """Promises that fell due: kept, broken, and open beyond their date; ``people``: to how many customers."""

    kept: int
    broken: int
    open: int
    people: int


@dataclass(frozen=True, slots=True)
class PostOfCase:
    """A customer's post in a case, with what an example of it needs."""

    case_id: int
    mention_id: int
    customer_id: int
    conversation_id: int
    channel: str
    at: datetime
    text: str
    language: str | None
    url: str | None
    is_public: bool
    kind: Kind | None
    sentiment: Sentiment | None
    corrected: bool
    name: str
    handle: str


def answered(tx: Connection, brand_id: int, stretch: Stretch) -> int:
    """How many customers a reply of ours reached."""
    query = (
        select(func.count(cases.c.customer_id.distinct()))
        .select_from(replies.join(cases, cases.c.id == replies.c.case_id))
        .where(cases.c.brand_id == brand_id, replies.c.status.in_(WENT_OUT), *_within(replies.c.sent_at, stretch))
    )
    return int(tx.execute(query).scalar_one())


def promised(tx: Connection, brand_id: int, stretch: Stretch, *, now: datetime) -> PromiseCounts:
    """What became of the promises whose date lay in the stretch and is over."""
    counts = [func.coalesce(func.sum(case((promises.c.status == s, 1), else_=0)), 0) for s in (KEPT, BROKEN, OPEN)]
    query = (
        select(*counts, func.count(promises.c.customer_id.distinct()))
        .select_from(promises.join(cases, cases.c.id == promises.c.case_id))
        .where(
            cases.c.brand_id == brand_id,
            promises.c.status.in_((KEPT, BROKEN, OPEN)),
            *_within(promises.c.due_at, Stretch(stretch.from_at, min(stretch.to_at, now))),
        )
    )
    return PromiseCounts(*(int(n) for n in tx.execute(query).one()))


def reasons_of_complaints(tx: Connection, brand_id: int, stretch: Stretch) -> list[tuple[int, list[Any]]]:
    """Of each complaint of the stretch, the newest first, its customer and the reasons it was judged by.

    MOST_COMPLAINTS at most, without posts deleted since or corrected to "no action" and without cases set aside.
    """
    query = (
        select(cases.c.customer_id, judgements.c.reasons)
        .select_from(
            mentions.join(case_mentions, case_mentions.c.mention_id == mentions.c.id)
            .join(cases, cases.c.id == case_mentions.c.case_id)
            .join(judgements, judgements.c.id == mentions.c.judgement_id)
        )
        .where(
            *_within(mentions.c.published_at, stretch),
            mentions.c.kind == Kind.COMPLAINT,
            func.coalesce(mentions.c.urgency_level, 1) > 0,
            ~mentions.c.is_own,
            mentions.c.deleted_at.is_(None),
            cases.c.brand_id == brand_id,
            cases.c.state != CaseState.DISMISSED,
        )
        .order_by(mentions.c.published_at.desc())
        .limit(MOST_COMPLAINTS)
    )
    return [(row[0], row[1]) for row in tx.execute(query)]


def wrote_again(tx: Connection, brand_id: int, stretch: Stretch) -> list[int]:
    """The cases whose customer wrote in the stretch, after our first answer; read from the posts of the stretch."""
    # The brand is looked at here: sought by it, a database might read every case that was ever answered.
    query = (
        select(cases.c.id, cases.c.brand_id)
        .select_from(
            mentions.join(case_mentions, case_mentions.c.mention_id == mentions.c.id).join(
                cases, cases.c.id == case_mentions.c.case_id
            )
        )
        .where(
            *_within(mentions.c.published_at, stretch),
            ~mentions.c.is_own,
            ~mentions.c.is_repost,
            mentions.c.deleted_at.is_(None),
            cases.c.answered_at < mentions.c.published_at,
            # Follows from the line above; it tells PostgreSQL how few cases were ever answered.
            cases.c.answered_at < stretch.to_at,
            cases.c.state != CaseState.DISMISSED,
        )
    )
    return sorted({case_id for case_id, whose in tx.execute(query) if whose == brand_id})


_JUDGED = and_(or_(mentions.c.judged_by.is_not(None), mentions.c.corrected), mentions.c.kind.is_not(None))
_POSTS = (
    select(mentions.c.id, mentions.c.author_id, mentions.c.conversation_id, mentions.c.channel)
    .add_columns(mentions.c.published_at, mentions.c.text, mentions.c.language, mentions.c.url)
    .add_columns(mentions.c.audience, _JUDGED, mentions.c.kind, mentions.c.sentiment, mentions.c.corrected)
    .where(~mentions.c.is_own, ~mentions.c.is_repost, mentions.c.deleted_at.is_(None))
)
_AUTHORS = select(authors.c.id, authors.c.customer_id, authors.c.name, authors.c.handle)


def stories(
    tx: Connection, case_ids: Sequence[int], *, to_at: datetime
) -> Iterator[tuple[int, list[PostOfCase], list[datetime]]]:
    """Of each case its number, its customer's posts in order, and when our replies went out; all before ``to_at``."""
    for begin in range(0, len(case_ids), CASES_AT_ONCE):
        some = case_ids[begin : begin + CASES_AT_ONCE]
        posts = _posts_of(tx, some, to_at=to_at)
        sent: dict[int, list[datetime]] = {}
        asked = select(replies.c.case_id, replies.c.sent_at, replies.c.status).where(replies.c.case_id.in_(some))
        for case_id, at, status in tx.execute(asked):
            if status in WENT_OUT and at is not None and at < to_at:
                sent.setdefault(case_id, []).append(at)
        for case_id in some:
            told = sorted(posts.get(case_id, []), key=lambda post: (post.at, post.mention_id))
            yield case_id, told, sent.get(case_id, [])


def _posts_of(tx: Connection, case_ids: Sequence[int], *, to_at: datetime) -> dict[int, list[PostOfCase]]:
    """The customers' posts of these cases from before ``to_at``.

    Asked for in three steps, each by a key: joined in one, a database that guesses how many posts a case has may
    read all posts and all authors for each few hundred cases. The time is looked at here for the same reason.
    """
    joined = select(case_mentions.c.case_id, case_mentions.c.mention_id).where(case_mentions.c.case_id.in_(case_ids))
    cases_of: dict[int, list[int]] = {}
    for case_id, mention_id in tx.execute(joined):
        cases_of.setdefault(mention_id, []).append(case_id)
    rows = [row for row in _by_key(tx, _POSTS, mentions.c.id, list(cases_of)) if row.published_at < to_at]
    people = {row.id: row for row in _by_key(tx, _AUTHORS, authors.c.id, list({row.author_id for row in rows}))}
    found: dict[int, list[PostOfCase]] = {}
    for row in rows:
        for case_id in cases_of[row.id]:
            found.setdefault(case_id, []).append(_post(case_id, row, people[row.author_id]))
    return found


def _by_key(tx: Connection, query: Select[Any], key: Column[Any], ids: Sequence[int]) -> Iterator[Any]:
    """The rows of these ids, some hundreds at one time."""
    for begin in range(0, len(ids), CASES_AT_ONCE):
        yield from tx.execute(query.where(key.in_(ids[begin : begin + CASES_AT_ONCE])))


@dataclass(frozen=True, slots=True)
class SharedProblem:
    """A problem that grouped cases. ``is_open``: not closed before the stretch ended."""

    title: str
    customers: int
    is_open: bool


def shared_problems(tx: Connection, brand_id: int, stretch: Stretch) -> list[SharedProblem]:
    """Problems closed in the stretch as solved or explained, and those open at its end; the largest first.

    Customers are those of the cases that had joined a problem before the stretch ended.
    """
    is_open = or_(problems.c.closed_at.is_(None), problems.c.closed_at >= stretch.to_at)
    was_closed = and_(
        problems.c.outcome.in_((Outcome.SOLVED, Outcome.EXPLAINED)), *_within(problems.c.closed_at, stretch)
    )
    customers = func.count(cases.c.customer_id.distinct())
    query = (
        select(problems.c.title, customers, is_open)
        .join(problem_cases, problem_cases.c.problem_id == problems.c.id)
        .join(cases, cases.c.id == problem_cases.c.case_id)
        .where(problems.c.brand_id == brand_id, problems.c.opened_at < stretch.to_at, or_(is_open, was_closed))
        .where(problem_cases.c.added_at < stretch.to_at)
        .where(or_(problem_cases.c.left_why.is_(None), problem_cases.c.left_why == Left.CLOSED))
        .group_by(problems.c.id, problems.c.title, problems.c.closed_at)
        .order_by(customers.desc(), problems.c.id)
    )
    return [SharedProblem(row[0], int(row[1]), bool(row[2])) for row in tx.execute(query)]


def _post(case_id: int, row: Any, author: Any) -> PostOfCase:
    judged, kind, sentiment = row[9:12]
    known = bool(judged and sentiment)
    return PostOfCase(
        case_id=case_id,
        mention_id=row.id,
        customer_id=author.customer_id,
        conversation_id=row.conversation_id,
        channel=row.channel,
        at=row.published_at,
        text=row.text,
        language=row.language,
        url=row.url,
        is_public=row.audience == Audience.PUBLIC,
        kind=Kind(kind) if known else None,
        sentiment=Sentiment(sentiment) if known else None,
        corrected=bool(row.corrected),
        name=author.name,
        handle=author.handle,
    )


def _within(column: Any, stretch: Stretch) -> tuple[Any, Any]:
    return column >= stretch.from_at, column < stretch.to_at
