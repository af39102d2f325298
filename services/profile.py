"""What do we know of a customer, over all their cases?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.case_view import Identity, ThreadPost
from services.context import Context
from services.promises import PromiseView


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
    """A customer with their whole history: identities, cases, the latest 200 posts, notes, promises."""

    customer_id: int
    name: str
    about: str
    dont_ask_again: str
    first_seen_at: datetime
    last_seen_at: datetime
    identities: tuple[Identity, ...]
    cases: tuple[CustomerCase, ...]
    posts: tuple[ThreadPost, ...]
    notes: tuple[NoteView, ...]
    promises: tuple[PromiseView, ...]
    known_by: tuple[KnownBy, ...]


def customers(ctx: Context, *, search: str = "", cursor: str | None = None, limit: int = 50) -> CustomerPage:
    """Customers by name or handle, the last seen first."""
    raise NotImplementedError


def view(ctx: Context, customer_id: int) -> CustomerView:
    """One customer; NotFound."""
    raise NotImplementedError


def set_dont_ask(ctx: Context, customer_id: int, text: str) -> None:
    """What this customer has already told us and must not be asked again."""
    raise NotImplementedError


def set_about(ctx: Context, customer_id: int, text: str) -> None:
    """A line about this customer."""
    raise NotImplementedError


def add_note(ctx: Context, customer_id: int, text: str) -> int:
    """Write an internal note on the customer; returns its id."""
    raise NotImplementedError
