"""Is a channel of this brand not heard? Then every page says so in one calm line, with the way to see why."""

from __future__ import annotations

import streamlit as st

from desk.coverage_words import banner_words
from desk.going import follow, to_room
from desk.i18n import _
from desk.session import seat, timezone
from desk.widgets.states import alert_html
from domain.errors import DeskError
from services import coverage

#: Less often than the pulse: minutes have passed by the time a channel counts as lost.
EVERY_S = 15


@st.fragment(run_every=EVERY_S, key="banner")
def draw(brand_id: int, *, offers_way: bool) -> None:
    """The line, while a channel is blind; ``offers_way`` False on the page it would lead to."""
    follow()
    found = seat()
    try:
        blind = [each for each in coverage.coverage(found.ctx, brand_id) if each.blind is not None]
    except DeskError:
        return  # the store is gone: the top line says so
    if not blind:
        return
    with st.container(key="sp_banner", horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.html(alert_html(banner_words(blind, timezone(), now=found.ctx.clock())))
        if offers_way:
            st.button(_("See the channels"), key="sp_banner_way", type="tertiary", on_click=to_room, args=("channels",))
