"""How complete is what we heard, channel by channel, and what can be done where it is not?"""

from __future__ import annotations

import streamlit as st

from desk.attempt import fetch
from desk.going import follow
from desk.i18n import _
from desk.page_parts import empty, title
from desk.pages import channel_card, connect
from desk.session import Seat, seat
from desk.widgets.markup import html_tag
from domain.brand import Brand
from domain.people import Right
from services import channel_view, coverage

EVERY_S = 10


def draw(found: Seat, brand: Brand | None) -> None:
    """A card for each channel the brand is heard on; read again every few seconds."""
    title(
        _("Channels"),
        _("Up to when everything was read, what is missing and why. A figure over a gap is a lower bound."),
    )
    if brand is None:
        empty(_("No channel is being read"), _("There is no brand yet."), key="no_brand", is_well=False)
        return
    if connect.is_open(brand):
        connect.draw(found, brand)
        _list(brand)
        return
    _list(brand)
    connect.draw(found, brand)


@st.fragment(run_every=EVERY_S, key="channels")
def _list(brand: Brand) -> None:
    follow()
    connect.follow()
    found = seat()
    if coverage.worker_life(found.ctx).gone_since is not None and found.may(Right.SETUP):
        start = html_tag("code", "./sportello run", cls="sp-code")
        st.html(html_tag("div", _("On the machine of the desk, this starts it again:"), " ", start, cls="sp s muted"))
    house = fetch(lambda: channel_view.channels(found.ctx, brand.id))
    if not house.channels:
        text = _("Only what is imported shows on this desk. A channel is read once the brand has an account there.")
        empty(_("No channel is being read"), text, key="channels", is_well=False)
    for view in house.channels:
        channel_card.draw(found, brand, view)
