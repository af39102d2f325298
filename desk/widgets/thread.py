"""What has been said in a case so far, read only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class ThreadKind(StrEnum):
    """What an item of the thread is, and so how it is framed."""

    CUSTOMER = "customer"
    NOW = "now"
    US = "us"
    NOTE = "note"
    TOMBSTONE = "tombstone"
    DAY = "day"
    FOLD = "fold"
    EVENT = "event"


class Delivery(StrEnum):
    """Where our own reply stands; the words come with it."""

    NONE = ""
    SENT = "sent"
    WAITING = "waiting"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that moved the urgency: [start, end) in code points of the item's text."""

    start: int
    end: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A picture kept as a reference; it is fetched only when the person asks for it."""

    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class ThreadItem:
    """One post, note, day line or tombstone; strings are text, already in the operator's language.

    ``folded`` holds the earlier items of a FOLD; ``url`` is the post on its network (http or https only, else no link).
    """

    kind: ThreadKind
    text: str = ""
    name: str = ""
    handle: str = ""
    byline: str = ""
    when: str = ""
    when_title: str = ""
    lang: str = ""
    url: str = ""
    delivery: Delivery = Delivery.NONE
    delivery_text: str = ""
    evidence: tuple[Evidence, ...] = ()
    media: tuple[Media, ...] = ()
    folded: tuple[ThreadItem, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreadLabels:
    """Fixed words of the thread."""

    thread_name: str = "Conversation"
    internal_note: str = "Internal note"
    note_audience: str = "only the team sees it"
    show_picture: str = "Show picture"
    picture_gone: str = "The picture is no longer there"
    open_post: str = "Open the post"
    show_more: str = "Show the whole text"


def thread(items: Sequence[ThreadItem], *, labels: ThreadLabels, subject: str, key: str = "sp_thread") -> None:
    """Draw the conversation; ``subject`` names the case, and a new one scrolls to its newest post."""
    raise NotImplementedError
