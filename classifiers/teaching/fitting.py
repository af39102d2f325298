"""How are a head's changes found? Regularised logistic regression on top of what the head says already."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classifiers.teaching.taught import Floats, HeadChange, Integers

#: How strongly the head is held where it is, and what a correction counts; tried on halves of the development posts.
HOLD = 1.0
#: A correction counts as much as this many posts of the shipped set: they are the team's own customers.
CORRECTION_WEIGHT = 3.0
MOST_STEPS = 200
#: The search ends when no number moves by more than this.
STILL = 1e-4


@dataclass(frozen=True, slots=True)
class Sums:
    """Posts with a label of one head. ``logits`` are divided by the temperature of each post (``heats``) already.

    ``wanted`` (posts, outputs): one 1 a row where labels exclude each other (``exclusive``), else each step's answer.
    """

    pooled: Floats
    logits: Floats
    wanted: Floats
    weights: Floats
    heats: Floats
    exclusive: bool


def wanted_classes(labels: Integers, classes: int) -> Floats:
    """A row for each post with a 1 at its label."""
    return np.asarray(labels[:, None] == np.arange(classes), np.float32)


def wanted_steps(levels: Integers, steps: int) -> Floats:
    """A row for each post: is it at least 1, at least 2, at least 3?"""
    return np.asarray(levels[:, None] > np.arange(steps), np.float32)


def fit(posts: Sums, *, hold: float = HOLD) -> HeadChange:
    """The change under which the labels are likeliest, held near none; the same for the same posts.

    Nesterov's accelerated gradient (1983) with restarts (O'Donoghue and Candès, 2015) on a convex problem.
    """
    middle = posts.pooled.mean(0)
    spread = posts.pooled.std(0) + 1e-6
    width = posts.pooled.shape[1]
    scaled = (posts.pooled - middle) / (spread * np.sqrt(width))
    # The bias is one more thing to read, held as the others are: one label cannot lift everything by itself.
    inputs = np.hstack([scaled, np.ones((len(scaled), 1), np.float32)]) / posts.heats[:, None]
    found = _descend(np.asarray(inputs, np.float32), posts, hold)
    weights = found[:-1] / (spread * np.sqrt(width))[:, None]
    return HeadChange(np.asarray(weights, np.float32), np.asarray(found[-1] - middle @ weights, np.float32))


def _descend(inputs: Floats, posts: Sums, hold: float) -> Floats:
    step = 1.0 / (_steepest(inputs, posts.weights) * (0.5 if posts.exclusive else 0.25) + hold)
    at = ahead = np.zeros((inputs.shape[1], posts.wanted.shape[1]), np.float32)
    pace = 1.0
    for _ in range(MOST_STEPS):
        answers = _shares(posts.logits + inputs @ ahead, exclusive=posts.exclusive)
        slope = inputs.T @ ((answers - posts.wanted) * posts.weights[:, None]) + hold * ahead
        new = ahead - step * slope
        if np.abs(new - at).max() < STILL:
            return np.asarray(new, np.float32)
        if float((slope * (new - at)).sum()) > 0:
            pace, ahead, at = 1.0, new, new
            continue
        quicker = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead, at, pace = new + (pace - 1) / quicker * (new - at), new, float(quicker)
    return np.asarray(at, np.float32)


def _steepest(inputs: Floats, weights: Floats) -> float:
    """The largest curvature of the weighted posts, by power iteration."""
    direction = np.ones(inputs.shape[1], np.float32)
    size = 1.0
    for _ in range(30):
        direction = inputs.T @ (weights * (inputs @ direction))
        size = float(np.linalg.norm(direction)) or 1.0
        direction = direction / size
    return 1.05 * size


def _shares(logits: Floats, *, exclusive: bool) -> Floats:
    if not exclusive:
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(shifted / shifted.sum(1, keepdims=True), np.float32)
