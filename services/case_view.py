"""Everything the desk shows of one case, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.cases import CaseRow
from domain.brand import Brand
from domain.mention import MediaRef
from services.context import Context
from services.promises import PromiseView
from services.reply_view import DraftView, ReplyView


class PostKind(StrEnum):
    """What an item of the conversation is."""

    POST = "post"
    REPLY = "reply"
    NOTE = "note"
    TOMBSTONE = "tombstone"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words a reason rests on: ``[start, end)`` in code points of the post's text."""

    code: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ThreadPost:
    """One item of the conversation. ``id`` is unique in the view; labels have corrections applied."""

    id: str
    kind: PostKind
    at: datetime
    text: str
    author_name: str
    handle: str = ""
    mention_id: int | None = None
    reply_id: int | None = None
    parent_mention_id: int | None = None
    customer_id: int | None = None
    is_customer: bool = False
    is_own: bool = False
    in_case: bool = False
    case_id: int | None = None
    channel: str = ""
    language: str | None = None
    url: str | None = None
    media: tuple[MediaRef, ...] = ()
    status: str | None = None
    author_user_name: str | None = None
    edited_at: datetime | None = None
    sentiment: str | None = None
    kind_label: str | None = None
    level: int | None = None
    unsure: bool = False
    judged: bool = False
    corrected: bool = False
    evidence: tuple[Evidence, ...] = ()


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
    """Who is writing. ``cases`` counts all their cases, this one included; ``known_by`` has answered them most."""

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
    """One line of the case's history: codes and ids, and the names of who acted."""

    id: int
    at: datetime
    kind: str
    actor_id: int | None
    actor_name: str | None
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RouteView:
    """How a reply can go out. ``limit`` None: the channel sets none. ``mention_id``: the post answered by default."""

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


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case with everything around it. ``may`` names the acts the actor may do now."""

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
    """The case; NotFound when there is none. The latest 200 posts, the case's own always among them."""
    raise NotImplementedError
