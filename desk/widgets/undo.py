"""The seconds in which a reply can still be called back."""

from __future__ import annotations

import math

import streamlit as st

from desk.widgets.markup import Markup, html_tag, icon


def undo_bar(
    *,
    text: str,
    detail: str,
    undo_label: str,
    left_s: float,
    window_s: float,
    key: str = "sp_undo",
) -> bool:
    """Draw "goes out in …" with a shrinking bar and an undo button (key Z); True when it was pressed.

    ``text`` may hold {s}, replaced by the whole seconds left. Call it inside ``st.fragment(run_every=1)``.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}_bar"):
        st.html(undo_html(text=text, detail=detail, left_s=left_s, window_s=window_s))
        return st.button(undo_label, key=key, icon=":material/undo:", shortcut="Z")


def undo_html(*, text: str, detail: str, left_s: float, window_s: float) -> Markup:
    """The sentence and the bar as escaped HTML; the bar's width is the share of the window still left."""
    seconds = max(0, math.ceil(left_s))
    share = min(1.0, max(0.0, left_s / window_s)) if window_s > 0 else 0.0
    sentence = html_tag("span", html_tag("b", text.replace("{s}", str(seconds))), " ", detail, cls="cut", role="status")
    bar = html_tag("span", html_tag("i", "", style=f"width: {share:.0%}"), cls="bar", aria_hidden="true")
    return html_tag("div", icon("send"), sentence, bar, cls="sp sp-undo")
