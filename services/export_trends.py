"""How do the figures of *Trends* become rows? A row for each stretch of the window, all channels and each by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.export import ExportOrder
from domain.judgement import Kind, ReasonCode, Sentiment
from domain.metrics import Figure
from domain.window import Step, Window
from services import trends
from services.context import Context
from services.export_reading import Batch
from services.trends import Figures, Point

#: What stands for all channels together: no network is called so.
ALL_CHANNELS = "all"
_KINDS = (Kind.COMPLAINT, Kind.QUESTION, Kind.PRAISE, Kind.IDEA, Kind.OTHER)
_TONES = (Sentiment.POSITIVE, Sentiment.NEUTRAL, Sentiment.NEGATIVE)


def batches(ctx: Context, order: ExportOrder) -> Iterator[tuple[Batch, int]]:
    """The rows of a brand's trends in the window of the filter, a batch for each channel. Needs Right.TRENDS.

    Raises NotFound for a channel that nobody knows: there are no noughts of it.
    """
    window = window_of(ctx, order)
    languages = order.filter.languages or ((order.filter.language,) if order.filter.language else ())
    theme = ReasonCode(order.filter.theme) if order.filter.theme else None
    heard = trends.to_choose(ctx, order.brand_id, window).channels
    for name in set(order.filter.channels) - {*heard}:
        ctx.channels.manifest(name)
    groups: list[tuple[str, tuple[str, ...]]] = [(ALL_CHANNELS, order.filter.channels)]
    groups += [(name, (name,)) for name in dict.fromkeys(order.filter.channels or heard)]
    for name, channels in groups:
        found = trends.trends(ctx, order.brand_id, window, channels=channels, languages=languages, theme=theme)
        rows = [row_of(name, each, found.step, window.timezone) for each in found.points if each.figures is not None]
        if rows:
            yield Batch([list(cells) for cells in zip(*rows, strict=True)], len(rows), 0), len(rows) * len(groups)


def window_of(ctx: Context, order: ExportOrder) -> Window:
    """The whole days of the brand's clock that the filter names; without any, the last month."""
    plain = trends.window_of(ctx, order.brand_id)
    return trends.window_of(
        ctx,
        order.brand_id,
        since=_day(order.filter.since, plain.timezone),
        until=_day_before(order.filter.until, plain.timezone),
    )


def row_of(channel: str, point: Point, step: Step, timezone: str) -> tuple[Any, ...]:
    """One row in the order of ``export_columns.TRENDS``."""
    figures, zone = point.figures, ZoneInfo(timezone)
    assert figures is not None
    begin, end = (moment.astimezone(zone) for moment in (point.stretch.from_at, point.stretch.to_at))
    say = "%Y-%m-%d %H:%M" if step is Step.HOUR else "%Y-%m-%d"
    heard = not point.unheard and point.is_over
    head = (f"{begin:{say}}", f"{end:{say}}", str(step), channel)
    return (*head, figures.posts, figures.judged, figures.unjudged, *_told(figures.net), *_told(figures.complaints)) + (
        *_counts(figures),
        *(figures.reposts, figures.spam, figures.own, figures.deleted),
        heard,
    )


def _counts(figures: Figures) -> tuple[int | None, ...]:
    """Posts by tone and kind: nothing of a group that is too small for a share, which they would give away."""
    if figures.net.value is None:
        return (None,) * (len(_TONES) + len(_KINDS))
    tones, kinds = dict(figures.sentiments), dict(figures.kinds)
    return (*(tones[tone] for tone in _TONES), *(kinds[kind] for kind in _KINDS))


def _told(figure: Figure) -> tuple[float | None, ...]:
    return tuple(None if each is None else round(each, 4) for each in (figure.value, figure.low, figure.high))


def _day(moment: datetime | None, timezone: str) -> date | None:
    return None if moment is None else moment.astimezone(ZoneInfo(timezone)).date()


def _day_before(moment: datetime | None, timezone: str) -> date | None:
    """The last day that belongs to a window which ends, exclusively, at this moment."""
    return None if moment is None else _day(moment - timedelta(microseconds=1), timezone)
