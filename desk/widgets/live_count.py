"""How long is the text in a field, while it is typed? A count below the field, against the channel's limit."""

from __future__ import annotations

import streamlit as st

from desk.widgets.assets import read_asset, widget_js

_mount = st.components.v2.component(
    "sportello.live_count",
    css="\n".join((read_asset("tokens.css"), read_asset("live_count.css"))),
    js=widget_js("live_count.js"),
)


def live_count(*, field: str, text: str, limit: int | None, unit: str, over: str, key: str) -> None:
    """Count what stands in the text area with the key ``field``; ``text`` is what it begins with.

    ``unit`` is ``codepoints`` or ``graphemes``; ``limit`` None only counts. ``over`` is said beyond the limit, with
    {n} for how many too many. Python measures again at the click, as the network does.
    """
    _mount(key=key, data={"field": field, "text": text, "limit": limit, "unit": unit, "over": over})
