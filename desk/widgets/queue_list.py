"""Which case the operator opened or claimed in the queue list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any

import streamlit as st

from desk.widgets.assets import widget_css, widget_js
from desk.widgets.markup import shown_text
from desk.widgets.rows import QueueLabels, QueueRow

_LINE_CHARS = 240
_ROW_FIELDS = tuple(field.name for field in fields(QueueRow))
_mount = st.components.v2.component(
    "sportello.queue_list", css=widget_css("queue_list.css"), js=widget_js("queue_list.js")
)


@dataclass(frozen=True, slots=True)
class QueueListResult:
    """What happened in the list since the last run; both are None when nothing did."""

    open: int | None = None
    claim: int | None = None


def queue_list(
    rows: Sequence[QueueRow],
    selected: int | None,
    *,
    labels: QueueLabels,
    key: str = "sp_queue_list",
    compact: bool = False,
    letters: bool = True,
    on_event: Callable[[QueueListResult], None] | None = None,
) -> QueueListResult:
    """Draw the rows and return the case opened or claimed by this very run's click or key.

    ``on_event`` runs as a Streamlit callback, before the script: with it a page needs no second run. ``compact`` hides
    the foot with the reasons; ``letters`` False switches the single-letter keys off and leaves arrows and Enter.
    """
    data = {
        "rows": [_row_data(row) for row in rows],
        "selected": selected,
        "labels": _labels_data(labels),
        "compact": compact,
        "letters": letters,
    }

    def tell() -> None:
        if on_event is not None:
            on_event(_result(st.session_state.get(key)))

    # Streamlit asks of each value on the top level whether it is a table: one value, one question.
    return _result(_mount(key=key, data={"list": data}, on_open_change=tell, on_claim_change=tell))


@lru_cache(maxsize=16)
def _labels_data(labels: QueueLabels) -> dict[str, str]:
    return asdict(labels)


@lru_cache(maxsize=1024)
def _row_data(row: QueueRow) -> dict[str, Any]:
    # Most rows are what they were when the list was drawn last: only those that changed are made anew.
    values = ((name, getattr(row, name)) for name in _ROW_FIELDS)  # asdict copies deeply: too slow for every row
    shown = {name: shown_text(value) if isinstance(value, str) else value for name, value in values}
    first_line = " ".join(row.text[: _LINE_CHARS * 4].split())[:_LINE_CHARS]
    return shown | {"text": shown_text(first_line), "why": [shown_text(reason) for reason in row.why]}


def _result(state: Any) -> QueueListResult:
    return QueueListResult(open=_case_id(state, "open"), claim=_case_id(state, "claim"))


def _case_id(state: Any, name: str) -> int | None:
    value = getattr(state, name, None)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
