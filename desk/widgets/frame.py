"""The page's frame: sizes, columns, small marks shared by every page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from streamlit.delta_generator import DeltaGenerator


class Column(StrEnum):
    """The three columns of the desk; the person is hidden below 1180 px."""

    QUEUE = "sp_col_queue"
    CASE = "sp_col_case"
    PERSON = "sp_col_person"


@dataclass(frozen=True, slots=True)
class DeskColumns:
    """Containers of the full-height desk."""

    queue: DeltaGenerator
    case: DeltaGenerator
    person: DeltaGenerator


def install_frame(*, is_desk: bool = False) -> None:
    """Put the style of the page; ``is_desk`` makes the columns fill the window. Call once, first."""
    raise NotImplementedError


def desk_columns() -> DeskColumns:
    """Queue 364 px, case, person 284 px; below 1180 px queue 336 px and case.

    In the queue and case column the element keyed ``sp_queue_list`` / ``sp_thread`` takes the height left over and
    scrolls; everything else keeps its own height. Keys starting with ``sp_narrow`` show only below 1180 px,
    those starting with ``sp_wide`` only above.
    """
    raise NotImplementedError
