"""Everything the desk shows of one case, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db import brands, cases, notes, profiles, promises, replies, reply_pages, thread, users
from db.cases import CaseRow
from db.profiles import CaseLine, CustomerRow, IdentityRow
from db.replies import ReplyRow
from db.thread import PostRow
from domain.brand import Brand
from domain.people import Right
from domain.states import PENDING_REPLY_STATES, CaseState, ReplyState
from services.act import require
from services.case_rights import acts
from services.context import Context
from services.handing_in import needs_approval
from services.posts import Evidence, PostKind, ThreadPost, conversation
from services.promises import PromiseView, promise_view
from services.reply_view import DraftView, ReplyView, draft_view, reply_views
from services.routes import account_for, way

__all__ = [
    "CaseEventView",
    "CaseView",
    "CustomerBrief",
    "Evidence",
    "Identity",
    "PostKind",
    "RouteView",
    "ThreadPost",
    "identity",
    "view",
]

#: A longer conversation is cut to its newest posts; the case's own posts come first.
MAX_POSTS = 200


@dataclass(frozen=True, slots=True)
class Identity:
    """One account of the customer on one network."""

    author_id: int
    channel: str
    handle: str
    name: str
    bio: str
    location: str
    followers: int | None
    avatar_url: str | None
    profile_url: str | None


@dataclass(frozen=True, slots=True)
class CustomerBrief:
    """Who is writing. ``cases`` counts all their cases, this one included."""

    customer_id: int
    name: str
    about: str
    dont_ask_again: str
    first_seen_at: datetime
    last_seen_at: datetime
    identities: tuple[Identity, ...]
    cases: int
    preferred_operator_id: int | None
    preferred_operator_name: str | None


@dataclass(frozen=True, slots=True)
class CaseEventView:
    """One line of the case's history: codes and ids, and the name of who acted."""

    id: int
    at: datetime
    kind: str
    actor_id: int | None
    actor_name: str | None
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RouteView:
    """How a reply can go out. ``limit`` None: the channel sets none. ``mention_id``: the post answered by default.

    ``audience``: who may read that post, and nobody else reads the reply (domain.mention.Audience).
    """

    kind: str
    reason: str
    limit: int | None
    unit: str
    account_id: int | None
    account_handle: str | None
    channel_title: str
    publishing: bool
    needs_approval: bool
    mention_id: int
    cost_eur: float = 0.0
    cost_with_link_eur: float = 0.0
    audience: str = "public"


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case with everything around it. ``may`` names the acts the actor may do now (services.case_rights).

    ``under_way`` is the reply that may still reach the public, or the latest one if the network refused it.
    """

    case: CaseRow
    brand: Brand
    owner_name: str | None
    lock_name: str | None
    needs_owner: bool
    customer: CustomerBrief
    posts: tuple[ThreadPost, ...]
    promises: tuple[PromiseView, ...]
    events: tuple[CaseEventView, ...]
    draft: DraftView | None
    under_way: ReplyView | None
    route: RouteView
    may: frozenset[str]


def view(ctx: Context, case_id: int) -> CaseView:
    """The case; NotFound when there is none. The latest 200 posts, the case's own always first among them."""
    require(ctx, Right.READ, action="case.read", entity="case")
    now = ctx.clock()
    with ctx.store.read() as tx:
        case = cases.get(tx, case_id)
        lines = profiles.cases_of(tx, [case.customer_id])
        posts, case_of = thread.of_case(tx, case_id, customer_id=case.customer_id, rows=MAX_POSTS)
        ours = replies.of_customer(tx, [line.id for line in lines])
        customer = profiles.as_one(profiles.get(tx, case.customer_id), profiles.joined_with(tx, case.customer_id))
        locker = case.lock_user_id if case.lock_until is not None and case.lock_until > now else None
        who = {case.owner_id, locker, customer.preferred_operator_id, *(r.author_id for r in ours)}
        names = users.names(tx, who)
        pending = next((r for r in ours if r.case_id == case_id and r.status in PENDING_REPLY_STATES), None)
        promised = promises.of_case(tx, case_id)
        open_promise = any(p.status == promises.OPEN for p in promised)
        return CaseView(
            case=case,
            brand=brands.get(tx, case.brand_id),
            owner_name=names.get(case.owner_id or 0),
            lock_name=names.get(locker or 0),
            needs_owner=_needs_owner(tx, case),
            customer=_brief(tx, customer, lines, names),
            posts=conversation(
                posts,
                ours,
                notes.of_customer(tx, case.customer_id),
                customer_id=case.customer_id,
                case_id=case_id,
                case_of=case_of,
                names=names,
            ),
            promises=tuple(promise_view(p, now) for p in promised),
            events=_events(tx, case_id),
            draft=_draft(tx, ctx, case_id),
            under_way=_under_way(tx, case_id, pending, ours),
            route=_route(tx, ctx, case, _answered_by_default(case, posts, case_of)),
            may=acts(ctx, case, pending=pending, promised=open_promise, newer=_has_newer(case, lines)),
        )


