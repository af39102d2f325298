"""How is a brand spoken of, and how were its customers answered? Figures of a window, each with what it rests on.

Read from what is counted hour by hour (``db.counting``), so a window of a year costs little more than one of a day.
Nothing here is about a colleague: there is no figure for a person of the team, and no way to ask for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from db import brands as brands_db
from db import rollups, turns
from db.rollups import CaseCounts, Cell, Days, PostCounts, Scope
from domain.errors import Invalid
from domain.judgement import Kind, ReasonCode, Sentiment
from domain.metrics import net_sentiment, share
from domain.people import Right
from domain.waiting import BOUNDS_S, DAY_S, HOUR_S, at_most_s
from domain.window import Comparison, Step, Stretch, Window, day_number, hours_of, last_days, turns_of, zone
from services.act import require
from services.context import Context
from services.hearing_record import Heard, Unheard, heard
from services.trend_views import Answers, Choices, Figures, Group, Point, Trends, Voice

__all__ = [
    "Answers",
    "Choices",
    "Comparison",
    "Figures",
    "Group",
    "Heard",
    "Point",
    "Trends",
    "Unheard",
    "Voice",
    "trends",
]

DEFAULT_DAYS = 31
#: In ``Voice.watch_id``: the brand itself.
OUR_VOICE = 0
#: A voice with fewer posts is not shown among the others: its share says more about chance.
LEAST_VOICE_POSTS = 20
#: The stretches in which first responses are told, by their upper ends in seconds; each is one of ``BOUNDS_S``.
ANSWERED_WITHIN_S = (HOUR_S, 8 * HOUR_S, DAY_S, 3 * DAY_S)


def window_of(ctx: Context, brand_id: int, *, since: date | None = None, until: date | None = None) -> Window:
    """The days from ``since`` to ``until``, both included, by the brand's clock; by default the last DEFAULT_DAYS.

    Raises Invalid for reversed dates, Misconfigured for a brand whose timezone is unknown, NotFound for no brand.
    """
    with ctx.store.read() as tx:
        timezone = brands_db.get(tx, brand_id).timezone
    recent = last_days(DEFAULT_DAYS, timezone, now=ctx.clock())
    last = until or max(recent.last, since or recent.last)
    return Window(since or min(recent.first, last), last, timezone)


def trends(
    ctx: Context,
    brand_id: int,
    window: Window,
    *,
    comparison: Comparison = Comparison.PREVIOUS,
    channels: Sequence[str] = (),
    languages: Sequence[str] = (),
    theme: ReasonCode | None = None,
) -> Trends:
    """The figures of a window, of these channels and languages (none named: all) and of one theme or all.

    Needs Right.TRENDS. Raises Invalid for a theme in a window that is not of the brand's own clock.
    """
    require(ctx, Right.TRENDS, action="trends.read", entity="brand")
    now, least = ctx.clock(), ctx.settings.least_people
    compared = window.compared(comparison)
    only = tuple(channels), tuple(languages), theme
    step = Step.DAY if theme and window.step is Step.HOUR else window.step
    with ctx.store.read() as tx:
        brand = brands_db.get(tx, brand_id)
        scope, before = _scopes(tx, brand_id, (window, compared), *only)
        listening = heard(tx, ctx, brand, window.stretch, channels=only[0], now=now)
        cells = rollups.cells(tx, brand_id, scope, days=_days(window, step), weekly=step is Step.WEEK)
        total = _sum(cell.counts for cell in cells)
        voices, few = _voices(tx, brand_id, (brand.name, total), scope, least)
        return Trends(
            brand_id=brand_id,
            window=window,
            comparison=comparison,
            compared=compared,
            channels=only[0],
            languages=only[1],
            theme=theme,
            read_at=now,
            step=step,
            now=figures(total, least=least),
            before=figures(rollups.posts(tx, brand_id, before), least=least),
            answers=answers_of(rollups.cases(tx, brand_id, scope), least),
            answers_before=answers_of(rollups.cases(tx, brand_id, before), least),
            points=_points((window, step), cells, listening, now, least),
            by_channel=_groups(cells, "channel", least),
            by_language=_groups(cells, "language", least),
            by_theme=_ranked(rollups.themes(tx, brand_id, scope), least),
            voices=voices,
            few_voices=few,
            heard=listening,
            models=_models(rollups.models(tx, brand_id, scope)),
            least_people=least,
        )


def counted(ctx: Context, brand_id: int, stretch: Stretch) -> tuple[Figures, Answers, Heard]:
    """The figures alone of a stretch that need not be whole days, by its full hours. Needs Right.TRENDS."""
    require(ctx, Right.TRENDS, action="trends.read", entity="brand")
    scope, least = Scope(*hours_of(stretch)), ctx.settings.least_people
    with ctx.store.read() as tx:
        brand = brands_db.get(tx, brand_id)
        return (
            figures(rollups.posts(tx, brand_id, scope), least=least),
            answers_of(rollups.cases(tx, brand_id, scope), least),
            heard(tx, ctx, brand, stretch, channels=(), now=ctx.clock()),
        )


def to_choose(ctx: Context, brand_id: int, window: Window) -> Choices:
    """What has posts in the window, to filter by. Needs Right.TRENDS."""
    require(ctx, Right.TRENDS, action="trends.read", entity="brand")
    with ctx.store.read() as tx:
        [scope] = _scopes(tx, brand_id, (window,))
        channels, languages = rollups.spoken(tx, brand_id, scope)
        told = _ranked(rollups.themes(tx, brand_id, scope), ctx.settings.least_people)
        return Choices(channels, languages, tuple(ReasonCode(group.name) for group in told))


def figures(total: PostCounts, *, least: int) -> Figures:
    """What counts say; shares of fewer than ``least`` posts are not told."""
    kinds = tuple((kind, total.of(kind=kind)) for kind in Kind if kind is not Kind.SPAM)
    judged = sum(n for _, n in kinds)
    tones = tuple((tone, total.of(sentiment=tone) - total.of(kind=Kind.SPAM, sentiment=tone)) for tone in Sentiment)
    counted = dict(tones)
    return Figures(
        posts=judged + total.unjudged,
        judged=judged,
        unjudged=total.unjudged,
        reposts=total.reposts,
        spam=total.of(kind=Kind.SPAM),
        own=total.own,
        deleted=total.deleted,
        net=net_sentiment(counted[Sentiment.POSITIVE], counted[Sentiment.NEGATIVE], judged, least=least),
        complaints=share(dict(kinds)[Kind.COMPLAINT], judged, least=least),
        kinds=kinds,
        sentiments=tones,
    )


def _sum(groups: Iterable[PostCounts]) -> PostCounts:
    found = list(groups)
    if not found:
        return PostCounts()
    labels = tuple(map(sum, zip(*(each.labels for each in found), strict=True)))
    beside = zip(*((each.unjudged, each.own, each.reposts, each.deleted) for each in found), strict=True)
    return PostCounts(labels, *map(sum, beside))


def _days(window: Window, step: Step) -> Days | None:
    """How the window is read: by the hour where it is drawn so, else by the brand's own days."""
    if step is Step.HOUR:
        return None
    return Days(tuple((turn.from_hour, turn.offset_h) for turn in turns_of(window)))


