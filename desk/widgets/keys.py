"""Which single-letter shortcut was pressed, and what the sheet on "?" says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import streamlit as st

from desk.widgets.assets import widget_js
from desk.widgets.markup import Markup, html_tag, join_markup

_mount = st.components.v2.component("sportello.keys", css=":host { display: none; }\n", js=widget_js("keys.js"))


class KeyAction(StrEnum):
    """What a shortcut asks for."""

    CLAIM = "claim"
    RELEASE = "release"
    NEXT = "next"
    PREVIOUS = "previous"
    OPEN = "open"
    SNOOZE = "snooze"
    RESOLVE_NEXT = "resolve_next"
    CORRECT = "correct"
    NOTE = "note"
    REPLY = "reply"
    SEND = "send"
    UNDO = "undo"
    SEARCH = "search"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One line of the sheet: the keys, and the action they start (the page translates its name)."""

    keys: tuple[str, ...]
    action: KeyAction


SHEET: tuple[KeyLine, ...] = (
    KeyLine(("J", "↓"), KeyAction.NEXT),
    KeyLine(("L", "↑"), KeyAction.PREVIOUS),
    KeyLine(("Enter",), KeyAction.OPEN),
    KeyLine(("K",), KeyAction.CLAIM),
    KeyLine(("U",), KeyAction.RELEASE),
    KeyLine(("A",), KeyAction.REPLY),
    KeyLine(("N",), KeyAction.NOTE),
    KeyLine(("Ctrl", "Enter"), KeyAction.SEND),
    KeyLine(("Z",), KeyAction.UNDO),
    KeyLine(("S",), KeyAction.SNOOZE),
    KeyLine(("E",), KeyAction.RESOLVE_NEXT),
    KeyLine(("G",), KeyAction.CORRECT),
    KeyLine(("/",), KeyAction.SEARCH),
    KeyLine(("?",), KeyAction.HELP),
)


def page_keys(
    *,
    enabled: bool = True,
    search_key: str = "sp_search",
    key: str = "sp_keys",
    on_action: Callable[[KeyAction], None] | None = None,
) -> KeyAction | None:
    """Install the shortcuts on the page and return the one pressed in this run, if Python has to act on it.

    NEXT, PREVIOUS, OPEN, REPLY, NOTE, SEND and SEARCH are done in the page when the queue list, the composer or the
    text input with key ``search_key`` is there, and then never reach Python.
    """

    def tell() -> None:
        action = _action(st.session_state.get(key))
        if action is not None and on_action is not None:
            on_action(action)

    data = {"enabled": enabled, "search_key": search_key}
    return _action(_mount(key=key, data=data, on_action_change=tell))


def sheet_html(words: dict[KeyAction, str]) -> Markup:
    """The sheet as escaped HTML for ``st.html`` inside a dialog; ``words`` are the translated actions."""
    lines = [
        html_tag("li", html_tag("span", *_keycaps(line.keys), cls="caps"), html_tag("span", words[line.action]))
        for line in SHEET
        if line.action in words
    ]
    return html_tag("ul", join_markup(lines), cls="sp sp-keys")


def _keycaps(keys: tuple[str, ...]) -> list[Markup]:
    return [html_tag("kbd", cap) for cap in keys]


def _action(state: Any) -> KeyAction | None:
    try:
        return KeyAction(getattr(state, "action", None) or "")
    except ValueError:
        return None
