"""Which parts of a page are drawn again after an act? Each part is a fragment, so that one never costs the others."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import streamlit as st
from streamlit.errors import StreamlitAPIException


class Part(StrEnum):
    """What can be drawn by itself: the list, the open case with its person, the signs of the top line, the banner."""

    LIST = "sp_part_list"
    CASE = "sp_part_case"
    SIGNS = "sp_part_signs"
    BANNER = "sp_part_banner"


def draw_again(*parts: Part) -> None:
    """Inside a callback: end it here, and draw these parts instead of the one that was pressed."""
    try:
        st.rerun([part.value for part in parts])
    except StreamlitAPIException:
        st.rerun()  # one of them is not on the page, which itself has to be drawn again


def after(act: Callable[..., None], *parts: Part) -> Callable[..., None]:
    """A callback that does ``act`` and draws these parts again."""

    def run(*args: object) -> None:
        act(*args)
        draw_again(*parts)

    return run
