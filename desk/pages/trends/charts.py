"""What does the chart over time draw? Volume and net sentiment, one below the other, hatched where nobody heard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from desk import trend_words
from desk.i18n import _, ngettext
from desk.numbers import clock_time, local, number
from desk.pages.trends import posts
from desk.widgets.bar_list import table_on_demand
from desk.widgets.markup import Markup, html_tag, join_markup
from desk.widgets.trend_chart import AxisMark, ChartPoint, TrendChart, trend_chart
from domain.metrics import Figure
from domain.window import Step
from services.trends import Point, Trends

#: So many times are written below the chart, at most.
MOST_TIMES = 7


def over_time(seen: Trends) -> None:
    """The card with both panels, its sentence, and the same as a table."""
    head = html_tag("h2", _("How much is said, and how it feels"))
    marks = html_tag("p", _("band: 95% margin · hatched: not heard in full"))
    st.html(html_tag("div", head, marks, html_tag("p", trend_words.chart_words(seen), cls="vh"), cls="sp sp-card-head"))
    trend_chart(chart_of(seen), key="sp_trend_chart", on_open=lambda at: posts.open_point(seen.points[at].stretch))
    st.html(html_tag("div", _table(seen), cls="sp"))


def unheard(seen: Trends) -> Markup:
    """The stretches that were not heard, in words; that there are none, where all was."""
    missed = seen.heard.unheard
    head = html_tag("h3", _("Not heard in full"), cls="sp-h3")
    if not missed:
        if not seen.heard.channels and not seen.now.posts:
            return Markup("")  # The empty page says so already.
        text = _("Every channel was heard the whole time.") if seen.heard.channels else _("No channel is read.")
        return join_markup([head, html_tag("p", text, cls="s")])
    timezone = seen.window.timezone
    shown = missed[: trend_words.MOST_MISSED]
    items = [html_tag("li", trend_words.unheard_words(each, timezone)) for each in shown]
    if more := len(missed) - len(shown):
        items.append(html_tag("li", ngettext("and {n} more stretch", "and {n} more stretches", more)))
    return join_markup([head, html_tag("ul", *items, cls="sp-unheard")])


def chart_of(seen: Trends) -> TrendChart:
    """Both panels in shares of their axes."""
    top = nice_top(max((p.figures.posts for p in seen.points if p.figures), default=0))
    nets = [p.figures.net for p in seen.points if p.figures and p.figures.net.value is not None]
    low, high = net_bounds(nets)
    names = {
        Step.HOUR: _("Posts per hour"),
        Step.DAY: _("Posts per day"),
        Step.WEEK: _("Posts per week"),
        Step.MONTH: _("Posts per month"),
    }
    return TrendChart(
        sentence=trend_words.chart_words(seen),
        bars_name=names[seen.step],
        line_name=_("Net sentiment"),
        hint=_("Point at a bar to read it, click it to see its posts. Keys: ← → and Enter."),
        points=_marked(seen, [_point(each, seen, top, (low, high)) for each in seen.points]),
        bar_axis=[AxisMark(n / top, number(n)) for n in (0, top / 2, top) if n == int(n)],
        line_axis=[AxisMark((v - low) / (high - low), trend_words.signed(v)) for v in net_marks(low, high)],
        times=_times(seen),
        zero=(0 - low) / (high - low),
    )


def nice_top(most: int) -> int:
    """The upper end of an axis that holds ``most``: an even number people count in."""
    if most <= 4:
        return 4
    size = 10 ** int(math.log10(most))
    return next(int(size * step) for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if size * step >= most)


def net_bounds(nets: Sequence[Figure]) -> tuple[float, float]:
    """The ends of the axis of net sentiment: all intervals lie inside, nought too, in steps of two tenths."""
    lows = [net.low for net in nets if net.low is not None]
    highs = [net.high for net in nets if net.high is not None]
    low, high = min([-0.2, *lows]), max([0.2, *highs])
    return max(-1.0, math.floor(low * 5) / 5), min(1.0, math.ceil(high * 5) / 5)


def net_marks(low: float, high: float) -> list[float]:
    """Values written beside that axis: nought, and steps that leave room for the letters."""
    step = 0.2 if high - low <= 0.81 else 0.5 if high - low <= 1.61 else 1.0
    count = int(max(-low, high) / step + 1e-9)
    return [n * step for n in range(-count, count + 1) if low - 1e-9 <= n * step <= high + 1e-9]


def _point(each: Point, seen: Trends, top: int, axis: tuple[float, float]) -> ChartPoint:
    said, missed = trend_words.point_words(each, seen), _missed(each)
    if each.figures is None:
        return ChartPoint(said, None, missed=missed)
    net, (low, high) = each.figures.net, axis
    # Nothing came and nobody listened: that is no nought.
    unknown = not each.figures.posts and bool(missed)
    line, bottom, ceiling = (None if v is None else (v - low) / (high - low) for v in (net.value, net.low, net.high))
    bar = None if unknown else each.figures.posts / top
    return ChartPoint(said, bar, line, bottom, ceiling, missed=missed, is_over=each.is_over)


def _marked(seen: Trends, points: list[ChartPoint]) -> list[ChartPoint]:
    """The points with the highest bar and the lowest mood named; a single point names itself."""
    told = [(at, each.figures) for at, each in enumerate(seen.points) if each.figures is not None]
    if len(told) < 2:
        return points
    peak = max(told, key=lambda one: one[1].posts)[0]
    moods = [(figures.net.value, at) for at, figures in told if figures.net.value is not None]
    if points[peak].bar:
        points[peak] = replace(points[peak], mark=_peak_words(seen.points[peak], seen))
    if len(moods) > 1:
        value, lowest = min(moods)
        points[lowest] = replace(points[lowest], line_mark=trend_words.signed(value))
    return points


def _peak_words(each: Point, seen: Trends) -> str:
    posts_n = each.figures.posts if each.figures else 0
    begin = local(each.stretch.from_at, seen.window.timezone)
    when = f"{begin:%H:%M}" if seen.step is Step.HOUR else trend_words.short_date(begin.date())
    return _("{n} on {day}").format(n=number(posts_n), day=when) if seen.step is Step.DAY else number(posts_n)


def _missed(each: Point) -> tuple[tuple[float, float], ...]:
    """Where in the step something was missed, as shares of it."""
    length = (each.stretch.to_at - each.stretch.from_at).total_seconds()
    found = []
    for missed in each.unheard:
        begin = max(0.0, (missed.stretch.from_at - each.stretch.from_at).total_seconds() / length)
        end = min(1.0, (missed.stretch.to_at - each.stretch.from_at).total_seconds() / length)
        found.append((round(begin, 4), round(end, 4)))
    return tuple(sorted(set(found)))


def _times(seen: Trends) -> list[AxisMark]:
    every = max(1, -(-len(seen.points) // MOST_TIMES))
    if seen.step is Step.DAY and every > 1:
        every = -(-every // 7) * 7 if len(seen.points) > 14 else every
    if seen.step is Step.HOUR:
        every = max(every, 3)
    timezone = seen.window.timezone
    found = []
    for at in range(0, len(seen.points), every):
        begin = seen.points[at].stretch.from_at
        day = local(begin, timezone).date()
        found.append(
            AxisMark(at, clock_time(begin, timezone) if seen.step is Step.HOUR else trend_words.short_date(day))
        )
    return found


def _table(seen: Trends) -> str:
    headings = (_("When"), _("Posts"), _("Judged"), _("Net sentiment"), _("Margin"), _("Complaints"), _("Not heard"))
    return table_on_demand(_("Show as a table"), headings, [_line(each, seen) for each in seen.points])


def _line(each: Point, seen: Trends) -> tuple[str, ...]:
    name = trend_words.point_name(each, seen.step, seen.window.timezone)
    missed = trend_words.missed_words(each)
    if each.figures is None:
        return (name, _("still to come"), "", "", "", "", missed)
    net = each.figures.net
    unknown = not each.figures.posts and bool(each.unheard)
    return (
        name,
        _("not known") if unknown else number(each.figures.posts),
        number(each.figures.judged),
        trend_words.net_or_few(net),
        trend_words.margin_words(net) if net.value is not None else "",
        trend_words.percent_or_few(each.figures.complaints),
        missed,
    )
