"""How does the page ask by itself, every few seconds, whether something changed? The browser keeps the time."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from desk.widgets.assets import widget_js

_mount = st.components.v2.component(
    "sportello.heartbeat", css=":host { display: none; }\n", js=widget_js("heartbeat.js")
)


def heartbeat(*, every_s: int, on_beat: Callable[[], None], key: str = "sp_heartbeat") -> None:
    """Call ``on_beat`` every ``every_s`` seconds, as a Streamlit callback: only that may name what is drawn again."""
    _mount(key=key, data={"every_ms": every_s * 1000}, on_beat_change=on_beat)
