"""Whose case this is, why it is urgent, and what can be done with it now: the head of the open case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from desk.widgets.assets import widget_css, widget_js
from desk.widgets.markup import shown_text
from desk.widgets.rows import UrgencyShape

_mount = st.components.v2.component(
    "sportello.case_head", css=widget_css("case_head.css"), js=widget_js("case_head.js")
)


@dataclass(frozen=True, slots=True)
class HeadAct:
    """A button. ``id`` comes back when it is pressed; ``why_not`` says why it cannot be pressed yet."""

    id: str
    label: str
    key: str = ""
    is_primary: bool = False
    why_not: str = ""
    is_narrow_only: bool = False


@dataclass(frozen=True, slots=True)
class HeadChip:
    """A state of the case: its kind as in :class:`desk.widgets.rows.ChipKind`, its words and its small drawing."""

    kind: str
    text: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class CaseHead:
    """All the head shows; every string is text. ``is_mine``: claiming it leads to the box for the reply."""

    case_id: int
    name: str
    is_mine: bool
    acts: tuple[HeadAct, ...]
    more: tuple[HeadAct, ...]
    chips: tuple[HeadChip, ...]
    line: str
    urgency: UrgencyShape
    urgency_word: str
    reasons: str
    correct: str = ""
    dont_ask: str = ""
    more_label: str = "More"


def case_head(head: CaseHead, *, on_press: Callable[[str, int], None], key: str = "sp_case_head") -> None:
    """Draw the head; ``on_press`` is called with the act's id and the case, as a Streamlit callback.

    One component rather than thirty elements: it is drawn at each click, and every element costs the server.
    """
    offered = {act.id for act in (*head.acts, *head.more)} | ({"correct"} if head.correct else set())

    def tell() -> None:
        sent: Any = getattr(st.session_state.get(key), "press", None)
        pressed = sent.get("id") if isinstance(sent, dict) else None
        if pressed in offered and sent.get("case_id") == head.case_id:
            on_press(pressed, head.case_id)

    # Streamlit asks of each value on the top level whether it is a table: one value, one question.
    _mount(key=key, data={"head": _shown(asdict(head))}, on_press_change=tell)


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return shown_text(value)
    if isinstance(value, dict):
        return {name: _shown(each) for name, each in value.items()}
    return [_shown(each) for each in value] if isinstance(value, list | tuple) else value
