"""How is the brand spoken of, and how were its customers answered? Figures, charts, and the posts behind each point."""

from __future__ import annotations

import streamlit as st

from desk import export_views, trend_words
from desk.attempt import fetch
from desk.going import follow
from desk.i18n import _
from desk.page_parts import empty, title
from desk.pages.trends import charts, choosing, groups, posts
from desk.session import Seat, seat
from desk.widgets.assets import read_asset
from desk.widgets.frame import install_style
from desk.widgets.markup import html_tag
from domain.brand import Brand
from domain.people import Right
from services import trends
from services.trends import Trends

_CSS = read_asset("trends.css")


def draw(_found: Seat, brand: Brand | None) -> None:
    """What was said and how it feels, by whom else, how customers waited; nothing about a colleague."""
    install_style(_CSS)
    if brand is None:
        title(_("Reputation trends"))
        empty(_("Nothing to count yet"), _("There is no brand yet."), key="no_brand")
        return
    _room(brand)


@st.fragment(key="trends")
def _room(brand: Brand) -> None:
    follow()
    found = seat()
    wanted = choosing.wanted(found, brand)
    seen = fetch(
        lambda: trends.trends(
            found.ctx,
            brand.id,
            wanted.window,
            comparison=wanted.comparison,
            channels=wanted.channels,
            languages=wanted.languages,
            theme=wanted.theme,
        )
    )
    with st.container(key="sp_trend_head", horizontal=True, vertical_alignment="bottom", gap="small"):
        title(_("Reputation trends"), trend_words.head_words(seen))
        choosing.draw(found, brand, wanted)
        if found.may(Right.EXPORT):
            st.button(
                _("Export"),
                key="sp_export_trends",
                type="tertiary",
                icon=":material/download:",
                help=_("These figures, or the posts behind them, as a file"),
                on_click=export_views.go,
                args=(export_views.of_trends(seen),),
            )
    _figures(seen)
    posts.draw_opened(found, brand, seen)


def _figures(seen: Trends) -> None:
    if not seen.now.posts:
        heading, text = trend_words.empty_words(seen, now=seen.read_at)
        empty(heading, text, key="trends_empty", is_well=False)
        st.html(html_tag("div", charts.unheard(seen), cls="sp"))
        if not seen.answers.asked:
            return
    st.html(groups.figure_cards(seen))
    with st.container(horizontal=False, gap="small"):
        wide, side = st.columns([0.68, 0.32], gap="small")
        with wide, st.container(key="sp_trend_card_time", border=True):
            charts.over_time(seen)
        with side, st.container(key="sp_trend_card_channels", border=True, height="stretch"):
            st.html(html_tag("div", groups.channels_card(seen), charts.unheard(seen), cls="sp sp-stack"))
        thirds = st.columns(3, gap="small")
        for place, (name, card) in zip(thirds, groups.lower_cards(seen), strict=False):
            with place, st.container(key=f"sp_trend_card_{name}", border=True, height="stretch"):
                st.html(card)
    st.html(html_tag("p", groups.how_counted(seen), cls="sp s muted"))
