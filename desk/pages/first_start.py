"""How does a new desk begin? With the sample to look around, a file one has, or one's own brand; nothing blocks."""

from __future__ import annotations

import streamlit as st

from desk import backend, going, pulse
from desk.attempt import attempt, fetch
from desk.i18n import _
from desk.page_parts import title
from desk.session import Seat, acting, choose_brand
from desk.widgets.markup import html_tag, icon
from desk.widgets.states import StateBox, StateStep, StateTone, state_box
from domain.brand import Brand
from domain.people import Right
from services import brands, sample


def draw(found: Seat, _brand: Brand | None) -> None:
    """Three ways to begin; each can be left at any time."""
    title(
        _("Getting started"),
        _("Look around with the sample, or begin with what is yours. Nothing here has to be finished."),
    )
    known = fetch(lambda: brands.list_brands(found.ctx))
    own = [brand for brand in known if not brand.is_sample]
    with st.container(width=620):
        state_box(_steps(own, known), key="start")
        _own_brand(found)
        _sample(found, has_sample=any(brand.is_sample for brand in known))
        _file(found, own)
        if not backend.settings().publishing_live:
            off = _(
                "Publishing is switched off: you can read and write drafts, nothing goes out until you switch it on."
            )
            st.html(html_tag("p", icon("lock", size="sm"), " ", off, cls="sp xs muted"))


def _steps(own: list[Brand], known: list[Brand]) -> StateBox:
    named = (
        _("The brand: **{name}**").format(name=own[0].name) if own else _("**Name your brand** or look at the sample")
    )
    steps = (
        StateStep(named, done=bool(own), current=not own),
        StateStep(_("Where do we listen? A file you have is enough to begin"), current=bool(own)),
        StateStep(_("Who answers with you? Colleagues are added under Team")),
    )
    heading = _("Welcome. Let us begin with one thing") if not known else _("What to do next")
    return StateBox(StateTone.START, heading, steps=steps)


def _own_brand(found: Seat) -> None:
    if not found.may(Right.SETUP):
        return
    with st.form("sp_new_brand", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            name = st.text_input(_("Name of your brand"), placeholder=_("as people write it"))
            if st.form_submit_button(_("Make the brand"), type="primary"):
                _add(name or "")


def _add(name: str) -> None:
    found = acting()
    made: list[Brand] = []
    if attempt(lambda: made.append(brands.add_brand(found.ctx, name)), done=_("The brand is there.")):
        pulse.forget()
        choose_brand(made[0].id)
    st.rerun()


def _sample(found: Seat, *, has_sample: bool) -> None:
    if not found.may(Right.SETUP):
        return
    st.subheader(_("The sample"), anchor=False)
    st.caption(
        _("An invented energy company with some 70 customers. It is kept out of every figure of your own brands.")
    )
    with st.container(horizontal=True, gap="small"):
        if has_sample:
            st.button(_("Tell its story again"), key="sp_sample_reset", on_click=_do_sample, args=("reset",))
            st.button(_("Remove the sample"), key="sp_sample_remove", on_click=_do_sample, args=("remove",))
        else:
            st.button(_("Try with the sample"), key="sp_sample_install", on_click=_do_sample, args=("install",))


def _do_sample(what: str) -> None:
    found = acting()
    act = {"install": sample.install, "reset": sample.reset, "remove": sample.remove}[what]
    done = {
        "install": _("The sample is there: its cases are in the queue."),
        "reset": _("The sample begins again."),
        "remove": _("The sample is gone, with everything in it."),
    }[what]
    if attempt(lambda: act(found.ctx), done=done):
        pulse.forget()
        choose_brand(None)


def _file(found: Seat, own: list[Brand]) -> None:
    if not found.may(Right.IMPORT):
        return
    st.subheader(_("A file you have"), anchor=False)
    st.caption(
        _("Posts as CSV, XLSX or JSON lines. The columns are guessed, and you see them before anything is stored.")
    )
    st.button(_("Import a file"), key="sp_start_import", on_click=going.to_room, args=("import",), disabled=not own)
