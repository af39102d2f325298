"""Would heads learned from a team's corrections judge better? Tried on posts held back, head by head."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from classifiers.measures import Figure
from classifiers.metrics import interval
from classifiers.teaching.choosing import ALL_PARTS, Bench, Choice, Truths, choose, unseen
from classifiers.teaching.fitting import Ground, ground
from classifiers.teaching.folds import FOLDS, folds_of, letters, together
from classifiers.teaching.lessons import HEADS, NO_LABEL, Head, Lesson, labels_of, shipped_checks, shipped_lessons
from classifiers.teaching.taught import HeadChange, Integers, Studied, Taught, Teachable

#: A head learns nothing from fewer corrected posts: chance would decide.
LEAST_POSTS = 30
#: At least two labels must be given so often, else the head would learn to say one thing of everything.
LEAST_OF_A_LABEL = 5
#: A gain is told from chance by drawing whole talks anew: from fewer of them every draw looks like the last.
LEAST_TALKS = 10


class Verdict(StrEnum):
    """What became of one head."""

    BETTER = "better"
    NO_CLEAR_GAIN = "no_clear_gain"
    COSTS_ELSEWHERE = "costs_elsewhere"
    HIDES_DANGERS = "hides_dangers"
    ONE_SIDED = "one_sided"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class HeadTrial:
    """One head before and after: the share of posts labelled as people did, each with its 95 % interval.

    ``before``, ``after`` and ``gain`` are over the corrected posts, each judged by heads that never saw it, its talk
    or its words, and whose strength was chosen without it; ``shipped_before`` and ``shipped_after`` over the
    ``shipped_n`` posts for measuring that ship, likewise. A correction counts as ``weight`` shipped posts; None where
    no strength is better than the head as it came. All but the counts are None where nothing was tried.
    """

    head: str
    n: int
    verdict: Verdict
    before: Figure | None = None
    after: Figure | None = None
    gain: Figure | None = None
    shipped_n: int = 0
    shipped_before: float | None = None
    shipped_after: float | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """How it went: a trial a head, and the heads that are better, if any."""

    trials: tuple[HeadTrial, ...]
    taught: Taught | None


@dataclass(frozen=True, slots=True)
class _Room:
    """Everything a course works with: posts of people, shipped ones to hold on to, shipped ones to measure on."""

    lessons: Sequence[Lesson]
    held: Sequence[Lesson]
    checks: Sequence[Lesson]
    studied: Studied
    ground: Ground
    groups: Sequence[int]
    folds: Integers


def teach(model: Teachable, lessons: Sequence[Lesson]) -> Course:
    """Try each head on posts held back, in FOLDS parts, and keep the changes that are better beyond chance."""
    if all((labels_of(head, lessons) != NO_LABEL).sum() < LEAST_POSTS for head in HEADS):
        return Course(tuple(_untried(head, lessons, Verdict.TOO_FEW) for head in HEADS), None)
    room = _room(model, lessons)
    tried = [_try(head, room) for head in HEADS]
    kept = {trial.head: change for trial, change in tried if trial.verdict is Verdict.BETTER and change is not None}
    heads = [head for head in HEADS if head.name in kept]
    learned = {lesson.post_id for lesson in lessons if any(head.label_of(lesson) != NO_LABEL for head in heads)}
    taught = Taught(model.card.revision, kept, frozenset(learned)) if kept else None
    return Course(tuple(trial for trial, _ in tried), taught)


def _room(model: Teachable, lessons: Sequence[Lesson]) -> _Room:
    """Shipped posts that say what a corrected one says are left out: they would give the answer away."""
    said = {letters(lesson.text) for lesson in lessons}
    held = [lesson for lesson in shipped_lessons() if letters(lesson.text) not in said]
    checks = [lesson for lesson in shipped_checks() if letters(lesson.text) not in said]
    texts = [lesson.text for lesson in lessons]
    groups = together(texts, [lesson.talk for lesson in lessons])
    studied = model.study([*texts, *(lesson.text for lesson in (*held, *checks))])
    return _Room(
        lessons, held, checks, studied, ground(studied.pooled), groups, np.array(folds_of(texts, groups), np.int64)
    )


def _untried(head: Head, lessons: Sequence[Lesson], verdict: Verdict) -> HeadTrial:
    return HeadTrial(head.name, int((labels_of(head, lessons) != NO_LABEL).sum()), verdict)


def _try(head: Head, room: _Room) -> tuple[HeadTrial, HeadChange | None]:
    labels = labels_of(head, room.lessons)
    given = labels[labels != NO_LABEL]
    if len(given) < LEAST_POSTS:
        return _untried(head, room.lessons, Verdict.TOO_FEW), None
    if sum(times >= LEAST_OF_A_LABEL for times in Counter(given.tolist()).values()) < 2:
        return _untried(head, room.lessons, Verdict.ONE_SIDED), None
    bench = _bench(head, room, np.flatnonzero(labels != NO_LABEL))
    held_back = _held_back(bench)
    choice = choose(bench, ALL_PARTS)
    change = None if choice.strength is None else bench.change(ALL_PARTS, choice.strength)
    return _compare(bench, room, held_back, choice), change


def _bench(head: Head, room: _Room, corrected: Integers) -> Bench:
    start, end = len(room.lessons), len(room.lessons) + len(room.held)
    labels = labels_of(head, [*room.lessons, *room.held, *room.checks])
    labelled = np.flatnonzero(labels != NO_LABEL)
    held, checks = labelled[(labelled >= start) & (labelled < end)], labelled[labelled >= end]
    parts, check_parts = room.folds[corrected], np.arange(len(checks)) % FOLDS
    return Bench(head, room.studied, room.ground, labels, corrected, parts, held, checks, check_parts)


@dataclass(frozen=True, slots=True)
class _HeldBack:
    """Which posts are right after a lesson that saw nothing of their part, neither to choose nor to learn."""

    corrected: Truths
    checks: Truths


def _held_back(bench: Bench) -> _HeldBack:
    corrected, checks = bench.right(bench.corrected, None), bench.right(bench.checks, None)
    for part in ALL_PARTS:
        seen = [other for other in ALL_PARTS if other != part]
        strength = choose(bench, seen).strength
        if strength is not None:
            change = bench.change(seen, strength)
            for right, rows, parts in (
                (corrected, bench.corrected, bench.parts),
                (checks, bench.checks, bench.check_parts),
            ):
                right[parts == part] = bench.right(rows[parts == part], change)
    return _HeldBack(corrected, checks)


def _compare(bench: Bench, room: _Room, held_back: _HeldBack, choice: Choice) -> HeadTrial:
    groups = np.array(room.groups, np.int64)[bench.corrected]
    before, after = bench.right(bench.corrected, None).astype(float), held_back.corrected.astype(float)
    gain = _share(after - before, groups)
    shipped = [float(right.mean()) for right in (bench.right(bench.checks, None), held_back.checks)]
    verdict, measured = _clear(gain, groups), held_back.checks
    if choice.strength is None and choice.barred is not None:
        # Nothing was learned, so what it would have cost is told of what would have been.
        verdict = _clear(_share(unseen(bench, ALL_PARTS, choice.barred).astype(float) - before, groups), groups)
        measured = bench.right(bench.checks, bench.change(ALL_PARTS, choice.barred))
        shipped[1] = float(measured.mean())
    elif choice.strength is None:
        verdict = Verdict.NO_CLEAR_GAIN
    if verdict is Verdict.BETTER and not bench.spares(bench.checks, measured):
        hides = not bench.spares_gravest(bench.checks, measured)
        verdict = Verdict.HIDES_DANGERS if hides else Verdict.COSTS_ELSEWHERE
    return HeadTrial(
        bench.head.name,
        len(bench.corrected),
        verdict,
        _share(before, groups),
        _share(after, groups),
        gain,
        len(bench.checks),
        round(shipped[0], 3),
        round(shipped[1], 3),
        None if choice.strength is None else choice.strength.weight,
    )


def _clear(gain: Figure, groups: Integers) -> Verdict:
    """Whether a gain is more than chance."""
    return Verdict.BETTER if gain.low > 0 and len(np.unique(groups)) >= LEAST_TALKS else Verdict.NO_CLEAR_GAIN


def _share(values: npt.NDArray[np.float64], groups: Integers) -> Figure:
    """The mean over posts, with its interval from drawing whole groups: posts of one talk are no two opinions."""
    places = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    sums = [float(values[place].sum()) for place in places]
    sizes = [len(place) for place in places]

    def drawn(chosen: Sequence[int]) -> float:
        return sum(sums[each] for each in chosen) / sum(sizes[each] for each in chosen)

    low, high = interval(drawn, len(places))
    return Figure(round(float(values.mean()), 3), round(low, 3), round(high, 3), len(values))
