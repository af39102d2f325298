"""The page's frame: sizes, columns, small marks shared by every page."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class DeskColumns:
    """The two halves of the full-height desk: each can be drawn without the other."""

    queue: DeltaGenerator
    open: DeltaGenerator


@dataclass(frozen=True, slots=True)
class CaseColumns:
    """What is open: the case, and who is writing."""

    case: DeltaGenerator
    person: DeltaGenerator


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


def desk_columns() -> DeskColumns:
    """Queue 364 px and what is open; below 1180 px the queue takes 336 px.

    In the queue and case column the element keyed ``sp_queue_list`` / ``sp_thread`` takes the height left over and
    scrolls; everything else keeps its own height. Keys starting with ``sp_narrow`` show only below 1180 px,
    those starting with ``sp_wide`` only above. A container keyed ``sp_head…`` is padded and ruled off below, one keyed
    ``sp_foot…`` is padded and tinted (for what follows the composer).
    """
    with st.container(key="sp_desk", gap=None):
        return DeskColumns(st.container(key=Column.QUEUE.value, gap=None), st.container(key="sp_open", gap=None))


def case_columns() -> CaseColumns:
    """Inside what is open: the case, and the person 284 px wide."""
    case, person = (st.container(key=column.value, gap=None) for column in (Column.CASE, Column.PERSON))
    return CaseColumns(case, person)
