"""What did care return this month? One page for a director, in sentences, to be read here or taken away as a PDF."""

from __future__ import annotations

import streamlit as st

from desk import i18n, report_words
from desk.attempt import fetch
from desk.going import follow
from desk.i18n import _, speaking
from desk.page_parts import empty, title
from desk.report_routes import path_of
from desk.report_sections import Quote, Section
from desk.session import Seat, seat
from desk.widgets.assets import read_asset
from desk.widgets.frame import install_style
from desk.widgets.markup import Markup, html_tag, join_markup, text_with_bold
from desk.words import language_word
from domain.brand import Brand
from domain.people import Right
from domain.text import one_line
from services import report
from services.export_orders import LONGEST_PURPOSE_CHARS, SHORTEST_PURPOSE_CHARS
from services.report import Month

_CSS = read_asset("report.css")
_MONTH, _LANGUAGE, _LINKS = "sp_report_month", "sp_report_language", "sp_report_links"
_PURPOSE = "sp_report_purpose"


def draw(_found: Seat, brand: Brand | None) -> None:
    """The month, the language, and the report itself; nothing about a colleague."""
    install_style(_CSS)
    if brand is None:
        title(_("Report"))
        empty(_("Nothing to tell yet"), _("There is no brand yet."), key="no_brand")
        return
    _room(brand)


@st.fragment(key="report")
def _room(brand: Brand) -> None:
    follow()
    found = seat()
    with st.container(key="sp_report_head", horizontal=True, vertical_alignment="center", gap="small"):
        title(_("Report"), _("What care returned in a month, in sentences: for whoever decides about it."))
        month, language, links = _chosen(found, brand)
    _ask_purpose()
    told = fetch(lambda: report.report(found.ctx, brand.id, month, links=links, purpose=_purpose()))
    with speaking(language):
        page = report_words.page(told)
    st.html(article(page, language=language))


def _purpose() -> str:
    """What the names are needed for that links lead to, as it was typed; too short a one is none."""
    said = one_line(str(st.session_state.get(_PURPOSE) or ""), max_chars=LONGEST_PURPOSE_CHARS)
    return said if len(said) >= SHORTEST_PURPOSE_CHARS else ""


def _ask_purpose() -> None:
    """Where links are wanted: the purpose, and that there are none without one."""
    if not st.session_state.get(_LINKS):
        return
    with st.container(key="sp_report_why", gap="small"):
        st.text_input(
            _("What are the names needed for?"),
            key=_PURPOSE,
            max_chars=300,
            help=_("It is recorded with your name in the audit, each time you read the report with links."),
            width=560,
        )
        if not _purpose():
            st.caption(_("Names leave only for a purpose: say which, in a few words."))


def _chosen(found: Seat, brand: Brand) -> tuple[Month, str, bool]:
    """The month, the language, whether the quoted posts are linked; and the button that makes a PDF of these."""
    known = fetch(lambda: report.months(found.ctx, brand.id))
    usual = fetch(lambda: report.usual_month(found.ctx, brand.id))
    month = st.selectbox(
        _("Month"),
        known,
        index=known.index(usual) if usual in known else 0,
        format_func=report_words.month_name,
        key=f"{_MONTH}_{brand.id}",
        label_visibility="collapsed",
        width=190,
    )
    st.session_state.setdefault(_LANGUAGE, found.member.language)
    language = st.segmented_control(
        _("Language of the report"),
        sorted(i18n.LANGUAGES, key=lambda each: each != found.member.language),
        format_func=language_word,
        key=_LANGUAGE,
        required=True,
        label_visibility="collapsed",
    )
    wanted = found.may(Right.IDENTIFY) and st.toggle(
        _("With links"), key=_LINKS, help=_("Links lead to the posts quoted, and so say who wrote them.")
    )
    links, purpose = bool(wanted and _purpose()), _purpose()
    address = path_of(brand.id, month, language=str(language), links=links, purpose=purpose)
    st.link_button(_("PDF"), address, icon=":material/picture_as_pdf:", type="primary")
    return month, str(language), links


def article(page: report_words.Page, *, language: str) -> Markup:
    """The report as one article, in its own language."""
    head = [
        html_tag("h2", page.title, cls="sp-report-title"),
        html_tag("p", page.about, cls="s muted"),
        html_tag("p", text_with_bold(page.opening), cls="sp-report-opening"),
    ]
    foot = html_tag("footer", *(html_tag("p", said) for said in page.basis))
    parts = [html_tag("header", *head), *map(_section, page.sections), foot]
    return html_tag("div", html_tag("article", *parts, cls="sp-report", lang=language), cls="sp")


def _section(section: Section) -> Markup:
    body = [html_tag("p", text_with_bold(section.text)), *map(_quote, section.quotes)]
    return html_tag("section", html_tag("h3", section.heading), html_tag("div", *body))


def _quote(quote: Quote) -> Markup:
    where = f"{quote.where}, {quote.day}"
    link = {"href": quote.url, "target": "_blank", "rel": "noopener noreferrer"}
    is_safe = quote.url.startswith(("https://", "http://"))
    return html_tag(
        "blockquote",
        _said(quote.before, quote.before_language, "muted"),
        _said(quote.after, quote.after_language, ""),
        html_tag("p", html_tag("a", where, **link) if is_safe else where, cls="xs muted"),
    )


def _said(text: str, language: str, cls: str) -> Markup:
    said = {"lang": language} if language else {}
    return html_tag("p", join_markup([text]), cls=cls, dir="auto", **said)
