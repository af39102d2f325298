"""Who did what, when, and was it allowed? The trail, the newest first; nothing in it can be changed."""

from __future__ import annotations

import streamlit as st

from desk.attempt import fetch
from desk.audit_details import details_words
from desk.audit_words import ACTS, about_words, act_words
from desk.i18n import N_, _
from desk.numbers import clock_second, local, short_day
from desk.page_parts import empty, title
from desk.session import Seat, seat, timezone
from desk.widgets.markup import Markup, html_tag, icon, join_markup
from domain.brand import Brand
from services import team, trail
from services.trail import TrailLine

ROWS = 50
_BEFORE = "sp_audit_before"
_OUTCOMES = {"done": N_("done"), "refused": N_("refused")}


def draw(_found: Seat, _brand: Brand | None) -> None:
    """Lines with filters, paged by where one stands, not by counting."""
    title(
        _("Audit"),
        _("Every act with its outcome, also what was refused. Ids and codes only: no text, no names of customers."),
    )
    _list()


@st.fragment(key="audit")
def _list() -> None:
    found = seat()
    names = {f"user:{member.id}": member.name for member in fetch(lambda: team.members(found.ctx))}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        actor = st.selectbox(
            _("Who"),
            ["", *names, "system", "visitor"],
            format_func=lambda each: names.get(each) or _actor(each, {}) or _("Everybody"),
            key="sp_audit_actor",
            width=240,
            on_change=_from_the_top,
        )
        action = st.selectbox(
            _("Act"),
            ["", *ACTS],
            format_func=lambda each: act_words(each) if each else _("Every act"),
            key="sp_audit_action",
            width=280,
            on_change=_from_the_top,
        )
    before = st.session_state.get(_BEFORE)
    lines = fetch(
        lambda: trail.page(found.ctx, before_id=before, actor=actor or None, action=action or None, rows=ROWS)
    )
    if not lines:
        empty(_("No line here"), _("Nothing was recorded for this choice."), key="audit")
        return
    st.html(_table(found, lines, names))
    _pages(lines)


def _table(found: Seat, lines: list[TrailLine], names: dict[str, str]) -> Markup:
    heads = (_("When"), _("Who"), _("Act"), _("About"), _("Outcome"), _("Details"))
    head = html_tag("tr", *[html_tag("th", each, scope="col") for each in heads])
    body = join_markup([_row(found, each, names) for each in lines])
    table = html_tag("table", html_tag("thead", head), html_tag("tbody", body), cls="sp-table")
    return html_tag("div", table, cls="sp sp-scroll-x")


def _row(found: Seat, each: TrailLine, names: dict[str, str]) -> Markup:
    zone = timezone()
    day = short_day(local(each.at, zone).date(), today=local(found.ctx.clock(), zone).date())
    known = {int(actor.removeprefix("user:")): name for actor, name in names.items()}
    about = about_words(each.entity, each.entity_id, names=known)
    details = details_words(each.reason, each.details, names=known)
    refused = each.outcome == "refused"
    sign = icon("no_ask" if refused else "check", size="sm", cls="bad" if refused else "good")
    return html_tag(
        "tr",
        html_tag("td", f"{day}, {clock_second(each.at, zone)}"),
        html_tag("td", _actor(each.actor, names)),
        html_tag("td", act_words(each.action)),
        html_tag("td", about),
        html_tag("td", sign, " ", _(_OUTCOMES.get(each.outcome, each.outcome))),
        html_tag("td", details, cls="muted"),
    )


def _actor(actor: str, names: dict[str, str]) -> str:
    fixed = {"system": _("the desk itself"), "visitor": _("a visitor"), "nobody": _("a visitor")}
    if actor.startswith("cli:"):
        return _("command line ({user})").format(user=actor.removeprefix("cli:"))
    return names.get(actor) or fixed.get(actor, actor)


def _from_the_top() -> None:
    st.session_state[_BEFORE] = None


def _pages(lines: list[TrailLine]) -> None:
    with st.container(horizontal=True, gap="small"):
        if st.session_state.get(_BEFORE) is not None:
            st.button(_("Newest"), key="sp_audit_first", on_click=_from_the_top, type="tertiary")
        if len(lines) == ROWS:
            st.button(_("Older"), key="sp_audit_older", on_click=_older, args=(lines[-1].id,), type="tertiary")


def _older(line_id: int) -> None:
    st.session_state[_BEFORE] = line_id
