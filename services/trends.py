"""How is a brand spoken of, and how were its customers answered? Figures of a window, each with what it rests on.

Read from what is counted hour by hour (``db.counting``), so a window of a year costs little more than one of a day.
Nothing here is about a colleague: there is no figure for a person of the team, and no way to ask for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from db import brands as brands_db
from db import rollups
from db.rollups import CaseCounts, PostCounts, Scope
from domain.judgement import Kind, Sentiment
from domain.metrics import Figure, net_sentiment, share
from domain.people import Right
from domain.waiting import BOUNDS_S, DAY_S, HOUR_S, at_most_s
from domain.window import Comparison, Step, Stretch, Window, hours_of, last_days
from services.act import require
from services.context import Context
from services.hearing_record import Heard, Unheard, heard

__all__ = ["Answers", "Comparison", "Figures", "Group", "Heard", "Point", "Trends", "Unheard", "Voice", "trends"]

DEFAULT_DAYS = 31
#: A voice with fewer posts is not shown among the others: its share says more about chance.
LEAST_VOICE_POSTS = 20
#: The stretches in which first responses are told, by their upper ends in seconds; each is one of ``BOUNDS_S``.
ANSWERED_WITHIN_S = (HOUR_S, 8 * HOUR_S, DAY_S, 3 * DAY_S)


@dataclass(frozen=True, slots=True)
class Figures:
    """Posts of one group. ``posts`` (the volume) are those of other people, without plain reposts and spam.

    ``judged`` of them have labels, by a model or by a person; shares and net sentiment are of these alone.
    ``reposts``, ``spam``, ``own`` and ``deleted`` are left out of the volume and told beside it.
    """

    posts: int
    judged: int
    unjudged: int
    reposts: int
    spam: int
    own: int
    deleted: int
    net: Figure
    complaints: Figure
    kinds: tuple[tuple[Kind, int], ...]
    sentiments: tuple[tuple[Sentiment, int], ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """How customers who asked in the window lived the wait for their first answer, nights and feast days included.

    ``asked``: cases of complaints and questions, and whatever else was answered; none that was set aside.
    ``within`` are the cases answered in at most so many seconds (None: later than that), in order, none counted
    twice; ``unanswered`` had no answer from this desk when this was read. ``half_s``: half of all waited at most so
    long, ``most_s`` nine in ten; None where that many have no answer yet, or there are too few to tell.
    """

    asked: int
    within: tuple[tuple[int | None, int], ...]
    unanswered: int
    half_s: int | None
    most_s: int | None
    is_enough: bool
    solved: Figure
    reopened: int


@dataclass(frozen=True, slots=True)
class Point:
    """One hour, day, week or month of the window. ``figures`` None: it has not begun. ``unheard``: what was missed."""

    stretch: Stretch
    figures: Figures | None
    unheard: tuple[Unheard, ...]
    is_over: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The posts of one channel or language, by its code."""

    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Voice:
    """Our brand (``watch_id`` 0) or a competitor: its share of all posts of all voices in the window."""

    watch_id: int
    name: str
    share: Figure
    net: Figure


