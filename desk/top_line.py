"""What stands above every page? Whose brand, the search, how complete we listen, who is here, what is new."""

from __future__ import annotations

import streamlit as st

from desk import going, pulse
from desk.attempt import steady
from desk.i18n import _
from desk.session import BRAND_KEY, Seat
from desk.widgets.markup import html_tag
from domain.brand import Brand
from services import brands

SEARCH_KEY = "sp_search"


def count_behind(module: str) -> str:
    """How many things wait in a room, as the tail of its name in the navigation: " · 3"."""
    last = pulse.last()
    if last is None:
        return ""
    waiting = {"promises": last.counts.promises, "approvals": last.approvals}.get(module, 0)
    return f" · {waiting}" if waiting else ""


def draw(found: Seat, brand: Brand | None, *, is_desk: bool) -> None:
    """The top line; its right half looks again every few seconds."""
    with st.container(key="sp_top", horizontal=True, vertical_alignment="center", gap="small"):
        if brand is None:
            st.html(html_tag("div", html_tag("b", _("No brand yet")), cls="sp"))
            return
        _brand_select(found, brand)
        if is_desk:
            st.text_input(
                _("Search"),
                key=SEARCH_KEY,
                placeholder=_("Search people, posts, cases"),
                icon=":material/search:",
                label_visibility="collapsed",
                width=250,
            )
        pulse.top_right(brand.id, is_desk=is_desk)


def _brand_select(found: Seat, brand: Brand) -> None:
    known = {each.id: each for each in steady("sp_last_brands", lambda: brands.list_brands(found.ctx))}
    st.session_state.setdefault(BRAND_KEY, brand.id)
    if st.session_state[BRAND_KEY] not in known:
        st.session_state[BRAND_KEY] = brand.id
    st.selectbox(
        _("Brand"),
        list(known),
        format_func=lambda brand_id: _brand_name(known[brand_id]) if brand_id in known else "",
        key=BRAND_KEY,
        label_visibility="collapsed",
        width=236,
        on_change=_forget_open,
    )


def _forget_open() -> None:
    """What is open belongs to the brand before."""
    pulse.forget()
    going.open_here("", None)


def _brand_name(brand: Brand) -> str:
    return _("{name} (sample)").format(name=brand.name) if brand.is_sample else brand.name
