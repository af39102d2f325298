"""Has somebody at this browser just changed something? Then lists are read again; else what stands there holds."""

from __future__ import annotations

import streamlit as st

_CHANGED = "sp_changed"


def something_changed() -> None:
    """Said by every act, refused or not: what is on the page may be out of date."""
    st.session_state[_CHANGED] = True


def has_changed() -> bool:
    """Whether anything was done since the last question."""
    return bool(st.session_state.pop(_CHANGED, False))
