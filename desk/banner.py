"""Is something not heard that people rely on? Then every page says so in one calm line, with the way to see why."""

from __future__ import annotations

import streamlit as st

from desk import hearing
from desk.attempt import attempt
from desk.coverage_words import banner_words, gaps_banner_words, worker_banner_words
from desk.going import follow, to_room
from desk.i18n import _
from desk.redraw import Part
from desk.session import Seat, acting, seat, timezone
from desk.widgets.states import alert_html
from domain.errors import DeskError
from domain.people import Right
from services import coverage

_SHOWN = "sp_banner_shown"


@st.fragment(key=Part.BANNER.value)
def draw(brand_id: int, *, offers_way: bool) -> None:
    """The gravest line there is to say, if any; ``offers_way`` False on the page it would lead to.

    It is drawn again when the pulse finds that another line is due.
    """
    follow()
    found = seat()
    try:
        said, is_gap = st.session_state[_SHOWN] = _line(found, brand_id)
    except DeskError:
        return  # the store is gone: the top line says so
    if not said:
        return
    with st.container(key="sp_banner", horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.html(alert_html(said))
        if offers_way:
            st.button(_("See the channels"), key="sp_banner_way", type="tertiary", on_click=to_room, args=("channels",))
        if is_gap and found.may(Right.CHANNELS):
            st.button(_("We know"), key="sp_banner_known", type="tertiary", on_click=_know, args=(brand_id,))


def is_behind(found: Seat, brand_id: int) -> bool:
    """Whether another line than the one that stands there is due. Raises DeskError while the store is gone."""
    return bool(_line(found, brand_id) != st.session_state.get(_SHOWN, ("", False)))


def _line(found: Seat, brand_id: int) -> tuple[str, bool]:
    """What to say, and whether it is about a gap: a worker that is gone, a blind channel, posts that are missing."""
    now, zone = found.ctx.clock(), timezone()
    heard = hearing.of(found, brand_id)
    covered = heard.covered
    if heard.worker_gone_since is not None:
        return worker_banner_words(heard.worker_gone_since, zone, now=now), False
    if blind := [each for each in covered if each.blind is not None]:
        return banner_words(blind, zone, now=now), False
    news = coverage.news_of(covered, now=now)
    return (gaps_banner_words(news, zone, now=now), True) if news else ("", False)


def _know(brand_id: int) -> None:
    found = acting()
    done = _("Noted. The gap stays on record under Channels.")
    attempt(lambda: coverage.know_gaps(found.ctx, brand_id), done=done)