@dataclass(frozen=True, slots=True)
class Trends:
    """Everything the page shows of one brand, window and filter; ``before`` is the window it is held against.

    ``models``: the revisions that judged the posts, with their number, the most first (of all channels and
    languages). ``few_voices`` are left out for having too few posts. ``least_people``: what rests on fewer is not told.
    """

    brand_id: int
    window: Window
    comparison: Comparison
    compared: Window
    channels: tuple[str, ...]
    languages: tuple[str, ...]
    read_at: datetime
    step: Step
    now: Figures
    before: Figures
    answers: Answers
    answers_before: Answers
    points: tuple[Point, ...]
    by_channel: tuple[Group, ...]
    by_language: tuple[Group, ...]
    voices: tuple[Voice, ...]
    few_voices: int
    heard: Heard
    models: tuple[tuple[str, int], ...]
    least_people: int


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
) -> Trends:
    """The figures of a window, of these channels and languages (none named: all). Needs Right.TRENDS."""
    require(ctx, Right.TRENDS, action="trends.read", entity="brand")
    now, least = ctx.clock(), ctx.settings.least_people
    compared = window.compared(comparison)
    only = tuple(channels), tuple(languages)
    scope, before = _scope(window, *only), _scope(compared, *only)
    with ctx.store.read() as tx:
        brand = brands_db.get(tx, brand_id)
        listening = heard(tx, ctx, brand, window.stretch, channels=only[0], now=now)
        by_hour = rollups.posts(tx, brand_id, scope, by=rollups.HOUR)
        voices, few = _voices(tx, brand_id, brand.name, scope, least)
        return Trends(
            brand_id=brand_id,
            window=window,
            comparison=comparison,
            compared=compared,
            channels=only[0],
            languages=only[1],
            read_at=now,
            step=window.step,
            now=figures(by_hour.values(), least=least),
            before=figures(rollups.posts(tx, brand_id, before).values(), least=least),
            answers=_answers(rollups.cases(tx, brand_id, scope).values(), least),
            answers_before=_answers(rollups.cases(tx, brand_id, before).values(), least),
            points=_points(window, by_hour, listening, now, least),
            by_channel=_groups(rollups.posts(tx, brand_id, scope, by=rollups.CHANNEL), least),
            by_language=_groups(rollups.posts(tx, brand_id, scope, by=rollups.LANGUAGE), least),
            voices=voices,
            few_voices=few,
            heard=listening,
            models=_models(rollups.models(tx, brand_id, scope)),
            least_people=least,
        )


def to_choose(ctx: Context, brand_id: int, window: Window) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The channels and languages that have posts in the window, to filter by. Needs Right.TRENDS."""
    require(ctx, Right.TRENDS, action="trends.read", entity="brand")
    with ctx.store.read() as tx:
        return rollups.spoken(tx, brand_id, _scope(window, (), ()))


def figures(groups: Iterable[PostCounts], *, least: int) -> Figures:
    """The sums of several groups and what they say; shares of fewer than ``least`` posts are not told."""
    found = list(groups)
    labels = tuple(sum(each) for each in zip(*(group.labels for group in found), strict=True)) or PostCounts().labels
    total = PostCounts(labels, *(sum(getattr(group, name) for group in found) for name in _LEFT_OUT))
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


_LEFT_OUT = ("unjudged", "own", "reposts", "deleted")


def _scope(window: Window, channels: tuple[str, ...], languages: tuple[str, ...]) -> Scope:
    return Scope(*hours_of(window.stretch), channels, languages)


def _answers(groups: Iterable[CaseCounts], least: int) -> Answers:
    found = next(iter(groups), CaseCounts())
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
    window: Window, by_hour: dict[int, PostCounts], listening: Heard, now: datetime, least: int
) -> tuple[Point, ...]:
    found = []
    for stretch in window.steps():
        hours = (by_hour[hour] for hour in range(*hours_of(stretch)) if hour in by_hour)
        begun = stretch.from_at <= now
        missed = tuple(each for each in listening.unheard if each.stretch.overlaps(stretch))
        found.append(Point(stretch, figures(hours, least=least) if begun else None, missed, stretch.to_at <= now))
    return tuple(found)


def _groups(found: dict[str, PostCounts], least: int) -> tuple[Group, ...]:
    groups = [Group(name, figures([counts], least=least)) for name, counts in found.items()]
    told = [group for group in groups if group.figures.posts]
    return tuple(sorted(told, key=lambda group: (-group.figures.posts, group.name)))


def _voices(tx: Connection, brand_id: int, name: str, scope: Scope, least: int) -> tuple[tuple[Voice, ...], int]:
    """Ours first, then the others by their share; how many were left out for having too few posts."""
    rivals = rollups.competitors(tx, brand_id)
    if not rivals:
        return (), 0
    names = {0: name} | rivals
    heard_of = rollups.posts(tx, brand_id, scope, by=rollups.VOICE, voices=list(names))
    told = {voice: figures([heard_of[voice]] if voice in heard_of else [], least=least) for voice in names}
    shown = [voice for voice, each in told.items() if voice == 0 or each.posts >= LEAST_VOICE_POSTS]
    total = sum(told[voice].posts for voice in shown)
    voices = [Voice(v, names[v], share(told[v].posts, total, least=least), told[v].net) for v in shown]
    voices.sort(key=lambda voice: (voice.watch_id != 0, -voice.share.hits, voice.name))
    return tuple(voices), len(names) - len(shown)


def _models(found: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