def _scopes(
    tx: Connection,
    brand_id: int,
    windows: Sequence[Window],
    channels: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
    theme: ReasonCode | None = None,
) -> list[Scope]:
    """Of each window, the last first, where its posts are counted: by days where those are days of its own clock."""
    kept = turns.between(tx, brand_id, windows[-1], windows[0])
    found = []
    for window in windows:
        days = window.day_numbers if turns.are_those_of(kept, window) else None
        if theme and days is None:
            raise Invalid(
                "Themes are counted by the brand's own days: try `./sportello trends rebuild`.", field="theme"
            )
        found.append(Scope(*hours_of(window.stretch), channels, languages, days, str(theme or "")))
    return found


def answers_of(found: CaseCounts, least: int) -> Answers:
    """What counts of cases tell of the waits of those who asked."""
    asked = sum(found.waited) + found.unanswered
    ends = [BOUNDS_S.index(bound) + 1 for bound in ANSWERED_WITHIN_S]
    within: list[tuple[int | None, int]] = []
    for begin, end, bound in zip([0, *ends], [*ends, len(found.waited)], [*ANSWERED_WITHIN_S, None], strict=True):
        within.append((bound, sum(found.waited[begin:end])))
    # Who has no answer yet waits longer than anybody: the last stretch has no end.
    waits = [*found.waited[:-1], found.waited[-1] + found.unanswered]
    is_enough = asked >= max(1, least)
    return Answers(
        asked=asked,
        within=tuple(within),
        unanswered=found.unanswered,
        half_s=at_most_s(waits, 0.5) if is_enough else None,
        most_s=at_most_s(waits, 0.9) if is_enough else None,
        is_enough=is_enough,
        solved=share(found.solved, found.closed, least=least),
        reopened=found.reopened,
    )


