"""Who is writing: the person pane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Mark(StrEnum):
    """Small sign before a line of the pane."""

    NONE = ""
    KEPT = "kept"
    BROKEN = "broken"
    PROMISE = "promise"
    LINK = "link"
    BRIEFING = "briefing"
    GESTURE = "gesture"


@dataclass(frozen=True, slots=True)
class PaneLine:
    """One line: text on the left, a short state or date on the right."""

    text: str
    end: str = ""
    mark: Mark = Mark.NONE
    strong: str = ""


@dataclass(frozen=True, slots=True)
class PaneSection:
    """A titled list, with an optional sentence under it."""

    title: str
    lines: Sequence[PaneLine] = ()
    text: str = ""
    foot: str = ""


@dataclass(frozen=True, slots=True)
class KnownBy:
    """The colleague who knows this person."""

    title: str
    name: str
    detail: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Everything the pane shows, in the operator's language; "don't ask again" always comes first."""

    name: str
    about: str = ""
    known_since: str = ""
    dont_ask_title: str = ""
    dont_ask: str = ""
    known_by: KnownBy | None = None
    sections: tuple[PaneSection, ...] = field(default_factory=tuple)


def person_html(person: Person) -> str:
    """The pane as escaped HTML for ``st.html``."""
    raise NotImplementedError
