"""What did we promise to whom, and is it kept? Due dates first, two answers for each."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from desk import words
from desk.attempt import attempt, fetch
from desk.going import follow, refresh_counts, to_case
from desk.i18n import _, ngettext
from desk.numbers import clock_time, day_name, local, stretch_words
from desk.page_parts import empty, line, title
from desk.session import Seat, acting, seat, timezone
from desk.widgets.markup import Markup, chip
from domain.brand import Brand
from domain.people import Right
from services import promises
from services.promises import PromiseView

ROWS = 50


def draw(found: Seat, brand: Brand | None) -> None:
    """Open promises by day, mine or everybody's."""
    title(_("Promises"), _("What we said we would do. A promise is open until somebody says it was kept, or was not."))
    if brand is None:
        empty(_("No promise is open"), _("There is no brand yet."), key="no_brand")
        return
    _list(brand)


@st.fragment(key="promises")
def _list(brand: Brand) -> None:
    follow()
    refresh_counts()
    found = seat()
    whose = st.segmented_control(
        _("Whose"),
        ("mine", "all"),
        format_func=lambda each: _("My own") if each == "mine" else _("Everybody’s"),
        default="mine" if found.may(Right.WORK) else "all",
        required=True,
        key="sp_whose_promises",
        label_visibility="collapsed",
    )
    mine = whose == "mine"
    open_ones = fetch(lambda: promises.open_promises(found.ctx, brand.id, mine=mine))
    if not open_ones:
        empty(_("No promise is open"), _("What you promise with a reply stands here until it is kept."), key="promises")
    _by_day(found, open_ones)
    _just_closed(fetch(lambda: promises.just_closed(found.ctx, brand.id, mine=mine)))


def _by_day(found: Seat, open_ones: list[PromiseView]) -> None:
    today = local(found.ctx.clock(), timezone()).date()
    for day, due in groupby(open_ones[:ROWS], key=lambda each: local(each.due_at, timezone()).date()):
        st.subheader(day_name(day, today=today), anchor=False)
        for promise in due:
            _promise(found, promise)
    if len(open_ones) > ROWS:
        st.caption(ngettext("And {n} more.", "And {n} more.", len(open_ones) - ROWS))


def _promise(found: Seat, promise: PromiseView) -> None:
    with st.container(
        border=True, key=f"sp_row_promise_{promise.promise_id}", horizontal=True, vertical_alignment="center"
    ):
        when = clock_time(promise.due_at, timezone())
        foot = f"{promise.customer_name} · {words.channel_word(promise.channel)} · {promise.owner_name}"
        st.html(line(_("by {time}").format(time=when), promise.text, foot, marks=_late(found, promise)))
        _button(_("Kept"), "kept", promise, icon=":material/check:")
        _button(_("Not kept"), "broken", promise, icon=":material/close:")
        st.button(
            _("Open the case"),
            key=f"sp_go_{promise.promise_id}",
            type="tertiary",
            on_click=to_case,
            args=(promise.case_id,),
        )


def _just_closed(closed: list[PromiseView]) -> None:
    """What was said a moment ago can be taken back: a slip of the hand is no history."""
    if not closed:
        return
    st.subheader(_("Just closed"), anchor=False)
    for promise in closed:
        with st.container(
            border=True, key=f"sp_row_closed_{promise.promise_id}", horizontal=True, vertical_alignment="center"
        ):
            is_kept = promise.status == "kept"
            mark = chip(
                "done" if is_kept else "lock", words.promise_word(promise.status), "check" if is_kept else "cross"
            )
            foot = f"{promise.customer_name} · {words.channel_word(promise.channel)} · {promise.owner_name}"
            when = clock_time(promise.closed_at or promise.due_at, timezone())
            st.html(line(_("closed at {time}").format(time=when), promise.text, foot, marks=[mark]))
            st.button(
                _("Undo"),
                key=f"sp_reopen_{promise.promise_id}",
                icon=":material/undo:",
                on_click=_reopen,
                args=(promise.promise_id,),
            )


def _late(found: Seat, promise: PromiseView) -> list[Markup]:
    if not promise.overdue:
        return []
    late = stretch_words(found.ctx.clock() - promise.due_at)
    return [chip("promise", _("overdue by {stretch}").format(stretch=late), "promise")]


def _button(label: str, outcome: str, promise: PromiseView, *, icon: str) -> None:
    key = f"sp_{outcome}_{promise.promise_id}"
    st.button(label, key=key, icon=icon, on_click=_settle, args=(promise.promise_id, outcome))


def _settle(promise_id: int, outcome: str) -> None:
    found = acting()
    if outcome == "kept":
        attempt(lambda: promises.keep(found.ctx, promise_id), done=_("Kept. Well done."))
    else:
        attempt(lambda: promises.break_(found.ctx, promise_id), done=_("Noted: not kept. The case moves up."))


def _reopen(promise_id: int) -> None:
    found = acting()
    attempt(lambda: promises.reopen(found.ctx, promise_id), done=_("The promise is open again."))
