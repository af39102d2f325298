"""What happens at each run of the desk's script: who is it, which page, draw."""

from __future__ import annotations

import streamlit as st

from desk import shell
from desk.session import seat

st.set_page_config(page_title="Sportello", page_icon=shell.ICON, layout="wide", initial_sidebar_state=200)
shell.run(seat())
