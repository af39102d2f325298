"""What do we know of a customer, over all their cases?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db import notes, profiles, promises, replies, thread, users
from db.profiles import CaseLine, IdentityRow
from domain.clock import require_aware
from domain.errors import Invalid
from domain.people import Right
from domain.states import CaseState
from domain.text import clean, one_line
from services.act import act, acting_member, require
from services.case_view import MAX_POSTS, Identity, identity
from services.context import Context
from services.join_view import JoinView, join_views
from services.posts import ThreadPost, conversation
from services.promises import PromiseView, promise_view

_LIVE = (CaseState.NEW, CaseState.OPEN, CaseState.WAITING)


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One line of the list of customers."""

    customer_id: int
    name: str
    handle: str
    channels: tuple[str, ...]
    cases: int
    open_case_id: int | None
    last_seen_at: datetime
    has_dont_ask: bool


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """A page of customers, the last seen first."""

    customers: tuple[CustomerRow, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CustomerCase:
    """One case of the customer in short."""

    case_id: int
    brand_id: int
    brand_name: str
    state: str
    kind: str
    urgency_level: int
    owner_name: str | None
    opened_at: datetime
    closed_at: datetime | None
    resolution: str | None


@dataclass(frozen=True, slots=True)
class NoteView:
    """An internal note."""

    note_id: int
    case_id: int | None
    author_name: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KnownBy:
    """A colleague who has answered this customer, and how often."""

    user_id: int
    name: str
    replies: int
    last_at: datetime
    away: bool


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A customer with their whole history: identities, cases, the latest 200 posts, notes, promises.

    ``about`` and ``dont_ask_again`` also say what is known of those who are part of them; ``own_*`` only theirs.
    """

    customer_id: int
    name: str
    about: str
    dont_ask_again: str
    own_about: str
    own_dont_ask: str
    first_seen_at: datetime
    last_seen_at: datetime
    identities: tuple[Identity, ...]
    joins: tuple[JoinView, ...]
    cases: tuple[CustomerCase, ...]
    posts: tuple[ThreadPost, ...]
    notes: tuple[NoteView, ...]
    promises: tuple[PromiseView, ...]
    known_by: tuple[KnownBy, ...]


def customers(ctx: Context, *, search: str = "", cursor: str | None = None, limit: int = 50) -> CustomerPage:
    """Customers by name or handle, the last seen first; 200 rows at most. Invalid for a cursor that is none."""
    require(ctx, Right.READ, action="customers.read", entity="customer")
    words, limit = one_line(clean(search)).lstrip("@"), max(1, min(limit, 200))
    with ctx.store.read() as tx:
        rows = profiles.page(tx, search=words, after=_after(cursor), rows=limit + 1)
        shown = rows[:limit]
        accounts = profiles.identities(tx, [row.id for row in shown])
        cases = profiles.cases_of(tx, [row.id for row in shown])
    more = f"{shown[-1].last_seen_at.isoformat()}|{shown[-1].id}" if len(rows) > limit else None
    return CustomerPage(tuple(_line(row, accounts, cases) for row in shown), more)


def view(ctx: Context, customer_id: int) -> CustomerView:
    """One customer; NotFound. A fixed number of queries."""
    require(ctx, Right.READ, action="customer.read", entity="customer")
    with ctx.store.read() as tx:
        own = profiles.get(tx, customer_id)
        row = profiles.as_one(own, profiles.joined_with(tx, customer_id))
        lines = profiles.cases_of(tx, [customer_id])
        posts = thread.of_customer(tx, customer_id, rows=MAX_POSTS)[::-1]
        ours = replies.of_customer(tx, [line.id for line in lines])
        noted = notes.of_customer(tx, customer_id)
        items = conversation(
            posts,
            ours,
            (),
            customer_id=customer_id,
            case_id=None,
            case_of=thread.case_ids_of_posts(tx, [post.id for post in posts]),
            names=users.names(tx, {reply.author_id for reply in ours}),
        )
        return CustomerView(
            customer_id=row.id,
            name=row.name,
            about=row.about,
            dont_ask_again=row.dont_ask_again,
            own_about=own.about,
            own_dont_ask=own.dont_ask_again,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            identities=tuple(identity(one) for one in profiles.identities(tx, [customer_id])),
            joins=join_views(tx, customer_id),
            cases=tuple(_case(line) for line in lines),
            posts=items,
            notes=tuple(NoteView(n.id, n.case_id, n.author_name, n.text, n.created_at) for n in reversed(noted)),
            promises=tuple(promise_view(p, ctx.clock()) for p in promises.of_customer(tx, customer_id)),
            known_by=tuple(
                KnownBy(a.user_id, a.name, a.replies, a.last_at, a.away) for a in profiles.answerers(tx, customer_id)
            ),
        )


def set_dont_ask(ctx: Context, customer_id: int, text: str) -> None:
    """What this customer has already told us and must not be asked again."""
    with act(ctx, "customer.dont_ask", "customer", customer_id, needs=Right.WORK) as running:
        profiles.change(running.tx, customer_id, dont_ask_again=clean(text, max_chars=2000))


def set_about(ctx: Context, customer_id: int, text: str) -> None:
    """A line about this customer."""
    with act(ctx, "customer.about", "customer", customer_id, needs=Right.WORK) as running:
        profiles.change(running.tx, customer_id, about=clean(text, max_chars=2000))


def add_note(ctx: Context, customer_id: int, text: str) -> int:
    """Write an internal note on the customer; returns its id. Invalid when it is empty."""
    words = clean(text)
    with act(ctx, "customer.note", "customer", customer_id, needs=Right.WORK) as running:
        author = acting_member(ctx)
        profiles.get(running.tx, customer_id)
        if not words:
            raise Invalid("The note is empty.", reason="empty")
        return notes.add(
            running.tx, case_id=None, customer_id=customer_id, author_id=author.id, text=words, at=running.now
        )


def _after(cursor: str | None) -> tuple[datetime, int] | None:
    if cursor is None:
        return None
    moment, _, customer_id = cursor.partition("|")
    try:
        return require_aware(datetime.fromisoformat(moment)), int(customer_id)
    except ValueError:
        raise Invalid("This is not the end of a page.", reason="cursor") from None


def _line(row: profiles.CustomerRow, accounts: Sequence[IdentityRow], cases: Sequence[CaseLine]) -> CustomerRow:
    own = [a for a in accounts if a.customer_id == row.id]
    theirs = [c for c in cases if c.customer_id == row.id]
    return CustomerRow(
        customer_id=row.id,
        name=row.name,
        handle=own[0].handle if own else "",
        channels=tuple(dict.fromkeys(a.channel for a in own)),
        cases=len(theirs),
        open_case_id=next((c.id for c in theirs if c.state in _LIVE), None),
        last_seen_at=row.last_seen_at,
        has_dont_ask=bool(row.dont_ask_again),
    )


def _case(line: CaseLine) -> CustomerCase:
    return CustomerCase(
        case_id=line.id,
        brand_id=line.brand_id,
        brand_name=line.brand_name,
        state=line.state,
        kind=line.kind,
        urgency_level=line.urgency_level,
        owner_name=line.owner_name,
        opened_at=line.opened_at,
        closed_at=line.closed_at,
        resolution=line.resolution,
    )
