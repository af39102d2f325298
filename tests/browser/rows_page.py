"""Two rows with buttons alike, as pages of the desk have them: run by Streamlit for ``test_hand_and_ear``."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from desk.asking import ask_first
from desk.page_parts import line
from desk.widgets import hand_and_ear


def _nothing() -> None:
    return


hand_and_ear.install()
for place, name in enumerate(("Wall board", "Lodi")):
    with st.container(key=f"sp_row_token_{place}", horizontal=True):
        st.html(line(name, "", "never used"))
        ask_first("Revoke", f"Revoke the token of {name}?", key=f"revoke_{place}", act=_nothing)
