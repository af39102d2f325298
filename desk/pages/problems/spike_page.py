"""What is behind a spike? Words, people, where it began, who waits; and the way to one problem."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from desk import problem_words as say
from desk import words
from desk.attempt import attempt, fetch
from desk.going import to_case
from desk.i18n import _, ngettext
from desk.numbers import moment_words, number
from desk.page_parts import line, title
from desk.pages.problems import opening
from desk.session import Seat, acting, timezone
from desk.widgets.bar_list import BarRow, Tone, bar_list
from desk.widgets.markup import Markup, html_tag, join_markup
from domain.brand import Brand
from domain.people import Right
from domain.priority import RankReason
from domain.problem import REASON_CHARS
from domain.spike import SpikeState
from services import spike_cause, spikes
from services.spike_cause import Cause
from services.spikes import SpikeView

LISTED = 20


def draw(found: Seat, brand: Brand, spike_id: int) -> None:
    """One spike with its cause."""
    opening.back()
    spike = fetch(lambda: spikes.spike(found.ctx, spike_id))
    opening.settle_brand(brand, spike.brand_id)
    cause = fetch(lambda: spike_cause.cause(found.ctx, spike_id))
    now = found.ctx.clock()
    title(say.spike_title(spike), " · ".join([say.spike_state(spike)[1], say.spike_foot(spike, now)]))
    wide, side = st.columns([0.6, 0.4], gap="small")
    with wide:
        with st.container(border=True):
            st.html(_words_card(cause))
        with st.container(border=True):
            _posts(cause, now)
    with side:
        _decide(found, brand, spike, cause)
        with st.container(border=True):
            st.html(_began_card(spike, cause, now))
        with st.container(border=True):
            _waiting(cause, now)


def _head(name: str, source: str) -> Markup:
    return html_tag("div", html_tag("h2", name), html_tag("p", source), cls="sp sp-card-head")


def _words_card(cause: Cause) -> Markup:
    source = _("people who use them, of {n}; against the two weeks before").format(n=number(cause.people))
    head = _head(_("Words that stand out"), source)
    if not cause.words:
        return html_tag("div", head, html_tag("p", _("No word is used by enough people."), cls="s muted"), cls="sp")
    rows = [
        BarRow(word.word, word.people / max(1, cause.people), number(word.people), _was(word.before), Tone.OURS)
        for word in cause.words
    ]
    foot = _("Each person counts once. Names of people are left out.")
    return html_tag(
        "div",
        head,
        bar_list(rows, sentence=_("Words that stand out")),
        html_tag("p", foot, cls="sp-card-foot"),
        cls="sp",
    )


def _was(before: int) -> str:
    return _("before: {n}").format(n=number(before))


def _began_card(spike: SpikeView, cause: Cause, now: datetime) -> Markup:
    """Where it came from, and how it is made up."""
    zone = timezone()
    peak = moment_words(spike.peak_at, zone, now=now)
    posts = ngettext("{n} post", "{n} posts", spike.peak_posts)
    parts = [_head(_("Where it came from"), _("most in the hour of {time}: {posts}").format(time=peak, posts=posts))]
    if cause.first is not None:
        told = _("First on {channel}, {time}").format(
            channel=words.channel_word(cause.first.channel), time=moment_words(cause.first.published_at, zone, now=now)
        )
        parts += [html_tag("p", html_tag("b", told)), _quote(cause.first.text, cause.first.language)]
    for each in cause.spread:
        people = ngettext("{n} person", "{n} people", each.people)
        at = moment_words(each.first_at, zone, now=now)
        said = _("{channel}: {people}, since {time}")
        parts.append(html_tag("p", said.format(channel=words.channel_word(each.channel), people=people, time=at)))
    if cause.thread is not None:
        share = _("{n} of {all} under one post").format(n=number(cause.thread.posts), all=number(cause.posts_read))
        parts += [html_tag("p", html_tag("b", share)), _quote(cause.thread.text or "", None)]
    if cause.accounts:
        names = ", ".join(f"{a.name or a.handle} ({number(a.posts)})" for a in cause.accounts)
        parts.append(html_tag("p", _("Who wrote more than once: {names}").format(names=names), dir="auto"))
    kinds = ", ".join(f"{_kind(name)} {number(n)}" for name, n in cause.kinds)
    parts.append(html_tag("p", _("What people write: {kinds}").format(kinds=kinds), cls="muted"))
    if cause.reasons:
        codes = ", ".join(f"{words.reason_words(RankReason(code))} {number(n)}" for code, n in cause.reasons)
        parts.append(html_tag("p", _("Why it presses: {reasons}").format(reasons=codes), cls="muted"))
    return html_tag("div", *parts, cls="sp sp-stack s")


def _kind(name: str) -> str:
    return _("not judged yet") if name == "unjudged" else words.kind_word(name)


def _quote(text: str, language: str | None) -> Markup:
    said = {"lang": language} if language else {}
    return html_tag("p", text, cls="sp-line-text muted", dir="auto", **said) if text else Markup("")


def _posts(cause: Cause, now: datetime) -> None:
    source = ngettext("{n} post, the most telling first", "{n} posts, the most telling first", cause.posts_read)
    st.html(_head(_("The posts behind it"), source))
    for post in cause.posts[:LISTED]:
        told = [words.channel_word(post.channel), moment_words(post.published_at, timezone(), now=now)]
        name = html_tag("b", post.author_name or post.handle or _("deleted author"), dir="auto")
        head = html_tag("p", join_markup([name, html_tag("span", " · " + " · ".join(told), cls="muted")]), cls="xs")
        body = html_tag("div", head, _quote_plain(post.text, post.language), cls="sp sp-behind")
        with st.container(key=f"sp_row_case_sp_{post.mention_id}", horizontal=True, vertical_alignment="center"):
            st.html(body)
            if post.case_id is not None:
                st.button(_("Open the case"), key=f"sp_sp_{post.mention_id}", on_click=to_case, args=(post.case_id,))


def _quote_plain(text: str, language: str | None) -> Markup:
    said = {"lang": language} if language else {}
    return html_tag("p", text, cls="sp-line-text", dir="auto", **said)


def _waiting(cause: Cause, now: datetime) -> None:
    source = _("of {n} people with a case").format(n=number(len(cause.cases)))
    st.html(_head(ngettext("{n} person waits", "{n} people wait", len(cause.waiting)), source))
    for person in cause.waiting[:LISTED]:
        owner = person.owner_name or _("nobody has it")
        foot = " · ".join([words.channel_word(person.channel), owner, say.since_words(person.waiting_since, now)])
        with st.container(key=f"sp_row_case_wait_{person.case_id}", horizontal=True, vertical_alignment="center"):
            st.html(line(person.name, "", foot))
            st.button(_("Open"), key=f"sp_wait_{person.case_id}", on_click=to_case, args=(person.case_id,))
    if len(cause.waiting) > LISTED:
        st.caption(ngettext("And {n} more.", "And {n} more.", len(cause.waiting) - LISTED))


def _decide(found: Seat, brand: Brand, spike: SpikeView, cause: Cause) -> None:
    """One problem instead of many cases, or a word that it is no news."""
    if spike.problem_id is not None:
        st.button(
            _("Open its problem: {title}").format(title=spike.problem_title or ""),
            key="sp_spike_its_problem",
            type="primary" if spike.problem_lives else "secondary",
            width="stretch",
            on_click=opening.show,
            args=("problem", spike.problem_id),
        )
    if not spike.problem_lives and found.may(Right.WORK) and cause.cases:
        st.html(
            _head(_("One problem instead of many cases"), _("its cases keep their owners; later ones can be added"))
        )
        opening.fields(brand, suggested=_suggested(cause), cases=(), spike_id=spike.spike_id)
    if found.may(Right.PROBLEMS) and spike.state is not SpikeState.SET_ASIDE:
        with st.popover(_("It is no news"), width="stretch"), st.form("sp_set_aside", border=False):
            st.text_input(_("What is it?"), key="sp_aside_reason", max_chars=REASON_CHARS)
            st.form_submit_button(_("Set aside"), on_click=_set_aside, args=(spike.spike_id,))


def _suggested(cause: Cause) -> str:
    return ", ".join(word.word for word in cause.words[:3]).capitalize()


def _set_aside(spike_id: int) -> None:
    found, reason = acting(), st.session_state.get("sp_aside_reason", "")
    attempt(lambda: spikes.set_aside(found.ctx, spike_id, reason=reason), done=_("Set aside: it is counted on."))
