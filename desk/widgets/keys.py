"""Which single-letter shortcut was pressed, and what the sheet on "?" says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class KeyAction(StrEnum):
    """What a shortcut asks for."""

    CLAIM = "claim"
    RELEASE = "release"
    NEXT = "next"
    PREVIOUS = "previous"
    OPEN = "open"
    SNOOZE = "snooze"
    RESOLVE_NEXT = "resolve_next"
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
    raise NotImplementedError


def sheet_html(words: dict[KeyAction, str]) -> str:
    """The sheet as escaped HTML for ``st.html`` inside a dialog; ``words`` are the translated actions."""
    raise NotImplementedError
