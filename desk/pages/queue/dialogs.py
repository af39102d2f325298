"""What asks for a few more words before it happens? One dialog at a time, drawn until it is answered or closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

import streamlit as st

from desk import pulse
from desk.i18n import N_, _
from desk.numbers import due_words, local
from desk.pages.queue import closing, correcting
from desk.pages.queue.finishing import closed, finish
from desk.pages.queue.person_column import person_of
from desk.pages.queue.rows import first_name
from desk.session import Seat, timezone
from desk.widgets.keys import KeyAction, sheet_html
from desk.widgets.person import person_html
from domain.brand import Brand
from domain.clock import localize
from domain.people import Member, Right
from services import cases, claims, promises, team
from services.cases import CaseView

_KEY_WORDS = {
    KeyAction.NEXT: N_("next row"),
    KeyAction.PREVIOUS: N_("row before"),
    KeyAction.OPEN: N_("open the row"),
    KeyAction.CLAIM: N_("claim"),
    KeyAction.RELEASE: N_("release"),
    KeyAction.REPLY: N_("write the reply"),
    KeyAction.NOTE: N_("write a note"),
    KeyAction.SEND: N_("send, or ask for the ok"),
    KeyAction.UNDO: N_("undo the sending"),
    KeyAction.SNOOZE: N_("snooze"),
    KeyAction.RESOLVE_NEXT: N_("resolve and next"),
    KeyAction.CORRECT: N_("correct the judgement"),
    KeyAction.SEARCH: N_("search"),
    KeyAction.HELP: N_("this sheet"),
}


def draw_open_one(found: Seat, _brand: Brand, view: CaseView | None) -> None:
    """Draw the dialog that was asked for, if any."""
    asked = st.session_state.get(pulse.DIALOG)
    if asked == "keys":
        _dialog(_("Keys"), _keys)
        return
    name = view.customer.name if view is not None else ""
    known: dict[str, tuple[str, Callable[[Seat, CaseView], None]]] = {
        "snooze": (_("Snooze until"), _snooze),
        "check_back": (_("Check back"), _check_back),
        "hand_over": (_("Hand over the case of {customer}").format(customer=name), _hand_over),
        "take": (_("Take from a colleague"), _take),
        "promise": (_("Write down a promise"), _promise),
        "person": (_("Who is writing"), _person),
        "resolve": (_("Resolve and next"), closing.resolve),
        "dismiss": (_("Set aside"), closing.dismiss),
        "correct": (_("Correct"), correcting.draw),
    }
    if asked not in known or view is None:
        st.session_state.pop(pulse.DIALOG, None)
        return
    title, draw = known[asked]
    _dialog(title, lambda: draw(found, view))


def _dialog(title: str, draw: Callable[[], None]) -> None:
    st.dialog(title, on_dismiss=closed)(draw)()


def _keys() -> None:
    st.html(sheet_html({action: _(word) for action, word in _KEY_WORDS.items()}))
    st.caption(_("Letters act only outside text fields. They can be switched off in the menu at the bottom left."))


def _person(found: Seat, view: CaseView) -> None:
    st.html(person_html(person_of(found, view)))


def _snooze(found: Seat, view: CaseView) -> None:
    now = found.ctx.clock()
    for place, until in enumerate(_moments(now)):
        label = due_words(until, timezone(), now=now)
        if st.button(label, key=f"sp_snooze_{place}", width="stretch"):
            _snooze_until(found, view, until)
    chosen = _pick_moment("sp_snooze", now)
    if st.button(_("Snooze until then"), key="sp_snooze_go", type="primary"):
        _snooze_until(found, view, chosen)


def _snooze_until(found: Seat, view: CaseView, until: datetime) -> None:
    when = due_words(until, timezone(), now=found.ctx.clock())
    finish(
        lambda: cases.snooze(found.ctx, view.case.id, until=until),
        done=_("Snoozed until {time}.").format(time=when),
        go_on=True,
    )


def _moments(now: datetime) -> tuple[datetime, ...]:
    """The moments most often meant: in an hour, this afternoon, tomorrow morning, next Monday."""
    here = local(now, timezone())
    tomorrow = here.date() + timedelta(days=1)
    monday = here.date() + timedelta(days=7 - here.weekday())
    offered = [now + timedelta(hours=1)]
    if here.time() < time(13):
        offered.append(localize(datetime.combine(here.date(), time(14)), timezone()))
    offered.append(localize(datetime.combine(tomorrow, time(9)), timezone()))
    offered.append(localize(datetime.combine(monday, time(9)), timezone()))
    return tuple(dict.fromkeys(offered))


def _pick_moment(key: str, now: datetime) -> datetime:
    """A day and an hour on the brand's clock."""
    soon = local(now + timedelta(hours=2), timezone())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        day = st.date_input(_("Day"), value=soon.date(), key=f"{key}_day", format="DD/MM/YYYY")
        hour = st.time_input(_("Time"), value=time(soon.hour), key=f"{key}_hour", step=900)
    return localize(datetime.combine(day or soon.date(), hour or time(soon.hour)), timezone())


def _check_back(found: Seat, view: CaseView) -> None:
    st.caption(_("When that moment comes the case is open again, and yours."))
    chosen = _pick_moment("sp_check", found.ctx.clock() + timedelta(days=1))
    if st.button(_("Check back then"), key="sp_check_go", type="primary"):
        when = due_words(chosen, timezone(), now=found.ctx.clock())
        finish(
            lambda: cases.set_check_back(found.ctx, view.case.id, at=chosen),
            done=_("We check back: {time}.").format(time=when),
        )


def _can_take(member: Member) -> bool:
    return member.active and not member.away and Right.WORK in member.rights


def _hand_over(found: Seat, view: CaseView) -> None:
    able = [m for m in team.members(found.ctx) if _can_take(m) and m.id != view.case.owner_id]
    if not able:
        st.text(_("There is no other colleague who answers customers."))
        return
    by_id = {member.id: member for member in able}
    to = st.selectbox(
        _("To whom"),
        list(by_id),
        index=None,
        placeholder=_("Choose a colleague"),
        format_func=lambda each: by_id[each].name,
        key="sp_pass_to",
    )
    note = st.text_area(
        _("What do they need to know?"), key="sp_pass_note", placeholder=_("What is agreed, what is next")
    )
    st.caption(_("The case, its open promises and this note go along. The customer is not asked anything again."))
    if st.button(_("Hand over"), key="sp_pass_go", type="primary", disabled=to is None) and to is not None:
        name = first_name(by_id[to].name)
        finish(
            lambda: claims.hand_over(found.ctx, view.case.id, to_user_id=to, note=note or ""),
            done=_("Handed over: {name} has the case now.").format(name=name),
        )


def _take(found: Seat, view: CaseView) -> None:
    name = first_name(view.owner_name)
    reason = st.text_input(_("Why do you take it over?"), key="sp_take_reason")
    st.caption(_("{name} is told, with this reason.").format(name=name))
    if st.button(_("Take"), key="sp_take_go", type="primary"):
        finish(lambda: claims.take(found.ctx, view.case.id, reason=reason or ""), done=_("The case is yours."))


def _promise(found: Seat, view: CaseView) -> None:
    text = st.text_input(_("What you promised"), key="sp_promise_text")
    due = _pick_moment("sp_promise", found.ctx.clock())
    if st.button(_("Write it down"), key="sp_promise_go", type="primary"):
        finish(
            lambda: promises.add(found.ctx, view.case.id, text=text or "", due_at=due),
            done=_("Promise noted."),
        )
