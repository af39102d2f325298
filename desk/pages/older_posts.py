"""Which posts were there before anybody listened, and what can be done about them? An expander on a channel's card."""

from __future__ import annotations

import streamlit as st

from db.first_readings import OlderPost
from desk.attempt import attempt, fetch, tell_done
from desk.going import to_customer
from desk.i18n import _, ngettext
from desk.numbers import moment_words
from desk.session import Seat, acting, timezone
from desk.widgets.markup import Markup, html_tag, join_markup, safe_url
from desk.words import channel_word
from domain.brand import Brand
from domain.people import Right
from services import first_reading
from services.channel_view import ChannelView

SHOWN = 8
TEXT_CHARS = 240


def draw(found: Seat, brand: Brand, view: ChannelView) -> None:
    """How many there are, the newest of them, and the way to queue them after all; nothing when there are none."""
    if not view.older:
        return
    label = ngettext("{n} older post read, not queued", "{n} older posts read, not queued", view.older)
    with st.expander(label, key=f"sp_older_{view.channel}"):
        lead = _("They were written before this desk listened here. They are counted and stand in each profile.")
        st.html(html_tag("div", html_tag("p", lead, cls="s muted"), cls="sp"))
        for post in fetch(lambda: first_reading.shown(found.ctx, brand.id, view.channel))[:SHOWN]:
            _post(found, post)
        more = view.older - SHOWN
        if more > 0:
            rest = ngettext("And {n} more post.", "And {n} more posts.", more)
            st.html(html_tag("div", html_tag("p", rest, cls="xs muted"), cls="sp"))
        if found.may(Right.CHANNELS):
            asked = ngettext("Queue it after all", "Queue all {n} after all", view.older)
            st.button(asked, key=f"sp_older_queue_{view.channel}", on_click=_queue, args=(brand.id, view.channel))


def _post(found: Seat, post: OlderPost) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"sp_row_older_{post.id}"):
        when = moment_words(post.published_at, timezone(), now=found.ctx.clock())
        text = post.text if len(post.text) <= TEXT_CHARS else f"{post.text[:TEXT_CHARS].rstrip()}…"
        lang = {"lang": post.language} if post.language else {}
        foot = html_tag("p", f"{post.author} · {when} · {post.watch}", _link(post), cls="xs muted", dir="auto")
        st.html(html_tag("div", html_tag("p", text, cls="s", dir="auto", **lang), foot, cls="sp sp-line"))
        st.button(
            _("Profile"), key=f"sp_older_{post.id}", type="tertiary", on_click=to_customer, args=(post.customer_id,)
        )


def _link(post: OlderPost) -> Markup:
    url = safe_url(post.url or "")
    if not url:
        return Markup("")
    return join_markup([" · ", html_tag("a", _("Open"), href=url, target="_blank", rel="noopener noreferrer")])


def _queue(brand_id: int, channel: str) -> None:
    found = acting()
    queued: list[int] = []
    if attempt(lambda: queued.append(first_reading.queue_all(found.ctx, brand_id, channel))):
        said = ngettext("{n} post of {channel} is queued.", "{n} posts of {channel} are queued.", queued[0])
        tell_done(said.format(channel=channel_word(channel)))
