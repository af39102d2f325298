"""Who are the people who write to us? A list to search, and behind each name what we know."""

from __future__ import annotations

import streamlit as st

from desk import export_views, going, words
from desk.attempt import fetch
from desk.i18n import _, ngettext
from desk.numbers import local, short_day
from desk.page_parts import empty, line, title
from desk.pages import customer_profile, same_person
from desk.session import Seat, seat, timezone
from desk.widgets.markup import Markup, avatar, chip, html_tag
from domain.brand import Brand
from domain.people import Right
from services import profile
from services.profile import CustomerRow

ROWS = 30
_SEARCH, _CURSORS = "sp_customer_search", "sp_customer_cursors"


def draw(_found: Seat, _brand: Brand | None) -> None:
    """The list, or the profile of the one that was opened."""
    _room()


@st.fragment(key="customers")
def _room() -> None:
    going.follow()
    found = seat()
    opened = going.customer()
    if opened is not None and same_person.is_open():
        same_person.draw(found, opened)
    if opened is not None and not same_person.is_open():
        st.button(
            _("All customers"),
            key="sp_back",
            icon=":material/arrow_back:",
            type="tertiary",
            on_click=going.close_customer,
        )
        customer_profile.draw(found, opened)
    if opened is None:
        _list(found)


def _list(found: Seat) -> None:
    title(_("Customers"), _("Everybody who has written to us in public, the latest first."))
    search = st.text_input(
        _("Search"),
        key=_SEARCH,
        placeholder=_("Name or handle"),
        icon=":material/search:",
        label_visibility="collapsed",
        width=320,
        on_change=_from_the_top,
    )
    if found.may(Right.EXPORT):
        st.button(
            _("Export"),
            key="sp_export_customers",
            type="tertiary",
            icon=":material/download:",
            help=_("The posts of those the search finds, as a file"),
            on_click=_export,
        )
    cursors: list[str | None] = st.session_state.setdefault(_CURSORS, [None])
    page = fetch(lambda: profile.customers(found.ctx, search=(search or "").strip(), cursor=cursors[-1], limit=ROWS))
    if not page.customers:
        searched, unsearched = _("No customer with this name or handle."), _("Whoever writes to us appears here.")
        empty(_("Nobody here"), searched if search else unsearched, key="customers")
    for row in page.customers:
        _row(found, row)
    with st.container(horizontal=True, gap="small"):
        if len(cursors) > 1:
            st.button(_("Previous"), key="sp_customers_back", on_click=_page_back, type="tertiary")
        if page.next_cursor is not None:
            st.button(
                _("Next"),
                key="sp_customers_on",
                on_click=cursors.append,
                args=(page.next_cursor,),
                type="tertiary",
            )


def _export() -> None:
    export_views.go(export_views.of_customers((st.session_state.get(_SEARCH) or "").strip()))


def _page_back() -> None:
    st.session_state[_CURSORS] = st.session_state[_CURSORS][:-1] or [None]


def _from_the_top() -> None:
    st.session_state[_CURSORS] = [None]


def _row(found: Seat, row: CustomerRow) -> None:
    today = local(found.ctx.clock(), timezone()).date()
    seen = short_day(local(row.last_seen_at, timezone()).date(), today=today)
    cases = ngettext("{n} case", "{n} cases", row.cases)
    channels = ", ".join(words.channel_word(channel) for channel in row.channels)
    last_seen = _("last seen {day}").format(day=seen)
    foot = " · ".join((row.handle, channels, cases, last_seen))
    with st.container(
        key=f"sp_row_customer_{row.customer_id}", horizontal=True, vertical_alignment="center", gap="small"
    ):
        said = line(row.name, "", foot, marks=_marks(row))
        st.html(html_tag("div", avatar(row.name), said, cls="sp row-flex"))
        if row.open_case_id is not None:
            st.button(
                _("Open the case"),
                key=f"sp_case_{row.customer_id}",
                type="tertiary",
                on_click=going.to_case,
                args=(row.open_case_id,),
            )
        st.button(_("Profile"), key=f"sp_see_{row.customer_id}", on_click=going.to_customer, args=(row.customer_id,))


def _marks(row: CustomerRow) -> list[Markup]:
    marks = []
    if row.open_case_id is not None:
        marks.append(chip("mine", _("open case"), "inbox"))
    if row.has_dont_ask:
        marks.append(chip("lock", _("don’t ask again"), "no_ask"))
    return marks
