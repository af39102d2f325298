"""What does a champion's report hold? The figures of a month and of the one before, with what each rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.judgement import ReasonCode
from domain.metrics import Figure
from domain.report import Month, MonthDays
from services.hearing_record import Heard
from services.trend_views import Answers, Figures


@dataclass(frozen=True, slots=True)
class Promises:
    """Promises whose date lay in the month and is over: ``kept`` of all of them; broken ones and those still open."""

    kept: Figure
    broken: int
    open: int


@dataclass(frozen=True, slots=True)
class Returned:
    """What one month returned. ``answered``: customers whom a reply of ours reached.

    ``thanks``: of the customers whose complaint we had answered and who wrote again, those who came back with thanks.
    """

    posts: Figures
    answers: Answers
    answered: int
    thanks: Figure
    promises: Promises
    heard: Heard


@dataclass(frozen=True, slots=True)
class Words:
    """What a customer wrote, in public, behind pseudonyms. ``url`` None: links were not asked for."""

    text: str
    language: str | None
    at: datetime
    url: str | None


@dataclass(frozen=True, slots=True)
class Example:
    """One complaint that turned into thanks."""

    channel: str
    complaint: Words
    thanks: Words


@dataclass(frozen=True, slots=True)
class Concern:
    """What pressed in the complaints of a month, and of how many customers."""

    code: ReasonCode
    customers: int


@dataclass(frozen=True, slots=True)
class Concerns:
    """What pressed, the most customers first; ``complaints`` were read of ``customers``, ``is_all`` False: the newest.

    What fewer customers than the least group came with is left out.
    """

    told: tuple[Concern, ...]
    complaints: int
    customers: int
    is_all: bool


@dataclass(frozen=True, slots=True)
class Shared:
    """Problems that many shared, by title and customers, the most first; ``*_smaller``: how many had too few people."""

    closed: tuple[tuple[str, int], ...] = ()
    open: tuple[tuple[str, int], ...] = ()
    closed_smaller: int = 0
    open_smaller: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a director reads of one brand and month. ``was_there``: somebody listened in the days before it."""

    brand_id: int
    brand: str
    is_sample: bool
    month: Month
    days: MonthDays
    read_at: datetime
    now: Returned
    before: Returned
    examples: tuple[Example, ...]
    concerns: Concerns
    shared: Shared
    models: tuple[tuple[str, int], ...]
    least_people: int
    with_links: bool
    was_there: bool = True
