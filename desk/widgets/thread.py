"""What has been said in a case so far, read only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import streamlit as st

from desk.widgets.assets import widget_css, widget_js
from desk.widgets.markup import initials, safe_picture_url, safe_url, shown_text

_LONG_CHARS = 1200
_mount = st.components.v2.component("sportello.thread", css=widget_css("thread.css"), js=widget_js("thread.js"))


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
    data = {"subject": subject, "labels": _labels_data(labels), "items": [_item_data(item) for item in items]}
    # Streamlit asks of each value on the top level whether it is a table: one value, one question.
    _mount(key=key, data={"thread": data})


@lru_cache(maxsize=16)
def _labels_data(labels: ThreadLabels) -> dict[str, str]:
    return asdict(labels)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, marked when it is evidence."""

    text: str
    marked: bool = False
    reason: str = ""


def pieces_of(text: str, evidence: Sequence[Evidence]) -> tuple[Piece, ...]:
    """The text cut at the evidence, in order; joined again, the pieces are the text.

    Offsets count code points, so cutting happens here and not in the browser, which counts UTF-16 units. Evidence
    outside the text is ignored; where two overlap, the later one keeps only what the earlier left.
    """
    pieces: list[Piece] = []
    at = 0
    for mark in sorted(evidence, key=lambda each: (each.start, each.end)):
        start, end = max(mark.start, at), min(mark.end, len(text))
        if start >= end:
            continue
        if start > at:
            pieces.append(Piece(text[at:start]))
        pieces.append(Piece(text[start:end], True, mark.reason))
        at = end
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return tuple(pieces)


def _piece_data(piece: Piece) -> dict[str, Any]:
    return {"text": piece.text, "marked": piece.marked, "reason": piece.reason}


def _item_data(item: ThreadItem) -> dict[str, Any]:
    plain = ("name", "handle", "byline", "when", "when_title", "lang", "delivery_text")
    text = shown_text(item.text)
    return {name: shown_text(getattr(item, name)) for name in plain} | {
        "kind": item.kind.value,
        "text": text if item.kind not in _POSTS else "",
        "pieces": [_piece_data(piece) for piece in pieces_of(text, item.evidence)] if item.kind in _POSTS else [],
        "long": len(text) > _LONG_CHARS or text.count("\n") > 16,
        "initials": initials(item.name),
        "url": safe_url(item.url),
        "delivery": item.delivery.value,
        "media": [{"url": safe_picture_url(each.url), "alt": shown_text(each.alt)} for each in item.media],
        "folded": [_item_data(each) for each in item.folded],
    }


_POSTS = frozenset({ThreadKind.CUSTOMER, ThreadKind.NOW, ThreadKind.US, ThreadKind.NOTE})
