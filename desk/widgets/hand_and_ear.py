"""What does a page add for whoever uses it by keyboard or by ear? The way into what a button opened, and names."""

from __future__ import annotations

import streamlit as st

from desk.widgets.assets import widget_js

_mount = st.components.v2.component(
    "sportello.hand_and_ear", css=":host { display: none; }\n", js=widget_js("hand_and_ear.js")
)


def install() -> None:
    """Once a page: what a button opens follows it in the tab order, and buttons alike in rows are told apart."""
    _mount(key="sp_hand_and_ear", data={})
