"""Is a case part of a shared problem? A quiet line on it, with the message once there is something to tell."""

from __future__ import annotations

import streamlit as st

from desk.attempt import attempt, steady
from desk.going import to_new_problem, to_problem
from desk.i18n import _, ngettext
from desk.redraw import Part, draw_again
from desk.session import Seat, acting
from desk.widgets.markup import chip
from domain.people import Right
from services import problem_ending, problem_said, problems
from services.cases import CaseView
from services.problem_view import holds


def draw_line(found: Seat, view: CaseView) -> bool:
    """The problem of the case, and its message for the owner; False, with nothing drawn, for a case without one."""
    case_id = view.case.id
    about, problem = steady("sp_last_problem", lambda: (case_id, problems.of_case(found.ctx, case_id)))
    if about == case_id:
        _earlier(found, view, told_beside=problem.untrue if problem else ())
    if about != case_id or problem is None:
        return False
    people = ngettext("with {n} person", "with {n} people", problem.cases)
    with st.container(key="sp_head_problem", horizontal=True, gap="small"):
        st.button(
            f"{problem.title} · {people}",
            key="sp_show_problem",
            icon=":material/hub:",
            type="tertiary",
            help=_("This case is part of a shared problem. Opens it."),
            on_click=to_problem,
            args=(problem.problem_id,),
        )
        typed = view.draft.text if view.draft else ""
        if problem.message and view.case.owner_id == found.member.id and not holds(typed, problem.message):
            st.button(
                _("Put its message below your draft") if typed else _("Take its message as a draft"),
                key="sp_take_message",
                type="tertiary",
                icon=":material/edit_note:",
                on_click=_take,
                args=(case_id,),
            )
        if view.under_way and _holds_one(view.under_way.text, problem.untrue):
            st.html(chip("warn", _("The problem is back: what this reply says is not true any more."), "warning"))
        if _holds_one(typed, problem.untrue):
            st.html(chip("warn", _("The problem is back: the message in your draft is not true any more."), "warning"))
    return True


def _earlier(found: Seat, view: CaseView, *, told_beside: tuple[str, ...]) -> None:
    """A sign while a draft, or what is under way, holds a message that its problem has no more."""
    words = [each.text for each in (view.draft, view.under_way) if each is not None]
    if not any(words) or any(_holds_one(each, told_beside) for each in words):
        return
    case_id = view.case.id
    about, said = steady("sp_last_said", lambda: (case_id, problem_said.of_case(found.ctx, case_id)))
    if about == case_id and any(said.is_earlier(each) for each in words):
        sign = _("An earlier message of a problem stands here: it is not to be told any more.")
        st.html(chip("warn", sign, "warning"))


def _holds_one(typed: str, messages: tuple[str, ...]) -> bool:
    return any(holds(typed, each) for each in messages)


def draw_way(found: Seat, case_ids: tuple[int, ...]) -> None:
    """From cases with the same problem to one problem that groups them."""
    if found.may(Right.WORK) and len(case_ids) > 1:
        st.button(
            _("Make it one problem"),
            key="sp_new_problem",
            icon=":material/hub:",
            type="tertiary",
            on_click=to_new_problem,
            args=(case_ids,),
        )


def _take(case_id: int) -> None:
    found = acting()
    attempt(lambda: problem_ending.take_message(found.ctx, case_id), done=_("The message stands in your draft."))
    draw_again(Part.CASE)