def _points(
    drawn: tuple[Window, Step], cells: Sequence[Cell], listening: Heard, now: datetime, least: int
) -> tuple[Point, ...]:
    window, step_ = drawn
    by_step: dict[int, list[PostCounts]] = {}
    for cell in cells:
        by_step.setdefault(cell.step, []).append(cell.counts)
    found = []
    for stretch in window.steps(step_):
        inside = [counts for step in _steps_of(drawn, stretch) for counts in by_step.get(step, ())]
        begun = stretch.from_at <= now
        missed = tuple(each for each in listening.unheard if each.stretch.overlaps(stretch))
        told = figures(_sum(inside), least=least) if begun else None
        found.append(Point(stretch, told, missed, stretch.to_at <= now))
    return tuple(found)


def _steps_of(drawn: tuple[Window, Step], stretch: Stretch) -> range:
    """The hours or the local days that a point is made of."""
    window, step = drawn
    if step is Step.HOUR:
        return range(*hours_of(stretch))
    first, end = (day_number(at.astimezone(zone(window.timezone)).date()) for at in (stretch.from_at, stretch.to_at))
    return range(first, end)


def _groups(cells: Sequence[Cell], by: str, least: int) -> tuple[Group, ...]:
    found: dict[str, list[PostCounts]] = {}
    for cell in cells:
        found.setdefault(getattr(cell, by), []).append(cell.counts)
    return _ranked({name: _sum(counts) for name, counts in found.items()}, least)


def _ranked(found: Mapping[str, PostCounts], least: int) -> tuple[Group, ...]:
    groups = [Group(name, figures(counts, least=least)) for name, counts in found.items()]
    told = [group for group in groups if group.figures.posts]
    return tuple(sorted(told, key=lambda group: (-group.figures.posts, group.name)))


def _voices(
    tx: Connection, brand_id: int, ours: tuple[str, PostCounts], scope: Scope, least: int
) -> tuple[tuple[Voice, ...], int]:
    """Ours first, then the others by their share; how many were left out for having too few posts."""
    rivals = rollups.competitors(tx, brand_id)
    if not rivals:
        return (), 0
    counted = {OUR_VOICE: ours[1]} | rollups.voices(tx, brand_id, scope, watch_ids=list(rivals))
    names = {OUR_VOICE: ours[0]} | rivals
    told = {voice: figures(counted.get(voice, PostCounts()), least=least) for voice in names}
    shown = [voice for voice, each in told.items() if voice == OUR_VOICE or each.posts >= LEAST_VOICE_POSTS]
    total = sum(told[voice].posts for voice in shown)
    voices = [Voice(v, names[v], share(told[v].posts, total, least=least), told[v].net) for v in shown]
    voices.sort(key=lambda voice: (voice.watch_id != OUR_VOICE, -voice.share.hits, voice.name))
    return tuple(voices), len(names) - len(shown)


def _models(found: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
