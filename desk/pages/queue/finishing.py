"""How does a dialog end? It does its one thing, closes, and the desk is drawn; a refusal stands on the page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from desk import pulse
from desk.attempt import attempt
from desk.pages.queue import acts


def closed() -> None:
    """No dialog is open any more."""
    st.session_state.pop(pulse.DIALOG, None)


def finish(act: Callable[[], object], *, done: str, go_on: bool = False) -> None:
    """Do what the dialog was about and close it; ``go_on`` opens the next case when it worked."""
    if attempt(act, done=done) and go_on:
        acts.go_on()
    closed()
    st.rerun()
