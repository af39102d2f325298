"""What do the quieter pages share? A title line, rows of a list, an empty state."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from desk.attempt import show_messages
from desk.widgets.markup import Markup, html_tag
from desk.widgets.states import StateBox, StateTone, state_box


def title(text: str, lead: str = "") -> None:
    """The name of the page, a sentence, and what has to be read."""
    heading = html_tag("h1", text, cls="sp-page")
    st.html(html_tag("div", heading, html_tag("p", lead, cls="s muted") if lead else Markup(""), cls="sp sp-page-head"))
    show_messages("page")


def facts(*parts: str) -> Markup:
    """Short facts on one quiet line."""
    return html_tag("div", html_tag("span", " · ".join(part for part in parts if part), cls="s muted"), cls="sp")


def line(head: str, text: str, foot: str, *, marks: Iterable[Markup] = (), lang: str = "") -> Markup:
    """A row: who, what, and the quiet facts below; ``marks`` stand beside the name."""
    said = {"lang": lang} if lang else {}
    top = html_tag("div", html_tag("b", head, cls="cut", dir="auto"), *marks, cls="row-flex")
    body = html_tag("p", text, cls="sp-line-text", dir="auto", **said) if text else Markup("")
    return html_tag("div", top, body, html_tag("p", foot, cls="xs muted") if foot else Markup(""), cls="sp sp-line")


def empty(heading: str, text: str, *, key: str, is_well: bool = True) -> None:
    """Nothing here: says what that means; ``is_well`` False: something is still to be connected."""
    tone = StateTone.EMPTY if is_well else StateTone.START
    with st.container(width=560):
        state_box(StateBox(tone, heading, text=text), key=key)
