"""What does a feed say, whatever its format? Entries as they were read, before anybody interprets them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of text, plain or as HTML."""

    value: str = ""
    is_html: bool = False


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote it, as far as the feed says; ``id`` is a page or an address, more lasting than a name."""

    name: str = ""
    id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that belongs to an entry."""

    url: str
    mime: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Rating:
    """What a reviewer gave, of how much."""

    given: float
    most: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``fault`` says why it cannot be used although it is there (cut off, of another shape).

    Times are as written, already in UTC, and may be nonsense; links are absolute or empty.
    """

    id: str = ""
    link: str = ""
    title: Words = Words()
    body: Words = Words()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    writer: Writer | None = None
    source: str = ""
    parent: str = ""
    language: str = ""
    rating: Rating | None = None
    attached: tuple[Attached, ...] = ()
    fault: str = ""
    raw: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Feed:
    """A whole feed. ``writer`` is the author of all entries that name none."""

    title: str
    entries: tuple[Entry, ...]
    language: str = ""
    writer: Writer | None = None
