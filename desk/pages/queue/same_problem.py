"""Who else has the problem of this case? A quiet line on the case, and the list of those cases alone."""

from __future__ import annotations

import streamlit as st

from desk.attempt import steady
from desk.i18n import _, ngettext
from desk.pages.problems import on_case
from desk.pages.queue import listing, similar_cases
from desk.pages.queue.listing import Listed
from desk.redraw import Part, draw_again
from desk.session import Seat
from services import similar, topics
from services.cases import CaseView
from services.queue import Tab


def draw_line(found: Seat, view: CaseView) -> None:
    """The line on the case; nothing where nobody shares its problem, or the worker has not looked yet."""
    is_grouped = on_case.draw_line(found, view)
    case_id, brand_id = view.case.id, view.brand.id
    # The number of the case goes along: while the store is gone, the last answer may be about another.
    about, others = steady("sp_last_same", lambda: (case_id, topics.beside(found.ctx, brand_id, case_id)))
    near_to, near = steady("sp_last_similar", lambda: (case_id, similar.around(found.ctx, brand_id, case_id)))
    is_shared, is_near = about == case_id and bool(others), near_to == case_id and bool(near.cases)
    if not is_shared and not is_near:
        return
    with st.container(key="sp_head_same", horizontal=True, gap="small"):
        if is_shared:
            _shared(found, brand_id, (case_id, *others), is_grouped=is_grouped)
        if is_near:
            similar_cases.draw(found, view, near)


def _shared(found: Seat, brand_id: int, case_ids: tuple[int, ...], *, is_grouped: bool) -> None:
    n = len(case_ids) - 1
    st.button(
        ngettext("{n} other with the same problem", "{n} others with the same problem", n),
        key="sp_show_same",
        icon=":material/group_work:",
        type="tertiary",
        help=_("Found by comparing what people write: it may be wrong. Opens these cases as a list."),
        on_click=_show,
        args=(brand_id, case_ids),
    )
    if not is_grouped:
        on_case.draw_way(found, case_ids)


def draw_way_back(listed: Listed) -> None:
    """Above a list of such cases: what it holds, and the way back to all."""
    if not listed.filter.cases:
        return
    with st.container(key="sp_head_same_list"):
        st.button(
            _("Only cases with the same problem: show all again"),
            key="sp_show_all",
            icon=":material/close:",
            type="tertiary",
            width="stretch",
            on_click=_show,
            args=(listed.filter.brand_id, ()),
        )


def _show(brand_id: int, case_ids: tuple[int, ...]) -> None:
    """List these cases alone, whoever owns them; none: all cases again."""
    listing.choose_cases(brand_id, case_ids)
    if case_ids:
        st.session_state[listing.TAB] = Tab.ALL
    draw_again(Part.LIST, Part.CASE)
