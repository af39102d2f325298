"""How far can the model be trusted? Its labels beside those of the colleagues who read the same posts."""

from __future__ import annotations

import streamlit as st

from desk import words
from desk.attempt import fetch
from desk.going import follow, to_case
from desk.i18n import _, ngettext
from desk.lesson_words import head_word
from desk.numbers import number, percent
from desk.page_parts import empty, title
from desk.pages import lesson_panel
from desk.session import Seat, seat
from desk.widgets.markup import Markup, html_tag, join_markup
from desk.words import language_word
from domain.brand import Brand
from services import trust
from services.trust import (
    ENOUGH_POSTS,
    HEADS,
    KIND,
    URGENCY,
    WINDOW_DAYS,
    HeadTrust,
    Label,
    Mistake,
    PostBehind,
    Share,
    Trust,
)


def draw(_found: Seat, brand: Brand | None) -> None:
    """Figures first, then where it goes wrong with the posts behind, then how it is taught."""
    title(_("How far can the model be trusted?"), _("Its labels beside those of colleagues who read the same posts."))
    if brand is None:
        empty(_("Nothing to compare yet"), _("There is no brand yet."), key="no_brand")
        return
    _room(brand)


@st.fragment(key="trust")
def _room(brand: Brand) -> None:
    follow()
    found = seat()
    seen = fetch(lambda: trust.trust(found.ctx, brand.id))
    st.html(html_tag("div", html_tag("p", _rests_on(seen), cls="s muted"), cls="sp"))
    st.html(html_tag("div", *[_card(each) for each in seen.heads], _unsure_card(seen), cls="sp sp-figures"))
    st.html(html_tag("p", _what_it_means(seen), cls="sp s muted"))
    if seen.read_posts >= ENOUGH_POSTS:
        _languages(seen)
    _mistakes(seen)
    lesson_panel.draw(brand, seen)


def _rests_on(seen: Trust) -> str:
    """n, and what was left out."""
    parts = [ngettext("{n} post read by a colleague", "{n} posts read by colleagues", seen.read_posts)]
    parts[0] = parts[0].format(n=number(seen.read_posts))
    if seen.models:
        parts.append(_("judged by {models}").format(models=", ".join(seen.models)))
    if seen.by_rules_alone:
        left = ngettext(
            "{n} left out: no model had read it yet", "{n} left out: no model had read them yet", seen.by_rules_alone
        )
        parts.append(left.format(n=number(seen.by_rules_alone)))
    if seen.disputed:
        two = ngettext(
            "on {n} two colleagues differ: the latest word counts",
            "on {n} two colleagues differ: the latest word counts",
            seen.disputed,
        )
        parts.append(two.format(n=number(seen.disputed)))
    return " · ".join(parts)


def _what_it_means(seen: Trust) -> str:
    """In plain words: how a post comes to count, and how far a figure can be believed."""
    counts = _(
        "A post counts once a colleague presses G and saves; saving without a change says that the model is right."
    )
    if seen.read_posts < ENOUGH_POSTS:
        begins = _("Fewer than {needed} posts would tell more of chance than of the model, so no figure is shown.")
        return f"{counts} {begins.format(needed=ENOUGH_POSTS)}"
    margin = _(
        "n is how many posts a figure rests on. Few posts tell it only roughly: the grey band shows where the true one "
        "lies, 95 times in 100."
    )
    bias = _(
        "Colleagues correct what is wrong more often than they confirm what is right, so over all posts the model is "
        "probably right more often than this."
    )
    return f"{margin} {bias} {counts}"


def _card(each: HeadTrust) -> Markup:
    """Label, figure, interval; below ENOUGH_POSTS no figure at all."""
    beside = (
        ""
        if each.shipped is None
        else _("{share} on Sportello’s own test posts, n = {n}")
        .format(share=percent(each.shipped.value), n=number(each.shipped.n))
        .replace("n = ", "n\u00a0=\u00a0")
    )
    return _figure(head_word(each.head), each.agreed, _("as colleagues say"), beside)


def _unsure_card(seen: Trust) -> Markup:
    now = seen.unsure_now
    beside = (
        _("“Not sure” on {share} of the posts of {days} days").format(share=percent(now.value), days=WINDOW_DAYS)
        if now.n
        else ""
    )
    return _figure(_("Errors it had doubts about"), seen.wrong_unsure, _("of its mistakes"), beside)


