"""Boxes for moments when the desk has to say what it does not know, or what is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


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


def state_box(box: StateBox, *, key: str) -> str | None:
    """Draw the box with native buttons and return the ``id`` of the one pressed in this run."""
    raise NotImplementedError


def steps_html(steps: Sequence[StateStep]) -> str:
    """The numbered steps as escaped HTML."""
    raise NotImplementedError


def alert_html(text: str, *, tone: str = "warn") -> str:
    """A quiet full-width strip (``warn``, ``err``, ``info`` or ``ok``) as escaped HTML."""
    raise NotImplementedError
