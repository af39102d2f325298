"""How does a new desk begin? With the sample to look around, a file one has, or one's own brand; nothing blocks."""

from __future__ import annotations

import streamlit as st

from desk import backend, going, pulse
from desk.asking import ask_first
from desk.attempt import attempt, fetch, tell_done
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
        if own:
            _listen(found, own)
        _own_brand(found, is_first=not own)
        if not own:
            _listen(found, own)
        _sample(found, has_sample=any(brand.is_sample for brand in known))
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


def _own_brand(found: Seat, *, is_first: bool) -> None:
    if not found.may(Right.SETUP):
        return
    with st.form("sp_new_brand", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            label = _("Name of your brand") if is_first else _("Name of another brand")
            name = st.text_input(label, placeholder=_("as people write it"))
            if st.form_submit_button(_("Make the brand"), type="primary" if is_first else "secondary"):
                _add(name or "")


def _add(name: str) -> None:
    found = acting()
    made: list[Brand] = []
    if attempt(lambda: made.append(brands.add_brand(found.ctx, name))):
        tell_done(_("{name} is there. Next: a file with posts, or a channel.").format(name=made[0].name))
        pulse.forget()
        choose_brand(made[0].id)
        going.to_room("start")  # not into an empty queue: the next step stands here
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
            ask_first(
                _("Tell its story again"),
                _("Begin the sample again? What colleagues wrote in it is gone."),
                key="sp_sample_reset",
                act=_do_sample,
                args=("reset",),
                yes=_("Begin again"),
            )
            ask_first(
                _("Remove the sample"),
                _("Remove the sample? What colleagues wrote in it is gone too; the sample itself can be put back."),
                key="sp_sample_remove",
                act=_do_sample,
                args=("remove",),
                yes=_("Remove"),
            )
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


def _listen(found: Seat, own: list[Brand]) -> None:
    """Where posts come from: the next step, once there is a brand of one's own, and the reason while there is none."""
    st.subheader(_("Where do the posts come from?"), anchor=False)
    st.caption(
        _("Posts as CSV, XLSX or JSON lines. The columns are guessed, and you see them before anything is stored.")
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if found.may(Right.IMPORT):
            st.button(
                _("Import a file"),
                key="sp_start_import",
                type="primary" if own else "secondary",
                on_click=_begin,
                args=("import", own[0].id if own else None),
                disabled=not own,
            )
        if found.may(Right.CHANNELS):
            st.button(
                _("Connect a channel"),
                key="sp_start_channel",
                on_click=_begin,
                args=("channels", own[0].id if own else None),
                disabled=not own,
            )
        if not own:
            reason = _("First name your brand: what you bring in belongs to it.")
            st.html(html_tag("p", reason, cls="sp xs muted"))


def _begin(room: str, brand_id: int | None) -> None:
    """With the own brand chosen: what is brought in belongs there, not to the sample."""
    choose_brand(brand_id)
    going.to_room(room)