def _figure(label: str, share: Share, of_what: str, beside: str) -> Markup:
    foot = [html_tag("p", beside, cls="xs muted")] if beside else []
    head = html_tag("p", label, cls="s muted")
    if not share.is_enough:
        few = _("Not enough posts yet: {n} of {needed}").format(n=number(share.n), needed=ENOUGH_POSTS)
        return html_tag("div", head, html_tag("p", few, cls="few"), *foot, cls="sp-card-figure")
    low, high = share.interval
    margin = _("between {low} and {high}").format(low=percent(low), high=percent(high))
    n = _("n = {n} · 95% margin").format(n=number(share.n))
    value = html_tag("p", html_tag("b", percent(share.value)), " ", html_tag("span", of_what, cls="s muted"), cls="big")
    return html_tag(
        "div", head, value, _span(share), html_tag("p", f"{margin} · {n}", cls="xs muted"), *foot, cls="sp-card-figure"
    )


def _span(share: Share) -> Markup:
    """The interval as a band on a line from 0 to 100 %, the share as a tick; the words beside say the same."""
    low, high = share.interval
    band = html_tag("i", "", cls="band", style=f"left:{low:.1%};width:{high - low:.1%}")
    return html_tag(
        "span", band, html_tag("i", "", cls="tick", style=f"left:{share.value:.1%}"), cls="sp-span", aria_hidden="true"
    )


def _languages(seen: Trust) -> None:
    st.subheader(_("By language"), anchor=False)
    heads = (_("Language"), *(head_word(each) for each in HEADS))
    head = html_tag("tr", *[html_tag("th", each, scope="col") for each in heads])
    by_language: dict[str, list[HeadTrust]] = {}
    for each in seen.by_language:
        by_language.setdefault(each.language, []).append(each)
    body = [
        html_tag("tr", html_tag("th", _language(language), scope="row"), *[html_tag("td", *_cell(e)) for e in found])
        for language, found in by_language.items()
    ]
    table = html_tag("table", html_tag("thead", head), html_tag("tbody", join_markup(body)), cls="sp-table sp-trusted")
    st.html(html_tag("div", table, cls="sp sp-scroll-x"))


def _language(code: str) -> str:
    return _("language not recognised") if code == "und" else language_word(code)


def _cell(each: HeadTrust) -> list[str | Markup]:
    share = each.agreed
    if not share.is_enough:
        few = _("not enough yet ({n} of {needed})").format(n=number(share.n), needed=ENOUGH_POSTS)
        return [html_tag("span", few, cls="muted")]
    low, high = share.interval
    told = _("{low} to {high}, n = {n}").format(low=percent(low), high=percent(high), n=number(share.n))
    return [html_tag("b", percent(share.value)), " ", html_tag("span", told, cls="muted"), _span(share)]


def _mistakes(seen: Trust) -> None:
    st.subheader(_("Where it goes wrong"), anchor=False)
    if not seen.read_posts:
        words_of_it = _("What colleagues correct shows here, with the posts behind it.")
        empty(_("Nothing to compare yet"), words_of_it, key="mistakes", is_well=False)
    elif not seen.mistakes:
        empty(
            _("No mistake is known"), _("What colleagues correct shows here, with the posts behind it."), key="mistakes"
        )
    for place, mistake in enumerate(seen.mistakes):
        times = ngettext("{n} time", "{n} times", mistake.n).format(n=number(mistake.n))
        with st.expander(f"{head_word(mistake.head)}: {_said(mistake)} · {times}"):
            # By their place: two posts of one case can be wrong in the same way.
            for n, post in enumerate(mistake.posts):
                with st.container(horizontal=True, vertical_alignment="center", key=f"sp_row_wrong_{place}_{n}"):
                    st.html(_post(post))
                    key = f"sp_wrong_{place}_{n}"
                    st.button(_("Open the case"), key=key, type="tertiary", on_click=to_case, args=(post.case_id,))


def _post(post: PostBehind) -> Markup:
    words_of_post = html_tag("p", post.text, cls="sp-line-text", dir="auto", lang=post.language)
    return html_tag("div", words_of_post, html_tag("p", _language(post.language), cls="xs muted"), cls="sp sp-line")


def _said(mistake: Mistake) -> str:
    said, meant = (_label(mistake.head, each) for each in (mistake.said, mistake.meant))
    return _("said “{said}”, it was “{meant}”").format(said=said, meant=meant)


def _label(head: str, label: Label) -> str:
    if head == URGENCY:
        return words.urgency_word(int(label))
    return words.kind_word(str(label)) if head == KIND else words.sentiment_word(str(label))
