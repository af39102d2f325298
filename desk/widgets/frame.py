"""The page's frame: sizes, columns, small marks shared by every page."""

from __future__ import annotations

from enum import StrEnum

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from desk.widgets.assets import read_asset
from desk.widgets.icons import icon_css

_PAGE_CSS = "\n".join(
    (read_asset("tokens.css"), icon_css(), read_asset("base.css"), read_asset("frame.css"), read_asset("panels.css"))
)
_DESK_CSS = read_asset("frame_desk.css")


class Column(StrEnum):
    """The three columns of the desk; the person is hidden below 1180 px."""

    QUEUE = "sp_col_queue"
    CASE = "sp_col_case"
    PERSON = "sp_col_person"


def install_frame(*, is_desk: bool = False) -> None:
    """Put the style of the page; ``is_desk`` makes the columns fill the window. Call once, first."""
    scheme = "dark" if st.context.theme.type == "dark" else "light"
    install_style("\n".join((f":root {{ color-scheme: {scheme}; }}", _PAGE_CSS, _DESK_CSS if is_desk else "")))


def install_style(css: str) -> None:
    """Put style rules of our own on the page, for as long as the page is drawn.

    Streamlit moves an ``st.html`` of nothing but style to the place where toasts go, and the first toast of a fragment
    wipes it away. The empty mark keeps the rules in the page; frame.css hides the line it would take.
    """
    st.html(f'<span class="sp-style"></span><style>{css}</style>')


def desk_frame() -> DeltaGenerator:
    """The full-height desk: queue 364 px, case, person 284 px; below 1180 px queue 336 px and case.

    Its columns may be drawn inside fragments. In the queue and case column the element keyed ``sp_queue_list`` /
    ``sp_thread`` takes the height left over and scrolls; everything else keeps its own height. Keys starting with
    ``sp_narrow`` show only below 1180 px, those starting with ``sp_wide`` only above. A container keyed ``sp_head…``
    is padded and ruled off below, one keyed ``sp_foot…`` is padded and tinted (for what follows the composer).
    """
    return st.container(key="sp_desk", gap=None)


def desk_column(column: Column) -> DeltaGenerator:
    """One column of the desk."""
    return st.container(key=column.value, gap=None)
