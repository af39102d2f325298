"""What is there to learn from? Corrected posts, the shipped set beside them, and the numbers of each head."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from classifiers.evaluate import read_posts
from classifiers.measures import LabelledPost
from classifiers.teaching.fitting import wanted_classes, wanted_steps
from classifiers.teaching.taught import KIND, SENTIMENT, URGENCY, Floats, Integers
from domain.judgement import Kind, Sentiment, UrgencyLevel

#: The posts the model learned from: they hold the heads where nobody has corrected anything.
SHIPPED = Path(__file__).parents[1] / "training" / "posts"
#: In place of a label that nobody gave.
NO_LABEL = -1

_SENTIMENTS, _KINDS = tuple(Sentiment), tuple(Kind)
_STEPS = len(UrgencyLevel) - 1


@dataclass(frozen=True, slots=True)
class Lesson:
    """One post as people labelled it; None where nobody said anything. ``talk`` names what it belongs to."""

    post_id: int
    text: str
    talk: Hashable
    sentiment: Sentiment | None = None
    kind: Kind | None = None
    level: UrgencyLevel | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """How one head's labels become numbers and its logits become a label."""

    name: str
    labels: int
    exclusive: bool
    label_of: Callable[[Lesson], int]

    def wanted(self, labels: Integers) -> Floats:
        """What the head should answer for these labels."""
        return wanted_classes(labels, self.labels) if self.exclusive else wanted_steps(labels, self.labels - 1)

    def guessed(self, logits: Floats) -> Integers:
        """The label of each post: the likeliest class, or the level next to the expectation."""
        if self.exclusive:
            return np.asarray(logits.argmax(1), np.int64)
        at_least = np.minimum.accumulate(1 / (1 + np.exp(-np.clip(logits, -30, 30))), axis=1)
        return np.asarray(at_least.sum(1) + 0.5, np.int64)


def _sentiment(lesson: Lesson) -> int:
    return NO_LABEL if lesson.sentiment is None else _SENTIMENTS.index(lesson.sentiment)


def _kind(lesson: Lesson) -> int:
    return NO_LABEL if lesson.kind is None else _KINDS.index(lesson.kind)


def _level(lesson: Lesson) -> int:
    return NO_LABEL if lesson.level is None else int(lesson.level)


#: In the order of the model's outputs, which is that of ``domain.judgement``.
HEADS: tuple[Head, ...] = (
    Head(SENTIMENT, len(_SENTIMENTS), True, _sentiment),
    Head(KIND, len(_KINDS), True, _kind),
    Head(URGENCY, _STEPS + 1, False, _level),
)


@cache
def shipped_lessons() -> tuple[Lesson, ...]:
    """The shipped posts to learn from."""
    return tuple(_of_shipped(post) for post in read_posts(SHIPPED))


@cache
def shipped_checks() -> tuple[Lesson, ...]:
    """The shipped posts to measure on; nothing learns from them."""
    return tuple(_of_shipped(post) for post in read_posts())


def _of_shipped(post: LabelledPost) -> Lesson:
    return Lesson(0, post.text, post.id, post.sentiment, post.kind, post.level)


def labels_of(head: Head, lessons: Sequence[Lesson]) -> Integers:
    """The label of each post as a number, NO_LABEL where there is none."""
    return np.array([head.label_of(lesson) for lesson in lessons], np.int64)
