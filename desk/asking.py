"""Is it meant? What cannot be undone asks one plain question first, and not doing it is the first choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from desk.i18n import _
from desk.widgets.markup import html_tag


def ask_first(
    label: str,
    question: str,
    *,
    key: str,
    act: Callable[..., None],
    args: Sequence[object] = (),
    yes: str = "",
    kind: Literal["secondary", "tertiary"] = "secondary",
) -> None:
    """A button that opens ``question``; ``act`` is called with ``args`` after a second press, on ``yes``."""
    with st.popover(label, key=key, type=kind, on_change="rerun"):
        _choice(question, yes or label, key, act, args)


def ask_within(
    label: str,
    question: str,
    *,
    key: str,
    act: Callable[..., None],
    args: Sequence[object] = (),
    yes: str = "",
    width: Literal["content", "stretch"] = "content",
) -> None:
    """The same where a button stands in something that was opened already: the question takes its place."""
    asked = f"{key}_asked"
    with st.container(key=f"{key}_place", gap="small"):
        if st.session_state.get(asked):
            _choice(question, yes or label, asked, act, args)
        else:
            st.button(label, key=key, width=width, on_click=_set, args=(asked, True))


def _choice(question: str, yes: str, key: str, act: Callable[..., None], args: Sequence[object]) -> None:
    st.html(html_tag("div", html_tag("p", question, cls="s"), cls="sp", style="max-width:340px"))
    with st.container(horizontal=True, gap="small"):
        st.button(_("Cancel"), key=f"{key}_no", on_click=_set, args=(key, False))
        st.button(yes, key=f"{key}_yes", type="primary", on_click=_done, args=(key, act, args))


def _set(key: str, is_asked: bool) -> None:
    st.session_state[key] = is_asked


def _done(key: str, act: Callable[..., None], args: Sequence[object]) -> None:
    st.session_state[key] = False
    act(*args)