def identity(row: IdentityRow) -> Identity:
    """An account of a customer as the desk shows it."""
    return Identity(
        row.id, row.channel, row.handle, row.name, row.bio, row.location, row.followers, row.avatar_url, row.profile_url
    )


def _has_newer(case: CaseRow, lines: list[CaseLine]) -> bool:
    others = [line for line in lines if line.id != case.id and line.brand_id == case.brand_id]
    return any(line.state in cases.LIVE_STATES for line in others)


def _needs_owner(tx: Connection, case: CaseRow) -> bool:
    if case.owner_id is None or case.state not in (CaseState.OPEN, CaseState.WAITING):
        return False
    return not users.is_present(tx, case.owner_id)


def _brief(tx: Connection, row: CustomerRow, lines: list[CaseLine], names: Mapping[int, str]) -> CustomerBrief:
    return CustomerBrief(
        customer_id=row.id,
        name=row.name,
        about=row.about,
        dont_ask_again=row.dont_ask_again,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        identities=tuple(identity(i) for i in profiles.identities(tx, [row.id])),
        cases=len(lines),
        preferred_operator_id=row.preferred_operator_id,
        preferred_operator_name=names.get(row.preferred_operator_id or 0),
    )


def _events(tx: Connection, case_id: int) -> tuple[CaseEventView, ...]:
    rows = profiles.events(tx, case_id)
    return tuple(CaseEventView(r.id, r.at, r.kind, r.actor_id, r.actor_name, r.details) for r in rows)


def _draft(tx: Connection, ctx: Context, case_id: int) -> DraftView | None:
    mine = None if ctx.actor.user_id is None else replies.draft_of(tx, case_id, ctx.actor.user_id)
    return None if mine is None else draft_view(mine)


def _under_way(tx: Connection, case_id: int, pending: ReplyRow | None, ours: list[ReplyRow]) -> ReplyView | None:
    own = [r for r in ours if r.case_id == case_id]
    shown = pending or (own[-1] if own and own[-1].status == ReplyState.FAILED else None)
    return None if shown is None else reply_views(tx, [reply_pages.listed(tx, shown.id)])[0]


def _answered_by_default(case: CaseRow, posts: list[PostRow], case_of: Mapping[int, int]) -> int:
    """The customer's newest post that is still there, and no post of anybody else."""
    own = [p for p in posts if case_of.get(p.id) == case.id and p.deleted_at is None and not p.is_own]
    return own[-1].id if own else case.last_mention_id


def _route(tx: Connection, ctx: Context, case: CaseRow, mention_id: int) -> RouteView:
    post = thread.mention(tx, mention_id)
    found = way(ctx, post, account_for(tx, case.brand_id, post.channel, origin=post.origin))
    limits, member = found.limits, ctx.actor.member
    return RouteView(
        kind=str(found.kind),
        reason=found.reason,
        limit=None if limits is None else limits.max_chars,
        unit="codepoints" if limits is None else limits.unit,
        account_id=None if found.account is None else found.account.id,
        account_handle=None if found.account is None else found.account.handle,
        channel_title=found.manifest.title,
        publishing=found.publishing,
        needs_approval=member is not None and needs_approval(tx, member, post.channel),
        mention_id=mention_id,
        cost_eur=found.cost_eur,
        cost_with_link_eur=found.cost_with_link_eur,
        audience=post.audience.value,
    )
