"""Which point of a chart over time was opened? Bars above, a line with its margin below, hatched where nobody heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from desk.widgets.assets import widget_css, widget_js
from desk.widgets.markup import shown_text

_mount = st.components.v2.component(
    "sportello.trend_chart", css=widget_css("trend_chart.css"), js=widget_js("trend_chart.js")
)


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One step. ``bar`` and ``line``, ``low``, ``high`` as shares of their axis in [0, 1]; None: there is none.

    ``mark`` and ``line_mark`` are written beside the bar and the line. ``missed``: where in the step, as shares of it,
    something was not heard. ``is_over`` False: it still grows.
    """

    said: str
    bar: float | None
    line: float | None = None
    low: float | None = None
    high: float | None = None
    missed: tuple[tuple[float, float], ...] = ()
    is_over: bool = True
    mark: str = ""
    line_mark: str = ""


@dataclass(frozen=True, slots=True)
class AxisMark:
    """A value written beside an axis: ``at`` is its share of the axis, or for the time below the step it names."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class TrendChart:
    """What is drawn, in the reader's words. ``sentence`` says the whole; ``zero``: where the line's nought lies."""

    sentence: str
    bars_name: str
    line_name: str
    hint: str
    points: Sequence[ChartPoint]
    bar_axis: Sequence[AxisMark]
    line_axis: Sequence[AxisMark]
    times: Sequence[AxisMark]
    zero: float


def trend_chart(chart: TrendChart, *, key: str, on_open: Callable[[int], None]) -> None:
    """Draw it; ``on_open`` gets the number of the point that was clicked, or opened with Enter.

    One focus stop; arrows go from point to point, and what a point says stands below and is read out.
    """

    def tell() -> None:
        opened = getattr(st.session_state.get(key), "open", None)
        if isinstance(opened, int) and 0 <= opened < len(chart.points):
            on_open(opened)

    _mount(key=key, data={"chart": _shown(asdict(chart))}, on_open_change=tell)


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return shown_text(value)
    if isinstance(value, dict):
        return {name: _shown(each) for name, each in value.items()}
    return [_shown(each) for each in value] if isinstance(value, (list, tuple)) else value
