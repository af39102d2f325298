"""How is a problem opened? A name, what is known, and the cases it begins with."""

from __future__ import annotations

import streamlit as st

from desk import pulse
from desk.attempt import attempt
from desk.going import PROBLEM_CASES, open_here
from desk.i18n import _, ngettext
from desk.page_parts import title
from desk.session import Seat, acting, choose_brand
from domain.brand import Brand
from domain.problem import ABOUT_CHARS, TITLE_CHARS
from services import problems

_TITLE, _ABOUT = "sp_problem_title", "sp_problem_about"


def show(kind: str, number: int | None) -> None:
    """Callback: show a problem, a spike, or (with an empty kind) the list."""
    open_here(kind, number)


def back() -> None:
    """The way back to the list."""
    st.button(
        _("All problems"),
        key="sp_problems_back",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=show,
        args=("", None),
    )


def settle_brand(brand: Brand, brand_id: int) -> None:
    """Show the brand that what is open belongs to: an address, a notice or an alert may lead to any."""
    if brand_id != brand.id:
        pulse.forget(keeps_case=True)
        choose_brand(brand_id)
        st.rerun()


def draw(found: Seat, brand: Brand) -> None:
    """A new problem over the cases chosen elsewhere."""
    back()
    chosen: tuple[int, ...] = st.session_state.get(PROBLEM_CASES, ())
    title(_("A new problem"), ngettext("Over {n} case, chosen before.", "Over {n} cases, chosen before.", len(chosen)))
    with st.container(width=640):
        fields(brand, suggested="", cases=chosen, spike_id=None)


def fields(brand: Brand, *, suggested: str, cases: tuple[int, ...], spike_id: int | None) -> None:
    """The name and what is known, with the button that opens it."""
    with st.form("sp_problem_new", border=True):
        st.text_input(_("Name of the problem"), value=suggested, key=_TITLE, max_chars=TITLE_CHARS)
        st.text_area(_("What is known so far (optional)"), key=_ABOUT, max_chars=ABOUT_CHARS, height=90)
        st.form_submit_button(_("Open the problem"), type="primary", on_click=_open, args=(brand.id, cases, spike_id))


def _open(brand_id: int, cases: tuple[int, ...], spike_id: int | None) -> None:
    found = acting()
    name, about = st.session_state.get(_TITLE, ""), st.session_state.get(_ABOUT, "")

    def act() -> None:
        view = problems.open_problem(found.ctx, brand_id, title=name, about=about, cases=cases, spike_id=spike_id)
        st.session_state.pop(PROBLEM_CASES, None)
        open_here("problem", view.line.problem_id)

    attempt(act, done=_("The problem is open. Each case keeps its owner."))
