"""The right column: who is writing, what they already told us, who knows them, what we promised."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from desk import words
from desk.event_words import SILENT_EVENTS, event_words
from desk.going import to_customer
from desk.i18n import _, ngettext
from desk.numbers import due_words, local, short_day
from desk.pages.queue.rows import first_name
from desk.session import Seat, timezone
from desk.widgets.person import KnownBy, Mark, PaneLine, PaneSection, Person, person_html
from domain.text import one_line
from services.cases import CaseEventView, CaseView, PostKind
from services.promises import PromiseView

EVENTS = 6
_MARKS = {"open": Mark.PROMISE, "kept": Mark.KEPT, "broken": Mark.BROKEN}


def draw(found: Seat, view: CaseView) -> None:
    """The pane, and the way to the whole profile."""
    st.html(person_html(person_of(found, view)))
    st.button(
        _("Whole profile"), key="sp_profile", type="tertiary", on_click=to_customer, args=(view.customer.customer_id,)
    )


def person_of(found: Seat, view: CaseView) -> Person:
    """Everything the pane says of the customer of this case."""
    customer, now, zone = view.customer, found.ctx.clock(), timezone()
    since = local(customer.first_seen_at, zone)
    known = _("First seen: {day}").format(day=short_day(since.date(), today=local(now, zone).date()))
    conversations = ngettext("{n} case", "{n} cases", customer.cases)
    return Person(
        name=customer.name,
        about=customer.about or one_line(next((i.bio for i in customer.identities if i.bio), ""), max_chars=160),
        known_since=f"{known} · {conversations}",
        dont_ask_title=_("Don’t ask again"),
        dont_ask=customer.dont_ask_again,
        known_by=_known_by(view),
        sections=tuple(section for section in _sections(view, now) if section.lines or section.text),
    )


def _known_by(view: CaseView) -> KnownBy | None:
    customer, turned = view.customer, view.case.hand_overs
    if customer.preferred_operator_name is None:
        return None
    warning = ngettext("Handed over once: keep them with you.", "Handed over {n} times: keep them with you.", turned)
    return KnownBy(
        _("Who knows them"),
        customer.preferred_operator_name,
        detail=_("has answered them most"),
        warning=warning if turned else "",
    )


def _sections(view: CaseView, now: datetime) -> tuple[PaneSection, ...]:
    zone = timezone()
    told = [event for event in view.events if event.kind not in SILENT_EVENTS]
    notes = [post for post in view.posts if post.kind == PostKind.NOTE][-2:]
    return (
        PaneSection(_("Promises"), tuple(_promise(each, now) for each in view.promises[:6])),
        PaneSection(_("Identities"), tuple(_identity(view, place) for place in range(len(view.customer.identities)))),
        PaneSection(_("Notes"), text="\n".join(note.text for note in notes)),
        PaneSection(_("What happened"), tuple(_event(each, zone, now) for each in told[-EVENTS:][::-1])),
    )


def _promise(promise: PromiseView, now: datetime) -> PaneLine:
    end = words.promise_word(promise.status)
    if promise.status == "open":
        end = due_words(promise.due_at, timezone(), now=now)
    return PaneLine(promise.text, end, _MARKS.get(promise.status, Mark.NONE))


def _identity(view: CaseView, place: int) -> PaneLine:
    identity = view.customer.identities[place]
    handle = identity.handle if "@" in identity.handle or "/" in identity.handle else f"@{identity.handle}"
    return PaneLine(words.channel_word(identity.channel), "", Mark.LINK, handle)


def _event(event: CaseEventView, zone: str, now: datetime) -> PaneLine:
    said = event_words(event.kind, name=first_name(event.actor_name))
    today = local(now, zone).date()
    return PaneLine(said, short_day(local(event.at, zone).date(), today=today))
