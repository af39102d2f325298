"""Has somebody at this browser just changed something? Then lists are read again; else what stands there holds."""

from __future__ import annotations

import streamlit as st

_CHANGED = "sp_changed"
#: What this window knows of how we listen (``desk.hearing``).
HEARING = "sp_hearing"
_COUNTS_OLD = "sp_counts_old"
_ACTS = "sp_acts"
_OWN = "sp_own_change"


def something_changed() -> None:
    """Said by every act, refused or not: what is on the page may be out of date."""
    st.session_state[_CHANGED] = st.session_state[_COUNTS_OLD] = True
    st.session_state.pop(_OWN, None)
    st.session_state[_ACTS] = acts_so_far() + 1
    st.session_state.pop(HEARING, None)


def list_is_old() -> None:
    """Said by the pulse when colleagues or the worker changed what is listed."""
    st.session_state[_CHANGED] = True
    st.session_state.pop(_OWN, None)


def only_changed(case_id: int) -> None:
    """Said by an act that worked, after ``something_changed``: of what is listed it touched this case alone."""
    st.session_state[_OWN] = case_id


def own_case() -> int | None:
    """The one case that was changed here since the list was read; None: any may have been."""
    case_id = st.session_state.pop(_OWN, None)
    return case_id if isinstance(case_id, int) else None


def acts_so_far() -> int:
    """How many acts there were at this browser: what was known before the last one may no longer hold."""
    return int(st.session_state.get(_ACTS, 0))


def has_changed() -> bool:
    """Whether anything was done since the last question."""
    return bool(st.session_state.pop(_CHANGED, False))


def wants_new_counts() -> bool:
    """Whether the counts in the navigation are from before the last act here, said once: the frame is drawn anew."""
    is_first = st.session_state.get(_COUNTS_OLD) is True
    if is_first:
        st.session_state[_COUNTS_OLD] = False
    return is_first


def counts_are_read() -> None:
    """They were asked for again."""
    st.session_state.pop(_COUNTS_OLD, None)
