"""Which open cases are like this one? A few, behind one quiet button; a person says which have the same problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from babel.lists import format_list

from desk import words
from desk.attempt import Message, attempt, show_messages, steady, tell
from desk.i18n import _, ngettext
from desk.numbers import locale, since_words
from desk.page_parts import line
from desk.pages.queue import acts
from desk.redraw import Part, draw_again
from desk.session import Seat, acting, timezone
from desk.widgets.states import alert_html
from domain.people import Right
from domain.problem import TITLE_CHARS
from domain.text import one_line
from services import similar
from services.cases import CaseView
from services.similar import Around, SimilarCase

#: So much of what somebody wrote is shown.
TEXT_CHARS = 120
#: The case whose list was done with: it is closed at its next drawing.
_DONE = "sp_similar_done"


def draw(found: Seat, view: CaseView, around: Around) -> None:
    """The button; what stands behind it is drawn once somebody asks for it."""
    case_id = view.case.id
    label = ngettext("{n} similar open case", "{n} similar open cases", len(around.cases))
    # Another look of the window may come between the press and its picture, and bring "open" along from the browser.
    if st.session_state.pop(_DONE, None) == case_id:
        st.session_state[_panel(case_id)] = False
    # What is called otherwise is another one to Streamlit, and closed: whoever is choosing would lose the list.
    if st.session_state.get(_panel(case_id)):
        label = st.session_state.get(_label(case_id), label)
    st.session_state[_label(case_id)] = label
    behind = st.popover(
        label,
        key=_panel(case_id),
        icon=":material/join_inner:",
        type="tertiary",
        on_change="rerun",
        help=_("Found by comparing what people write: it may be wrong."),
    )
    if behind.open:
        with behind, st.container(key="sp_similar_list", gap="small"):
            _choose(found, view, around)
    else:
        st.session_state.pop(_chosen(case_id), None)


def _choose(found: Seat, view: CaseView, around: Around) -> None:
    st.caption(_("Found by comparing what people write: it may be wrong. You decide what belongs together."))
    may = found.may(Right.WORK)
    wanted = _wanted(view.case.id, around)
    ticked = [each for each in around.cases if _row(found, view.case.id, each, wanted, may=may)]
    if not may:
        return
    with st.container(key="sp_similar_act", gap="small"):
        if closed := _closed_since(found, view.case.id, around, ticked):
            st.html(alert_html(_left_out_words(closed), tone="info"))
        # What stands on the case is covered by the panel.
        show_messages("similar")
        with st.container(key="sp_similar_do", horizontal=True, vertical_alignment="bottom", gap="small"):
            _act(view, around, wanted, ticked)


def _act(view: CaseView, around: Around, wanted: int | None, ticked: Sequence[SimilarCase]) -> None:
    """What they become, and the press that makes it so: in sight however long the list is."""
    if wanted is None:
        st.text_input(_("Name of the problem"), key=_title(view.case.id), max_chars=TITLE_CHARS)
    else:
        title = around.problem_title or next(each.problem_title for each in around.cases if each.problem_id == wanted)
        st.html(line("", "", _("They become part of the problem “{title}”.").format(title=title)))
    st.button(
        _("Make it one problem"),
        key="sp_similar_join",
        type="primary",
        icon=":material/hub:",
        disabled=not ticked,
        on_click=_join,
        args=(view.brand.id, view.case.id, {each.case_id: each.name for each in ticked}, wanted, view.customer.name),
    )


def _closed_since(found: Seat, case_id: int, around: Around, ticked: Sequence[SimilarCase]) -> list[str]:
    """The names of those that were ticked here and are in the list no more, because somebody has closed them."""
    listed = {each.case_id for each in around.cases}
    before: Mapping[int, str] = st.session_state.get(_chosen(case_id), {})
    gone = {each: name for each, name in before.items() if each not in listed}
    st.session_state[_chosen(case_id)] = gone | {each.case_id: each.name for each in ticked}
    if not gone:
        return []
    _about, closed = steady("sp_last_closed", lambda: (case_id, similar.closed_among(found.ctx, list(gone))))
    return [name for each, name in gone.items() if each in closed]


def _left_out_words(names: Sequence[str]) -> str:
    said = ngettext(
        "The case of {names} is left out: it was closed in the meantime.",
        "The cases of {names} are left out: they were closed in the meantime.",
        len(names),
    )
    return said.format(names=format_list(list(names), locale=locale()))


def _wanted(case_id: int, around: Around) -> int | None:
    """The problem they become part of: that of the case, else the first that a ticked one is part of."""
    ticked = (each for each in around.cases if st.session_state.get(_tick(case_id, each.case_id)))
    parts = (each.problem_id for each in ticked if each.problem_id is not None)
    return around.problem_id if around.problem_id is not None else next(parts, None)


def _row(found: Seat, case_id: int, each: SimilarCase, wanted: int | None, *, may: bool) -> bool:
    """One of them; whether it is ticked. What is part of another problem than ``wanted`` cannot be."""
    is_elsewhere = wanted is not None and each.problem_id not in (None, wanted)
    why = _("A case is part of one problem at a time: take it out of the other one first.") if is_elsewhere else None
    owner = each.owner_name or _("nobody has it")
    since = since_words(each.waiting_since, timezone(), now=found.ctx.clock())
    part = _("in “{title}”").format(title=each.problem_title) if each.problem_id is not None else ""
    foot = " · ".join(said for said in (words.channel_word(each.channel), since, owner, part) if said)
    with st.container(key=f"sp_row_similar_{each.case_id}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(line(each.name, _first_words(each.text), foot, lang=each.language or ""))
        key = _tick(case_id, each.case_id)
        ticked = may and st.checkbox(_("Same problem"), key=key, disabled=is_elsewhere, help=why) and not is_elsewhere
        st.button(
            _("Open"), key=f"sp_similar_open_{each.case_id}", type="tertiary", on_click=_open, args=(each.case_id,)
        )
    return ticked


def _first_words(text: str) -> str:
    """On one line, cut at a word."""
    said = one_line(text, max_chars=TEXT_CHARS)
    whole = said.removesuffix("…").rpartition(" ")[0] if said.endswith("…") and len(said) == TEXT_CHARS else ""
    return f"{whole.rstrip(' ,;:.')}…" if whole else said


def _open(case_id: int) -> None:
    acts.open_case(case_id)
    draw_again(Part.CASE)


def _join(brand_id: int, case_id: int, others: Mapping[int, str], wanted: int | None, own_name: str) -> None:
    found, title = acting(), str(st.session_state.get(_title(case_id), ""))
    done = _("They are one problem now. Each case keeps its owner.")
    made: list[similar.Together] = []

    def make() -> None:
        made.append(similar.put_together(found.ctx, brand_id, case_id, list(others), title=title, wanted=wanted))

    if attempt(make, done=done):
        for key in (_title(case_id), *(_tick(case_id, each) for each in others)):
            st.session_state.pop(key, None)
        st.session_state[_DONE] = case_id
        if left_out := made[0].left_out:
            names = {case_id: own_name, **others}
            tell(Message("info", _left_out_words([names[each] for each in left_out])))
    draw_again(Part.CASE)


def _panel(case_id: int) -> str:
    return f"sp_similar_{case_id}"


def _label(case_id: int) -> str:
    return f"sp_similar_label_{case_id}"


def _chosen(case_id: int) -> str:
    return f"sp_similar_chosen_{case_id}"


def _title(case_id: int) -> str:
    return f"sp_similar_title_{case_id}"


def _tick(case_id: int, other_id: int) -> str:
    return f"sp_similar_tick_{case_id}_{other_id}"
