"""Where does a page call a service? Here: what goes wrong becomes a sentence that stays until it is read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from desk import pulse_marks
from desk.i18n import _
from desk.sentences import error_words
from desk.session import timezone
from desk.widgets.states import StateBox, StateTone, alert_html, state_box
from domain.errors import DeskError, Retriable

T = TypeVar("T")
_MESSAGES_KEY = "sp_messages"
_DONE_KEY = "sp_done"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence on the page: ``tone`` is ``err``, ``warn``, ``info`` or ``ok``."""

    tone: str
    text: str


def attempt(act: Callable[[], object], *, done: str = "") -> bool:
    """Do something somebody asked for. False when it was refused: the sentence is then on the page."""
    try:
        act()
    except DeskError as err:
        complain(err)
        return False
    finally:
        pulse_marks.something_changed()
    if done:
        tell_done(done)
    return True


def fetch(read: Callable[[], T]) -> T:
    """Read something the page cannot do without; else the page says why and ends here."""
    show_done()
    try:
        return read()
    except DeskError as err:
        _LOG.warning("page stopped: %s", err.key)
        _stop_with(err)
        raise AssertionError("st.stop ends the run") from err


def steady(key: str, read: Callable[[], T]) -> T:
    """Read something, or what was read before while the store is gone: what somebody is typing stays on the screen."""
    try:
        found = read()
    except Retriable as err:
        known: T | None = st.session_state.get(key)
        if known is None:
            return fetch(read)
        complain(err)
        return known
    st.session_state[key] = found
    return found


def store_is_back() -> None:
    """Forget what was said about the store being away, and read everything again."""
    told: list[Message] = st.session_state.get(_MESSAGES_KEY, [])
    st.session_state[_MESSAGES_KEY] = [message for message in told if message.tone != "err"]
    pulse_marks.something_changed()


def tell_done(text: str, *, lasting: bool = False) -> None:
    """Say for a few seconds that something worked; ``lasting``: long enough to reach for what the words offer.

    It is drawn with the page, at its next ``fetch``: what a callback draws during a fragment's run would
    take the place of the first elements of the page, the frame's styles among them.
    """
    st.session_state.setdefault(_DONE_KEY, []).append((text, "long" if lasting else "short"))


def show_done() -> None:
    for text, stays in st.session_state.pop(_DONE_KEY, []):
        st.toast(text, duration=stays)


def complain(error: DeskError) -> None:
    """Put the sentence of an error on the page."""
    _LOG.info("refused: %s", error.key)
    tone = "err" if isinstance(error, Retriable) else "warn"
    tell(Message(tone, error_words(error, timezone=timezone())))


def tell(message: Message) -> None:
    """Keep a message on the page until it is read; the same one stands there once."""
    told: list[Message] = st.session_state.setdefault(_MESSAGES_KEY, [])
    if message not in told:
        told.append(message)


def has_messages() -> bool:
    """Whether something has to be read."""
    return bool(st.session_state.get(_MESSAGES_KEY))


def show_messages(key: str) -> None:
    """Draw what has to be read, each with a button that puts it away."""
    for place, message in enumerate(list(st.session_state.get(_MESSAGES_KEY, []))):
        with st.container(horizontal=True, vertical_alignment="center", key=f"sp_msg_{key}_{place}"):
            st.html(alert_html(message.text, tone=message.tone))
            st.button(_("Read"), key=f"sp_read_{key}_{place}", on_click=_put_away, args=(message,), type="tertiary")


def _put_away(message: Message) -> None:
    st.session_state[_MESSAGES_KEY] = [m for m in st.session_state.get(_MESSAGES_KEY, []) if m != message]


def _stop_with(error: DeskError) -> None:
    is_store = isinstance(error, Retriable)
    title = _("The store does not answer") if is_store else _("This page cannot be shown")
    tone = StateTone.ERROR if is_store else StateTone.REFUSED
    state_box(StateBox(tone, title, text=error_words(error, timezone=timezone())), key="stopped")
    st.stop()
