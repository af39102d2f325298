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
from classifiers.teaching.fitting import CORRECTION_WEIGHT, Sums, fit
from classifiers.teaching.folds import FOLDS, folds_of, letters, together
from classifiers.teaching.lessons import HEADS, NO_LABEL, Head, Lesson, labels_of, shipped_checks, shipped_lessons
from classifiers.teaching.taught import Floats, HeadChange, Integers, Studied, Taught, Teachable

Truths = npt.NDArray[np.bool_]

#: A head learns nothing from fewer corrected posts: chance would decide.
LEAST_POSTS = 30
#: At least two labels must be given so often, else the head would learn to say one thing of everything.
LEAST_OF_A_LABEL = 5
#: What a head may lose on the shipped posts for measuring, as a share of them.
LARGEST_LOSS = 0.01


class Verdict(StrEnum):
    """What became of one head."""

    BETTER = "better"
    NO_CLEAR_GAIN = "no_clear_gain"
    COSTS_ELSEWHERE = "costs_elsewhere"
    ONE_SIDED = "one_sided"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class HeadTrial:
    """One head before and after: the share of posts labelled as people did, each with its 95 % interval.

    ``before``, ``after`` and ``gain`` are over the corrected posts, each judged by heads that never saw it, its talk
    or its words; ``shipped_before`` and ``shipped_after`` over the ``shipped_n`` posts for measuring that ship. All
    but the counts are None where nothing was tried.
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
    return _Room(lessons, held, checks, studied, groups, np.array(folds_of(texts, groups), np.int64))


def _untried(head: Head, lessons: Sequence[Lesson], verdict: Verdict) -> HeadTrial:
    return HeadTrial(head.name, int((labels_of(head, lessons) != NO_LABEL).sum()), verdict)


def _try(head: Head, room: _Room) -> tuple[HeadTrial, HeadChange | None]:
    labels = labels_of(head, room.lessons)
    given = labels[labels != NO_LABEL]
    if len(given) < LEAST_POSTS:
        return _untried(head, room.lessons, Verdict.TOO_FEW), None
    if sum(times >= LEAST_OF_A_LABEL for times in Counter(given.tolist()).values()) < 2:
        return _untried(head, room.lessons, Verdict.ONE_SIDED), None
    places = np.flatnonzero(labels != NO_LABEL)
    before = head.guessed(_cooled(head, room.studied, places)) == labels[places]
    after = np.zeros(len(places), bool)
    for fold in range(FOLDS):
        kept_back = room.folds[places] == fold
        if kept_back.any() and not kept_back.all():
            change = _learn(head, room, places[~kept_back])
            guessed = head.guessed(_cooled(head, room.studied, places[kept_back], change))
            after[kept_back] = guessed == labels[places[kept_back]]
    change = _learn(head, room, places)
    return _compare(head, room, places, before, after, change), change


def _learn(head: Head, room: _Room, places: Integers) -> HeadChange:
    """Learn from the corrected posts at ``places`` and from every shipped one."""
    start = len(room.lessons)
    rows = np.concatenate([places, np.arange(start, start + len(room.held))])
    labels = labels_of(head, [*room.lessons, *room.held])[rows]
    weights = np.where(rows < start, CORRECTION_WEIGHT, 1.0).astype(np.float32)
    heats = room.studied.heats[head.name][rows]
    logits = room.studied.logits[head.name][rows] / heats[:, None]
    return fit(Sums(room.studied.pooled[rows], logits, head.wanted(labels), weights, heats, head.exclusive))


def _cooled(head: Head, studied: Studied, rows: Integers, change: HeadChange | None = None) -> Floats:
    """The logits of these posts, with the change when there is one, as the model would read them."""
    logits = studied.logits[head.name][rows]
    changed = logits if change is None else logits + change.of(studied.pooled[rows])
    return np.asarray(changed / studied.heats[head.name][rows][:, None], np.float32)


def _compare(
    head: Head,
    room: _Room,
    places: Integers,
    before: Truths,
    after: Truths,
    change: HeadChange,
) -> HeadTrial:
    groups = np.array(room.groups, np.int64)[places]
    gain = _share(after.astype(float) - before.astype(float), groups)
    start = len(room.lessons) + len(room.held)
    rows = np.arange(start, start + len(room.checks))
    truth = labels_of(head, room.checks)
    shipped = [float((head.guessed(_cooled(head, room.studied, rows, c)) == truth).mean()) for c in (None, change)]
    verdict = Verdict.BETTER
    if gain.low <= 0:
        verdict = Verdict.NO_CLEAR_GAIN
    elif shipped[1] < shipped[0] - LARGEST_LOSS:
        verdict = Verdict.COSTS_ELSEWHERE
    return HeadTrial(
        head.name,
        len(places),
        verdict,
        _share(before.astype(float), groups),
        _share(after.astype(float), groups),
        gain,
        len(rows),
        round(shipped[0], 3),
        round(shipped[1], 3),
    )


def _share(values: npt.NDArray[np.float64], groups: Integers) -> Figure:
    """The mean over posts, with its interval from drawing whole groups: posts of one talk are no two opinions."""
    places = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    sums = [float(values[place].sum()) for place in places]
    sizes = [len(place) for place in places]

    def drawn(chosen: Sequence[int]) -> float:
        return sum(sums[each] for each in chosen) / sum(sizes[each] for each in chosen)

    low, high = interval(drawn, len(places))
    return Figure(round(float(values.mean()), 3), round(low, 3), round(high, 3), len(values))
