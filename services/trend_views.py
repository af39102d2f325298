"""What do the trends tell of a window? Posts, answers, points of time, groups, voices, each with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.judgement import Kind, ReasonCode, Sentiment
from domain.metrics import Figure
from domain.window import Comparison, Step, Stretch, Window
from services.hearing_record import Heard, Unheard


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
    long, ``most_s`` nine in ten; None where fewer had an answer within the longest time that is told apart (14 days),
    answered later or not at all, or where there are too few to tell.
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
    """The posts of one channel, language or theme, by its code. A post may have several themes."""

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
class Choices:
    """What can be chosen in a window: channels and languages by name, themes with the most posts first."""

    channels: tuple[str, ...]
    languages: tuple[str, ...]
    themes: tuple[ReasonCode, ...]


@dataclass(frozen=True, slots=True)
class Trends:
    """Everything the page shows of one brand, window and filter; ``before`` is the window it is held against.

    ``models``: the revisions that judged the posts, with their number, the most first (of all channels and
    languages). ``few_voices`` are left out for having too few posts. ``least_people``: what rests on fewer is not told.
    ``theme``: the posts are those of this contact reason; answers and models stay those of all. ``by_theme`` tells of
    every theme, whichever is chosen.
    """

    brand_id: int
    window: Window
    comparison: Comparison
    compared: Window
    channels: tuple[str, ...]
    languages: tuple[str, ...]
    theme: ReasonCode | None
    read_at: datetime
    step: Step
    now: Figures
    before: Figures
    answers: Answers
    answers_before: Answers
    points: tuple[Point, ...]
    by_channel: tuple[Group, ...]
    by_language: tuple[Group, ...]
    by_theme: tuple[Group, ...]
    voices: tuple[Voice, ...]
    few_voices: int
    heard: Heard
    models: tuple[tuple[str, int], ...]
    least_people: int
