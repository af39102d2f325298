"""Where does the keyboard stand when a form opens in place of the button that was pressed? In its first field."""

from __future__ import annotations

import streamlit as st

from desk.widgets.assets import widget_js

_mount = st.components.v2.component(
    "sportello.first_field", css=":host { display: none; }\n", js=widget_js("first_field.js")
)


def first_field(*, within: str, opening: int) -> None:
    """Once for each ``opening``: into the first field of the container with the key ``within``."""
    _mount(key=f"sp_first_field_{within}", data={"within": within, "opening": opening})
