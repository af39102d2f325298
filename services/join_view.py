"""What becomes one when two customers are joined, and who was joined with whom?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db import episodes, joined_cases, joins, profiles, promises, replies, thread, users
from db.cases import CaseRow
from domain.errors import NotFound
from domain.people import Right
from domain.same_person import Basis
from services import one_case
from services.act import require
from services.case_view import Identity, identity
from services.context import Context

#: So many of the latest posts are offered as evidence.
OFFERED_POSTS = 40


@dataclass(frozen=True, slots=True)
class JoinView:
    """A join in force. ``words``: what the evidence says, as long as its post is kept."""

    join_id: int
    customer_id: int
    name: str
    identities: tuple[Identity, ...]
    basis: Basis
    words: str
    mention_id: int | None
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OneOfTwo:
    """One of two open cases that become one."""

    case_id: int
    owner_id: int | None
    owner_name: str | None
    urgency_level: int
    waiting_since: datetime
    goes_on: bool


@dataclass(frozen=True, slots=True)
class OfferedPost:
    """A post that may show that two are one."""

    mention_id: int
    channel: str
    at: datetime
    text: str
    audience: str


@dataclass(frozen=True, slots=True)
class JoinPreview:
    """What becomes one. ``pairs``: open cases with one brand, of which one goes on; ``refused``: why not now."""

    customer_id: int
    name: str
    other_id: int
    other_name: str
    identities: tuple[Identity, ...]
    pairs: tuple[tuple[OneOfTwo, OneOfTwo], ...]
    cases: int
    open_promises: int
    drafts: int
    posts: tuple[OfferedPost, ...]
    refused: str | None

    @property
    def owners_differ(self) -> bool:
        """Whether somebody has to be chosen."""
        return any(one.owner_id and other.owner_id and one.owner_id != other.owner_id for one, other in self.pairs)


def preview(ctx: Context, customer_id: int, other_id: int) -> JoinPreview:
    """What joining these two would make one; nothing is changed. NotFound for either."""
    require(ctx, Right.WORK, action="customer.join", entity="customer")
    with ctx.store.read() as tx:
        one, other = profiles.get(tx, customer_id), profiles.get(tx, other_id)
        live = episodes.live_of_all(tx, [customer_id, other_id])
        names = users.names(tx, [case.owner_id for case in live])
        both = (customer_id, other_id)
        return JoinPreview(
            customer_id=customer_id,
            name=one.name,
            other_id=other_id,
            other_name=other.name,
            identities=tuple(identity(i) for i in profiles.identities(tx, both)),
            pairs=tuple(_pair(pair, names) for pair in one_case.pairs(live)),
            cases=len(profiles.cases_of(tx, both)),
            open_promises=sum(p.status == promises.OPEN for each in both for p in promises.of_customer(tx, each)),
            drafts=sum(len(joined_cases.drafts_of(tx, case.id)) for case in live),
            posts=_offered(tx, both),
            refused=_refused(tx, both, live),
        )


def _refused(tx: Connection, both: tuple[int, int], live: list[CaseRow]) -> str | None:
    if both[0] == both[1]:
        return "same_profile"
    if any(joins.into(tx, each) is not None for each in both):
        return "joined_elsewhere"
    return "reply_pending" if any(replies.under_way(tx, case.id) for case in live) else None


def _pair(pair: tuple[CaseRow, CaseRow], names: dict[int, str]) -> tuple[OneOfTwo, OneOfTwo]:
    kept = one_case.stands_for_both(*pair)
    one, other = (
        OneOfTwo(
            case.id,
            case.owner_id,
            names.get(case.owner_id or 0),
            case.urgency_level,
            case.waiting_since,
            case.id == kept.id,
        )
        for case in pair
    )
    return one, other


def _offered(tx: Connection, both: tuple[int, int]) -> tuple[OfferedPost, ...]:
    posts = [post for each in both for post in thread.of_customer(tx, each, rows=OFFERED_POSTS)]
    newest = sorted(posts, key=lambda post: post.published_at, reverse=True)
    return tuple(
        OfferedPost(post.id, post.channel, post.published_at, post.text, post.audience)
        for post in newest
        if post.deleted_at is None and not post.is_own
    )


def join_views(tx: Connection, customer_id: int) -> tuple[JoinView, ...]:
    """The joins that made others part of this customer, oldest first."""
    found = []
    for row in joins.below(tx, customer_id):
        joined = profiles.get(tx, row.joined_customer_id)
        theirs = joins.accounts_of(tx, joined.id)
        own = [identity(i) for i in profiles.identities(tx, [customer_id]) if i.id in theirs]
        found.append(
            JoinView(
                join_id=row.id,
                customer_id=joined.id,
                name=joined.name,
                identities=tuple(own),
                basis=row.basis,
                words=_words(tx, row),
                mention_id=row.mention_id,
                by_name=row.joined_by_name,
                at=row.joined_at,
            )
        )
    return tuple(found)


def _words(tx: Connection, row: joins.JoinRow) -> str:
    if row.mention_id is None or row.evidence_start is None:
        return ""
    try:
        post = thread.post(tx, row.mention_id)
    except NotFound:
        return ""
    return post.text[row.evidence_start : row.evidence_end]
