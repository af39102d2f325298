"""What do many customers bring at once? Spikes with their cause, and problems that group cases until all are told."""

from __future__ import annotations

import streamlit as st

from desk import problem_words as say
from desk.attempt import fetch
from desk.going import follow, keep_in_address, opened_here
from desk.i18n import _
from desk.page_parts import empty, line, title
from desk.pages.problems import opening, problem_page, spike_page
from desk.session import Seat, seat
from desk.widgets.assets import read_asset
from desk.widgets.frame import install_style
from desk.widgets.markup import chip
from domain.brand import Brand
from domain.problem import ProblemState
from services import problems, spikes
from services.problems import ProblemLine
from services.spikes import SpikeView

ROWS = 30
_CSS = read_asset("trends.css")


def draw(_found: Seat, brand: Brand | None) -> None:
    """The list, one spike, one problem, or a problem that is being opened."""
    if brand is None:
        title(_("Problems"))
        empty(_("No problem is open"), _("There is no brand yet."), key="no_brand")
        return
    install_style(_CSS)
    _room(brand)


@st.fragment(key="problems")
def _room(brand: Brand) -> None:
    follow()
    found = seat()
    kind, number = opened_here()
    for name in ("problem", "spike"):
        if name == kind:
            keep_in_address(name, number)
        elif name in st.query_params:
            del st.query_params[name]
    if kind == "new":
        opening.draw(found, brand)
    elif kind == "problem" and number is not None:
        problem_page.draw(found, brand, number)
    elif kind == "spike" and number is not None:
        spike_page.draw(found, brand, number)
    else:
        _list(found, brand)


def _list(found: Seat, brand: Brand) -> None:
    title(
        _("Problems"),
        _("What many people bring at once. Their cases keep their owners; when it is solved, each hears from theirs."),
    )
    seen = fetch(lambda: spikes.spikes_of(found.ctx, brand.id))
    living = fetch(lambda: problems.problems_of(found.ctx, brand.id, rows=ROWS))
    if seen:
        st.subheader(_("Spoken of more than usual"), anchor=False)
        for spike in seen[:ROWS]:
            _spike(found, spike)
    st.subheader(_("Open problems"), anchor=False)
    if not living:
        words = _("A problem begins with a spike, with a day of the trends, or with the cases of one problem.")
        empty(_("No problem is open"), words, key="problems")
    for problem in living:
        _problem(found, problem)
    if st.toggle(_("Show closed ones"), key="sp_problems_closed"):
        closed = fetch(lambda: problems.problems_of(found.ctx, brand.id, closed=True, rows=ROWS))
        if not closed:
            st.caption(_("None was closed yet."))
        for problem in closed:
            _problem(found, problem)


def _spike(found: Seat, spike: SpikeView) -> None:
    with st.container(
        border=True, key=f"sp_row_spike_{spike.spike_id}", horizontal=True, vertical_alignment="center", gap="small"
    ):
        foot = say.spike_foot(spike, found.ctx.clock())
        st.html(line(say.spike_title(spike), "", foot, marks=[chip(*say.spike_state(spike))]))
        if spike.problem_id is not None:
            st.button(
                _("Its problem"),
                key=f"sp_spike_problem_{spike.spike_id}",
                on_click=opening.show,
                args=("problem", spike.problem_id),
                type="tertiary",
            )
        st.button(
            _("What is behind it"),
            key=f"sp_spike_open_{spike.spike_id}",
            on_click=opening.show,
            args=("spike", spike.spike_id),
        )


def _problem(found: Seat, problem: ProblemLine) -> None:
    with st.container(
        border=True,
        key=f"sp_row_problem_{problem.problem_id}",
        horizontal=True,
        vertical_alignment="center",
        gap="small",
    ):
        parts = [say.people_words(problem), say.since_words(problem.opened_at, found.ctx.clock())]
        if problem.outcome is not None:
            parts = [say.people_words(problem), say.outcome_word(problem.outcome)]
        kind, sign = ("done", "check") if problem.state is ProblemState.SOLVED else ("lock", "clock")
        mark = chip(kind, say.state_word(problem.state), sign)
        st.html(line(problem.title, "", " · ".join(parts), marks=[mark]))
        st.button(
            _("Open"),
            key=f"sp_problem_open_{problem.problem_id}",
            on_click=opening.show,
            args=("problem", problem.problem_id),
        )
