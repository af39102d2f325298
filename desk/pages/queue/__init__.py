"""Who needs us next, and what do we say to them? The room where the day's work is done."""

from __future__ import annotations

import streamlit as st

from desk import going, member_menu, published, pulse, pulse_marks
from desk.attempt import fetch, show_done, steady
from desk.i18n import _
from desk.pages import first_start
from desk.pages.queue import acts, case_column, dialogs, keeping, list_column, listing, person_column
from desk.redraw import Part
from desk.session import Seat, choose_brand, seat
from desk.widgets.frame import Column, desk_column, desk_frame
from desk.widgets.keys import page_keys
from desk.widgets.states import StateBox, StateTone, state_box
from domain.brand import Brand
from domain.errors import NotFound
from services import cases
from services.cases import CaseView


def draw(_found: Seat, brand: Brand | None) -> None:
    """The list, and what is open beside it; without a brand, the first steps instead."""
    if brand is None:
        first_start.draw(_found, None)
        return
    going.read_address_once(pulse.CASE, "case")
    pulse_marks.something_changed()  # a full run: the frame asked for it because something did
    if (opened := going.wanted_case()) is not None:
        acts.open_case(opened)
    with desk_frame():
        _list(brand)
        _case(brand)
    _keys()


@st.fragment(key=Part.LIST.value)
def _list(brand: Brand) -> None:
    going.follow()
    found = seat()
    show_done()
    with desk_column(Column.QUEUE):
        list_column.draw(found, brand, steady("sp_last_list", lambda: listing.current(found, brand)))


@st.fragment(key=Part.CASE.value)
def _case(brand: Brand) -> None:
    """Drawn alone when a case is opened: the list marks its row by itself."""
    going.follow()
    found = seat()
    keeping.retry_unsaved()
    published.tell(found)
    show_done()
    view = _view(found)
    going.keep_in_address("case", st.session_state.get(pulse.CASE))
    if view is not None and view.brand.id != brand.id:
        pulse.forget(keeps_case=True)  # else the other brand's list would decide what is new in this one
        choose_brand(view.brand.id)
        st.rerun()
    with desk_column(Column.CASE):
        if view is None:
            _nothing_open()
        else:
            case_column.draw(found, view)
        dialogs.draw_open_one(found, brand, view)
    if view is not None:
        with desk_column(Column.PERSON):
            person_column.draw(found, view)


@st.fragment
def _keys() -> None:
    page_keys(enabled=member_menu.shortcuts_on(seat()), on_action=acts.press)


def _view(found: Seat) -> CaseView | None:
    case_id = st.session_state.get(pulse.CASE)
    if case_id is None:
        return None
    try:
        view = steady("sp_last_view", lambda: cases.view(found.ctx, case_id))
    except NotFound:
        st.session_state.pop(pulse.CASE, None)
        return None
    # While the store is gone another case cannot be opened: the page says so rather than show the one before.
    return view if view.case.id == case_id else fetch(lambda: cases.view(found.ctx, case_id))


def _nothing_open() -> None:
    with st.container(key="sp_head_none"):
        listed = listing.known()
        has_rows = listed is not None and bool(listed.entries)
        way = _("Choose one on the left: J and Enter, or a click.") if has_rows else _("What you open stands here.")
        box = StateBox(StateTone.EMPTY, _("No case is open"), text=way)
        state_box(box, key="none_open")
