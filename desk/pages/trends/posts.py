"""Which posts stand behind a point of the chart? A dialog, the newest first, each with the way to its case."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from desk import problem_words, trend_words
from desk.attempt import fetch
from desk.going import to_case, to_new_problem, to_spike
from desk.i18n import _
from desk.numbers import moment_words
from desk.session import Seat
from desk.widgets.markup import html_tag, join_markup
from desk.words import channel_word, kind_word, sentiment_word
from domain.brand import Brand
from domain.judgement import Kind
from domain.people import Right
from domain.window import Stretch
from services import posts_behind, spikes
from services.posts_behind import HeardPost, Place, Sought
from services.trends import Trends

_OPENED, _PAGES, _KIND = "sp_trend_opened", "sp_trend_pages", "sp_trend_kind"


def open_point(stretch: Stretch) -> None:
    """Callback: show the posts of this stretch."""
    st.session_state[_OPENED] = (stretch.from_at, stretch.to_at)
    st.session_state[_PAGES] = [None]
    st.session_state.pop(_KIND, None)


def draw_opened(found: Seat, brand: Brand, seen: Trends) -> None:
    """The dialog, while one is open."""
    opened: tuple[datetime, datetime] | None = st.session_state.get(_OPENED)
    if opened is None:
        return
    stretch = Stretch(*opened)
    title = _("Posts of {when}").format(when=trend_words.stretch_name(stretch, seen))

    def draw() -> None:
        _list(found, brand, seen, stretch)

    st.dialog(title, width="large", on_dismiss=_close)(draw)()


def _close() -> None:
    st.session_state.pop(_OPENED, None)


def _list(found: Seat, brand: Brand, seen: Trends, stretch: Stretch) -> None:
    kinds = [kind for kind in Kind if kind is not Kind.SPAM]
    st.pills(
        _("Only"),
        kinds,
        format_func=lambda kind: kind_word(kind).capitalize(),
        key=_KIND,
        label_visibility="collapsed",
        on_change=_from_the_top,
    )
    chosen = st.session_state.get(_KIND)
    sought = Sought(
        brand.id,
        stretch.from_at,
        stretch.to_at,
        seen.channels,
        seen.languages,
        Kind(chosen) if chosen else None,
        theme=str(seen.theme or ""),
    )
    places: list[Place | None] = st.session_state.setdefault(_PAGES, [None])
    page = fetch(lambda: posts_behind.posts_behind(found.ctx, sought, below=places[-1]))
    _together(found, brand, stretch, page.posts)
    if not page.posts:
        st.html(html_tag("p", _("No post here."), cls="sp s muted"))
    for post in page.posts:
        _draw_post(post, brand, now=seen.read_at)
    with st.container(horizontal=True):
        if len(places) > 1:
            st.button(_("Newer posts"), key="sp_trend_newer", on_click=_turn, args=(None,))
        if page.next_place is not None:
            st.button(_("Older posts"), key="sp_trend_older", on_click=_turn, args=(page.next_place,))


def _together(found: Seat, brand: Brand, stretch: Stretch, shown: tuple[HeardPost, ...]) -> None:
    """From a day to what is behind it: the spikes that lie in it, or one problem over the cases of these posts."""
    seen = fetch(lambda: spikes.spikes_of(found.ctx, brand.id, from_at=stretch.from_at, to_at=stretch.to_at))
    cases = tuple(dict.fromkeys(post.case_id for post in shown if post.case_id is not None))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="sp_trend_together"):
        for spike in seen[:3]:
            st.button(
                _("Why so many? {what}").format(what=problem_words.spike_title(spike)),
                key=f"sp_trend_spike_{spike.spike_id}",
                icon=":material/hub:",
                on_click=_to_spike,
                args=(spike.spike_id,),
            )
        if not seen and len(cases) > 1 and found.may(Right.WORK):
            st.button(
                _("Make one problem of these cases"),
                key="sp_trend_problem",
                icon=":material/hub:",
                type="tertiary",
                on_click=_to_new_problem,
                args=(cases,),
            )


def _to_spike(spike_id: int) -> None:
    _close()
    to_spike(spike_id)


def _to_new_problem(cases: tuple[int, ...]) -> None:
    _close()
    to_new_problem(cases)


def _turn(place: Place | None) -> None:
    """To the page that begins at this place; None: back to the page before."""
    places: list[Place | None] = st.session_state[_PAGES]
    st.session_state[_PAGES] = places[:-1] or [None] if place is None else [*places, place]


def _from_the_top() -> None:
    st.session_state[_PAGES] = [None]


def _draw_post(post: HeardPost, brand: Brand, *, now: datetime) -> None:
    labels = [_("not judged yet")]
    if post.kind is not None and post.sentiment is not None:
        labels = [kind_word(post.kind), sentiment_word(post.sentiment)]
    told = [channel_word(post.channel), moment_words(post.published_at, brand.timezone, now=now), *labels]
    name = html_tag("b", post.author_name or post.handle or _("deleted author"), dir="auto")
    said = {"lang": post.language} if post.language else {}
    body = [
        html_tag("p", join_markup([name, html_tag("span", " · " + " · ".join(told), cls="muted")]), cls="xs"),
        html_tag("p", post.text, cls="sp-line-text", dir="auto", **said),
    ]
    with st.container(key=f"sp_row_case_behind_{post.mention_id}", horizontal=True, vertical_alignment="center"):
        st.html(html_tag("div", *body, cls="sp sp-behind"))
        if post.case_id is not None:
            st.button(_("Open the case"), key=f"sp_behind_{post.mention_id}", on_click=_to_case, args=(post.case_id,))


def _to_case(case_id: int) -> None:
    _close()
    to_case(case_id)
