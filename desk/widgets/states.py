"""Boxes for moments when the desk has to say what it does not know, or what is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import streamlit as st

from desk.widgets.markup import Markup, html_tag, icon, join_markup, safe_url, text_with_bold


class StateTone(StrEnum):
    """Icon and ink of a box's title."""

    EMPTY = "empty"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    BY_HAND = "by_hand"
    ERROR = "error"
    START = "start"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class StateAction:
    """A button of the box; a ``url`` (http or https) makes it a link that opens the network's page."""

    id: str
    label: str
    primary: bool = False
    url: str = ""
    shortcut: str = ""


@dataclass(frozen=True, slots=True)
class StateStep:
    """A numbered step; ``done`` and ``current`` change its mark."""

    text: str
    detail: str = ""
    done: bool = False
    current: bool = False


@dataclass(frozen=True, slots=True)
class StateBox:
    """What happened, what is safe, what to do next. Text between ``**`` is shown bold, all else literally."""

    tone: StateTone
    title: str
    text: str = ""
    quote_title: str = ""
    quote: str = ""
    steps: tuple[StateStep, ...] = ()
    warning: str = ""
    actions: tuple[StateAction, ...] = ()
    foot: str = ""


_TONE_ICONS = {
    StateTone.EMPTY: ("check_circle", "good"),
    StateTone.REFUSED: ("hand", ""),
    StateTone.UNCERTAIN: ("uw", "unsure"),
    StateTone.BY_HAND: ("copy", ""),
    StateTone.ERROR: ("u3", "bad"),
    StateTone.START: ("plug", ""),
    StateTone.INFO: ("info", ""),
}


def state_box(box: StateBox, *, key: str) -> str | None:
    """Draw the box with native buttons and return the ``id`` of the one pressed in this run."""
    with st.container(border=True, key=f"sp_state_{key}"):
        st.html(_head_html(box))
        pressed = _buttons(box.actions, key)
        if box.foot:
            st.html(html_tag("div", html_tag("p", text_with_bold(box.foot), cls="xs muted"), cls="sp"))
    return pressed


def _head_html(box: StateBox) -> Markup:
    name, ink = _TONE_ICONS[box.tone]
    parts = [html_tag("h2", icon(name, size="u", cls=ink), html_tag("span", box.title))]
    if box.text:
        parts.append(html_tag("p", text_with_bold(box.text), cls="s"))
    if box.quote:
        title = html_tag("div", box.quote_title, cls="muted xs") if box.quote_title else Markup("")
        parts.append(html_tag("div", title, html_tag("div", box.quote, dir="auto"), cls="quote"))
    if box.steps:
        parts.append(steps_html(box.steps))
    if box.warning:
        parts.append(alert_html(box.warning, tone="err"))
    return html_tag("div", join_markup(parts), cls="sp sp-state")


def _buttons(actions: Sequence[StateAction], key: str) -> str | None:
    pressed = None
    if not actions:
        return None
    with st.container(horizontal=True, gap="xsmall", key=f"sp_acts_{key}"):
        for action in actions:
            kind: Literal["primary", "secondary"] = "primary" if action.primary else "secondary"
            if url := safe_url(action.url):
                st.link_button(action.label, url, type=kind, icon=":material/open_in_new:", icon_position="right")
            elif st.button(action.label, type=kind, key=f"{key}_{action.id}", shortcut=action.shortcut or None):
                pressed = action.id
    return pressed


def steps_html(steps: Sequence[StateStep]) -> Markup:
    """The numbered steps as escaped HTML."""
    return html_tag("ol", join_markup([_step(number, step) for number, step in enumerate(steps, 1)]), cls="steps")


def _step(number: int, step: StateStep) -> Markup:
    mark = icon("check", size="sm") if step.done else str(number)
    detail = html_tag("div", step.detail, cls="muted xs") if step.detail else Markup("")
    words = html_tag("span", text_with_bold(step.text), detail, cls="grow")
    ink = "done" if step.done else "cur" if step.current else ""
    return html_tag("li", html_tag("span", mark, cls="num"), words, cls=ink)


def alert_html(text: str, *, tone: str = "warn") -> Markup:
    """A quiet full-width strip (``warn``, ``err``, ``info`` or ``ok``) as escaped HTML; ``**`` makes bold."""
    name = {"warn": "warning", "err": "info", "info": "info", "ok": "check_circle"}[tone]
    return html_tag(
        "div", icon(name), html_tag("span", text_with_bold(text), cls="grow"), cls=f"sp sp-alert {tone}", role="status"
    )
