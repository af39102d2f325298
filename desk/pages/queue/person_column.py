"""The right column: who is writing, what they already told us, who knows them, what we promised."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from desk import words
from desk.event_words import SILENT_EVENTS, event_words
from desk.going import to_customer
from desk.i18n import _, ngettext
from desk.numbers import due_words, local, short_day
from desk.pages.queue import acts
from desk.pages.queue.rows import first_name
from desk.redraw import Part, after
from desk.session import Seat, timezone
from desk.widgets.markup import html_tag
from desk.widgets.person import KnownBy, Mark, PaneLine, PaneSection, Person, person_html
from domain.text import one_line
from services.cases import CaseEventView, CaseView
from services.promises import PromiseView

EVENTS = 6
_MARKS = {"open": Mark.PROMISE, "kept": Mark.KEPT, "broken": Mark.BROKEN}


def draw(found: Seat, view: CaseView) -> None:
    """The pane, and the way to the whole profile."""
    st.html(person_html(person_of(found, view)))
    if "promise" in view.may or view.case.owner_id == found.member.id:
        _open_promises(view)
    st.button(
        _("Whole profile"), key="sp_profile", type="tertiary", on_click=to_customer, args=(view.customer.customer_id,)
    )


def _open_promises(view: CaseView) -> None:
    """What we promised can be closed where it is remembered."""
    for promise in (each for each in view.promises if each.status == "open"):
        with st.container(key=f"sp_promise_{promise.promise_id}", gap="xsmall"):
            st.html(html_tag("div", _("“{text}”: was it done?").format(text=promise.text), cls="sp s muted"))
            with st.container(horizontal=True, gap="small"):
                for is_kept, label, icon in ((True, _("Kept"), "check"), (False, _("Not kept"), "close")):
                    st.button(
                        label,
                        icon=f":material/{icon}:",
                        key=f"sp_promise_{promise.promise_id}_{is_kept}",
                        on_click=after(acts.close_promise, Part.LIST, Part.CASE),
                        args=(promise.promise_id, is_kept),
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
    return (
        PaneSection(_("Promises"), (*_drafted(view), *(_promise(each, now) for each in view.promises[:6]))),
        PaneSection(_("Identities"), tuple(_identity(view, place) for place in range(len(view.customer.identities)))),
        PaneSection(_("What happened"), tuple(_event(each, view, zone, now) for each in told[-EVENTS:][::-1])),
    )


def _drafted(view: CaseView) -> tuple[PaneLine, ...]:
    """What will be promised once the reply is out: not yet in the ledger."""
    if view.under_way is not None and view.under_way.promise_text:
        return (PaneLine(view.under_way.promise_text, _("on its way"), Mark.PROMISE),)
    if view.draft is not None and view.draft.promise_text:
        return (PaneLine(view.draft.promise_text, _("in draft"), Mark.PROMISE),)
    return ()


def _promise(promise: PromiseView, now: datetime) -> PaneLine:
    end = words.promise_word(promise.status)
    if promise.status == "open":
        end = due_words(promise.due_at, timezone(), now=now)
    return PaneLine(promise.text, end, _MARKS.get(promise.status, Mark.NONE))


def _identity(view: CaseView, place: int) -> PaneLine:
    identity = view.customer.identities[place]
    handle = identity.handle if "@" in identity.handle or "/" in identity.handle else f"@{identity.handle}"
    return PaneLine(words.channel_word(identity.channel), "", Mark.LINK, handle)


def _when(event: CaseEventView, view: CaseView) -> datetime:
    """When it happened: a post when it was written, not when we heard of it."""
    told = event.details.get("mentions")
    ids = set(told) if isinstance(told, list | tuple) else set()
    told_of = [p.at for p in view.posts if p.mention_id in ids]
    if event.kind == "opened" and not told_of:
        told_of = [p.at for p in view.posts if p.in_case and p.is_customer]
    return min(told_of, default=event.at)


def _event(event: CaseEventView, view: CaseView, zone: str, now: datetime) -> PaneLine:
    said = event_words(event.kind, name=first_name(event.actor_name))
    today = local(now, zone).date()
    return PaneLine(said, short_day(local(_when(event, view), zone).date(), today=today))
